"""KLAR in its published layout, with facts written for this test, and on the published files and outputs where they are."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from xleval.errors import ConfigError, DataError
from xleval.evalkit.requests import ChoiceRequest, Completion, GenerateRequest, Message
from xleval.evalkit.samples import Sample
from xleval.evalkit.scoring import scored_sample
from xleval.evalkit.task import LoadedTask, TaskOptions, load_task
from xleval.tasks.klar import KLAR, KLAR_CHOICE, KLAR_NOSPACE, KLAR_TEMPLATES

PLACES = (("Otland", "Aville"), ("Besk", "Brun"), ("Cora", "Cint"), ("Dell", "Daro"), ("Ebro", "Enna"))
CHINESE = (("奥特", "阿城"), ("贝斯", "布伦"), ("科拉", "辛特"), ("德尔", "达罗"), ("埃布", "恩纳"))


def relation(facts: tuple[tuple[str, str], ...], templates: list[str], english: bool = False) -> dict[str, Any]:
    """Return a file's content: the candidates of a fact are the objects of all others and, last, its own."""
    samples = []
    for number, (subject, name) in enumerate(facts):
        others = [other for _, other in facts if other != name]
        sample = {
            "subject": subject,
            "object": name,
            "object_candidates": ", ".join([*others, name]),
            "index": 40 + number,
        }
        if not english:
            sample |= {"subject_en": PLACES[number][0], "object_en": PLACES[number][1]}
        samples.append(sample)
    return {"name": "seat", "prompt_templates": templates, "samples": samples, "relation_id": "P0"}


ENGLISH_TEMPLATES = [
    "<subject> has its seat in? The answer is: <mask>",
    "Where is the seat of <subject>? The answer is: <mask>.",
]
CHINESE_TEMPLATES = ["<subject>的首府？答案是：<mask>", "<subject>的首府在哪里？答案是：<mask>。"]


def write(root: Path, lang: str, content: dict[str, Any]) -> Path:
    (root / lang).mkdir(exist_ok=True)
    (root / lang / "seat.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return root


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "en", relation(PLACES, ENGLISH_TEMPLATES, english=True))
    return write(tmp_path, "zh", relation(CHINESE, CHINESE_TEMPLATES))


def request(loaded: LoadedTask, lang: str, number: int = 0, **options: Any) -> Any:
    item = loaded.items[lang][number]
    return loaded.task.request(item, lang, TaskOptions(named=(), **options).for_task(loaded.task), loaded.shots[lang])


def test_items_are_joined_on_relation_and_index(folder: Path) -> None:
    loaded = load_task(KLAR, folder, ("en", "ko", "zh", "de"), None)
    assert {lang: [item.item_id for item in found] for lang, found in loaded.items.items()} == {
        lang: [f"seat-{number}" for number in range(40, 45)] for lang in ("en", "zh")
    }
    assert loaded.skipped == {"ko": "klar has no ko", "de": "klar has no de"}
    item = loaded.items["zh"][0]
    assert (item.gold, item.gold_index, item.choices[4]) == ("阿城", 4, "阿城")
    assert item.groups == {"relation": "seat", "template_id": "1"}


def test_the_prompt_is_the_published_one_with_three_examples_of_the_relation(folder: Path) -> None:
    loaded = load_task(KLAR, folder, ("en", "zh"), None)
    asked = request(loaded, "en")
    assert isinstance(asked, GenerateRequest)
    assert isinstance(asked.prompt, str)
    *examples, last = asked.prompt.split("\n")
    # The template's full stop stays, and the prompt ends in a space.
    assert last == "Where is the seat of Otland? The answer is:. "
    facts = {f"Where is the seat of {subject}? The answer is:. {name}" for subject, name in PLACES[1:]}
    assert len(examples) == 3
    assert set(examples) < facts
    assert (asked.stop, asked.sampling.max_tokens, asked.key) == (("\n",), 10, "klar/en/seat-40")
    assert request(loaded, "zh").prompt.endswith("\n奥特的首府在哪里？答案是：。 ")


