"""`bioqms demo`: the whole way of an event on this machine, from HTTP to marts, in minutes."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.option("--events", "count", default=200_000, show_default=True, type=click.IntRange(1))
@click.option("--days", default=60, show_default=True, type=click.IntRange(1))
@click.option("--tenants", default=5, show_default=True, type=click.IntRange(1, 50))
@click.option("--seed", default=42, show_default=True)
@click.option("--connections", default=4, show_default=True, type=click.IntRange(1, 64))
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), default="data/demo")
def demo(count: int, days: int, tenants: int, seed: int, connections: int, data: Path) -> None:
    """Send sample events to a collector, build the marts, check them, and show them.

    Starts afresh: what an earlier demo left in its data folder is removed.
    """
    from bioqms.demo.run import DemoError, run

    try:
        run(count, days, tenants, seed, connections, data)
    except DemoError as error:
        raise click.ClickException(str(error)) from None
