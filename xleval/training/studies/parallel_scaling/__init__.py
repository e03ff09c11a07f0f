"""The study of parallel training (arXiv 2510.02272): what training on k parallel languages does to those not trained on.

Three parts: `observe` asks open models and what they were trained from, `intervene` trains other initial models on English,
`train` grows the number of languages in three orders, beside the same amount of data and English that often (D7).
"""

from xleval.training.studies.parallel_scaling.plan import plan
from xleval.training.studies.parallel_scaling.sections import sections

__all__ = ["plan", "sections"]
