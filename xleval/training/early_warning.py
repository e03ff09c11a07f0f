"""Early warnings: what collapse curves show while there is still time to stop and look. docs/watch.md has the rules."""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence

from xleval.data.plurals import counted
from xleval.evalkit.curves_schema import CannotWarnJson, PointJson, RefusedJson, Rule, WarningJson
from xleval.training.trend import Series
from xleval.training.warning_options import WarningOptions
from xleval.training.warning_rules import RULES, Alarm, Seen, WarningRule, reward_of

_CLEARING = 5  # points whose median has to be back


class EarlyWarnings:
    """The warnings of a training, kept up to date point by point: a new point costs the same at step 10 and 10,000.

    Args:
        options: thresholds; docs/watch.md has what the defaults were measured on.
    """

    def __init__(self, options: WarningOptions | None = None) -> None:
        self._options = options or WarningOptions()
        self._watched: dict[str, list[_Watched]] = {}

    def add(self, point: PointJson) -> None:
        """Take the next point of a language; its steps have to rise."""
        own = self._watched.setdefault(point["lang"], [_Watched(rule, self._options) for rule in RULES])
        for watched in own:
            watched.add(point)

    def found(self) -> list[WarningJson]:
        """Return the warnings so far, those that are over too, by step, then language."""
        every = [warning for own in self._watched.values() for watched in own for warning in watched.found()]
        return sorted(every, key=lambda warning: (warning["step"], warning["lang"], warning["rule"]))


def early_warnings(points: Sequence[PointJson], options: WarningOptions | None = None) -> list[WarningJson]:
    """Return the warnings that collapse curves give, by step, then language.

    At every point only what came before it counts: the same points give the same warnings whether they came one by one
    or all at once. A warning stands until the median of five points is back within half of the threshold.

    Args:
        points: of any languages, each step and language once.
        options: thresholds; docs/watch.md has what the defaults were measured on.
    """
    every = EarlyWarnings(options)
    for own in _by_language(points).values():
        for point in own:
            every.add(point)
    return every.found()


def cannot_warn(points: Sequence[PointJson], options: WarningOptions | None = None) -> list[CannotWarnJson]:
    """Return which rules could not have held whatever happened, and why; where they are silent that says nothing.

    Args:
        points, options: as given to `early_warnings`.
    """
    chosen = options or WarningOptions()
    rules: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for lang, own in _by_language(points).items():
        for rule in RULES:
            for reason in _missing(own, rule, chosen):
                rules[reason, lang].append(rule.name)
    langs: dict[tuple[str, tuple[Rule, ...]], list[str]] = defaultdict(list)
    for (reason, lang), names in rules.items():
        langs[reason, tuple(names)].append(lang)
    return [CannotWarnJson(langs=own, rules=list(names), reason=reason) for (reason, names), own in langs.items()]


def refused(warnings: Sequence[WarningJson]) -> list[RefusedJson]:
    """Return what must not be read out of warnings: that the damage is irreversible, for want of controls (D25)."""
    from xleval.evalkit.claims import irreversible  # brings numpy

    found = irreversible(()) if warnings else None
    return [RefusedJson(letter=found.letter, claim=found.claim, reason=found.reason)] if found else []


def _by_language(points: Sequence[PointJson]) -> dict[str, list[PointJson]]:
    """Return the points of every language, languages and steps in order."""
    found: dict[str, list[PointJson]] = defaultdict(list)
    for point in sorted(points, key=lambda point: (point["lang"], point["step"])):
        found[point["lang"]].append(point)
    return found


def _missing(points: Sequence[PointJson], rule: WarningRule, options: WarningOptions) -> Iterator[str]:
    """Yield what a rule lacks in one language: points at all, points with its figure, points with a reward."""
    n, needed = len(points), rule.needs_points(options)
    if n < needed:
        yield f"{counted(n, 'point')}, {options.min_points if n < options.min_points else needed} are needed"
    with_figure = sum(rule.figure(point) is not None for point in points)
    if with_figure == 0:
        yield f"no point has {rule.behind}"
    elif with_figure < min(n, needed):
        yield f"{with_figure} of {counted(n, 'point')} have {rule.behind}, {needed} are needed"
    with_reward = sum(reward_of(point) is not None for point in points)
    if rule.needs_reward and with_reward < min(n, needed):
        yield f"{with_reward} of {counted(n, 'point')} have a reward or an accuracy, {needed} are needed"


class _Watched:
    """One rule in one language, and what it has seen."""

    def __init__(self, rule: WarningRule, options: WarningOptions) -> None:
        self._rule, self._options = rule, options
        self._figure: list[tuple[float, float]] = []
        self._counts: list[int] = []
        self._reward: list[tuple[float, float]] = []
        self._earned = "accuracy"
        self._lang = ""
        self._over: list[WarningJson] = []
        self._opened: tuple[int, Alarm] | None = None

    def found(self) -> list[WarningJson]:
        """Return the warnings, the one that stands last."""
        standing = [_warning(self._lang, self._rule, *self._opened, cleared=None)] if self._opened else []
        return [*self._over, *standing]

    def add(self, point: PointJson) -> None:
        """Take the next point."""
        rule, step = self._rule, point["step"]
        value, earns = rule.figure(point), reward_of(point)
        self._lang = point["lang"]
        self._reward += [] if earns is None else [(step, earns)]
        self._earned = "reward" if point["reward"] is not None else self._earned
        if value is None:
            return
        self._figure.append((step, value))
        self._counts.append(rule.count(point) if rule.count else 0)
        if self._opened is None:
            seen = Seen(figure=self._figure, counts=self._counts, reward=self._reward, earned=self._earned)
            alarm = rule.holds(rule, seen, self._options)
            self._opened = (step, alarm) if alarm else None
        elif _is_back(self._figure, rule, *self._opened):
            self._over.append(_warning(self._lang, rule, *self._opened, cleared=step))
            self._opened = None
            if not rule.since_start:  # else what is over would be found again in the longer window
                del self._figure[:-_CLEARING], self._counts[:-_CLEARING]


def _warning(lang: str, rule: WarningRule, step: int, alarm: Alarm, *, cleared: int | None) -> WarningJson:
    return WarningJson(
        step=step,
        lang=lang,
        rule=rule.name,
        message=alarm.message,
        figures={name: round(value, 6) for name, value in alarm.figures.items()},
        units=dict(alarm.units),
        cleared_step=cleared,
    )


def _is_back(figure: Series, rule: WarningRule, since: int, alarm: Alarm) -> bool:
    values = [value for step, value in figure[-_CLEARING:] if step > since]
    return len(values) == _CLEARING and rule.sign * (statistics.median(values) - alarm.before) < alarm.back
