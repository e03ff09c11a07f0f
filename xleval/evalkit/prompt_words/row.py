"""The record of one language's prompt text."""

from dataclasses import dataclass

#: author of rows that no person wrote
MODEL = "claude (language model)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptWords:
    r"""The prompt text of one language.

    Labels end in a colon as the language writes it: full-width in Chinese and Japanese; in French after a space,
    a plain one. None of the fields begins or ends with a space. The closing sentence of a solution is `answer_prefix`,
    the answer and `answer_suffix`; an instruction that asks for it ends in it, with N for a number, X for a letter or a
    name.

    Attributes:
        lang: code of the language table.
        question_label: before a question.
        answer_label: before an answer alone.
        step_by_step_label: before a worked solution; no closing sentence begins like it.
        answer_prefix: what stands before the answer in the closing sentence of a solution.
        answer_suffix: what stands after the answer there; empty in Thai, which has no full stop.
        cot_instruction: asks for a solution step by step in this language that ends in the closing sentence; its own
            last words are that sentence with N for the number.
        direct_instruction: asks for the number alone.
        reasoning_opening: first sentence of a reasoning trace, in the first person and naming the language; a trace that
            is given it as its beginning goes on in the language.
        passage_label: before a text that a question is about.
        boxed_cot_instruction: asks for a solution step by step in this language with the final answer within \boxed{}.
        boxed_instruction: asks for the final answer alone, within \boxed{}.
        letter_cot_instruction: asks to think step by step in this language and to end in the closing sentence with the
            letter of the right option for X.
        letter_instruction: asks for the letter of the right option alone.
        name_cot_instruction: as the one for letters, with the answer itself for X.
        name_instruction: asks for a short answer alone, such as a name, in this language.
        language_request: asks to think and to answer in this language and no other; for a question in another language
            that no instruction follows.
        written_by: author of the row.
        reviewed_by: person who reviewed the row, with stated competence in the language; empty when nobody did.
    """

    lang: str
    question_label: str
    answer_label: str
    step_by_step_label: str
    answer_prefix: str
    answer_suffix: str
    cot_instruction: str
    direct_instruction: str
    reasoning_opening: str
    passage_label: str
    boxed_cot_instruction: str
    boxed_instruction: str
    letter_cot_instruction: str
    letter_instruction: str
    name_cot_instruction: str
    name_instruction: str
    language_request: str
    written_by: str
    reviewed_by: str
