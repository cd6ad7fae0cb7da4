"""`bioqms backfill`: recompute the models' rows of a range of event dates."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from bioqms import session
from bioqms.cli.options import DAY, build_options
from bioqms.project import data_dir

MAX_DAYS = 4_000
"""BigQuery changes at most this many partitions in one statement."""


@click.command()
@click.option("--from", "first", type=DAY, required=True, help="First event date, YYYY-MM-DD.")
@click.option("--to", "last", type=DAY, required=True, help="Last event date, included.")
@build_options
def backfill(
    first: dt.date,
    last: dt.date,
    data: Path | None,
    target: str | None,
    as_of: dt.date | None,
    select: tuple[str, ...],
    voice: str | None,
) -> None:
    """Recompute the tables by device and day for a range of event dates, and all marts.

    This also does what `bioqms build` does: it reads the events that landed since the last build.
    Use it to correct rows that were damaged, or that an older version of a model wrote. Other
    dates do not change.
    """
    if last < first:
        raise click.UsageError("--to is before --from: swap them")
    if (last - first).days >= MAX_DAYS:
        raise click.UsageError(
            f"--from to --to is more than {MAX_DAYS:,} days: backfill a shorter range at a time"
        )
    asked = session.Build(
        data=data_dir(data), target=target, as_of=as_of, select=select, backfill=(first, last)
    )
    sys.exit(session.run(asked, session.Voice(voice or "normal")))
