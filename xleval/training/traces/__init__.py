"""Traces of a teacher that are right and in the language asked for: what a model that lost its language learns it from."""
