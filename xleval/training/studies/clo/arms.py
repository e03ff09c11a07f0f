"""The arms of the study of CLO, for each target language: baselines, the method, its ablations, and smaller sets of pairs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xleval.training.studies.recipe_models import RecipeModel, recipe_model
from xleval.training.studies.records import Arm, ArmRole, StudyOptions

#: Target languages of the paper, and amounts of instructions; in a smoke run fewer of both.
TARGETS = ("zh", "de", "ko", "id", "sw", "yo")
SIZES, SMOKE_SIZES = (400, 800, 1600, 3200, 6400), (8, 16)
_WHOLE = 6400
#: Arms that a smoke run leaves out.
FULL_ONLY = ("sft-tgt", "clo-nll-none")
#: Values of a smoke run over those of the recipes: time and memory of two CPU cores.
_SMOKE = (
    "max_steps=4", "save_strategy=no", "per_device_train_batch_size=1", "max_length=128", "gradient_checkpointing=false",
    "logging_steps=1",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """An arm on the whole set; `langs` are `both`, `target` or `english`."""

    name: str
    label: str
    role: ArmRole
    kind: str
    tail: str
    langs: str = "both"
    after: str = ""
    compared: tuple[str, ...] = ("base",)


_ENGLISH = _Row(name="sft-eng", label="SFT, English", role="method", kind="sft", tail="sft-eng-6400", langs="english")
_ROWS = (
    _Row(name="sft", label="SFT, both languages", role="method", kind="sft", tail="{lang}-sft-6400"),
    _Row(
        name="sft-tgt", label="SFT, target", role="method", kind="sft", tail="{lang}-sft-tgt-6400", langs="target"
    ),
    _Row(
        name="sft-dpo", label="SFT, then DPO", role="method", kind="clo", tail="{lang}-sft-dpo-6400", after="sft",
        compared=("base", "sft"),
    ),
    _Row(
        name="clo", label="CLO", role="method", kind="clo", tail="{lang}-clo-6400",
        compared=("base", "sft", "sft-eng", "sft-tgt", "sft-dpo"),
    ),
    _Row(
        name="clo-full", label="CLO, all weights", role="ablation", kind="clo", tail="{lang}-clo-full-6400",
        compared=("base", "clo"),
    ),
    _Row(
        name="clo-nll-both", label="CLO, NLL on both answers", role="ablation", kind="clo",
        tail="{lang}-clo-nll-both-6400", compared=("base", "clo"),
    ),
    _Row(
        name="clo-nll-none", label="CLO without NLL", role="ablation", kind="clo", tail="{lang}-clo-nll-none-6400",
        compared=("base", "clo"),
    ),
)  # fmt: skip


def recipes_of(options: StudyOptions) -> RecipeModel:
    """Return whose recipes the study takes."""
    return recipe_model("clo", "-sft-eng-6400", options.model)


def arm_name(name: str, lang: str, targets: Sequence[str]) -> str:
    """Return what the arm of a target language is called: with its code only where there are several."""
    return name if len(targets) == 1 or name in ("base", "sft-eng") else f"{name}-{lang}"


def clo_arms(options: StudyOptions, targets: Sequence[str]) -> tuple[Arm, ...]:
    """Return the arms, the base first, then SFT on English, then those of one target language after another."""
    arms = [Arm(name="base", label="base", role="base"), _arm(options, _ENGLISH, "", targets)]
    for lang in targets:
        rows = [row for row in _ROWS if not (options.is_smoke and row.name in FULL_ONLY)]
        arms += [_arm(options, row, lang, targets) for row in rows]
        arms += [
            _smaller(options, kind, size, lang, targets) for size in _sizes(options)[:-1] for kind in ("sft", "clo")
        ]
    return tuple(arms)


def _sizes(options: StudyOptions) -> tuple[int, ...]:
    return SMOKE_SIZES if options.is_smoke else SIZES


def _arm(options: StudyOptions, row: _Row, lang: str, targets: Sequence[str]) -> Arm:
    size = _sizes(options)[-1]
    # A language that has no recipes takes those of another: the command line names its languages anyway.
    tail = row.tail.format(lang=lang if lang in TARGETS else TARGETS[1])
    langs = {"both": ("en", lang), "target": (lang,), "english": ("en",)}[row.langs]
    return Arm(
        name=arm_name(row.name, lang, targets), label=_label(row.label, lang, targets), role=row.role, kind=row.kind,
        recipe=f"{recipes_of(options).beginning}-{tail}", settings=_settings(options, size), langs=langs,
        after=arm_name(row.after, lang, targets) if row.after else "", seeds=tuple(range(1, options.seeds + 1)),
        compared_with=tuple(arm_name(each, lang, targets) for each in row.compared),
        facts={"method": row.name, "published": row.name, "lang": lang or "en", "size": size},
    )  # fmt: skip


def _smaller(options: StudyOptions, kind: str, size: int, lang: str, targets: Sequence[str]) -> Arm:
    """Return the arm of SFT or CLO on fewer instructions."""
    whole = _arm(options, next(row for row in _ROWS if row.name == kind), lang, targets)
    recipe = whole.recipe if options.is_smoke else whole.recipe.replace(f"-{_WHOLE}", f"-{size}")
    # Less CLO against all of SFT is the paper's claim; as much of each is the comparison at equal data.
    others = (
        ("base", arm_name("sft", lang, targets), arm_name(f"sft-{size}", lang, targets)) if kind == "clo" else ("base",)
    )
    return replace(
        whole, name=arm_name(f"{kind}-{size}", lang, targets),
        label=_label(f"{kind.upper()}, {size:,} instructions", lang, targets), recipe=recipe,
        settings=_settings(options, size), compared_with=others, facts={"method": kind, "lang": lang, "size": size},
    )  # fmt: skip


def _label(label: str, lang: str, targets: Sequence[str]) -> str:
    return label if len(targets) == 1 or not lang else f"{label}: {lang}"


def _settings(options: StudyOptions, size: int) -> tuple[str, ...]:
    # A training takes less than an hour, and a checkpoint would be more than twice the weights: none is kept.
    return (*_SMOKE, f"data.limit={size}") if options.is_smoke else ("save_strategy=no",)
