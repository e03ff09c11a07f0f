"""Examples: the same items in every language and run, every kind of verdict, and never the whole file in memory."""

import dataclasses
import tracemalloc
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from tests.evalkit.report.report_cases import choice, generation, run_of
from xleval.errors import DataError
from xleval.evalkit.report import ReportRun, write_report
from xleval.evalkit.report.example_source import FileSource, MemorySource, verdict_of
from xleval.evalkit.report.examples import ItemExample, examples_of
from xleval.evalkit.report.shown_text import cut_middle, cut_name, visible
from xleval.evalkit.report.tied_choices import ScoringRule
from xleval.evalkit.samples import Sample, write_samples


def verdicts(example: ItemExample) -> dict[str, list[str]]:
    return {asked.lang: [answer.verdict for answer in asked.answers] for asked in example.languages}


def test_verdicts() -> None:
    assert verdict_of(True, "stop", "7") == "right"
    assert verdict_of(False, None, "7") == "wrong"
    assert verdict_of(False, "length", None) == "cut"
    assert verdict_of(False, "length", "7") == "wrong"
    assert verdict_of(None, None, None) == "unscored"


def test_rare_verdicts_are_found_among_many() -> None:
    samples = [generation(f"{k:04d}", lang, True) for k in range(1000) for lang in ("en", "sw")]
    samples[123] = generation("0061", "sw", False, prediction=None, finish_reason="length")
    samples[800] = generation("0400", "en", False)
    samples[1501] = generation(
        "0750", "sw", True, prediction=None, correct=None, unscored_reason="500", completion=None
    )
    source = MemorySource(samples)
    found = examples_of([source], {"sums": ["en", "sw"]}, 4)
    assert {"0061", "0400", "0750"} < {example.item_id for example in found}
    assert len(found) == 4
    shown = {example.item_id: verdicts(example) for example in found}
    assert shown["0061"] == {"en": ["right"], "sw": ["cut"]}
    assert shown["0750"]["sw"] == ["unscored"]
    assert examples_of([MemorySource(samples[::-1])], {"sums": ["en", "sw"]}, 4) == found


def test_runs_stand_side_by_side_and_prompts_once() -> None:
    first = [choice("1", "en", True), choice("1", "sw", True)]
    second = [choice("1", "en", False), choice("1", "sw", False, prompt="Mji mkuu?")]
    (example,) = examples_of([MemorySource(first), MemorySource(second)], {"facts": ["en", "sw"]})
    assert verdicts(example) == {"en": ["right", "wrong"], "sw": ["right", "wrong"]}
    assert [asked.prompts for asked in example.languages] == [("Capital?",), ("Capital?", "Mji mkuu?")]
    options = example.languages[0].answers[1].options
    assert [(option.text, option.score, option.is_gold, option.is_chosen) for option in options] == [
        ("Paris", "−2.00", True, False), ("Rome", "−1.00", False, True),
    ]  # fmt: skip


def tied(item: str, lang: str, scores: tuple[float, ...], ids: tuple[str, ...] = (), **changes: object) -> Sample:
    """Return a choice of three options, the second right, with these scores."""
    all_tied = len(set(scores)) == 1
    base = choice(
        item, lang, False, choices=("a", "b", "c"), gold="b", gold_index=1, sum_logprobs=scores, n_tokens=(1, 1, 1), choice_ids=ids,
        prediction=None if all_tied else "a", correct=None if all_tied else False, unscored_reason="tie" if all_tied else None,
    )  # fmt: skip
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def tied_answers(samples: list[Sample], ties: str) -> dict[str, tuple[str, str, list[bool]]]:
    rule = {"facts": ScoringRule(primary="sum", ties=ties)}
    found = examples_of([MemorySource(samples)], {"facts": ["en", "sw"]}, rules=[rule])
    return {
        f"{example.item_id} {asked.lang}": (
            asked.answers[0].verdict, asked.answers[0].verdict_words, [option.is_chosen for option in asked.answers[0].options]
        )
        for example in found for asked in example.languages
    }  # fmt: skip


def test_ties_count_in_examples_as_they_count_in_figures() -> None:
    samples = [
        tied("1", "en", (-1.0, -1.0, -1.0)),  # nothing is chosen, or the first
        tied("2", "en", (-1.0, -1.0, -2.0)),  # a half, or the first
        tied("3", "en", (-1.0, -2.0, -2.0)),  # no tie among the best
    ]
    assert tied_answers(samples, "expected") == {
        "1 en": ("unscored", "unscored: tie", [False, False, False]),
        "2 en": ("tied", "2 options tied: counts as 50.0 % right", [True, True, False]),
        "3 en": ("wrong", "wrong", [True, False, False]),
    }
    assert tied_answers(samples, "published") == {
        "1 en": ("wrong", "wrong: all options are tied, the first was taken", [True, False, False]),
        "2 en": ("wrong", "wrong: the best options are tied, the first was taken", [True, False, False]),
        "3 en": ("wrong", "wrong", [True, False, False]),
    }


def test_the_first_of_tied_options_is_that_of_the_order_common_to_all_languages() -> None:
    samples = [
        tied("1", "en", (-1.0, -2.0, -3.0), ("Q2", "Q1", "Q3")),
        tied("1", "sw", (-1.0, -1.0, -1.0), ("Q1", "Q2", "Q3")),
    ]
    # English is the reference: Q2 is first, which is Swahili's second option and right
    assert tied_answers(samples, "published")["1 sw"] == (
        "right", "right: all options are tied, the first was taken", [False, True, False]
    )  # fmt: skip


