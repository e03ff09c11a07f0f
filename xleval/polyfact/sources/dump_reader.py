"""A Wikidata JSON dump as blocks of whole lines: plain, gzip, bzip2 or zstandard."""

import importlib
import io
import zlib
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from xleval.errors import ConfigError, DataError, MissingExtra

#: Endings of file names that are read.
SUFFIXES = (".json", ".gz", ".bz2", ".zst")
#: Bytes of JSON that go to a worker at a time; no item of Wikidata is longer (they have up to some 5 MB).
BLOCK_BYTES = 16 << 20
#: Stands for a line that is longer than a block.
TOO_LONG = b"(a line longer than any item)"
_TAIL = 1 << 16
_CHUNK = 1 << 12  # of a .zst archive: a byte of it may stand for 32,768, and zstandard holds that twice


class LineBlocks:
    """Reads a dump block by block; use it in a `with` statement.

    Args:
        path: file with a name that ends in one of `SUFFIXES`.

    Attributes:
        offset: bytes of JSON that were handed out.

    Raises:
        ConfigError: the file does not exist or has another ending.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix not in SUFFIXES:
            raise ConfigError(f"{path.name} is no dump that can be read; its name must end in {', '.join(SUFFIXES)}")
        try:
            self._file: BinaryIO = path.open("rb", buffering=0)
        except OSError as error:
            raise ConfigError(f"cannot read the dump {path}: {error.strerror}. Give the path of a dump") from error
        self.offset = 0
        self._path = path
        self._size = path.stat().st_size
        self._errors, self._stream = _unpack(path.suffix, self._file)
        self._carry = b""
        self._ended = False

    def __enter__(self) -> "LineBlocks":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        self._file.close()

    @property
    def share(self) -> float:
        """How much of the file was read, 0 to 1."""
        return self._file.tell() / self._size if self._size else 1.0

    def read_into(self, buffer: memoryview) -> int:
        """Fill a buffer with whole lines and return their bytes; 0 at the end. The last line may lack its newline.

        A line that is longer than the buffer is passed over: in its place `TOO_LONG` is handed out.

        Raises:
            DataError: the file is cut or damaged.
        """
        held = len(self._carry)
        buffer[:held] = self._carry
        while held < len(buffer) and not self._ended:
            read = self._read(buffer[held:])
            held += read
            self._ended = not read
        end = held if self._ended else _last_newline(buffer, held)
        if held and not end:
            return self._pass_over(buffer, held)
        self._carry = bytes(buffer[end:held])
        self.offset += end
        return end

    def _pass_over(self, buffer: memoryview, held: int) -> int:
        """Read to the end of a line of which a buffer is full, and hand out `TOO_LONG`."""
        self._carry = b""
        while not self._ended:
            read = self._read(buffer)
            self._ended = not read
            end = bytes(buffer[:read]).find(b"\n") + 1
            held += end or read
            if end:
                self._carry = bytes(buffer[end:read])
                break
        self.offset += held
        buffer[: len(TOO_LONG) + 1] = TOO_LONG + b"\n"
        return len(TOO_LONG) + 1

    def _read(self, buffer: memoryview) -> int:
        try:
            return int(self._stream.readinto(buffer))
        except self._errors as error:
            where = f"{self._path.name} after {self._file.tell()} of its {self._size} bytes"
            what = "is cut off" if isinstance(error, EOFError) else f"is damaged ({error})"
            raise DataError(f"the dump {what}: {where}. Download it again") from error


def _last_newline(buffer: memoryview, held: int) -> int:
    """Return where the last whole line ends, 0 if no line is whole."""
    start = held
    while start > 0:
        start = max(0, start - _TAIL)
        found = bytes(buffer[start : min(start + _TAIL, held)]).rfind(b"\n")
        if found >= 0:
            return start + found + 1
    return 0


def _unpack(suffix: str, file: BinaryIO) -> tuple[tuple[type[BaseException], ...], Any]:
    """Return the errors of a decompressor and its stream; all of them read on where one archive follows another."""
    if suffix == ".gz":
        return _gzip(file)
    if suffix == ".bz2":
        import bz2

        return (EOFError, OSError, ValueError), bz2.BZ2File(file)
    if suffix == ".zst":
        try:
            import zstandard
        except ModuleNotFoundError as error:
            raise MissingExtra("wikidata", "reading a .zst dump") from error
        return (EOFError, OSError, zstandard.ZstdError), _ZstdStream(file, zstandard.ZstdDecompressor())
    return (OSError,), file


def _gzip(file: BinaryIO) -> tuple[tuple[type[BaseException], ...], Any]:
    """Return a gzip stream: by ISA-L, three times as fast as zlib, where it is installed."""
    try:
        fast: Any = importlib.import_module("isal.igzip")
    except ModuleNotFoundError:
        import gzip

        return (EOFError, OSError, zlib.error), gzip.GzipFile(fileobj=file)
    return (EOFError, OSError, zlib.error, fast.isal_zlib.IsalError), fast.IGzipFile(fileobj=file)


class _ZstdStream(io.RawIOBase):
    """Frames one after the other; unlike zstandard's own reader it says when the last one is cut off."""

    def __init__(self, file: BinaryIO, decompressor: Any) -> None:
        self._file = file
        self._new = decompressor.decompressobj
        self._frame: Any = None
        self._input = b""
        self._output = memoryview(b"")

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as one piece of output goes; 0 at the end."""
        while not self._output:
            if not self._input and not (data := self._file.read(_CHUNK)):
                if self._frame is not None:
                    raise EOFError("the last frame is not whole")
                return 0
            elif not self._input:
                self._input = data
            frame = self._frame or self._new()
            self._output = memoryview(frame.decompress(self._input))
            self._input, self._frame = (frame.unused_data, None) if frame.eof else (b"", frame)
        n = min(len(buffer), len(self._output))
        buffer[:n] = self._output[:n]
        self._output = self._output[n:]
        return n
