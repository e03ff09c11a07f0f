"""The study of cross-lingual collapse (arXiv 2506.05850): GRPO in a language other than English, and what it does to it.

For each language: GRPO with the accuracy reward and with a language reward beside it, in several weights; two rewards that
know nothing of the task; harder problems; what decoding can hold; and recovery by worked solutions with both of its controls.
"""

from xleval.training.studies.collapse.plan import plan
from xleval.training.studies.collapse.sections import sections

__all__ = ["plan", "sections"]
