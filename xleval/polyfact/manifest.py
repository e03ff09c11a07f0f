"""What is known about a set: counts, funnel, guessers, labels, wording; the body of `build.json` and of the card."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from xleval.polyfact import dataset, filters
from xleval.polyfact.baselines import above_tolerance, baselines
from xleval.polyfact.dataset import MadeSet
from xleval.polyfact.records import Item
from xleval.polyfact.relations import get_relation
from xleval.polyfact.splits import SPLITS

#: A relation is out of the headline mean when the leak guard takes more than this share of it, or one answer has more
#: than this share of what is left (D16).
LARGEST_SHARE = 0.40


def describe(
    made: MadeSet, languages: Sequence[str], relations: Sequence[str], source: Mapping[str, str]
) -> dict[str, Any]:
    """Return the description of a set as JSON values; no times, so that sets compare.

    Args:
        made: the set, with at least one item.
        languages: codes.
        relations: P-ids, those without a fact too.
        source: `Source.description`.
    """
    reasons = Counter((reject.fact_id.split("|")[1], reject.reason) for reject in made.rejects)
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in made.items:
        groups[item.fact.relation_pid].append(item)
    shown = {lang: dataset.shown(made, lang) for lang in languages}
    scores = {lang: baselines(rows) for lang, rows in shown.items()}
    places = {split: [index for index, item in enumerate(made.items) if item.split == split] for split in SPLITS}
    on_test = {
        lang: baselines([rows[index] for index in places["test"]], counted=[rows[index] for index in places["train"]])
        for lang, rows in shown.items()
        if places["test"]
    }
    return {
        "source": dict(source),
        "languages": list(languages),
        "facts": _split_sizes(made.items),
        "candidates": sum(made.candidates.values()),
        "rejected": {
            reason: sum(n for (_, found), n in reasons.items() if found == reason) for reason in filters.REASONS
        },
        "relations": {pid: _relation_row(pid, groups[pid], made.candidates[pid], reasons) for pid in relations},
        "baselines": {lang: _rounded(row) for lang, row in scores.items()},
        "baselines_test": {lang: _rounded(row) for lang, row in on_test.items()},
        "baselines_above_tolerance": above_tolerance(scores),
        "labels": dataset.label_counts(made, languages),
        "templates": dataset.template_counts(made, languages),
    }


def _relation_row(
    pid: str, group: Sequence[Item], n_candidates: int, reasons: Mapping[tuple[str, str], int]
) -> dict[str, Any]:
    """Return what became of one relation's candidates; `leak_loss` is a share of those that reached the leak guard."""

    def dropped(*names: str) -> int:
        return sum(reasons.get((pid, name), 0) for name in names)

    golds = Counter(item.fact.object_qid for item in group)
    leaks = dropped("gold_in_question", "gold_stem_in_subject")
    reached_guard = leaks + len(group) + dropped("size", "answer_cap", "small_pool", "no_distractors")
    loss = leaks / reached_guard if reached_guard else 0.0
    top = max(golds.values()) / len(group) if group else None
    return {
        "name": get_relation(pid).name,
        "candidates": n_candidates,
        "rejected": {reason: dropped(reason) for reason in filters.REASONS if dropped(reason)},
        "facts": _split_sizes(group),
        "answers": len(golds),
        "top_answer_share": None if top is None else round(top, 4),
        "leak_loss": round(loss, 4),
        "headline": top is not None and max(top, loss) <= LARGEST_SHARE,
    }


def _split_sizes(items: Sequence[Item]) -> dict[str, int]:
    return {split: sum(item.split == split for item in items) for split in SPLITS} | {"all": len(items)}


def _rounded(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in scores.items()}
