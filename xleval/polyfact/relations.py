"""The relation table: which Wikidata properties are asked about, of what, in which words; which are left out and why.

The words are in `templates.tsv` beside this file, one row for each template and language. The slot takes the bare label
of the subject (CLDR or Wikidata, nominative, no article), so each wording is built to be grammatical whatever the label
is; the column `note` says how. Nothing but subject and relation is stated, and the answer is a bare label.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from types import MappingProxyType

from xleval.data.languages import LANGUAGES, get_language
from xleval.errors import ConfigError, DataError, unknown_name

SLOT = "{subject}"

#: Relation P-id, subject type, language code.
TemplateKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One Wikidata property that questions are made of.

    Attributes:
        pid: Wikidata property, `P…`.
        name: its English label on Wikidata.
        subject_types: kinds of item it is asked of; each has its own templates (`territory`: dependent territory).
        object_type: kind of item that answers; distractors are of the same kind.
        inverse: property that states the same fact from the other end, or None; both ends belong to one split.
        single_valued: whether a subject normally has one true value. Where it is False several are usual: a fact is
            still asked when its subject has one, but the source must be known to list them all.
        timeless: whether a value holds as long as the borders do. Where it is False it can be changed by decision (a
            new capital, currency or language law): statements with an end time are looked at and `as_of` matters.
        note: what the figures do not say.
    """

    pid: str
    name: str
    subject_types: tuple[str, ...]
    object_type: str
    inverse: str | None
    single_valued: bool
    timeless: bool
    note: str


_PLACES = ("country", "territory")

_ROWS = (
    Relation(
        pid="P36", name="capital", subject_types=_PLACES, object_type="city", inverse="P1376",
        single_valued=True, timeless=False,
        note="a few countries have several capitals by function; their facts are dropped as many-valued",
    ),
    Relation(
        pid="P1376", name="capital of", subject_types=("city",), object_type="country", inverse="P36",
        single_valued=True, timeless=False,
        note="asked for countries only: Wikidata also has provinces, territories and former states as values",
    ),
    Relation(
        pid="P17", name="country", subject_types=("city",), object_type="country", inverse=None,
        single_valued=True, timeless=True,
        note="disputed cities have several values and are dropped",
    ),
    Relation(
        pid="P30", name="continent", subject_types=_PLACES, object_type="continent", inverse=None,
        single_valued=True, timeless=True,
        note="countries on two continents are dropped; a continent and a part of it (Americas, South America) must not "
        "be options of one item",
    ),
    Relation(
        pid="P37", name="official language", subject_types=_PLACES, object_type="language", inverse=None,
        single_valued=False, timeless=False,
        note="many countries have several; language varieties (American English) are no distractors for their language",
    ),
    Relation(
        pid="P38", name="currency", subject_types=_PLACES, object_type="currency", inverse=None,
        single_valued=False, timeless=False,
        note="former currencies and a second legal tender are frequent values; most names contain the country's",
    ),
)  # fmt: skip

#: The relations that are built, by P-id.
RELATIONS: Mapping[str, Relation] = MappingProxyType({row.pid: row for row in _ROWS})

_LATER = "not in the embedded graph yet"

