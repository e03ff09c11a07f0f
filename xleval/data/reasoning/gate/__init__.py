"""The translation gate: checks of a pair of texts, from cheap to dear, with limits calibrated on human translations."""
