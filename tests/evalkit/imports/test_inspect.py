"""Logs of Inspect: archives and JSON of the shape that inspect_ai 0.3.285 writes.

The shape was read off logs that `inspect_ai.eval` wrote on 2026-11-21 with the model `mockllm/model`, the scorers
`match(numeric=True)` and `choice()`, and two epochs; columns that are not read are left out here. That version compresses
the members with Zstandard (method 93 of zip), which Python's zipfile cannot write before 3.14: `as_zstandard` below
rewrites an archive so.
"""

import json
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from xleval.errors import DataError
from xleval.evalkit.imports import import_samples
from xleval.evalkit.imports.fields import parse_map

HEADER = {"version": 2, "status": "success", "eval": {"task": "mgsm_sw", "model": "mockllm/model"}}


def sample(
    item: int, epoch: int, answer: object, value: str, *, stop: str = "stop", **found: object
) -> dict[str, object]:
    message = {"role": "assistant", "content": answer}
    return {
        "id": item, "epoch": epoch, "input": "Mayai 16 - 3 ni ngapi?", "target": "13",
        "messages": [{"role": "user", "content": "Mayai 16 - 3 ni ngapi?"}, message],
        "output": {
            "model": "mockllm/model", "choices": [{"message": message, "stop_reason": stop}], "completion": str(answer),
            "usage": {"input_tokens": 7, "output_tokens": 5, "total_tokens": 12},
        },
        "scores": {"match": {"value": value, "answer": "13"}}, "metadata": {}, **found,
    }  # fmt: skip


SAMPLES = [
    sample(1, 1, "<think>16-3</think>Jibu ni 13.", "C"),
    sample(2, 1, "Jibu ni 5", "I", stop="max_tokens"),
    sample(1, 2, "Jibu ni 13", "C", stop="content_filter"),
]


def write(file: Path, samples: list[dict[str, object]], header: dict[str, object] = HEADER) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_journal/start.json", json.dumps({key: header[key] for key in ("version", "eval")}))
        for each in samples:
            archive.writestr(f"samples/{each['id']}_epoch_{each['epoch']}.json", json.dumps(each))
        archive.writestr("summaries.json", "[]")
        archive.writestr("header.json", json.dumps(header))
    return file


