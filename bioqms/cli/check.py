"""`bioqms check`: hold the warehouse against its quality thresholds."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click
from rich.console import Console

from bioqms.cli.options import DAY
from bioqms.errors import CannotRun
from bioqms.project import data_dir, warehouse
from bioqms.session import preflight

ALERTED, CANNOT_RUN = 1, 2
# Tables of a gate's log are not a terminal's: wide enough for every column.
LOG_WIDTH = 140


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA]")
@click.option(
    "--as-of",
    type=DAY,
    help="Judge the 24 hours of receipts up to the end of this day (UTC).  [the newest]",
)
@click.option(
    "--target",
    envvar="BIOQMS_TARGET",
    default="local",
    help="A target of profiles.yml.  [BIOQMS_TARGET, local]",
)
@click.option("--docs/--no-docs", default=True, help="Write Data Docs into the data folder.  [yes]")
def check(data: Path | None, as_of: dt.date | None, target: str, docs: bool) -> None:
    """Judge the last 24 hours of receipts and the marts, with Great Expectations.

    Exit status: 0 if all is well or only targets were missed, 1 if an alert was breached, 2 if
    the marts could not be read.
    """
    from expectations.warehouse import CannotCheck, warehouse_of

    folder = data_dir(data)
    try:
        if target == "local":
            preflight.require_free(warehouse(folder), read_only=True)
        source = warehouse_of(target, folder)
        # Great Expectations takes seconds to import: only when there is something to judge.
        from expectations import checkpoint, report

        pages = folder / "data_docs" if docs else None
        outcome = checkpoint.run(source, as_of, pages)
    except (CannotCheck, CannotRun) as problem:
        click.echo(f"cannot check: {problem}", err=True)
        sys.exit(CANNOT_RUN)
    console = Console(record=True, width=None if sys.stdout.isatty() else LOG_WIDTH)
    report.show(outcome, console)
    if pages:
        summary = pages / "summary.html"
        console.save_html(str(summary))
        click.echo(f"report: {summary}\nData Docs: {pages / 'index.html'}")
    sys.exit(ALERTED if outcome.status == checkpoint.ALERT else 0)
