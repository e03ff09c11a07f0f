"""A probe in words: what was measured and how, what its figures are called, and what an interval speaks of."""

import re
from collections.abc import Mapping

from xleval.evalkit.probe_schema import Kind, ProbeJson
from xleval.evalkit.results_schema import EstimateJson

#: Title of a kind of probe.
TITLES: Mapping[Kind, str] = {
    "neurons": "Neurons of a language (LAPE)", "heads": "Heads of a language (LAHIS)",
    "alignment": "Alignment of languages (MEXA)",
}  # fmt: skip

_FIGURES: Mapping[tuple[Kind, str], str] = {
    ("neurons", "entropy"): "Mean entropy of all neurons over languages, of the largest possible",
    ("neurons", "specific"): "Neurons as specific as those selected in the first model, of all",
    ("neurons", "overlap"): "Neurons that two languages share, mean over pairs",
    ("neurons", "entropy_of_specific"): "Entropy of language neurons on text they were not chosen by, of the largest possible",
    ("heads", "overlap"): "Top heads that two languages share, mean over pairs",
    ("heads", "entropy"): "Mean entropy of head importance over languages, of the largest possible",
    ("heads", "correlation"): "Rank correlation of head importance of two languages, mean over pairs",
    ("alignment", "mexa_pivot"): "MEXA with the pivot, mean over layers and languages",
    ("alignment", "mexa_pivot_max"): "MEXA with the pivot, best layer, mean over languages",
    ("alignment", "retrieval_x_y"): "Retrieval of two languages other than the pivot, middle layer, both ways",
}  # fmt: skip
_WITH_PIVOT = re.compile(r"retrieval_.+_x")
_CENTRED = "_centred"
#: What rounding leaves of a difference of 0.
_NOTHING = 1e-9


def figure_words(kind: Kind, name: str) -> str:
    """Return what a summary figure is, in words; the name itself where it is not known."""
    plain = name.removesuffix(_CENTRED)
    with_pivot = kind == "alignment" and _WITH_PIVOT.fullmatch(plain)
    words = "Retrieval with the pivot, middle layer, both ways" if with_pivot else plain
    words = _FIGURES.get((kind, plain), words)
    return f"{words}, centred" if name.endswith(_CENTRED) else words


def method_words(probe: ProbeJson) -> list[str]:
    """Return sentences on what was measured and how, for readers who know the method by no name."""
    kind, settings = probe["kind"], probe["settings"]
    if kind == "neurons":
        return _neuron_words(settings)
    return _head_words(settings) if kind == "heads" else _alignment_words(settings)


def _neuron_words(settings: Mapping[str, object]) -> list[str]:
    share = _per_cent(settings.get("top_neurons"))
    found = [
        "A neuron fires where its gate (or, in a plain MLP, its activation) is above 0. Its firing probabilities in the "
        "languages, divided by their sum, have an entropy: low where it fires mostly in few languages.",
        f"The neurons of the lowest entropy, {share} of all, are selected: how many that are is by construction, which they "
        "are and where they sit is not.",
    ]
    if settings.get("variant") == "published":
        found.append(
            "Variant published (as the PolyFact study ran it): no filter by activation, and each neuron belongs to the one "
            "language in which it fires most often. Languages share no neurons, by construction."
        )
    else:
        quantile = _per_cent(settings.get("filter_rate"))
        found.append(
            f"Variant original (LAPE's own): only neurons that in some language fire more often than {quantile} of all firing "
            "probabilities, and each belongs to every language in which it does."
        )
    return found


def _head_words(settings: Mapping[str, object]) -> list[str]:
    share = _per_cent(settings.get("top_heads"))
    found = [
        "The output of every attention head is multiplied by a mask of 1; the gradient of the loss by the mask says how much "
        "a head matters to a sentence. Importance is the mean size of gradient times mask, times the share of sentences in "
        "which it is negative: in which the loss would rise if the head were weaker.",
        f"The {share} of heads of the greatest importance are a language's top heads: how many is by construction.",
    ]
    if settings.get("head_mask") == "trained":
        found.append("Mask trained (as the paper does): it is updated after every sentence, so their order matters.")
    else:
        found.append("Mask fixed at 1: every sentence meets the same model, and their order does not matter.")
    return found