#: The properties of the published set's allow-list (26 P-ids) that are not built, with English name and reason.
EXCLUDED: Mapping[str, str] = MappingProxyType(
    {
        "P47": "shares border with: many-valued, nearly every country has several neighbours",
        "P35": "head of state: time-bound, office holders change",
        "P6": "head of government: time-bound, office holders change",
        "P122": "basic form of government: many-valued and time-bound",
        "P85": f"anthem: {_LATER}",
        "P27": f"country of citizenship: {_LATER}; several values are frequent and Wikidata's list is never complete",
        "P19": f"place of birth: {_LATER}; a city, its district and its region can all be true",
        "P20": f"place of death: {_LATER}; a city, its district and its region can all be true",
        "P69": f"educated at: {_LATER}; many-valued",
        "P108": f"employer: {_LATER}; many-valued and time-bound",
        "P50": f"author: {_LATER}",
        "P57": f"director: {_LATER}",
        "P170": f"creator: {_LATER}",
        "P178": f"developer: {_LATER}",
        "P176": f"manufacturer: {_LATER}",
        "P84": f"architect: {_LATER}",
        "P61": f"discoverer or inventor: {_LATER}",
        "P136": f"genre: {_LATER}; many-valued and a matter of judgement",
        "P495": f"country of origin: {_LATER}; often several true values",
        "P407": f"language of work or name: {_LATER}; often several true values",
        "P400": f"platform: {_LATER}; many-valued",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One wording of a relation in one language; a row of `templates.tsv`.

    Attributes:
        template_id: `P-id.subject type.letter`; the same id in every language is the same paraphrase.
        relation_pid: Wikidata property of the table.
        subject_type: kind of subject that the wording is true of.
        lang: BCP-47 code.
        question: the question with `{subject}` exactly once.
        written_by: who wrote it.
        reviewed_by: the person of stated competence who reviewed it, or empty.
        note: why the wording is right for every label.
    """

    template_id: str
    relation_pid: str
    subject_type: str
    lang: str
    question: str
    written_by: str
    reviewed_by: str
    note: str

    @property
    def key(self) -> TemplateKey:
        """Relation, subject type and language: what the wording is for."""
        return (self.relation_pid, self.subject_type, self.lang)


COLUMNS = tuple(field.name for field in fields(Template))


def get_relation(pid: str) -> Relation:
    """Return the row of one relation.

    Args:
        pid: Wikidata property, in any case.

    Raises:
        ConfigError: the property is left out (with the reason) or not known (with the list).
    """
    wanted = pid.strip().upper()
    if wanted in RELATIONS:
        return RELATIONS[wanted]
    if wanted in EXCLUDED:
        raise ConfigError(f"relation {wanted} is not built: {EXCLUDED[wanted]}. Known: {', '.join(RELATIONS)}")
    raise unknown_name("relation", pid, RELATIONS)


@cache
def load_templates() -> Mapping[TemplateKey, tuple[Template, ...]]:
    """Return the wordings that come with the package, by relation, subject type and language.

    Returns:
        A read-only mapping; the wordings of a key are in the order of their letters. A key without a wording is absent.

    Raises:
        DataError: the table is broken; file and row are named.
    """
    file = resources.files("xleval.polyfact").joinpath("templates.tsv")
    return parse_templates(file.read_text(encoding="utf-8").splitlines(keepends=True), "xleval/polyfact/templates.tsv")


def parse_templates(lines: Iterable[str], source: str) -> Mapping[TemplateKey, tuple[Template, ...]]:
    """Return the wordings of a table in the layout of `templates.tsv`.

    Args:
        lines: header and rows, separated by tabs, without quoting.
        source: name of the file for messages.

    Raises:
        DataError: a wrong column or number of fields, an empty or unknown value, a slot that does not occur exactly
            once, or a template or question that occurs twice; file and row (the header is row 1) are named.
    """
    by_key: dict[TemplateKey, dict[str, Template]] = {}
    for where, template in _read_rows(lines, source):
        _check_template(template, where)
        others = by_key.setdefault(template.key, {})
        if template.template_id in others:
            raise DataError(f"{where}: template {template.template_id} occurs twice for {template.lang}; keep one row")
        if any(other.question == template.question for other in others.values()):
            raise DataError(f"{where}: question {template.question!r} occurs twice for {template.lang}; keep one row")
        others[template.template_id] = template
    if not by_key:
        raise DataError(f"{source}: no templates found; at least one row after the header is required")
    return MappingProxyType({key: tuple(rows[name] for name in sorted(rows)) for key, rows in by_key.items()})


def _read_rows(lines: Iterable[str], source: str) -> Iterator[tuple[str, Template]]:
    reader = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    header = next(reader, [])
    if sorted(header) != sorted(COLUMNS):
        unknown = ", ".join(sorted(set(header) - set(COLUMNS))) or "none"
        missing = ", ".join(sorted(set(COLUMNS) - set(header))) or "none"
        raise DataError(
            f"{source}, row 1: unknown columns: {unknown}; missing columns: {missing}; "
            f"the header must have each of {', '.join(COLUMNS)} once, separated by tabs"
        )
    for row in reader:
        where = f"{source}, row {reader.line_num}"
        if len(row) != len(header):
            raise DataError(f"{where}: {len(row)} fields found, {len(header)} required, separated by tabs")
        yield where, Template(**dict(zip(header, row, strict=True)))


def _check_template(template: Template, where: str) -> None:
    relation = RELATIONS.get(template.relation_pid)
    if relation is None:
        known = ", ".join(RELATIONS)
        raise DataError(f"{where}: unknown relation {template.relation_pid!r}; required: one of {known}")
    if template.subject_type not in relation.subject_types:
        allowed = ", ".join(relation.subject_types)
        raise DataError(
            f"{where}: subject type {template.subject_type!r} of {relation.pid}; required: one of {allowed}"
        )
    if template.lang not in LANGUAGES:
        raise DataError(f"{where}: unknown language {template.lang!r}; required: one of {', '.join(LANGUAGES)}")
    if not re.fullmatch(rf"{relation.pid}\.{template.subject_type}\.[a-z]", template.template_id):
        form = f"{relation.pid}.{template.subject_type}.a"
        raise DataError(f"{where}: template id {template.template_id!r}; required: relation, type, letter as in {form}")
    if not template.written_by.strip():
        raise DataError(f"{where}: written_by is empty; name who wrote the template")
    question = template.question
    if question.count(SLOT) != 1 or re.search(r"[{}]", question.replace(SLOT, "")):
        raise DataError(f"{where}: question {question!r} must contain the slot {SLOT} exactly once and no other braces")
    if question != " ".join(question.split()) or not unicodedata.is_normalized("NFC", question):
        raise DataError(f"{where}: question {question!r} must be NFC, with single spaces and none at the ends")


def render_question(template: Template, subject_label: str) -> str:
    """Return the question about one subject.

    Args:
        template: wording in the language of the label.
        subject_label: bare label of the subject, as its source has it.

    Raises:
        DataError: the label is empty, has white space at an end, or a line break.
    """
    if not subject_label or subject_label != subject_label.strip() or len(subject_label.splitlines()) != 1:
        raise DataError(
            f"subject label {subject_label!r} for {template.template_id} ({template.lang}): "
            "a name on one line without white space at the ends is required"
        )
    return template.question.replace(SLOT, subject_label)


def missing_templates(languages: Iterable[str]) -> list[str]:
    """Return one line for each language that lacks a wording, such as `Yoruba (yo): P36 country, P36 territory`.

    Args:
        languages: BCP-47 codes of the language table.

    Returns:
        Lines in the order of the languages; empty when every relation and subject type has a wording in each.

    Raises:
        ConfigError: a code is not in the language table.
    """
    templates = load_templates()
    lines = []
    for code in languages:
        language = get_language(code)
        lacking = [
            f"{relation.pid} {kind}"
            for relation in RELATIONS.values()
            for kind in relation.subject_types
            if (relation.pid, kind, language.code) not in templates
        ]
        if lacking:
            lines.append(f"{language.english_name} ({language.code}): {', '.join(lacking)}")
    return lines
