"""The command that shows what two sets share: `xleval overlap`."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xleval.commands.help_page import Command
from xleval.console import INCOMPLETE, json_option, print_json
from xleval.data.plurals import counted
from xleval.errors import ConfigError

if TYPE_CHECKING:
    from xleval.data.overlap import Overlap, SharedPair
    from xleval.data.set_reader import ReadSet

_SHOWN = 3
_EXPLAINED = {
    "id": "same id in the same source",
    "exact": "same text",
    "near": "same language: renumbered or reworded",
    "cross": "other language: same numbers, answer and names; likely, not certain",
}


@click.command(cls=Command)
@click.argument("train")
@click.argument("evaluation", metavar="EVAL")
@click.option(
    "--limit-pairs", type=click.IntRange(min=0), help=f"Pairs shown of each rule.  [default: {_SHOWN}; all in JSON]"
)
@click.option("--fail", is_flag=True, help="End with code 3 when the sets share an item.")
@click.option(
    "--near-limit", type=click.FloatRange(0, 1, min_open=True), help="Likeness of near copies.  [default: 0.7]"
)
@click.option("--train-question", default="", help="Column of TRAIN's questions.  [default: the usual names]")
@click.option("--train-answer", default="", help="Column of TRAIN's answers.")
@click.option("--train-lang", default="", help="Language of TRAIN's rows that do not say theirs.  [default: en]")
@click.option("--eval-question", default="", help="Column of EVAL's questions.  [default: the usual names]")
@click.option("--eval-answer", default="", help="Column of EVAL's answers.")
@click.option("--eval-lang", default="", help="Language of EVAL's rows that do not say theirs.  [default: en]")
@json_option
def overlap(
    train: str,
    evaluation: str,
    limit_pairs: int | None,
    fail: bool,
    near_limit: float | None,
    as_json: bool,
    **columns: str,
) -> None:
    """Show which items of EVAL are in TRAIN, also renumbered, reworded or in another language.

    Each is a file or folder of questions and answers, or the name of a task whose data is at hand.
    """
    from xleval.data.overlap import NEAR_LIMIT, find_overlap

    sets = [_read(train, "train", columns), _read(evaluation, "eval", columns)]
    for spec, found in zip((train, evaluation), sets, strict=True):
        for note in found.notes:
            click.echo(f"{spec}: {note}", err=True)
    shared = find_overlap(sets[0].items, sets[1].items, near_limit=near_limit or NEAR_LIMIT)
    if as_json:
        print_json(_as_json(shared, sets, limit_pairs))
    else:
        click.echo(_render(shared, sets, _SHOWN if limit_pairs is None else limit_pairs))
    if fail and shared.pairs:
        sys.exit(INCOMPLETE)


def _read(spec: str, side: str, columns: dict[str, str]) -> "ReadSet":
    """Return the set that an argument names: a path, or a task by its data."""
    from xleval.data.languages import get_language
    from xleval.data.set_reader import SetColumns, read_set
    from xleval.evalkit.task import data_folder
    from xleval.tasks import TASKS

    lang = columns[f"{side}_lang"]
    named = SetColumns(
        question=columns[f"{side}_question"],
        answer=columns[f"{side}_answer"],
        lang=get_language(lang).code if lang else "",
    )
    path = Path(spec)
    if not path.exists() and spec in TASKS:
        folder = data_folder(TASKS[spec], {})
        if folder is None:
            raise ConfigError(f"the data of {spec} is not at hand; give its folder, or put it at $XLEVAL_DATA/{spec}")
        path = folder
    return read_set(path, named)


def _as_json(shared: "Overlap", sets: Sequence["ReadSet"], limit: int | None) -> dict[str, Any]:
    return {
        "n_train": shared.n_train,
        "n_evaluation": shared.n_evaluation,
        "n_shared": len(shared.items),
        "rules": dict(Counter(shared.items.values())),
        "languages": [asdict(language) for language in shared.languages],
        "n_pairs": len(shared.pairs),
        "pairs": [asdict(pair) for pair in _first(shared.pairs, limit)],
        "notes": {"train": list(sets[0].notes), "evaluation": list(sets[1].notes)},
    }


def _first(pairs: Sequence["SharedPair"], limit: int | None) -> list["SharedPair"]:
    """Return the first pairs of each rule, in order."""
    if limit is None:
        return list(pairs)
    kept: Counter[str] = Counter()
    first = []
    for pair in pairs:
        kept[pair.rule] += 1
        if kept[pair.rule] <= limit:
            first.append(pair)
    return first


def _render(shared: "Overlap", sets: Sequence["ReadSet"], limit: int) -> str:
    """Return the tables for people: counts by language and rule, and some pairs with their texts."""
    from xleval.data.languages import LANGUAGES
    from xleval.data.overlap import RULES

    lines = [
        f"{len(shared.items)} of {shared.n_evaluation} evaluation items are among {shared.n_train} training items",
        "",
        "lang   items " + "".join(f"{rule:>7}" for rule in RULES) + "  joined    none",
    ]
    order = list(LANGUAGES)
    for language in sorted(shared.languages, key=lambda each: order.index(each.lang)):
        counts = [language.direct[rule] for rule in RULES]
        none = language.n_items - sum(counts) - language.joined
        cells = "".join(f"{count:>7}" for count in counts)
        lines.append(f"{language.lang:<5}{language.n_items:>7} {cells}{language.joined:>8}{none:>8}")
    totals = Counter(pair.rule for pair in shared.pairs)
    for rule in RULES:
        if not totals[rule]:
            continue
        lines += ["", f"{rule}: {_EXPLAINED[rule]}; {counted(totals[rule], 'pair')}"]
        for pair in _first([each for each in shared.pairs if each.rule == rule], limit):
            lines += _example(pair, sets)
    if any(language.joined for language in shared.languages):
        lines += ["", "joined: found in another language of the same item"]
    return "\n".join(lines)


def _example(pair: "SharedPair", sets: Sequence["ReadSet"]) -> list[str]:
    numbers = "same numbers" if pair.same_numbers else "other numbers"
    answer = {True: ", same answer", False: ", other answer", None: ""}[pair.same_answer]
    score = f" {pair.score:.2f}" if pair.rule in ("near", "cross") else ""
    lines = [f"  {pair.train_id} ~ {pair.evaluation_id}{score}: {numbers}{answer}"]
    ends = ((pair.train_id, pair.train_lang), (pair.evaluation_id, pair.evaluation_lang))
    for (item_id, lang), read in zip(ends, sets, strict=True):
        text = next(item.text for item in read.items if (item.item_id, item.lang) == (item_id, lang))
        brief = " ".join(text.split())
        lines.append(f"    {lang:<3}{brief[:100]}{'...' if len(brief) > 100 else ''}")
    return lines
