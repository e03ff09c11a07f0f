"""Quality estimation: COMET-Kiwi's score of a translation without a reference (Rei et al. 2022), near [0, 1].

The package `unbabel-comet` asks for transformers before 5 and numpy before 2: it has an environment of its own, without the
extra `hf`. Checkpoints are folders on disk (`hparams.yaml`, `checkpoints/model.ckpt`, and a tokenizer that
`pretrained_model` names, as a folder or in the hub's cache); nothing is fetched. A `.ckpt` is a pickle: it is read once with
torch's `weights_only`, which refuses everything but tensors and plain values, before COMET reads it.

COMET cuts what is longer than its encoder takes (512 tokens for source and translation together); such pairs are not
scored but counted. The default limit is not calibrated here for want of a checkpoint: look at the scores of human
translations in the languages at hand first.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from xleval.data.reasoning.records import Finding, Pair
from xleval.data.storage import sha256_of_file
from xleval.errors import BackendError, ConfigError, DataError, MissingExtra, first_line

MIN_SCORE = 0.6
_BATCH = 16
_LOAD_ERRORS = (OSError, ValueError, KeyError, ImportError, RuntimeError, AttributeError, TypeError)


class QualityModel(Protocol):
    """What scores translations without a reference."""

    def fingerprint(self) -> Mapping[str, str]:
        """Return everything that changes its scores."""

    def too_long(self, source: str, target: str) -> bool:
        """Return whether it would have to cut source or translation."""

    def scores(self, texts: Sequence[tuple[str, str]]) -> list[float]:
        """Return the score of each (source, translation), higher is better."""


class CometKiwi:
    """The check `comet-kiwi`: finds pairs whose estimated quality is below the least one.

    The score of a finding is how far the estimate is below `least`; every finding rejects.

    Attributes:
        name: `comet-kiwi`.
        limit: 0: each finding's score is above it.
        least: estimate that passes.
        unchecked: reason to the number of pairs without an estimate; they have no finding.
    """

    name = "comet-kiwi"
    limit = 0.0

    def __init__(self, model: QualityModel, least: float = MIN_SCORE) -> None:
        """Check with a model, such as `CometCheckpoint(folder)`."""
        self.least = least
        self.unchecked: Counter[str] = Counter()
        self._model: QualityModel | None = model

    def fingerprint(self) -> Mapping[str, str]:
        """Return the model's fingerprint and the limit."""
        return {**self._opened().fingerprint(), "least": str(self.least)}

    def check(self, pairs: Sequence[Pair]) -> list[Finding | None]:
        """Return the finding of every pair in the order given, None where the estimate suffices or there is none."""
        found: list[Finding | None] = []
        for pair, estimate in zip(pairs, self.measure(pairs), strict=True):
            if estimate is None:
                self.unchecked["too long" if pair.target.strip() and pair.source.strip() else "no text"] += 1
            below = estimate is not None and estimate < self.least
            found.append(self._finding(estimate) if estimate is not None and below else None)
        return found

    def measure(self, pairs: Sequence[Pair]) -> list[float | None]:
        """Return the estimate of every pair in the order given, None without text or where the model would cut it.

        Raises:
            BackendError: the model fails.
        """
        model = self._opened()
        texts = {
            index: (pair.source, pair.target)
            for index, pair in enumerate(pairs)
            if pair.source.strip() and pair.target.strip() and not model.too_long(pair.source, pair.target)
        }
        estimates = dict(zip(texts, model.scores(list(texts.values())) if texts else (), strict=True))
        return [estimates.get(index) for index in range(len(pairs))]

    def close(self) -> None:
        """Free the model."""
        self._model = None

    def _opened(self) -> QualityModel:
        if self._model is None:
            raise ConfigError("the quality estimation was closed; make a new one")
        return self._model

    def _finding(self, estimate: float) -> Finding:
        detail = f"estimated quality {estimate:.3f}, at least {self.least:g} expected"
        return Finding(check=self.name, score=self.least - estimate, detail=detail)


class CometCheckpoint:
    """A COMET checkpoint without reference, such as wmt22-cometkiwi-da, from a folder on disk."""

    def __init__(self, folder: Path) -> None:
        """Load the checkpoint.

        Args:
            folder: has `hparams.yaml` and `checkpoints/model.ckpt`.

        Raises:
            MissingExtra: unbabel-comet is not installed.
            DataError: a file is missing, holds more than weights, or the model needs references.
            BackendError: COMET cannot load it.
        """
        self._folder = folder
        self._checkpoint = folder / "checkpoints" / "model.ckpt"
        for path in (folder / "hparams.yaml", self._checkpoint):
            if not path.is_file():
                raise DataError(f"{path} is missing; a COMET folder has hparams.yaml and checkpoints/model.ckpt")
        if find_spec("comet") is None:
            raise MissingExtra("comet", "COMET-Kiwi")
        _refuse_code(self._checkpoint)
        import comet

        try:
            self._model: Any = comet.load_from_checkpoint(str(self._checkpoint), local_files_only=True)
        except _LOAD_ERRORS as error:
            raise BackendError(
                f"COMET cannot load {folder}: {first_line(error)}; its encoder's folder is needed too"
            ) from error
        if self._model.requires_references():
            raise DataError(f"{folder} is a metric with references; a checkpoint without is needed (COMET-Kiwi)")

    def fingerprint(self) -> Mapping[str, str]:
        """Return COMET's version and the hashes of weights and settings."""
        return {
            "unbabel-comet": metadata.version("unbabel-comet"),
            "checkpoint": sha256_of_file(self._checkpoint),
            "hparams": sha256_of_file(self._folder / "hparams.yaml"),
        }

    def too_long(self, source: str, target: str) -> bool:
        """Return whether source and translation have more tokens together than the encoder takes."""
        encoder = self._model.encoder
        texts = [encoder.tokenizer(text, add_special_tokens=False)["input_ids"] for text in (source, target)]
        # As COMET joins them: a mark before and after, `size_separator` in between.
        return bool(sum(map(len, texts)) + 2 + encoder.size_separator > encoder.max_positions)

    def scores(self, texts: Sequence[tuple[str, str]]) -> list[float]:
        """Return the estimate of each (source, translation).

        Raises:
            BackendError: the model fails, such as for lack of memory.
        """
        import torch

        samples = [{"src": source, "mt": target} for source, target in texts]
        gpus = int(torch.cuda.is_available())
        try:
            predicted = self._model.predict(samples, batch_size=_BATCH, gpus=gpus, progress_bar=False, num_workers=0)
        except RuntimeError as error:
            raise BackendError(f"COMET fails on {self._folder}: {first_line(error)}") from error
        return [float(score) for score in predicted.scores]


def _refuse_code(checkpoint: Path) -> None:
    """Refuse a checkpoint whose pickle would do more than give tensors and plain values.

    Raises:
        DataError: it would, or it cannot be read.
    """
    import pickle

    import torch

    try:
        torch.load(checkpoint, map_location="cpu", weights_only=True, mmap=True)
    except (pickle.UnpicklingError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise DataError(
            f"{checkpoint} is not a file of weights alone ({first_line(error)}); it is not loaded, since a pickle can run "
            "any code: take the published checkpoint"
        ) from error
