"""Configurations written by tests: one that is right for each kind, to change one thing of."""

import importlib.util
from pathlib import Path

import pytest

from xleval.training.config.schema import Kind

#: Settings are checked against TRL's own classes.
needs_trl = pytest.mark.skipif(importlib.util.find_spec("trl") is None, reason="needs the extra train")

RIGHT: dict[Kind, str] = {
    "grpo": "model: m\ndata: {source: embedded, langs: [en, de]}\nrewards: [{name: facts}]\npooling: {mode: pooled}\n",
    "sft": "model: m\ndata: {source: embedded, langs: [en, de]}\n",
    "cpt": "model: m\ndata: {source: embedded, langs: [en, de]}\n",
    "clo": "model: m\ndata: {source: pairs, langs: [en, ko]}\n",
    "dco": "model: m\ndata: {source: embedded, langs: [de, ko]}\n",
    "cm-align": "model: m\ndata: {source: embedded, langs: [en, ko]}\n",
}


def write(folder: Path, text: str, name: str = "own.yaml") -> str:
    """Return the path of a file with a text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)
