"""`bioqms sample`: write the events of the sample world."""

import os
import sys
from collections.abc import Iterator
from datetime import date
from itertools import islice

import click

from bioqms.cli.options import DAY
from bioqms.sample.stream import events
from bioqms.sample.tenants import TENANTS

_LINES_A_WRITE = 1_000


@click.command()
@click.option("--events", "count", default=200_000, type=click.IntRange(0), show_default=True)
@click.option("--days", default=60, type=click.IntRange(1, 3_650), show_default=True)
@click.option("--tenants", default=5, type=click.IntRange(1, len(TENANTS)), show_default=True)
@click.option("--seed", default=42, type=int, show_default=True)
@click.option(
    "--end",
    type=DAY,
    help="Last day (UTC).  [yesterday]  Set it to get the same bytes on another day.",
)
def sample(count: int, days: int, tenants: int, seed: int, end: date | None) -> None:
    """Write the events of a made-up product to standard output, one JSON object per line."""
    lines = events(count, days, tenants, seed, end)
    try:
        _write(lines)
    except BrokenPipeError:
        # The reader closed the pipe. Python would raise again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(lines: Iterator[bytes]) -> None:
    out = sys.stdout.buffer
    while chunk := list(islice(lines, _LINES_A_WRITE)):
        out.write(b"\n".join(chunk) + b"\n")
    out.flush()
