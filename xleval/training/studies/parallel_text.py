"""A few parallel sentences for probes in smoke runs: written for this project by a language model, reviewed by nobody."""

import json
from collections.abc import Sequence
from pathlib import Path

_SENTENCES = Path(__file__).resolve().parent / "data" / "parallel_sentences.jsonl"
#: Languages of the sentences.
TEXT_LANGUAGES = ("en", "de", "es", "sw", "zh")


def parallel_text_files(folder: Path, langs: Sequence[str]) -> dict[Path, str]:
    """Return the files `LANG.txt` of a folder that `xleval probe --text` reads: a sentence a line, the same in every language."""
    rows = [json.loads(line) for line in _SENTENCES.read_text(encoding="utf-8").splitlines()]
    return {folder / f"{lang}.txt": "".join(f"{row[lang]}\n" for row in rows) for lang in langs}