def test_examples_are_the_same_facts_in_every_language_and_never_the_item_itself(folder: Path) -> None:
    loaded = load_task(KLAR, folder, ("zh", "en"), None)
    assert [shot.item_id for shot in loaded.shots["zh"]] == [shot.item_id for shot in loaded.shots["en"]]
    for number, (subject, _) in enumerate(PLACES):
        prompt = request(loaded, "en", number).prompt
        assert prompt.count("\n") == 3
        assert prompt.count(subject) == 1


def test_the_other_spacing_differs_by_the_final_space_alone(folder: Path) -> None:
    spaced, bare = (load_task(task, folder, ("en",), None) for task in (KLAR, KLAR_NOSPACE))
    assert request(bare, "en").prompt == request(spaced, "en").prompt.removesuffix(" ")
    assert KLAR_NOSPACE.data_name == "klar"


def test_a_conversation_asks_for_a_short_answer(folder: Path) -> None:
    loaded = load_task(KLAR, folder, ("en",), None, 0)
    asked = request(loaded, "en", chat=True)
    assert asked.prompt == (
        Message(
            role="user",
            content="Where is the seat of Otland? The answer is:.\n\nGive only a short answer in English, without explanation.",
        ),
    )
    assert asked.stop == ()


def test_all_templates_are_items_of_their_own_with_examples_in_the_same_wording(folder: Path) -> None:
    loaded = load_task(KLAR_TEMPLATES, folder, ("zh",), None)
    assert [item.item_id for item in loaded.items["zh"]][:3] == ["seat-40-t0", "seat-40-t1", "seat-41-t0"]
    assert {item.groups["template_id"] for item in loaded.items["zh"]} == {"0", "1"}
    assert request(loaded, "zh").prompt.count("的首府？答案是：") == 4


def test_candidates_follow_the_text_before_the_mask(folder: Path) -> None:
    loaded = load_task(KLAR_CHOICE, folder, ("en", "zh"), None)
    asked = request(loaded, "en")
    assert isinstance(asked, ChoiceRequest)
    assert asked.context == "Where is the seat of Otland? The answer is:"
    assert asked.continuations == (" Brun", " Cint", " Daro", " Enna", " Aville")
    assert request(loaded, "zh").continuations[-1] == "阿城"
    cue = KLAR_CHOICE.request(replace(loaded.items["en"][0], question="", passage=""), "en", TaskOptions(), ())
    assert isinstance(cue, ChoiceRequest)
    assert cue.context == "Answer:"


def test_too_few_facts_for_the_examples_are_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"seat has 5 facts in en; --shots 4 or fewer"):
        load_task(KLAR, folder, ("en",), None, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"object": "Zed"}, r"seat\.json, sample 2, column object_candidates: found .* Zed among them"),
        ({"object": None}, r"seat\.json, sample 2: no column object"),
        ({"subject_en": "Other"}, r"sample 2 and .*sample 2 are both seat-41, but about Other – Brun and Besk – Brun"),
        (
            {"object_candidates": "布伦, 辛特"},
            r"zh/seat\.json, sample 2 has 2 candidates, .*en/seat\.json, sample 2 has 5",
        ),
    ],
)
def test_a_broken_row_is_one_error_that_names_it(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    write(tmp_path, "en", relation(PLACES, ENGLISH_TEMPLATES, english=True))
    content = relation(CHINESE, CHINESE_TEMPLATES)
    content["samples"][1] |= change
    write(tmp_path, "zh", content)
    with pytest.raises(DataError, match=message):
        load_task(KLAR, tmp_path, ("en", "zh"), None, 0)


def test_files_that_are_not_klars_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"needed is LANG/RELATION\.json"):
        load_task(KLAR, tmp_path, ("en",), None)
    write(tmp_path, "en", relation(PLACES, ["no gap <subject>"], english=True))
    with pytest.raises(DataError, match=r"found the template 'no gap <subject>'; each needs <subject> and <mask>"):
        load_task(KLAR, tmp_path, ("en",), None)
    (tmp_path / "en" / "seat.json").write_bytes(b'{"prompt_templates": "\xff"}')
    with pytest.raises(DataError, match=r"seat\.json.*is not UTF-8"):
        load_task(KLAR, tmp_path, ("en",), None)


