"""The languages of the PolyFact study: those that are trained on, and those that only the tests have."""

from dataclasses import dataclass

from xleval.data.languages import POLYFACT_LANGUAGES
from xleval.errors import ConfigError
from xleval.training.studies.records import StudyOptions

#: What KLAR and BMLAMA have beside the twelve, and the tests of these studies read.
_BESIDE = ("ko", "uk", "vi")
_SMOKE, _SMOKE_UNSEEN = ("en", "de", "es"), ("sw", "zh")


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyLanguages:
    """Languages of a study.

    Attributes:
        seen: every arm is trained on these.
        unseen: tests only.
        of_facts: languages of the set of facts, seen ones first.
    """

    seen: tuple[str, ...]
    unseen: tuple[str, ...]
    of_facts: tuple[str, ...]

    @property
    def every(self) -> tuple[str, ...]:
        """Seen and unseen languages, in this order."""
        return self.seen + self.unseen


def study_languages(options: StudyOptions) -> StudyLanguages:
    """Return the languages of a study.

    Raises:
        ConfigError: a language is seen and unseen, or fewer than two are trained on.
    """
    seen = options.langs or (_SMOKE if options.is_smoke else POLYFACT_LANGUAGES)
    usual = _SMOKE_UNSEEN if options.is_smoke else (*POLYFACT_LANGUAGES, *_BESIDE)
    unseen = options.unseen or tuple(lang for lang in usual if lang not in seen)
    if both := sorted(set(seen) & set(unseen)):
        raise ConfigError(f"--langs and --unseen both name {', '.join(both)}; what is trained on is not unseen")
    if len(seen) < 2:
        raise ConfigError(
            f"--langs {','.join(seen)}: knowledge is shared between languages; give two or more, such as en,de,es"
        )
    # A fact must be asked in every language of the set: those beside the twelve would cost facts unless they are wanted.
    facts = tuple(lang for lang in unseen if options.unseen or lang in POLYFACT_LANGUAGES)
    return StudyLanguages(seen=tuple(seen), unseen=unseen, of_facts=tuple(seen) + facts)
