"""Figures of results as sentences for people: what stands under a task's table on a terminal, and in the report.

Results of older versions lack the keys that were added since; what is read with `get` is such a key.
"""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

from xleval.data.plurals import counted, every
from xleval.evalkit.results_schema import (
    ConsistencyJson,
    EstimateJson,
    PairMeansJson,
    Results,
    TaskResult,
    TransferJson,
)


def percent(value: float | None) -> str:
    """Return a fraction as per cent with one decimal, halves away from zero (245 of 400 is 61.3); a dash without a value."""
    return "–" if value is None else in_hundredths(value)


def in_hundredths(value: float, digits: int = 1, sign: bool = False) -> str:
    """Return 100 times a fraction, rounded as it is written: a binary fraction such as 0.6125 lies beside its half."""
    number = Decimal(repr(float(value))).scaleb(2).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    number = abs(number) if number == 0 else number
    return f"{number:+f}" if sign else f"{number:f}"


def with_interval(estimate: EstimateJson | None) -> str:
    """Return an estimate as `44.8 [41.9, 47.6]` in per cent; without brackets where it has no interval."""
    if estimate is None or estimate["low"] is None or estimate["high"] is None:
        return percent(estimate["value"] if estimate else None)
    return f"{percent(estimate['value'])} [{percent(estimate['low'])}, {percent(estimate['high'])}]"


def weighted_lines(result: TaskResult) -> list[str]:
    """Return the sentence on a weighted accuracy, such as DW-ACC; none where the task has no weights."""
    weighted = result["weighted"]
    if weighted is None:
        return []
    rows = ", ".join(f"{lang} {percent(each['value'] if each else None)}" for lang, each in weighted["rows"].items())
    if weighted["mean"] is None:
        needed = ", ".join(weighted["weights"])
        return [
            f"{weighted['name']}: needs scored items of every {weighted['key']} ({needed}) in every language; {rows}"
        ]
    return [f"{weighted['name']} {with_interval(weighted['mean'])} ({rows})"]


def position_lines(result: TaskResult) -> list[str]:
    """Return the sentence on the places of shown options; none where they were asked in one order."""
    parts = []
    for row in result["rows"]:
        if row["positions"]:
            chosen = "/".join(f"{100 * share:.0f}" for share in row["positions"]["chosen"])
            parts.append(f"{row['lang']} {chosen}, {percent(row['positions']['changed'])} % change")
    return (
        [f"option chosen by its place, %, over all rotations; items whose choice changes: {'; '.join(parts)}"]
        if parts
        else []
    )


def path_lines(result: TaskResult) -> list[str]:
    """Return the sentence on how answers were found, over all languages; none for a choice."""
    counts: Counter[str] = Counter()
    for row in result["rows"]:
        counts.update(row["extraction_paths"])
    total = counts.total()
    if not total:
        return []
    return ["answers found by: " + ", ".join(f"{path} {percent(n / total)} %" for path, n in counts.most_common())]


def second_opinion_lines(result: TaskResult) -> list[str]:
    """Return the sentence on what the second detector says; none where it did not look."""
    parts = []
    for row in result["rows"]:
        written = row["language_consistency"]
        second = written.get("second_opinion") if written else None
        if second:
            parts.append(f"{row['lang']} {percent(second['headline'])} (first {percent(second['first'])})")
    return [f"second detector (py3langid): words in language {', '.join(parts)}"] if parts else []


def mean_over_tasks_lines(results: Results) -> list[str]:
    """Return the sentences on the mean over tasks; none where fewer than two are counted."""
    mean = results["mean_over_tasks"]
    if mean is None:
        return []
    rows = ", ".join(f"{lang} {percent(value)}" for lang, value in mean["rows"].items())
    whole = f"{with_interval(mean['accuracy'])} " if mean["accuracy"] else ""
    lines = [f"mean accuracy over {', '.join(mean['tasks'])}: {whole}({rows})"]
    return lines + [f"not in it: {task}, {reason}" for task, reason in mean["left_out"].items()]


