"""The dataset card of a set: what it holds, how it came about, and what it cannot show."""

import math
from collections.abc import Mapping
from typing import Any

from xleval.data.card_markdown import listed, markdown_rows
from xleval.polyfact.card_guessers import guessers_section
from xleval.polyfact.filters import REASONS

_RELATION_COLUMNS = (
    "relation",
    "candidates",
    "facts",
    "train",
    "test",
    "answers",
    "top answer",
    "one value",
    "lost to leak guard",
    "headline",
)


def render(manifest: Mapping[str, Any]) -> str:
    """Return `README.md` of a set: YAML metadata that `datasets.load_dataset` reads, then the card.

    Args:
        manifest: as in `build.json`.
    """
    return f"{_metadata(manifest)}\n{_body(manifest)}"


def _metadata(manifest: Mapping[str, Any]) -> str:
    languages = manifest["languages"]
    total = manifest["facts"]["all"]
    size = next(
        name
        for limit, name in (
            (1_000, "n<1K"),
            (10_000, "1K<n<10K"),
            (100_000, "10K<n<100K"),
            (1_000_000, "100K<n<1M"),
            (math.inf, "n>1M"),
        )
        if total < limit
    )
    lines = [
        "---",
        "pretty_name: PolyFact (xleval)",
        "license:",
        "- cc0-1.0",
        "- apache-2.0",
        "- other",
        "language:",
        *(f"- {lang}" for lang in languages),
        "multilinguality: multilingual",
        "task_categories:",
        "- multiple-choice",
        "- question-answering",
        "tags:",
        "- wikidata",
        "- parallel",
        "- factual-knowledge",
        f"size_categories:\n- {size}",
        "configs:",
    ]
    for name, splits in manifest["configs"].items():
        # Quoted: an unquoted `no` (Norwegian) would be a boolean.
        lines += [f'- config_name: "{name}"', *(["  default: true"] if name == "parallel" else []), "  data_files:"]
        lines += [line for split in splits for line in (f"  - split: {split}", f'    path: "{name}/{split}.parquet"')]
    return "\n".join([*lines, "---"])


def _body(manifest: Mapping[str, Any]) -> str:
    return "\n".join(
        (
            _opening(manifest),
            _origin(manifest),
            _names_section(manifest),
            _funnel(manifest),
            guessers_section(manifest),
            _limits(manifest),
        )
    )


def _opening(manifest: Mapping[str, Any]) -> str:
    facts, languages, configs = manifest["facts"], manifest["languages"], manifest["configs"]
    beside = {
        "transfer": "facts whose subject has an article in one or two of the set's Wikipedias (`wiki_langs`): asked in the "
        "other languages, they show what was carried over (splits as in `parallel`)",
        "attested-A": "items all of whose names, in every language, two sources agree on (splits as in `parallel`)",
        "leaky": "facts whose question shows the answer in some language (`leak_langs`): reading against recall; not in "
        "train, not in the headline",
        "recent": "facts whose value changed since 2018, which may be newer than a model; not in train",
    }
    return f"""
# PolyFact, built by xleval

{facts["all"]} Wikidata facts in {len(languages)} languages ({", ".join(languages)}): the same facts, the same four
options in each language. Every fact is asked in at least {manifest["min_langs"]} of them.

```python
from datasets import load_dataset
load_dataset(DIR, "parallel")            # all languages of a fact in one row
load_dataset(DIR, "{languages[-1]}")                  # one language
```

`datasets` caches by folder name: after a rebuild use `download_mode="force_redownload"`.

| split of `parallel` | facts | answer is gold in train too | what it asks |
|---|---|---|---|
{
        markdown_rows(
            *(
                (split, facts[split], _percent(manifest["object_overlap"].get(split)), meaning)
                for split, meaning in _SPLIT_MEANING.items()
            )
        )
    }

No subject, no pair of items and no inverse fact is both in train or validation and in a test, nor in both of the former.

| config beside `parallel` and the languages | facts | what it is |
|---|---|---|
{markdown_rows(*((name, sum(configs.get(name, {}).values()), meaning) for name, meaning in beside.items()))}
"""


_SPLIT_MEANING = {
    "train": "",
    "validation": "",
    "test": "facts like those of train, about other subjects",
    "test_unseen_object": "answers that are never gold in train",
    "test_unseen_relation": "relations that are not in train (sets of twelve relations or more)",
    "test_held_out_template": "a wording that no other split has",
}


