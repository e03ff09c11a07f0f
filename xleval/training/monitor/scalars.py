"""The figures that experiment trackers and `train.json` get, by name: `word_ratio/LANG` and the like."""

from collections.abc import Callable, Iterable, Mapping

from xleval.evalkit.curves_schema import HeldOutJson, PointJson

_OF_POINTS: Mapping[str, Callable[[PointJson], float | None]] = {
    "word_ratio": lambda at: at["word_ratio"]["all"]["target_share"],
    "word_ratio_rewarded": lambda at: at["word_ratio"]["rewarded"]["target_share"],
    "word_ratio_reinforced": lambda at: at["word_ratio"]["reinforced"]["target_share"],
    "english_ratio": lambda at: at["word_ratio"]["all"]["english_share"],
    "rollout_accuracy": lambda at: at["accuracy"]["value"],
    "rollout_reward": lambda at: at["reward"],
    "rollout_chars": lambda at: at["n_chars"],
    "rollout_entropy": lambda at: at["entropy"],
    "zero_variance": lambda at: at["zero_variance_share"],
    "excluded_share": lambda at: at["excluded_share"],
    "question_copies": lambda at: at["question_copy_rate"],
}
# transformers shows names with eval_ in a group of their own
_OF_HELD_OUT: Mapping[str, Callable[[HeldOutJson], float | None]] = {
    "eval_accuracy": lambda at: at["accuracy"]["value"],
    "eval_word_ratio": lambda at: at["word_ratio"]["target_share"] if at["word_ratio"] else None,
}


def point_scalars(points: Iterable[PointJson]) -> dict[str, float]:
    """Return figures of roll-outs by name and language, the last of each; those that are missing are not there."""
    return {
        f"{name}/{point['lang']}": value
        for point in points
        for name, figure in _OF_POINTS.items()
        if (value := figure(point)) is not None
    }


def held_out_scalars(rows: Iterable[HeldOutJson]) -> dict[str, float]:
    """Return figures of held-out prompts by name and language, the last of each; those that are missing are not there."""
    return {
        f"{name}/{row['lang']}": value
        for row in rows
        for name, figure in _OF_HELD_OUT.items()
        if (value := figure(row)) is not None
    }
