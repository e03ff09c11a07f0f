"""`vary`: one file for many trainings, and `extends`."""

from pathlib import Path

import pytest

from xleval.errors import ConfigError
from xleval.training.config.recipes import read_with_extends
from xleval.training.config.variants import variant, variant_names
from xleval.training.config.yaml_reader import parse_yaml
from xleval.training.config.yaml_tree import Section, leaves, plain

MATRIX = """
vary:
  name: "{lang}-{reward}-{size}"
  axes:
    lang: [zh, ko]
    reward:
      plain: {rewards: [{name: accuracy}]}
      both: {rewards: [{name: accuracy}, {name: language}], trainer: {beta: 0.1}}
    size: [400, 800]
  skip: ["zh-both-*"]
data: {langs: [en, "{lang}"], limit: "{size}", source: "sets/{lang}"}
trainer: {beta: 0.0, max_steps: 3}
"""


def _tree(text: str) -> Section:
    tree = parse_yaml(text, "m.yaml")
    assert isinstance(tree, Section)
    return tree


def test_names_are_the_product_of_the_axes_without_what_is_skipped() -> None:
    assert variant_names(_tree(MATRIX)) == [
        "zh-plain-400", "zh-plain-800", "ko-plain-400", "ko-plain-800", "ko-both-400", "ko-both-800",
    ]  # fmt: skip


def test_an_option_goes_over_the_file_and_numbers_stay_numbers() -> None:
    assert plain(variant(_tree(MATRIX), "ko-both-800")) == {
        "data": {"langs": ["en", "ko"], "limit": 800, "source": "sets/ko"},
        "trainer": {"beta": 0.1, "max_steps": 3},
        "rewards": [{"name": "accuracy"}, {"name": "language"}],
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("vary: {axes: {a: [x, y], b: [u, v]}, name: '{a}'}\n", "gives two trainings the name x"),
        ("vary: {axes: {a: 3}}\n", "vary.axes.a needs a list of options"),
        ("vary: {axes: {a: {x: 3}}}\n", "vary.axes.a.x needs the settings of this option"),
        ("vary: {axis: {a: [x]}}\n", "Did you mean vary.axes"),
        (
            "vary: {axes: {" + ", ".join(f"a{n}: [1, 2, 3, 4]" for n in range(12)) + "}}\n",
            "describe 16,777,216 trainings",
        ),
        ("vary: [a]\n", "the key vary needs the keys name and axes"),
    ],
)
def test_a_matrix_that_cannot_be_read_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        variant_names(_tree(text))
    assert words in str(caught.value)


def test_a_name_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown training of m\.yaml 'ko-bth-800'\. Did you mean ko-both-800"):
        variant(_tree(MATRIX), "ko-bth-800")


def test_a_file_extends_one_beside_it_and_keeps_the_sources_of_both(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(
        "model: m  # base\ntrainer: {beta: 0.1, max_steps: 3}  # base\n", encoding="utf-8"
    )
    (tmp_path / "own.yaml").write_text("extends: base\ntrainer:\n  beta: 0.2  # own\n", encoding="utf-8")
    tree = read_with_extends(tmp_path / "own.yaml")
    assert plain(tree) == {"model": "m", "trainer": {"beta": 0.2, "max_steps": 3}}
    assert {key: leaf.source for key, leaf in leaves(tree)} == {
        "model": "base", "trainer.beta": "own", "trainer.max_steps": "base",
    }  # fmt: skip


def test_files_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("extends: b\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"extends itself by way of b\.yaml"):
        read_with_extends(tmp_path / "a.yaml")
    (tmp_path / "c.yaml").write_text("extends: nothing\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"which is neither a file in .* nor a recipe"):
        read_with_extends(tmp_path / "c.yaml")
