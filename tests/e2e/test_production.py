"""The production shape end to end, on the emulators, held against the embedded default.

The same events go by HTTP to two collectors. One publishes to Pub/Sub; what its subscription holds
is written into BigQuery, where the marts are built. The other lands in its log, from which the
marts are built in DuckDB. No number may tell which way it came.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.bigquery.conftest import LocalWarehouse, Tables, comparable, mart_names
from tests.bigquery.emulated import EmulatedWarehouse
from tests.ingest.collector import BIOQMS, IMPORT_KEY, Collector, environment, read_rows
from tests.ingest.pubsub import Queue, make_queue
from tests.models.compare import compare, report
from tests.servers import BigQueryEmulator, PubSubEmulator

AS_OF = date(2026, 6, 30)
EVENTS = 1_000
BATCH = 100
FAULTY = {"event_name": "page.viewed", "timestamp": "2026-06-30T10:00:00Z", "colour": "red"}
# Both collectors must write the same pseudonyms.
PSEUDONYMS = {"BIOQMS_PSEUDONYM_KEY": "the same key for both collectors"}


@dataclass(frozen=True)
class Ways:
    """The fates that each collector told, the ids that reached BigQuery, the marts of both."""

    production_fates: list[dict[str, Any]]
    default_fates: list[dict[str, Any]]
    raw_ids: list[str]
    bigquery: Tables
    duckdb: Tables


def bioqms(*arguments: object, **env: str) -> str:
    """Run the command to its end and return what it prints."""
    done = subprocess.run(
        [BIOQMS, *map(str, arguments)], capture_output=True, text=True, check=False,
        env=environment(**PSEUDONYMS, **env),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sample() -> list[dict[str, Any]]:
    """Events of two tenants, one that is refused and one that is sent twice.

    Each has its `received_at`, which a key for imports may set: the two collectors would else note
    different moments, and every number of receipt would differ.
    """
    options = (f"--events={EVENTS}", "--days=40", "--tenants=2", f"--end={AS_OF}")
    events = [json.loads(line) for line in bioqms("sample", *options).splitlines()]
    return [*events, FAULTY, events[7]]


def collect(events: list[dict[str, Any]], data: Path, **env: str) -> list[dict[str, Any]]:
    """Send events to a collector, and stop it; returns the fate of each."""
    collector = Collector(data, env=PSEUDONYMS | env)
    try:
        fates = []
        for start in range(0, len(events), BATCH):
            fates += collector.results(events[start : start + BATCH], IMPORT_KEY)
        assert collector.stop() == 0
    finally:
        collector.kill()
    return fates


def deliver(queue: Queue, folder: Path, warehouse: EmulatedWarehouse) -> None:
    """Do the work of the BigQuery subscription: write what the topic's subscription holds."""
    name = queue.subscription.rpartition("/")[2]
    bioqms("subscribe", "--subscription", name, "--idle", "2", "--data", folder, **queue.env)
    warehouse.land(read_rows(sorted((folder / "log").glob("date=*/hour=*/*.jsonl"))))


@pytest.fixture(scope="module")
def ways(
    pubsub_emulator: PubSubEmulator,
    bigquery_emulator: BigQueryEmulator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Ways:
    """Send, deliver and build, once for all tests."""
    folder = tmp_path_factory.mktemp("production")
    events = sample()
    build = ("build", "--as-of", AS_OF)

    queue = make_queue(pubsub_emulator)
    warehouse = EmulatedWarehouse(bigquery_emulator, "production", folder / "bigquery")
    production_fates = collect(events, folder / "publishing", **queue.env)
    deliver(queue, folder / "subscribed", warehouse)
    bioqms(*build, "--target", "emulator", **warehouse.settings())

    local = LocalWarehouse(folder / "landing")
    default_fates = collect(events, local.folder)
    bioqms(*build, BIOQMS_DATA=str(local.folder))

    manifest = json.loads((local.folder / "dbt" / "target" / "manifest.json").read_text())
    names = mart_names(manifest)
    ids = "select event_id from raw.events where publish_time > '1970-01-01'"
    raw = warehouse.client.query(ids).result(timeout=60)
    return Ways(
        production_fates=production_fates,
        default_fates=default_fates,
        raw_ids=[row.event_id for row in raw],
        bigquery={name: [comparable(row) for row in warehouse.rows(name)] for name in names},
        duckdb=local.tables(names),
    )


def test_both_collectors_tell_the_same_fates(ways: Ways) -> None:
    assert ways.production_fates == ways.default_fates
    assert ways.production_fates[EVENTS]["status"] == "rejected"


def test_every_accepted_event_is_in_bigquery_as_it_was_acknowledged(ways: Ways) -> None:
    acknowledged = Counter(
        fate["event_id"] for fate in ways.production_fates if fate["status"] == "accepted"
    )
    assert acknowledged.total() > EVENTS * 0.9
    assert Counter(ways.raw_ids) == acknowledged


def test_every_mart_is_equal_row_by_row(ways: Ways) -> None:
    assert {name for name, rows in ways.duckdb.items() if not rows} <= {"event_rejects"}
    differences = compare(ways.duckdb, ways.bigquery, ways.duckdb, every_column=True)
    assert not differences, report(differences)
