"""Whose recipes a model takes."""

import pytest

from xleval.training.studies.recipe_models import recipe_model


@pytest.mark.parametrize(
    ("model", "beginning", "own"),
    [
        ("allenai/OLMo-2-1124-7B", "polyfact/olmo2-7b", True),
        ("qwen/qwen2.5-7b", "polyfact/qwen2.5-7b", True),  # hub ids do not tell capitals apart
        ("google/gemma-3-1b-pt", "polyfact/qwen2.5-7b", False),
    ],
)
def test_a_model_takes_its_own_recipes_or_those_of_the_first(model: str, beginning: str, own: bool) -> None:
    found = recipe_model("polyfact", "-sft-paper", model)
    assert (found.beginning, found.is_own) == (beginning, own)
    assert ("Qwen/Qwen2.5-7B" in found.note) == (not own)
