"""Constants behind the costs of a plan, each with its source or called an assumption."""

from collections.abc import Mapping
from dataclasses import dataclass

from xleval.training.studies.records import StepKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """A GPU as costs assume it.

    Attributes:
        name: what the plan calls it.
        flops: dense bfloat16 operations a second.
        bandwidth: bytes a second of its memory.
        training_share: of `flops` that a training reaches.
        reading_share: of `bandwidth` that decoding reaches, when it reads all weights for a token of each completion.
    """

    name: str
    flops: float
    bandwidth: float
    training_share: float
    reading_share: float


#: NVIDIA H100 SXM data sheet: 989 TFLOP/s dense bfloat16, 3.35 TB/s. The shares are our assumption.
GPU = Gpu(name="one H100-class GPU", flops=989e12, bandwidth=3.35e12, training_share=0.40, reading_share=0.30)
#: Completions decoded side by side (our assumption; vLLM's `max_num_seqs` is 256).
SIDE_BY_SIDE = 256
#: Operations for a parameter and a token: 2 forward, 4 backward (Kaplan et al. 2020, arXiv:2001.08361, section 2.1).
FORWARD, TRAINING = 2.0, 6.0

#: Seconds of a step, or of a fact, that the PolyFact authors measured on a GH200 with models of 7B: GRPO 7.5 to 8.2 s a
#: step (10k steps 22 hours, 40k facts about 87), DCO on 40k facts 1.2 hours, SFT on 10k facts about 1 hour.
MEASURED_S: Mapping[str, tuple[str, float]] = {
    "grpo": ("steps", 7.85), "dco": ("items", 1.2 * 3600 / 40_000), "sft": ("items", 3600 / 10_000),
}  # fmt: skip
MEASURED_SIZES = (6.5e9, 8.5e9)
MEASURED_BASIS = "PolyFact's trainings as its authors measured them on a GH200"
COUNTED_BASIS = f"operations on {GPU.name}, {GPU.training_share:.0%} of its peak (our assumption; within a factor of 3)"

#: Tokens of a row (prompt and answer) by kind of training, at most `max_length` (our assumption).
ROW_TOKENS: Mapping[str, int] = {"sft": 512, "clo": 512, "dco": 128, "cm-align": 128, "grpo": 200}
LETTER_TOKENS = 128
#: Share of the longest completion that one has on average (our assumption); short ones are the whole.
COMPLETION_SHARE, SHORT = 0.5, 64
#: Share of the weights in attention (our assumption; a fifth to a third in models of 1B to 8B).
ATTENTION_SHARE = 0.25
DEFAULT_LENGTH, DEFAULT_COMPLETION = 1024, 256

#: Items of a language that tasks have, as their publishers state (docs/tasks.md); others: `OTHER_ITEMS`.
ITEMS: Mapping[str, int] = {
    "mgsm": 250, "math500": 500, "gsm8k": 1319, "global_mmlu_lite": 400, "mmlu": 14_042, "mmmlu": 14_042, "cmmlu": 11_582,
    "belebele": 900, "klar": 2619, "bmlama53": 3070, "polyfact": 2523, "alpaca_eval": 805, "msvamp": 1000,
}  # fmt: skip
OTHER_ITEMS = 500
#: Tasks that are answered with a worked solution or a text; the others score or write a few tokens.
GENERATED = ("mgsm", "math500", "gsm8k", "polymath", "mmath", "xreasoning", "alpaca_eval", "m_arena_hard", "msvamp")
PROMPT_TOKENS, SOLUTION_TOKENS, SHORT_TOKENS = 200, 1024, 8
#: Sentences of a probe in a language, and passes over each (our assumption).
PROBE_SENTENCES, PROBE_PASSES = 500, 8

#: Seconds of a step on two CPU cores with a model of 270 million weights, most of them to start Python and load it
#: (docs/studies.md, measured 2026-11-22).
SMOKE_S: Mapping[StepKind, float] = {
    "data": 3, "overlap": 1, "traces": 40, "train": 60, "run": 25, "grid": 40, "probe": 55, "judge": 30, "compare": 1,
    "transfer": 2,
}  # fmt: skip
SMOKE_BASIS = "seconds of each kind of step as the four smoke runs took on two busy CPU cores, 2026-11-22"
