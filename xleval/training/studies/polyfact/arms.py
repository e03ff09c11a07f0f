"""The arms of the PolyFact study: methods, controls of GRPO's reward, and one ablation."""

from collections.abc import Sequence
from dataclasses import dataclass

from xleval.training.studies.recipe_models import RecipeModel, recipe_model
from xleval.training.studies.records import Arm, ArmRole, StudyOptions

#: Arms whose insides are looked into, and those that have curves.
PROBED = ("grpo", "sft")
MONITORED = ("grpo", "grpo-random", "grpo-format-only", "grpo-per-language")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """An arm in both budgets: end of the recipe's name in a full study, recipe and settings of a smoke run."""

    name: str
    label: str
    role: ArmRole
    kind: str
    tail: str
    smoke: str
    settings: tuple[str, ...]
    compared: tuple[str, ...] = ("base",)


#: Values of a smoke run over those of the recipes: time on two CPU cores. Adapters, as the study's own recipes have them.
_STEPS = ("max_steps=4", "save_steps=4")
_ADAPTER = (
    *_STEPS, "lora.r=16", "lora.alpha=32", "learning_rate=2e-4", "per_device_train_batch_size=2", "monitor.limit=6",
)  # fmt: skip
#: Roll-outs of a prompt, as the recipes of smoke runs have it; a step holds one fact in all its languages.
_GENERATIONS = 4
_ROLL_OUTS = (*_STEPS, "monitor.every=2", "monitor.limit=2", "per_device_train_batch_size={roll_outs}")
#: Arms that a smoke run leaves out.
_FULL_ONLY = ("grpo-per-language",)
_ROWS = (
    _Row(
        name="cpt", label="CPT", role="method", kind="cpt", tail="cpt-{text}-{protocol}", smoke="smoke/cpt",
        settings=(*_ADAPTER, "max_length=64"),
    ),
    _Row(
        name="sft", label="SFT", role="method", kind="sft", tail="sft-{protocol}", smoke="smoke/sft",
        settings=_ADAPTER,
    ),
    _Row(
        name="grpo-random", label="GRPO, random reward", role="control", kind="grpo", tail="grpo-random-{protocol}",
        smoke="smoke/grpo-random", settings=_ROLL_OUTS,
    ),
    _Row(
        name="grpo-format-only", label="GRPO, reward for the form alone", role="control", kind="grpo",
        tail="grpo-format-only-{protocol}", smoke="smoke/grpo-format-only", settings=_ROLL_OUTS,
    ),
    _Row(
        name="grpo-per-language", label="GRPO, each language its own reward", role="ablation", kind="grpo",
        tail="grpo-per-language-{protocol}", smoke="", settings=(),
    ),
    _Row(
        name="grpo", label="GRPO, pooled reward", role="method", kind="grpo", tail="grpo-pooled-{protocol}",
        smoke="smoke/grpo", settings=_ROLL_OUTS,
        compared=("base", "sft", "grpo-random", "grpo-format-only", "grpo-per-language"),
    ),
    _Row(
        name="dco", label="DCO", role="method", kind="dco", tail="dco-10000-{protocol}", smoke="smoke/dco",
        settings=(*_ADAPTER, "data.limit=16"),  # the reference's log-probabilities of every pair are computed first
    ),
    _Row(
        name="cm-align", label="CM-Align", role="method", kind="cm-align", tail="cm-align-{protocol}",
        smoke="smoke/cm-align", settings=(*_ADAPTER, "data.limit=4", "loss.max_new_tokens=8"),
    ),
)  # fmt: skip


def recipes_of(options: StudyOptions) -> RecipeModel:
    """Return whose recipes a full study takes."""
    return recipe_model("polyfact", f"-sft-{options.protocol}", options.model)


def polyfact_arms(options: StudyOptions, langs: Sequence[str], text: str) -> tuple[Arm, ...]:
    """Return the arms, the base first.

    Args:
        options: of the study.
        langs: that every arm is trained on.
        text: corpus of continued pre-training, `ted2025` or `finetranslations`; in a smoke run it is the facts themselves.
    """
    beginning = recipes_of(options).beginning
    arms = [Arm(name="base", label="base", role="base")]
    for row in _ROWS:
        if options.is_smoke and row.name in _FULL_ONLY:
            continue
        tail = row.tail.format(text=text, protocol=options.protocol)
        arms.append(
            Arm(
                name=row.name, label=row.label, role=row.role, kind=row.kind,
                recipe=row.smoke if options.is_smoke else f"{beginning}-{tail}",
                settings=_settings(row, langs) if options.is_smoke else (), langs=tuple(langs),
                seeds=tuple(range(1, options.seeds + 1)), compared_with=row.compared,
            )
        )  # fmt: skip
    return tuple(arms)


def _settings(row: _Row, langs: Sequence[str]) -> tuple[str, ...]:
    """Return the values of a smoke run; a step of GRPO holds one fact in all its languages."""
    return tuple(setting.format(roll_outs=_GENERATIONS * len(langs)) for setting in row.settings)
