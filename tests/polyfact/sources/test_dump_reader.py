"""Blocks of whole lines from real archives: made by gzip, bzip2 and zstandard, whole, in pieces, cut and damaged."""

import bz2
import gzip
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xleval.errors import ConfigError, DataError
from xleval.polyfact.sources.dump_reader import TOO_LONG, LineBlocks

LINES = [b'{"id":"Q%d","text":"%s"},\n' % (number, b"abcdefghij" * (number % 50)) for number in range(3000)]
JSON = b"[\n" + b"".join(LINES) + b"]\n"


def zst(data: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    return bytes(zstandard.ZstdCompressor().compress(data))


PACK: dict[str, Callable[[bytes], bytes]] = {
    ".json": lambda data: data,
    ".gz": lambda data: gzip.compress(data),
    ".bz2": lambda data: bz2.compress(data),
    ".zst": zst,
}


def write(folder: Path, suffix: str, data: bytes) -> Path:
    path = folder / f"dump{suffix}"
    path.write_bytes(data)
    return path


def read(path: Path, size: int) -> list[tuple[int, bytes]]:
    """Return offset and bytes of every block."""
    buffer, found = memoryview(bytearray(size)), []
    with LineBlocks(path) as blocks:
        while True:
            offset = blocks.offset
            if not (end := blocks.read_into(buffer)):
                assert blocks.share == 1.0
                return found
            found.append((offset, bytes(buffer[:end])))


@pytest.mark.parametrize("size", [600, 1000, 65_536 + 7, 10_000_000])
@pytest.mark.parametrize("suffix", PACK)
def test_blocks_are_whole_lines_and_all_of_them(tmp_path: Path, suffix: str, size: int) -> None:
    blocks = read(write(tmp_path, suffix, PACK[suffix](JSON)), size)
    assert b"".join(block for _, block in blocks) == JSON
    assert all(block.endswith(b"\n") and JSON[offset:].startswith(block) for offset, block in blocks)
    assert len(blocks) > 1 or size == 10_000_000


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
def test_archives_one_after_the_other(tmp_path: Path, suffix: str) -> None:
    """As pigz, pbzip2 and pzstd write them; a piece may end within a line."""
    pieces = [JSON[start : start + 100_001] for start in range(0, len(JSON), 100_001)]
    assert len(pieces) > 5
    path = write(tmp_path, suffix, b"".join(map(PACK[suffix], pieces)))
    assert b"".join(block for _, block in read(path, 50_000)) == JSON


@pytest.mark.parametrize("suffix", PACK)
def test_last_line_without_newline(tmp_path: Path, suffix: str) -> None:
    data = JSON + b'{"id":"Q1"}'
    assert b"".join(block for _, block in read(write(tmp_path, suffix, PACK[suffix](data)), 1000)) == data


@pytest.mark.parametrize("suffix", PACK)
def test_empty_dump(tmp_path: Path, suffix: str) -> None:
    assert read(write(tmp_path, suffix, PACK[suffix](b"")), 1000) == []


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
def test_cut_off(tmp_path: Path, suffix: str) -> None:
    whole = PACK[suffix](JSON)
    path = write(tmp_path, suffix, whole[: len(whole) * 2 // 3])
    with pytest.raises(DataError, match=rf"is cut off: dump{suffix} after \d+ of its {len(whole) * 2 // 3} bytes"):
        read(path, 1000)


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
def test_damaged(tmp_path: Path, suffix: str) -> None:
    whole = bytearray(PACK[suffix](JSON))
    middle = len(whole) // 2
    whole[middle : middle + 64] = bytes(64)
    with pytest.raises(DataError, match="is damaged"):
        read(write(tmp_path, suffix, bytes(whole)), 1000)


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".zst"])
def test_something_else_under_that_name(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(DataError, match=r"is damaged|is cut off"):
        read(write(tmp_path, suffix, JSON), 1000)


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_longer_than_a_block_is_passed_over(tmp_path: Path, suffix: str, end: bytes) -> None:
    """What stands around it is handed out, at the places that it has in the whole."""
    data = b"[\n" + LINES[0] + b"x" * 5000 + b"\n" + LINES[1] + b"y" * 1000 + end
    blocks = read(write(tmp_path, suffix, PACK[suffix](data)), 1000)
    assert b"".join(block for _, block in blocks).split(b"\n")[:4] == [b"[", LINES[0][:-1], TOO_LONG, LINES[1][:-1]]
    assert next(offset for offset, block in blocks if block == TOO_LONG + b"\n") == data.index(b"xx")


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_bomb_takes_no_more_memory_than_a_dump(tmp_path: Path, suffix: str) -> None:
    """Half a gigabyte of zeros in one line; of Zstandard it is 16 kB, less than is read from a file at a time."""
    pieces = [b"[\n", *[bytes(1 << 25)] * 16, b"\n" + LINES[0]]
    packer: Any = zlib.compressobj(1, wbits=31)
    if suffix == ".zst":
        packer = pytest.importorskip("zstandard").ZstdCompressor().compressobj()
    path = write(tmp_path, suffix, b"".join(map(packer.compress, pieces)) + packer.flush())
    tracemalloc.start()
    try:
        blocks = read(path, 1 << 20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [block for _, block in blocks] == [b"[\n", TOO_LONG + b"\n", LINES[0]]
    assert peak < 300 << 20


def test_names(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"must end in \.json, \.gz, \.bz2, \.zst"):
        LineBlocks(write(tmp_path, ".xz", b""))
    with pytest.raises(ConfigError, match=r"cannot read the dump .*: No such file"):
        LineBlocks(tmp_path / "absent.gz")


def test_gzip_without_isal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "isal.igzip", None)
    path = write(tmp_path, ".gz", gzip.compress(JSON) + gzip.compress(LINES[0]))
    assert b"".join(block for _, block in read(path, 1000)) == JSON + LINES[0]
    path.write_bytes(gzip.compress(JSON)[:-100])
    with pytest.raises(DataError, match="is cut off"):
        read(path, 1000)