def consistency_lines(block: ConsistencyJson) -> list[str]:
    """Return the sentences on consistency; total consistency never stands without accuracy on the same items."""
    total, lines = block["total"], []
    if total["estimate"] is None:
        lines.append("total consistency: no item is scored in all of these languages")
    else:
        lines.append(
            f"right in {every(len(block['languages']), 'language')} (total consistency): {with_interval(total['estimate'])} "
            f"of {counted(total['n_items'], 'item')}, at mean accuracy {percent(total['accuracy'])}, worst language "
            f"{percent(total['minimum'])}, product of accuracies {percent(total['product'])}"
        )
    rankc, agreement = block["rankc"], block["agreement"]
    if rankc:
        lines.append(
            f"RankC over all pairs: {with_interval(rankc['pairs']['mean'])}, chance {percent(rankc['chance'])}, "
            f"rescaled so that chance is 0: {percent(rankc['above_chance'])}, on items that are wrong in both languages: "
            f"{percent(rankc['both_wrong'])}"
        )
    if agreement:
        lines.append(
            f"same answer in two languages: {with_interval(agreement['pairs']['mean'])}, of which right "
            f"{percent(agreement['right'])} and wrong {percent(agreement['wrong'])}"
            + ("" if agreement["kappa"] is None else f"; Cohen's kappa {agreement['kappa']:.2f}")
        )
    if block["overlap"]["mean"]:
        lines.append(f"overlap of what is right in two languages (Jaccard): {with_interval(block['overlap']['mean'])}")
    lines += [_pair_means_line(means) for means in block.get("means", [])[1:]]
    by_relation = block.get("by_relation")
    if by_relation and by_relation["mean"]:
        lines.append(
            f"overlap with English by relation (CLC), mean of {counted(len(by_relation['by_relation']), 'relation')}: "
            f"{with_interval(by_relation['mean'])}"
        )
    return lines


def _pair_means_line(means: PairMeansJson) -> str:
    figures = {
        "RankC": means["rankc"], "same answer": means["agreement"], "right": means["agreement_right"],
        "wrong": means["agreement_wrong"], "overlap": means["overlap"],
    }  # fmt: skip
    there = ", ".join(f"{name} {percent(each['value'])}" for name, each in figures.items() if each)
    return f"{means['name']} ({means['n_pairs']}): {there or 'no items'}"


def leave_one_out_lines(result: TaskResult) -> list[str]:
    """Return the sentence on unseen languages without each of them in turn; none where they are not known."""
    rows = result.get("leave_one_out", [])
    if not rows:
        return []
    parts = []
    for name, values in (
        ("accuracy", [(row["accuracy"], row["left_out"]) for row in rows]),
        ("RankC", [(row["rankc"], row["left_out"]) for row in rows]),
        ("same answer", [(row["agreement"], row["left_out"]) for row in rows]),
    ):
        known = sorted((estimate["value"], lang) for estimate, lang in values if estimate)
        if known:
            (low, without), (high, other) = known[0], known[-1]
            parts.append(f"{name} {percent(low)} (without {without}) to {percent(high)} (without {other})")
    return [f"unseen languages, leaving one out: {'; '.join(parts)}"] if parts else []


def fact_lines(result: TaskResult) -> list[str]:
    """Return the sentences on kinds of items and on transfer; none where a task's items have no such facts."""
    lines, subsets, transfer = [], result.get("subsets", []), result.get("transfer")
    for key in dict.fromkeys(subset["key"] for subset in subsets):
        parts = []
        for subset in subsets:
            if subset["key"] == key:
                rankc = f", RankC {percent(subset['rankc']['value'])}" if subset["rankc"] else ""
                accuracy = f"accuracy {with_interval(subset['accuracy'])}"
                parts.append(f"{subset['value']}: {accuracy}{rankc}, {counted(subset['n_items'], 'item')}")
        lines.append(f"by {key}: {'; '.join(parts)}")
    return lines + (_transfer_lines(transfer) if transfer else [])


def _transfer_lines(block: TransferJson) -> list[str]:
    excluded = counted(
        block["n_excluded"],
        "item whose source is not asked is left out",
        "items whose source is not asked are left out",
    )
    left = f"; {excluded}" if block["n_excluded"] else ""
    return [
        f"in the source language {with_interval(block['source'])}; in the others if right there (transfer) "
        f"{with_interval(block['transfer'])}, same script {percent(_value(block['shared_script']))}, other script "
        f"{percent(_value(block['other_script']))}; right in both (overall) {with_interval(block['overall'])}, right in "
        f"the target only {percent(_value(block['target_only']))}; {counted(block['n_items'], 'item')}{left}"
    ]


def contrast_lines(results: Results) -> list[str]:
    """Return the sentences on differences of two tasks, with a sign; none where a run has no such two."""
    lines = []
    for contrast in results.get("contrasts", []):
        found, way = contrast["difference"], "same items" if contrast["paired"] else "other items"
        if found is not None:
            interval = ""
            if found["low"] is not None and found["high"] is not None:
                interval = f" [{100 * found['low']:+.1f}, {100 * found['high']:+.1f}]"
            lines.append(
                f"{contrast['name']} ({contrast['first']} − {contrast['second']}, {way}): "
                f"{100 * found['value']:+.1f}{interval} points"
            )
    return lines


def _value(estimate: EstimateJson | None) -> float | None:
    return estimate["value"] if estimate else None
