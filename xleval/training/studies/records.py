"""What a study is: arms, and the steps that make and measure them; every step is one xleval command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

StudyName = Literal["polyfact", "collapse", "parallel-scaling", "clo"]
STUDIES: tuple[StudyName, ...] = ("polyfact", "collapse", "parallel-scaling", "clo")
Budget = Literal["smoke", "full"]
Protocol = Literal["paper", "xleval"]
#: Parts of parallel-scaling (research demand D7).
Part = Literal["observe", "intervene", "train"]
PARTS: tuple[Part, ...] = ("observe", "intervene", "train")
#: What a step does; also the order in which kinds of steps are listed.
StepKind = Literal[
    "data", "overlap", "traces", "train", "run", "grid", "probe", "judge", "compare", "transfer"
]  # fmt: skip
#: What an arm is for: `base` is not trained, `control` rules an explanation out, `ablation` changes one thing of a method.
ArmRole = Literal["base", "method", "control", "ablation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyOptions:
    """What the user asks for.

    Attributes:
        study: name.
        model: checkpoint folder, hub id or `demo`; the base of every arm that does not name another.
        budget: `smoke` shows the machinery on two CPU cores; `full` is the study.
        out: folder of the study.
        seeds: trainings of each arm, 1 or more; their seeds are 1, 2, ..
        langs: languages to train on, in their order; empty for the study's own.
        unseen: languages to evaluate on beside those; empty for the study's own.
        protocol: `paper` (stated values) or `xleval` (ours) where recipes have both.
        parts: of parallel-scaling; empty for all.
        arms: only these, by name, with what they need; empty for all.
        data: task or set name -> folder, as `--data` of `xleval run`.
        judges: specifications of judges, `vllm:M`, `openai:M@URL` ..; empty for none (smoke: the model itself).
        judge_labels: folder of the set that judges are validated on; empty for none.
        text: parallel text of the probes, as `--text` of `xleval probe`; empty for the study's own.
        pairs: file of parallel-scaling's part observe: pairs of open models.
        translators: `[LANG=]SPEC`, as `--translator` of build-reasoning; empty for the study's own.
        backend: of runs, as `--backend` of `xleval run`.
        model_args: of runs, as there.
    """

    study: StudyName
    model: str
    budget: Budget
    out: Path
    seeds: int = 1
    langs: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    protocol: Protocol = "xleval"
    parts: tuple[Part, ...] = ()
    arms: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    judges: tuple[str, ...] = ()
    judge_labels: str = ""
    text: str = ""
    pairs: Path | None = None
    translators: tuple[str, ...] = ()
    backend: str = "auto"
    model_args: str = ""

    @property
    def is_smoke(self) -> bool:
        """Whether this shows the machinery only."""
        return self.budget == "smoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One way to train the model, or the model as it is.

    Attributes:
        name: unique in the study; letters, digits, `-` and `.`: it names folders.
        label: what tables and sentences call it.
        role: what it is for.
        kind: of `xleval train`; empty for the base.
        recipe: of the package; empty for the base.
        settings: `KEY=VALUE` over the recipe's.
        langs: languages it is trained on, in their order; empty for the base.
        model: what it begins with, where that is not the study's model.
        after: arm whose weights it begins with, seed by seed; empty for `model`.
        seeds: of its trainings; empty for the base, which has none.
        compared_with: arms that it is compared with; the base first, unless that says nothing.
        facts: what figures need to know of it, such as `k`, `order`, `regime`, `weight`, `size`; name -> value.
    """

    name: str
    label: str
    role: ArmRole
    kind: str = ""
    recipe: str = ""
    settings: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    model: str = ""
    after: str = ""
    seeds: tuple[int, ...] = ()
    compared_with: tuple[str, ...] = ()
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One xleval command line, and where it leaves its result.

    Attributes:
        name: unique in the study, such as `train/grpo/seed-1`; it names the record and the log in `steps/`.
        kind: what it does.
        words: of the command line after `xleval`, without `--resume`.
        out: folder or file that it writes.
        after: names of the steps that must be finished before it.
        stdout: file that its standard output is kept in, where the result is there; None for the log alone.
        resumes: whether the command takes `--resume`.
        arm, seed: what it is about; empty and None where it is about several.
        optional: a failure is written down and what does not need this step goes on.
        about: what its result is of, where names hold several: both arms of a comparison or a judging, both sets of an
            overlap, the kind and arm of a probe, the part of transfer figures.
    """

    name: str
    kind: StepKind
    words: tuple[str, ...]
    out: Path
    after: tuple[str, ...] = ()
    stdout: Path | None = None
    resumes: bool = False
    arm: str = ""
    seed: int | None = None
    optional: bool = False
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole study before it is run.

    Attributes:
        options: what was asked for.
        arms: the base first.
        steps: in an order in which they can be run.
        files: path -> text of small files that steps read; they are written before the first step.
        seen, unseen: languages that some arm is trained on, and languages that none is.
        notes: what is left out and why, a sentence each.
    """

    options: StudyOptions
    arms: tuple[Arm, ...]
    steps: tuple[Step, ...]
    files: Mapping[Path, str] = field(default_factory=dict)
    seen: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def arm(self, name: str) -> Arm:
        """Return the arm of a name."""
        return next(arm for arm in self.arms if arm.name == name)
