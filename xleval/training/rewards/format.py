r"""Whether a completion has the form that was asked for, whatever it says.

* `stated`: it states an answer: within `\boxed{}`, after the answer cue of its language ("The answer is", "উত্তর:") or
  after `####`; of an item with options, it chooses one of them by letter or text.
* `option`: its first line names exactly one of the item's options, as PolyFact asks.
* `boxed`: a closed `\boxed{}` that is not empty.
* `think`: `<think>`, thoughts, `</think>`, an answer, each once and none empty; the first tag may stand in the prompt.
* `think-answer`: the same with the answer within `<answer>` and `</answer>`, as DeepSeek-R1-Zero was asked
  (arXiv 2501.12948).
* `auto`: `option` for a task of facts with options, else `stated`.

A completion that was cut at its limit has none of them.
"""

import re

from xleval.evalkit.prompts import PROMPT_WORDS
from xleval.evalkit.reasoning import inside_reasoning, split_reasoning
from xleval.tasks import TASKS
from xleval.training.rewards.attempts import Attempt
from xleval.training.rewards.facts import fact_verdict
from xleval.training.rewards.options import FormatForm, FormatOptions

_STATED = ("boxed", "answer_prefix", "hash")
_THINK = re.compile(r"\s*<think>(?P<thought>.*?)</think>(?P<answer>.*)", re.DOTALL)
_ANSWER = re.compile(r"\s*<answer>(?P<answer>.*?)</answer>\s*", re.DOTALL)
_TAG = re.compile(r"</?(?:think|answer)>")


def format_of(attempt: Attempt, options: FormatOptions) -> float:
    """Return 1 for a completion of the form asked for, else 0."""
    return float(not attempt.truncated and _has_form(attempt, options.form))


def _has_form(attempt: Attempt, form: FormatForm) -> bool:
    if form == "auto":
        task = TASKS.get(attempt.task)
        form = "option" if attempt.choices and task is not None and task.group == "facts" else "stated"
    if form == "think":
        return _is_thought(attempt, tagged_answer=False)
    if form == "think-answer":
        return _is_thought(attempt, tagged_answer=True)
    if form == "option":
        return fact_verdict(attempt) in ("right", "wrong")
    if form == "stated" and attempt.choices:
        return _chooses(attempt)
    return _stated_path(attempt) in (("boxed",) if form == "boxed" else _STATED)


def _is_thought(attempt: Attempt, *, tagged_answer: bool) -> bool:
    opened = "<think>" if inside_reasoning(attempt.prompt) and "<think>" not in attempt.completion else ""
    parts = _THINK.fullmatch(opened + attempt.completion)
    if parts is None or not parts["thought"].strip() or _TAG.search(parts["thought"]):
        return False
    answer = parts["answer"]
    if tagged_answer:
        tagged = _ANSWER.fullmatch(answer)
        if tagged is None:
            return False
        answer = tagged["answer"]
    return bool(answer.strip()) and _TAG.search(answer) is None


def _stated_path(attempt: Attempt) -> str:
    from xleval.evalkit.equivalence import extract_answer

    answer = split_reasoning(attempt.completion, attempt.prompt)[1]
    lang = attempt.asked_lang or "en"
    prefixes = (PROMPT_WORDS[lang].answer_prefix,) if lang in PROMPT_WORDS else ()
    return extract_answer(answer, lang, prefixes=prefixes).path


def _chooses(attempt: Attempt) -> bool:
    from xleval.evalkit.letters import extract_letter

    answer = split_reasoning(attempt.completion, attempt.prompt)[1]
    return extract_letter(answer, attempt.asked_lang or "en", attempt.choices).path != "none"
