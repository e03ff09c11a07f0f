"""What is known about a set: counts, funnel, guessers, labels, wording; the body of `build.json` and of the card."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from xleval.data.parallel import in_parallel
from xleval.polyfact import dataset, filters
from xleval.polyfact.baselines import above_tolerance, baselines
from xleval.polyfact.candidates import count_reasons
from xleval.polyfact.make import WORTH_PROCESSES, MadeSet, MakeConfig
from xleval.polyfact.records import Item
from xleval.polyfact.relations import get_relation
from xleval.polyfact.splits import SPLITS

#: A relation is out of the headline mean when the leak guard takes more than this share of it, or one answer has more
#: than this share of what is left (D16).
LARGEST_SHARE = 0.40
#: … and when a smaller share of its subjects has one value (D17, class 29).
MIN_SINGLE_SHARE = 0.95


def describe(
    made: MadeSet, config: MakeConfig, source: Mapping[str, str], uncovered: Mapping[str, int]
) -> dict[str, Any]:
    """Return the description of a set as JSON values; no times, so that sets compare.

    Args:
        made: the set, with at least one item.
        config: what it was made with.
        source: `Source.description`.
        uncovered: `Source.uncovered`.
    """
    languages = config.languages
    reasons = count_reasons(made.rejects)
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in made.items:
        groups[item.fact.relation_pid].append(item)

    def guess(lang: str) -> tuple[dict[str, float], dict[str, float]]:
        by_split = {split: dataset.shown(made, lang, split) for split in SPLITS}
        rows = [row for found in by_split.values() for row in found]
        tested = baselines(by_split["test"], counted=by_split["train"]) if by_split["test"] else {}
        return (baselines(rows) if rows else {}), tested

    guessed = dict(
        zip(languages, in_parallel(guess, languages, size=len(made.items), worth=WORTH_PROCESSES), strict=True)
    )
    scores = {lang: overall for lang, (overall, _) in guessed.items() if overall}
    on_test = {lang: tested for lang, (_, tested) in guessed.items() if tested}
    return {
        "source": dict(source),
        "languages": list(languages),
        "min_langs": config.min_langs,
        "facts": _split_sizes(made.items),
        "facts_by_language": {lang: sum(lang in item.order for item in made.items) for lang in languages},
        "uncovered": {pid: uncovered.get(pid, 0) for pid in config.relations},
        "candidates": sum(made.counts.values()),
        "rejected": {
            reason: sum(n for (_, found), n in reasons.items() if found == reason) for reason in filters.REASONS
        },
        "relations": {pid: _relation_row(pid, groups[pid], made, reasons) for pid in config.relations},
        "kept_by_popularity": _kept_by_popularity(made),
        "baselines": {lang: _rounded(row) for lang, row in scores.items()},
        "baselines_test": {lang: _rounded(row) for lang, row in on_test.items()},
        "baselines_above_tolerance": above_tolerance(scores),
        "name_baseline": made.name_baseline,
        "object_overlap": _object_overlap(made.items),
        "genders": dict(sorted(Counter(made.entities[item.fact.subject_qid].gender for item in made.items).items())),
        "labels": _label_counts(made, languages),
        "templates": _template_counts(made, languages),
    }


def _relation_row(
    pid: str, group: Sequence[Item], made: MadeSet, reasons: Mapping[tuple[str, str], int]
) -> dict[str, Any]:
    """Return what became of one relation's candidates; `leak_loss` is a share of those that reached the leak guard."""

    def dropped(*names: str) -> int:
        return sum(reasons.get((pid, name), 0) for name in names)

    relation = get_relation(pid)
    golds = Counter(item.fact.object_qid for item in group)
    leaks = dropped("gold_in_question", "gold_stem_in_subject")
    reached_guard = leaks + len(group) + dropped("recent", "size", "answer_cap", "small_pool", "no_distractors")
    loss = leaks / reached_guard if reached_guard else 0.0
    top = max(golds.values()) / len(group) if group else None
    single = made.single_share[pid]
    against = [
        text
        for holds, text in (
            (not group, "no facts"),
            (top is not None and top > LARGEST_SHARE, "one answer has too large a share"),
            (loss > LARGEST_SHARE, "too many facts leak"),
            (single is not None and single < MIN_SINGLE_SHARE, "too many subjects have several values"),
            (not relation.complete, "Wikidata's list is not complete"),
        )
        if holds
    ]
    return {
        "name": relation.name,
        "candidates": made.counts[pid],
        "rejected": {reason: dropped(reason) for reason in filters.REASONS if dropped(reason)},
        "facts": _split_sizes(group),
        "answers": len(golds),
        "top_answer_share": None if top is None else round(top, 4),
        "single_value_share": None if single is None else round(single, 4),
        "leak_loss": round(loss, 4),
        "headline": not against,
        "out_of_headline": against,
    }


def _object_overlap(items: Sequence[Item]) -> dict[str, float | None]:
    """Return, for each test, the share of its facts whose answer is gold in the same relation in train."""
    trained = {(item.fact.relation_pid, item.fact.object_qid) for item in items if item.split == "train"}
    found: dict[str, float | None] = {}
    for split in SPLITS[1:]:
        golds = [(item.fact.relation_pid, item.fact.object_qid) for item in items if item.split == split]
        found[split] = round(sum(gold in trained for gold in golds) / len(golds), 4) if golds else None
    return found


def _kept_by_popularity(made: MadeSet) -> dict[str, dict[str, int]]:
    """Return candidates with one value and facts kept, by pages about the subject in powers of two (`8` is 8 to 15)."""
    kept = Counter(made.entities[item.fact.subject_qid].n_sitelinks.bit_length() for item in made.items)
    return {
        str(2 ** (bits - 1) if bits else 0): {"candidates": made.strata[bits], "kept": kept[bits]}
        for bits in sorted(made.strata)
    }


def _split_sizes(items: Sequence[Item]) -> dict[str, int]:
    counts = Counter(item.split for item in items)
    return {split: counts[split] for split in SPLITS} | {"all": len(items)}


def _rounded(scores: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in scores.items()}


def _label_counts(made: MadeSet, languages: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return, for each language, how many of the set's names come from which source, and the share equal to English."""
    counts: dict[str, dict[str, Any]] = {}
    for lang in languages:
        qids = sorted(
            {qid for item in made.items if lang in item.order for qid in (item.fact.subject_qid, *item.option_qids)}
        )
        labels = {qid: made.entities[qid].labels[lang] for qid in qids}
        row: dict[str, Any] = {
            "names": len(labels),
            "sources": dict(sorted(Counter(label.source for label in labels.values()).items())),
            "tiers": dict(sorted(Counter(label.tier for label in labels.values()).items())),
        }
        both = {qid: label for qid, label in labels.items() if "en" in made.entities[qid].labels}
        if "en" in languages and both:
            same = sum(made.entities[qid].labels["en"].text == label.text for qid, label in both.items())
            row["identical_to_english"] = round(same / len(both), 4)
        counts[lang] = row
    return counts


def _template_counts(made: MadeSet, languages: Sequence[str]) -> dict[str, Any]:
    """Return how many wordings the set uses, who wrote them, and how many a named person reviewed (D14)."""
    keys = {(item.fact.relation_pid, item.subject_kind, item.template_letter): item for item in made.items}
    used = [made.template(item, lang) for item in keys.values() for lang in languages]
    return {
        "wordings": len(used),
        "written_by": dict(sorted(Counter(template.written_by for template in used).items())),
        "reviewed": {
            lang: sum(bool(template.reviewed_by) for template in used if template.lang == lang) for lang in languages
        },
    }
