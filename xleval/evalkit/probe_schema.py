"""The shape of `probe.json`, which `xleval probe` writes and the report draws: `xleval.probe/1`.

Languages are codes, in the order of `langs` everywhere. Layers are numbered from 0; in alignment, layer 0 is the output of
the embeddings and layer l the output of the l-th block. Shares are fractions in [0, 1]. None where nothing stands behind a
figure, never 0. A unit is what the bootstrap draws: a sentence with its translations, or a block of consecutive ones.
"""

from typing import Literal, NotRequired, TypedDict

from xleval.evalkit.knock_out_schema import KnockOutCellJson as KnockOutCellJson
from xleval.evalkit.knock_out_schema import KnockOutJson as KnockOutJson
from xleval.evalkit.knock_out_schema import KnockOutLanguageJson as KnockOutLanguageJson

SCHEMA = "xleval.probe/1"
PROBE = "probe.json"

Kind = Literal["neurons", "heads", "alignment"]
#: `first` is --model, `second` is --against.
Arm = Literal["first", "second"]
Matrix = list[list[float | None]]


class RefusalJson(TypedDict):
    """A sentence that the figures do not carry, with the reason; `letter` is of docs/claims.md."""

    letter: str
    claim: str
    reason: str


class ProbedModelJson(TypedDict):
    """A checkpoint that was looked into.

    Attributes:
        name: as results call it; unique in the file.
        arm: which side of the comparison; several models of one arm are its training seeds.
        n_heads: query heads of each layer.
        n_neurons: MLP neurons of each layer.
    """

    name: str
    sha256: str
    arm: Arm
    n_layers: int
    n_heads: int
    n_neurons: int


class TextJson(TypedDict):
    """The parallel text: a sentence is one in every language.

    Attributes:
        n_tokens: tokens by language, of the first model's tokenizer, without the one that begins a text; sentences kept for
            the knock-out check are included.
        n_cut: sentences longer than the limit, by language: their rest was not read.
    """

    source: str
    sha256: str
    n_sentences: int
    n_tokens: dict[str, int]
    n_cut: dict[str, int]


class FigureJson(TypedDict):
    """A summary figure of one model with the 95 % interval over units; `low` and `high` None where there is none."""

    model: str
    name: str
    value: float
    low: float | None
    high: float | None


class ChangeJson(TypedDict):
    """What a figure is in the second arm, less what it is in the first.

    Attributes:
        first, second: means over the models of each arm.
        low, high: 95 %; None where there is no interval.
        over_seeds: the interval carries the spread of training seeds; where False, it is over units and speaks of these
            checkpoints only.
        method: how the interval was made, in words.
    """

    name: str
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    over_seeds: bool
    method: str


class LanguageNeuronsJson(TypedDict):
    """A language's neurons in one model: how many, and how many in each layer."""

    lang: str
    n: int
    layers: list[int]


class NeuronsJson(TypedDict):
    """Language-specific neurons of one model (LAPE).

    Attributes:
        n_selected: neurons of the lowest entropy that passed the filter; one can be a neuron of several languages
            under `original`, of exactly one under `published`.
        n_silent: neurons that never fired, which have no entropy and are never selected.
        activation_bar: probability of firing from which a neuron belongs to a language; None under `published`.
        entropy: of the selected neuron of the greatest entropy, in nats.
        entropy_by_layer: mean over the neurons of each layer, divided by log K: 1 is the same in all K languages.
        overlap: shared neurons of two languages / those of the smaller set.
    """

    model: str
    n_selected: int
    n_silent: NotRequired[int]
    activation_bar: float | None
    entropy: float
    entropy_by_layer: list[float]
    languages: list[LanguageNeuronsJson]
    overlap: Matrix


class HeadJson(TypedDict):
    """One attention head and its importance."""

    layer: int
    head: int
    score: float


class LanguageHeadsJson(TypedDict):
    """A language's most important heads in one model.

    Attributes:
        layers: share of them in each layer; sums to 1.
        heads: the heads, the most important first.
    """

    lang: str
    layers: list[float]
    heads: list[HeadJson]


class HeadsJson(TypedDict):
    """Head importance of one model (LAHIS).

    Attributes:
        n_top: heads of each language.
        overlap: heads among the top of two languages / n_top.
        mean_overlap: mean of the matrix off its diagonal; chance is n_top / (layers x heads).
        shared: heads among the top of every language.
        scores: importance of every head: language -> layer -> head.
    """

    model: str
    n_top: int
    overlap: Matrix
    mean_overlap: float | None
    chance_overlap: float
    shared: list[list[int]]
    languages: list[LanguageHeadsJson]
    scores: dict[str, list[list[float]]]


class PairAlignmentJson(TypedDict):
    """Alignment of two languages, by layer.

    Attributes:
        mexa: share of sentences whose translation is nearer than every other sentence, both ways.
        retrieval, retrieval_back: share whose nearest sentence in the other language is the translation: from `first`
            to `second`, and back.
        similarity, dissimilarity: mean cosine of translations, and of sentences that are none.
    """

    first: str
    second: str
    centred: bool
    mexa: list[float]
    retrieval: list[float]
    retrieval_back: list[float]
    similarity: list[float]
    dissimilarity: list[float]


class LanguageAlignmentJson(TypedDict):
    """MEXA of a language with the pivot: mean and maximum over layers, as the paper pools them."""

    lang: str
    centred: bool
    mean: float
    max: float


class AlignmentJson(TypedDict):
    """Alignment of one model (MEXA)."""

    model: str
    pivot: str
    pairs: list[PairAlignmentJson]
    languages: list[LanguageAlignmentJson]


class ProbeJson(TypedDict):
    """What `xleval probe` found.

    Attributes:
        settings: options that change figures.
        units: what an interval is over, with the number: "50 blocks of 4 consecutive sentences".
        figures: summary figures of every model.
        changes: of the second arm against the first; empty without --against.
        refused: sentences that must not be said of this.
        notes: what was decided on the way, a sentence each.
    """

    schema: str
    xleval: str
    kind: Kind
    langs: list[str]
    settings: dict[str, object]
    models: list[ProbedModelJson]
    text: TextJson
    units: str
    figures: list[FigureJson]
    changes: list[ChangeJson]
    refused: list[RefusalJson]
    notes: list[str]
    neurons: NotRequired[list[NeuronsJson]]
    heads: NotRequired[list[HeadsJson]]
    alignment: NotRequired[list[AlignmentJson]]
    knock_out: NotRequired[list[KnockOutJson]]
