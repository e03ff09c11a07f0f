"""The JSON files in an `.eval` archive of Inspect, which is a zip file compressed with deflate or Zstandard."""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from xleval.errors import DataError
from xleval.evalkit.imports.values import foreign_json

_ZSTANDARD = 93  # zipfile reads this method from Python 3.14 on
_LARGEST = 1 << 28  # bytes of a member; a small archive can hold any number of them
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, … length of the name, length of the extra field


def header_of(file: Path) -> Mapping[str, object]:
    """Return what an archive says of its task and model; of a run that was broken off, what it said at its start.

    Raises:
        DataError: the file is no such archive.
    """
    for name in ("header.json", "_journal/start.json"):
        for found in _members(file, name.__eq__):
            return found
    raise DataError(f"{file} is no log of Inspect: the archive has no header.json")


def samples_of(file: Path) -> Iterator[Mapping[str, object]]:
    """Yield the samples of an archive in its order.

    Raises:
        DataError: the archive is damaged.
    """
    return _members(file, lambda name: name.startswith("samples/") and name.endswith(".json"))


def _members(file: Path, wanted: Callable[[str], bool]) -> Iterator[Mapping[str, object]]:
    try:
        with zipfile.ZipFile(file) as archive, file.open("rb") as raw:
            # a sample that was scored again stands in the archive twice, the newer one last
            members = {member.filename: member for member in archive.infolist() if wanted(member.filename)}
            for member in members.values():
                if member.file_size > _LARGEST:
                    raise DataError(
                        f"{file}, {member.filename}: {member.file_size >> 20} MiB; a sample of up to {_LARGEST >> 20} MiB is read"
                    )
                zstandard = member.compress_type == _ZSTANDARD
                content = _zstandard(raw.read, raw.seek, member) if zstandard else archive.read(member)
                found = foreign_json(content)
                if not isinstance(found, Mapping):
                    raise DataError(f"{file}, {member.filename}: a JSON object is needed")
                yield found
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        NotImplementedError,
        ValueError,
        RuntimeError,
        EOFError,
    ) as error:
        raise DataError(f"{file} is not readable as a log of Inspect: {error}") from error


def _zstandard(read: Callable[[int], bytes], seek: Callable[[int], int], member: zipfile.ZipInfo) -> bytes:
    """Return the content of a member compressed with Zstandard, checked against its length and checksum."""
    import pyarrow

    seek(member.header_offset)
    signature, n_name, n_extra = _LOCAL_HEADER.unpack(read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"{member.filename} has no local header")
    seek(member.header_offset + _LOCAL_HEADER.size + n_name + n_extra)
    packed = read(member.compress_size)
    content: bytes = pyarrow.Codec("zstd").decompress(packed, decompressed_size=member.file_size, asbytes=True)
    if zlib.crc32(content) != member.CRC:
        raise zipfile.BadZipFile(f"{member.filename} does not have the checksum it was stored with")
    return content
