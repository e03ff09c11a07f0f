"""The audit: every class that can be checked, language by language, counted and handed on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from xleval.polyfact.baselines import Shown, baselines
from xleval.polyfact.lint import checks_leaks, checks_question, checks_scripts, checks_set, checks_text
from xleval.polyfact.lint.checks_across import collect, missing_language, option_sets, uneven
from xleval.polyfact.lint.checks_source import FACT_CHECKS, label_checks
from xleval.polyfact.lint.classes import CLASSES
from xleval.polyfact.lint.records import ClassCount, Finding, Row
from xleval.polyfact.lint.truth import Truth
from xleval.polyfact.lint.view import Across, Hit, Outcome, View
from xleval.polyfact.sources import Source

ALL_LANGUAGES = "*"

#: Checks of one language, by class; the guessers (4, 35), class 27 and the source's classes are apart.
CHECKS: Mapping[int, Callable[[View], Outcome]] = {
    1: checks_leaks.gold_in_question,
    2: checks_leaks.distractor_in_question,
    3: checks_set.several_golds,
    5: checks_set.concentration,
    6: checks_set.never_gold,
    8: checks_question.negated_question,
    13: checks_question.invented_number,
    14: checks_leaks.subject_never_named,
    15: checks_scripts.mixed_scripts,
    17: checks_set.unattested,
    18: checks_text.garbage,
    19: checks_scripts.traditional_characters,
    20: checks_set.two_names,
    21: option_sets,
    22: checks_scripts.foreign_script,
    23: checks_question.other_language,
    24: checks_text.designation,
    25: checks_set.duplicates,
    30: checks_leaks.head_word,
    31: checks_text.equal_options,
    32: checks_text.index_out_of_range,
    33: checks_text.answer_mismatch,
    34: checks_text.empty_field,
    36: checks_question.cut_off,
    38: missing_language,
    39: checks_scripts.latin_name,
}
#: Items from which frequencies of golds say something (E13): in a small set nearly every option is gold once or never.
ENOUGH = 600
_GUESSERS = {4: ("most_frequent", "least_frequent"), 35: ("longest", "shortest", "overlap", "position")}


class Readable(Protocol):
    """A set that gives the rows of a language, as often as it is asked."""

    languages: tuple[str, ...]
    n_left_out: int

    def rows(self, lang: str) -> list[Row]:
        """Return all items of a language."""
        ...


class Audit:
    """Counts what the checks find.

    Args:
        target: the set.
        n_examples: findings kept of each class and language.
        on_finding: is given every finding; for files.

    Attributes:
        counts: class to language to count.
        missing: class to why it could not be checked anywhere.
        n_rows: language to items.
        scores: language to guesser to accuracy.
        chance: language to accuracy of a blind guess.
    """

    def __init__(self, target: Readable, n_examples: int, on_finding: Callable[[Finding], None]) -> None:
        self._target, self._n_examples, self._on_finding = target, n_examples, on_finding
        self.counts: dict[int, dict[str, ClassCount]] = defaultdict(dict)
        self.missing: dict[int, str] = {}
        self.n_rows: dict[str, int] = {}
        self.scores: dict[str, Mapping[str, float]] = {}
        self.chance: dict[str, float] = {}
        self._n_defective: dict[str, int] = {}

    def run(self, source: Source | None, progress: Callable[[str, int, int], None]) -> None:
        """Read the set twice: once for what languages must know of each other, once for the checks."""
        across, langs = Across(left_out=self._target.n_left_out), self._target.languages
        truth = Truth(source, self._distinct_facts()) if source is not None else None
        for done, lang in enumerate(langs):
            progress(f"reading {lang}", done, 2 * len(langs))
            rows = self._target.rows(lang)
            self.n_rows[lang] = len(rows)
            collect(across, lang, rows)
        fact_lang = max(langs, key=lambda lang: self.n_rows[lang])
        for done, lang in enumerate(langs, start=len(langs)):
            progress(f"checking {lang}", done, 2 * len(langs))
            self._check(View(lang, self._target.rows(lang), across), truth, fact_lang)
        for lang, outcome in uneven(self.n_rows, self._n_defective).items():
            self.add(27, lang, outcome)
        progress("done", 2 * len(langs), 2 * len(langs))

    def _distinct_facts(self) -> Iterable[Row]:
        """Yield the rows of every language, each set of ids once."""
        seen = set()
        for lang in self._target.languages:
            for row in self._target.rows(lang):
                key = hash((row.subject_id, row.relation, row.object_id, frozenset(row.option_ids)))
                if key not in seen:
                    seen.add(key)
                    yield row

    def _check(self, view: View, truth: Truth | None, fact_lang: str) -> None:
        defective: set[int] = set()
        for number, check in CHECKS.items():
            wanted = CLASSES[number].languages
            if not wanted or view.lang in wanted:
                outcome = check(view)
                if truth is None or number not in (6, 17) or not any(row.option_ids for row in view.rows):
                    self.add(number, view.lang, outcome, view.rows)
                    if CLASSES[number].limit is not None:
                        defective |= {hit.index for hit in outcome.hits if isinstance(hit, Hit)}
        self._n_defective[view.lang] = len(defective)
        self._guess(view)
        if truth is not None:
            for number, outcome in zip((16, 17), label_checks(view, truth), strict=True):
                self.add(number, view.lang, outcome, view.rows)
            if view.lang == fact_lang:
                for number, fact_check in FACT_CHECKS.items():
                    self.add(number, ALL_LANGUAGES, fact_check(view, truth), view.rows)

    def _guess(self, view: View) -> None:
        """Let guessers without a model loose on the rows that have a gold."""
        items = [_shown(row) for row in view.rows if row.gold >= 0 and len(row.options) > 1]
        if not items:
            self.missing.setdefault(4, "items with a gold")
            return
        self.chance[view.lang] = sum(1 / len(item.options) for item in items) / len(items)
        self.scores[view.lang] = baselines(items)
        for number, names in _GUESSERS.items():
            outcome = checks_set.shortcut(
                self.scores[view.lang], names, self.chance[view.lang], len(items), ENOUGH if number == 4 else 1
            )
            self.add(number, view.lang, outcome, ())

    def add(self, number: int, lang: str, outcome: Outcome, rows: Sequence[Row] = ()) -> None:
        """Count an outcome, and hand its findings on; `rows` are those that its hits are about."""
        if outcome.missing:
            self.missing.setdefault(number, outcome.missing)
            return
        examples: list[Finding] = []
        for hit in outcome.hits:
            if isinstance(hit, Hit):
                row = rows[hit.index]
                about, place = row.item_id, row.place
            else:
                about, place = hit.about, ""
            finding = Finding(number=number, lang=lang, item_id=about, shown=hit.shown, detail=hit.detail, place=place)
            self._on_finding(finding)
            if len(examples) < self._n_examples:
                examples.append(finding)
        self.counts[number][lang] = ClassCount(
            checked=outcome.checked, found=len(outcome.hits), unknown=outcome.unknown, examples=tuple(examples)
        )


def _shown(row: Row) -> Shown:
    return Shown(
        relation_pid=row.relation,
        question=row.question,
        options=row.options,
        option_qids=row.option_ids or row.options,
        gold_index=row.gold,
    )
