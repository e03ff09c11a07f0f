"""What every plan of a study must hold, whatever it is asked for: used by the tests of the studies."""

from pathlib import Path

import click

from xleval.cli import main
from xleval.training.config.read import read_config
from xleval.training.config.schema import TrainConfig
from xleval.training.studies.records import Plan, Step


def train_config(step: Step) -> TrainConfig:
    """Return the configuration of a training, read as `xleval train` reads it: with the words of the step alone."""
    assert step.words[0] == "train"
    _, context = _context(step)
    given = context.params
    named = (("model", "model"), ("data.source", "data"), ("data.langs", "langs"), ("seed", "seed"))
    over = [f"{key}={given[option]}" for key, option in named if given[option] is not None]
    return read_config(given["config"], step.words[1], [*given["settings"], *over])


def _context(step: Step) -> tuple[click.Command, click.Context]:
    """Return the click command of a step and its parsed words; nothing is run."""
    found: click.Command = main
    words = list(step.words)
    while isinstance(found, click.Group):
        inside = found.commands[words.pop(0)]
        found = inside
    return found, found.make_context(found.name, words)


def check_plan(plan: Plan) -> None:
    """Check names, order, command lines and arms of a plan."""
    names = [step.name for step in plan.steps]
    assert len(names) == len(set(names))
    for place, step in enumerate(plan.steps):
        assert set(step.after) <= set(names[:place]), f"{step.name} stands before what it needs"
        assert all(word == word.strip() and word for word in step.words), step.words
        if step.words[0] == "train":
            config = train_config(step)
            assert config.data.langs == plan.arm(step.arm).langs
            assert config.seed == step.seed
        else:
            _context(step)
    outs = [step.out for step in plan.steps]
    assert len(outs) == len(set(outs))
    for arm in plan.arms:
        assert bool(arm.kind) == bool(arm.compared_with) == bool(arm.seeds)
        for other in arm.compared_with:
            assert f"compare/{arm.name}-against-{other}" in names
    assert plan.arms[0].name == "base"
    assert all(note.endswith(".") for note in plan.notes)
    assert len(plan.notes) == len(set(plan.notes))


def words_after(step: Step, option: str) -> list[str]:
    """Return the values of an option in the words of a step."""
    return [step.words[place + 1] for place, word in enumerate(step.words) if word == option]


def folder_of(step: Step) -> Path:
    """Return the `--out` of a step."""
    return Path(words_after(step, "--out")[0])
