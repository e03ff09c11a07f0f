"""The packages of the extra `train`: imported once, quietly, and missed in one sentence."""

import logging
import warnings
from importlib import import_module

from xleval.errors import MissingExtra

_PARTS = ("accelerate", "datasets", "peft", "trl")
#: TRL imports what is behind these names when they are first asked for, and vLLM with them.
_LAZY = ("GRPOTrainer", "SFTTrainer", "DPOTrainer")


def import_trl() -> None:
    """Import TRL and what it trains with, so that later imports of it are quiet.

    It warns at import of versions of vLLM that it was not tested with, and they of their own; nothing here depends on
    those (E8).

    Raises:
        MissingExtra: a package of the extra `train` is not installed.
    """
    silenced = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            modules = [import_module(name) for name in _PARTS]
            for name in _LAZY:
                getattr(modules[-1], name)
    except ImportError as error:
        raise MissingExtra("train", "training") from error
    finally:
        logging.disable(silenced)
