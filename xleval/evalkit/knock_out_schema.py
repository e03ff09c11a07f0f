"""The shape of the knock-out check in `probe.json`: what zeroing heads or neurons does to the text of every language.

Languages are codes. Rises are in nats per token; intervals are over held-out sentences. None where there is no figure.
"""

from typing import NotRequired, TypedDict


class KnockOutCellJson(TypedDict):
    """What a set of heads or neurons does to the text of a language when it is zeroed.

    Attributes:
        of: language whose set it is; of a random set, the language whose set has its size.
        random: 0 of the language's own set, else the number of the random one.
        size: heads or neurons that were zeroed.
        text: language of the sentences.
        increase: mean rise of the negative log-probability per token, in nats: log of the ratio of perplexities.
        low, high: 95 % over sentences.
    """

    of: str
    random: int
    size: int
    text: str
    increase: float
    low: float | None
    high: float | None


class KnockOutLanguageJson(TypedDict):
    """The check of one language.

    Attributes:
        own: rise on the language's own text.
        others: mean rise on the other languages' texts.
        random_own: rises of the random sets of the same size on the language's own text.
        specific: own - others with its 95 % interval over sentences, [d, low, high]; None of an empty set.
        over_random: the same of own - the mean of these random sets; the interval leaves out that others could be drawn.
        over_other_sets: the same of own - the mean rise that the other languages' sets cause on this text. Unlike
            `specific` it is not above 0 only because the language's text suffers from whatever is zeroed.
    """

    lang: str
    size: int
    own: float
    others: float | None
    random_own: list[float]
    specific: list[float | None]
    over_random: list[float | None]
    over_other_sets: NotRequired[list[float | None]]


class KnockOutJson(TypedDict):
    """The knock-out check of one model, on sentences that the sets were not chosen by.

    Attributes:
        n_sentences: held-out sentences of each language.
        perplexity: of the whole model, by language, per token.
    """

    model: str
    n_sentences: int
    perplexity: dict[str, float]
    languages: list[KnockOutLanguageJson]
    cells: list[KnockOutCellJson]
