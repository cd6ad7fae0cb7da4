"""How large the tables are: rows and bytes a column, measured on warehouses of a sample world.

Bytes are BigQuery's logical bytes (https://cloud.google.com/bigquery/docs/reference/standard-sql/
data-types#data_type_sizes), which is what a query on demand is billed by. Three worlds tell what a
table grows with: one, one with twice the events a day, one with half the history.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import math
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from bench.builds import build
from bench.process import ROOT
from ingest.message import to_message

_FIXED_BYTES = {
    "INT64": 8,
    "FLOAT64": 8,
    "BOOL": 1,
    "DATE": 8,
    "TIMESTAMP": 8,
    "NUMERIC": 16,
    "BIGNUMERIC": 32,
}
# A table that has so many times the rows with twice the events grows with events.
_GROWS = 1.4
# A row an event; their old days do not change.
EVENTS = {"events", "stg_events", "int_events"}
_MESSAGES = 5_000
# What only BigQuery's tables have: the subscription's own columns, and those of dbt's merges.
_UNKNOWN_BYTES = {
    "dbt_change_type": 8.0,
    "subscription_name": 70.0,
    "message_id": 19.0,
    "publish_time": 8.0,
    "attributes": 60.0,
}


@dataclass(frozen=True)
class World:
    """A sample world: about `events` events on `days` days."""

    events: int
    days: int

    @property
    def events_a_day(self) -> float:
        """Events a day."""
        return self.events / self.days


@dataclass(frozen=True)
class Growth:
    """The rows of a table: `rows` in a world, with exponents for events a day and for days."""

    rows: int
    with_events: float
    with_days: float


class Sizes:
    """Tables' sizes at any volume, scaled from three measured warehouses."""

    def __init__(self, world: World, tenants: int, end: dt.date, folder: Path) -> None:
        """Build the three warehouses below `folder`."""
        self.world = world
        self._folder = folder
        for name, (events, days) in {
            "base": (world.events, world.days),
            "busier": (world.events * 2, world.days),
            "younger": (world.events // 2, world.days // 2),
        }.items():
            _make(folder / name, events, days, tenants, end)

    def rows(self, table: str, events_a_day: float, days: int) -> float:
        """Rows of a table after `days` days of so many events."""
        growth = self._growth(table)
        by_events = (events_a_day / self.world.events_a_day) ** growth.with_events
        return float(growth.rows * by_events * (days / self.world.days) ** growth.with_days)

    def row_bytes(self, table: str, columns: Mapping[str, str]) -> float:
        """Bytes that some columns (name to BigQuery type) take in an average row."""
        relation = _relation(table)
        described = self._base.execute(f"describe {relation}").fetchall()
        known = {name for name, *_ in described}
        measured = [_size(_quoted(name), columns[name]) for name in columns if name in known]
        other = sum(_UNKNOWN_BYTES.get(name, 0.0) for name in columns if name not in known)
        if not measured:
            return other
        sums = ", ".join(f"avg({size})" for size in measured)
        [found] = self._base.execute(f"select {sums} from {relation}").fetchall()  # noqa: S608
        return other + sum(float(value or 0) for value in found)

    def stored(self, events_a_day: float, days: int) -> tuple[float, float]:
        """Bytes after `days` days: of the tables that hold every event, and of all the others."""
        tables = self._base.execute(
            "select table_name from information_schema.tables "
            "where table_schema = 'main' and table_type = 'BASE TABLE'"
        ).fetchall()
        found = {False: 0.0, True: 0.0}
        for (table,) in [*tables, ("events",)]:
            size = self.rows(table, events_a_day, days) * self.row_bytes(table, self._types(table))
            found[table in EVENTS] += size
        return found[True], found[False]

    def message_bytes(self) -> float:
        """Bytes of an average event as a message of the topic."""
        log = next((self._folder / "base" / "log").rglob("*.jsonl"))
        with log.open("rb") as lines:
            sizes = [len(to_message(line).data) for line in itertools.islice(lines, _MESSAGES)]
        return sum(sizes) / len(sizes)

    def _types(self, table: str) -> dict[str, str]:
        """BigQuery's types of a table's columns."""
        if table == "events":
            fields = json.loads((ROOT / "infra/terraform/raw_events.json").read_text())
            return {field["name"]: _type_of(field) for field in fields}
        described = self._base.execute(f"describe {_relation(table)}").fetchall()
        return {name: _type_in_bigquery(kind) for name, kind, *_ in described}

    @cached_property
    def _base(self) -> duckdb.DuckDBPyConnection:
        return _open(self._folder / "base")

    @cached_property
    def _counts(self) -> dict[str, dict[str, int]]:
        counts = {}
        for name in ("base", "busier", "younger"):
            with _open(self._folder / name) as connection:
                counts[name] = _count(connection)
        return counts

    def _growth(self, table: str) -> Growth:
        base, busier, younger = (
            self._counts[name].get(table, 0) for name in ("base", "busier", "younger")
        )
        with_events = 1.0 if base and busier / base > _GROWS else 0.0
        # Half the history has half the events, too: what is left of its effect is that of days.
        with_days = math.log2(base / younger) if base and younger else 0.0
        return Growth(base, with_events, min(1.0, max(0.0, with_days)))


def _type_of(field: Mapping[str, Any]) -> str:
    """The type of a field in BigQuery's JSON, as SQL writes it."""
    kind = str(field["type"])
    if kind in {"RECORD", "STRUCT"}:
        inner = ", ".join(f"{one['name']} {_type_of(one)}" for one in field["fields"])
        kind = f"STRUCT<{inner}>"
    return f"ARRAY<{kind}>" if field.get("mode") == "REPEATED" else kind


def _type_in_bigquery(kind: str) -> str:
    """The type with which dbt makes a column of a DuckDB type on BigQuery."""
    bare, _, rest = kind.partition("[")
    found = {
        "BIGINT": "INT64", "INTEGER": "INT64", "HUGEINT": "NUMERIC", "DOUBLE": "FLOAT64",
        "BOOLEAN": "BOOL", "TIMESTAMP": "TIMESTAMP", "DATE": "DATE",
    }.get(bare, "NUMERIC" if bare.startswith("DECIMAL") else "STRING")  # fmt: skip
    return f"ARRAY<{found}>" if rest else found


def _make(data: Path, events: int, days: int, tenants: int, end: dt.date) -> None:
    if (data / "warehouse.duckdb").exists():
        return
    data.mkdir(parents=True)
    sample = ["sample", f"--events={events}", f"--days={days}", f"--tenants={tenants}"]
    environment = os.environ | {"BIOQMS_DATA": str(data)}
    bioqms = [sys.executable, "-m", "bioqms"]
    with subprocess.Popen(
        [*bioqms, *sample, f"--end={end}"], cwd=ROOT, stdout=subprocess.PIPE
    ) as source:
        subprocess.run(
            [*bioqms, "load", "-"],
            cwd=ROOT,
            env=environment,
            stdin=source.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    build(data, end, "8GB")


def _open(data: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(data / "warehouse.duckdb"), read_only=True)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _count(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    tables = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'main'"
    ).fetchall()
    counts = {}
    for (table,) in tables:
        found = connection.execute(f"select count(*) from {_relation(table)}").fetchone()  # noqa: S608
        counts[table] = found[0] if found else 0
    counts["events"] = counts["stg_events"]
    return counts


def _relation(table: str) -> str:
    return "raw.events" if table == "events" else _quoted(table)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _size(value: str, kind: str) -> str:
    """Return the DuckDB expression for the bytes of a value of a BigQuery type; null has none."""
    if kind.startswith("STRUCT<"):
        fields = (part.partition(" ") for part in split_types(kind[len("STRUCT<") : -1]))
        parts = (_size(f"{value}.{_quoted(name)}", inner) for name, _, inner in fields)
        return "(" + " + ".join(parts) + ")"
    if kind.startswith("ARRAY<"):
        inner = _size("x", kind[len("ARRAY<") : -1])
        return f"coalesce(list_sum(list_transform({value}, lambda x: {inner})), 0)"
    bare = kind.partition("(")[0]
    if bare in _FIXED_BYTES:
        return f"if({value} is null, 0, {_FIXED_BYTES[bare]})"
    return f"coalesce(2 + strlen(cast({value} as varchar)), 0)"


def split_types(text: str) -> list[str]:
    """Split at the commas that are in no angle brackets."""
    parts, depth, start = [], 0, 0
    for position, letter in enumerate(text):
        depth += (letter == "<") - (letter == ">")
        if letter == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [part.strip() for part in [*parts, text[start:]]]
