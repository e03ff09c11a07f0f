"""What the card of a set of pairs says otherwise than that of a reasoning set: how to read it, what it cannot show."""

from collections.abc import Mapping
from typing import Any

from xleval.data.card_markdown import language_name, markdown_rows


def pair_opening(manifest: Mapping[str, Any], status: str) -> str:
    """Return the first section of the card.

    Args:
        manifest: as in `build.json`.
        status: sentence on who translated and reviewed.
    """
    source, translated = manifest["languages"][0], manifest["languages"][1:]
    rows = (
        (name, ", ".join(f"{split} {n}" for split, n in splits.items())) for name, splits in manifest["configs"].items()
    )
    names = ", ".join(language_name(lang) for lang in translated)
    return f"""
# {manifest["source"]["name"]}: instructions and responses in {len(manifest["languages"])} languages, built by xleval

{manifest["items"]["source"]} instructions of `{manifest["source"]["name"]}` with their responses in {language_name(source)}, both
translated into {names}. The same `item_id` in every language. {status}

```python
from datasets import load_dataset
load_dataset(DIR, "{translated[-1]}")     # one language; join with "{source}" on item_id
```

`datasets` caches by folder name: after a rebuild use `download_mode="force_redownload"`.

A row is in a language when instruction and response both passed there. An item is in the same split in every language.

| config | rows |
|---|---|
{markdown_rows(*rows)}

Columns: `item_id`, `language`, `instruction`, `response`, `engine`, `instruction_attempt` and `response_attempt` (which of the
engine's candidates passed, 1 for its first; 0 for the source).
"""


def pair_limits(manifest: Mapping[str, Any]) -> str:
    """Return the section on what the set cannot show."""
    source = language_name(manifest["languages"][0])
    return f"""## What it cannot show

* The gate sees lines, numbers, formulas, code, language, length and copies. A fluent translation with another meaning can
  pass; in languages without a review nobody knows how many do. One number of a long response may be wrong.
* Responses are the source's: facts, names, laws and prices of where it was written, and its style in translation.
* Instructions about {source} itself (spelling, rhymes, puns) are translated like any other and may make no sense.
* Code is left as it is, with the comments in {source}.
"""
