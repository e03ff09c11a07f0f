"""Pure functions from samples to figures."""
