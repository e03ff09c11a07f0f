"""Texts to their translations: one candidate after the other until the gate lets one through, all of it journaled."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from xleval.data.journal import Journal
from xleval.data.reasoning.judging import Judge
from xleval.data.reasoning.outcomes import Attempt, Outcome, Wanted
from xleval.data.reasoning.protection import ProtectedText, protect, restore
from xleval.data.reasoning.recording import Recorder
from xleval.data.reasoning.records import Finding, Pair
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest, Translator
from xleval.data.storage import canonical_json, sha256_of
from xleval.errors import BackendError

Say = Callable[[str], None]
Count = Callable[[int, int], None]


class Attempts:
    """The way from wanted texts to outcomes.

    Args:
        translators: by language; languages with the same one are asked in one call.
        journal: keeps finished translations.
        judge: the gate and the checks that need a model.
        protect_numbers: whether numbers are placeholders, too.
        limit: most attempts at a text; a translator with fewer candidates ends earlier.
        say: is told what is being done.
        progress: is told how many texts of a round are translated, and of how many.
    """

    def __init__(
        self,
        translators: Mapping[str, Translator],
        journal: Journal,
        judge: Judge,
        *,
        protect_numbers: bool,
        limit: int,
        say: Say,
        progress: Count,
    ) -> None:
        self._translators = translators
        self._journal = journal
        self._judge = judge
        self._protect_numbers = protect_numbers
        self._limit = limit
        self._say = say
        self._progress = progress
        self._fingerprints = {lang: canonical_json(dict(each.fingerprint())) for lang, each in translators.items()}

    def outcomes(self, wanted: Sequence[Wanted]) -> list[Outcome]:
        """Return the outcome of every wanted text, in their order.

        Raises:
            BackendError: a translator fails as a whole, or leaves requests without an answer.
            DataError: the journal cannot be written.
        """
        tried: list[list[Attempt]] = [[] for _ in wanted]
        for turn in range(self._limit):
            places = [
                place
                for place, text in enumerate(wanted)
                if turn < self._translators[text.lang].candidates and not (tried[place] and tried[place][-1].passed)
            ]
            if not places:
                break
            self._say(f"translating {len(places)} texts, attempt {turn + 1} of at most {self._limit}")
            for place, attempt in zip(places, self._round([wanted[place] for place in places], turn), strict=True):
                tried[place].append(attempt)
        return [Outcome(wanted=text, attempts=tuple(found)) for text, found in zip(wanted, tried, strict=True)]

    def _round(self, wanted: Sequence[Wanted], turn: int) -> list[Attempt]:
        """Return the same candidate of every text, judged."""
        by_translator: dict[int, list[int]] = {}
        for place, text in enumerate(wanted):
            by_translator.setdefault(id(self._translators[text.lang]), []).append(place)
        attempts: list[Attempt] = [Attempt(text="", failure="not asked")] * len(wanted)
        done = 0
        for places in by_translator.values():
            translator = self._translators[wanted[places[0]].lang]
            texts = [self._protected(wanted[place].text, translator) for place in places]
            found = self._translated([wanted[place] for place in places], texts, turn, (done, len(wanted)))
            done += len(places)
            for place, protected, one in zip(places, texts, found, strict=True):
                attempts[place] = _restored(one, protected)
        self._say(f"checking {len(wanted)} translations")
        return self._judged(wanted, attempts)

    def _protected(self, text: str, translator: Translator) -> ProtectedText:
        if translator.placeholders:
            return protect(text, numbers=self._protect_numbers)
        return ProtectedText(
            text=text, originals=(), letters=("", "")
        )  # `restore` leaves a text without originals alone

    def _translated(
        self, wanted: Sequence[Wanted], texts: Sequence[ProtectedText], turn: int, counted: tuple[int, int]
    ) -> list[Translated]:
        """Return one translator's texts, from the journal where it holds them; failures are asked again."""
        keys = [
            sha256_of([text.text, each.source_lang, each.lang, self._fingerprints[each.lang], turn])
            for each, text in zip(wanted, texts, strict=True)
        ]
        open_requests: dict[str, TranslationRequest] = {}
        for key, each, text in zip(keys, wanted, texts, strict=True):
            if key not in self._journal.rows:
                open_requests[key] = TranslationRequest(
                    key=key, text=text.text, source_lang=each.source_lang, target_lang=each.lang, attempt=turn
                )
        before, total = counted
        known = len(keys) - len(open_requests)
        failures: dict[str, str] = {}
        if open_requests:
            translator = self._translators[wanted[0].lang]
            with Recorder(self._journal) as recorder:
                for number, one in enumerate(_each_once(translator, open_requests), start=1):
                    if one.failure:
                        failures[one.key] = one.failure
                    else:
                        recorder.put(one.key, {"text": one.text})
                    self._progress(before + known + number, total)
        return [
            Translated(key=key, text="", failure=failures[key])
            if key in failures
            else Translated(key=key, text=self._journal.rows[key]["text"])
            for key in keys
        ]

    def _judged(self, wanted: Sequence[Wanted], attempts: Sequence[Attempt]) -> list[Attempt]:
        """Return the attempts with the findings of the gate; a failure has no text to judge."""
        places = [place for place, attempt in enumerate(attempts) if not attempt.failure]
        pairs = [
            Pair(
                item_id=wanted[place].item_id,
                lang=wanted[place].lang,
                source=wanted[place].text,
                target=attempts[place].text,
            )
            for place in places
        ]
        judged = list(attempts)
        for place, findings in zip(places, self._judge.findings(pairs), strict=True):
            named = {finding.check for finding in findings}
            # A placeholder that went missing usually shows in the text, and the gate names it then.
            own = tuple(finding for finding in attempts[place].findings if finding.check not in named)
            judged[place] = Attempt(text=attempts[place].text, findings=(*own, *findings))
        return judged


def _each_once(translator: Translator, requests: Mapping[str, TranslationRequest]) -> Iterable[Translated]:
    """Yield a translator's results; each request has one.

    Raises:
        BackendError: a result is not asked for or comes twice, or one is missing in the end.
    """
    left = set(requests)
    for one in translator.translate(list(requests.values())):
        if one.key not in left:
            raise BackendError(
                f"the translator {translator.spec} gave a result that nobody waits for, {one.key!r}: each request needs "
                "one result. This is a fault of the translator"
            )
        left.remove(one.key)
        yield one
    if left:
        raise BackendError(
            f"the translator {translator.spec} left {len(left)} of {len(requests)} requests without a result; --resume "
            "asks for the rest"
        )


def _restored(one: Translated, protected: ProtectedText) -> Attempt:
    if one.failure:
        return Attempt(text="", failure=one.failure)
    restored = restore(one.text, protected)
    wrong = (*restored.lost, *restored.repeated)
    if not wrong:
        return Attempt(text=restored.text)
    found = Finding(
        check="placeholders",
        score=float(len(wrong)),
        detail=f"protected spans lost: {len(restored.lost)}, repeated: {len(restored.repeated)}",
    )
    return Attempt(text=restored.text, findings=(found,))
