"""`bioqms demo`: the whole pipeline on this machine, from HTTP to marts, in minutes."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import click

from bioqms.demo.interrupts import Interrupted, Interrupts


@click.command()
@click.option("--events", "count", default=200_000, show_default=True, type=click.IntRange(1))
@click.option("--days", default=60, show_default=True, type=click.IntRange(1))
@click.option("--tenants", default=5, show_default=True, type=click.IntRange(1, 50))
@click.option("--seed", default=42, show_default=True)
@click.option("--connections", default=4, show_default=True, type=click.IntRange(1, 64))
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default="data/demo")
def demo(count: int, days: int, tenants: int, seed: int, connections: int, data: Path) -> None:
    """Send sample events to a collector, build the marts, check them, and show them.

    Each demo first empties its data folder. It ignores BIOQMS_* and DBT_* variables, so it never
    touches your own data.
    """
    interrupts = Interrupts()
    try:
        with interrupts:
            from bioqms.demo.run import DemoError, run

            try:
                run(count, days, tenants, seed, connections, data, interrupts)
            except DemoError as error:
                raise click.ClickException(str(error)) from None
    except (Interrupted, OSError):
        # Writing to a terminal that was closed raises OSError.
        if interrupts.caught is None:
            raise
        with contextlib.suppress(OSError):
            if sys.stderr.isatty():
                click.echo(err=True)  # start a line below a progress bar, or below ^C
            click.echo(
                f"stopped by {interrupts.caught.name}; no process of the demo is left", err=True
            )
        sys.exit(128 + interrupts.caught)
