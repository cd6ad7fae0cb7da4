"""`bioqms check`: check the warehouse against its quality thresholds."""

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

FAILED, CANNOT_RUN = 1, 2
# In a log there is no terminal width: make tables wide enough for every column.
LOG_WIDTH = 140


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="[BIOQMS_DATA]")
@click.option(
    "--as-of",
    type=DAY,
    help="Check as of the end of this day (UTC).  [the newest receipt]",
)
@click.option(
    "--target",
    envvar="BIOQMS_TARGET",
    default="local",
    help="A target of profiles.yml.  [BIOQMS_TARGET, local]",
)
@click.option("--docs/--no-docs", default=True, help="Write Data Docs into the data folder.  [yes]")
@click.option("--log-line", is_flag=True, help="Also print the outcome as one line of JSON.")
@click.option("--strict", is_flag=True, help="Exit with status 1 also if a target is missed.")
def check(
    data: Path | None,
    as_of: dt.date | None,
    target: str,
    docs: bool,
    log_line: bool,
    strict: bool,
) -> None:
    """Check receipts and marts against their thresholds, with Great Expectations.

    Receipts are checked in the 24 hours up to the newest hour of receipts at or before the end of
    --as-of (docs/quality-gate.md).

    Exit status: 0 if everything passed or only targets were missed, 1 if an alert was crossed,
    2 if nothing could be measured.
    """
    from expectations.warehouse import CannotCheck, warehouse_of

    folder = data_dir(data)
    try:
        if target == "local":
            preflight.require_free(warehouse(folder), read_only=True)
        source = warehouse_of(target, folder)
        # Great Expectations takes seconds to import: import it only if there is something to check.
        from expectations import checkpoint, page, report
        from expectations import log_line as log_lines

        pages = folder / "data_docs" if docs else None
        outcome = checkpoint.run(source, as_of, pages)
        logged = log_lines.line(outcome, source, as_of) if log_line else None
    except (CannotCheck, CannotRun) as problem:
        click.echo(f"cannot check: {problem}", err=True)
        sys.exit(CANNOT_RUN)
    console = Console(width=None if sys.stdout.isatty() else LOG_WIDTH)
    report.show(outcome, console)
    if pages:
        summary = pages / "summary.html"
        page.write(outcome, summary)
        click.echo(f"report: {summary}\nData Docs: {pages / 'index.html'}")
    if logged:
        click.echo(logged)
    failing = (checkpoint.WARNING, checkpoint.ALERT) if strict else (checkpoint.ALERT,)
    sys.exit(FAILED if outcome.status in failing else 0)
