"""The gate of instructions and answers: the checks of `gate.Gate`, made on what is language, and the layout.

Answers hold code, tables and lists, which word problems do not. Code and formulas are left out before lengths, copies,
circles and language are judged: a translation repeats them as they are, so an answer that is mostly code would be too long
in Chinese and left in English everywhere. `placeholders` still compares them part by part, and `layout` the lines.

Numbers are looser: prose is converted (miles, a.m.) and rounded. Human translations of FLORES-200 devtest in 15 languages
(2026-11-21), five sentences to a text: 2.0 to 13.4 % have a finding of `numbers` at the limit of word problems; see
`NUMBERS` for what is left at ours. All other checks reject at most 1.3 % of single sentences and 0.5 % of such texts.
"""

from collections.abc import Mapping, Sequence

from xleval.data.reasoning.gate.gate import Gate, GateConfig
from xleval.data.reasoning.gate.layout import check_layout
from xleval.data.reasoning.protection import protected_spans
from xleval.data.reasoning.records import Finding, Pair

#: Limit of `numbers`: two that were changed or added, or three that were lost.
NUMBERS = 2.0
_WHOLE = "placeholders"


class FreeTextGate:
    """A `PairGate` for instructions and answers.

    Args:
        config: of the checks; a limit of `numbers` that it does not have is `NUMBERS`.

    Raises:
        ConfigError: unknown check or limit.
    """

    def __init__(self, config: GateConfig) -> None:
        limits = dict(config.limits)
        limits.setdefault("numbers", NUMBERS)
        self._prose = Gate(
            GateConfig(checks=config.checks, limits=limits, use_language=config.use_language, strict=config.strict)
        )
        self._whole = Gate(GateConfig(checks=(_WHOLE,)))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the checks that are made."""
        return ("layout", *self._prose.names)

    def check(self, pairs: Sequence[Pair]) -> list[tuple[Finding, ...]]:
        """Return for each pair the findings that reject it; none: it passes."""
        whole = self._whole.check(pairs)
        prose = self._prose.check([_without_code(pair) for pair in pairs])
        found = []
        for pair, of_whole, of_prose in zip(pairs, whole, prose, strict=True):
            layout = check_layout(pair)
            own = (layout,) if layout else ()
            found.append((*own, *of_whole, *(finding for finding in of_prose if finding.check != _WHOLE)))
        return found

    def fingerprint(self) -> Mapping[str, str]:
        """Return what the decisions depend on."""
        return {**self._prose.fingerprint(), "form": "free text 1"}


def _without_code(pair: Pair) -> Pair:
    return Pair(item_id=pair.item_id, lang=pair.lang, source=prose_of(pair.source), target=prose_of(pair.target))


def prose_of(text: str) -> str:
    """Return what of a text is language: a space stands for every formula, piece of code and address."""
    pieces, at = [], 0
    for span in protected_spans(text, numbers=False):
        pieces.append(text[at : span.start])
        at = span.end
    return " ".join((*pieces, text[at:]))
