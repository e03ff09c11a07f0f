"""The recipes of the package: all that the papers ran, every value with its source."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.training.config.yaml_files import needs_trl, write
from xleval.training.config.plan_text import pattern_of
from xleval.training.config.read import read_config
from xleval.training.config.recipes import RECIPES, RecipeFile, recipe_files, recipe_names
from xleval.training.config.schema import KINDS
from xleval.training.config.trainer_settings import trainer_settings
from xleval.training.config.variants import VARY
from xleval.training.config.yaml_reader import read_yaml
from xleval.training.config.yaml_tree import leaves
from xleval.training.outcome import TrainJob

FILES = sorted(RECIPES.glob("*/*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(RECIPES)) for path in FILES])
def test_every_value_has_its_source_and_every_choice_its_reason(path: object) -> None:
    own = next(each for each in FILES if each == path)
    structure = re.compile(rf"^({VARY}\.(name|skip)|extends)$")
    values = [(key, leaf) for key, leaf in leaves(read_yaml(own)) if not structure.match(key)]
    assert values
    assert [key for key, leaf in values if not leaf.source] == []
    assert [key for key, leaf in values if "not stated" in leaf.source and "because" not in leaf.source] == []


def test_names_are_unique_and_of_all_kinds() -> None:
    names = recipe_names()
    assert [name for name, n in Counter(names).items() if n > 1] == []
    assert {file.kind for file in recipe_files()} == set(KINDS)
    assert set(names) == {name for kind in KINDS for name in recipe_names(kind)}


def _expected() -> set[str]:
    """Return the names of the runs that the issue asks for."""
    models, langs = ("olmo2-1b", "llama3.2-3b", "qwen2.5-1.5b"), ("zh", "ko", "uk", "ja", "th")
    arms = ("accuracy", "language", "random", "format-only", "simplerl-accuracy", "simplerl-language")
    after = ("recovery-sft", "recovery-sft-control", "recovery-grpo")
    names = {f"collapse/{model}-{lang}-{arm}" for model in models for lang in langs for arm in (*arms, *after)}
    orders = [f"{order}-k{k}" for order in "abc" for k in range(2, 8)]
    names |= {"parallel-scaling/k1-grow"} | {
        f"parallel-scaling/{order}-{r}" for order in orders for r in ("grow", "fixed")
    }
    names |= {f"parallel-scaling/a-k{k}-english-repeat" for k in range(2, 8)}
    bases = ("llama3-8b", "llama2-7b", "llama2-13b", "mistral-7b", "qwen2.5-3b")
    clo_arms = [f"{arm}-{size}" for arm in ("clo", "sft") for size in (400, 800, 1600, 3200, 6400)]
    clo_arms += [f"{arm}-6400" for arm in ("sft-tgt", "sft-dpo", "clo-full", "clo-nll-both", "clo-nll-none")]
    clo_arms += [f"clo-{loss}-6400" for loss in ("ipo", "kto", "orpo")]
    names |= {
        f"clo/{b}-{lang}-{arm}" for b in bases for lang in ("zh", "de", "ko", "id", "sw", "yo") for arm in clo_arms
    }
    names |= {f"clo/{base}-sft-eng-6400" for base in bases}
    facts = [f"grpo-{arm}" for arm in ("pooled", "per-language", "clip-1", "no-bonus", "random", "format-only")]
    facts += ["sft", "cpt-ted2025", "cpt-finetranslations", "dco-10000", "dco-40000", "cm-align"]
    names |= {
        f"polyfact/{m}-{arm}-{p}" for m in ("qwen2.5-7b", "olmo2-7b") for arm in facts for p in ("paper", "xleval")
    }
    return names | {f"smoke/{kind}" for kind in KINDS}


def test_every_run_of_the_studies_has_its_recipe() -> None:
    assert _expected() - set(recipe_names()) == set()


@needs_trl
def test_every_recipe_is_read_and_what_it_begins_with_is_a_recipe() -> None:
    names = set(recipe_names())
    for kind in KINDS:
        for name in recipe_names(kind):
            config = read_config(name, kind)
            assert config.study == name.partition("/")[0]
            assert not config.after or config.after in names


@needs_trl
def test_arms_differ_in_what_their_name_says_and_in_nothing_else() -> None:
    plain, rewarded = (read_config(f"collapse/qwen2.5-1.5b-ko-{arm}", "grpo") for arm in ("accuracy", "language"))
    assert (plain.trainer, plain.data, plain.prompt, plain.model) == (
        rewarded.trainer, rewarded.data, rewarded.prompt, rewarded.model,
    )  # fmt: skip
    assert [(each.name, each.weight) for each in plain.rewards] == [("accuracy", 1.0), ("language", 0.0)]
    assert [(each.name, each.weight) for each in rewarded.rewards] == [("accuracy", 1.0), ("language", 1.0)]
    after, control = (
        read_config(f"collapse/olmo2-1b-th-{arm}", "sft") for arm in ("recovery-sft", "recovery-sft-control")
    )
    assert (after.after, control.after) == ("collapse/olmo2-1b-th-accuracy", "")
    assert (after.trainer, after.data, after.model) == (control.trainer, control.data, control.model)


@needs_trl
def test_languages_of_parallel_scaling_grow_one_by_one_from_english() -> None:
    assert read_config("parallel-scaling/k1-grow", "grpo").data.langs == ("en",)
    for order in "abc":
        runs = [read_config(f"parallel-scaling/{order}-k{k}-grow", "grpo").data.langs for k in range(2, 8)]
        assert [len(langs) for langs in runs] == [2, 3, 4, 5, 6, 7]
        assert all(longer[: len(shorter)] == shorter for shorter, longer in zip([("en",), *runs], runs, strict=False))
    for kind, name in (("grpo", "a-k7-random"), ("sft", "sft-a-k7")):
        same = read_config(f"parallel-scaling/{name}", "grpo" if kind == "grpo" else "sft").data.langs
        assert same == read_config("parallel-scaling/a-k7-grow", "grpo").data.langs


@needs_trl
def test_the_published_polyfact_trainer_is_repeated_without_its_bugs() -> None:
    # ../shared/reference/polyfact.md, section 3: G = 8, T .7, top_p .95, repetition penalty 1.3, 48 tokens, B = 1, e = 1
    paper = read_config("polyfact/olmo2-7b-grpo-pooled-paper", "grpo")
    assert paper.warping == "correct"
    assert (paper.advantage.std, paper.advantage.epsilon) == ("population", 1e-6)
    assert paper.pooling is not None
    assert (paper.pooling.bonus, paper.pooling.empty_penalty, paper.pooling.unparsed) == (1.0, 1.0, -0.5)
    names = ("num_generations", "temperature", "top_p", "repetition_penalty", "max_completion_length", "learning_rate")
    assert [paper.trainer[name] for name in names] == [8, 0.7, 0.95, 1.3, 48, 1e-5]
    assert len(paper.data.langs) == 12
    ours = read_config("polyfact/olmo2-7b-grpo-pooled-xleval", "grpo")
    assert (ours.warping, ours.protocol) == ("off", "xleval")
    assert not {"top_p", "repetition_penalty"} & set(ours.trainer)


def test_the_page_lists_every_file_with_the_number_of_its_recipes() -> None:
    page = (Path(__file__).parents[3] / "docs/recipes.md").read_text(encoding="utf-8")
    stated = {
        (name, kind, int(n)) for name, kind, n in re.findall(r"^\| `(.+?)` \| `([a-z-]+)` \| (\d+) \|", page, re.M)
    }
    files = recipe_files()
    assert stated == {
        (f"{each.study}/{pattern_of(each) or each.path.stem}", each.kind, len(each.names)) for each in files
    }
    assert f"\n{len(recipe_names())} recipes." in page


@needs_trl
def test_the_example_of_the_page_is_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs/recipes.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", page, re.S)
    assert example
    path = write(tmp_path, example[1])
    config = read_config(f"{path}:ko-cool", "grpo")
    assert (config.model, config.data.langs, config.trainer["temperature"]) == (
        "Qwen/Qwen2.5-1.5B-Instruct",
        ("ko",),
        0.7,
    )
    assert read_config(f"{path}:sw-cool", "grpo").data.langs == ("sw",)


@needs_trl
@pytest.mark.parametrize("file", recipe_files(), ids=lambda file: f"{file.study}/{file.path.stem}")
def test_trl_takes_the_settings_of_the_first_and_the_last_recipe_of_a_file(file: RecipeFile, tmp_path: Path) -> None:
    for name in {file.names[0], file.names[-1]}:
        config = read_config(name, file.kind)
        settings = trainer_settings(config, TrainJob(out=tmp_path, quiet=True))
        assert {key: settings[key] for key in config.trainer} == dict(config.trainer)


@needs_trl
def test_recipes_on_simplerl_zoo_leave_out_what_math500_has() -> None:
    # D21: its train file has items of MATH500, and a default of `refuse` would refuse all these recipes
    found = [
        config
        for kind in KINDS
        for config in (read_config(name, kind) for name in recipe_names(kind) if name.startswith(("para", "collapse")))
        if "simplerl" in config.data.source
    ]
    assert len(found) == 30 + 43 + 6 + 6 + 3  # the table of docs/recipes.md
    assert {config.data.on_overlap for config in found} == {"drop"}
