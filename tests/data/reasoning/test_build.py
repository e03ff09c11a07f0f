"""A source through translators and a gate to files: what passes, what does not, and what a kill leaves."""

import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.data.reasoning.list_translator import ITEMS, PLANTED, TABLE, ListTranslator
from xleval.data.reasoning.build import MANIFEST, add_review, build
from xleval.data.reasoning.build_config import BuildConfig
from xleval.data.reasoning.gate.gate import Gate, GateConfig
from xleval.data.reasoning.records import Finding, Pair
from xleval.data.reasoning.report import render_report
from xleval.data.reasoning.source_items import LeftOut
from xleval.data.reasoning.sources import Source
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.data.storage import read_json
from xleval.errors import BackendError, ConfigError, DataError

SOURCE = Source(
    name="word-problems", items=ITEMS, licence="CC-BY-4.0", origin="list_translator.py", fingerprint="0" * 64
)
BOTH = BuildConfig(languages=("en", "es", "ar"))


class NumberGate:
    """Every number of the source is in the translation as often; the whole gate has its own tests."""

    names = ("numbers",)

    def check(self, pairs: Sequence[Pair]) -> list[tuple[Finding, ...]]:
        return [self._check(pair) for pair in pairs]

    def _check(self, pair: Pair) -> tuple[Finding, ...]:
        lost = Counter(re.findall(r"\d+", pair.source)) - Counter(re.findall(r"\d+", pair.target))
        if not lost:
            return ()
        return (Finding(check="numbers", score=float(lost.total()), detail=f"lost {', '.join(sorted(lost))}"),)

    def fingerprint(self) -> Mapping[str, str]:
        return {"numbers": "1"}


def make(
    out: Path, config: BuildConfig = BOTH, translator: ListTranslator | None = None, **more: Any
) -> dict[str, Any]:
    one = translator or ListTranslator()
    translators = more.pop("translators", {"es": one, "ar": one})
    source = more.pop("source", SOURCE)
    return build(source, translators, config, out, gate=more.pop("gate", NumberGate()), **more)


def rows_of(folder: Path, config: str, split: str = "test") -> list[dict[str, Any]]:
    from pyarrow import parquet

    found: list[dict[str, Any]] = parquet.read_table(folder / config / f"{split}.parquet").to_pylist()
    return found


