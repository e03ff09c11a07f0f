"""What the papers report, with where it was read: shown beside ours, and never subtracted where it is second-hand (D4)."""

from collections.abc import Mapping

from xleval.training.studies.published.clo import clo_figures
from xleval.training.studies.published.polyfact import polyfact_figures
from xleval.training.studies.published.reasoning import collapse_figures
from xleval.training.studies.published.record import Published, Tag
from xleval.training.studies.records import StudyName

__all__ = ["NOT_FOUND", "PUBLISHED", "UNSTATED", "Published", "Tag"]

#: In the order of the papers' tables, by study.
PUBLISHED: tuple[Published, ...] = (*polyfact_figures(), *collapse_figures(), *clo_figures())

#: Figures that we did not find, which does not mean that the papers lack them.
NOT_FOUND: Mapping[StudyName, tuple[str, ...]] = {
    "polyfact": (),
    "collapse": (
        "the full table of accuracy and word ratio by model and language",
        "figures of the recovery after collapse, and of controls at decoding time",
    ),
    "parallel-scaling": (
        "the table of transferability by model and language",
        "the size of the leap from 0 to 1 parallel language",
        "the fitted α and β of the power law, and whether k counts English",
        "the size of the monolingual generalization gap",
    ),
    "clo": ("a metric of language correctness", "absolute win rates by model"),
}

#: Settings that the papers do not state, as far as they could be read (docs/recipes.md has what was chosen).
UNSTATED: Mapping[StudyName, tuple[str, ...]] = {
    "polyfact": (
        "how the first version's questions were split", "batch, epochs, schedule and dropout of SFT", "CM-Align's adapter",
        "the schedule of CPT",
    ),
    "collapse": (
        "the form and weight of the language reward", "how a word's language is decided", "prompt and answer format",
        "GRPO's group size, learning rate, β, batch, lengths, steps and temperature", "decoding settings",
        "the recipe of the recovery",
    ),
    "parallel-scaling": (
        "the formula of MTI", "the languages", "the weights λ of the rewards", "the amount of data", "GRPO's settings",
    ),
    "clo": ("λ and β", "learning rate, batch, epochs and length", "judge and its prompt", "how AlpacaEval was translated"),
}  # fmt: skip
