"""`bioqms backfill`: compute the models' rows of a range of event dates again."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from bioqms.dbt_runner import run_dbt
from bioqms.project import data_dir

MAX_DAYS = 4_000
"""BigQuery changes at most this many partitions in one statement."""

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--from", "first", type=_DAY, required=True, help="First event date, YYYY-MM-DD.")
@click.option("--to", "last", type=_DAY, required=True, help="Last event date, this one included.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA]")
@click.option("--target", help="A target of profiles.yml.  [BIOQMS_TARGET, local]")
@click.option("--as-of", type=_DAY, help="The last day the marts may see.  [today, UTC]")
@click.option("--select", multiple=True, help="Models to build, as dbt selects them.")
@click.option("--quiet", is_flag=True, help="Say only what went wrong.")
def backfill(
    first: dt.datetime,
    last: dt.datetime,
    data: Path | None,
    target: str | None,
    as_of: dt.datetime | None,
    select: tuple[str, ...],
    quiet: bool,
) -> None:
    """Compute the tables by device and day again for a range of event dates, and all marts.

    This is `bioqms build`, which also takes in what has landed meanwhile; besides, the range is
    computed from the accepted events once more. It mends rows that were damaged, or that an older
    version of a model wrote; other dates are not touched.
    """
    if last < first:
        raise click.UsageError("--to lies before --from")
    if (last - first).days >= MAX_DAYS:
        raise click.UsageError(f"at most {MAX_DAYS:,} days at a time")
    if not run_dbt(
        data_dir(data),
        "build",
        target=target,
        as_of=as_of.date() if as_of else None,
        select=select,
        quiet=quiet,
        variables={
            "backfill_from": first.date().isoformat(),
            "backfill_to": last.date().isoformat(),
        },
    ):
        sys.exit(1)
