"""The card of trained weights: what they were made from, how, and what they cannot show."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from xleval.data.storage import read_json
from xleval.errors import DataError
from xleval.evalkit.checkpoints import Checkpoint
from xleval.training.config.schema import DataConfig, TrainConfig

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_AMOUNTS = {
    "n_items": "parallel items", "n_rows": "rows", "n_rollouts": "roll-outs", "n_tokens": "tokens",
    "train_s": "seconds of training", "peak_memory_gb": "GB of memory at the most",
}  # fmt: skip


def render_card(content: Mapping[str, Any], checkpoint: Checkpoint, out: Path) -> str:
    """Return `README.md` of trained weights: YAML metadata of the hub, then how they were made.

    Args:
        content: of `xleval_training.json`.
        checkpoint: the base model.
        out: folder of the training, whose `curves.json` is summed up where there is one.
    """
    parts = [
        f"---\n{yaml.safe_dump(_metadata(content, checkpoint), sort_keys=False, allow_unicode=True)}---",
        f"# {_text(content['recipe'])}",
        _lead(content),
        "## How it was made",
        _table(("key", "value", "source"), _settings(content)),
        f"What is not named has the default of xleval {_text(content['xleval'])}.",
        "## What was done",
        _table(("amount", "value"), _amounts(content)),
        *_figures(content),
        *_curves(out),
        "## Versions",
        _table(("package", "version"), [("xleval", content["xleval"]), *_versions(content)]),
        "## Limits",
        "\n".join(f"* {line}" for line in _limits(content)),
    ]
    return "\n\n".join(parts) + "\n"


def _metadata(content: Mapping[str, Any], checkpoint: Checkpoint) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if not checkpoint.is_local and _HUB_ID.fullmatch(checkpoint.name):
        found["base_model"] = checkpoint.name
    found["library_name"] = "transformers" if content["settings"]["lora"] is None else "peft"
    found["language"] = list(content["langs"])
    source = str(content["settings"]["data"]["source"])
    if _HUB_ID.fullmatch(source):
        found["datasets"] = [source]
    return found | {"tags": ["xleval", content["kind"]]}


def _lead(content: Mapping[str, Any]) -> str:
    base = content["base"]
    revision = f", revision {_text(base['revision'])}" if base["revision"] else ""
    kind = "A LoRA adapter on" if content["settings"]["lora"] is not None else "Weights trained from"
    state = "" if content["is_final"] else " It is a checkpoint on the way: the training may have gone on."
    earlier = base.get("trained_by")
    before = ""
    if earlier:
        before = f" That model was itself trained by xleval ({_text(earlier.get('kind', ''))}, {_text(earlier.get('recipe', ''))})."
    langs = ", ".join(map(_text, content["langs"]))
    return (
        f"{kind} {_text(base['model'])}{revision} by `xleval train {content['kind']}`, "
        f"{content['step']:,} steps in {langs}, seed {content['seed']}.{state}{before} "
        f"SHA-256 of the base, as xleval takes it: `{base['sha256']}`. The licence is that of the base model and the data."
    )


def _settings(content: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Return dotted key, value and source of every setting that is not the default, or has a source."""
    given = content["settings"]
    plain = TrainConfig(kind=given["kind"], name="", model="", data=DataConfig(source="", langs=()))
    defaults = dict(_leaves(asdict(plain)))
    sources = content["sources"]
    rows: list[tuple[object, ...]] = []
    for key, value in _leaves(given):
        near = next((sources[name] for name in (key, key.rpartition(".")[0]) if name in sources), "")
        if near or key.startswith("trainer.") or key not in defaults or value != _as_list(defaults[key]):
            rows.append((key, value, near or "given"))
    return rows


def _as_list(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _leaves(values: object, prefix: str = "") -> Iterable[tuple[str, object]]:
    items: Iterable[tuple[object, object]]
    if isinstance(values, Mapping):
        items = values.items()
    elif isinstance(values, list) and values and all(isinstance(each, Mapping) for each in values):
        items = enumerate(values)
    else:
        yield prefix, values
        return
    for key, value in items:
        if value == {}:
            continue
        yield from _leaves(value, f"{prefix}.{key}" if prefix else str(key))


def _amounts(content: Mapping[str, Any]) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = [("optimiser steps", f"{content['step']:,}")]
    amounts = content["amounts"]
    rows += [(name, _number(amounts[key])) for key, name in _AMOUNTS.items() if amounts.get(key)]
    if content["stopped_by"]:
        rows.append(("ended before its last step by", content["stopped_by"]))
    return rows


def _figures(content: Mapping[str, Any]) -> list[str]:
    figures = content["figures"]
    if not figures:
        return []
    return ["## Last figures", _table(("figure", "value"), [(key, _number(figures[key])) for key in sorted(figures)])]


def _curves(out: Path) -> list[str]:
    """Return first and last point of every language's curves, and the warnings; nothing without curves."""
    path = out / "curves.json"
    if not path.is_file():
        return []
    try:
        curves = read_json(path)
        rows = [_ends(lang, [one for one in curves["points"] if one["lang"] == lang]) for lang in curves["languages"]]
        warnings = [
            f"* {_text(one['lang'])}, step {one['step']}: {_text(one['message'])}" for one in curves["warnings"]
        ]
    except (
        DataError,
        KeyError,
        TypeError,
        IndexError,
    ):  # being written, or of another version: the card is whole without
        return []
    head = ("language", "steps", "reward", "target-language words %")
    told = ["\n".join(warnings)] if warnings else ["No early warning."]
    return ["## Curves", _table(head, rows), *told]


def _ends(lang: str, points: Sequence[Mapping[str, Any]]) -> tuple[object, ...]:
    first, last = points[0], points[-1]
    shares = [point["word_ratio"]["all"]["target_share"] for point in (first, last)]
    reward = " → ".join("–" if point["reward"] is None else f"{point['reward']:.3f}" for point in (first, last))
    target = " → ".join("–" if share is None else f"{100 * share:.1f}" for share in shares)
    return lang, f"{first['step']} → {last['step']}", reward, target


def _versions(content: Mapping[str, Any]) -> list[tuple[object, ...]]:
    return [(name, version or "not installed") for name, version in content["packages"].items()]


def _limits(content: Mapping[str, Any]) -> list[str]:
    lines = [
        f"One training with seed {content['seed']}: what is measured on these weights is about this checkpoint, not about "
        "the method. A sentence about the method needs several seeds in every arm.",
        "Nothing here shows that a test set was not among the base model's training data.",
    ]
    if content["language_reward"]:
        lines.insert(
            0,
            "A reward looked at the language, so these weights have learnt to please its detector: `xleval run` takes its "
            "headline from a second one, which no reward has seen.",
        )
    overlap = content["overlap"]
    sentence = overlap.get("sentence") if isinstance(overlap, Mapping) else None
    if sentence:
        lines.append(_text(sentence))
    return lines


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join(_text(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _text(value: object) -> str:
    """Return a value as text that is no markup and fits a cell of a table."""
    if isinstance(value, list):
        value = ", ".join(map(str, value))
    plain = " ".join(("–" if value is None or value == "" else str(value)).split())
    return re.sub(r"([\\`*_\[\]|])", r"\\\1", html.escape(plain, quote=False))
