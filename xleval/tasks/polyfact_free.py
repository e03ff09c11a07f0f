r"""PolyFact asked freely: the facts of the test without options, answered by a name.

* Source: the study's `evaluate/evaluate_polyfact_freeform.py` (github.com/jvonrad/Lost-in-Mistranslation 3ca0eea): the prompt
  of the hidden options, `Question: …\nAnswer:`, greedy, first line. Which entity an answer names is told by the options of
  its own language, so that answers can be compared across languages by id; the options are not shown.
* Deviations: labels in the language of the question (`--scaffold english` as published); 32 tokens in place of 16, which cut
  names in scripts with many tokens a word; aliases of the answer count where the set has them (`answer_aliases`); a name
  counts as whole words anywhere in the answer (`matches_name`) in place of KLAR's rule, by which "Parisian" names Paris.
* Examples: none by default. The study found that without any only 14 to 27 % of the answers of base models named one of the
  four entities: `--shots 3` for those, from the validation or train split.
* No reasoning is asked for, so `--cot` and `--reason-prefix` play no part.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from xleval.data.rows import read_rows
from xleval.errors import DataError
from xleval.evalkit.requests import Sampling
from xleval.evalkit.task import TaskItem
from xleval.tasks import polyfact
from xleval.tasks.asking import ask_name
from xleval.tasks.language_files import language_files
from xleval.tasks.verdicts import score_name


def load(folder: Path | None, languages: Sequence[str]) -> dict[str, list[TaskItem]]:
    """Return the test by language as `polyfact` has it, with the aliases of each answer among the names.

    Raises:
        DataError: as there.
    """
    found = polyfact.load(folder, languages)
    if folder is not None:
        for lang, items in found.items():
            aliases = _aliases(folder, lang)
            found[lang] = [_with_aliases(item, aliases.get(item.item_id, ())) for item in items]
    return found


def _aliases(folder: Path, lang: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for row in (row for path in language_files(folder, lang) for row in read_rows(path)):
        aliases = row.values.get("answer_aliases") or []
        if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
            raise DataError(f"{row.place}, column answer_aliases: found {aliases!r:.60}; a list of names is needed")
        found[row.text("fact_id")] = tuple(aliases)
    return found


def _with_aliases(item: TaskItem, aliases: Sequence[str]) -> TaskItem:
    """Return an item whose names are its options and, with the id of the answer, those aliases that no other option has."""
    new = tuple(alias for alias in dict.fromkeys(aliases) if alias not in item.choices)
    if item.gold_index is None:
        raise DataError(f"fact {item.item_id}: no right option is given; the free task needs one for each fact")
    gold_id = item.choice_ids[item.gold_index]
    return replace(item, choices=(*item.choices, *new), choice_ids=(*item.choice_ids, *(gold_id for _ in new)))


POLYFACT_FREE = replace(
    polyfact.POLYFACT,
    name="polyfact_free",
    kind="generation",
    follows_cot=False,
    summary="the facts of polyfact, answered freely by a name",
    reference="github.com/jvonrad/Lost-in-Mistranslation 3ca0eea, evaluate/evaluate_polyfact_freeform.py",
    load=load,
    request=partial(ask_name, task="polyfact_free"),
    score=score_name,
    sampling=Sampling(max_tokens=32),
    data_of="polyfact",
)
