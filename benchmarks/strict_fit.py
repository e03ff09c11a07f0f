"""Fit the weights and offsets of `gate/omission.py` and `gate/asked.py` and print them.

    python -m benchmarks.strict_fit --cache DIR [--langs de,ja]

On human pairs with odd item numbers only. The word list that measures a pair must not have seen it, so the odd items are
halved and each half is measured with a word list of the other half and FLORES (two-fold cross-fitting). Dropped: up to five
sentences or clauses of each MGSM or GSM8K item, one of an MSVAMP item. Question: one injected error an item. One logistic
regression over all languages, every language with the same weight, MSVAMP items a quarter of the others; the offset of a
language is the score that 1 - `--alarms` of its human items stay below.
"""

import argparse
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.human_pairs import DATA, LANGUAGES, corrected, flores, is_odd, word_problems
from benchmarks.injected_errors import inject, parts, without
from benchmarks.strict_lexicon import learn
from xleval.data.reasoning.gate import lexicon as lexicons
from xleval.data.reasoning.gate.asked import question_features
from xleval.data.reasoning.gate.omission import features, matched
from xleval.data.reasoning.records import Pair

DROPS = 5
MSVAMP_WEIGHT = 0.25
#: Sets so large that a part is enough.
MOST_ITEMS = 400


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument(
        "--cache", type=Path, required=True, help="folder for the measured features, used again if there"
    )
    parser.add_argument("--langs", default=",".join(LANGUAGES))
    parser.add_argument("--alarms", type=float, default=0.01)
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    measured: dict[str, Mapping[str, Any]] = {}
    for lang in arguments.langs.split(","):
        path = arguments.cache / f"{lang}.npz"
        if not path.exists():
            np.savez(path, **measure(arguments.data, lang))
        measured[lang] = dict(np.load(path))
        print(f"{lang}  {len(measured[lang]['human'])} human, {len(measured[lang]['dropped'])} dropped", flush=True)
    for name, human, damaged in (("omission", "human", "dropped"), ("asked", "human_question", "question")):
        weights = fit(measured, human, damaged)
        print(f"{name}.WEIGHTS =", tuple(round(float(one), 3) for one in weights))
        print(
            f"{name}.OFFSETS =",
            {lang: round(offset(one, weights, human, arguments.alarms), 2) for lang, one in measured.items()},
        )


def measure(data: Path, lang: str) -> dict[str, Any]:
    """Return the features of human and damaged pairs of a language, each with whether it is from MSVAMP."""
    bad = corrected(data).get(lang, frozenset())
    problems = [pair for pair in word_problems(data, lang) if is_odd(pair) and pair.item_id not in bad][
        : 2 * MOST_ITEMS
    ]
    made: dict[str, list[Any]] = {}
    for fold in (0, 1):
        own, other = problems[fold::2], problems[1 - fold :: 2]
        learned = learn(other, other + flores(data, lang), lang)
        lexicons._lexicons = lambda learned=learned: {lang: learned}  # type: ignore[assignment, misc]
        matched.cache_clear()
        _measure_fold(made, own[:MOST_ITEMS], random.Random(fold))
    return {name: np.array(rows) for name, rows in made.items()}


def _measure_fold(made: dict[str, list[Any]], own: Sequence[Pair], rng: random.Random) -> None:
    for pair in own:
        easy = pair.item_id.startswith("msvamp")
        places = parts(pair)
        damaged = [
            replace(pair, target=without(pair, *place))
            for place in rng.sample(places, min(1 if easy else DROPS, len(places)))
        ]
        asked = inject(pair, "question", own)
        for name, rows in (
            ("human", [features(pair).vector()]),
            ("dropped", [features(one).vector() for one in damaged]),
            ("human_question", [question_features(pair).vector()]),
            ("question", [] if asked is None else [question_features(asked.pair).vector()]),
        ):
            made.setdefault(name, []).extend(rows)
            made.setdefault(f"{name}_easy", []).extend([easy] * len(rows))


def fit(measured: Mapping[str, Mapping[str, Any]], human: str, damaged: str) -> Any:
    """Return the weight of each feature."""
    rows, labels, weights = [], [], []
    for one in measured.values():
        for name, label in ((human, 0), (damaged, 1)):
            weight = np.where(one[f"{name}_easy"], MSVAMP_WEIGHT, 1.0)
            rows.append(one[name])
            labels.append(np.full(len(weight), label))
            weights.append(weight * 1000 / weight.sum())
    design = np.vstack(rows)
    scale = design.std(0) + 1e-9
    model = LogisticRegression(max_iter=2000).fit(
        design / scale, np.concatenate(labels), sample_weight=np.concatenate(weights)
    )
    return model.coef_[0] / scale


def offset(one: Mapping[str, Any], weights: Any, human: str, alarms: float) -> float:
    """Return the score that the wanted share of human items stays below: the higher of the two sets' values.

    MSVAMP may have 4 % above: some of its translations are cut or run away (Bengali), so they are true errors.
    """
    scores, easy = one[human] @ weights, one[f"{human}_easy"].astype(bool)
    sets = [(scores[~easy], alarms), (scores[easy], max(alarms, 0.04))]
    return float(max(np.quantile(part, 1 - share) for part, share in sets if len(part) >= 50))


if __name__ == "__main__":
    main()
