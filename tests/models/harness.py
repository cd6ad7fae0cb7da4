"""Runs the real dbt project, in this process, on a landing log and warehouse of its own."""

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from tests.judge.rounding import rounded

Row = dict[str, Any]
Tables = dict[str, list[Row]]
PROJECT = Path(__file__).parents[2]
TEXT_FIELDS = (
    "event_id",
    "event_name",
    "event_version",
    "tenant_id",
    "user_id",
    "anonymous_id",
    "session_id",
    "timestamp",
    "sent_at",
    "received_at",
)


class BuildFailed(AssertionError):
    """dbt could not run the project."""


class Warehouse:
    """One BIOQMS_DATA directory. Parsing costs seconds, so all runs share one manifest."""

    def __init__(self, folder: Path) -> None:
        """Prepare an empty warehouse in `folder`; no other process may use it."""
        self.data = folder / "data"
        self.segments = 0
        self.environment = {
            "BIOQMS_DATA": str(self.data),
            "BIOQMS_TARGET": "local",
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DO_NOT_TRACK": "1",
        }
        self.wipe()
        with patch.dict(os.environ, self.environment):
            parsed = dbtRunner().invoke(["parse", *self.options()])
        if parsed.exception or not parsed.success:
            raise BuildFailed(f"dbt parse: {parsed.exception}")
        self.dbt = dbtRunner(manifest=parsed.result)

    def options(self) -> list[str]:
        """What every dbt command is told."""
        return [
            f"--project-dir={PROJECT}",
            f"--profiles-dir={PROJECT}",
            "--no-write-json",
            "--no-partial-parse",
            "--log-level=none",
            "--log-level-file=none",
        ]

    def wipe(self) -> None:
        """Forget the log and the warehouse."""
        shutil.rmtree(self.data, ignore_errors=True)
        (self.data / "log").mkdir(parents=True)
        self.segments = 0

    def land(self, rows: Sequence[Row]) -> None:
        """Seal one segment of the landing log that holds these rows."""
        if not rows:
            return
        self.segments += 1
        folder = self.data / "log" / "date=2026-11-01" / f"hour={self.segments % 24:02d}"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(row, sort_keys=True, separators=(",", ":")) for row in rows]
        segment = folder / f"{self.segments:06d}.jsonl"
        segment.write_text("\n".join(lines) + "\n")

    def seed(self, tenants: Iterable[Row]) -> None:
        """Load the seeds, and firmographics of the tenants in play."""
        self.invoke("seed")
        with self.connect() as connection:
            for row in tenants:
                columns = ", ".join(row)
                marks = ", ".join("?" * len(row))
                connection.execute(
                    f"insert into tenants ({columns}) values ({marks})",  # noqa: S608
                    list(row.values()),
                )

    def run(self, as_of: date, *options: str) -> None:
        """Run every model incrementally, as of the end of a day."""
        variables = json.dumps({"as_of_date": str(as_of)})
        self.invoke("run", "--vars", variables, *options)

    def test(self, as_of: date) -> None:
        """Run the data tests that compare marts with each other and with the log."""
        variables = json.dumps({"as_of_date": str(as_of)})
        self.invoke("test", "--select", "test_type:singular", "--vars", variables)

    def invoke(self, *command: str) -> None:
        """Run one dbt command and free the database file."""
        try:
            with patch.dict(os.environ, self.environment):
                outcome = self.dbt.invoke([*command, *self.options()])
        finally:
            DuckDBConnectionManager.close_all_connections()
        if outcome.success:
            return
        results: Any = getattr(outcome.result, "results", [])
        failures = [
            f"{result.node.name}: {result.status} {result.message}"
            for result in results
            if result.status in ("error", "fail")
        ]
        raise BuildFailed(f"dbt {command[0]}: {outcome.exception or ''}\n" + "\n".join(failures))

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open the warehouse between two runs."""
        connection = duckdb.connect(str(self.data / "warehouse.duckdb"))
        connection.execute("set TimeZone = 'UTC'")
        return connection

    def tables(self) -> Tables:
        """Every table and view of the warehouse, values made comparable."""
        with self.connect() as connection:
            names = connection.execute(
                "select table_name from information_schema.tables where table_schema = 'main'"
            ).fetchall()
            return {name: read(connection, name) for (name,) in names}


def read(connection: duckdb.DuckDBPyConnection, table: str) -> list[Row]:
    """All rows of a table; columns that begin with `_` are bookkeeping."""
    cursor = connection.execute(f'select * from "{table}"')  # noqa: S608
    columns = [column[0] for column in cursor.description]
    keep = [index for index, name in enumerate(columns) if not name.startswith("_")]
    return [{columns[i]: plain(row[i]) for i in keep} for row in cursor.fetchall()]


def plain(value: Any) -> Any:
    """A value as the judge writes it: instants and dates as text, numbers exact."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return str(value)
    if isinstance(value, float):
        return rounded(Decimal(repr(value)), 6)
    if isinstance(value, list):
        return tuple(plain(one) for one in value)
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, default=str)
    return value
