"""The dbt project on the BigQuery emulator: land rows, build, read marts and the SQL sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from google.cloud import bigquery

from tests.servers import ROOT, BigQueryEmulator

RAW_SCHEMA = ROOT / "infra" / "terraform" / "raw_events.json"
QUERY_SECONDS = 120
LAND_CHUNK = 200


class BuildFailedError(AssertionError):
    """dbt ended with an error; carries what it printed."""


@dataclass(frozen=True)
class Sent:
    """One job that dbt sent: the SQL and the node it belongs to (empty for dbt's own queries)."""

    node: str
    sql: str


class EmulatedWarehouse:
    """A project of its own on the emulator, with an empty raw.events, and a folder for dbt."""

    def __init__(self, emulator: BigQueryEmulator, project: str, folder: Path) -> None:
        self.emulator = emulator
        self.project = project
        self.folder = folder
        self.client = bigquery.Client(
            project=project,
            location=emulator.location,
            credentials=emulator.client()._credentials,
            client_options={"api_endpoint": emulator.url},
        )
        self.client.create_dataset("raw", timeout=QUERY_SECONDS)
        schema = self.client.schema_from_json(RAW_SCHEMA)
        self.client.create_table(
            bigquery.Table(f"{project}.raw.events", schema=schema), timeout=QUERY_SECONDS
        )
        self._messages = 0

    def land(self, rows: Sequence[Mapping[str, Any]], published: datetime | None = None) -> None:
        """Write rows of the landing log as the BigQuery subscription would.

        ``published`` is Pub/Sub's own clock, now by default.
        """
        moment = (published or datetime.now(UTC)).isoformat()
        for start in range(0, len(rows), LAND_CHUNK):
            values = []
            for row in rows[start : start + LAND_CHUNK]:
                self._messages += 1
                values.append(_literal(row, f"{self._messages:012d}", moment))
            sql = "insert into raw.events\n" + "\nunion all\n".join(values)
            self.client.query(sql).result(timeout=QUERY_SECONDS)

    def dbt(self, *arguments: str) -> list[Sent]:
        """Run dbt on target `emulator`; return what it sent. Raises ``BuildFailedError``."""
        logs = self.folder / "logs"
        for old in logs.glob("dbt.log*"):
            old.unlink()
        command = [
            sys.executable,
            "-m",
            "dbt.cli.main",
            "--no-use-colors",
            "--log-format-file=json",
            "--log-level-file=debug",
            f"--log-path={logs}",
            *arguments,
            f"--project-dir={ROOT}",
            f"--profiles-dir={ROOT}",
            f"--target-path={self.folder / 'target'}",
            "--target=emulator",
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, env=self.environment(), check=False
        )
        if done.returncode != 0:
            raise BuildFailedError(done.stdout + done.stderr)
        return list(read_log(logs / "dbt.log"))

    def environment(self) -> dict[str, str]:
        """The environment of dbt and of the command line on this warehouse."""
        return {
            **os.environ,
            **self.emulator.env,
            "BIOQMS_BQ_PROJECT": self.project,
            "BIOQMS_DATA": str(self.folder),
        }

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Return all rows of a table of the dataset `analytics`."""
        found = self.client.query(f"select * from analytics.{table}").result(timeout=QUERY_SECONDS)  # noqa: S608
        return [dict(row) for row in found]


def read_log(path: Path) -> Iterator[Sent]:
    """Yield the queries of a dbt debug log in JSON, in the order in which they were sent."""
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        if entry["info"]["name"] == "SQLQuery":
            data = entry["data"]
            yield Sent(data.get("node_info", {}).get("unique_id", ""), data["sql"])


def _literal(row: Mapping[str, Any], message_id: str, moment: str) -> str:
    """Write a landed row as a select of literals, in the column order of raw.events."""
    columns = [
        _value(field, row.get(field["name"])) for field in json.loads(RAW_SCHEMA.read_text())[:-4]
    ]
    metadata = ["'projects/p/subscriptions/s'", _text(message_id), f"timestamp '{moment}'"]
    return "select " + ", ".join([*columns, *metadata, "json '{}'"])


def _value(field: Mapping[str, Any], value: Any) -> str:
    kind = field["type"]
    if kind == "RECORD":
        value = value or {}
        parts: Iterable[str] = (
            f"{_value(inner, value.get(inner['name']))} as `{inner['name']}`"
            for inner in field["fields"]
        )
        return f"struct({', '.join(parts)})"
    if value is None:
        return f"cast(null as {kind.lower()})"
    if kind == "JSON":
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        return f"parse_json({_text(text)})"
    return _text(str(value))


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"
