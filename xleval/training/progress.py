"""What a trainer says while it trains: a bar on standard error and nothing on standard output, which has the result."""

import sys
from typing import Any

import transformers
from transformers.trainer_callback import PrinterCallback, ProgressCallback, TrainerCallback


class Bar(ProgressCallback):
    """The bar of transformers with the latest loss or reward beside it, in place of lines on standard output."""

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: object) -> None:
        """Show the figures that tell most."""
        shown = {name: f"{logs[name]:.4g}" for name in ("loss", "reward") if name in (logs or {})}
        if self.training_bar is not None and shown:
            self.training_bar.set_postfix(shown)


class Tenths(TrainerCallback):
    """A line on standard error at each tenth of the steps, where nobody looks on: a log file, a batch job."""

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: object) -> None:
        """Say the step and the figures that tell most."""
        step, total = state.global_step, state.max_steps
        if not state.is_world_process_zero or total < 1 or "loss" not in (logs or {}):
            return
        if step * 10 // total == (step - 1) * 10 // total:
            return
        shown = [f"{name} {logs[name]:.4g}" for name in ("loss", "reward") if name in logs]
        sys.stderr.write(f"  {step}/{total} steps  {', '.join(shown)}".rstrip() + "\n")


def keep_output_clean(trainer: Any, *, quiet: bool) -> None:
    """Take from a trainer of transformers what prints its logs; give it a bar where people look on.

    Args:
        trainer: before it trains; its logs are in its state and go to its trackers as before.
        quiet: a line at each tenth in place of the bar.
    """
    trainer.remove_callback(PrinterCallback)
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(Tenths() if quiet else Bar())


def without_bars() -> None:
    """Switch off the bars of data sets that are mapped and of weights that are written, for the rest of the process."""
    from datasets import disable_progress_bars

    disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
