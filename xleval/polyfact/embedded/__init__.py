"""The graph that comes with the package: Q-ids of the project, names of Unicode CLDR."""
