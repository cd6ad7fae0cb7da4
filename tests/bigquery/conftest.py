"""One history for all tests of this folder: a first build and an increment on both engines.

Building the project takes minutes on the emulator, so it is done once a session; the tests judge
what was sent and what came out.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from tests.bigquery.emulated import BuildFailedError, EmulatedWarehouse, Sent
from tests.models.harness import plain
from tests.models.worlds import world
from tests.servers import ROOT, BigQueryEmulator

AS_OF = date(2026, 11, 20)
Row = dict[str, Any]
Tables = dict[str, list[Row]]


@dataclass(frozen=True)
class History:
    """What dbt sent to BigQuery, and every mart of both engines after each build."""

    first: list[Sent]
    increment: list[Sent]
    manifest: dict[str, Any]
    bigquery: tuple[Tables, Tables]
    duckdb: tuple[Tables, Tables]


def batches() -> tuple[list[Row], list[Row]]:
    """The rows of a sample world and of three random ones, cut in two at random."""
    rows = sample_rows()
    for seed, prefix in ((1, "red_"), (2, "green_"), (3, "blue_")):
        rows += world(seed, AS_OF, prefix)
    rng = Random(4)
    late = [rng.random() < 0.3 for _ in rows]
    first = [row for row, is_late in zip(rows, late, strict=True) if not is_late]
    # Rows that land twice are copies to be found again.
    second = [row for row, is_late in zip(rows, late, strict=True) if is_late] + first[:5]
    return first, second


def sample_rows() -> list[Row]:
    """Landed rows of the sample generator: a thousand events of two tenants."""
    command = [sys.executable, "-m", "bioqms", "sample", "--events=1000", "--days=40"]
    command += ["--tenants=2", f"--end={AS_OF}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [row | {"received_at": row.get("received_at") or row["sent_at"]} for row in rows]


class LocalWarehouse:
    """The same rows in a landing log, built by dbt with DuckDB."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.segments = 0

    def land(self, rows: list[Row]) -> None:
        self.segments += 1
        hour = self.folder / "log" / "date=2026-11-20" / f"hour={self.segments:02d}"
        hour.mkdir(parents=True)
        lines = [json.dumps(row, sort_keys=True, separators=(",", ":")) for row in rows]
        (hour / "segment.jsonl").write_text("\n".join(lines) + "\n")

    def dbt(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "dbt.cli.main", f"--log-path={self.folder / 'logs'}"]
        command += [*arguments, f"--project-dir={ROOT}", f"--profiles-dir={ROOT}"]
        command += [f"--target-path={self.folder / 'target'}", "--target=local"]
        environment = os.environ | {"BIOQMS_DATA": str(self.folder)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode != 0:
            raise BuildFailedError(done.stdout + done.stderr)

    def tables(self, names: list[str]) -> Tables:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            found = {}
            for name in names:
                cursor = connection.execute(f'select * from "{name}"')  # noqa: S608
                columns = [column[0] for column in cursor.description]
                found[name] = [
                    comparable(dict(zip(columns, row, strict=True))) for row in cursor.fetchall()
                ]
            return found


def comparable(row: Row) -> Row:
    """Return a row with values that are written alike by both engines; bookkeeping left out."""
    return {
        key: _comparable(value)
        for key, value in row.items()
        # A segment of the log on one engine, a message's id on the other.
        if not key.startswith("_") and key != "landing_key"
    }


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, str) and value.startswith("{"):
        return json.dumps(json.loads(value), sort_keys=True)
    return plain(value)


def mart_names(manifest: dict[str, Any]) -> list[str]:
    """Return the names of the marts."""
    return sorted(
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["path"].startswith("marts/")
    )


@pytest.fixture(scope="session")
def history(
    bigquery_emulator: BigQueryEmulator, tmp_path_factory: pytest.TempPathFactory
) -> History:
    """Build the project twice on both engines."""
    emulated = EmulatedWarehouse(bigquery_emulator, "history", tmp_path_factory.mktemp("bigquery"))
    local = LocalWarehouse(tmp_path_factory.mktemp("duckdb"))
    variables = ["--vars", json.dumps({"as_of_date": str(AS_OF)})]
    sent: list[list[Sent]] = []
    rows: list[tuple[Tables, Tables]] = []
    no_tests = ["--exclude-resource-types", "unit_test", "test"]
    everything: list[str] = []
    # Tests once: the rows of the second build are compared with DuckDB's, which are tested.
    for batch, command in zip(batches(), (everything, no_tests), strict=True):
        emulated.land(batch)
        sent.append(emulated.dbt("build", *command, *variables))
        local.land(batch)
        local.dbt("build", *no_tests, *variables)
        manifest = json.loads((emulated.folder / "target" / "manifest.json").read_text())
        names = mart_names(manifest)
        marts = {name: [comparable(row) for row in emulated.rows(name)] for name in names}
        rows.append((marts, local.tables(names)))
    return History(
        first=sent[0],
        increment=sent[1],
        manifest=manifest,
        bigquery=(rows[0][0], rows[1][0]),
        duckdb=(rows[0][1], rows[1][1]),
    )