def verdict(loaded: LoadedTask, lang: str, text: str) -> Sample:
    asked = request(loaded, lang)
    outcome = Completion(key=asked.key, text=text, finish_reason="stop", n_tokens=3)
    return scored_sample(loaded.task, loaded.items[lang][0], lang, asked, outcome)


def test_verdicts_are_comparable_across_languages(folder: Path) -> None:
    loaded = load_task(KLAR, folder, ("en", "zh"), None)
    found = [verdict(loaded, *answer) for answer in (("en", "Aville."), ("zh", "阿城"), ("en", "brun"), ("zh", "布伦"))]
    assert [(each.correct, each.prediction) for each in found] == [
        (True, "candidate 5"), (True, "candidate 5"), (False, "candidate 1"), (False, "candidate 1"),
    ]  # fmt: skip
    assert (verdict(loaded, "en", "Nowhere").prediction, verdict(loaded, "en", " ").prediction) == ("Nowhere", None)


def test_the_published_files_load(shared_data: Path) -> None:
    """Counts of `reference/polyfact.md`, section 5; the candidates as counted in the files, 2026-11-21."""
    loaded = load_task(KLAR_CHOICE, shared_data / "klar", KLAR.languages, None)
    assert {lang: len(items) for lang, items in loaded.items.items()} == dict.fromkeys(KLAR.languages, 2619)
    sizes = [len(item.choices) for item in loaded.items["ko"]]
    assert {size: sizes.count(size) for size in sorted(set(sizes))} == {6: 258, 8: 150, 10: 2211}
    assert len({item.groups["relation"] for item in loaded.items["ko"]}) == 20


def test_items_are_rows_of_bmlama(shared_data: Path) -> None:
    """KLAR's index is the row of BMLAMA-17: a mean over both would count 2,619 facts twice (D21)."""
    lines = (shared_data / "bmlama17" / "en.tsv").read_text(encoding="utf-8").split("\n")[1:]
    items = load_task(KLAR, shared_data / "klar", ("en",), None).items["en"]
    rows = [lines[int(item.item_id.rpartition("-")[2])].strip().split("\t") for item in items]
    assert all(
        row[1] == item.gold and row[2].split(", ") == list(item.choices) for item, row in zip(items, rows, strict=True)
    )
    assert "bmlama17" in KLAR.sources


def test_published_verdicts_of_real_generations_are_reproduced(shared_data: Path) -> None:
    """All 15,714 verdicts of one model in `outputs/klar`: items are found by relation and index, answers scored as the task does."""
    stored = json.loads((shared_data / "outputs" / "klar" / "Qwen-2.5-7B_klar.json").read_text(encoding="utf-8"))
    loaded = load_task(KLAR, shared_data / "klar", stored["langs"], None)
    items = {(lang, item.item_id): item for lang, found in loaded.items.items() for item in found}
    seen, unlike = 0, []
    for row in stored["records"]:
        item = items[row["language"], f"{row['relation']}-{row['index']}"]
        assert item.gold == row["target"]
        sample = Sample(
            task="klar", task_version=1, lang=row["language"], item_id=item.item_id, kind="generation", prompt="",
            gold=item.gold, choices=item.choices, choice_ids=item.choice_ids, gold_index=item.gold_index,
            completion=row["pred"], finish_reason="stop", unscored_reason="not scored yet",
        )  # fmt: skip
        scored = KLAR.score(sample)
        seen += 1
        if scored.correct is not row["correct"]:
            unlike.append(row)
    assert (seen, unlike) == (15714, [])
