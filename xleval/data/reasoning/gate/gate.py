"""The translation gate: the checks that decide, without a model and at thousands of items a second, what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from types import MappingProxyType

from xleval.data.languages import get_language
from xleval.data.reasoning.gate.chatter import check_chatter
from xleval.data.reasoning.gate.copy import RUN, check_copy
from xleval.data.reasoning.gate.language import check_language
from xleval.data.reasoning.gate.length import check_empty, check_length
from xleval.data.reasoning.gate.numbers import LOST, check_numbers
from xleval.data.reasoning.gate.placeholders import check_placeholders
from xleval.data.reasoning.gate.runaway import check_runaway
from xleval.data.reasoning.records import Check, Finding, Pair
from xleval.errors import ConfigError, unknown_name

#: The default checks, cheap ones first.
CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "empty": check_empty,
        "placeholders": check_placeholders,
        "chatter": check_chatter,
        "length": check_length,
        "runaway": check_runaway,
        "copy": check_copy,
        "numbers": check_numbers,
        "language": check_language,
    }
)

#: The score of each check from which a pair is rejected; `numbers:bn` holds for one language. Calibrated on human
#: translations, see docs/translation-gate.md and `benchmarks/translation_gate.py`.
LIMITS: Mapping[str, float] = MappingProxyType(
    {
        "empty": 1.0,
        "placeholders": 1.0,
        "chatter": 1.0,
        "length": 3.5,
        # Han and Hangul say in few characters what varies more; half a text is 3.5 spreads away only in long ones.
        "length:ja": 3.0,
        "length:ko": 3.2,
        "length:zh": 3.0,
        "runaway": 0.4,
        "copy": float(RUN),
        "numbers": LOST,
        # The human sets of these languages lack one number in 1.0 (ko) to 3.0 % (bn) of their items. So one lost number
        # with nothing in its place is let through there by default; two, and every changed or added one, are not.
        "numbers:bn": 1.0,
        "numbers:ko": 1.0,
        "numbers:th": 1.0,
        "language": 1.0,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateConfig:
    """What a gate checks and how strictly.

    Attributes:
        checks: names of the checks to make; empty for all default ones, and all strict ones if `strict`.
        limits: scores from which a check rejects, instead of the defaults; `NAME` or `NAME:LANG`.
        use_language: with language identification, which costs most of the time and needs lingua.
        strict: with the checks of `gate.strict`: more errors found, more good translations rejected.
    """

    checks: tuple[str, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    use_language: bool = True
    strict: bool = False


class Gate:
    """Decides which translations are kept. Holds no state between calls and can be used in forked processes."""

    def __init__(self, config: GateConfig | None = None) -> None:
        """Make a gate.

        Args:
            config: all default checks and limits if None.

        Raises:
            ConfigError: unknown check, a limit for a check that is not made, or a limit that is not above 0.
        """
        self.config = config or GateConfig()
        known = dict(CHECKS)
        limits = dict(LIMITS)
        if self.config.strict:
            for name, (check, limit) in _strict_checks().items():
                known[name] = check
                limits[name] = limit
        for name in self.config.checks:
            if name not in known:
                raise unknown_name("check of the translation gate", name, known)
        chosen = self.config.checks or tuple(known)
        self._checks = {
            name: known[name] for name in known if name in chosen and (self.config.use_language or name != "language")
        }
        for name, limit in self.config.limits.items():
            self._allow(name, limit)
            # What is said of a check holds in all its languages, what is said of a language in that one.
            if ":" not in name:
                limits = {key: old for key, old in limits.items() if not key.startswith(f"{name}:")}
        limits.update(self.config.limits)
        self._limits = {key: limit for key, limit in limits.items() if key.partition(":")[0] in self._checks}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the checks that are made, in the order in which they are made."""
        return tuple(self._checks)

    def limit(self, name: str, lang: str) -> float:
        """Return the score from which a check rejects a translation into a language."""
        return self._limits.get(f"{name}:{lang}", self._limits[name])

    def check(self, pairs: Sequence[Pair]) -> list[tuple[Finding, ...]]:
        """Return for each pair the findings that reject it; none: it passes.

        Raises:
            ConfigError: unknown language.
            MissingExtra: language identification is asked for and lingua is not installed.
        """
        return [
            tuple(found for found in findings if found.score >= self.limit(found.check, pair.lang)) if findings else ()
            for pair, findings in zip(pairs, self.measure(pairs), strict=True)
        ]

    def measure(self, pairs: Sequence[Pair]) -> list[tuple[Finding, ...]]:
        """Return for each pair everything the checks find, below the limits, too; for curves and calibration.

        Raises:
            ConfigError: unknown language.
            MissingExtra: language identification is asked for and lingua is not installed.
        """
        # One check over all pairs before the next one: lingua's tables displace everything else from the cache.
        found: list[list[Finding]] = [[] for _ in pairs]
        for check in self._checks.values():
            for index, pair in enumerate(pairs):
                finding = check(pair)
                if finding is not None:
                    found[index].append(finding)
        return [tuple(findings) for findings in found]

    def fingerprint(self) -> Mapping[str, str]:
        """Return what the decisions depend on: checks, limits, version of lingua; for the manifest of a set."""
        parts = {"checks": " ".join(self.names)}
        parts["limits"] = " ".join(f"{key}={limit:g}" for key, limit in sorted(self._limits.items()))
        if "language" in self._checks:
            try:
                parts["lingua"] = version("lingua-language-detector")
            except PackageNotFoundError:
                parts["lingua"] = "not installed"
        return parts

    def _allow(self, name: str, limit: float) -> None:
        check, colon, lang = name.partition(":")
        if check not in self._checks:
            raise ConfigError(
                f"a limit for {check!r}, but this gate makes only {', '.join(self._checks)}; "
                "name one of these or add the check"
            )
        if colon:
            get_language(lang)
        if not limit > 0:
            raise ConfigError(
                f"limit {limit:g} for {name}: it must be above 0, since every finding has a score above 0"
            )


def _strict_checks() -> Mapping[str, tuple[Check, float]]:
    # Imported here: its lexicons take a tenth of a second, and the default gate needs none.
    from xleval.data.reasoning.gate.strict import STRICT_CHECKS

    return STRICT_CHECKS
