"""The folders of `--data` beside the plan: one that is not there, or that no step reads, is seen before hours of training."""

import re
from pathlib import Path

from xleval.errors import ConfigError
from xleval.training.studies.records import Plan


def unread_data(plan: Plan) -> tuple[str, ...]:
    """Return the names of `--data` whose folder no step of a plan names."""
    return tuple(name for name, folder in plan.options.data.items() if not _is_read(plan, folder))


def check_data(plan: Plan) -> None:
    """Refuse a folder that a step reads and that is not there.

    Raises:
        ConfigError: there is no such file or folder.
    """
    unread = unread_data(plan)
    for name, folder in plan.options.data.items():
        if name not in unread and not Path(folder).expanduser().exists():
            raise ConfigError(f"--data {name}={folder}: there is no such folder; steps of the study read it")


def _is_read(plan: Plan, folder: str) -> bool:
    places, out = {folder.rstrip("/"), str(Path(folder))}, str(plan.options.out)
    texts = [*(word for step in plan.steps for word in step.words), *plan.files.values()]
    parts = [part for text in texts for part in re.split(r"[=,\s]", text)]
    if out != folder and not folder.startswith(f"{out}/"):  # what the study makes is not what was given
        parts = [part for part in parts if part != out and not part.startswith(f"{out}/")]
    return any(part.rstrip("/") == place or part.startswith(f"{place}/") for part in parts for place in places)
