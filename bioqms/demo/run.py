"""The whole way of an event on this machine, from HTTP to marts, in minutes."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bioqms import sample
from bioqms.demo import summary
from bioqms.demo.sender import Receipt, SendError, send
from bioqms.project import data_dir, warehouse

MARKER = ".bioqms-demo"
"""A folder that holds this file was made by a demo and may be removed by the next one."""

START_SECONDS = 60
STOP_SECONDS = 60


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


def run(count: int, days: int, tenants: int, seed: int, connections: int, data: Path) -> None:
    """Send `count` sample events to a collector, build, check and show the marts in `data`.

    Raises DemoError.
    """
    console = Console()
    data = data_dir(data)
    started = time.monotonic()
    last_day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    _start_afresh(data)

    console.rule("1 collect")
    with _collector(data, console) as (address, write_key):
        lines = sample.events(count, days, tenants, seed, last_day)
        receipt = _send(lines, count, address, write_key, connections, console)

    console.rule("2 build")
    _command("build", "--as-of", last_day.isoformat(), data=data)

    console.rule("3 check")
    _command("check", "--as-of", last_day.isoformat(), data=data)

    console.rule("4 read")
    summary.show(warehouse(data), console)
    _say_where(data, receipt, time.monotonic() - started, console)


def _start_afresh(data: Path) -> None:
    if data.exists() and any(data.iterdir()):
        if not (data / MARKER).exists():
            raise DemoError(
                f"{data} holds data that no demo made; choose another folder with --data"
            )
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True)
    (data / MARKER).touch()


@contextmanager
def _collector(data: Path, console: Console) -> Iterator[tuple[str, str]]:
    """Run `bioqms collect` on a free port of the loopback; yields its address and a write key."""
    write_key = secrets.token_urlsafe(24)
    keys = [{"name": "demo", "key": write_key, "tenants": "*", "import": True}]
    environment = os.environ | {"BIOQMS_WRITE_KEYS": json.dumps(keys)}
    environment.pop("BIOQMS_WRITE_KEYS_FILE", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "bioqms", "collect", "--port", "0", "--data", str(data)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield _address(process), write_key
        process.send_signal(signal.SIGTERM)
        assert process.stdout  # noqa: S101 - a pipe was asked for
        for line in process.stdout:
            console.print(line.rstrip(), highlight=False)
        if process.wait(STOP_SECONDS) != 0:
            raise DemoError("the collector did not stop in order; see above")
    finally:
        process.kill()
        process.wait()


def _address(process: subprocess.Popen[str]) -> str:
    """Read the collector's output up to the line that names its address, and wait for it."""
    assert process.stdout  # noqa: S101 - a pipe was asked for
    for line in process.stdout:
        if match := re.search(r"http://\S+", line):
            _wait_until_ready(match[0], process)
            return match[0]
    raise DemoError("the collector did not start; see above")


def _wait_until_ready(address: str, process: subprocess.Popen[str]) -> None:
    from urllib.error import URLError
    from urllib.request import urlopen

    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{address}/ready", timeout=5):  # noqa: S310 - our own http address
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise DemoError("the collector did not become ready")


def _send(
    lines: Iterator[bytes],
    count: int,
    address: str,
    write_key: str,
    connections: int,
    console: Console,
) -> Receipt:
    columns = [
        TextColumn("sending"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeRemainingColumn(),
    ]
    started = time.monotonic()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("sending", total=count, rate=0)

        def advance(events: int) -> None:
            done = progress.tasks[0].completed + events
            progress.update(
                task, advance=events, rate=done / max(time.monotonic() - started, 0.001)
            )

        try:
            return send(lines, address, write_key, connections=connections, advance=advance)
        except SendError as error:
            raise DemoError(str(error)) from None


def _command(command: str, *arguments: str, data: Path) -> None:
    """Run another `bioqms` command on the demo's data; its failure is the demo's."""
    done = subprocess.run(
        [sys.executable, "-m", "bioqms", command, "--data", str(data), *arguments], check=False
    )
    if done.returncode != 0:
        raise DemoError(f"bioqms {command} failed with status {done.returncode}")


def _say_where(data: Path, receipt: Receipt, seconds: float, console: Console) -> None:
    console.rule("ledger")
    console.print(
        f"sent {receipt.sent:,} = accepted {receipt.accepted:,} + rejected {receipt.rejected:,}",
        highlight=False,
    )
    for reason, count in sorted(receipt.reasons.items(), key=lambda item: -item[1])[:5]:
        console.print(f"  {count:>6,} {reason}", highlight=False, markup=False)
    places = {
        "landing log": data / "log",
        "rejects": data / "rejects",
        "warehouse": warehouse(data),
        "quality report": data / "data_docs",
    }
    for name, path in places.items():
        console.print(f"{name:>14}: {path}", highlight=False, soft_wrap=True)
    console.print(f"done in {seconds:.0f} s", highlight=False)
