"""Run dbt on the project."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioqms.project import project_dir

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult


def target_dir(data: Path) -> Path:
    """Where dbt writes what it compiled and its artefacts."""
    return data / "dbt" / "target"


def log_file(data: Path) -> Path:
    """Where dbt writes its log, whatever a terminal shows of it."""
    return data / "dbt" / "logs" / "dbt.log"


def run_dbt(
    data: Path,
    command: str,
    *options: str,
    target: str | None = None,
    as_of: dt.date | None = None,
    variables: Mapping[str, str | int] | None = None,
    listener: Callable[[Any], None] | None = None,
) -> dbtRunnerResult:
    """Run one dbt command on the project and free the warehouse; returns what dbt returns.

    dbt's artefacts and log go into the data folder, so that runs on different data never meet.
    dbt prints nothing: `listener` hears its events. `variables` are further vars of
    dbt_project.yml. What goes wrong is the `exception` of the result, KeyboardInterrupt too.
    """
    os.environ["BIOQMS_DATA"] = str(data)
    arguments = ["--log-level", "none", "--log-level-file", "debug"]
    arguments += ["--log-path", str(log_file(data).parent)]
    arguments += [command, "--project-dir", str(project_dir())]
    arguments += ["--profiles-dir", str(project_dir())]
    arguments += ["--target-path", str(target_dir(data))]
    if target:
        arguments += ["--target", target]
    chosen = dict(variables or {}) | ({"as_of_date": as_of.isoformat()} if as_of else {})
    if chosen:
        arguments += ["--vars", json.dumps(chosen)]
    arguments += options

    # dbt takes seconds to import: only when it is used.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    try:
        return dbtRunner(callbacks=[listener] if listener else []).invoke(arguments)
    finally:
        DuckDBConnectionManager.close_all_connections()
