"""Writing a table as a Parquet file."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from xleval.data.storage import make_folder, write_atomically

if TYPE_CHECKING:
    import pyarrow as pa


def write_parquet(path: Path, table: "pa.Table") -> None:
    """Write a table as one Parquet file, whole or not at all; its folder is made.

    Raises:
        DataError: the folder cannot be written.
    """
    from pyarrow import parquet

    make_folder(path.parent)
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="zstd")
    write_atomically(path, buffer.getvalue())
