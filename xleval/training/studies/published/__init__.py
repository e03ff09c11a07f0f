"""What the four papers report, figure by figure, with where each was read."""
