"""Runs of open answers on disk, and judges whose verdicts are written by hand."""

from collections.abc import Callable
from typing import Any

from tests.evalkit.compare.conftest import SaveRun, save_run
from xleval.evalkit.backends.mock import MockModel
from xleval.evalkit.requests import Completion, EncodedPrompt
from xleval.evalkit.samples import AWAITS_JUDGE, Sample

__all__ = ["FakeJudge", "SaveRun", "answered", "save_run", "unanswered"]


def answered(item: str, lang: str, text: str, **changes: Any) -> Sample:
    """Return an open answer with the language of its words, as a run stores it."""
    from xleval.evalkit.language_columns import FIRST_ONLY, with_language_shares

    values: dict[str, Any] = {
        "task": "alpaca_eval", "task_version": 1, "lang": lang, "item_id": item, "kind": "generation", "gold": "",
        "prompt": f"Question {item} in {lang}?", "completion": text, "unscored_reason": AWAITS_JUDGE,
        "finish_reason": "stop", "n_completion_tokens": 5,
    }  # fmt: skip
    return with_language_shares(Sample(**{**values, **changes}), FIRST_ONLY)


def unanswered(item: str, lang: str) -> Sample:
    """Return an item that the model did not answer."""
    return Sample(
        task="alpaca_eval", task_version=1, lang=lang, item_id=item, kind="generation", gold="",
        prompt=f"Question {item} in {lang}?", unscored_reason="server died",
    )  # fmt: skip


class FakeJudge(MockModel):
    """A judge whose answer to a prompt is given by a function; `seen` are the prompts."""

    def __init__(self, say: Callable[[str], str], name: str = "fake", *, cut: bool = False) -> None:
        super().__init__(name)
        self._say, self._cut = say, cut
        self.seen: list[str] = []

    def _complete(self, request: EncodedPrompt) -> Completion:
        self.seen.append(request.prompt)
        finish = "length" if self._cut else "stop"
        return Completion(key=request.key, text=self._say(request.prompt), finish_reason=finish, n_tokens=5)
