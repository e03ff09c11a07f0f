"""`--log-to wandb[:PROJECT]|tensorboard[:DIR]`: the figures of a run in an experiment tracker, beside `results.json`.

A figure that is null in `results.json` is not logged: missing is not 0. Keys of services are read by their own packages,
from the environment, and never printed.
"""

import json
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from xleval.errors import BackendError, ConfigError, MissingExtra, unknown_name
from xleval.evalkit.results_schema import EstimateJson, LanguageRow, Results, TaskResult
from xleval.evalkit.run_folder import RESULTS

#: tracker -> the package that it needs
_PACKAGES: Mapping[str, str] = {"wandb": "wandb", "tensorboard": "tensorboardX"}
_DEFAULT_PROJECT = "xleval"


def check_target(target: str) -> tuple[str, str]:
    """Return the tracker and its project or folder, empty for the default.

    Args:
        target: `wandb`, `wandb:PROJECT`, `tensorboard` or `tensorboard:DIR`.

    Raises:
        ConfigError: an unknown tracker, or nothing after the colon.
        MissingExtra: its package is not installed.
    """
    name, colon, where = target.partition(":")
    if name not in _PACKAGES:
        raise unknown_name("tracker", name, _PACKAGES)
    if colon and not where:
        raise ConfigError(
            f"--log-to {target}: there is nothing after the colon; give a project or folder, or leave it out"
        )
    if find_spec(_PACKAGES[name]) is None:
        raise MissingExtra("track", f"--log-to {name}")
    return name, where


def log_results(results: Results, folder: Path, target: str) -> str:
    """Log the figures of a run, with its signature as configuration, and return where they went.

    Args:
        results: of the run.
        folder: of the run; its name is the run's name in the tracker.
        target: see `check_target`. TensorBoard events go to `DIR/NAME`, by default to `tensorboard` in the folder.

    Raises:
        ConfigError: see `check_target`.
        MissingExtra: the tracker's package is not installed.
        BackendError: the tracker refuses or cannot be reached; the run's own files are not affected.
    """
    name, where = check_target(target)
    log: Mapping[str, Callable[[Results, Path, str], str]] = {"wandb": _log_wandb, "tensorboard": _log_tensorboard}
    return log[name](results, folder.absolute(), where)


def scalars(results: Results) -> dict[str, float]:
    """Return the figures to log by name: `TASK/LANG/accuracy`, `TASK/mean_over_these_languages/accuracy` and so on.

    Shares are fractions in [0, 1]; `unscored` is a number of answers. What is null is left out.
    """
    found: dict[str, float | None] = {}
    for name, task in results["tasks"].items():
        for row in task["rows"]:
            found |= {f"{name}/{row['lang']}/{figure}": value for figure, value in _row_figures(row).items()}
        for mean in task["means"]:
            found[f"{name}/mean_{mean['name'].replace(' ', '_')}/accuracy"] = _value(mean["accuracy"])
        found |= {f"{name}/consistency/{figure}": value for figure, value in _consistency_figures(task).items()}
    return {name: float(value) for name, value in found.items() if value is not None}


def _row_figures(row: LanguageRow) -> dict[str, float | None]:
    written = row["language_consistency"]
    return {
        "accuracy": _value(row["accuracy"]),
        **{f"pass_at_{k}": _value(estimate) for k, estimate in row["pass_at"].items()},
        "majority": _value(row["majority"]),
        "unscored": row["n_unscored"],
        "truncated": row["truncated"],
        "unparsed": row["unparsed"],
        "language_consistency": _value(written["headline"]) if written else None,
    }


def _consistency_figures(task: TaskResult) -> dict[str, float | None]:
    block = task["consistency"]
    if block is None:
        return {}
    rankc = block["rankc"]
    return {
        "total": _value(block["total"]["estimate"]),
        "rankc": _value(rankc["pairs"]["mean"]) if rankc else None,
    }


def _value(estimate: EstimateJson | None) -> float | None:
    return estimate["value"] if estimate else None


def _log_tensorboard(results: Results, folder: Path, where: str) -> str:
    writer_of = import_module("tensorboardX").SummaryWriter
    target = Path(where) / folder.name if where else folder / "tensorboard"
    try:
        with writer_of(str(target)) as writer:
            for name, value in scalars(results).items():
                writer.add_scalar(name, value, 0)
            signature = json.dumps(results["signature"], ensure_ascii=False, indent=1)
            writer.add_text("signature", f"```json\n{signature}\n```", 0)
    except OSError as error:
        raise BackendError(f"TensorBoard events cannot be written to {target}: {error.strerror}") from error
    return f"{target} (tensorboard --logdir {target.parent})"


def _log_wandb(results: Results, folder: Path, where: str) -> str:
    wandb = import_module("wandb")
    settings = wandb.Settings(silent=True, console="off", disable_git=True, save_code=False)
    try:
        with wandb.init(
            project=where or os.environ.get("WANDB_PROJECT") or _DEFAULT_PROJECT,
            name=folder.name,
            dir=os.environ.get("WANDB_DIR") or str(folder),
            config={"model": results["model"], "signature": dict(results["signature"])},
            settings=settings,
        ) as run:
            run.log(scalars(results))
            artifact = wandb.Artifact(f"results-{run.id}", type="results")
            artifact.add_file(str(folder / RESULTS))
            run.log_artifact(artifact)
            mode, local, url = run.settings.mode, run.settings.sync_dir, run.settings.run_url
    except (wandb.errors.Error, OSError, ValueError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise BackendError(
            f"W&B does not take the results ({reason}); set WANDB_API_KEY, or WANDB_MODE=offline. "
            f"The run itself is whole: {folder}"
        ) from error
    if mode == "disabled":
        return "nowhere (WANDB_MODE=disabled)"
    return f"{local} (offline; wandb sync {local})" if mode == "offline" else f"{url}"
