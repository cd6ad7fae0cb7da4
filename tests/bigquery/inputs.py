"""What a warehouse holds before the first model: raw.events and the seeds, in BigQuery's types."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.bigquery.emulated import RAW_SCHEMA
from tests.bigquery.reference import Content, table
from tests.servers import ROOT

# The subscription's own columns, last in raw.events.
SUBSCRIPTION_COLUMNS = 4


def raw_types() -> dict[str, str]:
    """Return the BigQuery type of each column of raw.events."""
    return {field["name"]: _type(field) for field in json.loads(RAW_SCHEMA.read_text())}


def _type(field: dict[str, Any]) -> str:
    if field["type"] != "RECORD":
        return str(field["type"])
    inner = ",".join(f"{part['name']} {_type(part)}" for part in field["fields"])
    return f"STRUCT<{inner}>"


def raw_events(rows: Sequence[Mapping[str, Any]]) -> Content:
    """Return rows of the landing log as the BigQuery subscription writes them, published now."""
    fields = json.loads(RAW_SCHEMA.read_text())[:-SUBSCRIPTION_COLUMNS]
    now = datetime.now(UTC)
    messages = [
        {
            **{field["name"]: _value(field, row.get(field["name"])) for field in fields},
            "subscription_name": "projects/p/subscriptions/s",
            "message_id": f"{number:012d}",
            "publish_time": now,
            "attributes": "{}",
        }
        for number, row in enumerate(rows, start=1)
    ]
    return table(raw_types(), messages)


def _value(field: Mapping[str, Any], value: Any) -> Any:
    if field["type"] == "RECORD":
        parts = value or {}
        return {part["name"]: _value(part, parts.get(part["name"])) for part in field["fields"]}
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True) if field["type"] == "JSON" else str(value)


def seed_types(node: Mapping[str, Any]) -> dict[str, str]:
    """Type a seed's columns as its configuration or else BigQuery's load job does."""
    rows = _seed_rows(node)
    declared = node["config"].get("column_types") or {}
    return {
        column: declared.get(column, _detect([row[column] for row in rows if row[column]])).upper()
        for column in rows[0]
    }


def seed(node: Mapping[str, Any]) -> Content:
    """Return a seed as the table that `dbt seed` makes of it; an empty field is null."""
    types = seed_types(node)
    rows = [
        {column: _parse(text, types[column]) for column, text in row.items()}
        for row in _seed_rows(node)
    ]
    return table(types, rows)


def _seed_rows(node: Mapping[str, Any]) -> list[dict[str, str]]:
    with (ROOT / node["original_file_path"]).open() as file:
        return list(csv.DictReader(file))


def _bool(text: str) -> bool:
    return bool(["false", "true"].index(text.lower()))


PARSERS: dict[str, Callable[[str], Any]] = {"BOOL": _bool, "INT64": int, "FLOAT64": float}


def _detect(values: list[str]) -> str:
    for name, parse in PARSERS.items():
        try:
            for value in values:
                parse(value)
        except ValueError:
            continue
        if values:
            return name
    return "STRING"


def _parse(text: str, kind: str) -> Any:
    return PARSERS.get(kind, str)(text) if text else None
