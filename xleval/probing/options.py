"""What a probe may be told; everything here changes figures and stands in `settings` of probe.json."""

from dataclasses import dataclass
from typing import Literal

from xleval.errors import ConfigError

LapeVariant = Literal["original", "published"]
MaskVariant = Literal["fixed", "trained"]
Pooling = Literal["weighted", "last", "mean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOptions:
    """Options of the three probes.

    Attributes:
        variant: LAPE of its paper (`original`: neurons must fire often enough in some language, and belong to each in
            which they do), or as the PolyFact study ran it (`published`: no such filter, each neuron to one language).
        top_neurons: share of all neurons that are selected, those of the lowest entropy.
        filter_rate: quantile of all firing probabilities that a neuron must exceed in some language (`original`).
        head_mask: LAHIS with the mask left at 1 (`fixed`: every sentence is seen by the same model, so the order and the
            batches do not matter), or updated by AdamW after every sentence (`trained`, as its paper does).
        top_heads: share of all heads that are a language's; at least one.
        pooling: of token states to a sentence: weighted by position or the last token (both of MEXA's paper), or mean.
        pivot: language that MEXA compares the others with.
        blocks: of consecutive sentences, which the bootstrap of neurons draws; counts are kept for each.
        max_tokens: a sentence is read up to here.
        batch_tokens: of a batch, padding included; None for 256 on a CPU and 16,384 on a GPU.
        knock_out: sentences that are left out of the measurement, for the check; 0 for no check.
        random_sets: random sets beside every language's own in the check.
        resamples: of the bootstrap.
        seed: of the bootstrap and of random sets.
    """

    variant: LapeVariant = "original"
    top_neurons: float = 0.01
    filter_rate: float = 0.95
    head_mask: MaskVariant = "fixed"
    top_heads: float = 0.02
    pooling: Pooling = "weighted"
    pivot: str = "en"
    blocks: int = 50
    max_tokens: int = 512
    batch_tokens: int | None = None
    knock_out: int = 20
    random_sets: int = 3
    resamples: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a share that is none, not a number among them: a folder could not say what it is of.

        Raises:
            ConfigError: `top_neurons` or `top_heads` outside (0, 1].
        """
        for name in ("top_neurons", "top_heads"):
            if not 0 < (value := getattr(self, name)) <= 1:
                raise ConfigError(f"{name} {value} is no share; give a number above 0, 1 at most, with --top")
