"""A set against a dump: what the dump says is held against every fact, and what it does not know is counted apart."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.polyfact.sources.wikidata_items import claim, item
from xleval.commands.lint import lint
from xleval.errors import ConfigError

CITY, HUMAN, COUNTRY = "Q515", "Q5", "Q6256"


def write_dump(folder: Path) -> Path:
    """Write five countries and their capitals; Q3 has two, Q5 had another one until 1990, Q16 is a person."""
    cities = [item(f"Q1{n}", {"en": f"City {'ABCDEF'[n]}"}, P31=[claim(CITY)]) for n in range(6)]
    countries = [
        item("Q1", {"en": "Atland"}, P31=[claim(COUNTRY)], P36=[claim("Q10")]),
        item("Q2", {"en": "Beland"}, P31=[claim(COUNTRY)], P36=[claim("Q11")]),
        item("Q3", {"en": "Celand"}, P31=[claim(COUNTRY)], P36=[claim("Q12"), claim("Q13")]),
        item("Q4", {"en": "Deland"}, P31=[claim(COUNTRY)], P1082=[]),
        item("Q5", {"en": "Eland"}, P31=[claim(COUNTRY)], P36=[claim("Q14"), claim("Q15", P582=["+1990-00-00T00:00:00Z"])]),
        item("Q6", {"en": "Feland"}, P31=[claim(COUNTRY)], P36=[claim("Q16")]),
    ]  # fmt: skip
    found = [*cities, item("Q16", {"en": "Somebody"}, P31=[claim(HUMAN)]), *countries]
    path = folder / "dump-20261116.json"
    path.write_text("[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n", encoding="utf-8")
    return path


def record(subject: str, gold: str, *others: str, name: str = "") -> dict[str, object]:
    """Return an item about a capital; names are those of the dump unless another is given."""
    names = {f"Q1{n}": f"City {'ABCDEF'[n]}" for n in range(6)} | {"Q16": "Somebody"}
    countries = {"Q1": "Atland", "Q2": "Beland", "Q3": "Celand", "Q4": "Deland", "Q5": "Eland", "Q9": "Nowhere"}
    label = name or countries[subject]
    return {
        "fact_id": f"{subject}|P36|{gold}", "property_id": "P36", "subject_label": label,
        "question": f"What is the capital of {label}?", "options": [names[qid] for qid in (gold, *others)],
        "option_ids": [gold, *others], "answer_index": 0,
    }  # fmt: skip


def audit(folder: Path, *records: dict[str, object]) -> tuple[dict[int, tuple[int, int]], set[tuple[int, str]]]:
    """Return checked and not in the source by class, and the findings, of `xleval lint SET --source dump:FILE`."""
    (folder / "set").mkdir()
    lines = "".join(json.dumps(each) + "\n" for each in records)
    (folder / "set" / "en.jsonl").write_text(lines, encoding="utf-8")
    out = folder / "found.jsonl"
    arguments = [str(folder / "set"), "--source", f"dump:{write_dump(folder)}", "--work", str(folder / "work")]
    result = CliRunner().invoke(lint, [*arguments, "--json", "--out", str(out)], catch_exceptions=False)
    counts = {
        row["class"]: (count["checked"], count["not_in_source"])
        for row in json.loads(result.stdout)["classes"]
        for count in row["languages"].values()
    }
    found = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return counts, {
        (each["number"], each["item_id"]) for each in found if counts[each["number"]][0] and "|" in each["item_id"]
    }


NEEDS_SOURCE = {6, 7, 16, 17, 26, 28, 37}


def test_what_a_dump_contradicts_is_found_and_what_it_lacks_is_not(tmp_path: Path):
    counts, found = audit(
        tmp_path,
        record("Q1", "Q10", "Q12", "Q13", "Q14"),
        record("Q2", "Q12", "Q11", "Q13", "Q14"),  # Beland's capital is City B, which stands among the wrong options
        record("Q3", "Q12", "Q10", "Q11", "Q14"),  # so is City D
        record("Q5", "Q14", "Q10", "Q11", "Q15"),  # City F was it until 1990: no second answer, and no distractor
        record("Q4", "Q10", "Q11", "Q12", "Q13"),  # the dump has Deland without a capital
        record("Q9", "Q10", "Q11", "Q12", "Q13"),  # … and no Nowhere
    )
    assert {one for one in found if one[0] in NEEDS_SOURCE} == {
        (26, "Q2|P36|Q12"), (37, "Q2|P36|Q12"), (7, "Q3|P36|Q12"), (37, "Q5|P36|Q14"),
    }  # fmt: skip
    assert counts[26] == (4, 2)
    assert counts[37] == (4, 2)
    assert counts[7] == (3, 2)  # a fact that is not stated has no second value


def test_kinds_and_names_are_held_against_a_dump(tmp_path: Path):
    _, found = audit(
        tmp_path,
        record("Q1", "Q10", "Q12", "Q13", "Q16"),  # a person among cities
        record("Q2", "Q11", "Q12", "Q13", "Q14", name="Otherland"),
    )
    assert {one for one in found if one[0] in NEEDS_SOURCE} == {(6, "Q1|P36|Q10"), (16, "Q2|P36|Q11")}


def test_the_text_says_what_was_not_in_the_source(tmp_path: Path):
    (tmp_path / "en.jsonl").write_text(json.dumps(record("Q9", "Q10", "Q11", "Q12")) + "\n", encoding="utf-8")
    (tmp_path / "d").mkdir()
    arguments = [str(tmp_path / "en.jsonl"), "--source", f"dump:{write_dump(tmp_path / 'd')}", "--as-of", "2026-11"]
    result = CliRunner().invoke(lint, arguments)
    assert "26 wrong triple: not in the source and not judged: * 1" in result.output


def test_a_month_is_needed(tmp_path: Path):
    with pytest.raises(ConfigError, match="such as 2026-11"):
        CliRunner().invoke(lint, [str(tmp_path), "--as-of", "2026"], catch_exceptions=False)
    (tmp_path / "en.jsonl").write_text(json.dumps(record("Q1", "Q10", "Q11")) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="there is no file"):
        CliRunner().invoke(lint, [str(tmp_path), "--source", "dump:/nowhere"], catch_exceptions=False)
