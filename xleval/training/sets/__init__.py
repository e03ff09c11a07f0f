"""What trainings train on: rows of prompts, answers, pairs and texts, from sets in any of the usual layouts."""

from xleval.training.sets.fact_pairs import fact_pair_rows
from xleval.training.sets.instruction_pairs import pair_rows

__all__ = ["fact_pair_rows", "pair_rows"]
