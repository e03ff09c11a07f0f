"""`xleval tasks NAME --lang L --model M`: exactly what a model is asked for one item."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from xleval.errors import ConfigError, unknown_name
from xleval.evalkit.backends.base import Backend
from xleval.evalkit.requests import ChoiceRequest, EncodedChoice, EncodedPrompt, GenerateRequest
from xleval.evalkit.runner import asks_in_conversations
from xleval.evalkit.scoring import shown_prompt
from xleval.evalkit.task import LoadedTask, TaskOptions


def show_item(
    loaded: LoadedTask, lang: str, item_id: str | None, options: TaskOptions, chat: bool | None, backend: Backend | None
) -> dict[str, Any]:
    """Return prompt, stop strings, gold and, of a model, token ids of one item as JSON values.

    Args:
        loaded: the task with its items in `lang`.
        lang: code.
        item_id: which item; None for the first.
        options: how it is asked.
        chat: in a conversation; None decides by the model.
        backend: of the model; None without one.

    Raises:
        ConfigError: no such item or language, or the prompt does not fit the model.
    """
    items = {item.item_id: item for item in loaded.items.get(lang, ())}
    if not items:
        raise ConfigError(f"{loaded.task.name} has no items in {lang}: {loaded.skipped.get(lang, 'not loaded')}")
    if item_id is not None and item_id not in items:
        raise unknown_name("item", item_id, items)
    item = items[item_id] if item_id is not None else next(iter(items.values()))
    in_conversations = bool(chat) if backend is None else asks_in_conversations(loaded.task, backend, chat)
    options = replace(options.for_task(loaded.task), chat=in_conversations)
    request = loaded.task.request(item, lang, options, loaded.shots.get(lang, ()))
    shown: dict[str, Any] = {"key": request.key, "chat": options.chat, "gold": item.gold}
    if isinstance(request, ChoiceRequest):
        shown |= {"options": list(request.continuations), "gold_index": item.gold_index}
    if isinstance(request, GenerateRequest):
        shown |= {"stop": list(request.stop), "prefill": request.prefill, "sampling": asdict(request.sampling)}
    if backend is None:
        prompt = request.context if isinstance(request, ChoiceRequest) else request.prompt
        return {**shown, "prompt": prompt if isinstance(prompt, str) else [asdict(turn) for turn in prompt]}
    [encoded] = backend.encode([request])
    shown |= {"model": dict(backend.fingerprint), "prompt": shown_prompt(encoded)}
    if isinstance(encoded, EncodedChoice):
        shown |= {
            "prompt_ids": list(encoded.context_ids),
            "option_ids": [list(option) for option in encoded.continuation_ids],
        }
    if isinstance(encoded, EncodedPrompt):
        shown["prompt_ids"] = list(encoded.prompt_ids)
    return shown


def render_item(shown: Mapping[str, Any]) -> str:
    """Return an item for people: the prompt between two lines, so that blanks and line ends can be seen."""
    prompt = shown["prompt"]
    if not isinstance(prompt, str):
        prompt = "\n".join(f"[{turn['role']}] {turn['content']}" for turn in prompt)
    lines = [f"{shown['key']}  ({'conversation' if shown['chat'] else 'text to continue'})", "─" * 40, prompt, "─" * 40]
    if "prompt_ids" in shown:
        lines.append(f"{len(shown['prompt_ids'])} tokens: {' '.join(map(str, shown['prompt_ids']))}")
    for place, option in enumerate(shown.get("options", ())):
        ids = f"  tokens {' '.join(map(str, shown['option_ids'][place]))}" if "option_ids" in shown else ""
        mark = "  <- gold" if place == shown["gold_index"] else ""
        lines.append(f"option {option!r}{ids}{mark}")
    if "stop" in shown:
        lines.append(f"stop: {shown['stop']!r} or the end of sequence; sampling: {shown['sampling']}")
    lines.append(f"gold: {shown['gold']!r}")
    return "\n".join(lines)
