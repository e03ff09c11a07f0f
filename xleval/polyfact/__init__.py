"""Wikidata to PolyFact: sources, relations, filters, options, splits, files."""
