"""Which detectors tell the language of a run's completions, and what its signature says about them.

A model that was trained with a language reward has learnt to please the detector of the reward. Its headline comes from
the second detector, which no reward has seen (D5); both are in the results.
"""

from collections.abc import Mapping
from pathlib import Path

from xleval.data.storage import read_json
from xleval.errors import DataError
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.checkpoints import TRAINING_FILE, Checkpoint
from xleval.evalkit.language_columns import LanguageScoring
from xleval.evalkit.run_folder import scoring_versions


def detectors_for(backend: Backend, *, second: bool = False) -> LanguageScoring:
    """Return the detectors for a model: both, with the second's headline, where it was trained with a language reward.

    Args:
        backend: the model.
        second: ask the second detector in any case.

    Raises:
        DataError: the file about the training is damaged.
    """
    checkpoint = getattr(backend, "checkpoint", None)
    folders = [checkpoint.path, checkpoint.adapter] if isinstance(checkpoint, Checkpoint) else []
    if any(_has_language_reward(folder) for folder in folders if folder is not None):
        return LanguageScoring(second=True, headline="second")
    return LanguageScoring(second=second)


def signed_scoring(how: LanguageScoring) -> dict[str, str | None]:
    """Return what a signature says in `scoring`: the versions of what decides verdicts and languages, keys sorted.

    `second_detector` is None where it is not asked; `headline_detector` is `first` or `second`.

    Raises:
        MissingExtra: the second detector is asked for and not installed: before hours of work.
    """
    version = None
    if how.second:
        from xleval.data.second_detector import second_detector_version

        version = second_detector_version()
    found = {**scoring_versions(), "second_detector": version, "headline_detector": how.headline}
    return dict(sorted(found.items()))


def detectors_of(scoring: object, *, second: bool = False) -> LanguageScoring:
    """Return the detectors that a signature's `scoring` names; runs of older versions have the first only.

    Args:
        scoring: of `config` in `run.json`.
        second: ask the second detector in any case.
    """
    named = scoring if isinstance(scoring, Mapping) else {}
    if named.get("headline_detector") == "second":
        return LanguageScoring(second=True, headline="second")
    return LanguageScoring(second=second or named.get("second_detector") is not None)


def _has_language_reward(folder: Path) -> bool:
    path = folder / TRAINING_FILE
    if not path.is_file():
        return False
    found = read_json(path).get("language_reward", False)
    if not isinstance(found, bool):
        raise DataError(f"{path}: language_reward is {found!r}; true or false is needed")
    return found
