"""The sets of a smoke run: instructions with responses, and open questions, in English and German.

They were written for this project by a language model and reviewed by nobody: they show the machinery.
"""

import json
from pathlib import Path

from xleval.data.storage import jsonl

_DATA = Path(__file__).resolve().parent.parent / "data"
#: Languages of the sets, English first.
SMOKE_LANGUAGES = ("en", "de")
_WRITER = "written for xleval by a language model, not reviewed"


def pair_files(folder: Path) -> dict[Path, str]:
    """Return the files of a set of pairs as `xleval build-reasoning --pairs` lays one out, as JSON lines."""
    rows = _rows("clo_pairs.jsonl")
    return {
        folder / lang / "train.jsonl": jsonl(
            {"item_id": row["id"], "language": lang, "instruction": row[lang][0], "response": row[lang][1]}
            for row in rows
        )
        for lang in SMOKE_LANGUAGES
    }


def open_files(folder: Path) -> dict[Path, str]:
    """Return the files of open questions in the layout of AlpacaEval: `alpaca_eval.json` in English, `LANG.json` in others."""
    rows = _rows("clo_open.jsonl")
    return {
        folder / ("alpaca_eval.json" if lang == "en" else f"{lang}.json"): json.dumps(
            [{"instruction": row[lang], "dataset": "smoke", "generator": _WRITER} for row in rows],
            ensure_ascii=False, indent=1,
        )
        for lang in SMOKE_LANGUAGES
    }  # fmt: skip


def _rows(name: str) -> list[dict[str, list[str]]]:
    return [json.loads(line) for line in (_DATA / name).read_text(encoding="utf-8").splitlines()]
