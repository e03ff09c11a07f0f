"""The arms of the study of parallel training: by number and order of languages, regime of data, method and initial model."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xleval.errors import ConfigError
from xleval.training.studies.layout import set_folder, weights_folder
from xleval.training.studies.parallel_scaling.pairs import Pair
from xleval.training.studies.records import Arm, Part, StudyOptions

#: The eleven languages of XReasoning, which the paper probably had.
EVERY = ("en", "fr", "de", "zh", "ja", "ru", "es", "sw", "bn", "te", "th")
#: As in the recipes, which draw them: English, then six of the ten others.
ORDERS = {
    "a": ("en", "zh", "de", "ru", "fr", "ja", "es"),
    "b": ("en", "fr", "de", "te", "zh", "bn", "sw"),
    "c": ("en", "ja", "te", "zh", "bn", "ru", "th"),
}
#: Initial models of the part `intervene`: recipe, model, and what differs.
INITIAL = (
    ("qwen2.5-1.5b", "Qwen/Qwen2.5-1.5B", "base"),
    ("qwen2.5-1.5b-instruct", "Qwen/Qwen2.5-1.5B-Instruct", "instruction-tuned"),
    ("qwen2.5-math-1.5b", "Qwen/Qwen2.5-Math-1.5B", "mathematics"),
    ("qwen2.5-3b-instruct", "Qwen/Qwen2.5-3B-Instruct", "3B"),
    ("qwen2.5-7b-instruct", "Qwen/Qwen2.5-7B-Instruct", "7B"),
    ("llama3.1-8b-instruct", "meta-llama/Llama-3.1-8B-Instruct", "another family"),
)
_SMOKE_GRPO = (
    "trainer.max_steps=3",
    "trainer.save_steps=3",
    "trainer.per_device_train_batch_size=8",
    "monitor.every=0",
)
_SMOKE_SFT = ("trainer.max_steps=4", "trainer.save_steps=4", "monitor.every=0")
_CONTROLS = {"random": "random reward", "format-only": "format reward"}
_SHOWN_WITH_CONTROLS = (1, 2, 7)
#: In a full study the arm itself is the one without an opening sentence.
_PREFIXES = (
    ("plain", "none", "no opening sentence"),
    ("prefix", "native", "opening sentence in the language"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Languages:
    """The languages of a study.

    Attributes:
        orders: name -> languages in the order in which trainings add them, English first.
        every: all that arms are evaluated in.
        drawn: whether the orders are those of the recipes.
    """

    orders: dict[str, tuple[str, ...]]
    every: tuple[str, ...]
    drawn: bool

    @property
    def seen(self) -> tuple[str, ...]:
        """Return the languages that some arm is trained on."""
        return tuple(lang for lang in self.every if any(lang in order for order in self.orders.values()))


def languages(options: StudyOptions) -> Languages:
    """Return the orders of a study: those asked for, else the recipes' three, or two of three languages in a smoke study.

    Raises:
        ConfigError: English is not the first of `--langs`, or there are not 2 to 7 of them.
    """
    if options.langs and (options.langs[0] != "en" or not 2 <= len(options.langs) <= len(ORDERS["a"])):
        raise ConfigError(
            f"--langs {','.join(options.langs)}: the study adds languages to English one by one; give 2 to "
            f"{len(ORDERS['a'])}, English first"
        )
    if options.is_smoke:
        first = options.langs or ("en", "de", "es")
        orders = {"a": first, "b": ("en", *reversed(first[1:]))} if len(first) > 2 else {"a": first}
        rest = options.unseen or ("sw", "zh")
    else:
        orders = {"a": options.langs} if options.langs else dict(ORDERS)
        rest = options.unseen or EVERY
    every = tuple(dict.fromkeys((*(lang for order in orders.values() for lang in order), *rest)))
    return Languages(orders=orders, every=every, drawn=not options.langs and not options.is_smoke)


def scaling_arms(options: StudyOptions, langs: Languages, pairs: Sequence[Pair]) -> tuple[Arm, ...]:
    """Return the base and the arms of the parts that are asked for, in the order in which they can be trained."""
    parts: tuple[Part, ...] = options.parts or ("observe", "intervene", "train")
    found = [Arm(name="base", label="before training", role="base", facts={"k": 0})]
    # The smoke study has no other models at hand: it observes what it has trained, and begins from an arm of its own.
    if "train" in parts or options.is_smoke:
        found += [
            *_grown(options, langs),
            *_controls(options, langs),
            *_tuned(options, langs),
            *_prefixed(options, langs),
        ]
    if "intervene" in parts:
        found += _intervened(options, langs)
    if "observe" in parts:
        found += _observed(options, pairs)
    return tuple(found)


def _seeds(options: StudyOptions) -> tuple[int, ...]:
    return tuple(range(1, options.seeds + 1))


def _settings(options: StudyOptions, langs: Languages, kind: str) -> tuple[str, ...]:
    """Return what the study sets beside a recipe, the same in all arms: the items are those that every language has."""
    together = f"data.parallel_with={json.dumps(list(langs.every))}"
    if options.is_smoke:
        return (together, *(_SMOKE_GRPO if kind == "grpo" else _SMOKE_SFT))
    folder = Path(options.data.get("math500") or set_folder(options.out, "math500"))
    tests = [str(folder), *(where for name, where in options.data.items() if name.startswith("xreasoning"))]
    settings = (together, f"data.evaluation={json.dumps(tests, ensure_ascii=False)}")
    return (*settings, "monitor.every=0") if kind == "grpo" else settings


def _grown(options: StudyOptions, langs: Languages) -> list[Arm]:
    """Return k = 1, 2, .. in every order, and the two controls of the amount of data (D7)."""
    found = [_grpo(options, langs, "", ("en",), "grow", ("base",))]
    for order, added in langs.orders.items():
        for k in range(2, 3 if options.is_smoke and order == "b" else len(added) + 1):
            beside = () if options.is_smoke and (order != "a" or k > 2) else ("k1-grow",)
            found.append(_grpo(options, langs, order, added[:k], "grow", ("base", *beside)))
            both = not options.is_smoke or (order == "a" and k == 2)
            regimes = [*(["fixed"] if both else []), *(["english-repeat"] if both and order == "a" else [])]
            found += [
                _grpo(options, langs, order, added[:k], regime, ("base", f"{order}-k{k}-grow")) for regime in regimes
            ]
    return found


def _grpo(
    options: StudyOptions, langs: Languages, order: str, added: tuple[str, ...], regime: str, compared: tuple[str, ...]
) -> Arm:
    k = len(added)
    name = f"{order}-k{k}-{regime}" if order else f"k{k}-{regime}"
    said = {"grow": "", "fixed": ", as many rows as for one", "english-repeat": f", English {k} times"}[regime]
    extra = (f"data.regime={regime}",) if options.is_smoke else ()
    return Arm(
        name=name, label=f"{','.join(added) if regime != 'english-repeat' else 'en'}{said}", kind="grpo",
        role="method" if regime == "grow" else "control", langs=added, seeds=_seeds(options), compared_with=compared,
        recipe="smoke/grpo-accuracy" if options.is_smoke else f"parallel-scaling/{name}",
        settings=(*_settings(options, langs, "grpo"), *extra),
        facts={"part": "train", "k": k, "regime": regime, **({"order": order} if order else {})},
    )  # fmt: skip


def _controls(options: StudyOptions, langs: Languages) -> list[Arm]:
    """Return rewards that know nothing of the task, at one language and along the first order."""
    added = langs.orders["a"]
    wanted = [k for k in _SHOWN_WITH_CONTROLS if k <= len(added)][: 1 if options.is_smoke else None]
    rewards = dict(list(_CONTROLS.items())[: 1 if options.is_smoke else None])
    return [
        Arm(
            name=f"{start}-{reward}", label=f"{','.join(added[:k])}, {said}", role="control", kind="grpo", langs=added[:k],
            recipe=f"smoke/grpo-{reward}" if options.is_smoke else f"parallel-scaling/{start}-{reward}",
            settings=_settings(options, langs, "grpo"), seeds=_seeds(options), compared_with=("base", f"{start}-grow"),
            facts={"part": "train", "k": k, "reward": said},
        )
        for k in wanted
        for start in [f"a-k{k}" if k > 1 else "k1"]
        for reward, said in rewards.items()
    ]  # fmt: skip


def _tuned(options: StudyOptions, langs: Languages) -> list[Arm]:
    """Return the same items learnt from their solutions."""
    added = langs.orders["a"]
    wanted = [k for k in _SHOWN_WITH_CONTROLS if k <= len(added)][: 1 if options.is_smoke else None]
    return [
        Arm(
            name=f"sft-{start}", label=f"{','.join(added[:k])}, SFT", role="method", kind="sft", langs=added[:k],
            recipe="smoke/sft" if options.is_smoke else f"parallel-scaling/sft-{start}", seeds=_seeds(options),
            settings=_settings(options, langs, "sft"), compared_with=("base", f"{start}-grow"),
            facts={"part": "sft", "k": k, "regime": "grow", **({"order": "a"} if k > 1 else {})},
        )
        for k in wanted
        for start in [f"a-k{k}" if k > 1 else "k1"]
    ]  # fmt: skip


def _prefixed(options: StudyOptions, langs: Languages) -> list[Arm]:
    """Return checkpoints whose answers begin with a sentence in the language: they are only asked in another way."""
    last = f"a-k{len(langs.orders['a'])}-grow"
    asked = (("base", "", "before training"), ("k1-grow", "k1-grow", "en"), (last, last, ",".join(langs.orders["a"])))
    return [
        Arm(
            name=f"{of}-{ending}", label=f"{said}, {how}", role="ablation", after=after, facts={"prefix": prefix, "of": of},
            model=str(weights_folder(options.out, after, 1)) if after else "",
        )
        for of, after, said in (asked[1:2] if options.is_smoke else asked)
        for ending, prefix, how in _PREFIXES[None if options.is_smoke else 1 :]
    ]  # fmt: skip


def _intervened(options: StudyOptions, langs: Languages) -> list[Arm]:
    """Return English training of other initial models, each beside the model itself."""
    if options.is_smoke:
        return [
            Arm(
                name="intervene-tuned", label="en, begun after SFT", role="method", kind="grpo", langs=("en",),
                after="sft-k1", recipe="smoke/grpo-accuracy", settings=_settings(options, langs, "grpo"),
                seeds=_seeds(options), compared_with=("sft-k1",),
                facts={"part": "intervene", "k": 1, "initial": "after SFT", "against": "sft-k1"},
            )
        ]  # fmt: skip
    found = []
    for name, model, differs in INITIAL:
        facts = {"initial": differs, "model": model}
        found += [
            Arm(name=f"base-{name}", label=model, role="base", model=model, facts=facts),
            Arm(
                name=f"intervene-{name}", label=f"{model}, en", role="method", kind="grpo", langs=("en",), model=model,
                recipe=f"parallel-scaling/intervene-{name}", settings=_settings(options, langs, "grpo"),
                seeds=_seeds(options), compared_with=(f"base-{name}",),
                facts={"part": "intervene", "k": 1, "against": f"base-{name}", **facts},
            ),
        ]  # fmt: skip
    return found


def _observed(options: StudyOptions, pairs: Sequence[Pair]) -> list[Arm]:
    """Return pairs of open models as they are; a base that is the study's own is asked once."""
    found: list[Arm] = []
    bases = {options.model: "base"}
    for number, pair in enumerate(pairs, start=1):
        if pair.base not in bases:
            bases[pair.base] = f"observe-{number}-base"
            found.append(Arm(name=bases[pair.base], label=pair.base, role="base", model=pair.base))
        facts: dict[str, str | int | float] = {
            "part": "observe",
            "k": len(pair.langs),
            "langs": ",".join(pair.langs),
            "against": bases[pair.base],
        }
        found.append(
            Arm(
                name=f"observe-{number}", label=pair.name or pair.trained, role="method", model=pair.trained, after=pair.arm,
                compared_with=(bases[pair.base],), facts=facts,
            )
        )  # fmt: skip
    return found
