"""Samples without their texts, so that a long run keeps only what its figures need; the texts stay on the disk."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

from xleval.evalkit.reasoning import split_reasoning
from xleval.evalkit.requests import Completion, Encoded, Outcome
from xleval.evalkit.samples import Sample
from xleval.evalkit.scoring import shown_prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class TextlessSample(Sample):
    """A sample whose prompt, completion and reasoning are empty where there are any; a missing one stays None.

    Attributes:
        n_chars: characters of the completion that was left out.
    """

    n_chars: int = 0

    @property
    def n_completion_chars(self) -> int:
        """Return the number of characters of the completion; 0 without one."""
        return self.n_chars


def without_texts(sample: Sample) -> TextlessSample:
    """Return a sample without its texts."""
    values = {field.name: getattr(sample, field.name) for field in fields(Sample)}
    values["prompt"] = ""
    for name in ("completion", "reasoning"):
        values[name] = None if values[name] is None else ""
    return TextlessSample(**values, n_chars=sample.n_completion_chars)


def with_texts(sample: Sample, encoded: Encoded, outcome: Outcome | None) -> Sample:
    """Return the whole sample of a textless one, from its request and, where it has a completion, its outcome."""
    prompt = shown_prompt(encoded)
    values = {field.name: getattr(sample, field.name) for field in fields(Sample)}
    values["prompt"] = prompt
    if isinstance(outcome, Completion):
        values["completion"] = outcome.text
        if sample.reasoning is not None:
            values["reasoning"] = split_reasoning(outcome.text, prompt)[0]
    return Sample(**values)


def each_kept(samples: Iterable[Sample], kept: list[Sample]) -> Iterator[Sample]:
    """Yield samples as they are, and add each without its texts to a list."""
    for sample in samples:
        kept.append(without_texts(sample))
        yield sample
