"""The rows of training sets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: A text to continue, or the turns of a conversation (`role`, `content`).
Prompt = str | list[dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRow:
    """One prompt of GRPO in one language; rows of one item stand together, in the order of the languages.

    Attributes:
        item_id: the same in every language: the fact or problem that rewards are pooled over.
        lang: language of the prompt, which is the target of the language reward.
        prompt: as `xleval run` asks it.
        question: of the item, without what stands around it.
        gold: right answer.
        task: task that scores it.
        choices: options of a fact in this language; empty without.
        choice_ids: what they are in every language.
        gold_index: index of the right option; None without options.
        stop: texts that end an answer.
        reference_words: words of the item's worked solution in this language; None without one.
        copy: number of the copy of an item, 0 but under `english-repeat`.
        groups: facts to group by, such as relation and template.
    """

    item_id: str
    lang: str
    prompt: Prompt
    question: str
    gold: str
    task: str
    choices: tuple[str, ...] = ()
    choice_ids: tuple[str, ...] = ()
    gold_index: int | None = None
    stop: tuple[str, ...] = ()
    reference_words: int | None = None
    copy: int = 0
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """A prompt and the answer that is learnt (`sft`); options as in `PromptRow`, for the loss over letters."""

    item_id: str
    lang: str
    prompt: Prompt
    answer: str
    choices: tuple[str, ...] = ()
    choice_ids: tuple[str, ...] = ()
    gold_index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """One instruction with its answer in English and in a target language (`clo`)."""

    item_id: str
    lang: str
    english_prompt: Prompt
    english_answer: str
    target_prompt: Prompt
    target_answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FactPairRow:
    """One fact asked in two languages, with the same two options by id (`dco`): chosen and rejected in both."""

    item_id: str
    langs: tuple[str, str]
    prompts: tuple[Prompt, Prompt]
    chosen: tuple[str, str]
    rejected: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """A text in one language (`cpt`)."""

    item_id: str
    lang: str
    text: str
