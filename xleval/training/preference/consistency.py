"""CM-Align's pairs: of a prompt's completions, the nearest to and the farthest from the model's own English answer."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from xleval.training.preference.pairs import TextPairs
from xleval.training.sets.records import PromptRow

#: Texts -> (texts, dimensions), rows of length 1.
Embed = Callable[[Sequence[str]], Tensor]
ENGLISH = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePairs:
    """Pairs, and the prompts without one by reason."""

    texts: tuple[TextPairs, ...]
    without: Mapping[str, int]


def medoid(embeddings: Tensor) -> int:
    """Return the place of the row with the highest mean cosine to the other rows; the first of equal ones.

    Args:
        embeddings: (rows, dimensions), rows of length 1.
    """
    if len(embeddings) == 1:
        return 0
    similarities = embeddings @ embeddings.T
    others = similarities.sum(-1) - similarities.diagonal()
    return int((others / (len(embeddings) - 1)).argmax())


def farthest_pair(embeddings: Tensor, reference: Tensor) -> tuple[int, int]:
    """Return the places of the rows nearest to and farthest from a reference by cosine; the first of equal ones."""
    similarities = embeddings @ reference
    return int(similarities.argmax()), int(similarities.argmin())


def consistency_pairs(
    rows: Sequence[PromptRow], completions: Mapping[tuple[str, str], Sequence[str]], embed: Embed
) -> MadePairs:
    """Return for each prompt but the English ones the completions nearest to and farthest from the English reference.

    The reference is the medoid of the English completions: the answer that the model gives most consistently. Right
    answers are not looked at. Completions without a visible character are no candidates; a prompt is left out, and
    counted, where the item has no English completion (`no_english`), it has fewer than two completions (`too_few`), or
    both are the same text (`equal`).

    Source: PolyFact's CM-Align (`train_wikifact_cmalign_dpo.py`, read 2026-11-21), after Zhang et al. 2025 (arXiv
    2509.08541). Deviation: empty completions there can be rejected ones.

    Args:
        rows: prompts; those of an item share its id.
        completions: by item and language, as they were sampled.
        embed: of the completions, stripped.
    """
    candidates = {key: [text for text in texts if text.strip()] for key, texts in completions.items()}
    texts = list(dict.fromkeys(text.strip() for some in candidates.values() for text in some))
    place = {text: number for number, text in enumerate(texts)}
    vectors = embed(texts) if texts else None
    found: list[TextPairs] = []
    without: Counter[str] = Counter()
    for row in rows:
        if row.lang == ENGLISH:
            continue
        english, own = candidates.get((row.item_id, ENGLISH), []), candidates.get((row.item_id, row.lang), [])
        if vectors is None or not english:
            without["no_english"] += 1
            continue
        if len(own) < 2:
            without["too_few"] += 1
            continue
        pivots = vectors[[place[text.strip()] for text in english]]
        near, far = farthest_pair(vectors[[place[text.strip()] for text in own]], pivots[medoid(pivots)])
        if own[near].strip() == own[far].strip():
            without["equal"] += 1
            continue
        found.append(
            TextPairs(
                item_id=row.item_id,
                directions=(row.lang,),
                prompts=(row.prompt,),
                chosen=(own[near],),
                rejected=(own[far],),
            )
        )
    return MadePairs(texts=tuple(found), without=dict(without))
