"""`bioqms build`: turn what landed into marts, with dbt."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from bioqms.dbt_runner import run_dbt
from bioqms.project import data_dir


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA]")
@click.option("--target", help="A target of profiles.yml.  [BIOQMS_TARGET, local]")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day the marts may see.  [today, UTC]",
)
@click.option("--full-refresh", is_flag=True, help="Build from the log again, from its first row.")
@click.option("--select", multiple=True, help="Models to build, as dbt selects them.")
@click.option(
    "--test-days",
    type=click.IntRange(min=1),
    help="Test so many of the last days alone, and leave out what must see all of history.",
)
@click.option("--quiet", is_flag=True, help="Say only what went wrong.")
def build(
    data: Path | None,
    target: str | None,
    as_of: dt.datetime | None,
    full_refresh: bool,
    select: tuple[str, ...],
    test_days: int | None,
    quiet: bool,
) -> None:
    """Build the seeds, models and snapshots, and test them.

    Only what landed since the last build is read; the result is the same as of a full refresh.
    """
    if not run_dbt(
        data_dir(data),
        "build",
        target=target,
        as_of=as_of.date() if as_of else None,
        full_refresh=full_refresh,
        select=select,
        exclude=("tag:whole_history",) if test_days else (),
        quiet=quiet,
        variables={"test_days": test_days} if test_days else None,
    ):
        sys.exit(1)
