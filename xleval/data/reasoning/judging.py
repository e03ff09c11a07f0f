"""Pairs through the gate and the checks that need a model: every finding that rejects, per pair."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from xleval.data.journal import Journal
from xleval.data.parallel import in_parallel
from xleval.data.reasoning.records import Finding, Pair
from xleval.data.storage import sha256_of

#: Pairs that a process of the gate takes at once …
_CHUNK = 500
#: … and from how many on processes are worth their start.
_WORTH_PROCESSES = 4_000
#: Most pairs that a model check sees at once; they are journaled together, so that a kill loses no more.
MODEL_BLOCK = 512


class PairGate(Protocol):
    """The cheap checks; `xleval.data.reasoning.gate.gate.Gate` is one."""

    @property
    def names(self) -> Sequence[str]:
        """What its findings are called, in the order in which the checks are made."""

    def check(self, pairs: Sequence[Pair]) -> Sequence[Sequence[Finding]]:
        """Return what rejects each pair, empty where nothing does."""

    def fingerprint(self) -> Mapping[str, str]:
        """Return everything that changes its verdicts: checks, limits, versions."""


class ModelCheck(Protocol):
    """A check that asks a model: back-translation, embedding margin, and others."""

    @property
    def name(self) -> str:
        """What its findings are called."""

    @property
    def unchecked(self) -> Mapping[str, int]:
        """Reason to the number of pairs, since it was made, that it could not judge; they have no finding."""

    def check(self, pairs: Sequence[Pair]) -> Sequence[Finding | None]:
        """Return what rejects each pair, in the order of the pairs; None where nothing does."""

    def fingerprint(self) -> Mapping[str, str]:
        """Return everything that changes its verdicts."""


class Judge:
    """The gate and the model checks, with a journal for the verdicts of the latter.

    Attributes:
        names: of all checks, cheap ones first.
        unchecked: by model check, reason to the number of translations that it could not judge.

    Args:
        gate: the cheap checks.
        model_checks: dear ones, in the order in which they are asked.
        journal: keeps the verdicts of model checks, a block at a time.
    """

    def __init__(self, gate: PairGate, model_checks: Sequence[ModelCheck], journal: Journal) -> None:
        self.unchecked: dict[str, Counter[str]] = {check.name: Counter() for check in model_checks}
        self.names = (*gate.names, *(check.name for check in model_checks))
        self._gate = gate
        self._model_checks = model_checks
        self._journal = journal

    def findings(self, pairs: Sequence[Pair]) -> list[tuple[Finding, ...]]:
        """Return what rejects each pair, in the order of the pairs.

        Checks that need a model see only what the gate and the model checks before them let through, one language at a
        time in the order of the pairs, in blocks of at most `MODEL_BLOCK`, all of about the same size.

        Raises:
            BackendError: a model fails as a whole.
        """
        chunks = in_parallel(
            lambda start: [tuple(found) for found in self._gate.check(pairs[start : start + _CHUNK])],
            range(0, len(pairs), _CHUNK),
            size=len(pairs),
            worth=_WORTH_PROCESSES,
        )
        found = [findings for chunk in chunks for findings in chunk]
        for check in self._model_checks:
            for places in _blocks(pairs, found):
                verdicts = self._asked(check, [pairs[place] for place in places])
                for place, finding in zip(places, verdicts, strict=True):
                    if finding is not None:
                        found[place] = (finding,)
        return found

    def _asked(self, check: ModelCheck, pairs: Sequence[Pair]) -> list[Finding | None]:
        """Return a model check's verdicts on a block, from the journal where it holds that very block."""
        texts = [[pair.lang, pair.source, pair.target] for pair in pairs]
        key = sha256_of([check.name, dict(check.fingerprint()), texts])
        if key not in self._journal.rows:
            before = Counter(check.unchecked)
            verdicts = check.check(pairs)
            rows = [None if finding is None else finding_json(finding) for finding in verdicts]
            self._journal.append({key: {"findings": rows, "unchecked": dict(Counter(check.unchecked) - before)}})
        row = self._journal.rows[key]
        self.unchecked[check.name].update(row["unchecked"])
        return [None if each is None else Finding(**each) for each in row["findings"]]


def _blocks(pairs: Sequence[Pair], found: Sequence[tuple[Finding, ...]]) -> list[list[int]]:
    """Return the places of the pairs without a finding, one language after the other, in blocks."""
    by_lang: dict[str, list[int]] = {}
    for place, pair in enumerate(pairs):
        if not found[place]:
            by_lang.setdefault(pair.lang, []).append(place)
    blocks = []
    for places in by_lang.values():
        n = -(-len(places) // MODEL_BLOCK)
        # Even: a check that compares the pairs of a block with each other could not judge a last block of one.
        blocks += [places[len(places) * i // n : len(places) * (i + 1) // n] for i in range(n)]
    return blocks


def finding_json(finding: Finding) -> dict[str, str | float]:
    """Return a finding as JSON values."""
    return {"check": finding.check, "score": finding.score, "detail": finding.detail}
