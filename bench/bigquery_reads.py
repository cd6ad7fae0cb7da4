"""What an increment would scan on BigQuery: tables, columns and partitions.

dbt builds a small world twice on the BigQuery emulator; what it sends for the second build goes
through Google's analyzer.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.process import ROOT
from tests.bigquery.analyzer import Statement, Warehouse
from tests.bigquery.emulated import EmulatedWarehouse, Sent
from tests.bigquery.inputs import raw_types, seed_types
from tests.bigquery.reads import OPTIONS, Read, reads
from tests.servers import BigQueryServer

PROJECT = "cost"
# dbt notes by its own clock what it has taken in: the last day is today.
END = dt.datetime.now(dt.UTC).date()
TEST_DAYS = 3
AUDIT = "tests of all history"
_EVENTS, _DAYS, _TENANTS = 3_000, 30, 2


def increment(folder: Path) -> list[Read]:
    """Build a small world twice in `folder`; what the second build's statements read."""
    sample = ["sample", f"--events={_EVENTS}", f"--days={_DAYS}", f"--tenants={_TENANTS}"]
    command = [sys.executable, "-m", "bioqms", *sample, f"--end={END}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    rows = [row | {"received_at": row.get("received_at") or row["sent_at"]} for row in rows]
    before = [row for row in rows if row["received_at"] < END.isoformat()]
    last = [row for row in rows if row["received_at"] >= END.isoformat()]
    server = BigQueryServer()
    server.start()
    try:
        emulated = EmulatedWarehouse(server.emulator, PROJECT, folder)
        sent = [
            _build(emulated, before, END - dt.timedelta(days=1)),
            _build(emulated, last, END, test_days=TEST_DAYS),
        ]
    finally:
        server.stop()
    manifest = json.loads((folder / "target" / "manifest.json").read_text())
    return list(reads_of(manifest, *sent))


def _build(
    emulated: EmulatedWarehouse, rows: list[dict[str, Any]], day: dt.date, **more: Any
) -> list[Sent]:
    emulated.land(rows)
    variables = json.dumps({"as_of_date": day.isoformat(), **more})
    arguments = ["--exclude-resource-types", "unit_test", "--vars", variables]
    return emulated.dbt("build", *arguments, *(["--exclude", "tag:whole_history"] if more else []))


def reads_of(manifest: dict[str, Any], first: list[Sent], second: list[Sent]) -> Iterator[Read]:
    """What the second build's statements read, and the first one's tests (node `AUDIT`)."""
    warehouse = Warehouse(options=OPTIONS)
    raw = (PROJECT, "raw", "events")
    warehouse.add(raw, raw_types(), partition_column="publish_time", requires_partition_filter=True)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "seed":
            warehouse.add((PROJECT, "analytics", node["alias"]), seed_types(node))
    overwritten = {
        node["name"]
        for node in manifest["nodes"].values()
        if node["config"].get("incremental_strategy") == "insert_overwrite"
    }
    for number, sent in enumerate([*first, *second]):
        statements = [
            _over_a_partition(each, manifest, warehouse) for each in warehouse.run(sent.sql)
        ]
        if number < len(first):
            if not sent.node.startswith("test."):
                continue
            node = AUDIT
        else:
            node = sent.node
        for statement in statements:
            yield from reads(node, statement, warehouse.tables, END, overwritten)


def _over_a_partition(
    statement: Statement, manifest: dict[str, Any], warehouse: Warehouse
) -> Statement:
    """Let a view be filtered by the partition column of its table, as its `meta` says."""
    if statement.kind == "ResolvedCreateViewStmt" and statement.created is not None:
        node = manifest["nodes"].get(f"model.bioqms.{statement.created.path[-1]}")
        column = node["config"]["meta"].get("partition_column") if node else None
        if column:
            view = replace(statement.created, partition_column=column)
            warehouse.tables[view.path] = view
    return statement
