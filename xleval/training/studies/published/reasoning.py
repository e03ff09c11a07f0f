"""The figures published on cross-lingual collapse; of the parallel scaling law none could be read."""

from xleval.training.studies.published.record import Published, Tag

_NOTE = "secondary notes on arXiv 2506.05850; not checked against the paper"
_REVIEW = "public reviews of arXiv 2506.05850"
_ABSTRACT = "arXiv 2506.05850v2, abstract"
_OLMO, _QWEN = "allenai/OLMo-2-0425-1B-Instruct", "Qwen/Qwen2.5-1.5B-Instruct"
_LLAMA = "meta-llama/Llama-3.2-3B-Instruct"
_IN, _ENGLISH, _ACCURACY = "in language", "in English", "accuracy"

#: Arm, model, task, languages, measure, value, unit, tag, source.
_ROWS: tuple[tuple[str, str, str, str, str, str, str, Tag, str], ...] = (
    ("base", _OLMO, "gsm8k", "ko", _ACCURACY, "6.6", "%", "S", _NOTE),
    ("accuracy", _OLMO, "gsm8k", "ko", _ACCURACY, "46.5", "%", "S", _NOTE),
    ("accuracy", _OLMO, "gsm8k", "range over languages", _ENGLISH, "80–97", "%", "S", _NOTE),
    ("accuracy", "multilingual models", "gsm8k", "zh, ja", _IN, "≥ 92", "%", "S", _NOTE),
    ("accuracy", _LLAMA, "gsm8k", "uk", "fall of words in language", "> 80", "points", "R", _REVIEW),
    ("accuracy", _QWEN, "gsm8k", "uk", _ENGLISH, "0.5", "%", "R", _REVIEW),
    ("accuracy", _QWEN, "gsm8k", "ko", _IN, "94.0", "%", "S", _NOTE),
    ("accuracy", _QWEN, "math500", "ko", _IN, "86.5", "%", "S", _NOTE),
    ("simplerl-accuracy", _QWEN, "gsm8k", "ko", _IN, "14.5", "%", "S", _NOTE),
    ("simplerl-accuracy", _QWEN, "math500", "ko", _IN, "2.1", "%", "S", _NOTE),
    ("simplerl-accuracy", _QWEN, "gsm8k", "ko", _ACCURACY, "47.5", "%", "S", _NOTE),
    ("simplerl-accuracy", _QWEN, "math500", "ko", _ACCURACY, "46.7", "%", "S", _NOTE),
    ("simplerl-accuracy", _QWEN, "global_mmlu_lite", "ko", _IN, "23.4", "%", "S", _NOTE),
    ("language", "the paper's models", "gsm8k", "not stated", "cost in accuracy", "5–10", "points", "P", _ABSTRACT),
)


def collapse_figures() -> tuple[Published, ...]:
    """Return the published figures of cross-lingual collapse that could be read."""
    return tuple(
        Published(
            study="collapse", arm=arm, model=model, task=task, langs=langs, measure=measure, value=value, unit=unit,
            tag=tag, source=source,
        )
        for arm, model, task, langs, measure, value, unit, tag, source in _ROWS
    )  # fmt: skip
