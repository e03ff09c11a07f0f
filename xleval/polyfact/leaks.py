"""Whether an option can be seen in, or ruled out by, its question: the same rule for golds and distractors.

Were only golds checked, a name that shows in the question would mark a wrong option (defect classes 1 and 2). Every
wording of the relation is looked at, not only the one that is shown, so an item can be asked in any of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xleval.polyfact import names
from xleval.polyfact.names import NameKeys
from xleval.polyfact.records import Entity, Fact
from xleval.polyfact.wording import SLOT, Template, TemplateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One language in which an option shows.

    Attributes:
        lang: code.
        reason: `gold_in_question` or `gold_stem_in_subject`.
        detail: language and names.
    """

    lang: str
    reason: str
    detail: str


class AskedSubject:
    """A fact's subject in its questions, ready to be compared with options."""

    __slots__ = ("keys", "questions")

    def __init__(self, keys: Mapping[str, NameKeys], questions: Mapping[str, str]) -> None:
        self.keys = keys
        self.questions = questions


class LeakGuard:
    """Compares options with questions; names of options are prepared once.

    Args:
        entities: items by Q-id.
        templates: every wording.
    """

    def __init__(self, entities: Mapping[str, Entity], templates: Mapping[TemplateKey, Sequence[Template]]) -> None:
        self._entities, self._templates = entities, templates
        # Answers come up again and again, subjects hardly ever: the cache is for the former.
        self.option = lru_cache(maxsize=400_000)(self._keys)
        self._frames = lru_cache(maxsize=None)(self._frame)

    def _keys(self, qid: str, lang: str) -> NameKeys:
        entity = self._entities[qid]
        return names.name_keys(entity.labels[lang].text, entity.aliases.get(lang, ()), lang)

    def _frame(self, key: TemplateKey) -> tuple[str, ...]:
        """Return the folded texts around the slots of all wordings of a key."""
        joined = " \n ".join(template.question for template in self._templates[key])
        return tuple(names.fold(part) for part in joined.split(SLOT))

    def subject(self, fact: Fact, langs: Sequence[str]) -> AskedSubject:
        """Return a fact's subject in its questions."""
        kind = self._entities[fact.subject_qid].kind
        keys = {lang: self._keys(fact.subject_qid, lang) for lang in langs}
        questions = {lang: keys[lang].folded.join(self._frames((fact.relation_pid, kind, lang))) for lang in langs}
        return AskedSubject(keys, questions)

    def shows(self, option_qid: str, asked: AskedSubject, langs: Iterable[str]) -> bool:
        """Whether an option shows in the question in any of the languages."""
        for lang in langs:
            option = self.option(option_qid, lang)
            if names.keys_share_stem(asked.keys[lang], option) or names.question_contains(
                asked.questions[lang], option
            ):
                return True
        return False

    def leaks(self, option_qid: str, asked: AskedSubject, langs: Iterable[str]) -> list[Leak]:
        """Return every language in which an option shows, with the reason."""
        found = []
        for lang in langs:
            option = self.option(option_qid, lang)
            if names.question_contains(asked.questions[lang], option):
                reason = "gold_in_question"
            elif names.keys_share_stem(asked.keys[lang], option):
                reason = "gold_stem_in_subject"
            else:
                continue
            found.append(Leak(lang=lang, reason=reason, detail=f"{lang} {option.folded!r}"))
        return found
