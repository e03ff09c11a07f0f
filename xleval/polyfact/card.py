"""The dataset card of a set: what it holds, how it came about, and what it cannot show."""

import math
from collections.abc import Mapping
from typing import Any

from xleval.polyfact.baselines import CHANCE, TOLERANCE
from xleval.polyfact.filters import REASONS
from xleval.polyfact.splits import SPLITS

_RELATION_COLUMNS = (
    "relation",
    "candidates",
    "facts",
    *SPLITS,
    "answers",
    "top answer",
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
    for name in ("parallel", *languages):
        # Quoted: an unquoted `no` (Norwegian) would be a boolean.
        lines += [f'- config_name: "{name}"', *(["  default: true"] if name == "parallel" else []), "  data_files:"]
        lines += [line for split in SPLITS for line in (f"  - split: {split}", f'    path: "{name}/{split}.parquet"')]
    return "\n".join([*lines, "---"])


def _body(manifest: Mapping[str, Any]) -> str:
    facts, source, wording = manifest["facts"], manifest["source"], manifest["templates"]
    languages = manifest["languages"]
    reviewed = sum(wording["reviewed"].values())
    return f"""
# PolyFact, built by xleval

{facts["all"]} Wikidata facts in {len(languages)} languages ({
        ", ".join(languages)
    }): the same facts, the same four options in
each language. Train {facts["train"]}, validation {facts["validation"]}, test {
        facts["test"]
    }; no subject, no pair of items and
no inverse fact is in two splits.

```python
from datasets import load_dataset
load_dataset(DIR, "parallel")            # all languages of a fact in one row
load_dataset(DIR, "{languages[-1]}")                  # one language
```

`datasets` caches by folder name: after a rebuild use `download_mode="force_redownload"`.

## Where it comes from

| | |
|---|---|
{
        _rows(
            ("source", source["name"]),
            ("facts as of", source["as_of"]),
            ("names", source.get("labels", "Wikidata")),
            ("wordings", f"{wording['wordings']}, written by {_counts(wording['written_by'])}"),
            ("wordings reviewed by a native speaker", f"{reviewed} of {wording['wordings']}"),
        )
    }

No name is translated: each comes from the source above. `cldr-derived` names are made from a time-zone id by CLDR's
rule where a language lists no exemplar city; they are tier C, and not attested.

| language | names | by source | tier | equal to English | wordings reviewed |
|---|---|---|---|---|---|
{
        _rows(
            *(
                (
                    lang,
                    row["names"],
                    _counts(row["sources"]),
                    _counts(row["tiers"]),
                    f"{row['identical_to_english']:.0%}" if "identical_to_english" in row else "",
                    wording["reviewed"][lang],
                )
                for lang, row in manifest["labels"].items()
            )
        )
    }

## From candidates to facts

{manifest["candidates"]} statements were read; {
        facts["all"]
    } became facts. Each of the others is in `rejects.jsonl` with its reason.

| reason | dropped | meaning |
|---|---|---|
{_rows(*((reason, manifest["rejected"][reason], meaning) for reason, meaning in REASONS.items()))}

| {" | ".join(_RELATION_COLUMNS)} |
|{"---|" * len(_RELATION_COLUMNS)}
{
        _rows(
            *(
                (
                    f"{pid} {row['name']}",
                    row["candidates"],
                    row["facts"]["all"],
                    *(row["facts"][split] for split in SPLITS),
                    row["answers"],
                    _percent(row["top_answer_share"]),
                    _percent(row["leak_loss"]),
                    "yes" if row["headline"] else "no",
                )
                for pid, row in manifest["relations"].items()
            )
        )
    }

A fact is dropped when its answer, or a stem of it, shows in the question in any language. That takes more facts from
some answers than from others (eponymous capitals, languages named after their country), so what is left is not a fair
sample of the relation; a relation that loses more than 40 % is out of the headline mean.

## What a guesser without a model scores

Accuracy over all splits; chance is {CHANCE:.2f}, the limit {CHANCE + TOLERANCE:.2f}. {_verdict(manifest)}

{_baseline_table(manifest["baselines"])}

On the test split alone ({facts["test"]} facts), with frequencies learnt from train, 95 of 100 guessers at chance are
within {_chance_interval(facts["test"])}, so a single value outside means little:

{_baseline_table(manifest["baselines_test"])}

Not at chance, and not measured here: what the subject's name alone gives away (a Portuguese-sounding city is in a
Portuguese-speaking country).

## What it cannot show

* It is not a measure of knowledge of a culture, or of a language's speakers: the facts are chosen by what Wikidata and
  CLDR name in every language.
* A wrong answer does not show that a fact is unknown: options, wording and names matter.
* Wikidata is open-world: a fact that is not there may be true. Distractors are no value of the subject, of any rank.
* Wordings that no native speaker reviewed may be unidiomatic.

## Licence

Facts and Q-ids: Wikidata, CC0. Names from CLDR: Unicode License v3. Wordings: Apache-2.0 (xleval).
"""


def _rows(*rows: tuple[object, ...]) -> str:
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _baseline_table(scores: Mapping[str, Mapping[str, float]]) -> str:
    if not scores:
        return "(no facts in this split)"
    names = list(next(iter(scores.values())))
    head = f"| language | {' | '.join(names)} |\n|---|{'---|' * len(names)}\n"
    return head + _rows(*((lang, *(f"{row[name]:.3f}" for name in names)) for lang, row in scores.items()))


def _verdict(manifest: Mapping[str, Any]) -> str:
    above = manifest["baselines_above_tolerance"]
    return f"**Above the limit: {', '.join(above)}.**" if above else "None is above it."


def _chance_interval(n: int) -> str:
    """Return the central 95 % of the accuracy of n guesses at chance, by the normal approximation."""
    spread = 1.96 * math.sqrt(CHANCE * (1 - CHANCE) / max(n, 1))
    return f"{max(0.0, CHANCE - spread):.2f} to {min(1.0, CHANCE + spread):.2f}"
