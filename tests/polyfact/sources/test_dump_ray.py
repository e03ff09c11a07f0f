"""The same passes on a Ray cluster of this machine: the same answers."""

import gzip
import json
from pathlib import Path

import pytest

pytest.importorskip("ray")
pytest.importorskip("msgspec")

from xleval.errors import ConfigError, DataError
from xleval.polyfact.sources import SourceOptions
from xleval.polyfact.sources.dump import DumpSource, open_dump

RELATIONS = ("P17", "P36")


def write(folder: Path, n: int) -> Path:
    """Write a dump of items of some KB: item k has P36 k+1, and P17 Q1 when k is even; every tenth has one label."""
    lines = []
    for number in range(1, n + 1):
        stated = {"P36": number + 1} | ({"P17": 1} if number % 2 == 0 else {})
        claims = {
            pid: [
                {
                    "mainsnak": {
                        "snaktype": "value",
                        "datavalue": {"value": {"entity-type": "item", "id": f"Q{target}"}},
                    },
                    "rank": "normal",
                }
            ]
            for pid, target in stated.items()
        }
        labels = {
            lang: {"language": lang, "value": f"{number} {lang}"} for lang in ("en", "sw")[: 1 + (number % 10 > 0)]
        }
        text = {"en": {"value": "long " * 500}}
        lines.append(
            json.dumps({"type": "item", "id": f"Q{number}", "labels": labels, "descriptions": text, "claims": claims})
        )
    path = folder / "ray-20260101.json.gz"
    path.write_bytes(gzip.compress(("[\n" + ",\n".join(lines) + "\n]\n").encode(), 1))
    return path


def options(work: Path, executor: str) -> SourceOptions:
    return SourceOptions(
        languages=("en", "sw"), relations=RELATIONS, min_langs=2, work=work, executor=executor, workers=2
    )


def everything(source: DumpSource) -> tuple[object, ...]:
    qids = [f"Q{number}" for number in range(1, 300)]
    return (
        [source.statements(pid) for pid in RELATIONS],
        list(source.entities(qids)),
        list(source.bystanders()),
        source.uncovered(),
        dict(source.description),
    )


def test_ray_gives_what_this_machine_gives(tmp_path: Path) -> None:
    path = write(tmp_path, 16_000)  # 43 MB: three blocks
    local = open_dump(path, options(tmp_path / "local", "local"))
    spread = open_dump(path, options(tmp_path / "ray", "ray"))
    assert everything(spread) == everything(local)
    # by hand: 90 % of 16,000 have two labels; those with an even number are 8,000, of which 1,600 end in 0
    assert [len(spread.statements(pid)) for pid in RELATIONS] == [8000 - 1600, 14_400]
    assert spread.uncovered() == {"P17": 1600, "P36": 1600}


def test_faults(tmp_path: Path) -> None:
    path = write(tmp_path, 200)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"is cut off: ray-20260101.json.gz .*items were read\)"):
        open_dump(path, options(tmp_path / "ray", "ray"))
    with pytest.raises(ConfigError, match=r"must end in \.json"):
        open_dump(path.rename(tmp_path / "dump.xz"), options(tmp_path / "ray", "ray"))
