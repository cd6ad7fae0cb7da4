"""Ceilings for the collector: granian serving a bare WSGI callable on a free port.

    python -m bench.ceiling {fsync,read} FOLDER WORKERS THREADS

It reads each body and, with `fsync`, appends a line to a file of the worker's and syncs it: the
least that a server must do which answers only for what is on disk.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
_LINE = b"x" * 80 + b"\n"
_ANSWER = b'{"processed":100}'


class Ceiling:
    """Makes the callable inside a worker."""

    def __init__(self, kind: str, folder: Path) -> None:
        """`kind` is `fsync` or `read`."""
        self.kind, self.folder = kind, folder

    def __call__(self) -> Wsgi:
        """Make the callable."""
        file = os.open(self.folder / f"{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        lock = threading.Lock()
        syncs = self.kind == "fsync"

        def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            environ["wsgi.input"].read()
            if syncs:
                with lock:
                    os.write(file, _LINE)
                    os.fsync(file)
            length = str(len(_ANSWER))
            start_response(
                "200 OK", [("Content-Type", "application/json"), ("Content-Length", length)]
            )
            return [_ANSWER]

        return answer


def main() -> None:
    """Serve until stopped, as the collector is served."""
    kind, folder, workers, threads = sys.argv[1:]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(
        "bench.ceiling:Ceiling",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        loop=Loops.asyncio,
        workers=int(workers),
        blocking_threads=int(threads),
        backpressure=int(threads) * 8,
        websockets=False,
        log_level=LogLevels.warning,
    )
    print(f"serving on http://127.0.0.1:{port}", flush=True)
    server.serve(target_loader=Ceiling(kind, Path(folder)), wrap_loader=False)


if __name__ == "__main__":
    main()
