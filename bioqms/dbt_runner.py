"""Run dbt on the project."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Mapping
from pathlib import Path

from bioqms.project import project_dir


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