def test_no_option_is_marked_right_where_the_right_answer_is_not_known(tmp_path: Path) -> None:
    samples = [choice("1", "en", False, gold="", prompt="")]
    (example,) = examples_of([MemorySource(samples)], {"facts": ["en"]})
    assert [option.is_gold for option in example.languages[0].answers[0].options] == [False, False]
    assert example.languages[0].prompts == ()
    write_report([run_of(samples)], tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '<span class="tag">Right answer</span> <span class="soft">not known</span>' in html
    assert ">Prompt" not in html


def test_further_completions_are_counted() -> None:
    samples = [generation("1", "en", k != 1, sample_index=k) for k in range(3)]
    (example,) = examples_of([MemorySource(samples[::-1])], {"sums": ["en"]})
    assert example.languages[0].answers[0].draws == "the first of 3: 2 right, 1 wrong"


def test_a_file_gives_the_examples_of_memory(tmp_path: Path) -> None:
    samples = [choice(f"{k}", lang, k % 3 > 0) for k in range(50) for lang in ("en", "ar")]
    samples += [generation(f"{k}", lang, k % 2 > 0) for k in range(50) for lang in ("en", "ar")]
    write_samples(tmp_path / "samples.parquet", samples)
    languages = {"facts": ["en", "ar"], "sums": ["en", "ar"]}
    from_file = examples_of([FileSource(tmp_path / "samples.parquet")], languages)
    assert from_file == examples_of([MemorySource(samples)], languages)
    assert len(from_file) == 16


def test_broken_utf8_in_every_text_column_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "samples.parquet"
    write_samples(path, [choice("1", "en", True), generation("1", "en", True)])
    table = parquet.read_table(path)
    for number, field in enumerate(table.schema):
        if field.type == pyarrow.string() and field.name not in ("kind", "finish_reason", "lang", "task", "groups"):
            # `view` takes bytes for text without looking, as other writers of Parquet do.
            column = pyarrow.array([b"a\xff\xfe\xed\xa0\x80b"] * 2, pyarrow.binary()).view(pyarrow.string())
            table = table.set_column(number, field, column)
    parquet.write_table(table, path)
    results, _ = run_of([choice("1", "en", True), generation("1", "en", True)])
    write_report([ReportRun(results=results, source=FileSource(path))], tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert html.count("a\N{REPLACEMENT CHARACTER}") >= 6


def test_a_file_that_is_no_samples_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "samples.parquet"
    path.write_bytes(b"PAR1 no")
    with pytest.raises(DataError, match=r"samples\.parquet is not readable as Parquet"):
        list(FileSource(path).verdicts())
    parquet.write_table(pyarrow.table({"task": ["a"]}), path)
    with pytest.raises(DataError, match="column correct: missing"):
        list(FileSource(path).verdicts())


def long_samples(n: int) -> list[Sample]:
    text = "".join(chr(0x4E00 + k % 5000) for k in range(20_000))
    return [
        generation(f"{k}", lang, k % 2 > 0, prompt=text, completion=text[::-1])
        for k in range(n)
        for lang in ("zh", "en")
    ]


def test_many_long_samples_make_a_small_page_in_little_memory(tmp_path: Path) -> None:
    samples = long_samples(1000)  # 240 MB of texts
    path = tmp_path / "samples.parquet"
    write_samples(path, samples)
    results, _ = run_of(samples)
    del samples
    tracemalloc.start()
    write_report([ReportRun(results=results, source=FileSource(path))], tmp_path / "report.html", items=200)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "report.html").stat().st_size < 3_000_000
    assert peak < 100e6  # what Python holds; Arrow's buffers are measured by benchmarks


def test_many_languages_and_tasks_keep_the_page_small(tmp_path: Path) -> None:
    langs = [f"l{k}" for k in range(60)]
    samples = [
        generation(f"{k}", lang, k % 2 > 0, task=f"t{t}", prompt="p" * 5000, completion="c" * 5000)
        for t in range(10) for k in range(3) for lang in langs
    ]  # fmt: skip
    write_report([run_of(samples)], tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert html.count('class="answer"') == 600
    assert "".join(html.split('id="examples"')[1:]).count("p" * 100) >= 600
    # the rest of the page grows with the pairs of languages
    assert len(html) - html.index('id="examples"') < 3_000_000


def test_texts_are_cut_where_neither_question_nor_answer_stands() -> None:
    assert cut_middle("x" * 9 + "end", 12) == "xxxxxxxxxend"
    assert cut_middle("a" * 50 + "b" * 50, 30) == "a" * 20 + " […70 characters left out…] " + "b" * 10
    assert cut_name("one\ntwo   three") == "one two three"
    assert cut_name("a" * 100 + "b" * 100, 11) == "aaaaa…bbbbb"


def test_what_cannot_be_seen_is_made_visible() -> None:
    assert visible("a\r\nb\tc") == "a\nb\tc"
    assert visible("\x00\x1b\x7f\x9b\ud800") == "␀␛␡" + "\N{REPLACEMENT CHARACTER}" * 2
    # marks, joiners and isolates are part of honest texts
    honest = "می‌خواهم \N{RIGHT-TO-LEFT MARK}(x) \N{RIGHT-TO-LEFT ISOLATE}y\N{POP DIRECTIONAL ISOLATE}"
    assert visible(honest) == honest


@pytest.mark.parametrize(
    ("column", "value"), [("unscored_reason", 0.5), ("task", None), ("choices", [None]), ("correct", 1)]
)
def test_a_column_of_another_type_is_named(tmp_path: Path, column: str, value: object) -> None:
    path = tmp_path / "samples.parquet"
    row = {**generation("1", "en", True).to_row(), column: value}
    parquet.write_table(pyarrow.Table.from_pylist([row]), path)
    with pytest.raises(DataError, match=rf"samples\.parquet, column {column}: found .* is needed"):
        list(FileSource(path).of_items({"sums": {"1"}, "": {"1"}}))
