"""How tasks score a completion: as a number, an expression, a letter, a name, or not at all before a judge has seen it."""

from dataclasses import replace

from xleval.evalkit.extraction import extract_number, is_correct
from xleval.evalkit.metrics.grid import AWAITS_JUDGE
from xleval.evalkit.prompts import LETTERS, prompt_words
from xleval.evalkit.samples import Sample
from xleval.evalkit.scoring import answer_text


def score_number(sample: Sample) -> Sample:
    """Return the sample with its verdict: the number found in the completion, compared as a `Decimal`."""
    found = extract_number(answer_text(sample), _lang(sample), prefixes=_prefixes(sample))
    return replace(
        sample,
        prediction=None if found.value is None else str(found.value),
        correct=is_correct(found, sample.gold),
        extraction_path=found.path,
        unscored_reason=None,
    )


def score_expression(sample: Sample) -> Sample:
    """Return the sample with its verdict: the answer found, equal to the reference in mathematics."""
    from xleval.evalkit.equivalence import are_equivalent, extract_answer

    found = extract_answer(answer_text(sample), _lang(sample), prefixes=_prefixes(sample))
    return replace(
        sample,
        prediction=found.text,
        correct=found.text is not None and are_equivalent(found.text, sample.gold, _lang(sample)),
        extraction_path=found.path,
        unscored_reason=None,
    )


def score_letter(sample: Sample) -> Sample:
    """Return the sample with its verdict: the letter of an option that the completion names.

    The prediction is the Latin letter, so that answers of different languages can be compared.
    """
    from xleval.evalkit.letters import extract_letter

    found = extract_letter(answer_text(sample), _lang(sample), sample.choices, prefixes=_prefixes(sample))
    return replace(
        sample,
        prediction=None if found.index is None else LETTERS[found.index],
        correct=found.index is not None and found.index == sample.gold_index,
        extraction_path=found.path,
        unscored_reason=None,
    )


def leave_to_judge(sample: Sample) -> Sample:
    """Return the sample without a verdict: only a comparison with another run's answer gives one."""
    return replace(sample, prediction=None, correct=None, unscored_reason=AWAITS_JUDGE)


def score_by_letter(sample: Sample) -> Sample:
    """Return a choice among shown options with its verdict: the letter with the highest log-probability."""
    chosen = sample.sum_logprobs.index(max(sample.sum_logprobs))
    return replace(sample, prediction=sample.choices[chosen], correct=chosen == sample.gold_index, unscored_reason=None)


def score_by_byte(sample: Sample) -> Sample:
    """Return a choice among hidden options with its verdict: the highest log-probability per UTF-8 byte wins."""
    lengths = [len(choice.encode()) for choice in sample.choices]
    per_byte = [total / length for total, length in zip(sample.sum_logprobs, lengths, strict=True)]
    chosen = per_byte.index(max(per_byte))
    return replace(sample, prediction=sample.choices[chosen], correct=chosen == sample.gold_index, unscored_reason=None)


def _lang(sample: Sample) -> str:
    """Return the language whose separators and words an answer is read by: the one that was asked for."""
    return sample.asked_lang or sample.lang


def _prefixes(sample: Sample) -> tuple[str, ...]:
    return tuple({prompt_words(lang).answer_prefix: None for lang in (_lang(sample), sample.lang)})
