"""What one judge found, agreement between judges, what must not be said of it, and what a reader must know."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from xleval.data.plurals import counted
from xleval.evalkit.claims import win_rate
from xleval.evalkit.judge.agreement import agreement
from xleval.evalkit.judge.labels import Labels
from xleval.evalkit.judge.pairs import Pair, TaskPairs
from xleval.evalkit.judge.prompt import without_control_marks
from xleval.evalkit.judge.rows import Verdicts, item_score, label_accuracy, language_row, outcome, table_json
from xleval.evalkit.judge.schema import (
    AccuracyJson,
    BetweenJson,
    JudgedByJson,
    JudgeModelJson,
    RefusalJson,
    TaskJson,
)
from xleval.evalkit.saved_run import SavedRun
from xleval.evalkit.statistics import detectable_mean_difference

_FEW = 100  # items under which a table says what could be found at all
_WEIGHTS = ("weights_sha256", "model")  # of a fingerprint: what tells that two models are one


def judged_by(
    spec: str, signature: Mapping[str, Any], tasks: Sequence[TaskPairs], labels: Labels | None, verdicts: Verdicts, *,
    seed: int,
) -> JudgedByJson:  # fmt: skip
    """Return what a judge found; see `JudgedByJson`."""
    known = label_accuracy(labels.pairs, verdicts, seed=seed) if labels else {}
    return JudgedByJson(
        judge=JudgeModelJson(spec=spec, model=str(signature["model"]), signature=dict(signature)),
        tasks=[_task(task, verdicts, known, seed) for task in tasks],
    )


def _task(task: TaskPairs, verdicts: Verdicts, known: Mapping[str, AccuracyJson], seed: int) -> TaskJson:
    rows = [language_row(lang, pairs, verdicts, known.get(lang), seed=seed) for lang, pairs in task.pairs.items()]
    valid = [row["lang"] for row in rows if row["validated"] and row["win_rate"]]
    mean = None
    if valid:
        items = list(dict.fromkeys(pair.item_id for lang in valid for pair in task.pairs[lang]))
        table = np.full((len(items), len(valid)), np.nan)
        place = {item: number for number, item in enumerate(items)}
        for column, lang in enumerate(valid):
            for pair in task.pairs[lang]:
                score = item_score(pair, verdicts)
                table[place[pair.item_id], column] = np.nan if score is None else score
        mean = table_json(table[~np.isnan(table).all(axis=1)], seed)
    return TaskJson(task=task.task, rows=rows, mean=mean, mean_languages=valid)


def between_judges(
    tasks: Sequence[TaskPairs], one: tuple[str, Verdicts], other: tuple[str, Verdicts]
) -> list[BetweenJson]:
    """Return how far two judges agree on who wins, by task and language, on items that both decided in both orders."""
    found = []
    for task in tasks:
        for lang, pairs in task.pairs.items():
            scores = [(item_score(pair, one[1]), item_score(pair, other[1])) for pair in pairs if pair.is_judged]
            both = [(outcome(a), outcome(b)) for a, b in scores if a is not None and b is not None]
            agreed = agreement([a for a, _ in both], [b for _, b in both])
            found.append(BetweenJson(judges=[one[0], other[0]], task=task.task, lang=lang, agreement=agreed))
    return found


def refusals(judges: Sequence[JudgedByJson]) -> list[RefusalJson]:
    """Return the win rates that are not given, one claim for each judge with its reasons by language."""
    found = []
    for each in judges:
        reasons: dict[str, None] = {}
        claim = letter = ""
        for row in (row for task in each["tasks"] for row in task["rows"]):
            known = row["accuracy"]
            refusal = win_rate(row["lang"], known["value"], known["n"]) if known else win_rate(row["lang"], None)
            if refusal:
                claim, letter = refusal.claim, refusal.letter
                reasons[refusal.reason] = None
        if reasons:
            text = f"{each['judge']['spec']}: {'; '.join(reasons)}"
            found.append(RefusalJson(letter=letter, claim=claim, reason=text))
    return found


def notes_of(
    runs: tuple[SavedRun, SavedRun], tasks: Sequence[TaskPairs], labels: Labels | None,
    judges: Sequence[JudgedByJson], verdicts: Mapping[str, Verdicts],
) -> list[str]:  # fmt: skip
    """Return what a reader must know of a judging, in a fixed order."""
    found = [note for task in tasks for note in task.notes]
    found += [note for task in tasks for note in _mostly_cut(task)]
    found += labels.notes if labels else ()
    for each in judges:
        spec = each["judge"]["spec"]
        found += [f"{spec} judges its own answers: it is the model of {run.label}" for run in runs if _same(each, run)]
        found += _unread_labels(spec, labels, verdicts[spec])
        found += [note for task in tasks for note in _few_items(spec, task, verdicts[spec])]
    marked = sum(_has_marks(pair) for task in tasks for pairs in task.pairs.values() for pair in pairs)
    if marked:
        found.append(
            f"control marks of chat templates were broken up by a blank in {counted(marked, 'pair')} of answers"
        )
    return list(dict.fromkeys(found))


def _same(judge: JudgedByJson, run: SavedRun) -> bool:
    """Return whether the judge is the model of a run, by its weights where both are known, else by its name."""
    signed = run.results["signature"].get("model")
    own = signed if isinstance(signed, Mapping) else {}
    name = next((key for key in _WEIGHTS if own.get(key) and judge["judge"]["signature"].get(key)), None)
    return name is not None and own[name] == judge["judge"]["signature"][name]


def _unread_labels(spec: str, labels: Labels | None, verdicts: Verdicts) -> list[str]:
    """Return a sentence on labelled pairs without a verdict in both orders, by language."""
    pairs = labels.pairs if labels else ()
    unread = Counter(pair.lang for pair in pairs if item_score(pair, verdicts) is None)
    every = Counter(pair.lang for pair in pairs)
    shown = ", ".join(f"{unread[lang]} of {every[lang]} in {lang}" for lang in every if unread[lang])
    return [f"{spec}: labelled pairs without a verdict in both orders, in no accuracy: {shown}"] if shown else []


def _few_items(spec: str, task: TaskPairs, verdicts: Verdicts) -> list[str]:
    """Return what could be found at all where few items carry a win rate, in one sentence."""
    parts = []
    for lang, pairs in task.pairs.items():
        scores = [score for pair in pairs if (score := item_score(pair, verdicts)) is not None]
        if not 0 < len(scores) < _FEW:
            continue
        squared = sum((2 * score - 1) ** 2 for score in scores) / len(scores)
        changed = sum(score != 0.5 for score in scores) / len(scores)
        least = detectable_mean_difference(len(scores), squared=squared, changed=changed)
        reach = f"{50 * least:.0f} points" if least is not None and least <= 1 else "nothing"
        parts.append(f"{lang} {reach} (n = {len(scores)})")
    if not parts:
        return []
    return [
        f"{task.task} by {spec}: fewer than {_FEW} items; the least distance of a win rate from 50 % that is found 4 times "
        f"in 5: {', '.join(parts)}"
    ]


def _mostly_cut(task: TaskPairs) -> list[str]:
    """Return a sentence where answers cut at their limit decide half of a language's items or more."""
    cut = {lang: sum(pair.fault == "truncated" for pair in pairs) for lang, pairs in task.pairs.items()}
    shown = [f"{n} of {len(task.pairs[lang])} in {lang}" for lang, n in cut.items() if 2 * n >= len(task.pairs[lang])]
    advice = "run both again with more tokens (--gen max_tokens=N), or have them judged as they are (--cut judge)"
    return [f"{task.task}: cut answers decide {', '.join(shown)}; {advice}"] if shown else []


def _has_marks(pair: Pair) -> bool:
    return pair.is_judged and any(without_control_marks(text) != text for text in (pair.question, *pair.answers))


def n_unscored(judged: Sequence[JudgedByJson]) -> int:
    """Return how many items have no verdict that can be read, over all judges, tasks and languages."""
    return sum(row["n_unscored"] for each in judged for task in each["tasks"] for row in task["rows"])
