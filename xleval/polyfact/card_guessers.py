"""The section of a set's card on guessers without a model: what they score in each language, and by names alone."""

import math
from collections.abc import Mapping
from typing import Any

from xleval.data.card_markdown import markdown_table
from xleval.polyfact.baselines import CHANCE, TOLERANCE


def guessers_section(manifest: Mapping[str, Any]) -> str:
    """Return the section of a card, from a manifest as in `build.json`."""
    facts, names = manifest["facts"], manifest["name_baseline"]
    return f"""## What a guesser without a model scores

Accuracy over all splits; chance is {CHANCE:.2f}, the limit {CHANCE + TOLERANCE:.2f}. {_verdict(manifest)}

{_baseline_table(manifest["baselines"])}

On the test split alone ({facts["test"]} facts), with frequencies learnt from train, 95 of 100 guessers at chance are
within {_chance_interval(facts["test"])}, so a single value outside means little:

{_baseline_table(manifest["baselines_test"])}

Not at chance, and it cannot be: what the subject's name alone gives away. A classifier of letter sequences (2 to 4
letters, naive Bayes, trained on other subjects) scores the following; with the names shuffled it scores what chance does.
The {names["guessable"]} of {facts["all"]} facts that it gets right in three languages or more are flagged `guessable`: report
accuracy on the others beside the overall one. With shuffled names it gets {names["by_luck"]} right in as many by luck, so the
flag is generous. Facts whose answer is never gold in train can hardly be flagged, whatever their names say.

{_name_table(names["scores"])}
"""


def _baseline_table(scores: Mapping[str, Mapping[str, float]]) -> str:
    if not scores:
        return "(no facts in this split)"
    names = list(next(iter(scores.values())))
    rows = [(lang, *(f"{row[name]:.3f}" for name in names)) for lang, row in scores.items()]
    return markdown_table(("language", *names), rows).removesuffix("\n")


def _verdict(manifest: Mapping[str, Any]) -> str:
    above = manifest["baselines_above_tolerance"]
    return f"**Above the limit: {', '.join(above)}.**" if above else "None is above it."


def _chance_interval(n: int) -> str:
    """Return the central 95 % of the accuracy of n guesses at chance, by the normal approximation."""
    spread = 1.96 * math.sqrt(CHANCE * (1 - CHANCE) / max(n, 1))
    return f"{max(0.0, CHANCE - spread):.2f} to {min(1.0, CHANCE + spread):.2f}"


def _name_table(baseline: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Return a table of `accuracy (shuffled)` by relation and language."""
    languages = list(dict.fromkeys(lang for row in baseline.values() for lang in row))
    if not languages:
        return "(no relation has enough facts)"
    rows = []
    for pid, row in baseline.items():
        cells = [
            f"{row[lang]['accuracy']:.2f} ({row[lang]['shuffled']:.2f})" if lang in row else "" for lang in languages
        ]
        rows.append((pid, max(cell["n"] for cell in row.values()), *cells))
    return markdown_table(("relation", "facts", *languages), rows).removesuffix("\n")
