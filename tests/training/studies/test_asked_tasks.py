"""Which tasks a study asks: those whose data is at hand, in the languages that they have."""

from pathlib import Path

import pytest

from xleval.training.studies.asked_tasks import asked_tasks
from xleval.training.studies.records import Budget, StudyOptions


def options(budget: Budget, **data: str) -> StudyOptions:
    return StudyOptions(study="clo", model="m", budget=budget, out=Path("out"), data=data)


def test_a_task_that_lacks_a_language_names_its_own() -> None:
    found = asked_tasks(options("full"), {"belebele": ("en", "de"), "mmlu": ("en", "de")})
    assert found.words == ("--tasks", "belebele,mmlu[en]", "--langs", "en,de")
    assert found.langs == {"belebele": ("en", "de"), "mmlu": ("en",)}


def test_a_task_without_any_of_the_languages_is_left_out() -> None:
    found = asked_tasks(options("full"), {"mmlu": ("de",)})
    assert found.words == ()
    assert found.notes == ("mmlu is left out: it has none of the languages de.",)


def test_a_smoke_run_fetches_nothing() -> None:
    wanted = {"belebele": ("en",), "sample": ("en",)}
    assert list(asked_tasks(options("smoke"), wanted).langs) == ["sample"]
    assert list(asked_tasks(options("full"), wanted).langs) == ["belebele", "sample"]


def test_data_in_the_users_folder_is_found_and_not_named_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLEVAL_DATA", str(tmp_path))
    (tmp_path / "klar").mkdir()
    found = asked_tasks(options("smoke"), {"klar": ("en",), "klar_nospace": ("en",)})
    assert found.words == ("--tasks", "klar,klar_nospace", "--langs", "en")


def test_folders_of_the_user_and_of_the_study_are_given_once() -> None:
    wanted = {"klar": ("en",), "klar_nospace": ("en",), "polyfact": ("en",)}
    found = asked_tasks(options("full", klar="k"), wanted, {"polyfact": Path("facts")})
    assert found.words[-4:] == ("--data", "klar=k", "--data", "polyfact=facts")


def test_tasks_of_one_folder_are_left_out_in_one_sentence() -> None:
    found = asked_tasks(options("full"), {"klar": ("en",), "klar_nospace": ("en",)})
    assert found.notes == (
        "klar and klar_nospace are left out, as the data is not at hand: give --data klar=DIR, or put it at $XLEVAL_DATA/klar.",
    )