def _origin(manifest: Mapping[str, Any]) -> str:
    source, wording = manifest["source"], manifest["templates"]
    reviewed = sum(wording["reviewed"].values())
    more = {key: value for key, value in source.items() if key not in ("name", "as_of", "labels")}
    genders = ", ".join(f"{name or 'not stated'} {n}" for name, n in manifest["genders"].items())
    return f"""## Where it comes from

| | |
|---|---|
{
        markdown_rows(
            ("source", source["name"]),
            ("facts as of", source["as_of"]),
            ("names", source.get("labels", "Wikidata")),
            *more.items(),
            (
                "templates",
                f"written by {listed(wording['written_by'])}; reviewed by native speakers: {reviewed} of "
                f"{wording['wordings']}",
            ),
            ("gender of the subjects (P21)", genders),
        )
    }
"""


def _names_section(manifest: Mapping[str, Any]) -> str:
    rows = manifest["labels"].items()
    return f"""## Names

No name is translated. Each comes from the first of these that has one: the item's label in the language (`label`), in a
variant of it (`variant`; Traditional Chinese is `converted`), for all languages (`mul`), the title of its article
(`sitelink`), an alias (`alias`); in the embedded graph from Unicode CLDR (`cldr`, or `cldr-derived` from a time-zone id).
Tier A: label and article title agree; B: one source; C: derived, or the English name where others of its kind have their
own. A name is attested when somebody wrote it there, and that does not make it right.

| language | facts | names | by source | tier | equal to English | wordings reviewed |
|---|---|---|---|---|---|---|
{
        markdown_rows(
            *(
                (
                    lang,
                    manifest["facts_by_language"][lang],
                    row["names"],
                    listed(row["sources"]),
                    listed(row["tiers"]),
                    _percent(row.get("identical_to_english")),
                    manifest["templates"]["reviewed"][lang],
                )
                for lang, row in rows
            )
        )
    }
"""


def _funnel(manifest: Mapping[str, Any]) -> str:
    uncovered = sum(manifest["uncovered"].values())
    strata = manifest["kept_by_popularity"].items()
    return f"""## From candidates to facts

{manifest["candidates"]} different statements were read about subjects that are named in at least {
        manifest["min_langs"]
    } of the languages ({uncovered} about others were counted and not read further); {
        manifest["facts"]["all"]
    } became facts. Each of the others is in `rejects.jsonl` with its reason.

| reason | dropped | meaning |
|---|---|---|
{markdown_rows(*((reason, manifest["rejected"][reason], meaning) for reason, meaning in REASONS.items()))}

| {" | ".join(_RELATION_COLUMNS)} |
|{"---|" * len(_RELATION_COLUMNS)}
{
        markdown_rows(
            *(
                (
                    f"{pid} {row['name']}",
                    row["candidates"],
                    row["facts"]["all"],
                    row["facts"]["train"],
                    row["facts"]["test"],
                    row["answers"],
                    _percent(row["top_answer_share"]),
                    _percent(row["single_value_share"]),
                    _percent(row["leak_loss"]),
                    "yes" if row["headline"] else "no: " + "; ".join(row["out_of_headline"]),
                )
                for pid, row in manifest["relations"].items()
                if row["candidates"]
            )
        )
    }

A fact is dropped when its answer, or a stem of it, shows in the question in any language. That takes more facts from
some answers than from others (eponymous capitals, languages named after their country), so what is left is not a fair
sample of the relation; a relation that loses more than 40 % is out of the headline mean, and so is one of which fewer than
95 % of the subjects have one value. What was dropped for leaking alone is in the config `leaky`.

| pages about the subject, at least | candidates with one value | facts kept |
|---|---|---|
{markdown_rows(*((floor, row.get("candidates", 0), row.get("kept", 0)) for floor, row in strata))}
"""


def _limits(manifest: Mapping[str, Any]) -> str:
    return f"""## What it cannot show

* It is not a measure of knowledge of a culture, or of a language's speakers: the facts are chosen by what Wikidata and
  its sources name in every language.
* A wrong answer does not show that a fact is unknown: options, wording and names matter.
* Wikidata is open-world: a fact that is not there may be true. Distractors are no value of the subject, of any rank, past
  values included, and none that is tied to one (part, whole, kind, predecessor, successor).
* Wordings that no native speaker reviewed may be unidiomatic.
* Facts hold as of {manifest["source"]["as_of"]}; a model may have learnt an older state of the world.
* Popular facts may be in training data in some of the languages and not in others; the set does not say in which, beyond
  which Wikipedias have an article (`wiki_langs`). It was not compared with KLAR or BMLAMA: use `xleval overlap`.

## Licence

Facts and Q-ids: Wikidata, CC0. Names from CLDR: Unicode License v3. Wordings: Apache-2.0 (xleval).
"""


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
