"""The wordings of questions: for each relation, kind of subject and language at least three, parallel across languages.

They are in `templates/*.tsv` beside this file, one row for each wording and language. The slot takes the bare label of
the subject (nominative, no article), so each wording is built to be grammatical whatever the label is; the column `note`
says how. Nothing but subject and relation is stated, and the answer is a bare label.
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
from xleval.errors import DataError
from xleval.polyfact.relations import RELATIONS

SLOT = "{subject}"
#: Letter of the wording that training never sees (D15): only the test items of the split `held-out-template` have it.
HELD_OUT = "c"

#: Missing wordings that are listed for a language.
_LISTED = 4

#: Relation P-id, subject type, language code.
TemplateKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One wording of a relation in one language; a row of `templates/*.tsv`.

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
    def letter(self) -> str:
        """`a`, `b`, `c` …: the paraphrase."""
        return self.template_id.rsplit(".", 1)[1]

    @property
    def key(self) -> TemplateKey:
        """Relation, subject type and language: what the wording is for."""
        return (self.relation_pid, self.subject_type, self.lang)


COLUMNS = tuple(field.name for field in fields(Template))


@cache
def load_templates() -> Mapping[TemplateKey, tuple[Template, ...]]:
    """Return the wordings that come with the package, by relation, subject type and language.

    Returns:
        A read-only mapping; the wordings of a key are in the order of their letters. A key without a wording is absent.

    Raises:
        DataError: the table is broken; file and row are named.
    """
    merged: dict[TemplateKey, tuple[Template, ...]] = {}
    folder = resources.files("xleval.polyfact").joinpath("templates")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".tsv"):
            continue
        where = f"xleval/polyfact/templates/{file.name}"
        rows = parse_templates(file.read_text(encoding="utf-8").splitlines(keepends=True), where)
        if twice := sorted(rows.keys() & merged.keys()):
            raise DataError(f"{where}: wordings of {' '.join(twice[0])} stand in another file too; keep one place")
        merged |= rows
    return MappingProxyType(merged)


def parse_templates(lines: Iterable[str], source: str) -> Mapping[TemplateKey, tuple[Template, ...]]:
    """Return the wordings of a table in the layout of `templates/*.tsv`.

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


@cache
def type_word(kind: str, lang: str) -> str:
    """Return what a kind of subject is called in a language: the word before the subject in its wordings `c`.

    Args:
        kind: of `kinds.KINDS`, one that relations ask about.
        lang: BCP-47 code.

    Raises:
        DataError: the kind has no such wording in the language.
    """
    for (_, subject_type, code), wordings in load_templates().items():
        if (subject_type, code) == (kind, lang):
            for wording in wordings:
                word = wording.question.partition(SLOT)[0].strip(" :：")
                if wording.letter == HELD_OUT and word:
                    return word
    raise DataError(f"there is no wording of the form 'Type: {SLOT} …' for subjects of kind {kind!r} in {lang}")


def missing_templates(languages: Iterable[str], relations: Iterable[str]) -> list[str]:
    """Return one line for each language that lacks a wording, such as `Yoruba (yo): P36 country, P36 territory`.

    Args:
        languages: BCP-47 codes of the language table.
        relations: P-ids of the relation table.

    Returns:
        Lines in the order of the languages; empty when every relation and subject type has a wording in each.

    Raises:
        ConfigError: a code is not in the language table.
    """
    templates = load_templates()
    wanted = [(pid, kind) for pid in relations for kind in RELATIONS[pid].subject_types]
    lines = []
    for code in languages:
        language = get_language(code)
        lacking = [f"{pid} {kind}" for pid, kind in wanted if (pid, kind, language.code) not in templates]
        if lacking:
            more = f" and {len(lacking) - _LISTED} more" if len(lacking) > _LISTED else ""
            lines.append(f"{language.english_name} ({language.code}): {', '.join(lacking[:_LISTED])}{more}")
    return lines
