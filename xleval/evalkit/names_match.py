"""Whether a short free answer names an accepted entity: by the rule published for KLAR, and by a stricter one of ours."""

import re
import unicodedata
from collections.abc import Sequence

# KLAR's evaluation turns runs of these, and of white space, into one space; hyphens, ¿ and ¡ stay.
_KLAR_MARKS = re.compile(r"[\s.,!?:;\"'()\[\]{}«»“”‘’、。，．！？；：]+")


_KOREAN_PARTICLE = "(?:은|는|이|가|을|를|의|에|에서|로|으로|와|과|도|만|인|입니다|이다|이에요|예요|이며|라고|이라고)?"


def is_named(completion: str, accepted: Sequence[str]) -> bool:
    """Return whether a completion is correct by KLAR's lenient rule: it is, begins with or has as a word a name.

    Source: the evaluation of KLAR-CLC generations in github.com/jvonrad/Lost-in-Mistranslation (match_mode `lenient`),
    whose verdicts on 15,714 generations it gives. First line only; NFC, lower case, punctuation as spaces. Only names of
    one word are found within the line, and a name may begin a longer word ("Paris" in "Parisian"); see `matches_name`.

    Args:
        completion: what the model wrote.
        accepted: names of which one is enough.
    """
    lines = completion.splitlines()
    given = _klar_form(lines[0]) if lines else ""
    names = [form for name in accepted if (form := _klar_form(name))]
    return bool(given) and any(given == name or name in given.split() or given.startswith(name) for name in names)


def _klar_form(text: str) -> str:
    return _KLAR_MARKS.sub(" ", unicodedata.normalize("NFC", text).lower()).strip()


def unspaced(char: str) -> bool:
    """Return whether a character is of a script that writes no spaces between words: Han, kana, Thai, Lao, Khmer."""
    return (
        "\u0e00" <= char <= "\u0eff"
        or "\u1780" <= char <= "\u17ff"
        or "\u3005" <= char <= "\u30ff"
        or ("\u3400" <= char <= "\u9fff" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U0003ffff")
    )


def matches_name(completion: str, accepted: Sequence[str]) -> bool:
    """Return whether the first line of a completion gives an accepted name as words of their own; xleval's own rule.

    Stricter than `is_named` about word boundaries ("Paris" is not in "Parisian"), wider about place: a name of several
    words may stand anywhere in the line. NFKC, casefolded, punctuation and hyphens as spaces.
    Scripts without spaces have no boundaries to check; there a name counts where it stands, a name of one character only
    as the whole answer. Korean and Arabic names may carry particles: case and copula after a Korean name, the article or
    a one-letter conjunction before an Arabic one.

    Args:
        completion: what the model wrote.
        accepted: names of which one is enough.
    """
    line = next((text for text in completion.splitlines() if text.strip()), "")
    given = _words_form(line)
    return any(_stands_in(form, given) for name in accepted if (form := _words_form(name)))


def _words_form(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in folded)
    return " ".join(kept.split())


def _stands_in(name: str, given: str) -> bool:
    if given == name:
        return True
    if len(name) == 1 and unspaced(name):
        return False
    before = "" if unspaced(name[0]) else r"(?<![^\W_])"
    after = "" if unspaced(name[-1]) else r"(?![^\W_]|[\u0300-\u036f\u0900-\u0dff])"
    if "\uac00" <= name[-1] <= "\ud7a3":
        after = rf"(?={_KOREAN_PARTICLE}(?![\uac00-\ud7a3]))"
    if "\u0620" <= name[0] <= "\u064a":
        before = r"(?<![^\W_])(?:[وفبلك]?(?:ال)?|لل)"
    return re.search(before + re.escape(name) + after, given) is not None
