"""What a transformers trainer calls: the monitor's place in the training loop. Imports transformers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from xleval.errors import ConfigError
from xleval.training.monitor.held_out import HeldOutPrompts, held_out_prompts

if TYPE_CHECKING:
    from xleval.training.monitor.monitor import Monitor

_TRACKERS = "transformers.integrations"


def trackers_of(trainer: Any) -> list[TrainerCallback]:
    """Return a trainer's callbacks that send figures to experiment trackers."""
    return [each for each in trainer.callback_handler.callbacks if type(each).__module__.startswith(_TRACKERS)]


class MonitorCallback(TrainerCallback):
    """Closes the monitor's steps, asks held-out prompts every so many, and ends the training at a warning.

    Args:
        monitor: of the training.
        trackers: callbacks that get the figures, at every step that the trainer logs.
    """

    def __init__(self, monitor: "Monitor", trackers: Sequence[TrainerCallback] = ()) -> None:
        self._monitor, self._trackers = monitor, list(trackers)
        self._prompts: HeldOutPrompts | None = None
        self._sent = 0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Begin where the training does; ask the held-out prompts before the first step."""
        every = self._monitor.config.monitor.every
        if every and _is_sharded(args):
            raise ConfigError(
                f"monitor.every is {every}, and the weights are spread over processes (FSDP or DeepSpeed stage 3), where "
                "held-out prompts cannot be asked; use --set monitor.every=0, and `xleval run` on the checkpoints"
            )
        if not state.is_world_process_zero:
            return
        self._monitor.begin(state.global_step)
        if every and not state.global_step:
            self._ask(state.global_step, kwargs["model"], kwargs["processing_class"])

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Close the step; ask held-out prompts where it is their turn; end the training where a warning says so."""
        if state.is_world_process_zero:
            self._monitor.close_step(state.global_step)
        if self._monitor.config.monitor.stop_on_warning:
            self._monitor.stopped_by = _from_main(self._monitor.stopped_by, args)
        if self._monitor.stopped_by:
            control.should_training_stop = True
        every = self._monitor.config.monitor.every
        if every and state.is_world_process_zero:
            last = control.should_training_stop or state.global_step == state.max_steps
            if last or state.global_step % every == 0:
                self._ask(state.global_step, kwargs["model"], kwargs["processing_class"])

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Send the figures of the step to the trackers, once: the trainer logs its summary at the last step again."""
        if not state.is_world_process_zero or not self._trackers or state.global_step <= self._sent:
            return
        self._sent = state.global_step
        scalars = self._monitor.scalars(state.global_step)
        for tracker in self._trackers if scalars else ():
            tracker.on_log(args, state, control, model=kwargs.get("model"), logs=dict(scalars))

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        """Bring the files up to the checkpoint."""
        if state.is_world_process_zero:
            self._monitor.write()

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Bring the files to the end."""
        if state.is_world_process_zero:
            self._monitor.close_step(state.global_step)
            self._monitor.write()

    def _ask(self, step: int, model: Any, tokenizer: Any) -> None:
        if self._monitor.has_held_out(step):
            return
        if self._prompts is None:
            self._prompts = held_out_prompts(self._monitor.config, tokenizer, self._monitor.detector)
        self._monitor.add_held_out(self._prompts.ask(model, step))


def _is_sharded(args: TrainingArguments) -> bool:
    """Return whether no process holds all weights."""
    deepspeed = getattr(args, "hf_deepspeed_config", None)
    return bool(args.fsdp) or bool(deepspeed is not None and deepspeed.is_zero3())


def _from_main(value: str, args: TrainingArguments) -> str:
    """Return the main process's value in every process: all of them end at the same step, or none would go on."""
    if args.world_size == 1:
        return value
    from accelerate.utils import broadcast_object_list

    return str(broadcast_object_list([value])[0])
