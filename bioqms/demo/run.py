"""The whole pipeline on this machine, from HTTP to marts, in minutes."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from bioqms import sample
from bioqms.demo import summary
from bioqms.demo.children import Children
from bioqms.demo.collector import Collecting, CollectorError, collecting
from bioqms.demo.folder import FolderError, emptied
from bioqms.demo.interrupts import Interrupts
from bioqms.demo.sender import Receipt, SendError, send
from bioqms.project import data_dir, warehouse

WIDE = 60
"""Columns of a terminal; on a narrower one the progress bar shows no rate."""


class DemoError(Exception):
    """The demo cannot continue; the message says why."""


def run(
    count: int,
    days: int,
    tenants: int,
    seed: int,
    connections: int,
    data: Path,
    interrupts: Interrupts,
) -> None:
    """Send `count` sample events to a collector, build, check and show the marts in `data`.

    However it ends, none of its processes is left. Raises DemoError, Interrupted.
    """
    console = Console()
    data = data_dir(data)
    started = time.monotonic()
    last_day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    lines = sample.events(count, days, tenants, seed, last_day)
    try:
        with emptied(data) as lock:
            children = Children(interrupts, lock)
            receipt = _collect(children, data, lines, count, connections, console)
            _build_and_check(children, data, last_day, console)
            console.rule("4 read")
            summary.show(warehouse(data), console)
    except (FolderError, CollectorError, SendError) as error:
        raise DemoError(str(error)) from None
    finally:
        # A progress bar that was killed has hidden the cursor; the terminal itself may be gone.
        with contextlib.suppress(OSError):
            Console(stderr=True).show_cursor()
    _say_where(data, receipt, time.monotonic() - started, console)


def _collect(
    children: Children,
    data: Path,
    lines: Iterator[bytes],
    count: int,
    connections: int,
    console: Console,
) -> Receipt:
    console.rule("1 collect")
    with collecting(children, data, partial(console.print, highlight=False)) as collector:
        return _send(lines, count, collector, connections, console)


def _send(
    lines: Iterator[bytes],
    count: int,
    collector: Collecting,
    connections: int,
    console: Console,
) -> Receipt:
    columns: list[ProgressColumn] = [
        TextColumn("sending"),
        BarColumn(),
        MofNCompleteColumn(),
    ]
    if console.width >= WIDE:
        columns += [TextColumn("{task.fields[rate]:,.0f}/s"), TimeRemainingColumn()]
    started = time.monotonic()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("sending", total=count, rate=0)

        def advance(events: int) -> None:
            done = progress.tasks[0].completed + events
            progress.update(
                task, advance=events, rate=done / max(time.monotonic() - started, 0.001)
            )

        return send(
            lines, collector.netloc, collector.write_key, connections=connections, advance=advance
        )


def _build_and_check(children: Children, data: Path, last_day: dt.date, console: Console) -> None:
    console.rule("2 build")
    _command(children, "build", "--as-of", last_day.isoformat(), data=data)
    console.rule("3 check")
    _command(children, "check", "--as-of", last_day.isoformat(), data=data)


def _command(children: Children, name: str, *arguments: str, data: Path) -> None:
    """Run another `bioqms` command on the demo's data; its failure is the demo's."""
    with children.run(name, "--data", str(data), *arguments, settings={}) as process:
        status = process.wait()
    if status != 0:
        raise DemoError(f"bioqms {name} failed with status {status}: its own error is above")


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
        console.print(f"{name:>14}: {path}", highlight=False, markup=False, soft_wrap=True)
    console.print(f"done in {seconds:.0f} s", highlight=False)
