"""The answers of two runs to the same items, side by side, and what is decided of them before a judge is asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xleval.errors import ConfigError
from xleval.evalkit.compare.detectors import with_common_detector
from xleval.evalkit.compare.pairing import check_same_data, common_items, task_of_run
from xleval.evalkit.compare.unlike import unlike_settings_of
from xleval.evalkit.judge.before import FAULTS, Cut, Fault, fault_of
from xleval.evalkit.samples import Sample
from xleval.evalkit.saved_run import SavedRun
from xleval.evalkit.scoring import answer_text

#: the end of a chat template's opening, such as `<|im_start|>user\n`, `[INST] ` or `[user] `, and the beginning of its end
_OPENING = re.compile(r"(?:<[^<>\s]+>|\[[^\[\]\s]+\])(?:user|human)?\s*", re.IGNORECASE)
_CLOSING = re.compile(r"\s*(?:<[^<>\s]+>|\[[^\[\]\s]+\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two answers to one item in one language.

    Attributes:
        task, lang, item_id: which item.
        question: what was asked, without a chat template as far as it can be told.
        answers: of the first and the second run, without their reasoning; empty where there is none.
        faults: what loses each without a judge; None for nothing.
        unanswered: why an answer is missing, such as `the second run: connection lost`; empty where both are there.
        target: code of the language that the answers should be in.
        winner: of labelled pairs, which answer people prefer: 0 or 1; None for runs.
    """

    task: str
    lang: str
    item_id: str
    question: str
    answers: tuple[str, str]
    faults: tuple[Fault | None, Fault | None] = (None, None)
    unanswered: str = ""
    target: str = ""
    winner: int | None = None

    @property
    def is_judged(self) -> bool:
        """Whether a judge has to decide."""
        return not self.unanswered and self.faults == (None, None)

    @property
    def score_before(self) -> float | None:
        """The second run's score where no judge is needed: 1 won, 0 lost, .5 where both answers have a fault."""
        if self.unanswered or self.faults == (None, None):
            return None
        return 0.5 * ((self.faults[0] is not None) + (self.faults[1] is None))

    @property
    def fault(self) -> Fault | None:
        """The fault that decided: of the two, where both answers have one, the first in `FAULTS`."""
        return next((name for name in FAULTS if name in self.faults), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPairs:
    """The pairs of a task by language, in the order of the first run; `notes` are what a reader must know of them."""

    task: str
    pairs: Mapping[str, Sequence[Pair]]
    notes: tuple[str, ...] = ()


def pairs_of_task(
    runs: tuple[SavedRun, SavedRun], task: str, samples: tuple[Sequence[Sample], Sequence[Sample]], *,
    languages: Sequence[str] = (), limit: int | None = None, cut: Cut = "lose",
) -> TaskPairs:  # fmt: skip
    """Return the answers of two runs to a task side by side.

    Args:
        runs, task: the first and the second, and a generation that both have.
        samples: those of the task, of each run, with texts.
        languages: codes; empty for all that both have.
        limit: first items of each language, in the order of the first run; None for all.
        cut: what becomes of answers that ended at their token limit.

    Raises:
        ConfigError: they were not asked alike, or have no language or no item in common.
        DataError: the data differ under the same names of items.
    """
    there = [run.results["tasks"][task]["languages"] for run in runs]
    common = [lang for lang in there[0] if lang in there[1] and (not languages or lang in languages)]
    if not common:
        raise ConfigError(f"{task}: no language in common: {', '.join(there[0])} and {', '.join(there[1])}")
    if unlike := unlike_settings_of(runs[0].results, runs[1].results, task, common):
        raise ConfigError(
            f"{task}: {runs[0].label} and {runs[1].label} were not asked alike, so that their answers cannot be compared: "
            f"{'; '.join(unlike)}. Run one of them again with the other's settings"
        )
    detector = with_common_detector(runs, samples)
    sides = [task_of_run(run, task, each, common) for run, each in zip(runs, samples, strict=True)]
    items = common_items(sides)
    if not items:
        raise ConfigError(f"{task}: {runs[0].label} and {runs[1].label} have no item in common")
    check_same_data(sides[0], sides[1], items)
    first, second = ({(s.lang, s.item_id): s for s in each if not s.sample_index} for each in detector.samples)
    questions = _questions([first, second], chat=sides[0].chat or sides[1].chat)
    labels, asked, found = (runs[0].label, runs[1].label), set(items), {}
    for lang in common:
        keys = [key for key in first if key[0] == lang and key in second and key[1] in asked][:limit]
        found[lang] = [_pair(first[key], second[key], questions[key], labels, cut) for key in keys]
    return TaskPairs(task=task, pairs={lang: pairs for lang, pairs in found.items() if pairs}, notes=_notes(
        task, detector.note or detector.refusal, several=any(s.sample_index for each in samples for s in each)
    ))  # fmt: skip


def _notes(task: str, detector: str | None, *, several: bool) -> tuple[str, ...]:
    notes = [detector] if detector else []
    notes += [f"{task}: of several answers to an item the first one is judged"] if several else []
    return tuple(notes)


def _pair(first: Sample, second: Sample, question: str, labels: tuple[str, str], cut: Cut) -> Pair:
    missing = [
        f"{label} gave no answer: {sample.unscored_reason}"
        for label, sample in zip(labels, (first, second), strict=True)
        if sample.completion is None
    ]
    faults = (None, None) if missing else (fault_of(first, cut), fault_of(second, cut))
    return Pair(
        task=first.task, lang=first.lang, item_id=first.item_id, question=question, faults=faults,
        answers=(_text(first), _text(second)), unanswered="; ".join(missing), target=first.asked_lang or first.lang,
    )  # fmt: skip


def _text(sample: Sample) -> str:
    return "" if sample.completion is None else answer_text(sample).strip()


def _questions(sides: Sequence[Mapping[tuple[str, str], Sample]], *, chat: bool) -> dict[tuple[str, str], str]:
    """Return what was asked, by language and item: the prompt, of conversations without the template around it.

    Of two runs of a chat model the shorter text is taken, as only a template makes the other one longer.
    """
    found: dict[tuple[str, str], str] = {}
    for side in sides:
        keys = list(side)
        prompts = [side[key].prompt for key in keys]
        for key, text in zip(keys, bare_questions(prompts) if chat else prompts, strict=True):
            found[key] = min(found.get(key, text), text, key=len).strip()
    return found


def bare_questions(prompts: Sequence[str]) -> list[str]:
    """Return the prompts of conversations without the chat template that all of them share.

    What all begin with is cut off up to its last mark, such as `<|im_start|>user`, and what all end with from its first
    mark on. A single prompt, or one whose template has no such marks, stays as it is: a judge sees all that was asked.
    """
    if len(set(prompts)) < 2:
        return list(prompts)
    heads = list(_OPENING.finditer(prompts[0][: _shared(prompts)]))
    begin = heads[-1].end() if heads else 0
    rests = [prompt[begin:] for prompt in prompts]
    tail = rests[0][len(rests[0]) - _shared([rest[::-1] for rest in rests]) :]
    closing = _CLOSING.search(tail)
    cut = len(tail) - closing.start() if closing else 0
    return [rest[: len(rest) - cut] for rest in rests]


def _shared(texts: Sequence[str]) -> int:
    """Return how many characters at the beginning of all texts are the same."""
    low, high = min(texts), max(texts)
    return next((k for k, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
