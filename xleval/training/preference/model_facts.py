"""What a loaded model can be asked for."""

import inspect
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def keeps_logits(model: Any) -> bool:
    """Return whether the model can be asked for the logits of its last columns only (`logits_to_keep`)."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return "logits_to_keep" in inspect.signature(inner.forward).parameters


def without_adapter(model: Any) -> AbstractContextManager[Any]:
    """Return a context in which a model with a LoRA adapter is its base model; another model is as it is."""
    if hasattr(model, "disable_adapter"):
        context: AbstractContextManager[Any] = model.disable_adapter()
        return context
    return nullcontext()
