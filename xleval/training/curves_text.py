"""Collapse curves as CSV for spreadsheets and as tables for a terminal."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import get_args

from xleval.data.plurals import counted
from xleval.evalkit.curves_schema import CurvesJson, PointJson, Rule, WordRatioJson

_PLAIN = (
    "step", "lang", "n", "n_rewarded", "n_reinforced", "reward", "advantage", "n_chars", "n_tokens", "n_groups",
    "zero_variance_share", "entropy", "excluded_share", "question_copy_rate", "truncated_rate",
)  # fmt: skip
_RATIO = ("n_below_5", "target_share", "english_share", "other_share")


def curves_csv(points: Sequence[PointJson]) -> str:
    """Return the points as CSV, a line each; a nested figure is a column such as `rewarded.target_share`."""
    rows = [_flat(point) for point in points]
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else list(_PLAIN), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _flat(point: PointJson) -> dict[str, object]:
    values: Mapping[str, object] = {**point}
    row = {name: values[name] for name in _PLAIN}
    row |= {f"accuracy.{name}": value for name, value in point["accuracy"].items()}
    for which, ratio in _ratios(point).items():
        figures: Mapping[str, object] = {**ratio}
        row |= {f"{which}.{name}": figures[name] for name in _RATIO}
        four: Mapping[str, object] = {**ratio["mean_shares"]} if ratio["mean_shares"] else {}
        row |= {f"{which}.mean_{name}": four.get(name) for name in ("target", "english", "other", "undetermined")}
    within = point["within_groups"]
    sides = {"in_target": point["in_target"], "in_english": point["in_english"]}
    sides |= {"within_groups.target": within["target"], "within_groups.english": within["english"]}
    row["within_groups.n_groups"] = within["n_groups"]
    for which, side in sides.items():
        row |= {f"{which}.{name}": value for name, value in side.items()}
    return row


def _ratios(point: PointJson) -> dict[str, WordRatioJson]:
    ratios = point["word_ratio"]
    return {"all": ratios["all"], "rewarded": ratios["rewarded"], "reinforced": ratios["reinforced"]}


def render_curves(curves: CurvesJson) -> str:
    """Return a table of every language's first and latest point, the warnings and what was not read, as text."""
    lines = [_HEAD]
    for lang in curves["languages"]:
        points = [point for point in curves["points"] if point["lang"] == lang]
        lines += [_line(point) for point in ([points[0], points[-1]] if len(points) > 1 else points)]
    if not curves["points"]:
        return "\n".join(["no roll-outs yet", *_left_out(curves)]) + "\n"
    parts = [*lines, *render_warnings(curves), *render_silence(curves), *_left_out(curves)]
    return "\n".join(parts) + "\n"


_HEAD = (
    f"{'lang':5}{'step':>8}{'n':>6}  {'target':>7}{'English':>8}{'other':>7}  {'rewarded':>9}{'reinforced':>11}"
    f"  {'reward':>8}{'right':>7}{'chars':>7}"
)


def _line(point: PointJson) -> str:
    ratio = point["word_ratio"]
    shares = [ratio["all"]["target_share"], ratio["all"]["english_share"], ratio["all"]["other_share"]]
    target, english, other = map(_percent, shares)
    rewarded, reinforced = (_percent(each["target_share"]) for each in (ratio["rewarded"], ratio["reinforced"]))
    reward = "–" if point["reward"] is None else f"{point['reward']:.3f}"
    chars = "–" if point["n_chars"] is None else f"{point['n_chars']:.0f}"
    return (
        f"{point['lang']:5}{point['step']:>8}{point['n']:>6}  {target:>7}{english:>8}{other:>7}  {rewarded:>9}"
        f"{reinforced:>11}  {reward:>8}{_percent(point['accuracy']['value']):>7}{chars:>7}"
    )


def render_warnings(curves: CurvesJson) -> list[str]:
    """Return a line for each warning, those that stand first, and one for each claim that they do not carry."""
    ordered = sorted(curves["warnings"], key=lambda warning: warning["cleared_step"] is not None)
    lines = [
        f"{'WARNING' if warning['cleared_step'] is None else 'over'}: {warning['lang']}, step {warning['step']}"
        + (f" to {warning['cleared_step']}" if warning["cleared_step"] is not None else "")
        + f": {warning['message']} ({warning['rule']})"
        for warning in ordered
    ]
    return lines + [f"not said: “{claim['claim']}” ({claim['reason']})" for claim in curves.get("refused", ())]


def render_silence(curves: CurvesJson) -> list[str]:
    """Return what the absence of a warning does and does not mean: never that there is no collapse."""
    found = curves.get("cannot_warn", [])
    lines = []
    for each in found:
        every = len(each["rules"]) == len(get_args(Rule))
        what = "early warning" if every else f"warning by {', '.join(each['rules'])}"
        lines.append(f"{', '.join(each['langs'])}: no {what} is possible: {each['reason']}")
    without = {lang for each in found if len(each["rules"]) == len(get_args(Rule)) for lang in each["langs"]}
    without |= {warning["lang"] for warning in curves["warnings"]}
    quiet = [lang for lang in curves["languages"] if lang not in without]
    if quiet:
        others = " other" * any(set(each["langs"]) & set(quiet) for each in found)
        lines.insert(0, f"{', '.join(quiet)}: no early warning; none of the{others} rules of docs/watch.md has held")
    return lines


def _left_out(curves: CurvesJson) -> list[str]:
    files, rejected = curves["files"], curves["rejected"]
    lines = []
    for state in ("damaged", "waiting", "replaced"):
        notes = files[state]
        if notes:
            shown = "; ".join(f"{note['file']}: {note['reason']}" for note in notes[:3])
            lines.append(f"{counted(len(notes), 'file')} {state}: {shown}{'; …' * (len(notes) > 3)}")
    if files["repeated"]:
        lines.append(
            f"{counted(len(files['repeated']), 'file repeats', 'files repeat')} the roll-outs of the step before: left out"
        )
    if rejected["n"]:
        first = rejected["first"][0]
        lines.append(f"{counted(rejected['n'], 'row')} rejected, the first: {first['file']}: {first['reason']}")
    return [*lines, *curves["notes"]]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f}"
