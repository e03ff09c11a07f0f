"""The figures published with CLO, as a secondary note and the abstract give them."""

from collections.abc import Mapping

from xleval.training.studies.published.record import Published, Tag

_NOTE = "github.com/zhaoyang97/Paper-Notes-en on arXiv 2505.14297; not checked against the paper"
_BOARD = "wizwand.com, a list of results of arXiv 2505.14297; the model is not stated"
_ABSTRACT = "arXiv 2505.14297, abstract"
_LANGS = ("zh", "de", "ko", "id", "sw", "yo")
_MODELS: Mapping[str, str] = {
    "Llama3-8B": "meta-llama/Meta-Llama-3-8B", "Llama2-7B": "meta-llama/Llama-2-7b-hf",
    "Llama2-13B": "meta-llama/Llama-2-13b-hf", "Mistral-7B": "mistralai/Mistral-7B-v0.1", "Qwen2.5-3B": "Qwen/Qwen2.5-3B",
}  # fmt: skip
#: Difference of the win rate, languages as above. Of CLO against what is ambiguous: the note says SFT and SFT+DPO.
_WINS: Mapping[str, str] = {
    "Llama3-8B": "11.3 2.9 15.3 1.5 17.6 11.6", "Llama2-7B": "2.0 9.2 1.3 5.0 0.9 23.6",
    "Llama2-13B": "5.9 3.2 2.3 9.3 17.0 23.8", "Mistral-7B": "0.6 0.9 2.0 1.1 15.9 0.2",
    "Qwen2.5-3B": "5.7 1.0 10.1 1.1 23.0 23.0",
}  # fmt: skip
#: Task, model, language, SFT, CLO.
_TASKS: tuple[tuple[str, str, str], ...] = (
    ("mmmlu", "Llama3-8B", "zh 39.36 41.99, ko 25.31 32.73, sw 27.59 33.38, en 53.00 57.55"),
    ("mmmlu", "Qwen2.5-3B", "zh 46.34 52.10, ko 35.90 41.94, sw 26.22 29.80, en 55.70 60.52"),
    ("belebele", "Llama3-8B", "sw 42.0 42.6, yo 29.6 29.8, ko 46.7 57.7"),
    ("belebele", "Qwen2.5-3B", "sw 51.7 74.7, yo 45.9 68.9, ko 52.3 62.4"),
)
_WIN_RATE, _OPEN = "win rate", "alpaca_eval"


def clo_figures() -> tuple[Published, ...]:
    """Return the published figures of CLO: win rates, MMMLU, BELEBELE, ablations, data efficiency."""
    found = []
    for name, values in _WINS.items():
        for lang, value in zip(_LANGS, values.split(), strict=True):
            measure = "difference of the win rate, against a baseline that is ambiguous"
            found.append(_figure("clo", _MODELS[name], (_OPEN, lang, measure), value, "points", _NOTE))
    for lang, value in zip(_LANGS, "70.4 65.2 77.8 64.2 83.0 68.9".split(), strict=True):
        found.append(_figure("clo", "not stated", (_OPEN, lang, _WIN_RATE), value, "%", _BOARD))
    for task, lang, value in (("mmlu", "en", "61.49"), ("cmmlu", "zh", "52.1")):
        found.append(_figure("clo", "not stated", (task, lang, "accuracy"), value, "%", _BOARD))
    for task, name, cells in _TASKS:
        for cell in cells.split(", "):
            lang, before, after = cell.split()
            for arm, value in (("sft", before), ("clo", after)):
                found.append(_figure(arm, _MODELS[name], (task, lang, "accuracy"), value, "%", _NOTE))
    return (*found, *_ablations())


def _ablations() -> list[Published]:
    rows = (
        ("clo", "not stated", "sw", "83.0"), ("clo", "not stated", "en", "65.4"),
        ("clo-nll-both", "not stated", "sw", "74.5"), ("clo-nll-both", "not stated", "en", "67.8"),
        ("clo", "Llama2", "zh", "50.7"), ("clo-full", "Llama2", "zh", "49.1"), ("clo", "Llama2", "ko", "52.7"),
        ("clo-full", "Llama2", "ko", "46.4"), ("clo", "Llama2", "sw", "29.7"), ("clo-full", "Llama2", "sw", "69.6"),
    )  # fmt: skip
    found = [_figure(arm, model, (_OPEN, lang, _WIN_RATE), value, "%", _NOTE) for arm, model, lang, value in rows]
    amounts: tuple[tuple[str, str, str, Tag, str], ...] = (
        ("low-resource languages", "CLO 3,200 > SFT 6,400", "5 models", "P", _ABSTRACT),
        ("sw", "CLO 1,600 ≈ SFT 6,400", "not stated", "S", _NOTE),
        ("sw", "CLO 400 ≈ SFT 6,400", "Llama3-8B", "S", _NOTE),
    )
    return found + [
        _figure("clo", _MODELS.get(model, model), (_OPEN, lang, "items needed"), value, "items", source, tag)
        for lang, value, model, tag, source in amounts
    ]


def _figure(
    arm: str, model: str, what: tuple[str, str, str], value: str, unit: str, source: str, tag: Tag = "S"
) -> Published:
    task, langs, measure = what
    return Published(
        study="clo", arm=arm, model=model, task=task, langs=langs, measure=measure, value=value, unit=unit, tag=tag,
        source=source,
    )  # fmt: skip
