"""What stands at the head of every `probe.json`: models, text, figures with intervals, changes, refusals and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xleval
from xleval.data.storage import sha256_of
from xleval.evalkit.probe_schema import SCHEMA, Kind, KnockOutJson, ProbedModelJson
from xleval.probing.batches import encode
from xleval.probing.changes import Draws, changes_of, figures_of, missing_figures, refusals_of
from xleval.probing.folder import NamedModel, arms_of, settings_of
from xleval.probing.model import ProbedModel
from xleval.probing.options import ProbeOptions
from xleval.probing.texts import ParallelText


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a probe is asked.

    Attributes:
        text: all sentences.
        measured: those that are measured.
        held_out: those that the knock-out check reads, the last of the text; None without one.
        models: of both arms, the first arm first.
    """

    kind: Kind
    text: ParallelText
    measured: ParallelText
    held_out: ParallelText | None
    options: ProbeOptions
    models: Sequence[NamedModel]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One model that was looked into.

    Attributes:
        measured: of the kind's instrument.
        knock_out: the check; None without one.
        n_tokens, n_cut: by language.
        ids_sha256: of the token ids of all sentences; equal where two models read the same tokens.
    """

    model: ProbedModelJson
    measured: Any
    knock_out: KnockOutJson | None
    n_tokens: Mapping[str, int]
    n_cut: Mapping[str, int]
    ids_sha256: str


def looked_into(
    asked: Asked, model: NamedModel, probed: ProbedModel, measured: Any, knock_out: KnockOutJson | None
) -> Looked:
    """Return the record of a model that is still loaded."""
    sentences = {
        lang: encode(probed.encoder, rows, max_tokens=asked.options.max_tokens)
        for lang, rows in asked.text.sentences.items()
    }
    return Looked(
        model={
            "name": model.name, "sha256": model.checkpoint.sha256, "arm": model.arm,
            "n_layers": len(probed.structure.layers), "n_heads": probed.structure.n_heads,
            "n_neurons": probed.structure.n_neurons,
        },
        measured=measured,
        knock_out=knock_out,
        n_tokens={lang: sum(each.n_tokens for each in rows) for lang, rows in sentences.items()},
        n_cut={lang: sum(each.is_cut for each in rows) for lang, rows in sentences.items()},
        ids_sha256=sha256_of([[each.ids for each in rows] for rows in sentences.values()]),
    )  # fmt: skip


def head_of(asked: Asked, looked: Sequence[Looked], draws: Mapping[str, Draws]) -> dict[str, Any]:
    """Return everything of `probe.json` that all kinds have.

    Args:
        asked: the probe.
        looked: its models, in their order.
        draws: figures of each model in resamples, by its name.
    """
    first, measured = looked[0], looked[0].measured
    arms = arms_of(asked.models)
    dtypes = {each.name: each.dtype for each in asked.models}
    return {
        "schema": SCHEMA,
        "xleval": xleval.__version__,
        "kind": asked.kind,
        "langs": list(asked.text.langs),
        "settings": {**settings_of(asked.kind, asked.options), "dtype": dtypes},
        "models": [each.model for each in looked],
        "text": {
            "source": asked.text.source, "sha256": asked.text.sha256, "n_sentences": len(asked.text),
            "n_tokens": dict(first.n_tokens), "n_cut": dict(first.n_cut),
        },
        "units": measured.units,
        "figures": figures_of(draws, n_units=measured.n_units),
        "changes": changes_of(arms, draws, n_units=measured.n_units, units=measured.units),
        "refused": refusals_of(asked.kind, arms, [each.knock_out for each in looked if each.knock_out]),
        "notes": _notes(asked, looked, draws),
    }  # fmt: skip


def _notes(asked: Asked, looked: Sequence[Looked], draws: Mapping[str, Draws]) -> list[str]:
    first = looked[0]
    notes = list(asked.text.notes)
    if asked.held_out is not None:
        kept, every = len(asked.held_out), len(asked.text)
        notes.append(f"The last {kept} of {every} sentences are kept for the knock-out check and were not measured.")
    others = [each.model["name"] for each in looked if each.ids_sha256 != first.ids_sha256]
    if others:
        notes.append(
            f"{first.model['name']} and {', '.join(others)} do not read the same tokens (another tokenizer or other "
            "special tokens): their figures differ by that, too."
        )
    dtypes = sorted({each.dtype for each in asked.models})
    if len(dtypes) > 1:
        notes.append(f"The models compute in unlike numbers ({', '.join(dtypes)}); with one --dtype they do not.")
    for each in looked:
        lost = {lang: n for lang, n in getattr(each.measured, "without_loss", {}).items() if n}
        if lost:
            listed = ", ".join(f"{n} in {lang}" for lang, n in lost.items())
            notes.append(f"{each.model['name']}: sentences of one token have no loss and are in no score: {listed}.")
    for name, models in missing_figures(draws).items():
        notes.append(f"There is no figure {name} of {', '.join(models)}: nothing stands behind it.")
    return notes
