"""What the collector bears: events a second and a CPU-second, and how long a batch waits.

    python -m bench.collector --connections 8 --seconds 10

The real collector runs on the loopback and is sent batches that were made beforehand; then, with
the same batches, two bare servers that show what granian and the disk would allow.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import psutil  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table

from bench.process import ROOT
from bench.report import REPORT_WIDTH
from bioqms import sample
from ingest.errors import EventError
from ingest.steps.validate import validate

BATCH = 100
_BATCHES = 64
_WARM_UP_SECONDS = 1.0
_START_SECONDS = 300
_THREADS = 8  # of a worker: the collector's own default


@dataclass(frozen=True)
class Load:
    """What one server did under load. Seconds; latencies are those of a batch."""

    server: str
    encoding: str
    seconds: float
    batches: int
    server_cpu_seconds: float
    client_cpu_seconds: float
    p50_seconds: float
    p99_seconds: float

    @property
    def events_per_second(self) -> float:
        """Events answered in a second of the clock."""
        return self.batches * BATCH / self.seconds

    @property
    def events_per_cpu_second(self) -> float:
        """Events answered for a second that the server's processes computed."""
        return self.batches * BATCH / max(self.server_cpu_seconds, 1e-9)


@click.command()
@click.option("--connections", default=8, show_default=True, type=click.IntRange(1, 256))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--seconds", default=10.0, show_default=True, help="Under load, for each row.")
@click.option(
    "--work",
    default=ROOT / ".work" / "bench",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the log and collector.json go.  [.work/bench]",
)
def main(connections: int, workers: int, seconds: float, work: Path) -> None:
    """Measure the collector beside two bare servers."""
    folder = work.resolve() / "collector"
    bodies = sample_batches()
    loads = []
    for server in ("collector", "fsync", "read"):
        for encoding in ("gzip", "plain"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            key = secrets.token_urlsafe(24)
            command, environment = _command(server, folder, workers, key)
            with serving(command, environment) as (address, process):
                requests = [request(address, key, body, encoding) for body in bodies]
                loads.append(
                    _load(server, encoding, address, process, requests, connections, seconds)
                )
    shutil.rmtree(folder, ignore_errors=True)
    _show(loads, connections, workers)
    document = [vars(load) | {"events_per_second": load.events_per_second} for load in loads]
    (work / "collector.json").write_text(json.dumps(document, indent=1) + "\n")


def sample_batches(number: int = _BATCHES) -> list[bytes]:
    """Batches of sample events as an SDK sends them: without a time of receipt."""
    lines = sample.events(BATCH * number * 2, 7, 5, end=date(2026, 10, 31))
    events = (json.loads(line) for line in lines)
    good = (_as_sent(event) for event in events if _is_good(event))
    return [
        json.dumps(list(islice(good, BATCH)), separators=(",", ":")).encode() for _ in range(number)
    ]


def _is_good(event: Mapping[str, Any]) -> bool:
    """Not one of the sample's invalid events."""
    try:
        validate(dict(event), datetime.now(UTC), keep_received_at=True)
    except EventError:
        return False
    return True


def _as_sent(event: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "received_at"}


def collector_command(folder: Path, workers: int, key: str) -> tuple[list[str], dict[str, str]]:
    """The command that serves a collector on a free port, and its environment."""
    keys = json.dumps([{"name": "bench", "key": key, "tenants": "*"}])
    options = ["--port", "0", "--workers", str(workers), "--data", str(folder)]
    environment = _environment() | {"BIOQMS_WRITE_KEYS": keys, "BIOQMS_THREADS": str(_THREADS)}
    return [sys.executable, "-m", "bioqms", "collect", *options], environment


def _command(server: str, folder: Path, workers: int, key: str) -> tuple[list[str], dict[str, str]]:
    if server == "collector":
        return collector_command(folder, workers, key)
    options = [server, str(folder), str(workers), str(_THREADS)]
    return [sys.executable, "-m", "bench.ceiling", *options], _environment()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("BIOQMS_")}


