"""The defect classes: what each says, what is needed to see it, and how much of it a set may have."""

from collections.abc import Mapping
from types import MappingProxyType

from xleval.polyfact.lint.records import DefectClass

_SIGNAL = 0.02

_ROWS = (
    DefectClass(
        number=1, name="gold in question",
        says="the answer can be read off the question",
        seen="the gold, inflected or with a clitic, or an alias of it (`answer_aliases`), stands in the question, or shares "
        "a stem with the subject's name (without subject names: with a word of the question that is not the relation's "
        "wording)",
    ),
    DefectClass(
        number=2, name="distractor in question",
        says="an option can be ruled out by the question, or is the subject",
        seen="a distractor, inflected or with a clitic, stands in the question, or is the subject by name or id",
    ),
    DefectClass(
        number=3, name="one question, several golds",
        says="items with one question, or one name of different subjects, have different answers",
        seen="equal questions, or equal names of subjects of one kind in a relation, whose golds differ",
    ),
    DefectClass(
        number=4, name="frequency shortcut",
        says="how often an option is gold gives the answer away",
        seen="guessing the most or least frequent gold of the relation is more than 5 points above chance, over all "
        "splits, from 600 items on",
    ),
    DefectClass(
        number=5, name="answer concentration",
        says="one answer is gold too often in a relation",
        seen="the top answer has more than 40 % of a relation's items (relations of 20 items or more)",
    ),
    DefectClass(
        number=6, name="off-type option",
        says="an option is not the kind of thing that is asked for",
        seen="signal: the option is never gold in its relation (20 items or more); with a source: no class in common "
        "with the gold (P31, P279), and not of one kind by the builder's table",
        limit=0.05,
    ),
    DefectClass(
        number=7, name="several true values",
        says="the subject has more than one value that is true now",
        seen="another statement of the source that is not deprecated and has not ended",
        kind="needs-source",
    ),
    DefectClass(
        number=8, name="negated question",
        says="the question asks for what is not the case",
        seen="signal: a negation word of the language in the question, the subject's name left out",
        limit=_SIGNAL,
    ),
    DefectClass(
        number=9, name="wrong entity",
        says="the question is about another thing of that name (Voices, DIET, September)",
        seen="a reader who knows both things", kind="needs-judge",
    ),
    DefectClass(
        number=10, name="wrong kind",
        says="the question calls the subject something it is not (a place read as a language)",
        seen="a reader who knows the subject", kind="needs-judge",
    ),
    DefectClass(
        number=11, name="relation drift",
        says="the question asks another relation, or the same one the other way round",
        seen="a reader of the language", kind="needs-judge",
    ),
    DefectClass(
        number=12, name="property mistranslated",
        says="a relation is worded wrongly throughout a language (municipality for country)",
        seen="a reader of the language", kind="needs-judge",
    ),
    DefectClass(
        number=13, name="invented detail",
        says="the question adds something that subject and relation do not say",
        seen="signal: a number in one language's question that neither the subject's name nor most other languages have",
        limit=_SIGNAL,
    ),
    DefectClass(
        number=14, name="subject never named",
        says="the question does not say what it is about",
        seen="no word of the subject's name, inflected or not, is in the question (needs names in the language)",
        limit=_SIGNAL,
    ),
    DefectClass(
        number=15, name="mixed scripts in a word",
        says="a transliteration breaks off within a word",
        seen="letters of two scripts side by side; brands and acronyms beside ideographs or with an ending are allowed",
    ),
    DefectClass(
        number=16, name="name of something else",
        says="a name is not the item's name in the language",
        seen="the source has names in the language and this is none of them", kind="needs-source", limit=_SIGNAL,
    ),
    DefectClass(
        number=17, name="unattested name",
        says="nobody but the set says that the item is called so",
        seen="the set's own columns (`label_sources`, else `n_langs_verified`); with a source: it has no name in the "
        "language",
        limit=None,
    ),
    DefectClass(
        number=18, name="garbage",
        says="text that no writer meant",
        seen="placeholders, unfilled slots, bare Q-ids, markup, wrongly decoded UTF-8, control characters, repetition; "
        "a wrong word that looks like a word is not seen",
    ),
    DefectClass(
        number=19, name="traditional characters",
        says="Traditional characters in a Simplified Chinese set",
        seen="OpenCC's t2s changes the text", languages=("zh",),
    ),
    DefectClass(
        number=20, name="one item, two names",
        says="an item goes by two names in one language, or two items of a relation by one",
        seen="option names by Q-id; the rarer name (id) is the finding, both where they are as frequent",
    ),
    DefectClass(
        number=21, name="option sets differ",
        says="languages of one item show different options",
        seen="option ids or gold id differ from those of most languages",
    ),
    DefectClass(
        number=22, name="foreign script",
        says="an option is not written in the language's script",
        seen="letters of a third script anywhere; an option in Latin letters only, where that is rare in the relation "
        "(acronyms and brands allowed)",
    ),
    DefectClass(
        number=23, name="question in another language",
        says="the question was not translated",
        seen="equal to the English question; more function words of another language than of its own; foreign letters "
        "outside the subject's name",
    ),
    DefectClass(
        number=24, name="designation",
        says="a catalogue number instead of a name (2008 TC3)",
        seen="subject or option is a designation of an asteroid, comet, star or galaxy",
    ),
    DefectClass(
        number=25, name="duplicate fact",
        says="a fact is there twice, or a subject or a fact's inverse is in train and in a test",
        seen="equal facts (without ids: equal question and options); subjects and pairs {subject, object} in two of train, "
        "validation and tests; the tests may share them with each other",
    ),
    DefectClass(
        number=26, name="wrong triple",
        says="the source does not state the fact",
        seen="the source knows the subject and has other values only, or states the fact the other way round",
        kind="needs-source",
    ),
    DefectClass(
        number=27, name="uneven by language",
        says="one language has more defects than the others",
        seen="share of items with a finding is 2 points or more above the other languages' and significantly so "
        "(z > 3)",
        limit=None,
    ),
    DefectClass(
        number=28, name="tied options",
        says="an option is in, part of, a kind of, or the successor of another",
        seen="P131, P361, P279 (any number of steps), P150, P527, P1365, P1366, P155, P156, P460, P1889",
        kind="needs-source",
    ),
    DefectClass(
        number=29, name="many-valued relation",
        says="too few subjects of a relation have a single value",
        seen="single-value share of the source's subjects below 0.95; relations that the set keeps out of its mean (column "
        "`headline`) are left out",
        kind="needs-source",
    ),
    DefectClass(
        number=30, name="head word",
        says="an option is another one with a word more (Guinea, Equatorial Guinea)",
        seen="words of one are a subset of the other's; without spaces: one contains the other",
    ),
    DefectClass(
        number=31, name="equal options",
        says="two options of an item read the same",
        seen="equal after folding of case, accents and width",
    ),
    DefectClass(
        number=32, name="index out of range",
        says="the answer index points at no option",
        seen="index below 0 or beyond the last option",
    ),
    DefectClass(
        number=33, name="answer mismatch",
        says="answer text or answer id is not that of the option at the index",
        seen="comparison of the columns",
    ),
    DefectClass(
        number=34, name="empty field",
        says="question, option or subject name is empty",
        seen="nothing but white space and invisible characters, or fewer than two options",
    ),
    DefectClass(
        number=35, name="form shortcut",
        says="length, place or letters of an option give the answer away",
        seen="guessing the longest, the shortest, the best place, or the option most like the question is more than 5 "
        "points above chance (below 600 items: significantly)",
    ),
    DefectClass(
        number=36, name="question cut off",
        says="the question ends in the middle",
        seen="no closing mark although 70 % of the language's questions have one, or a quotation or bracket is not "
        "closed",
    ),
    DefectClass(
        number=37, name="true distractor",
        says="a wrong option is a value of the subject in the source",
        seen="statements of any rank but deprecated, ended ones too", kind="needs-source",
    ),
    DefectClass(
        number=38, name="missing language",
        says="an item is not there in every language of the set",
        seen="ids by language (sets whose ids are shared between languages); not where the column `n_langs` says that it "
        "is asked in as many as there are", limit=None,
    ),
    DefectClass(
        number=39, name="Latin name",
        says="an option is in Latin letters in a language that has others",
        seen="as class 22, in relations where one option in ten or more is so (firms, bands): often the usual name",
        limit=None,
    ),
    DefectClass(
        number=40, name="configs differ",
        says="the files of a language do not say what `parallel` says",
        seen="rows and all columns that both have, split by split",
    ),
)  # fmt: skip

#: All defect classes by number.
CLASSES: Mapping[int, DefectClass] = MappingProxyType({row.number: row for row in _ROWS})
