"""Prompts of GRPO from sets of facts and of problems."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.requests import GenerateRequest
from xleval.evalkit.task import TaskItem, TaskOptions
from xleval.tasks import TASKS
from xleval.training.config.schema import DataConfig, MonitorConfig, PromptConfig
from xleval.training.sets.embedded import embedded_folder
from xleval.training.sets.prompt_rows import choose_items, held_out_rows, prompt_rows
from xleval.training.sets.records import PromptRow

LANGS = ("en", "de", "zh")


def _rows(
    data: DataConfig, prompt: PromptConfig | None = None, *, chat: bool = False, seed: int = 1
) -> list[PromptRow]:
    return prompt_rows(data, prompt or PromptConfig(), has_chat_template=chat, seed=seed)


def _problems(folder: Path, rows: dict[str, list[dict[str, object]]], split: str = "train") -> Path:
    """Write a set of problems, `LANG/SPLIT.jsonl`, and return its folder."""
    for lang, found in rows.items():
        (folder / lang).mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)
        (folder / lang / f"{split}.jsonl").write_text(text, encoding="utf-8")
    return folder


def _problem(number: int, lang: str, **more: object) -> dict[str, object]:
    return {"item_id": f"q{number}", "question": f"{lang}: {number} + 1 = ?", "answer": str(number + 1), **more}


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    """Return a set of eight problems in three languages; Swahili lacks the third, German has a ninth."""
    levels = {number: {"level": str(number % 3 + 1)} for number in range(9)}
    return _problems(
        tmp_path / "sums",
        {
            "en": [_problem(number, "en", **levels[number]) for number in range(8)],
            "de": [_problem(number, "de", **levels[number]) for number in range(9)],
            "sw": [_problem(number, "sw", **levels[number]) for number in range(8) if number != 2],
        },
    )


def test_the_rows_of_a_fact_stand_together_in_the_order_of_the_languages(embedded_set: Path) -> None:
    rows = _rows(DataConfig(source=str(embedded_set), langs=LANGS, limit=5))
    assert [row.lang for row in rows] == [*LANGS] * 5
    assert all(len({row.item_id for row in rows[at : at + 3]}) == 1 for at in range(0, 15, 3))
    for at in range(0, 15, 3):
        answers = {row.choice_ids[row.gold_index or 0] for row in rows[at : at + 3]}
        assert len(answers) == 1  # the same entity in every language, wherever it stands among the options
        assert [row.gold for row in rows[at : at + 3]] == [
            row.choices[row.gold_index or 0] for row in rows[at : at + 3]
        ]


def test_a_fact_is_asked_as_xleval_run_asks_it(embedded_set: Path) -> None:
    task = TASKS["polyfact_free"]
    rows = _rows(DataConfig(source=str(embedded_set), langs=("de",), limit=3), PromptConfig(scaffold="english"))
    for row in rows:
        item = TaskItem(item_id=row.item_id, question=row.question, gold=row.gold)
        request = task.request(item, "de", TaskOptions(scaffold="english"), ())
        assert isinstance(request, GenerateRequest)
        assert (row.prompt, row.stop, row.task) == (request.prompt, ("\n",), "polyfact_free")


def test_shown_options_are_listed_and_their_text_is_asked_for(embedded_set: Path) -> None:
    data = DataConfig(source=str(embedded_set), langs=("en", "zh"), relations=("P36",), limit=1)
    english, chinese = _rows(data, PromptConfig(show_options=True))
    a, b, c, d = english.choices
    assert english.prompt == (
        f"Question: {english.question}\nA. {a}\nB. {b}\nC. {c}\nD. {d}\n"
        "Give only a short answer in English, without explanation.\nAnswer:"
    )
    assert isinstance(chinese.prompt, str)
    assert chinese.prompt.startswith(f"问题：{chinese.question}\nA. {chinese.choices[0]}\n")
    assert chinese.prompt.endswith("\n答案：")
    assert (english.stop, len(english.choices)) == (("\n",), 4)
    asked = f"{english.question}\nA. {a}\nB. {b}\nC. {c}\nD. {d}\n\nGive only a short answer in English, without explanation."
    in_chat = _rows(data, PromptConfig(show_options=True), chat=True)[0]
    assert in_chat.prompt == [{"role": "user", "content": asked}]


def test_only_the_relations_named_are_trained_on(embedded_set: Path) -> None:
    rows = _rows(DataConfig(source=str(embedded_set), langs=("en",), relations=("P36", "P30")))
    assert {row.groups["property_id"] for row in rows} == {"P36", "P30"}
    with pytest.raises(ConfigError, match=r"no facts of P9999 in these languages; it has .*P36"):
        _rows(DataConfig(source=str(embedded_set), langs=("en",), relations=("P36", "P9999")))


def test_a_limit_is_nested_and_the_same_for_every_number_of_languages(embedded_set: Path) -> None:
    def ids(langs: tuple[str, ...], limit: int) -> set[str]:
        data = DataConfig(source=str(embedded_set), langs=langs, limit=limit)
        return {row.item_id for row in _rows(data, seed=7)}

    assert ids(("en",), 20) < ids(("en",), 40)
    assert ids(("en",), 40) == ids(("en", "de"), 40) == ids(("zh", "sw", "en"), 40)
    other = DataConfig(source=str(embedded_set), langs=("en",), limit=40)
    assert ids(("en",), 40) != {row.item_id for row in _rows(other, seed=8)}


def test_copies_of_a_fact_have_other_wordings_never_the_held_out_one(embedded_set: Path) -> None:
    data = DataConfig(source=str(embedded_set), langs=("en", "de", "zh"), regime="english-repeat", limit=10)
    rows = _rows(data)
    assert [(row.lang, row.copy) for row in rows[:3]] == [("en", 0), ("en", 1), ("en", 2)]
    for at in range(0, 30, 3):
        first, second, third = (row.question for row in rows[at : at + 3])
        # Training has two wordings, a and b; c is the held-out one (D15).
        assert first != second
        assert first == third


def test_an_item_that_a_language_lacks_is_left_out_and_counted(problems: Path) -> None:
    found = choose_items(DataConfig(source=str(problems), langs=("en", "de", "sw")), seed=1)
    assert set(found.chosen.ids) == {f"q{number}" for number in range(8) if number != 2}
    assert found.chosen.dropped == {"in de, not in en": 1, "not in sw": 1}
    assert "1 item is left out: not in sw" in found.notes


def test_items_of_fewer_languages_are_those_of_all_where_that_is_asked_for(problems: Path) -> None:
    one = choose_items(DataConfig(source=str(problems), langs=("en",), parallel_with=("en", "de", "sw")), seed=1)
    all_three = choose_items(DataConfig(source=str(problems), langs=("en", "de", "sw")), seed=1)
    assert one.chosen.ids == all_three.chosen.ids
    assert len(choose_items(DataConfig(source=str(problems), langs=("en",)), seed=1).chosen.ids) == 8


def test_a_curriculum_goes_from_easy_to_hard(problems: Path) -> None:
    rows = _rows(DataConfig(source=str(problems), langs=("en",), order="curriculum", limit=5))
    levels = [row.groups["level"] for row in rows]
    assert levels == sorted(levels)
    assert len(set(levels)) > 1
    as_is = _rows(DataConfig(source=str(problems), langs=("en",), order="as-is", limit=5))
    assert [row.item_id for row in as_is] == sorted(
        row.item_id for row in rows
    )  # the same five, in the order of the file


def test_levels_and_their_absence(problems: Path, embedded_set: Path) -> None:
    rows = _rows(DataConfig(source=str(problems), langs=("en",), levels=(2, 3)))
    assert Counter(row.groups["level"] for row in rows) == {"2": 3, "3": 2}
    with pytest.raises(ConfigError, match=r"no items of level 7; it has 1, 2, 3"):
        _rows(DataConfig(source=str(problems), langs=("en",), levels=(7,)))
    with pytest.raises(ConfigError, match=r"order is curriculum and the items .* have no level"):
        _rows(DataConfig(source=str(embedded_set), langs=("en",), order="curriculum"))


def test_problems_are_asked_with_the_task_of_their_answers(tmp_path: Path) -> None:
    plain = _problems(tmp_path / "plain", {"en": [_problem(1, "en", solution="One and one are two.")]})
    (row,) = _rows(DataConfig(source=str(plain), langs=("en",)))
    assert (row.task, row.gold, row.reference_words) == ("gsm8k", "2", 5)
    assert row.prompt == "Question: en: 1 + 1 = ?\nStep-by-step answer:"
    assert "\nQuestion:" in row.stop
    hard = _problems(tmp_path / "hard", {"en": [{"question": "Half of one?", "answer": r"\frac{1}{2}"}]})
    (row,) = _rows(DataConfig(source=str(hard), langs=("en",)), chat=True)
    assert (row.task, row.gold) == ("math500", r"\frac{1}{2}")
    assert "\\boxed{}" in str(row.prompt)


def test_columns_are_named_and_lacking_ones_are_said(tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    file.write_text('{"frage": "Eins und eins?", "zahl": 2, "sprache": "German"}\n', encoding="utf-8")
    columns = {"question": "frage", "answer": "zahl", "language": "sprache"}
    (row,) = _rows(DataConfig(source=str(file), langs=("de",), columns=columns))
    assert (row.question, row.gold, row.lang) == ("Eins und eins?", "2", "de")
    with pytest.raises(ConfigError, match=r"own.jsonl has no column for the question; it has frage, zahl, sprache"):
        _rows(DataConfig(source=str(file), langs=("de",), columns={"language": "sprache"}))
    with pytest.raises(ConfigError, match=r"no column 'satz' \(columns.question\); it has frage"):
        _rows(DataConfig(source=str(file), langs=("de",), columns=columns | {"question": "satz"}))
    with pytest.raises(ConfigError, match=r"has no rows in ko; it has de"):
        _rows(DataConfig(source=str(file), langs=("ko",), columns=columns))


def test_a_language_or_split_that_a_set_lacks_is_named_with_those_it_has(problems: Path, embedded_set: Path) -> None:
    with pytest.raises(ConfigError, match=r"no rows in the split train in ko; it has en, de, sw"):
        _rows(DataConfig(source=str(problems), langs=("en", "ko")))
    with pytest.raises(ConfigError, match=r"no files of the split 'dev' .* it has train"):
        _rows(DataConfig(source=str(problems), langs=("en",), split="dev"))
    with pytest.raises(ConfigError, match=r"no rows in the split train in ko; it has en, de, id, pt"):
        _rows(DataConfig(source=str(embedded_set), langs=("ko",)))
    with pytest.raises(ConfigError, match=r"has no split 'dev'; it has .*train.*validation"):
        _rows(DataConfig(source=str(embedded_set), langs=("en",), split="dev"))


def test_what_does_not_fit_is_refused_with_both_values(problems: Path, embedded_set: Path) -> None:
    with pytest.raises(ConfigError, match=r"data.task is polyfact_free and data.source is .*problems without options"):
        _rows(DataConfig(source=str(problems), langs=("en",), task="polyfact_free"))
    with pytest.raises(ConfigError, match=r"data.task is polyfact, which scores given options"):
        _rows(DataConfig(source=str(embedded_set), langs=("en",), task="polyfact"))
    with pytest.raises(ConfigError, match=r"prompt.show_options needs facts with options"):
        _rows(DataConfig(source=str(problems), langs=("en",)), PromptConfig(show_options=True))
    with pytest.raises(ConfigError, match=r"has no chat template"):
        _rows(DataConfig(source=str(problems), langs=("en",)), PromptConfig(chat=True))
    with pytest.raises(ConfigError, match=r"prompt.reason_prefix is native in a conversation"):
        _rows(DataConfig(source=str(problems), langs=("en",)), PromptConfig(reason_prefix="native"), chat=True)
    with pytest.raises(ConfigError, match=r"unknown source of training data 'embeded'.*embedded"):
        _rows(DataConfig(source="embeded", langs=("en",)))


def test_an_opening_of_the_reasoning_stands_at_the_end_of_a_plain_prompt(problems: Path) -> None:
    (row, *_) = _rows(DataConfig(source=str(problems), langs=("de",)), PromptConfig(reason_prefix="native"))
    plain = _rows(DataConfig(source=str(problems), langs=("de",)))[0].prompt
    assert isinstance(row.prompt, str)
    assert isinstance(plain, str)
    assert row.prompt.startswith(f"{plain} ")


def test_two_rows_of_one_id_are_refused(tmp_path: Path) -> None:
    twice = _problems(tmp_path / "twice", {"en": [_problem(1, "en"), _problem(1, "en")]})
    with pytest.raises(DataError, match=r"row 2: the item 'q1' is in .* twice in en \(also .*row 1\)"):
        _rows(DataConfig(source=str(twice), langs=("en",)))


def test_rows_without_ids_are_joined_by_their_place_through_all_files(tmp_path: Path) -> None:
    for lang in ("en", "de"):
        (tmp_path / "set" / lang).mkdir(parents=True)
        for part in (0, 1):
            row = {"question": f"{lang} {part}", "answer": part}
            file = tmp_path / "set" / lang / f"train-0000{part}-of-00002.jsonl"
            file.write_text(json.dumps(row) + "\n", encoding="utf-8")
    rows = _rows(DataConfig(source=str(tmp_path / "set"), langs=("en", "de"), order="as-is"))
    assert [(row.item_id, row.question) for row in rows] == [
        ("set-train-1", "en 0"), ("set-train-1", "de 0"), ("set-train-2", "en 1"), ("set-train-2", "de 1"),
    ]  # fmt: skip


def test_held_out_prompts_are_of_the_validation_split_or_of_another_set(embedded_set: Path) -> None:
    data = DataConfig(source=str(embedded_set), langs=("en", "de"), limit=5)
    trained = {row.item_id for row in _rows(data)}

    def held(monitor: MonitorConfig) -> list[PromptRow]:
        return held_out_rows(data, PromptConfig(), monitor, has_chat_template=False, seed=1)

    rows = held(MonitorConfig(limit=4))
    assert [row.lang for row in rows] == ["en", "de"] * 4
    assert not trained & {row.item_id for row in rows}
    validation = {row.item_id for row in _rows(DataConfig(source=str(embedded_set), langs=("en",), split="validation"))}
    assert {row.item_id for row in rows} <= validation
    sample = held(MonitorConfig(limit=4, source="sample"))
    # `sample` shows two worked examples, in `xleval run` and so here.
    assert str(sample[0].prompt).count("Step-by-step answer:") == 3
    assert len(sample) == 8


def test_a_set_without_a_validation_split_says_what_to_do(problems: Path) -> None:
    data = DataConfig(source=str(problems), langs=("en",))
    with pytest.raises(ConfigError, match=r"held-out prompts: .*validation.*monitor.source=SET"):
        held_out_rows(data, PromptConfig(), MonitorConfig(), has_chat_template=False, seed=1)


def test_without_a_validation_split_what_the_limit_leaves_is_held_out(problems: Path) -> None:
    data = DataConfig(source=str(problems), langs=("en",), limit=1)
    every = {row.item_id for row in _rows(replace(data, limit=None))}
    trained = {row.item_id for row in _rows(data)}
    rows = held_out_rows(data, PromptConfig(), MonitorConfig(limit=50), has_chat_template=False, seed=1)
    assert {row.item_id for row in rows} == every - trained
    assert len(trained) == 1


def test_embedded_facts_are_those_of_build_polyfact(
    embedded_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XLEVAL_CACHE", str(tmp_path))
    folder = embedded_folder()
    for file in ("en/train.parquet", "sw/validation.parquet", "parallel/test.parquet"):
        assert (folder / file).read_bytes() == (embedded_set / file).read_bytes()
    assert embedded_folder() == folder
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]  # nothing is left of the building
    (row,) = _rows(DataConfig(source="embedded", langs=("en",), limit=1))
    assert row.task == "polyfact_free"


def test_published_gsm8k_and_simplerl(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLEVAL_DATA", str(shared_data))
    rows = _rows(DataConfig(source="gsm8k", langs=("en",), order="as-is"))
    # 7,473 problems (README of openai/grade-school-math), the first asks about Natalia's 72 clips.
    assert (len(rows), rows[0].item_id, rows[0].gold, rows[0].task) == (7473, "gsm8k-train-1", "72", "gsm8k")
    hard = DataConfig(source="simplerl", langs=("en",), mixture="hard", order="curriculum", limit=50)
    levels = [int(row.groups["level"]) for row in _rows(hard)]
    assert levels == sorted(levels)
    assert set(levels) == {3, 4, 5}
    with pytest.raises(DataError, match=r"needs MATH level 1"):
        _rows(DataConfig(source="gsm8k+simplerl", langs=("en",), mixture="easy"))
    with pytest.raises(
        ConfigError, match=r"published in English, and data.langs is en, ko. Translate it: xleval build-"
    ):
        _rows(DataConfig(source="gsm8k", langs=("en", "ko")))
