"""The dataset card of a reasoning set: where it comes from, who translated it, what the gate did, what it cannot show."""

import math
import re
from collections.abc import Mapping
from typing import Any

from xleval.data.card_markdown import language_name, listed, markdown_rows
from xleval.data.reasoning.card_figures import gate_section, kept_section, review_section
from xleval.data.reasoning.manifest import NOT_STATED
from xleval.data.reasoning.pair_card import pair_limits, pair_opening

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (math.inf, "n>1M"),
)
#: Licences that dataset cards have a code for, as sources and model cards write them.
_LICENCE_CODES = {
    "mit": "mit",
    "apache-2.0": "apache-2.0",
    "cc0-1.0": "cc0-1.0",
    "cc-by-4.0": "cc-by-4.0",
    "cc-by-sa-4.0": "cc-by-sa-4.0",
    "cc-by-nc-4.0": "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0": "cc-by-nc-sa-4.0",
}


def render(manifest: Mapping[str, Any]) -> str:
    """Return `README.md` of a set: YAML metadata that `datasets.load_dataset` reads, then the card.

    Args:
        manifest: as in `build.json`.
    """
    is_pairs = manifest.get("kind") == "pairs"
    opening = pair_opening(manifest, _status(manifest)) if is_pairs else _opening(manifest)
    between = (section(manifest) for section in (_origin, gate_section, kept_section, review_section))
    limits = pair_limits if is_pairs else _limits
    return "\n".join((_metadata(manifest), opening, *between, limits(manifest)))


def _metadata(manifest: Mapping[str, Any]) -> str:
    total = manifest["items"]["source"]
    tags = ("instructions",) if manifest.get("kind") == "pairs" else ("math", "reasoning")
    lines = [
        "---",
        f"pretty_name: {_quoted(manifest['source']['name'] + ', translated (xleval)')}",
        "license:",
        *(f"- {code}" for code in _licence_codes(manifest)),
        "language:",
        # Quoted: an unquoted `no` (Norwegian) would be a boolean.
        *(f"- {_quoted(lang)}" for lang in manifest["languages"]),
        "multilinguality: multilingual",
        "source_datasets:",
        *(f"- {_quoted('extended|' + name)}" for name in manifest["derived_from"]),
        "task_categories:",
        "- question-answering",
        "- text-generation",
        "tags:",
        *(f"- {tag}" for tag in (*tags, "parallel")),
        # a table may be anybody's work
        *(["- machine-translated"] if any(not spec.startswith("table:") for spec in _specs(manifest)) else []),
        f"size_categories:\n- {next(name for limit, name in _SIZES if total < limit)}",
        "configs:",
    ]
    default = "parallel" if "parallel" in manifest["configs"] else next(iter(manifest["configs"]))
    for name, splits in manifest["configs"].items():
        lines += [f"- config_name: {_quoted(name)}", *(["  default: true"] if name == default else []), "  data_files:"]
        lines += [line for split in splits for line in (f"  - split: {split}", f'    path: "{name}/{split}.parquet"')]
    return "\n".join([*lines, "---"])


def _specs(manifest: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys(each["spec"] for each in manifest["engines"].values()))


def _quoted(text: str) -> str:
    """Return a YAML string in double quotes."""
    return '"' + re.sub(r'(["\\])', r"\\\1", " ".join(text.split())) + '"'


def _licence_codes(manifest: Mapping[str, Any]) -> list[str]:
    stated = [manifest["source"]["licence"], *(each["licence"] for each in manifest["engines"].values())]
    codes = [_LICENCE_CODES.get((licence.lower().split() or [""])[0].strip(".,;:()"), "other") for licence in stated]
    return list(dict.fromkeys(codes))