def as_zstandard(file: Path) -> None:
    """Rewrite an archive with every member compressed with Zstandard."""
    import pyarrow

    with zipfile.ZipFile(file) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    packed = {name: pyarrow.Codec("zstd").compress(content, asbytes=True) for name, content in contents.items()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in packed.items():
            archive.writestr(name, content)
        places = [(info.header_offset, name) for name, info in ((info.filename, info) for info in archive.infolist())]
    raw = bytearray(file.read_bytes())
    central = raw.index(b"PK\x01\x02")
    for offset, name in places:
        true = struct.pack("<LLL", zlib.crc32(contents[name]), len(packed[name]), len(contents[name]))
        raw[offset + 8 : offset + 10] = raw[central + 10 : central + 12] = struct.pack("<H", 93)
        raw[offset + 14 : offset + 26] = raw[central + 16 : central + 28] = true
        central = raw.find(b"PK\x01\x02", central + 4)
    file.write_bytes(bytes(raw))


@pytest.mark.parametrize("kind", ["deflate", "zstandard", "json"])
def test_samples_epochs_and_stop_reasons(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "2026-11-21T10-44-06-00-00_mgsm-sw_FgeDsfo9oFJdt8yDt7jhKc.eval"
    if kind == "json":
        file = file.with_suffix(".json")
        file.write_text(json.dumps({**HEADER, "samples": SAMPLES}), encoding="utf-8")
    else:
        write(file, SAMPLES)
    if kind == "zstandard":
        as_zstandard(file)
        with zipfile.ZipFile(file) as archive:
            assert {info.compress_type for info in archive.infolist()} == {93}
    samples, report = import_samples("inspect", tmp_path)
    assert report.model == "mockllm/model"
    assert [(s.task, s.lang, s.item_id, s.sample_index) for s in samples] == [
        ("mgsm", "sw", "1", 0), ("mgsm", "sw", "2", 0), ("mgsm", "sw", "1", 1),
    ]  # fmt: skip
    assert [s.correct for s in samples] == [True, False, True]
    assert [s.finish_reason for s in samples] == ["stop", "length", None]
    assert samples[2].grouping() == {"stop_reason": "content_filter", "tool_correct": "yes"}
    assert [s.n_completion_tokens for s in samples] == [5, 5, 5]
    assert samples[0].prompt == "Mayai 16 - 3 ni ngapi?"
    assert (samples[0].reasoning, samples[0].prediction) == ("16-3", "13")
    assert (report.agreement["mgsm"].both_right, report.agreement["mgsm"].both_wrong) == (2, 1)


def test_an_error_is_missing_and_not_wrong(tmp_path: Path) -> None:
    broken = sample(1, 1, "", "I") | {"output": {"choices": []}, "scores": {}, "error": {"message": "rate limit"}}
    file = write(tmp_path / "log.eval", [broken])
    (found,), report = import_samples("inspect", file)
    assert (found.correct, found.completion, found.unscored_reason) == (None, None, "error in Inspect: rate limit")
    assert report.scored_by == {"nothing": 1}


def test_letters_keep_the_verdict(tmp_path: Path) -> None:
    """`multiple_choice()` asks for a letter in words: no log-probabilities, and no number."""
    asked = sample(1, 1, "ANSWER: B", "C") | {"choices": ["Lagos", "Nairobi"], "target": "B"}
    asked["scores"] = {"choice": {"value": "C", "answer": "B"}}
    (found,), report = import_samples("inspect", write(tmp_path / "log.eval", [asked]))
    assert (found.kind, found.gold, found.prediction, found.correct) == ("generation", "B", "B", True)
    assert report.scored_by == {"tool": 1}


def test_reasoning_parts_attachments_and_conversations(tmp_path: Path) -> None:
    content = [{"type": "reasoning", "reasoning": "16-3"}, {"type": "text", "text": "attachment://a1"}]
    asked = sample(1, 1, content, "C", attachments={"a1": "Jibu ni 13."}, metadata={"lang": "Kiswahili"})
    asked["messages"] = [{"role": "system", "content": "attachment://a1"}, *asked["messages"]]  # type: ignore[misc]
    file = write(tmp_path / "log.eval", [asked], {**HEADER, "eval": {"task": "org/mgsm", "model": "m"}})
    (found,), _ = import_samples("inspect", file)
    assert (found.task, found.lang) == ("mgsm", "sw")
    assert found.completion == "<think>\n16-3\n</think>\n\nJibu ni 13."
    assert found.prompt == "system: Jibu ni 13.\n\nuser: Mayai 16 - 3 ni ngapi?"


def test_of_several_scorers_one_must_be_named(tmp_path: Path) -> None:
    asked = sample(1, 1, "Jibu ni 13", "C")
    asked["scores"] = {"match": {"value": "C"}, "grader": {"value": "I"}}
    file = write(tmp_path / "log.eval", [asked])
    (found,), _ = import_samples("inspect", file)
    assert "tool_correct" not in found.grouping()
    (found,), _ = import_samples("inspect", file, fields=parse_map(["correct=scores.grader.value"]))
    assert found.grouping()["tool_correct"] == "no"


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "log.eval", SAMPLES)
    as_zstandard(file)
    raw = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        info = archive.getinfo("samples/1_epoch_1.json")
    raw[info.header_offset + 30 + len(info.filename) + 40] ^= 0xFF
    file.write_bytes(bytes(raw))
    with pytest.raises(DataError, match=r"log\.eval is not readable as a log of Inspect"):
        import_samples("inspect", file)
    file.write_bytes(b"no archive")
    with pytest.raises(DataError, match="is not readable as a log of Inspect"):
        import_samples("inspect", file)
    other = tmp_path / "other.json"
    other.write_text('{"results": {}}', encoding="utf-8")
    with pytest.raises(DataError, match=r"other\.json is no log of Inspect: it names no eval\.task"):
        import_samples("inspect", other)


def test_a_sample_that_is_none_is_rejected_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "log.json"
    file.write_text(json.dumps({**HEADER, "samples": [SAMPLES[0], None, "x"]}), encoding="utf-8")
    samples, report = import_samples("inspect", file)
    assert len(samples) == 1
    assert [each.where for each in report.rejected] == ["log.json, row 2", "log.json, row 3"]


def test_an_archive_that_is_locked_or_a_bomb_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "log.eval", SAMPLES)
    raw = bytearray(file.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + flags] |= 1  # says that it is encrypted
            at = raw.find(mark, at + 4)
    file.write_bytes(bytes(raw))
    with pytest.raises(DataError, match=r"not readable as a log of Inspect: .*encrypted"):
        import_samples("inspect", file)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps(HEADER))
        with archive.open("samples/1_epoch_1.json", "w") as member:
            for _ in range(300):
                member.write(b" " * (1 << 20))
    assert file.stat().st_size < 1 << 20
    with pytest.raises(DataError, match=r"300 MiB; a sample of up to 256 MiB is read"):
        import_samples("inspect", file)