@contextmanager
def serving(
    command: Sequence[str], environment: Mapping[str, str]
) -> Iterator[tuple[str, psutil.Process]]:
    """Run a server; yields its address, once it answers, and its process."""
    process = subprocess.Popen(
        list(command), cwd=ROOT, env=dict(environment), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout  # noqa: S101 - a pipe was asked for
        for line in process.stdout:
            if found := re.search(r" on http://(\S+)", line):
                address = urlsplit(f"//{found[1]}").netloc
                break
        else:
            raise click.ClickException(f"{command[2]} did not start")
        _wait(address)
        yield address, psutil.Process(process.pid)
        process.send_signal(signal.SIGTERM)
        process.wait(_START_SECONDS)
    finally:
        process.kill()
        process.wait()


def _wait(address: str) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            connect(address).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise click.ClickException(f"{address} does not answer")


def request(address: str, key: str, body: bytes, encoding: str) -> bytes:
    """The bytes of a whole request, so that sending costs the client next to nothing."""
    extra = ""
    if encoding == "gzip":
        body = gzip.compress(body, compresslevel=6)
        extra = "Content-Encoding: gzip\r\n"
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nHost: {address}\r\nX-Write-Key: {key}\r\n"
        f"Content-Type: application/json\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _load(
    server: str,
    encoding: str,
    address: str,
    process: psutil.Process,
    requests: Sequence[bytes],
    connections: int,
    seconds: float,
) -> Load:
    """Send batches over every connection, one after the other, and count what was answered."""
    waits: list[list[float]] = [[] for _ in range(connections)]
    failures: list[BaseException] = []
    begin = time.perf_counter() + _WARM_UP_SECONDS
    end = begin + seconds

    def client(number: int) -> None:
        try:
            with connect(address) as connection:
                turn = number
                while (sent := time.perf_counter()) < end:
                    connection.sendall(requests[turn % len(requests)])
                    read_answer(connection)
                    answered = time.perf_counter()
                    if sent >= begin:
                        waits[number].append(answered - sent)
                    turn += 1
        except (OSError, ValueError) as error:
            failures.append(error)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    time.sleep(max(0.0, begin - time.perf_counter()))
    before, own_before = _cpu(process), time.process_time()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - begin
    after, own_after = _cpu(process), time.process_time()
    if failures:
        raise click.ClickException(f"{server}: {failures[0]}")
    ordered = sorted(wait for one in waits for wait in one)
    return Load(
        server,
        encoding,
        taken,
        len(ordered),
        after - before,
        own_after - own_before,
        _rank(ordered, 0.50),
        _rank(ordered, 0.99),
    )


def connect(address: str, timeout: float = 30) -> socket.socket:
    """Open a connection that waits `timeout` seconds for an answer."""
    host, port = address.rsplit(":", 1)
    connection = socket.create_connection((host, int(port)), timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_answer(connection: socket.socket) -> None:
    """Read one answer to its end. Raises ValueError unless every event was accepted."""
    answer = b""
    while (head := answer.find(b"\r\n\r\n")) < 0:
        answer += _received(connection)
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)", answer[:head])
    if not answer.startswith(b"HTTP/1.1 200") or not found:
        raise ValueError(answer[:300].decode(errors="replace"))
    missing = head + 4 + int(found[1]) - len(answer)
    while missing > 0:
        part = _received(connection)
        answer += part
        missing -= len(part)
    if b'"rejected"' in answer:
        raise ValueError(f"an event was rejected: {answer[-300:].decode(errors='replace')}")


def _received(connection: socket.socket) -> bytes:
    part = connection.recv(1 << 16)
    if not part:
        raise ValueError("the server closed the connection")
    return part


def _cpu(process: psutil.Process) -> float:
    """CPU seconds of a server and its workers so far."""
    times = [one.cpu_times() for one in [process, *process.children(recursive=True)]]
    return float(sum(one.user + one.system for one in times))


def _rank(ordered: Sequence[float], share: float) -> float:
    """Nearest rank; 0 of nothing."""
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)] if ordered else 0.0


_NAMES = {
    "collector": "the collector",
    "fsync": "plain granian, one fsync per batch",
    "read": "plain granian, nothing kept",
}


def _show(loads: Sequence[Load], connections: int, workers: int) -> None:
    table = Table(
        title=f"batches of {BATCH} events, {connections} connections, {workers} worker(s)",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("server")
    table.add_column("body")
    for column in ("events/s", "events/CPU s", "p50 ms", "p99 ms", "server CPU", "client CPU"):
        table.add_column(column, justify="right")
    for load in loads:
        table.add_row(
            _NAMES[load.server],
            load.encoding,
            f"{load.events_per_second:,.0f}",
            f"{load.events_per_cpu_second:,.0f}",
            f"{load.p50_seconds * 1000:.1f}",
            f"{load.p99_seconds * 1000:.1f}",
            f"{load.server_cpu_seconds / load.seconds:.0%}",
            f"{load.client_cpu_seconds / load.seconds:.0%}",
        )
    Console(width=REPORT_WIDTH).print(table)


if __name__ == "__main__":
    main()
