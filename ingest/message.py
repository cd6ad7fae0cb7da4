"""A landed row as a Pub/Sub message, and back.

The data is Avro's JSON encoding of `schemas/event.avsc`: every field is present, a value that is
not null is wrapped in its type's name, objects of unknown shape (properties, traits) are JSON text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, NamedTuple, TypeAlias

import orjson

MAX_ORDERING_KEY_BYTES = 1024
"""Pub/Sub takes no longer one."""

# What stands beside null in a field's type: text, or a record's name and its fields.
_Kind: TypeAlias = "str | tuple[str, dict[str, _Kind]]"

_JSON_COLUMNS = ("properties", "traits")
# The order of fields in the landing log (ingest/steps/enrich.py); a message has the schema's order.
_ROW_FIELDS = (
    *("event_id", "event_name", "event_version", "timestamp", "sent_at", "received_at"),
    *("tenant_id", "user_id", "anonymous_id", "session_id", "context", "properties", "traits"),
)


class Message(NamedTuple):
    """What is published for one row."""

    data: bytes
    ordering_key: str
    attributes: dict[str, str]


def to_message(row: bytes) -> Message:
    """Encode one line of the landing log."""
    event = orjson.loads(row)
    return Message(
        data=orjson.dumps(_encode(event, _FIELDS)),
        ordering_key=ordering_key(event),
        attributes={"event_name": event["event_name"], "tenant_id": event["tenant_id"]},
    )


def to_reject_message(row: bytes) -> Message:
    """Encode one line of the rejects as it is: what was refused fits no schema."""
    return Message(data=row.rstrip(b"\n"), ordering_key="", attributes={})


def ordering_key(event: Mapping[str, Any]) -> str:
    """Name the stream whose order Pub/Sub keeps: the tenant's device, else its user."""
    device, user = event.get("anonymous_id"), event.get("user_id")
    stream = f"d:{device}" if device else f"u:{user}"
    key = f"{event['tenant_id']}/{stream}"
    encoded = key.encode()
    if len(encoded) <= MAX_ORDERING_KEY_BYTES:
        return key
    return "sha256:" + hashlib.sha256(encoded).hexdigest()


def from_message(data: bytes) -> dict[str, Any]:
    """Read the columns that a BigQuery subscription writes for a message, in the schema's order.

    properties and traits are JSON text. Raises ValueError if the data is not such a message.
    """
    try:
        return _decode(orjson.loads(data), _FIELDS)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not an event in Avro's JSON encoding") from error


def to_row(columns: Mapping[str, Any], **metadata: Any) -> bytes:
    """Write the columns of a message as the line that the landing log would hold.

    `metadata` comes after them; the landing log's readers pass over what they do not know.
    """
    row = {name: columns[name] for name in _ROW_FIELDS}
    for name in _JSON_COLUMNS:
        if row[name] is not None:
            row[name] = orjson.Fragment(row[name])
    return orjson.dumps(row | metadata, option=orjson.OPT_APPEND_NEWLINE)


def _fields(record: Mapping[str, Any]) -> dict[str, _Kind]:
    return {field["name"]: _kind(field["type"]) for field in record["fields"]}


def _kind(union: list[Any]) -> _Kind:
    kind = union[1]  # beside "null"
    return kind if isinstance(kind, str) else (kind["name"], _fields(kind))


_FIELDS = _fields(json.loads((files("ingest") / "schemas" / "event.avsc").read_text()))


def _encode(record: Mapping[str, Any], fields: dict[str, _Kind]) -> dict[str, Any]:
    encoded: dict[str, Any] = {}
    for name, kind in fields.items():
        value = record.get(name)
        if value is None:
            encoded[name] = None
        elif isinstance(kind, tuple):
            encoded[name] = {kind[0]: _encode(value, kind[1])}
        elif isinstance(value, str):
            encoded[name] = {kind: value}
        else:
            encoded[name] = {kind: orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()}
    return encoded


def _decode(record: Mapping[str, Any], fields: dict[str, _Kind]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name, kind in fields.items():
        wrapped = record[name]
        if wrapped is None:
            plain[name] = None
        elif isinstance(kind, tuple):
            plain[name] = _decode(wrapped[kind[0]], kind[1])
        else:
            plain[name] = wrapped[kind]
    return plain
