"""Solve-back: an item that solvers solve in English and never in translation has probably been translated wrongly.

Two solvers of different families answer the source and the translation n times each. A pair is found where both of them
solve at least three quarters of the source's samples and none of the translation's (D20: source >= 3/4, translation 0/4).
The solvers are neither the translator nor a model that the set is to evaluate: the set would be easy for that model.

Samples without a readable answer are counted apart from wrong ones. A solver judges a pair only where at least three
quarters of the translation's samples have an answer: one that cannot write the language says nothing about a translation.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from xleval.data.reasoning.records import Finding, Pair
from xleval.errors import BackendError, ConfigError, DataError

SAMPLES = 4
ENOUGH = 0.75  # share of the samples

#: Whether a reply's final answer equals the item's answer, given (reply, answer, lang); None where no answer can be read.
Grade = Callable[[str, str, str], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveRequest:
    """One sample to draw.

    Attributes:
        key: unique among the requests of a call; names the reply.
        text: the question alone; the solver adds its instruction.
        lang: code of the question's language.
        sample: 0 to n - 1; a solver draws another sample for each, reproducibly.
    """

    key: str
    text: str
    lang: str
    sample: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveReply:
    """What a solver wrote.

    Attributes:
        key: of the request.
        text: reasoning and answer; empty where there is a `failure`, such as `cut at 1024 tokens`.
    """

    key: str
    text: str
    failure: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solver:
    """A model that solves word problems.

    Attributes:
        spec: as on the command line, such as `vllm:Qwen/Qwen3-8B`.
        family: models of one family learnt from the same data and fail alike: `qwen`, `gemma`.
        solve: yields the reply of every request, in any order, each once; a temperature above 0.
        settings: everything else that changes its replies: revision, prompt, temperature, seed.
    """

    spec: str
    family: str
    solve: Callable[[Sequence[SolveRequest]], Iterator[SolveReply]]
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solved:
    """How many of a text's samples have the item's answer, another one, none that can be read, or could not be drawn."""

    correct: int = 0
    wrong: int = 0
    unanswered: int = 0
    failed: int = 0

    @property
    def n(self) -> int:
        """Number of samples."""
        return self.correct + self.wrong + self.unanswered + self.failed


class Verdict(Enum):
    """What one solver says about a pair."""

    UNSOLVED_SOURCE = "the source is not solved reliably"
    LOST = "solved in the source and never in the translation"
    KEPT = "solved in the translation, too"
    UNANSWERED = "too few answers to the translation"
    FAILED = "the solver failed"


def verdict(source: Solved, target: Solved) -> Verdict:
    """Return what one solver's samples of source and translation say, at least one of each.

    Raises:
        DataError: there is no sample of one of them.
    """
    if not source.n or not target.n:
        raise DataError(
            f"solve-back has {source.n} samples of the source and {target.n} of the translation; it needs both"
        )
    if source.failed or target.failed:
        return Verdict.FAILED
    if source.correct < ENOUGH * source.n:
        return Verdict.UNSOLVED_SOURCE
    if target.correct:
        return Verdict.KEPT
    return Verdict.LOST if target.wrong >= ENOUGH * target.n else Verdict.UNANSWERED


class SolveBack:
    """The check `solve-back`: finds pairs that both solvers solve in the source and never in the translation.

    The score of a finding is the share of the source's samples that were solved, over both solvers, in [0.75, 1].

    Attributes:
        name: `solve-back`.
        limit: 0: every finding rejects.
        unchecked: reason to the number of pairs of which a solver could say nothing; they have no finding.
        unanswered: solver and language to the number of samples without a readable answer.
    """

    name = "solve-back"
    limit = 0.0

    def __init__(
        self,
        solvers: Sequence[Solver],
        answers: Mapping[str, str],
        grade: Grade,
        *,
        n: int = SAMPLES,
        not_solvers: Sequence[str] = (),
    ) -> None:
        """Check with two solvers.

        Args:
            solvers: two of different families.
            answers: item id to the final answer.
            grade: reads and compares final answers.
            n: samples of each text and solver.
            not_solvers: specs of the translators and of models to be evaluated.

        Raises:
            ConfigError: not two solvers, one family, a translator as solver, or no sample.
        """
        if len(solvers) != 2 or solvers[0].family == solvers[1].family:
            given = ", ".join(f"{solver.spec} ({solver.family})" for solver in solvers) or "none"
            raise ConfigError(f"solve-back was given the solvers {given}; it needs two of different families")
        if taken := [solver.spec for solver in solvers if solver.spec in not_solvers]:
            raise ConfigError(f"{taken[0]} translates or is evaluated; solve-back needs another model as solver")
        if n < 1:
            raise ConfigError(f"solve-back was given n={n}; it needs at least one sample")
        self.unchecked: Counter[str] = Counter()
        self.unanswered: Counter[str] = Counter()
        self._solvers = tuple(solvers)
        self._answers = answers
        self._grade = grade
        self._n = n
        self._sources: dict[tuple[str, str, str], Solved] = {}

    def fingerprint(self) -> Mapping[str, str]:
        """Return both solvers, their settings and the rule."""
        facts = {"n": str(self._n), "enough": str(ENOUGH)}
        for number, solver in enumerate(self._solvers, start=1):
            facts |= {f"solver{number}": solver.spec, f"solver{number}.family": solver.family}
            facts |= {f"solver{number}.{name}": value for name, value in solver.settings.items()}
        return facts

    def check(self, pairs: Sequence[Pair]) -> list[Finding | None]:
        """Return the finding of every pair in the order given.

        The second solver sees only what the first lost, translations are asked only where the source is solved.

        Raises:
            DataError: a pair whose item has no answer.
            BackendError: a solver fails as a whole or does not answer every request.
        """
        unknown = next((pair.item_id for pair in pairs if pair.item_id not in self._answers), None)
        if unknown is not None:
            raise DataError(f"solve-back has no answer for item {unknown}; it needs the answers of all source items")
        lost: dict[int, list[tuple[Solved, Solved]]] = {index: [] for index in range(len(pairs))}
        for solver in self._solvers:
            for index, (source, target) in self._solve(solver, pairs, list(lost)).items():
                said = verdict(source, target)
                if said is Verdict.LOST:
                    lost[index].append((source, target))
                else:
                    del lost[index]
                    if said in (Verdict.UNANSWERED, Verdict.FAILED):
                        self.unchecked[f"{solver.spec}: {said.value}"] += 1
        return [self._finding(lost[index]) if index in lost else None for index in range(len(pairs))]

    def close(self) -> None:
        """Forget the sources; the solvers belong to the caller."""
        self._sources.clear()

    def _solve(self, solver: Solver, pairs: Sequence[Pair], indices: Sequence[int]) -> dict[int, tuple[Solved, Solved]]:
        """Return the counts of source and translation, the source's for both where it is not solved."""
        keys = {index: (solver.spec, pairs[index].item_id, pairs[index].source) for index in indices}
        asked = {key: (key[2], "en", key[1]) for key in keys.values() if key not in self._sources}
        fresh = dict(zip(asked, self._ask(solver, list(asked.values())), strict=True))
        sources = {index: fresh.get(key) or self._sources[key] for index, key in keys.items()}
        # What failed is asked again for the next language.
        self._sources.update((key, solved) for key, solved in fresh.items() if not solved.failed)
        worth = [index for index in indices if sources[index].correct >= ENOUGH * self._n]
        targets = self._ask(solver, [(pairs[i].target, pairs[i].lang, pairs[i].item_id) for i in worth])
        solved = dict(zip(worth, targets, strict=True))
        return {index: (source, solved.get(index, source)) for index, source in sources.items()}

    def _ask(self, solver: Solver, texts: Sequence[tuple[str, str, str]]) -> list[Solved]:
        """Return how often each (text, lang, item id) was solved; all samples of all texts are one call."""
        waiting = {f"{index}-{sample}": index for index in range(len(texts)) for sample in range(self._n)}
        requests = [
            SolveRequest(key=key, text=texts[index][0], lang=texts[index][1], sample=number % self._n)
            for number, (key, index) in enumerate(waiting.items())
        ]
        counts: list[Counter[str]] = [Counter() for _ in texts]
        for reply in solver.solve(requests) if requests else ():
            if reply.key not in waiting:
                raise BackendError(f"solver {solver.spec} answered request {reply.key} twice or unasked")
            index = waiting.pop(reply.key)
            counts[index][self._outcome(reply, *texts[index][1:])] += 1
        if waiting:
            raise BackendError(f"solver {solver.spec} left {len(waiting)} of {len(requests)} requests without a reply")
        for (_, lang, _), count in zip(texts, counts, strict=True):
            self.unanswered[f"{solver.spec} {lang}"] += count["unanswered"]
        return [Solved(**count) for count in counts]

    def _outcome(self, reply: SolveReply, lang: str, item_id: str) -> str:
        if reply.failure:
            return "failed"
        right = self._grade(reply.text, self._answers[item_id], lang)
        return "unanswered" if right is None else "correct" if right else "wrong"

    def _finding(self, both: Sequence[tuple[Solved, Solved]]) -> Finding:
        share = sum(source.correct for source, _ in both) / sum(source.n for source, _ in both)
        detail = " and ".join(
            f"{solver.spec} solves the source {source.correct}/{source.n}, the translation 0/{target.n}"
            for solver, (source, target) in zip(self._solvers, both, strict=True)
        )
        return Finding(check=self.name, score=share, detail=detail)
