"""The PolyFact study: does training on facts in twelve languages make a model know the same in all of them?

Methods on one set (CPT on parallel text, SFT, GRPO with a pooled reward, DCO, CM-Align), two rewards that know nothing of the
task as controls, and what they do to further sets, unseen languages, English and the inside of the model.
"""

from xleval.training.studies.polyfact.plan import plan
from xleval.training.studies.polyfact.sections import sections

__all__ = ["plan", "sections"]
