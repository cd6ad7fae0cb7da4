"""What the collector's front costs: instructions a request, beside Flask on granian's own WSGI.

    python -m bench.front

Both serve the same application to the same requests, one after the other on one connection, below
valgrind, which counts what the worker executes in user space: a number that a busy machine does not
change. Two runs of different length are subtracted, so that the start does not count.

    python -m bench.front crowd

How long an honest sender waits beside those that never finish.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.util import Finalize
from pathlib import Path
from statistics import median
from typing import Any

import click
from granian.constants import HTTPModes, Interfaces, Loops
from granian.log import LogLevels
from granian.server import Server
from rich.console import Console
from rich.table import Table

from bench.collector import (
    BATCH,
    collector_command,
    connect,
    read_answer,
    request,
    sample_batches,
    serving,
)
from bench.report import REPORT_WIDTH
from ingest.app import create_app
from ingest.config import Config
from ingest.front import HEAD_SECONDS, Front

_FRONTS = {"wsgi": "granian's WSGI", "front": "the front"}
_THREADS = 8
_PATIENCE_SECONDS = 300.0  # valgrind takes its time


@dataclass(frozen=True)
class Cost:
    """Instructions of the worker for one request of `events` events."""

    front: str
    events: int
    instructions: float


@click.group(invoke_without_command=True)
@click.option("--requests", default=300, show_default=True, type=click.IntRange(2))
@click.pass_context
def main(context: click.Context, requests: int) -> None:
    """Count the instructions of a request under each front."""
    if context.invoked_subcommand:
        return
    if shutil.which("valgrind") is None:
        raise click.ClickException("valgrind is not installed (Debian: apt-get install valgrind)")
    costs = []
    for events in (1, BATCH):
        body = _body(events)
        for front in _FRONTS:
            few, many = requests // 10, requests
            counted = [_count(front, body, number) for number in (few, many)]
            costs.append(Cost(front, events, (counted[1] - counted[0]) / (many - few)))
    _show(costs)


@main.command()
@click.argument("front", type=click.Choice(list(_FRONTS)))
@click.argument("port", type=int)
def serve(front: str, port: int) -> None:
    """Serve the collector, configured by the environment, until stopped."""
    options: dict[str, Any] = {"interface": Interfaces.ASGI}
    if front == "wsgi":
        options = {"interface": Interfaces.WSGI, "blocking_threads": _THREADS}
    server = Server(
        "bench.front:Loader",
        port=port,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.error,
        **options,
    )
    print(f"serving on http://127.0.0.1:{port}", flush=True)
    server.serve(target_loader=Loader(front), wrap_loader=False)


class Loader:
    """Makes the application inside the worker."""

    def __init__(self, front: str) -> None:
        """`front` is `wsgi` or `front`."""
        self.front = front

    def __call__(self) -> Callable[..., Any]:
        """Make the application."""
        config = Config.from_env()
        app = create_app(config)
        Finalize(None, app.extensions["collector"].close, exitpriority=10)
        return app.wsgi_app if self.front == "wsgi" else Front(app.wsgi_app, config)


@main.command()
@click.option("--idle", default=1000, show_default=True, help="Sockets that send nothing.")
@click.option("--halves", default=200, show_default=True, help="Half-sent heads, and bodies.")
@click.option("--tries", default=50, show_default=True, type=click.IntRange(1))
def crowd(idle: int, halves: int, tries: int) -> None:
    """Measure the wait of honest senders on one worker, without and with a crowd."""
    key = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        address, _ = stack.enter_context(serving(*collector_command(Path(folder), 1, key)))
        post = request(address, key, _body(1), "plain")
        health = f"GET /health HTTP/1.1\r\nHost: {address}\r\n\r\n".encode()
        waits = {"alone": [_waits(address, one, tries) for one in (health, post)]}
        until = time.monotonic() + HEAD_SECONDS
        for sent in [b""] * idle + [post[:60]] * halves + [post[:-10]] * halves:
            stack.enter_context(connect(address)).sendall(sent)
        waits["in the crowd"] = [_waits(address, one, tries) for one in (health, post)]
        if time.monotonic() >= until:
            raise click.ClickException("the crowd was let go meanwhile; take fewer --tries")
    table = Table(
        title=f"{idle} idle sockets, {halves} half-sent heads, {halves} half-sent bodies: ms",
        title_justify="left",
        title_style="bold",
    )
    for column in ("", "/health p50", "/health max", "an event p50", "an event max"):
        table.add_column(column, justify="right")
    for name, both in waits.items():
        cells = [f"{wait * 1000:.1f}" for one in both for wait in (median(one), max(one))]
        table.add_row(name, *cells)
    Console(width=REPORT_WIDTH).print(table)


def _waits(address: str, sent: bytes, tries: int) -> list[float]:
    """Seconds until an answer, each on a connection of its own."""
    waits = []
    for _ in range(tries):
        started = time.perf_counter()
        with connect(address) as connection:
            connection.sendall(sent)
            read_answer(connection)
        waits.append(time.perf_counter() - started)
    return waits


def _body(events: int) -> bytes:
    """The first batch of the sample, or its first event."""
    (batch,) = sample_batches(1)
    return batch if events == BATCH else json.dumps(json.loads(batch)[0]).encode()


def _count(front: str, body: bytes, number: int) -> int:
    """Instructions of a worker that starts, answers `number` requests and stops."""
    key = secrets.token_urlsafe(24)
    keys = json.dumps([{"name": "bench", "key": key, "tenants": "*"}])
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [
            *("valgrind", "--tool=cachegrind", "--cache-sim=no", "--trace-children=yes"),
            *(f"--log-file={folder}/%p.log", f"--cachegrind-out-file={folder}/%p.out"),
            *(sys.executable, "-m", "bench.front", "serve", front, str(port)),
        ]
        environment = os.environ | {
            "BIOQMS_DATA": f"{folder}/data",
            "BIOQMS_WRITE_KEYS": keys,
            "BIOQMS_THREADS": str(_THREADS),
            "PYTHONHASHSEED": "0",
        }
        with serving(command, environment) as (address, process):
            one = request(address, key, body, "plain")
            with connect(address, _PATIENCE_SECONDS) as connection:
                for _ in range(number):
                    connection.sendall(one)
                    read_answer(connection)
            parent = process.pid
        return sum(
            int(found[1].replace(",", ""))
            for log in Path(folder).glob("*.log")
            if log.stem != str(parent)
            and (found := re.search(r"I\s+refs:\s+([\d,]+)", log.read_text()))
        )


def _show(costs: Sequence[Cost]) -> None:
    table = Table(
        title="instructions of the worker, user space", title_justify="left", title_style="bold"
    )
    table.add_column("events in the request", justify="right")
    for name in _FRONTS.values():
        table.add_column(f"{name}, a request", justify="right")
    table.add_column("ratio", justify="right")
    table.add_column("more, an event", justify="right")
    for events in (1, BATCH):
        wsgi, front = (
            next(c.instructions for c in costs if (c.front, c.events) == (name, events))
            for name in _FRONTS
        )
        table.add_row(
            str(events),
            f"{wsgi:,.0f}",
            f"{front:,.0f}",
            f"{front / wsgi:.3f}",
            f"{(front - wsgi) / events:,.0f}",
        )
    Console(width=REPORT_WIDTH).print(table)


if __name__ == "__main__":
    main()
