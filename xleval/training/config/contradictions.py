"""Settings that contradict each other: each is refused with both values, the reason and the way out."""

from collections.abc import Iterator, Mapping

from xleval.errors import ConfigError, unknown_name
from xleval.training.config.ranges import check_ranges
from xleval.training.config.schema import Kind, TrainConfig

#: What a kind of training has of the parts that not all have.
_PARTS: Mapping[str, frozenset[Kind]] = {
    "rewards": frozenset({"grpo"}),
    "pooling": frozenset({"grpo"}),
    "advantage": frozenset({"grpo"}),
    "warping": frozenset({"grpo"}),
    "loss.sft": frozenset({"sft"}),
    "loss.consistency_weight": frozenset({"sft"}),
    "loss.sft_weight": frozenset({"clo"}),
    "loss.nll_on": frozenset({"clo"}),
    "loss.preference": frozenset({"clo"}),
    "loss.reduction": frozenset({"clo"}),
    "loss.beta": frozenset({"clo", "dco", "cm-align"}),
    "loss.samples": frozenset({"cm-align"}),
    "loss.temperature": frozenset({"cm-align"}),
    "loss.encoder": frozenset({"cm-align"}),
    "loss.gamma": frozenset({"cm-align"}),
    "loss.top_p": frozenset({"cm-align"}),
    "loss.repetition_penalty": frozenset({"cm-align"}),
    "loss.max_new_tokens": frozenset({"cm-align"}),
    "prompt": frozenset({"grpo", "sft", "clo", "dco", "cm-align"}),
    "data.max_tokens": frozenset({"cpt"}),
    "data.mixture": frozenset({"grpo", "sft"}),
    "data.levels": frozenset({"grpo", "sft"}),
    "data.relations": frozenset({"grpo", "sft", "dco", "cm-align"}),
}
REWARDS = ("accuracy", "language", "format", "length", "random", "format-only", "facts")
_MLP = ("gate_proj", "up_proj", "down_proj", "gate_up_proj", "fc1", "fc2", "c_fc", "mlp")


def plays_part(kind: Kind, key: str) -> bool:
    """Return whether a dotted key has a use in trainings of a kind."""
    return all(kind in kinds for part, kinds in _PARTS.items() if key == part or key.startswith(f"{part}."))


def check_contradictions(config: TrainConfig, given: Mapping[str, str]) -> None:
    """Return nothing where the settings agree with each other; nothing is loaded.

    Args:
        config: the training.
        given: dotted key -> `FILE:LINE` of the keys that were given; the others have their defaults.

    Raises:
        ConfigError: with the keys, both values, the reason and the way out.
    """
    check_ranges(config, given)
    for finder in (_other_kinds, _languages, _rewards, _pooling, _weights, _letters, _monitor):
        for problem in finder(config, given):
            raise ConfigError(problem)


def _at(given: Mapping[str, str], *keys: str) -> str:
    """Return where the first of some keys was given, for the front of a sentence."""
    for key in keys:
        for stated, place in given.items():
            if stated == key or stated.startswith(f"{key}."):
                return f"{place}: "
    return ""


def _other_kinds(config: TrainConfig, given: Mapping[str, str]) -> Iterator[str]:
    for part, kinds in _PARTS.items():
        if config.kind in kinds:
            continue
        for key in given:
            if (key == part or key.startswith(f"{part}.")) and not _says_nothing(config, part):
                yield (
                    f"{_at(given, key)}the key {key} is given and kind is {config.kind}, which has no use for it: it "
                    f"belongs to {' and '.join(sorted(kinds))}. Remove it, or train with xleval train {min(kinds)}"
                )


def _says_nothing(config: TrainConfig, part: str) -> bool:
    """Return whether a part was switched off: `pooling: null` over a file that has one."""
    return (part == "pooling" and config.pooling is None) or (part == "rewards" and not config.rewards)


def _languages(config: TrainConfig, given: Mapping[str, str]) -> Iterator[str]:
    langs, shown, at = config.data.langs, ", ".join(config.data.langs), _at(given, "data.langs")
    if not langs:
        yield f"{at}the key data.langs is empty; needed are languages, such as [en, ko]"
    if config.data.regime == "english-repeat" and langs[:1] != ("en",):
        yield (
            f"{_at(given, 'data.regime')}data.regime is english-repeat and data.langs is {shown}: English is what is "
            "repeated, once for each language, so it comes first. Put en first, or use the regime grow or fixed"
        )
    if config.data.regime != "grow" and config.pooling is not None:
        yield (
            f"{_at(given, 'data.regime')}data.regime is {config.data.regime} and pooling is given: pooled are the answers "
            "to one fact in several languages, which only the regime grow has. Set data.regime=grow, or pooling=null"
        )
    if config.kind in ("clo", "dco") and len(langs) < 2 and langs != ():
        yield (
            f"{at}kind is {config.kind} and data.langs is {shown}: its pairs are of two languages. Give at least two, "
            f"such as [en, {langs[0] if langs[0] != 'en' else 'ko'}]"
        )
    if config.kind in ("clo", "cm-align") and langs and "en" not in langs:
        yield (
            f"{at}kind is {config.kind} and data.langs is {shown}: its pairs have English on one side. Add en: "
            f"data.langs=[en, {shown}]"
        )


