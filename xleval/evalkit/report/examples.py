"""Which items the report shows, the same in every language and run, and what is shown of each answer."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from xleval.data.languages import LANGUAGES
from xleval.data.storage import parse_json
from xleval.evalkit.report.answers import REASON, Answer, answer_of
from xleval.evalkit.report.example_source import SampleSource, Seen
from xleval.evalkit.report.shown_text import cut_middle
from xleval.evalkit.report.tied_choices import ScoringRule, Tied, tied_cells

#: Items of a task that are shown, unless there are so many languages that the page would grow too large.
ITEMS = 8
#: Answers of one run that are shown, and bytes of their texts.
MOST_ANSWERS, MOST_BYTES = 1000, 1_500_000
# Characters of a text shown, the first that keeps within the bytes; the whole text is in samples.parquet.
_LENGTHS = (3000, 2000, 1200, 800, 500, 300, 160)
_Cell = tuple[str, str, str, int]  # task, item, language, run


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedItem:
    """An item in one language: its prompts, the right answer and the answers.

    There is one prompt, more where the runs asked differently, none where it is not known. `gold` is empty where the
    right answer is not known.
    """

    lang: str
    name: str
    direction: str
    prompts: tuple[str, ...]
    gold: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemExample:
    """An item in every language that is shown, with its groups as words."""

    task: str
    item_id: str
    groups: str
    languages: tuple[AskedItem, ...]


def choose_items(
    sources: Sequence[SampleSource], languages: Mapping[str, Sequence[str]], n: int
) -> dict[str, list[str]]:
    """Return for each task the items to show: each as far from those before it as verdicts go.

    Items stand in an order that depends on nothing but their names; of these, the next is the one with most kinds of
    (run, language, verdict) that have not been shown yet, so that rare verdicts are there where there are any.

    Args:
        sources: the samples of each run.
        languages: of each task that are shown.
        n: items of each task.
    """
    kinds: dict[tuple[str, int, str, str], int] = {}
    masks: dict[str, dict[str, int]] = {task: defaultdict(int) for task in languages}
    shown = {task: frozenset(langs) for task, langs in languages.items()}
    for run, source in enumerate(sources):
        for seen in source.verdicts():
            if seen.draw == 0 and seen.lang in shown.get(seen.task, ()):
                bit = kinds.setdefault((seen.task, run, seen.lang, seen.verdict), len(kinds))
                masks[seen.task][seen.item_id] |= 1 << bit
    return {task: _spread(found, n) for task, found in masks.items()}


def _spread(masks: Mapping[str, int], n: int) -> list[str]:
    pool = sorted(masks, key=lambda item: hashlib.sha256(item.encode("utf-8", "surrogatepass")).digest())
    every = 0
    for mask in masks.values():
        every |= mask
    chosen: list[str] = []
    left = every
    while pool and len(chosen) < n:
        best = max(pool, key=lambda item: (masks[item] & left).bit_count())
        pool.remove(best)
        chosen.append(best)
        left &= ~masks[best]
        left = left or every
    return sorted(chosen)


def examples_of(
    sources: Sequence[SampleSource], languages: Mapping[str, Sequence[str]], items: int = ITEMS,
    rules: Sequence[Mapping[str, ScoringRule]] = (),
) -> list[ItemExample]:  # fmt: skip
    """Return the examples of all runs, by task and item; the same samples give the same examples.

    Args:
        sources: the samples of each run.
        languages: of each task, in the order of its tables.
        items: of each task to show, at most.
        rules: of each run by task, how its figures decide ties; without, verdicts are those that are stored.
    """
    most = max(MOST_ANSWERS // max(len(languages), 1), 1)
    within = {task: list(langs)[:most] for task, langs in languages.items()}
    in_all = sum(len(langs) for langs in within.values())
    n = min(items, max(MOST_ANSWERS // max(in_all, 1), 1))
    chosen = choose_items(sources, within, n) if n > 0 else {}
    wanted = {task: frozenset(found) for task, found in chosen.items()}
    cells: dict[tuple[str, str, str, int], list[Seen]] = defaultdict(list)
    for run, source in enumerate(sources):
        for seen in source.of_items(wanted):
            if seen.verdict.lang in within[seen.verdict.task]:
                _add(cells[seen.verdict.task, seen.verdict.item_id, seen.verdict.lang, run], seen)
    tied = _tied(cells, rules)
    firsts = {key: sorted(found, key=lambda each: each.verdict.draw) for key, found in cells.items()}
    longest = _longest([found[0] for found in firsts.values()], len(sources))
    return [
        example
        for task, found in chosen.items()
        for item in found
        if (example := _item((task, item), within[task], len(sources), firsts, tied, longest)).languages
    ]


def _add(draws: list[Seen], seen: Seen) -> None:
    """Add a completion to those of its item; only the first draw is shown, the text of the others is let go."""
    if draws and draws[0].verdict.draw <= seen.verdict.draw:
        draws.append(replace(seen, completion=None))
        return
    draws[:1] = [seen, *(replace(each, completion=None) for each in draws[:1])]


def _longest(seen: Sequence[Seen], n_runs: int) -> int:
    """Return how many characters of a text can be shown."""
    texts = [text for each in seen for text in (each.prompt, each.completion or "", *each.choices)]
    for length in _LENGTHS:
        total = sum(len(text[:length].encode("utf-8", "replace")) for text in texts)
        if total <= MOST_BYTES * n_runs:
            return length
    return _LENGTHS[-1]


def _tied(
    cells: Mapping[_Cell, Sequence[Seen]], rules: Sequence[Mapping[str, ScoringRule]]
) -> dict[_Cell, Tied]:  # fmt: skip
    """Return the cells with ties; those of several completions or rotations keep the verdicts of each."""
    single: dict[tuple[str, int], list[Seen]] = defaultdict(list)
    for (task, _, _, run), found in cells.items():
        if len(found) == 1:
            single[task, run].append(found[0])
    return {
        (task, item, lang, run): tied
        for (task, run), found in single.items()
        if run < len(rules) and task in rules[run]
        for (item, lang), tied in tied_cells(found, rules[run][task]).items()
    }


def _item(
    name: tuple[str, str], languages: Sequence[str], n_runs: int, cells: Mapping[_Cell, list[Seen]],
    tied: Mapping[_Cell, Tied], longest: int,
) -> ItemExample:  # fmt: skip
    task, item = name
    asked = []
    groups = ""
    for lang in languages:
        found = [(run, cells[task, item, lang, run]) for run in range(n_runs) if (task, item, lang, run) in cells]
        if not found:
            continue
        first = found[0][1][0]
        groups = groups or _groups(first.groups)
        known = LANGUAGES.get(lang)
        asked.append(
            AskedItem(
                lang=lang, name=known.english_name if known else lang, direction=known.direction if known else "auto",
                prompts=tuple(dict.fromkeys(cut_middle(draws[0].prompt, longest) for _, draws in found if draws[0].prompt)),
                gold=cut_middle(next((draws[0].gold for _, draws in found if draws[0].gold), ""), longest),
                answers=tuple(answer_of(run, draws, tied.get((task, item, lang, run)), longest) for run, draws in found),
            )
        )  # fmt: skip
    return ItemExample(task=task, item_id=item, groups=groups, languages=tuple(asked))


def _groups(text: str) -> str:
    try:
        found = parse_json(text)
    except ValueError:
        return ""
    pairs = (
        [f"{key}: {value}" for key, value in found.items() if value not in (None, "", [])]
        if isinstance(found, dict)
        else []
    )
    return cut_middle(", ".join(pairs), REASON)
