"""`bioqms build`: turn what landed into marts, with dbt."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from bioqms import session
from bioqms.cli.options import build_options
from bioqms.project import data_dir


@click.command()
@build_options
@click.option(
    "--full-refresh", is_flag=True, help="Rebuild everything from the first row of the log."
)
@click.option(
    "--test-days",
    type=click.IntRange(min=1),
    help="Test only the last N days, and skip tests that need all of history.",
    metavar="N",
)
def build(
    data: Path | None,
    target: str | None,
    as_of: dt.date | None,
    full_refresh: bool,
    select: tuple[str, ...],
    test_days: int | None,
    voice: str | None,
) -> None:
    """Build the seeds, models and snapshots, and test them.

    A build reads only what landed since the last build. The result equals a full refresh.
    """
    asked = session.Build(
        data=data_dir(data),
        target=target,
        as_of=as_of,
        full_refresh=full_refresh,
        select=select,
        test_days=test_days,
    )
    sys.exit(session.run(asked, session.Voice(voice or "normal")))