def _alignment_words(settings: Mapping[str, object]) -> list[str]:
    pooling = {
        "weighted": "the mean of its token states, weighted by position (MEXA)", "last": "the state of its last token (MEXA)",
        "mean": "the mean of its token states",
    }  # fmt: skip
    how = pooling.get(str(settings.get("pooling")), str(settings.get("pooling")))
    return [
        f"A sentence is {how}, at every layer; layer 0 is the output of the embeddings. MEXA is the share of sentences whose "
        "cosine with their translation is greater than with every other sentence, both ways; ties do not count.",
        "Raw states of all sentences point in similar directions; centred ones, less the mean of their language at the "
        "layer, do not. The paper's figures are raw. Both fall with the number of sentences to choose among, so only figures "
        "over the same sentences compare.",
    ]


def interval_words(probe: ProbeJson) -> str:
    """Return what the intervals and changes of a probe speak of: checkpoints, or training seeds."""
    changes, units = probe["changes"], probe["units"]
    if not changes:
        return f"Intervals are over {units} and speak of these checkpoints on such text, not of other trainings."
    if all(change["low"] is None for change in changes):
        return "The changes have no interval: there is nothing to resample."
    if all(change["over_seeds"] for change in changes):
        return f"Intervals of changes carry the spread of training seeds and of {units}."
    return (
        f"The changes speak of these checkpoints: intervals are over {units}, not over training seeds. Another training with "
        "the same recipe may differ by more."
    )


def knock_out_words(probe: ProbeJson) -> str:
    """Return what the knock-out check did, or that there is none."""
    kind = probe["kind"]
    if not probe.get("knock_out"):
        return f"Not run: whether these {kind} matter to the languages that they are named after is not known."
    return (
        f"Each language's set of {kind} is zeroed, and sentences that the sets were not chosen by are read in the languages. A "
        "set is a language's own where its own text suffers more than the others', more than from the others' sets, and more than "
        "from random sets, as large in every layer; where it does not, the check does not bear out its name."
    )


def text_words(probe: ProbeJson) -> str:
    """Return what text was read: how many sentences, from where, with the fewest and most tokens of a language."""
    text = probe["text"]
    tokens = text["n_tokens"]
    said = f"{text['n_sentences']} sentences, the same in {len(probe['langs'])} languages, from {text['source']}"
    if tokens:
        least, most = min(tokens, key=lambda lang: tokens[lang]), max(tokens, key=lambda lang: tokens[lang])
        alike = tokens[least] == tokens[most]
        said += (
            f"; {tokens[least]} " + ("" if alike else f"({least}) to {tokens[most]} ({most}) ") + "tokens a language"
        )
    cut = {lang: n for lang, n in text["n_cut"].items() if n}
    if cut:
        said += f". Sentences cut at the limit of tokens: {', '.join(f'{n} ({lang})' for lang, n in cut.items())}"
    return f"{said}."


def model_words(probe: ProbeJson) -> str:
    """Return the models of each arm, with the size of what was looked into."""
    arms = {
        arm: ", ".join(model["name"] for model in probe["models"] if model["arm"] == arm) for arm in ("first", "second")
    }
    one = probe["models"][0]
    size = f"{one['n_layers']} layers of {one['n_heads']} query heads and {one['n_neurons']} MLP neurons"
    second = f"; against it {arms['second']}" if arms["second"] else ""
    return f"{arms['first']}{second}: {size}."


def leaves_out_zero(low: float | None, high: float | None) -> bool:
    """Return whether an interval is on one side of 0; one that rounding has moved off 0 is not."""
    return low is not None and high is not None and (low > _NOTHING or high < -_NOTHING)


def estimate(value: float, low: float | None, high: float | None, probe: ProbeJson) -> EstimateJson:
    """Return a figure with its interval as tables show it."""
    return EstimateJson(value=value, low=low, high=high, n=probe["text"]["n_sentences"], method=probe["units"])


def _per_cent(share: object) -> str:
    return f"{100 * share:g} %" if isinstance(share, int | float) else "some"
