"""Configurations of trainings: YAML files, recipes of the package, and what they are refused for."""
