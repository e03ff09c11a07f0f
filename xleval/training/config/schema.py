"""What a training is: the records that a configuration is read into.

A YAML file has the names of these records' attributes as keys; `docs/train.md` explains each. Values that belong to TRL
stand under `trainer` with TRL's own names and are handed on as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal["grpo", "sft", "cpt", "clo", "dco", "cm-align"]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: `paper` has every value that the paper states, its published bugs off; `xleval` is ours (D4).
Protocol = Literal["paper", "xleval"]
#: How the amount of data depends on the number of languages k: k times as much, the same, or English k times (D7).
Regime = Literal["grow", "fixed", "english-repeat"]
Order = Literal["shuffled", "curriculum", "as-is"]
#: What happens where training and test sets share items (D21).
OnOverlap = Literal["refuse", "drop", "allow"]
#: Roll-outs drawn from a changed distribution (repetition penalty, top-p, top-k, min-p): refused, corrected by the
#: importance ratio, or left as the paper did (D4).
Warping = Literal["off", "correct", "as-published"]
Modules = Literal["all", "attention"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """What is trained on.

    Attributes:
        source: folder or file of a set; `embedded` (PolyFact built here, offline), or a name of `docs/train.md`
            (`gsm8k`, `ted2025`, ...), looked for in `$XLEVAL_DATA` and on the hub.
        langs: languages of the training, in the order in which k counts them; English counts (D8).
        split: of the set.
        task: task whose prompts and answers are used; empty: found from the set.
        parallel_with: languages that an item must be there in beside `langs`, so that trainings in fewer of them have the
            same items.
        limit: parallel items at most; None for all.
        relations: P-ids of facts; empty for all.
        mixture: `easy`, `medium` or `hard` of SimpleRL-Zoo; empty for none.
        levels: levels of difficulty that are kept; empty for all.
        regime: how the amount of data depends on the number of languages.
        order: of the items.
        columns: our name -> the set's, for sets with other columns.
        max_tokens: tokens at most, over all languages (`cpt`); None for all.
        evaluation: sets, or tasks whose data is at hand, that training must not share items with; None: those at hand.
        on_overlap: what happens where it does.
    """

    source: str
    langs: tuple[str, ...]
    split: str = "train"
    task: str = ""
    parallel_with: tuple[str, ...] = ()
    limit: int | None = None
    relations: tuple[str, ...] = ()
    mixture: str = ""
    levels: tuple[int, ...] = ()
    regime: Regime = "grow"
    order: Order = "shuffled"
    columns: Mapping[str, str] = field(default_factory=dict)
    max_tokens: int | None = None
    evaluation: tuple[str, ...] | None = None
    on_overlap: OnOverlap = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptConfig:
    """How items are asked: as `xleval run` asks them, so that training and evaluation agree.

    Attributes:
        chat: ask in a conversation; None: where the tokenizer has a chat template.
        scaffold, cot, reason_prefix, system_prompt, option_space: as the options of `xleval run`.
        show_options: list the options of a fact and ask for the text of the right one (PolyFact's GRPO and SFT).
    """

    chat: bool | None = None
    scaffold: str = "native"
    cot: str = "native"
    reason_prefix: str = "none"
    system_prompt: str = ""
    option_space: str = "auto"
    show_options: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardConfig:
    """One reward of GRPO.

    Attributes:
        name: `accuracy`, `language`, `format`, `length`, `random`, `format-only` or `facts` (PolyFact's verdict per
            roll-out: +1, 0, -0.5, -empty_penalty).
        weight: factor in the sum; 0 for a curve only.
        options: settings of this reward, see `training.rewards`.
    """

    name: str
    weight: float = 1.0
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolingConfig:
    """The group reward over the languages of a fact: R = sum over languages of its verdicts + bonus where all are right.

    Attributes:
        mode: `pooled`: every language of roll-out g gets the same R_g; `per-language`: its own verdict, no bonus.
        shape: how right answers turn into a bonus: `all-correct`, `power` (bonus * (k/n)**4) or `ladder`
            (n-3 right: 1, n-2: 2, n-1: 3, n: 5, highest rung only).
        bonus: B.
        wrong, unparsed: reward of a valid wrong answer and of one that names no option.
        empty_penalty: e: an empty output costs this much; 0 makes silence an absorbing state.
    """

    mode: Literal["pooled", "per-language"] = "pooled"
    shape: Literal["all-correct", "power", "ladder"] = "all-correct"
    bonus: float = 1.0
    wrong: float = 0.0
    unparsed: float = -0.5
    empty_penalty: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvantageConfig:
    """How rewards of a group become advantages: (R - mean) / (std + epsilon); `sample` and 1e-4 as in TRL (E11)."""

    std: Literal["sample", "population"] = "sample"
    epsilon: float = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """The loss of `clo`, `dco`, `cm-align` and `sft`.

    Attributes:
        sft_weight: lambda of L = lambda L_SFT + (1 - lambda) L_CL.
        beta: of the preference loss.
        nll_on: on which answers L_SFT is: `target`, `both` or `none`.
        preference: `dpo`, `ipo`, `kto`, `orpo`.
        reduction: whether the two directions of a pair are added (`sum`) or averaged (`mean`) in L_CL.
        sft: `answer` (tokens of the answer) or `letter` (cross-entropy over A to D, PolyFact's SFT).
        consistency_weight: weight of KL(mean || language) over the letters of a fact's languages; 0 for none.
        samples, temperature, encoder, gamma: `cm-align`: completions of each prompt, how they are drawn, what embeds
            them (`mean-pooled` states of the policy, or a sentence encoder's id), weight of the NLL on chosen.
        top_p, repetition_penalty, max_new_tokens: `cm-align`: further of how they are drawn; 1 for none of the first two.
    """

    sft_weight: float = 0.5
    beta: float = 0.1
    nll_on: Literal["target", "both", "none"] = "target"
    preference: Literal["dpo", "ipo", "kto", "orpo"] = "dpo"
    reduction: Literal["sum", "mean"] = "mean"
    sft: Literal["answer", "letter"] = "answer"
    consistency_weight: float = 0.0
    samples: int = 4
    temperature: float = 0.9
    encoder: str = "sentence-transformers/LaBSE"
    gamma: float = 0.0
    top_p: float = 0.95
    repetition_penalty: float = 1.0
    max_new_tokens: int = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraConfig:
    """A LoRA adapter; `targets` empty: all linear layers but the output."""

    r: int = 64
    alpha: int = 128
    dropout: float = 0.05
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorConfig:
    """The collapse monitor (D9).

    Attributes:
        every: steps between two evaluations on held-out prompts; 0 for none. Roll-outs are measured at every step.
        source: set of the held-out prompts; empty: the validation split of the training set where it has one.
        limit: held-out items of each language.
        stop_on_warning: end the training at an early warning of these rules; empty: go on.
        detector: `first`, `second`, or `auto`: the one that no reward of this training uses (D5).
    """

    every: int = 0
    source: str = ""
    limit: int = 50
    stop_on_warning: tuple[str, ...] = ()
    detector: Literal["auto", "first", "second"] = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """A training.

    Attributes:
        kind: what `xleval train` is followed by.
        name: of the recipe, or of the file without its ending.
        model: checkpoint folder or hub id.
        data, prompt, rewards, pooling, advantage, loss, lora, monitor: see the records; `pooling`, `advantage` and
            `rewards` are GRPO's; without `lora` the weights themselves are trained.
        protocol: `paper` or `xleval`.
        study: study that it is a run of; empty for none.
        after: recipe whose weights it begins with: `model` is then the folder that it left; empty for none.
        warping: what is done about roll-outs from a changed distribution.
        modules: which weights are trained: `all`, or `attention` (query, key, value, output), the rest frozen.
        trainer: settings of TRL's config class (GRPOConfig, SFTConfig, DPOConfig) by its own names.
        seed: of weights that are drawn, of the order of data and of sampling.
        sources: dotted key -> where its value comes from: `paper: section`, or `not stated: our choice because ...`.
    """

    kind: Kind
    name: str
    model: str
    data: DataConfig
    prompt: PromptConfig = field(default_factory=PromptConfig)
    rewards: tuple[RewardConfig, ...] = ()
    pooling: PoolingConfig | None = None
    advantage: AdvantageConfig = field(default_factory=AdvantageConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    lora: LoraConfig | None = None
    monitor: MonitorConfig = field(default_factory=MonitorConfig)
    protocol: Protocol = "xleval"
    study: str = ""
    after: str = ""
    warping: Warping = "off"
    modules: Modules = "all"
    trainer: Mapping[str, object] = field(default_factory=dict)
    seed: int = 42
    sources: Mapping[str, str] = field(default_factory=dict)

    def uses_language_reward(self) -> bool:
        """Return whether a reward looks at the language: then the first detector is no yardstick any more (D5)."""
        return any(reward.name == "language" and reward.weight != 0 for reward in self.rewards)
