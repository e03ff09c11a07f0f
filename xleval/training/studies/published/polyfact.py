"""The figures published with PolyFact, as its authors' repository reports them."""

from xleval.training.studies.published.record import Published, Tag

_QWEN, _OLMO = "Qwen/Qwen2.5-7B", "allenai/OLMo-2-1124-7B"
_SOURCE = "github.com/jvonrad/Lost-in-Mistranslation at 3ca0eea, 2026-08-17"
_OLD = f"{_SOURCE}: old regime, WIKI-FACT test of 2,523 items, scores by token"
_ACCURACY, _TOTAL, _RANKC = "accuracy", "right in all languages", "RankC"
#: Languages that KLAR's table calls seen.
_KLAR_SEEN = "en,es,fr,ru,zh,ja,ar"

# None of them is `comparable`, Global-MMLU-Lite of the base neither: theirs has English labels, one order of options, ties
# for the first option, and Bengali prompts that were cut; a study asks with labels of the language, in all orders.
#: Task of ours, languages, measure, tag; the columns of the rows below. Only Global-MMLU-Lite was recomputed from outputs.
_COLUMNS: tuple[tuple[str, str, str, Tag], ...] = (
    ("polyfact", "mean of 12", _ACCURACY, "R"),
    ("polyfact", "mean of 12", _TOTAL, "R"),
    ("polyfact", "mean of 12", _RANKC, "R"),
    ("global_mmlu_lite", "mean of 11", _ACCURACY, "V"),
    ("global_mmlu_lite", "mean of 11", _TOTAL, "V"),
    ("global_mmlu_lite", "mean of 11", _RANKC, "V"),
    ("bmlama53", "mean of 11", _ACCURACY, "R"),
    ("bmlama53", "mean of 11", _RANKC, "R"),
    ("klar", _KLAR_SEEN, _ACCURACY, "R"),
    ("klar", "the other 10 of KLAR", _ACCURACY, "R"),
)
#: Model, arm, what is said of it, values in the order of the columns.
_ROWS: tuple[tuple[str, str, str, str], ...] = (
    (_OLMO, "base", "", "44.43/1.72/57.29 44.45/3.75/54.97 17.89/36.99 24.56/13.30"),
    (_OLMO, "sft", "10k facts", "48.40/1.81/56.65 44.20/2.00/57.26 18.03/37.34 25.83/12.96"),
    (_OLMO, "dco", "10k facts", "45.58/6.42/63.23 44.84/4.00/55.39 20.39/37.16 30.85/17.32"),
    (_OLMO, "cm-align", "10k facts", "47.04/4.32/58.88 43.73/2.00/56.08 17.53/37.50 36.36/22.17"),
    (_OLMO, "grpo", "old regime, 20k WIKI-FACT", "47.87/4.46/59.02 43.93/3.00/56.36 17.63/36.59 20.49/10.65"),
    (_QWEN, "base", "", "51.25/5.35/62.36 63.55/13.75/69.78 26.17/43.63 47.72/35.78"),
    (_QWEN, "sft", "10k facts", "57.88/8.73/65.64 61.77/8.75/67.97 27.01/44.19 50.55/39.91"),
    (_QWEN, "dco", "10k facts", "56.61/11.82/68.28 63.14/13.25/69.64 28.17/44.09 47.16/35.83"),
    (_QWEN, "cm-align", "10k facts", "53.89/6.96/63.51 61.23/14.00/71.40 26.35/43.55 53.36/38.99"),
    (_QWEN, "grpo", "clip 5, 1,500 steps", "55.97/7.70/64.00 62.52/12.50/69.37 26.19/43.33 57.15/43.97"),
)
#: The same of the first version of the data: accuracy, right in all languages, RankC.
_OLD_ROWS: tuple[tuple[str, str, str], ...] = (
    (_OLMO, "base", "57.96/7.21/58.32"),
    (_OLMO, "sft", "60.21/6.50/59.40"),
    (_OLMO, "grpo", "60.99/10.66/60.26"),
    (_QWEN, "base", "61.89/7.09/61.66"),
    (_QWEN, "sft", "67.22/13.04/65.87"),
    (_QWEN, "grpo", "65.06/11.06/64.09"),
)


def polyfact_figures() -> tuple[Published, ...]:
    """Return the published figures of PolyFact, by model and arm."""
    found = []
    for model, arm, said, values in _ROWS:
        for (task, langs, measure, tag), value in zip(_COLUMNS, values.replace("/", " ").split(), strict=True):
            found.append(
                Published(
                    study="polyfact", arm=arm, model=model, task=task, langs=langs, measure=measure, value=value, unit="%",
                    tag=tag, source=f"{_SOURCE}: {said}" if said else _SOURCE,
                )
            )  # fmt: skip
    for model, arm, values in _OLD_ROWS:
        for measure, value in zip((_ACCURACY, _TOTAL, _RANKC), values.split("/"), strict=True):
            found.append(
                Published(
                    study="polyfact", arm=arm, model=model, task="polyfact, first version", langs="mean of 12", measure=measure,
                    value=value, unit="%", tag="R", source=_OLD,
                )
            )  # fmt: skip
    return tuple(found)
