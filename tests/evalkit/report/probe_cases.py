"""Probes for tests of figures and report, made by hand: every text of them can be set."""

from collections.abc import Sequence

from xleval.evalkit.knock_out_schema import KnockOutCellJson, KnockOutJson
from xleval.evalkit.probe_schema import (
    SCHEMA,
    AlignmentJson,
    Arm,
    ChangeJson,
    HeadsJson,
    Kind,
    NeuronsJson,
    PairAlignmentJson,
    ProbedModelJson,
    ProbeJson,
)

LANGS = ("en", "de", "sw")
TWELVE = ("en", "de", "fr", "es", "ru", "zh", "ja", "th", "sw", "bn", "te", "ar")
N_LAYERS = 4


def neurons_probe(
    text: str = "org/base", langs: Sequence[str] = LANGS, *, against: bool = True, knocked: bool = True
) -> ProbeJson:
    """Return a probe of neurons: English has 10 of the first model's and one more of the second's, then one less each."""
    probe = _probe("neurons", text, langs, against)
    names = [model["name"] for model in probe["models"]]
    probe["neurons"] = [_neurons(name, langs, 10 + k) for k, name in enumerate(names)]
    if knocked:
        probe["knock_out"] = [_knock_out(name, langs) for name in names]
    return probe


def heads_probe(
    text: str = "org/base", langs: Sequence[str] = LANGS, *, against: bool = True, knocked: bool = True
) -> ProbeJson:
    """Return a probe of heads: of two top heads of each language one is in layer 1, the other in the language's own."""
    probe = _probe("heads", text, langs, against)
    names = [model["name"] for model in probe["models"]]
    probe["heads"] = [_heads(name, langs) for name in names]
    if knocked:
        probe["knock_out"] = [_knock_out(name, langs) for name in names]
    return probe


def alignment_probe(text: str = "org/base", langs: Sequence[str] = LANGS, *, against: bool = True) -> ProbeJson:
    """Return a probe of alignment, best in the middle; the way back finds 0.1 less than the way there."""
    probe = _probe("alignment", text, langs, against)
    probe["alignment"] = [_alignment(model["name"], langs) for model in probe["models"]]
    return probe


def _probe(kind: Kind, text: str, langs: Sequence[str], against: bool) -> ProbeJson:
    arms: list[tuple[str, Arm]] = [(text, "first"), (f"{text}2", "second")]
    models = [
        ProbedModelJson(name=name, sha256="0" * 64, arm=arm, n_layers=N_LAYERS, n_heads=8, n_neurons=512)
        for name, arm in arms[: 1 + against]
    ]
    changes = [
        ChangeJson(
            name="overlap", first=0.5, second=0.45, difference=-0.05, low=-0.08, high=-0.02, over_seeds=False, method=text
        ),
        ChangeJson(
            name="entropy", first=0.9, second=0.9013, difference=0.0013, low=-0.001, high=0.004, over_seeds=False, method=text
        ),
    ]  # fmt: skip
    figures = [
        {"model": model["name"], "name": name, "value": 0.5, "low": 0.45, "high": 0.55}
        for model in models
        for name in ("overlap", "entropy", text)
    ]
    return ProbeJson(
        schema=SCHEMA, xleval="0", kind=kind, langs=list(langs),
        settings={"variant": "original", "top_neurons": 0.01, "filter_rate": 0.95, "top_heads": 0.02, "pooling": "weighted"},
        models=models,
        text={
            "source": text, "sha256": "0" * 64, "n_sentences": 200,
            "n_tokens": {lang: 5000 + 100 * k for k, lang in enumerate(langs)}, "n_cut": {langs[-1]: 3},
        },
        units="50 blocks of 4 sentences", figures=figures, changes=changes if against else [],
        refused=[{"letter": "l", "claim": text, "reason": text}], notes=[text],
    )  # type: ignore[typeddict-item]  # fmt: skip


def _neurons(name: str, langs: Sequence[str], most: int) -> NeuronsJson:
    n = {lang: max(most - k, 0) for k, lang in enumerate(langs)}
    return NeuronsJson(
        model=name, n_selected=20, activation_bar=0.31, entropy=0.7, entropy_by_layer=[0.91, 0.95, 0.97, 0.93],
        languages=[{"lang": lang, "n": n[lang], "layers": [0, 0, n[lang] // 2, n[lang] - n[lang] // 2]} for lang in langs],
        overlap=[[None if i == j else 1 / (2 + i + j) for j in range(len(langs))] for i in range(len(langs))],
    )  # fmt: skip


def _heads(name: str, langs: Sequence[str]) -> HeadsJson:
    return HeadsJson(
        model=name, n_top=2, mean_overlap=0.5, chance_overlap=2 / 32, shared=[[1, 0]],
        overlap=[[1.0 if i == j else 0.5 for j in range(len(langs))] for i in range(len(langs))],
        languages=[
            {
                "lang": lang, "layers": [0.5 if layer in (1, 2) else 0.0 for layer in range(N_LAYERS)],
                "heads": [{"layer": 1, "head": 0, "score": 0.9}, {"layer": 2, "head": k % 8, "score": 0.5}],
            }
            for k, lang in enumerate(langs)
        ],
        scores={lang: [[0.1 * (1 + layer)] * 8 for layer in range(N_LAYERS)] for lang in langs},
    )  # fmt: skip


def _alignment(name: str, langs: Sequence[str]) -> AlignmentJson:
    pairs = [
        PairAlignmentJson(
            first=one, second=other, centred=centred, mexa=[0.1, 0.5, 0.8, 0.7, 0.3], retrieval=[0.2, 0.6, 0.9, 0.8, 0.4],
            retrieval_back=[0.1, 0.5, 0.8, 0.7, 0.3], similarity=[0.9] * 5, dissimilarity=[0.8] * 5,
        )
        for centred in (False, True)
        for k, one in enumerate(langs)
        for other in langs[k + 1 :]
    ]  # fmt: skip
    return AlignmentJson(
        model=name, pivot=langs[0], pairs=pairs,
        languages=[
            {"lang": lang, "centred": centred, "mean": 0.48, "max": 0.8} for centred in (False, True) for lang in langs[1:]
        ],
    )  # fmt: skip


def _knock_out(name: str, langs: Sequence[str]) -> KnockOutJson:
    """A language's set raises its own loss by 0.3, of others by 0.05 (lowers English by 0.02); a random one by 0.1."""
    own = [
        KnockOutCellJson(
            of=of, random=0, size=5, text=text, increase=0.3 if of == text else -0.02 if text == "en" else 0.05, low=None,
            high=None,
        )
        for of in langs
        for text in langs
    ]  # fmt: skip
    random = [
        KnockOutCellJson(of=of, random=k, size=5, text=of, increase=0.05 * k, low=None, high=None)
        for of in langs
        for k in (1, 2, 3)
    ]
    return KnockOutJson(
        model=name, n_sentences=20, perplexity=dict.fromkeys(langs, 12.5), cells=own + random,
        languages=[
            {
                "lang": lang, "size": 5, "own": 0.3, "others": 0.04, "random_own": [0.05, 0.1, 0.15],
                "specific": [0.26, 0.2, 0.32], "over_random": [0.2, -0.01, 0.4],
                "over_other_sets": [0.25, 0.15, 0.35],
            }
            for lang in langs
        ],
    )  # fmt: skip
