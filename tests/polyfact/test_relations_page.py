"""docs/relations.md is what its script prints, and shows every relation and every wording of every language."""

import importlib.util
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from xleval.polyfact.relations import EXCLUDED, RELATIONS
from xleval.polyfact.wording import SLOT, load_templates

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "relations_page.py"
PAGE = ROOT / "docs" / "relations.md"
TEMPLATES = [template for rows in load_templates().values() for template in rows]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("relations_page", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sections() -> dict[str, list[list[str]]]:
    """Return heading -> rows of the tables below it (header rows too), as cells."""
    found: dict[str, list[list[str]]] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").split("\n"):
        if title := re.fullmatch(r"##+ (.+)", line):
            heading = title[1]
            assert heading not in found, heading
            found[heading] = []
        elif line.startswith("| "):
            found[heading].append(line.removeprefix("| ").removesuffix(" |").split(" | "))
    return found


def test_the_page_is_what_the_script_prints() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, check=True, env=env)
    printed = done.stdout.decode("utf-8")
    same = printed == PAGE.read_text(encoding="utf-8")
    assert same, "docs/relations.md is out of date; run: python scripts/relations_page.py > docs/relations.md"


def test_every_wording_of_every_language_is_on_the_page() -> None:
    shown = {}
    for heading, rows in sections().items():
        if not re.match(r"P\d+ .+: \w+$", heading) or not rows:
            continue
        (first, *ids), *rest = rows
        assert first == "lang"
        for lang, *questions in rest:
            for template_id, question in zip(ids, questions, strict=True):
                shown[template_id.strip("`"), lang] = question
    assert len(TEMPLATES) > 1000
    assert {key for key, question in shown.items() if question} == {(t.template_id, t.lang) for t in TEMPLATES}
    for template in TEMPLATES:
        before, after = template.question.split(SLOT)
        question = shown[template.template_id, template.lang]
        assert question.startswith(before)
        assert question.endswith(after)
        assert len(question) > len(before) + len(after)


def test_a_section_for_every_relation_and_kind_and_a_row_for_every_relation() -> None:
    found = sections()
    wanted = [f"{row.pid} {row.name}: {kind}" for row in RELATIONS.values() for kind in row.subject_types]
    assert [heading for heading in found if re.match(r"P\d+ ", heading)] == wanted
    _, *rows = found["Relations that are built"]
    assert [row[0] for row in rows] == list(RELATIONS)
    capital = next(row for row in rows if row[0] == "P36")
    assert capital[1:8] == [
        "capital", "country, territory, former_country, region", "city", "yes", "no", "yes", "P1376",
    ]  # fmt: skip


def test_verdicts_of_the_published_set(script: ModuleType) -> None:
    # The published builder at commit 3ca0eea: 26 allowed, 22 generated (the count of the paper), 19 released, 14 in Clean.
    assert len(set(script.PUBLISHED)) == len(script.PUBLISHED) == 26
    verdicts = Counter(script.published_verdict(pid) for pid in script.PUBLISHED)
    clean, dropped = verdicts["released, in Clean"], verdicts["released, dropped from Clean"]
    assert (clean, clean + dropped) == (14, 19)
    assert 26 - verdicts["left out of generation"] == 22
    in_clean = {pid for pid in script.PUBLISHED if script.published_verdict(pid) == "released, in Clean"}
    assert in_clean == set("P17 P20 P27 P30 P37 P50 P57 P61 P69 P84 P170 P176 P178 P407".split())
    (_, *rows) = sections()["The 26 properties of the published set"][:27]
    assert [row[0] for row in rows] == list(script.PUBLISHED)
    assert {row[0] for row in rows if row[3] == "built"} == set(script.PUBLISHED) & set(RELATIONS)
    assert {row[0] for row in rows if row[3] == "not built"} == set(script.PUBLISHED) & set(EXCLUDED)


def test_example_items(script: ModuleType) -> None:
    kinds = {kind for row in RELATIONS.values() for kind in row.subject_types}
    assert set(script.EXAMPLES) == kinds
    assert {template.lang for template in TEMPLATES} <= set(script.LANGUAGES)
    qids = [qid for qid, _ in script.EXAMPLES.values()]
    assert len(set(qids)) == len(qids)
    assert all(re.fullmatch(r"Q[1-9]\d*", qid) for qid in qids)
    for kind in kinds:
        for lang in script.LANGUAGES:
            name = script.label(kind, lang)
            assert name == " ".join(name.split()), (kind, lang)
            assert unicodedata.is_normalized("NFC", name), (kind, lang)
            assert name, (kind, lang)
            assert "|" not in name, (kind, lang)
    assert script.label("country", "de") == "Kenia"
    assert script.label("artwork", "fr") == "La Joconde"
    assert script.label("chemical_element", "te") == "పొలోనియం"


def test_bars_in_a_cell_do_not_break_the_table(script: ModuleType) -> None:
    assert list(script.table(("a", "b"), [("x|y", "z")])) == ["| a | b |", "|---|---|", r"| x\|y | z |", ""]
