"""A landed row in Avro's JSON encoding, as a topic with schema and encoding JSON demands it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def encode(row: Mapping[str, Any], schema: Mapping[str, Any]) -> bytes:
    """Return the message of a row: every field present, values that are not null wrapped.

    Objects where the schema says text (properties, traits) become JSON text, keys sorted.
    """
    return json.dumps(_record(row, schema), separators=(",", ":")).encode()


def decode(message: bytes, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that a BigQuery subscription would write for a message."""
    return _plain(json.loads(message), schema)


def _record(row: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    return {
        field["name"]: _union(row.get(field["name"]), branch(field)) for field in schema["fields"]
    }


def _union(value: Any, kind: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, dict):
        return {kind["name"]: _record(value, kind)}
    if not isinstance(value, str):
        value = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return {kind: value}


def _plain(record: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    plain = {}
    for field in schema["fields"]:
        value, kind = record[field["name"]], branch(field)
        if isinstance(kind, dict):
            plain[field["name"]] = None if value is None else _plain(value[kind["name"]], kind)
        else:
            plain[field["name"]] = None if value is None else value[kind]
    return plain


def branch(field: Mapping[str, Any]) -> Any:
    """Return the type of a nullable field beside null."""
    kinds = [kind for kind in field["type"] if kind != "null"]
    if field["type"][0] != "null" or len(kinds) != 1:
        raise ValueError(f"{field['name']} is not [null, type]")
    return kinds[0]
