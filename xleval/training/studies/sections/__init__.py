"""Sections of a study's page that several studies share: each a function of what was found, None where there is nothing."""
