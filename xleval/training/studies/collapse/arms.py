"""The arms of the study of collapse: by language, accuracy, language reward and its weights, controls, difficulty, recovery."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.evalkit.claims import RECOVERY_CONTROLS
from xleval.training.studies.layout import set_folder, weights_folder
from xleval.training.studies.recipe_models import recipe_model
from xleval.training.studies.records import Arm, ArmRole, StudyOptions

#: Languages that recipes name; another one takes those of Korean with `--langs`.
RECIPE_LANGS = ("zh", "ko", "uk", "ja", "th")
#: Languages in which the weight of the language reward is swept: the two that fall the most in the paper.
FRONT_LANGS = ("ko", "uk")
FULL_WEIGHTS = ("0.1", "0.25", "0.5", "2", "4")
#: What a decoding control is called, and its words of `xleval run`.
CONTROLS = {
    "prefix": ("opening sentence in the language", ("--reason-prefix", "native")),
    "mask": ("scripts of the language alone", ("--script-mask", "native")),
}
_ALL_WEIGHTS = ("lora=null", "trainer.learning_rate=1e-6")
_SMOKE_REWARDS = ("accuracy", "language", "random", "harder-accuracy")
#: Name of the arm -> label, role, end of the recipe's name, reward, weight of the language reward, name in the paper.
_REWARDS: dict[str, tuple[str, ArmRole, str, str]] = {
    "accuracy": ("accuracy reward", "method", "accuracy", "0"),
    "language": ("accuracy and language reward", "method", "language", "1"),
    "random": ("random reward", "control", "random", ""),
    "format-only": ("format reward", "control", "format-only", ""),
    "harder-accuracy": ("accuracy reward, harder problems", "ablation", "simplerl-accuracy", "0"),
    "harder-language": ("accuracy and language reward, harder problems", "ablation", "simplerl-language", "1"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """How the recipes of a budget are called: beginning of names, and the same for the swept weights."""

    beginning: str
    weights: str
    note: str = ""

    def recipe(self, lang: str, end: str) -> str:
        """Return a recipe by its end; a smoke study has no languages in its names."""
        beginning = self.weights if end.startswith("language-x") else self.beginning
        return f"{beginning}-{end}" if beginning.startswith("smoke/") else f"{beginning}-{_known(lang, end)}-{end}"


def naming(options: StudyOptions) -> Naming:
    """Return how the recipes of the study's model and budget are called."""
    if options.is_smoke:
        return Naming(beginning="smoke/reasoning", weights="smoke/reasoning")
    main = recipe_model("collapse", "-ko-accuracy", options.model)
    weights = recipe_model("collapse", "-ko-language-x0.5", options.model)
    return Naming(beginning=main.beginning, weights=weights.beginning, note=main.note)


def _known(lang: str, end: str) -> str:
    known = FRONT_LANGS if end.startswith("language-x") else RECIPE_LANGS
    return lang if lang in known else "ko"


def collapse_arms(options: StudyOptions, langs: Sequence[str]) -> tuple[Arm, ...]:
    """Return the base and the arms of each training language, in the order in which they can be trained."""
    names = naming(options)
    found = [Arm(name="base", label="before training", role="base", facts={"published": "base"})]
    front = [lang for lang in langs if lang in FRONT_LANGS] or list(langs[:1])
    for lang in langs:
        found += _rewarded(options, names, lang)
        if lang in front:
            found += _weighted(options, names, lang)
        found += _recovered(options, names, lang)
        found += _decoded(options, lang)
    return tuple(found)


def _settings(options: StudyOptions, lang: str, *, monitored: bool) -> tuple[str, ...]:
    """Return what a full study sets beside the recipe: the sets that it made, where the recipe has names of the hub."""
    if options.is_smoke:
        return ()
    tests = {name: options.data.get(name) or str(set_folder(options.out, name)) for name in ("gsm8k", "math500")}
    settings = [f"data.evaluation={json.dumps(list(tests.values()), ensure_ascii=False)}"]
    # A translated training set has no validation split; the curve is of test items, and nothing is chosen by it.
    watched = Path(tests["gsm8k"], lang, "test.parquet")
    return (*settings, f"monitor.source={json.dumps(str(watched), ensure_ascii=False)}") if monitored else (*settings,)


def _seeds(options: StudyOptions) -> tuple[int, ...]:
    return tuple(range(1, options.seeds + 1))


