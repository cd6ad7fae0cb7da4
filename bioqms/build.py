"""`bioqms build`: turn what landed into marts, with dbt."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from bioqms.project import data_dir, project_dir


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


def run_dbt(
    data: Path,
    command: str,
    *,
    target: str | None = None,
    as_of: dt.date | None = None,
    full_refresh: bool = False,
    select: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
    quiet: bool = False,
    variables: Mapping[str, str | int] | None = None,
) -> bool:
    """Run one dbt command on the project and free the warehouse; whether it succeeded.

    dbt's artefacts and log go into the data folder, so that runs on different data never meet.
    `variables` are further vars of dbt_project.yml.
    """
    data.mkdir(parents=True, exist_ok=True)
    os.environ["BIOQMS_DATA"] = str(data)
    arguments = [*(["--quiet"] if quiet else []), "--log-path", str(data / "dbt" / "logs")]
    arguments += [command, "--project-dir", str(project_dir())]
    arguments += ["--profiles-dir", str(project_dir())]
    arguments += ["--target-path", str(data / "dbt" / "target")]
    if command == "build":
        # Unit tests prove the models, not the data: `make test` runs them.
        arguments += ["--exclude-resource-type", "unit_test"]
    if target:
        arguments += ["--target", target]
    chosen = dict(variables or {}) | ({"as_of_date": as_of.isoformat()} if as_of else {})
    if chosen:
        arguments += ["--vars", json.dumps(chosen)]
    if full_refresh:
        arguments += ["--full-refresh"]
    if select:
        arguments += ["--select", *select]
    if exclude:
        arguments += ["--exclude", *exclude]

    # dbt takes seconds to import: only when it is used.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    try:
        return bool(dbtRunner().invoke(arguments).success)
    finally:
        DuckDBConnectionManager.close_all_connections()
