"""The settings of a build, what they are refused for, and the record of them that a folder holds."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from xleval.data.languages import get_language
from xleval.data.reasoning.judging import ModelCheck, PairGate
from xleval.data.reasoning.outcomes import PAIR, Part
from xleval.data.reasoning.translators import without_folder
from xleval.data.reasoning.translators.protocol import Translator
from xleval.data.storage import sha256_of
from xleval.errors import ConfigError, DataError

if TYPE_CHECKING:
    from xleval.data.reasoning.sources import Source

#: Raised when the same configuration would give other bytes: it is part of the configuration that a folder holds.
BUILDER_VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildConfig:
    """What is made of a source, beside translators and checks.

    Attributes:
        languages: codes, in the order of the columns; the source's own language is part of every set.
        attempts: most candidates that are tried for a text; a translator with fewer ends earlier.
        seed: decides the order of the curriculum and the review sample.
        translate_solutions: whether worked solutions are translated, too. A question counts without its solution: where
            that does not pass, the column is empty.
        protect_numbers: whether numbers are placeholders like formulas, for engines that change digits.
        review: how many accepted translations of each language come on a sheet for reviewers, and as many rejected ones;
            0 for no sheets.
        min_langs: in how many of the languages translated into an item must have passed to be in `parallel`; None for all.
        pairs: whether the items are instructions with responses: both are translated, and both must pass.
    """

    languages: tuple[str, ...]
    attempts: int = 3
    seed: int = 0
    translate_solutions: bool = False
    protect_numbers: bool = False
    review: int = 0
    min_langs: int | None = None
    pairs: bool = False

    @property
    def needed(self) -> tuple[Part, ...]:
        """The texts of an item that must have passed in a language."""
        return PAIR if self.pairs else ("question",)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The texts of an item that are translated."""
        return (*self.needed, "solution") if self.translate_solutions and not self.pairs else self.needed

    def __post_init__(self) -> None:
        """Refuse what cannot be built.

        Raises:
            ConfigError: an unknown language, one that is named twice, or a number out of range.
        """
        for lang in self.languages:
            get_language(lang)
        if twice := sorted({lang for lang in self.languages if self.languages.count(lang) > 1}):
            raise ConfigError(f"--langs names {', '.join(twice)} twice; name each language once")
        if self.attempts < 1:
            raise ConfigError(f"--attempts is {self.attempts}; at least 1 is needed")
        if self.pairs and (self.translate_solutions or self.min_langs is not None):
            option = "--solutions" if self.translate_solutions else "--min-langs"
            raise ConfigError(
                f"{option} is for reasoning sets; with --pairs responses are always translated. Leave it out"
            )
        if self.review < 0:
            raise ConfigError(f"--review is {self.review}; 0 or more is needed")


def languages_of(source: "Source", config: BuildConfig) -> tuple[str, tuple[str, ...]]:
    """Return the source's language and those to translate into.

    Raises:
        DataError: the source has no items, items of several languages, or two with one id.
        ConfigError: there is nothing to translate into.
    """
    found = sorted({item.lang for item in source.items})
    if len(found) != 1:
        raise DataError(
            f"the source {source.name} has items in {', '.join(found) or 'no language'}; one language is needed to translate from"
        )
    ids = [item.item_id for item in source.items]
    if len(set(ids)) < len(ids):
        twice = next(item_id for item_id in ids if ids.count(item_id) > 1)
        raise DataError(f"the source {source.name} has the item {twice} more than once; ids must be unique")
    languages = tuple(lang for lang in config.languages if lang != found[0])
    if not languages:
        raise ConfigError(
            f"--langs names nothing but the source's own language, {found[0]}: name languages to translate into"
        )
    return found[0], languages


def check(
    translators: Mapping[str, Translator], source_lang: str, languages: tuple[str, ...], config: BuildConfig
) -> None:
    """Refuse what would only show after hours.

    Raises:
        ConfigError: a language without translator, one that its translator lacks, or too many languages for `min_langs`.
    """
    lacking = [lang for lang in languages if lang not in translators]
    if lacking:
        raise ConfigError(f"no translator for {', '.join(lacking)}: give --translator {lacking[0]}=SPEC")
    if config.min_langs is not None and not 1 <= config.min_langs <= len(languages):
        raise ConfigError(f"--min-langs is {config.min_langs}; 1 to {len(languages)} languages are translated into")
    asked: dict[int, list[str]] = {}
    for lang in languages:
        asked.setdefault(id(translators[lang]), []).append(lang)
    for langs in asked.values():
        translators[langs[0]].check_languages(source_lang, langs)


def stored(
    source: "Source",
    translators: Mapping[str, Translator],
    languages: tuple[str, ...],
    config: BuildConfig,
    gate: PairGate,
    model_checks: Sequence[ModelCheck],
) -> dict[str, Any]:
    """Return everything that decides the bytes of the set, as JSON values."""
    items = [
        [item.item_id, item.question, item.answer, item.solution, item.lang, dict(item.groups)] for item in source.items
    ]
    return {
        **asdict(config),
        "languages": list(languages),
        "source": {"name": source.name, "items": len(items), "sha256": sha256_of(items)},
        "translators": {
            lang: {**translators[lang].fingerprint(), "spec": shown_spec(translators[lang])} for lang in languages
        },
        "gate": _by_limit(gate.fingerprint()),
        "model_checks": {check.name: dict(check.fingerprint()) for check in model_checks},
        "builder_version": BUILDER_VERSION,
    }


def _by_limit(fingerprint: Mapping[str, str]) -> dict[str, object]:
    """Return a gate's fingerprint with its limits by check, so that the message on another one names it."""
    found: dict[str, object] = dict(fingerprint)
    if "limits" in fingerprint:
        found["limits"] = dict(limit.split("=", 1) for limit in fingerprint["limits"].split())
    return found


def shown_spec(translator: Translator) -> str:
    """Return a translator's specification as a set may show it: without the folders of this machine."""
    return without_folder(translator.fingerprint().get("spec", translator.spec))