def _opening(manifest: Mapping[str, Any]) -> str:
    items, languages, configs = manifest["items"], manifest["languages"], manifest["configs"]
    translated = languages[1:]
    levels = [name for name in configs if name.startswith("level-")]
    curriculum = (
        f"`curriculum` has the items of `parallel` from easy to hard (read it from top to bottom, do not shuffle), "
        f"{', '.join(f'`{name}`' for name in levels)} those of one level.\n"
        if levels
        else ""
    )
    return f"""
# {manifest["source"]["name"]} in {len(languages)} languages, built by xleval

{items["source"]} items of `{manifest["source"]["name"]}` in {language_name(languages[0])}, translated into {
        ", ".join(language_name(lang) for lang in translated)
    }. The same `item_id` in every language; answers are carried over as they are. {_status(manifest)}

```python
from datasets import load_dataset
load_dataset(DIR, "parallel")            # one row per item: `translations[LANG]["question"]`
load_dataset(DIR, "{translated[-1]}")                  # one language
```

`datasets` caches by folder name: after a rebuild use `download_mode="force_redownload"`.

`parallel` holds the {items["parallel"]} items whose translation passed in at least {manifest["min_langs"]} of the {
        len(translated)
    } languages.
A language holds every item that passed in it, whatever became of it in others: compare languages on `parallel` alone.
{curriculum}
| config | rows |
|---|---|
{markdown_rows(*((name, ", ".join(f"{split} {n}" for split, n in splits.items())) for name, splits in configs.items()))}

Columns of a language: `item_id`, `question`, `answer`, `solution` (worked solution in that language, empty where there is
none), `engine`, `attempt` (which of the engine's candidates passed, 1 for its first; 0 for the source), and `split`,
`level`, `subject` and others as the source has them.
"""


def _status(manifest: Mapping[str, Any]) -> str:
    """Return who translated and whether anybody looked at it; `human` and `verified` stand nowhere without a field (D14)."""
    specs = [f"`{spec}`" for spec in _specs(manifest)]
    reviewed = [lang for lang, row in manifest["review"].items() if row["reviewed"]]
    if not reviewed:
        return f"Translated by {', '.join(specs)}, not reviewed by a person."
    return (
        f"Translated by {', '.join(specs)}; a sample was reviewed in {', '.join(reviewed)}, nothing in other languages."
    )


def _origin(manifest: Mapping[str, Any]) -> str:
    source = manifest["source"]
    engines = manifest["engines"]
    settings = manifest["config"]["translators"]
    rows = (
        (lang, f"`{each['spec']}`", each["licence"], listed(settings[lang], leave=("spec", "licence")))
        for lang, each in engines.items()
    )
    return f"""## Where it comes from

| | |
|---|---|
{
        markdown_rows(
            ("source", source["name"]),
            ("origin", source["origin"]),
            ("licence of the source", source["licence"]),
            ("left out of it", f"{manifest['items']['left_out']} items, with reasons in `rejects/source.jsonl`"),
            ("derived from", ", ".join(manifest["derived_from"])),
            ("versions", listed(manifest["versions"])),
        )
    }

A set derived from another shares its items: count only one of them in a mean, and do not train on one and test on the other
(`xleval overlap`).

| language | translator | its licence | settings |
|---|---|---|---|
{markdown_rows(*rows)}
{_licence_note(engines)}"""


def _licence_note(engines: Mapping[str, Mapping[str, str]]) -> str:
    limited = [lang for lang, each in engines.items() if "nc" in each["licence"].lower().replace("_", "-").split("-")]
    unknown = [lang for lang, each in engines.items() if each["licence"] == NOT_STATED]
    notes = []
    if limited:
        notes.append(f"The translator of {', '.join(limited)} is licensed for non-commercial use.")
    if unknown:
        notes.append(
            f"The licence of the translator of {', '.join(unknown)} is not stated: find out before you share the set."
        )
    return f"\n{' '.join(notes)}\n" if notes else ""


def _limits(manifest: Mapping[str, Any]) -> str:
    return f"""## What it cannot show

* The gate sees numbers, formulas, language, length and copies. A translation with the right numbers and another meaning
  (who gives to whom, more for less) can pass; in languages without a review nobody knows how many do.
* An item that became easier, harder or ambiguous in translation counts like any other: a difference between languages may
  be the translator's, not the model's.
* Names, units, currencies and customs are the source's. It is no measure of mathematics as it is taught in a language.
* Wordings follow {language_name(manifest["languages"][0])}: translated text is easier for models that were trained on translations.
* The source is public: models may have seen it, in {language_name(manifest["languages"][0])} or translated.
"""
