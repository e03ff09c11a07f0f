"""What a damaged or foreign Parquet file makes of its reading, as one error that names the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xleval.errors import DataError, first_line


@contextmanager
def reading_parquet(path: Path) -> Iterator[None]:
    """Read a Parquet file within this.

    Beside Arrow's own errors there are Python's: a text that is not UTF-8, a moment past the year 9999, two fields of one name,
    metadata that ask for more memory than there is.

    Raises:
        DataError: the file cannot be read.
    """
    import pyarrow

    try:
        yield
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist") from error
    except (
        pyarrow.ArrowException,
        OSError,
        ValueError,
        TypeError,
        OverflowError,
        MemoryError,
        RecursionError,
    ) as error:
        raise DataError(f"{path} is not readable as Parquet: {first_line(error)}") from error
