"""`bioqms demo`: the whole way of an event on this machine, from HTTP to marts, in minutes."""

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

    Starts afresh: what an earlier demo left in its data folder is removed. Obeys no BIOQMS_* or
    DBT_* variable, so it never touches what they name.
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
        # A terminal that hangs up takes the demo's words no more: that raises OSError.
        if interrupts.caught is None:
            raise
        with contextlib.suppress(OSError):
            if sys.stderr.isatty():
                click.echo(err=True)  # below what the terminal shows of a bar, or of Ctrl-C
            click.echo(
                f"stopped by {interrupts.caught.name}; nothing of the demo runs on", err=True
            )
        sys.exit(128 + interrupts.caught)