def _rewarded(options: StudyOptions, names: Naming, lang: str) -> list[Arm]:
    found = []
    for name, (label, role, end, weight) in _REWARDS.items():
        if options.is_smoke and name not in _SMOKE_REWARDS:
            continue
        harder = name.startswith("harder")
        smaller = options.is_smoke and harder
        against = f"{name.removeprefix('harder-')}-{lang}" if harder else f"accuracy-{lang}"
        compared = ("base",) if name == "accuracy" else ("base", against)
        found.append(
            Arm(
                name=f"{name}-{lang}", label=f"{lang}: {label}", role=role, kind="grpo", langs=(lang,),
                recipe=names.recipe(lang, "accuracy" if smaller else end), seeds=_seeds(options),
                settings=("data.levels=[1,2]", "data.order=curriculum") if smaller
                else _settings(options, lang, monitored=True),
                compared_with=compared,
                facts={
                    "lang": lang, "reward": label.partition(",")[0], "published": end, "problems": _problems(options, harder),
                    **({"weight": float(weight)} if weight and not harder else {}),
                },
            )
        )  # fmt: skip
    return found


def _problems(options: StudyOptions, harder: bool) -> str:
    if options.is_smoke:
        return "easy, then hard" if harder else "easy"
    return "GSM8K, then SimpleRL-Zoo" if harder else "GSM8K"


def _weighted(options: StudyOptions, names: Naming, lang: str) -> list[Arm]:
    return [
        Arm(
            name=f"language-x{weight}-{lang}", label=f"{lang}: language reward x {weight}", role="ablation", kind="grpo",
            recipe=names.recipe(lang, f"language-x{weight}"), langs=(lang,), seeds=_seeds(options),
            settings=_settings(options, lang, monitored=True), compared_with=("base", f"accuracy-{lang}"),
            facts={
                "lang": lang, "reward": f"language x {weight}", "weight": float(weight), "problems": _problems(options, False),
            },
        )
        for weight in (("4",) if options.is_smoke else FULL_WEIGHTS)
    ]  # fmt: skip


def _recovered(options: StudyOptions, names: Naming, lang: str) -> list[Arm]:
    """Return SFT on worked solutions after the collapse, the same on the base, and further GRPO with the language reward."""
    lost = f"accuracy-{lang}"
    sft, more = RECOVERY_CONTROLS
    after = Arm(
        name=f"recovery-sft-{lang}", label=f"{lang}: SFT after the accuracy reward", role="method", kind="sft", after=lost,
        recipe=names.recipe(lang, "recovery-sft"), langs=(lang,), seeds=_seeds(options),
        settings=_settings(options, lang, monitored=False), compared_with=("base", lost, f"recovery-sft-control-{lang}"),
        facts={"lang": lang, "recovery": "SFT"},
    )  # fmt: skip
    control = Arm(
        name=f"recovery-sft-control-{lang}", label=f"{lang}: the same SFT before any training", role="control", kind="sft",
        recipe=names.recipe(lang, "recovery-sft-control"), langs=(lang,), seeds=_seeds(options),
        settings=_settings(options, lang, monitored=False), compared_with=("base",),
        facts={"lang": lang, "recovery": "SFT, not lost before", "control": sft},
    )  # fmt: skip
    grpo = Arm(
        name=f"recovery-grpo-{lang}", label=f"{lang}: language reward after the accuracy reward", role="control", kind="grpo",
        after=lost, recipe=names.recipe(lang, "language" if options.is_smoke else "recovery-grpo"), langs=(lang,),
        seeds=_seeds(options), compared_with=("base", lost),
        # An adapter cannot stand on the adapter of the arm before.
        settings=_ALL_WEIGHTS if options.is_smoke else _settings(options, lang, monitored=True),
        facts={"lang": lang, "recovery": "language reward", "control": more},
    )  # fmt: skip
    return [control, after, grpo]


def _decoded(options: StudyOptions, lang: str) -> list[Arm]:
    """Return checkpoints of other arms that are only asked in another way; they are not trained, and compared with none."""
    weights = str(weights_folder(options.out, f"accuracy-{lang}", 1))
    asked = (("base", "before training", "", ""), ("accuracy", "accuracy reward", weights, f"accuracy-{lang}"))
    return [
        Arm(
            name=f"{of}-{control}-{lang}", label=f"{lang}: {label}, {said}", role="ablation", model=model, after=after,
            facts={"lang": lang, "decoding": said, "control-of": control},
        )
        for of, label, model, after in (asked[1:] if options.is_smoke else asked)
        for control, (said, _) in CONTROLS.items()
    ]  # fmt: skip
