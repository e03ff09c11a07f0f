"""Parallel reasoning sets: an English set translated into other languages, every item checked by a gate."""