def rejects_of(folder: Path, lang: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "rejects" / f"{lang}.jsonl").read_text().splitlines()]


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return the Parquet and reject files: what a kill must not change (E20)."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for pattern in ("*/*.parquet", "rejects/*")
        for path in sorted(folder.glob(pattern))
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("build") / "set"
    make(out)
    return out


def test_what_passes_is_in_the_set_with_its_answer_and_attempt(built: Path) -> None:
    spanish = {row["item_id"]: row for row in rows_of(built, "es")}
    assert list(spanish) == [item.item_id for item in ITEMS if item.item_id != "word-4"]
    for item in ITEMS:
        if item.item_id in spanish:
            row = spanish[item.item_id]
            assert (row["question"], row["answer"]) == (TABLE["es", item.question], item.answer)
            assert row["attempt"] == (2 if item.item_id == "word-2" else 1)
            assert (row["engine"], row["language"], row["solution"]) == ("list:problems", "es", None)
            assert (row["split"], row["level"], row["subject"]) == ("test", item.groups["level"], None)


def test_the_source_language_is_part_of_the_set_as_it_is(built: Path) -> None:
    found = rows_of(built, "en")
    assert [(row["item_id"], row["question"], row["answer"], row["solution"]) for row in found] == [
        (item.item_id, item.question, item.answer, item.solution) for item in ITEMS
    ]
    assert {(row["engine"], row["attempt"]) for row in found} == {("source", 0)}


def test_parallel_has_the_items_that_passed_everywhere(built: Path) -> None:
    found = rows_of(built, "parallel")
    lost = {"word-4", "word-7", "word-8"}
    assert [row["item_id"] for row in found] == [item.item_id for item in ITEMS if item.item_id not in lost]
    for row in found:
        english = row["translations"]["en"]["question"]
        assert row["translations"]["ar"] == {"question": TABLE["ar", english], "solution": None}
        assert row["n_langs"] == 3


def test_rejects_and_failures_are_apart_and_have_every_candidate(built: Path) -> None:
    (spanish,) = rejects_of(built, "es")
    assert (spanish["item_id"], spanish["part"], spanish["status"]) == ("word-4", "question", "rejected")
    assert [attempt["text"] for attempt in spanish["attempts"]] == list(PLANTED["es", "word-4"])
    assert spanish["attempts"][0]["findings"] == [{"check": "numbers", "score": 1.0, "detail": "lost 250"}]
    arabic = {row["item_id"]: row for row in rejects_of(built, "ar")}
    assert {item_id: row["status"] for item_id, row in arabic.items()} == {"word-7": "failed", "word-8": "failed"}
    assert [attempt["failure"] for attempt in arabic["word-8"]["attempts"]] == ["", "nothing came", ""]


def test_what_the_source_leaves_out_is_listed(tmp_path: Path) -> None:
    left = (LeftOut(item_id="word-13", reason="question and answer of word-1"),)
    manifest = make(tmp_path / "set", source=replace(SOURCE, left_out=left))
    assert rejects_of(tmp_path / "set", "source") == [{"item_id": "word-13", "reason": "question and answer of word-1"}]
    assert (manifest["items"]["source"], manifest["items"]["left_out"]) == (12, 1)


def test_the_report_counts_attempts_findings_and_failures(built: Path) -> None:
    report = read_json(built / MANIFEST)["gate_report"]
    # es: 12 first candidates, 2 of them bad; then 2, 1 bad; then 1, bad
    assert report["es"] == {
        "engine": "list:problems",
        "question": {
            "items": 12, "accepted": [10, 1, 0], "rejected": 1, "failed": 0, "judged": 15,
            "found": {"numbers": 4}, "rejected_by": {"numbers": 1}, "failures": {},
        },
    }  # fmt: skip
    # ar: 12 first candidates, 2 failed, 1 bad; then 3, 2 failed; then 2, 1 failed, 1 bad
    assert report["ar"]["question"] == {
        "items": 12, "accepted": [9, 1, 0], "rejected": 0, "failed": 2, "judged": 12,
        "found": {"numbers": 2}, "rejected_by": {}, "failures": {"nothing came": 5},
    }  # fmt: skip


def test_the_real_gate_decides_the_same(built: Path, tmp_path: Path) -> None:
    """The planted errors are found, and no good translation is: with language identification."""
    pytest.importorskip("lingua")
    manifest = make(tmp_path / "set", gate=Gate(GateConfig()))
    for config in manifest["configs"]:
        assert rows_of(tmp_path / "set", config) == rows_of(built, config)
    held = manifest["config"]["gate"]
    limits = " ".join(f"{name}={limit}" for name, limit in sorted(held["limits"].items()))
    assert {**held, "limits": limits} == Gate(GateConfig()).fingerprint()
    assert manifest["gate_report"]["es"]["question"]["rejected_by"] == {"numbers": 1}


def test_the_table_for_people_shows_each_language(built: Path) -> None:
    lines = render_report(read_json(built / MANIFEST), width=110).splitlines()
    (spanish,) = [line for line in lines if re.search(r"\bes\b", line)]
    assert re.findall(r"\d+", spanish) == ["12", "10", "1", "0", "1", "1", "0"]
    assert "numbers 1" in spanish
    assert "in the config parallel: 9 items" in " ".join(lines)


def test_kept_against_rejected_by_length_numbers_and_level(built: Path) -> None:
    kept = read_json(built / MANIFEST)["kept_against_all"]
    # levels: 1 has word-1, 2, 4, 8; 3 has word-6, 7, 11
    assert kept["level"]["1"] == {"es": [3, 4], "ar": [3, 4]}
    assert kept["level"]["3"] == {"es": [3, 3], "ar": [2, 3]}
    # numbers: word-6 has 7 and 20; a range that starts with 3 holds the questions with three of them
    assert kept["numbers"]["3"]["ar"][1] == sum(len(re.findall(r"\d+", item.question)) == 3 for item in ITEMS)
    assert sum(counts["es"][1] for counts in kept["characters"].values()) == len(ITEMS)


def test_one_call_for_all_languages_of_a_translator(tmp_path: Path) -> None:
    translator = ListTranslator()
    make(tmp_path / "set", translator=translator)
    first = translator.calls[0]
    assert len(translator.calls) == 3
    assert len(first) == 24
    assert [request.target_lang for request in first[:4]] == ["es", "ar", "es", "ar"]
    assert {request.attempt for request in translator.calls[1]} == {1}
    assert {(request.target_lang, request.text) for request in translator.calls[2]} == {
        (lang, ITEMS[number].question) for lang, number in (("es", 3), ("ar", 6), ("ar", 7))
    }


def test_a_translator_with_one_candidate_is_asked_once(tmp_path: Path) -> None:
    translator = ListTranslator()
    translator.candidates = 1
    report = make(tmp_path / "set", translator=translator)["gate_report"]
    assert len(translator.calls) == 1
    assert report["es"]["question"]["accepted"] == [10, 0, 0]
    assert report["es"]["question"]["rejected"] == 2


def test_min_langs_lets_items_into_parallel_that_lack_a_language(tmp_path: Path) -> None:
    make(tmp_path / "set", replace(BOTH, min_langs=1))
    found = {row["item_id"]: row for row in rows_of(tmp_path / "set", "parallel")}
    assert len(found) == 12
    assert found["word-4"]["translations"]["es"] is None
    assert found["word-4"]["translations"]["ar"]["question"] == TABLE["ar", ITEMS[3].question]
    assert found["word-4"]["n_langs"] == 2


def test_solutions_are_translated_on_demand_and_do_not_cost_the_question(tmp_path: Path) -> None:
    bad = {("es", "word-1"): ("Rosa 14, 5",)}
    questions = {item.item_id: item.question for item in ITEMS}
    translator = ListTranslator(planted={})
    translator._planted = {("es", ITEMS[0].solution): bad["es", "word-1"]}
    manifest = make(tmp_path / "set", replace(BOTH, translate_solutions=True), translator)
    spanish = {row["item_id"]: row for row in rows_of(tmp_path / "set", "es")}
    assert len(spanish) == len(questions)
    assert spanish["word-1"]["solution"] is None
    assert spanish["word-2"]["solution"] == "Son 31."
    assert manifest["gate_report"]["es"]["solution"]["rejected"] == 1
    assert manifest["items"]["solutions_by_language"] == {"en": 12, "es": 11, "ar": 12}
    assert [row["part"] for row in rejects_of(tmp_path / "set", "es")] == ["solution"]


class Shouting(ListTranslator):
    """Sees placeholders, keeps them, and drops the last one of a text in Arabic."""

    placeholders = True
    seen: tuple[str, ...] = ()

    def _one(self, request: TranslationRequest) -> Translated:
        self.seen = (*self.seen, request.text)
        words = request.text.split()
        if request.target_lang == "ar":
            held = [word for word in words if "XQ" in word]
            words = [word for word in words if word not in held[-1:]]
        return Translated(key=request.key, text=" ".join(words).upper())


class NoGate(NumberGate):
    def _check(self, pair: Pair) -> tuple[Finding, ...]:
        return ()


def test_formulas_are_placeholders_for_the_translator_and_whole_again_in_the_set(tmp_path: Path) -> None:
    translator = Shouting()
    source = replace(SOURCE, items=ITEMS[4:6])
    make(tmp_path / "set", translator=translator, source=source, gate=NoGate())
    assert not any("$" in text for text in translator.seen)
    assert [row["question"] for row in rows_of(tmp_path / "set", "es")] == [
        ITEMS[4].question.upper(),
        "IF $x + 7 = 20$, WHAT IS THE VALUE OF $x$?",
    ]
    (lost,) = rejects_of(tmp_path / "set", "ar")  # though the gate saw nothing
    assert [found["check"] for found in lost["attempts"][0]["findings"]] == ["placeholders"]


def test_numbers_are_placeholders_on_demand(tmp_path: Path) -> None:
    translator = Shouting()
    make(
        tmp_path / "set", replace(BOTH, languages=("es",), protect_numbers=True), translator,
        source=replace(SOURCE, items=ITEMS[:1]), gate=NoGate(),
    )  # fmt: skip
    assert translator.seen[0].split()[2] == "XQ1Z"
    assert "14 PENS" in rows_of(tmp_path / "set", "es")[0]["question"]


def test_a_finished_folder_without_failures_is_left_as_it_is(tmp_path: Path) -> None:
    out = tmp_path / "set"
    config = replace(BOTH, languages=("es",))
    first = make(out, config)
    (out / "README.md").write_text("mine")
    translator = ListTranslator()
    assert make(out, config, translator, resume=True) == first
    assert translator.calls == []
    assert (out / "README.md").read_text() == "mine"
    with pytest.raises(ConfigError, match=r"finished\. Go on with --resume"):
        make(out, config)


def test_resume_asks_failed_texts_again_and_no_others(tmp_path: Path) -> None:
    out = tmp_path / "set"
    make(out)
    healed = ListTranslator(planted={place: texts for place, texts in PLANTED.items() if place[1] != "word-7"})
    manifest = make(out, translator=healed, resume=True)
    # word-5 comes at its second candidate again: the failure of its first is asked again, as word-7 and word-8 are
    assert {request.text for call in healed.calls for request in call} == {ITEMS[n].question for n in (4, 6, 7)}
    assert manifest["gate_report"]["ar"]["question"]["failed"] == 1
    assert "word-7" in {row["item_id"] for row in rows_of(out, "parallel")}


def test_a_changed_setting_is_refused_by_name(tmp_path: Path) -> None:
    make(tmp_path / "set")
    changes: tuple[tuple[str, dict[str, Any]], ...] = (
        ("seed (0 → 1)", {"config": replace(BOTH, seed=1)}),
        ('translators.ar.version ("1" → "2")', {"translator": ListTranslator(version="2")}),
        ("source.sha256", {"source": replace(SOURCE, items=(replace(ITEMS[0], answer="10"), *ITEMS[1:]))}),
        ("languages", {"config": replace(BOTH, languages=("es",))}),
    )
    for named, change in changes:
        with pytest.raises(ConfigError, match=re.escape(named)):
            make(tmp_path / "set", resume=True, **change)


#: Makes the set and dies where so many requests were made, or where a file of that name is about to be written.
DYING = """
import os, signal, sys
from pathlib import Path
from dataclasses import replace
from tests.data.reasoning.list_translator import ListTranslator
from tests.data.reasoning.test_build import BOTH, make
from xleval.data import parquet_files
from xleval.data.reasoning import build, dataset, review_sheet

out, place = Path(sys.argv[1]), sys.argv[2]

def dying(write):
    def called(path, content):
        if path.match(place):
            os.kill(os.getpid(), signal.SIGKILL)
        write(path, content)
    return called

killing = dying(build.write_atomically)
for module in (build, dataset, review_sheet, parquet_files):
    assert module.write_atomically
    module.write_atomically = killing
die_at = int(place) if place.isdigit() else None
translator = ListTranslator(asked=out.with_suffix(".asked"), die_at=die_at)
make(out, replace(BOTH, review=2), translator, resume=out.exists())
"""


def test_kills_at_any_point_leave_the_same_bytes_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    """SIGKILL while texts are translated (24 + 5 + 3 requests) and while each kind of file is written (E1, E20)."""
    whole = tmp_path / "whole"
    make(whole, replace(BOTH, review=2))
    out = tmp_path / "set"
    places = ("1", "9", "25", "es.jsonl", "test.parquet", "level-2/test.parquet", "ar.html", "README.md", "nowhere")
    for place in places:
        died = subprocess.run(
            [sys.executable, "-c", DYING, str(out), place],
            capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[3],
        )  # fmt: skip
        assert died.returncode == (0 if place == "nowhere" else -signal.SIGKILL), died.stderr
    assert bytes_of(out) == bytes_of(whole)
    assert (out / "README.md").read_bytes() == (whole / "README.md").read_bytes()
    # what failed is asked again by every process; of the rest only what was on its way at a kill
    asked = Counter(out.with_suffix(".asked").read_text(encoding="utf-8").splitlines())
    answered = [line for line in asked if not _fails(line)]
    assert len(answered) == 24 + 5 + 3 - 5
    assert sum(asked[line] - 1 for line in answered) <= 3


def _fails(line: str) -> bool:
    lang, attempt, text = line.split("\t")
    planted = PLANTED.get((lang, next(item.item_id for item in ITEMS if item.question == text)))
    return planted is not None and planted[int(attempt) if int(attempt) < len(planted) else -1] is None


class EveryOther:
    """A model check against every other pair of a block; cannot judge texts about trains."""

    name = "every-other"

    def __init__(self) -> None:
        self.unchecked: Counter[str] = Counter()
        self.seen: list[list[Pair]] = []

    def check(self, pairs: Sequence[Pair]) -> list[Finding | None]:
        self.seen.append(list(pairs))
        self.unchecked["about trains"] += sum("train" in pair.source for pair in pairs)
        return [
            Finding(check=self.name, score=1.0, detail="every other one") if place % 2 else None
            for place, pair in enumerate(pairs)
        ]

    def fingerprint(self) -> Mapping[str, str]:
        return {"version": "1"}


def test_model_checks_see_what_the_gate_passed_and_are_not_asked_again(tmp_path: Path) -> None:
    out, check = tmp_path / "set", EveryOther()
    config = replace(BOTH, languages=("es",), attempts=1)
    manifest = make(out, config, model_checks=[check])
    (block,) = check.seen
    passed = [item.item_id for item in ITEMS if item.item_id not in ("word-2", "word-4")]
    assert [pair.item_id for pair in block] == passed
    assert [row["item_id"] for row in rows_of(out, "es")] == passed[::2]
    assert manifest["gate_report"]["es"]["question"]["rejected_by"] == {"every-other": 5, "numbers": 2}
    assert manifest["unchecked"] == {"every-other": {"about trains": 1}}
    state = read_json(out / MANIFEST)
    (out / MANIFEST).write_text(json.dumps({"config": state["config"], "finished": False}))
    again = EveryOther()
    assert make(out, config, model_checks=[again], resume=True) == manifest
    assert again.seen == []


class Mute(ListTranslator):
    def translate(self, requests: Sequence[TranslationRequest]) -> Any:
        yield from list(super().translate(requests))[1:]


def test_a_translator_that_leaves_requests_out_is_an_error_and_the_rest_is_kept(tmp_path: Path) -> None:
    with pytest.raises(BackendError, match="list:problems left 1 of 24 requests"):
        make(tmp_path / "set", translator=Mute())
    second = ListTranslator()
    make(tmp_path / "set", translator=second, resume=True)
    # of 24, two failed and one was left out
    assert len(second.calls[0]) == 3


def test_a_set_without_a_translation_is_refused_in_one_line_with_the_reason(tmp_path: Path) -> None:
    bad = {("es", item.item_id): ("nada",) for item in ITEMS}
    with pytest.raises(DataError) as refused:
        make(tmp_path / "set", replace(BOTH, languages=("es",)), ListTranslator(planted=bad))
    assert "no translation of 12 items passed (12 rejected, 0 failed; most often: numbers)" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(rejects_of(tmp_path / "set", "es")) == 12


def test_one_language_without_a_translation_does_not_cost_the_others(tmp_path: Path) -> None:
    bad = {("ar", item.item_id): ("لا شيء",) for item in ITEMS}
    manifest = make(tmp_path / "set", translator=ListTranslator(planted=bad))
    assert list(manifest["configs"]) == ["en", "es"]
    assert manifest["items"]["by_language"] == {"en": 12, "es": 12, "ar": 0}


def test_what_cannot_be_built_is_refused_before_anything_is_translated(tmp_path: Path) -> None:
    translator = ListTranslator(languages=("es",))
    refused: tuple[tuple[str, dict[str, Any]], ...] = (
        ("list:problems lacks ar", {"translator": translator}),
        ("no translator for ar: give --translator ar=SPEC", {"translators": {"es": translator}}),
        ("--min-langs is 3; 1 to 2 languages", {"config": replace(BOTH, min_langs=3)}),
        ("nothing but the source's own language, en", {"config": replace(BOTH, languages=("en",))}),
    )
    for message, change in refused:
        with pytest.raises(ConfigError, match=re.escape(message)):
            make(tmp_path / "set", **change)
    assert translator.calls == []
    assert not (tmp_path / "set").exists()
    for message, broken in (
        ("one language is needed", replace(SOURCE, items=(ITEMS[0], replace(ITEMS[1], lang="de")))),
        ("has items in no language", replace(SOURCE, items=())),
        ("the item word-1 more than once", replace(SOURCE, items=(ITEMS[0], ITEMS[0]))),
    ):
        with pytest.raises(DataError, match=message):
            make(tmp_path / "set", source=broken)


def test_settings_out_of_range_are_refused() -> None:
    for settings, message in (
        ({"languages": ("es", "es")}, "names es twice"),
        ({"languages": ("xx",)}, "unknown language"),
        ({"attempts": 0}, "--attempts is 0"),
        ({"review": -1}, "--review is -1"),
    ):
        with pytest.raises(ConfigError, match=message):
            replace(BOTH, **settings)  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(DataError, match="cannot make the folder"):
        make(blocked / "set")


def test_a_review_goes_into_card_and_manifest(tmp_path: Path) -> None:
    out = tmp_path / "set"
    make(out, replace(BOTH, review=3))
    assert "not reviewed by a person" in (out / "README.md").read_text(encoding="utf-8")
    sheet = out / "review" / "es.csv"
    head, *lines = sheet.read_text(encoding="utf-8").splitlines()
    sheet.write_text("\n".join((head, *(line[:-1] + "yes," for line in lines))), encoding="utf-8")
    figures = add_review(out, reviewed_by="A. Reader, teacher of Spanish")
    # 3 accepted, all right: 1 - 0.05^(1/3) = 0.6316; the rejected one was said to be right
    assert figures["es"].as_json() == {
        "reviewed": 3, "wrong": 0, "wrong_at_most": 0.6316, "rejected_reviewed": 1, "rejected_right": 1,
    }  # fmt: skip
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "Reviewed by: A. Reader, teacher of Spanish." in card
    assert "| es | 3 | 0 | at most 63.2% | 1 of 1 |" in card
    assert "| ar | 0 |  | unreviewed |  |" in card
    assert "not reviewed by a person" not in card
    assert read_json(out / MANIFEST)["review"] == {"es": figures["es"].as_json()}


#: Makes the set where no file can grow beyond 4 KiB: the journal cannot be finished.
FULL = """
import resource, sys
from pathlib import Path
from tests.data.reasoning.test_build import make
from xleval.errors import DataError

resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    make(Path(sys.argv[1]))
except DataError as error:
    print(error)
"""


def test_a_full_disk_is_one_line_and_the_journal_stays_good(tmp_path: Path) -> None:
    out = tmp_path / "set"
    full = subprocess.run(
        [sys.executable, "-c", FULL, str(out)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parents[3],
    )
    assert re.fullmatch(
        r"cannot write the journal \S+: File too large\. Make room, and --resume goes on from here\n", full.stdout
    )
    assert full.stderr == ""
    make(out, resume=True)
    make(tmp_path / "whole")
    assert bytes_of(out) == bytes_of(tmp_path / "whole")