def _rewards(config: TrainConfig, given: Mapping[str, str]) -> Iterator[str]:
    if config.kind != "grpo":
        return
    at, names = _at(given, "rewards"), [reward.name for reward in config.rewards]
    if not names:
        yield f"{at}kind is grpo and rewards is empty: there is nothing to learn from. Add rewards: [{{name: accuracy}}]"
    for name in names:
        if name not in REWARDS:
            yield f"{_at(given, f'rewards.{name}')}{unknown_name('reward', name, REWARDS)}"
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield f"{at}rewards has {twice[0]} twice; their weights would add up unseen: give it once, with the sum as weight"
    if names and not any(reward.weight for reward in config.rewards):
        yield (
            f"{at}every weight of rewards is 0 ({', '.join(names)}): each would be a curve and nothing would be learnt. "
            "Give one of them a weight, such as --set rewards." + names[0] + ".weight=1"
        )


def _pooling(config: TrainConfig, given: Mapping[str, str]) -> Iterator[str]:
    pooling, langs = config.pooling, config.data.langs
    if config.kind != "grpo" or pooling is None:
        return
    at, names = _at(given, "pooling"), ", ".join(reward.name for reward in config.rewards)
    if not any(reward.name == "facts" and reward.weight for reward in config.rewards):
        yield (
            f"{at}pooling is {pooling.mode} and rewards are {names}: what is pooled are the verdicts of the reward "
            "facts. Add {name: facts} to rewards, or set pooling=null"
        )
    if pooling.mode == "pooled" and len(langs) < 2:
        yield (
            f"{at}pooling.mode is pooled and data.langs is {', '.join(langs)}: one language has nothing to pool with. "
            "Give at least two languages, or set pooling.mode=per-language"
        )
    if pooling.shape == "ladder" and len(langs) < 4:
        yield (
            f"{at}pooling.shape is ladder and data.langs has {len(langs)}: its lowest rung is all languages but three "
            "right, which would be none. Give at least four, or set pooling.shape=all-correct"
        )
    if pooling.mode == "per-language" and "pooling.bonus" in given and pooling.bonus:
        yield (
            f"{_at(given, 'pooling.bonus')}pooling.mode is per-language and pooling.bonus is {pooling.bonus:g}: the "
            "bonus is for all languages of a fact, and here each stands alone. Remove the bonus, or set "
            "pooling.mode=pooled"
        )


def _weights(config: TrainConfig, given: Mapping[str, str]) -> Iterator[str]:
    targets = config.lora.targets if config.lora else ()
    outside = [name for name in targets if name.rpartition(".")[2] in _MLP]
    if config.modules == "attention" and outside:
        yield (
            f"{_at(given, 'modules')}modules is attention and lora.targets has {', '.join(outside)}, which are no "
            "attention: they would be frozen and adapted at once. Remove them from lora.targets, or set modules=all"
        )


def _letters(config: TrainConfig, given: Mapping[str, str]) -> Iterator[str]:
    if config.kind != "sft":
        return
    loss, langs = config.loss, ", ".join(config.data.langs)
    if loss.sft == "letter" and not config.prompt.show_options:
        yield (
            f"{_at(given, 'loss.sft')}loss.sft is letter and prompt.show_options is false: a letter means nothing where "
            "no options are listed. Set prompt.show_options=true, or loss.sft=answer"
        )
    if loss.consistency_weight and loss.sft != "letter":
        yield (
            f"{_at(given, 'loss.consistency_weight')}loss.consistency_weight is {loss.consistency_weight:g} and loss.sft "
            f"is {loss.sft}: it compares the probabilities of letters. Set loss.sft=letter, or the weight to 0"
        )
    if loss.consistency_weight and len(config.data.langs) < 2:
        yield (
            f"{_at(given, 'loss.consistency_weight')}loss.consistency_weight is {loss.consistency_weight:g} and "
            f"data.langs is {langs}: one language is always consistent. Give at least two, or set the weight to 0"
        )


def _monitor(config: TrainConfig, given: Mapping[str, str]) -> Iterator[str]:
    from xleval.training.warning_rules import RULES

    rules, at = [rule.name for rule in RULES], _at(given, "monitor.stop_on_warning")
    if config.monitor.every and not config.monitor.limit:
        yield (
            f"{_at(given, 'monitor.limit')}monitor.limit is 0 and monitor.every is {config.monitor.every}: every "
            f"{config.monitor.every} steps nothing would be evaluated. Set monitor.every=0 too, or monitor.limit to 1 or more"
        )
    for rule in config.monitor.stop_on_warning:
        if rule not in rules:
            yield f"{at}{unknown_name('warning', rule, rules)}"
    if config.monitor.stop_on_warning and config.kind != "grpo":
        yield (
            f"{at}monitor.stop_on_warning is {', '.join(config.monitor.stop_on_warning)} and kind is {config.kind}, which "
            "has no roll-outs to warn of. Remove it"
        )
    if config.monitor.detector == "first" and config.uses_language_reward():
        yield (
            f"{_at(given, 'monitor.detector')}monitor.detector is first and rewards has language, which uses the first "
            "too: a model learns to please the detector that rewards it, so it is no yardstick. Set "
            "monitor.detector=auto"
        )
