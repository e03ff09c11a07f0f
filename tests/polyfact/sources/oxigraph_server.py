"""The real Oxigraph server over a folder of its own."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def serve(lines: Iterable[str], folder: Path, *options: str) -> Iterator[str]:
    """Yield the URL of a server that holds N-Triples, loaded as Wikidata's dumps must be; `options` are further ones of `oxigraph serve-read-only`."""
    binary = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    if binary is None:
        pytest.skip("needs the server of PyPI's oxigraph: pip install oxigraph")
    file, database = folder / "graph.nt", folder / "database"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    subprocess.run(
        [binary, "load", "--location", database, "--file", file, "--lenient"], check=True, capture_output=True
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [binary, "serve-read-only", "--location", database, "--bind", f"127.0.0.1:{port}", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port, server)
            yield f"http://127.0.0.1:{port}/query"
        finally:
            server.terminate()


def _wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if server.poll() is not None:
                break
            time.sleep(0.025)
        else:
            return
    raise RuntimeError("oxigraph does not start")
