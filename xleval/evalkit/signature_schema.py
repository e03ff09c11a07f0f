"""What a run's signature may hold, as far as other commands read it: `config` of `run.json`, `signature` of `results.json`.

Every key may be missing (runs of older versions, imports); what is there has the type stated here. A backend and a task add
keys of their own, which are compared and never read.
"""

from typing import TypedDict


class AskedTaskJson(TypedDict, total=False):
    """How one task was asked."""

    version: int | None
    languages: list[str]
    edition: str | None
    items: str | None
    chat: bool | None
    shots: int | None
    samples: int | None
    max_tokens: dict[str, int] | None
    sampling: dict[str, object] | None


class ModelJson(TypedDict, total=False):
    """Which model was asked."""

    model: str
    backend: str


class OptionsJson(TypedDict, total=False):
    """How every task was asked."""

    sampling: dict[str, object] | None
    named: list[str] | None


class SignatureJson(TypedDict, total=False):
    """What a run that is shown and compared may hold; `import` is read with care where it is read."""

    model: ModelJson
    tasks: dict[str, AskedTaskJson]
    options: OptionsJson
    scoring: dict[str, object] | None
    languages: list[str]
    seen_languages: list[str]
    primary: dict[str, str]
    seed: int | None
    ties: str
    cutoff: str | None
    shard: str | None
    limit: int | None
    samples: int | None
    rotations: int | str | None
    length_budget: str
    reviewed_by: dict[str, list[str]]


class _NamedModel(TypedDict):
    model: str


class ScoredAgain(TypedDict):
    """What a run needs to be scored again or merged."""

    model: _NamedModel
    tasks: dict[str, AskedTaskJson]
    languages: list[str]
    seed: int
    ties: str
