"""The dbt project on the BigQuery emulator: land rows, build, read marts and the SQL sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from google.cloud import bigquery

from tests.servers import ROOT, BigQueryEmulator

RAW_SCHEMA = ROOT / "infra" / "terraform" / "raw_events.json"
QUERY_SECONDS = 120


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
        self._schema = self.client.schema_from_json(RAW_SCHEMA)
        self.client.create_table(
            bigquery.Table(f"{project}.raw.events", schema=self._schema), timeout=QUERY_SECONDS
        )
        self._messages = 0

    def land(self, rows: Sequence[Mapping[str, Any]], published: datetime | None = None) -> None:
        """Write rows of the landing log as the BigQuery subscription would.

        What Pub/Sub adds is made up where a row has none of it; ``published`` is its own clock, now
        by default.
        """
        moment = (published or datetime.now(UTC)).isoformat()
        lines = []
        for row in rows:
            self._messages += 1
            metadata = {
                "subscription_name": "projects/p/subscriptions/s",
                "message_id": f"{self._messages:012d}",
                "publish_time": moment,
                "attributes": {},
            }
            lines.append(json.dumps(_columns(metadata | dict(row))))
        load = self.client.load_table_from_file(
            BytesIO("\n".join(lines).encode()),
            f"{self.project}.raw.events",
            job_config=bigquery.LoadJobConfig(
                schema=self._schema, source_format="NEWLINE_DELIMITED_JSON"
            ),
        )
        load.result(timeout=QUERY_SECONDS)

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
            "--log-file-max-bytes=0",  # one file, however long
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
        return os.environ | self.settings()

    def settings(self) -> dict[str, str]:
        """What of it is this warehouse's own."""
        return {
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


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of raw.events, with JSON as what it means, not as its text."""
    columns = {}
    for field in json.loads(RAW_SCHEMA.read_text()):
        value = row.get(field["name"])
        if field["type"] == "JSON" and isinstance(value, str):
            value = json.loads(value)
        columns[field["name"]] = value
    return columns
