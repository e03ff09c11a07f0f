"""Preference pairs as texts, whatever they were made from."""

from dataclasses import dataclass

from xleval.training.sets.records import FactPairRow, PairRow, Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPairs:
    """One item of a preference training: for each of its directions a prompt, a chosen and a rejected answer.

    Attributes:
        item_id: the same in every language.
        directions: name of each direction in curves: language of the prompt, for `clo` after the pair's language
            (`sw/en`, `sw/sw`).
        prompts, chosen, rejected: of each direction; answers with their leading space where there is one.
        ended: whether the end of an answer is learnt with it: not for options, which evaluation scores without.
    """

    item_id: str
    directions: tuple[str, ...]
    prompts: tuple[Prompt, ...]
    chosen: tuple[str, ...]
    rejected: tuple[str, ...]
    ended: bool = True


def pairs_of_answers(row: PairRow) -> TextPairs:
    """Return both directions of a translated pair (`clo`): to each prompt the answer in its language is preferred."""
    return TextPairs(
        item_id=row.item_id,
        directions=(f"{row.lang}/en", f"{row.lang}/{row.lang}"),
        prompts=(row.english_prompt, row.target_prompt),
        chosen=(row.english_answer, row.target_answer),
        rejected=(row.target_answer, row.english_answer),
    )


def pairs_of_options(row: FactPairRow) -> TextPairs:
    """Return a fact in two languages with the same two options (`dco`)."""
    return TextPairs(
        item_id=row.item_id, directions=row.langs, prompts=row.prompts, chosen=row.chosen, rejected=row.rejected,
        ended=False,
    )  # fmt: skip
