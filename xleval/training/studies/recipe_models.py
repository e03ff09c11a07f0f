"""The recipes of a study for a model: those of its own, else those of the study's first model with `--model` over them."""

from dataclasses import dataclass

from xleval.training.config.recipes import read_recipe, recipe_names
from xleval.training.config.yaml_tree import Leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeModel:
    """How recipes of a model begin, and whether they are made for it.

    Attributes:
        beginning: `polyfact/qwen2.5-7b`.
        model: that the recipes name.
        is_own: whether this is the model that was asked for.
    """

    beginning: str
    model: str
    is_own: bool

    @property
    def note(self) -> str:
        """Say whose recipes are used; empty for the model's own."""
        return (
            "" if self.is_own else f"The model has no recipes of its own: those of {self.model} are used with --model."
        )


def recipe_model(study: str, tail: str, model: str) -> RecipeModel:
    """Return how the recipes of a model begin.

    Args:
        study: folder of recipes.
        tail: end of a recipe's name that every model of the study has, such as `-sft-paper`.
        model: hub id or folder.
    """
    beginnings = [
        name.removesuffix(tail) for name in recipe_names() if name.startswith(f"{study}/") and name.endswith(tail)
    ]
    named = {beginning: _model(beginning + tail) for beginning in beginnings}
    own = next((beginning for beginning, each in named.items() if each.lower() == model.lower()), "")
    first = own or beginnings[0]
    return RecipeModel(beginning=first, model=named[first], is_own=bool(own))


def _model(recipe: str) -> str:
    leaf = read_recipe(recipe).children.get("model")
    return str(leaf.value) if isinstance(leaf, Leaf) else ""
