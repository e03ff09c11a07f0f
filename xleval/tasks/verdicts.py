"""How tasks score a completion: as a number, an expression, a letter, a name, or not at all before a judge has seen it."""

from dataclasses import replace

from xleval.evalkit.prompts import LETTERS, prompt_words
from xleval.evalkit.samples import AWAITS_JUDGE, Sample


def score_number(sample: Sample) -> Sample:
    """Return the sample with its verdict: the number found in the completion, compared as a `Decimal`.

    A completion that was cut at its limit has an answer only where it states one, not by its last number.
    """
    from xleval.evalkit.extraction import extract_number, is_correct

    found = extract_number(_answer(sample), _lang(sample), prefixes=_prefixes(sample))
    if _is_unfinished(sample, found.path):
        return _without_answer(sample)
    return replace(
        sample,
        prediction=None if found.value is None else str(found.value),
        correct=is_correct(found, sample.gold),
        extraction_path=found.path,
        unscored_reason=None,
    )


def score_expression(sample: Sample) -> Sample:
    """Return the sample with its verdict: the answer found, equal to the reference in mathematics.

    A completion that was cut at its limit has an answer only where it states one, not by its last number.
    """
    from xleval.evalkit.equivalence import are_equivalent, extract_answer

    found = extract_answer(_answer(sample), _lang(sample), prefixes=_prefixes(sample))
    if _is_unfinished(sample, found.path):
        return _without_answer(sample)
    return replace(
        sample,
        prediction=found.text,
        correct=found.text is not None and are_equivalent(found.text, sample.gold, _lang(sample)),
        extraction_path=found.path,
        unscored_reason=None,
    )


def need_math() -> None:
    """Refuse to begin without the package that compares expressions.

    Raises:
        MissingExtra: math-verify is not installed.
    """
    from xleval.evalkit.math_worker import require

    require()


def score_letter(sample: Sample) -> Sample:
    """Return the sample with its verdict: the letter of an option that the completion names.

    The prediction is the Latin letter, so that answers of different languages can be compared.
    """
    from xleval.evalkit.letters import extract_letter

    found = extract_letter(_answer(sample), _lang(sample), sample.choices, prefixes=_prefixes(sample))
    return replace(
        sample,
        prediction=None if found.index is None else LETTERS[found.index],
        correct=found.index is not None and found.index == sample.gold_index,
        extraction_path=found.path,
        unscored_reason=None,
    )


def score_name(sample: Sample, *, rule: str = "words") -> Sample:
    """Return the sample with its verdict: whether the answer names the gold one.

    A sample's `choices` are the names that can be told apart, and `choice_ids` what each of them is in every language; of
    names with one id, such as a label and its aliases, any will do. Without choices `gold` is the one name accepted.

    The prediction is the id of what is named, so that answers of different languages can be compared: the gold one where
    it is named, else the first other one, else the answer's first line. The path says which of these it was.

    Args:
        sample: of a generation.
        rule: `words` for whole words anywhere (`matches_name`), `published` for KLAR's (`is_named`).
    """
    from xleval.evalkit import names_match

    named = names_match.is_named if rule == "published" else names_match.matches_name
    text = _answer(sample).strip()
    ids = sample.choice_ids or sample.choices or (sample.gold,)
    gold_id = sample.gold if sample.gold_index is None else ids[sample.gold_index]
    names: dict[str, list[str]] = {gold_id: []}  # the gold one first: it counts where several are named
    for option_id, name in zip(ids, sample.choices or (sample.gold,), strict=True):
        names.setdefault(option_id, []).append(name)
    found = next((option_id for option_id, accepted in names.items() if named(text, accepted)), None) if text else None
    unlisted = text.split("\n")[0].strip() or None
    return replace(
        sample,
        prediction=unlisted if found is None else found,
        correct=found == gold_id,
        extraction_path=("gold" if found == gold_id else "option" if found else "unlisted") if text else "none",
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


def _answer(sample: Sample) -> str:
    from xleval.evalkit.scoring import answer_text  # brings numpy, which listing the tasks can do without

    return answer_text(sample)


def _is_unfinished(sample: Sample, path: str) -> bool:
    """Return whether a completion was cut before it stated an answer: its last number is a step on the way (D1)."""
    return sample.finish_reason == "length" and path == "last_number"


def _without_answer(sample: Sample) -> Sample:
    return replace(sample, prediction=None, correct=False, extraction_path="none", unscored_reason=None)


def _lang(sample: Sample) -> str:
    """Return the language whose separators and words an answer is read by: the one that was asked for."""
    return sample.asked_lang or sample.lang


def _prefixes(sample: Sample) -> tuple[str, ...]:
    return tuple({prompt_words(lang).answer_prefix: None for lang in (_lang(sample), sample.lang)})
