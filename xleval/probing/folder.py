"""The folder of a probe: what it is of, which models are looked into under which names, and the files it ends with."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from xleval.data.parquet_files import write_parquet
from xleval.data.storage import canonical_json, claim_folder, read_json, write_json
from xleval.errors import ConfigError, DataError
from xleval.evalkit.checkpoints import Checkpoint, inspect_checkpoint
from xleval.evalkit.probe_schema import PROBE, SCHEMA, Arm, ChangeJson, FigureJson, Kind, ProbeJson
from xleval.evalkit.shapes import unlike
from xleval.probing.options import ProbeOptions
from xleval.probing.saved import remove_leftovers

if TYPE_CHECKING:
    import pyarrow

#: Says what the folder is of and whether it is whole; `probe.json` has no dates, so this has the versions.
MANIFEST = "manifest.json"
MEASURED, TABLES, FIGURES, REPORT = "measured", "tables", "figures", "report.html"

_ALL = ("max_tokens", "resamples", "seed")
_CHECK = ("knock_out", "random_sets")
#: Names of `ProbeOptions` that each kind of probe reads and that change its figures. The size of a batch does not: a probe
#: that ran out of memory goes on with a smaller one.
OPTIONS: Mapping[Kind, tuple[str, ...]] = {
    "neurons": ("variant", "top_neurons", "filter_rate", "blocks", *_CHECK, *_ALL),
    "heads": ("head_mask", "top_heads", *_CHECK, *_ALL),
    "alignment": ("pooling", "pivot", *_ALL),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedModel:
    """A model of a probe before it is loaded.

    Attributes:
        given: as the user named it.
        name: what figures call it; unique in the probe.
        arm: its side of the comparison.
        checkpoint: what `given` stands for.
        dtype: what it will compute in.
    """

    given: str
    name: str
    arm: Arm
    checkpoint: Checkpoint
    dtype: str

    @property
    def slug(self) -> str:
        """Name of its folder of measured arrays."""
        plain = re.sub(r"[^A-Za-z0-9_.+-]+", "-", self.name).strip("-.")[:60]
        return f"{plain or 'model'}-{self.checkpoint.sha256[:8]}"


def named_models(
    models: Sequence[str], against: Sequence[str], *, dtype: str, device: str, device_map: str | None
) -> list[NamedModel]:
    """Return the models of both arms, checked before any is loaded.

    Raises:
        ConfigError: no such folder, device or dtype, or the same weights twice.
        DataError, BackendError, MissingExtra: as `inspect_checkpoint` and `check_packages`.
    """
    from xleval.evalkit.backends.hf_load import check_packages, choose_device, choose_dtype

    where = choose_device(device, device_map=device_map)
    found: list[NamedModel] = []
    arms: Mapping[Arm, Sequence[str]] = {"first": models, "second": against}
    for arm, given in ((arm, given) for arm, names in arms.items() for given in names):
        if not given.strip():  # as of a variable that is not set; as a path it would be the folder we are in
            raise ConfigError("a model has no name; give a checkpoint or adapter folder, a GGUF file, or a hub id")
        checkpoint = inspect_checkpoint(given)
        check_packages(checkpoint, device_map=device_map)
        same = next((each.given for each in found if each.checkpoint.sha256 == checkpoint.sha256), None)
        if same is not None:
            raise ConfigError(
                f"models {same} and {given} are the same weights: name each once; a comparison needs two checkpoints"
            )
        found.append(
            NamedModel(
                given=given, name=checkpoint.name, arm=arm, checkpoint=checkpoint,
                dtype=choose_dtype(dtype, where, checkpoint),
            )
        )  # fmt: skip
    return _told_apart(found)


def _told_apart(models: Sequence[NamedModel]) -> list[NamedModel]:
    """Return the models with unique names: where two are called the same, the folder above or the fingerprint is added."""
    for longer in (_with_folder, _with_fingerprint):
        twice = {name for name, n in Counter(each.name for each in models).items() if n > 1}
        models = [replace(each, name=longer(each)) if each.name in twice else each for each in models]
    return list(models)


def _with_folder(model: NamedModel) -> str:
    above = Path(model.given).expanduser().resolve().parent.name if model.checkpoint.is_local else ""
    return f"{above}/{model.name}" if above else model.name


def _with_fingerprint(model: NamedModel) -> str:
    return f"{model.name}@{model.checkpoint.sha256[:8]}"


def arms_of(models: Sequence[NamedModel]) -> dict[Arm, list[str]]:
    """Return the names of the models of each arm; the second is empty without a comparison."""
    arms: dict[Arm, list[str]] = {"first": [], "second": []}
    for each in models:
        arms[each.arm].append(each.name)
    return arms


def settings_of(kind: Kind, options: ProbeOptions) -> dict[str, object]:
    """Return the options that a kind of probe reads: the others change nothing in it."""
    values = asdict(options)
    return {name: values[name] for name in OPTIONS[kind]}


def claim(out: Path, config: Mapping[str, object], *, resume: bool) -> bool:
    """Make the folder that of one probe; return whether the probe is finished.

    Raises:
        ConfigError: the folder holds something else, another probe, or this one without `resume`.
        DataError: the folder cannot be written.
    """
    values = _read_back(config)
    finished = claim_folder(out, manifest=MANIFEST, config=values, resume=resume)
    remove_leftovers(out)
    if not finished:
        write_json(out / MANIFEST, {"schema": SCHEMA, "finished": False, "config": values})
    return finished


def release(out: Path) -> None:
    """Leave no folder behind that says nothing but that a probe was refused: the corrected command may use it."""
    if [path.name for path in out.iterdir()] == [MANIFEST]:
        (out / MANIFEST).unlink()
        out.rmdir()


def write_probe(
    out: Path, probe: ProbeJson, tables: "Mapping[str, pyarrow.Table]", config: Mapping[str, object]
) -> None:
    """Write `tables/NAME.parquet` and `probe.json`, and say in the manifest that the probe is whole.

    Raises:
        DataError: the folder cannot be written.
    """
    for name, table in tables.items():
        write_parquet(out / TABLES / f"{name}.parquet", table)
    write_json(out / PROBE, probe)
    write_json(out / MANIFEST, {"schema": SCHEMA, "finished": True, "config": _read_back(config)})


def read_probe(out: Path) -> ProbeJson:
    """Return the probe of a finished folder.

    Raises:
        DataError: `probe.json` is missing or has another shape.
    """
    try:
        found = read_json(out / PROBE)
    except DataError as error:
        raise DataError(f"{error}; probe again into a new folder") from error
    problem = f"schema {found.get('schema')!r}, needed is {SCHEMA}" if found.get("schema") != SCHEMA else None
    if problem := problem or unlike(found, ProbeJson):
        raise DataError(f"{out / PROBE}: {problem}; probe again into a new folder")
    return cast(ProbeJson, found)


def write_pages(out: Path, probe: ProbeJson, *, say: Callable[[str], None]) -> None:
    """Write the report, and every chart as PNG and SVG where matplotlib is installed.

    Raises:
        DataError: the folder cannot be written.
    """
    from xleval.evalkit.figures.files import write_figures
    from xleval.evalkit.figures.of_probe import probe_charts
    from xleval.evalkit.report.probe import write_probe_report

    write_probe_report(probe, out / REPORT)
    if find_spec("matplotlib") is None:
        say("figures are in report.html; as files they need matplotlib: pip install 'xleval[report]'")
        return
    write_figures(probe_charts(probe), out / FIGURES)


def summary_tables(figures: Sequence[FigureJson], changes: Sequence[ChangeJson]) -> "dict[str, pyarrow.Table]":
    """Return the summary figures, and what changed where there are two arms, as tables by the name of their file."""
    import pyarrow

    text, number = pyarrow.string(), pyarrow.float64()
    found = {
        "figures": pyarrow.Table.from_pylist(
            list(figures),
            schema=pyarrow.schema({"model": text, "name": text} | dict.fromkeys(("value", "low", "high"), number)),
        )
    }
    if changes:
        columns = {"name": text} | dict.fromkeys(("first", "second", "difference", "low", "high"), number)
        columns |= {"over_seeds": pyarrow.bool_(), "method": text}
        found["changes"] = pyarrow.Table.from_pylist(list(changes), schema=pyarrow.schema(columns))
    return found


def _read_back(config: Mapping[str, object]) -> dict[str, Any]:
    """Return a configuration as it will be read from its file: lists for tuples."""
    values: dict[str, Any] = json.loads(canonical_json(config))
    return values
