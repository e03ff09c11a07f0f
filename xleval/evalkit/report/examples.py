"""Example samples for the report: some right, some wrong, some cut, some unscored in every language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from xleval.data.languages import LANGUAGES
from xleval.evalkit.metrics.accuracy import cut_without_answer
from xleval.evalkit.samples import Sample

#: Verdict -> how many samples of it a language shows.
SHOWN = {"right": 2, "wrong": 2, "cut": 1, "unscored": 1}
_LONGEST = 3000  # characters of a text shown; the whole text is in samples.parquet


# All but tab and newline; joiners and direction marks stay, as scripts need them and each text is isolated in the page.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option of a choice: its text, its summed log-probability as text, and what it is."""

    text: str
    score: str
    is_gold: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A sample as the report shows it: texts cut to a length, a verdict in words, and how its language is set."""

    item_id: str
    lang: str
    direction: str
    verdict: str
    verdict_words: str
    prompt: str
    completion: str | None
    prediction: str | None
    gold: str
    options: tuple[Option, ...]


def verdict_of(sample: Sample) -> str:
    """Return `right`, `wrong`, `cut` (at the token limit, without an answer) or `unscored`."""
    if cut_without_answer(sample):
        return "cut"
    if sample.correct is None:
        return "unscored"
    return "right" if sample.correct else "wrong"


def choose_examples(samples: Sequence[Sample], lang: str) -> list[Example]:
    """Return examples of one task in one language: the first items by id of each verdict, in the order of `SHOWN`.

    The same items tend to come first in every language, so that one can read across.
    """
    column = sorted((sample for sample in samples if sample.lang == lang), key=lambda sample: sample.item_id)
    chosen: list[Example] = []
    for verdict, number in SHOWN.items():
        chosen += [_example(sample, verdict) for sample in column if verdict_of(sample) == verdict][:number]
    return chosen


def _example(sample: Sample, verdict: str) -> Example:
    words = {
        "right": "right",
        "wrong": "wrong",
        "cut": "cut at the token limit without an answer: counts as wrong",
        "unscored": f"unscored: {sample.unscored_reason}",
    }
    scores = [f"{value:.2f}" for value in sample.sum_logprobs] or ["–"] * len(sample.choices)
    return Example(
        item_id=sample.item_id,
        lang=sample.lang,
        direction=LANGUAGES[sample.lang].direction if sample.lang in LANGUAGES else "auto",
        verdict=verdict,
        verdict_words=words[verdict],
        prompt=_cut(sample.prompt),
        completion=None if sample.completion is None else _cut(sample.completion),
        prediction=None if sample.prediction is None else _cut(sample.prediction),
        gold=_cut(sample.gold),
        options=tuple(
            Option(text=_cut(text), score=score, is_gold=k == sample.gold_index, is_chosen=text == sample.prediction)
            for k, (text, score) in enumerate(zip(sample.choices, scores, strict=True))
        ),
    )


def _cut(text: str) -> str:
    """Return a text for display: control characters visible, and cut where it is long."""
    shown = _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text[:_LONGEST])
    return shown if len(text) <= _LONGEST else f"{shown} … ({len(text)} characters in all)"
