"""The study of cross-lingual optimisation: does CLO move a model to a language better than SFT on the same pairs?

CLO against SFT on both languages, on one of them, and SFT followed by DPO; all weights or attention alone; what the NLL is on;
how much data it takes. A judge compares open answers, exams and reading show what was kept.
"""

from xleval.training.studies.clo.plan import plan
from xleval.training.studies.clo.sections import sections

__all__ = ["plan", "sections"]
