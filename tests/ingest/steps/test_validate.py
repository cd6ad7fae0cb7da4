"""The event contract: what is refused, and how the reason reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import EventError
from ingest.instants import to_text
from ingest.schema import SCHEMA
from ingest.steps.validate import validate
from tests.ingest.collector import event

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_the_schema_is_draft_2020_12() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert jsonschema_rs.meta.is_valid(SCHEMA)
    assert set(SCHEMA["required"]) == {"event_name", "timestamp"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"zz": 1, "aa": 2}, '$: unknown field "aa", "zz"'),
        ({str(n): 1 for n in range(7)}, '$: unknown field "0", "1", "2", "3", "4" and 2 more'),
        ({"event_name": "Page.Viewed"}, "$.event_name: expected category.action"),
        ({"event_name": "page"}, "$.event_name: expected category.action"),
        ({"event_name": "a.b.c.d"}, "$.event_name: expected category.action"),
        ({"event_name": "a.b\n"}, "$.event_name: expected category.action"),
        ({"event_name": "a." + "b" * 200}, "$.event_name: longer than 128 characters"),
        ({"event_name": None}, "$.event_name: expected string"),
        ({"timestamp": 1771252335}, "$.timestamp: expected string"),
        ({"timestamp": "2026-02-16T14:32:15"}, "$.timestamp: expected ISO 8601 with an offset"),
        ({"timestamp": "yesterday"}, "$.timestamp: expected ISO 8601 with an offset"),
        ({"timestamp": "2026-W07-1T00:00Z"}, "$.timestamp: expected ISO 8601 with an offset"),
        ({"timestamp": "2026-02-30T00:00:00Z"}, "$.timestamp: no such date or time"),
        ({"timestamp": "2026-02-16T24:00:01Z"}, "$.timestamp: no such date or time"),
        ({"timestamp": "2026-02-16T23:59:60Z"}, "$.timestamp: no such date or time"),
        ({"timestamp": "0001-01-01T00:00:00+02:00"}, "$.timestamp: no such date or time"),
        ({"timestamp": "2026-11-02T12:00:00.000001Z"}, "$.timestamp: more than 1 day after"),
        ({"timestamp": "9999-12-31T23:59:59Z"}, "$.timestamp: more than 1 day after"),
        ({"sent_at": "2026-02-30T00:00:00Z"}, "$.sent_at: no such date or time"),
        ({"user_id": None}, "$: user_id or anonymous_id is required"),
        ({"user_id": ""}, "$.user_id: must not be empty"),
        ({"user_id": " "}, "$.user_id: must not be blank"),
        ({"user_id": 7}, "$.user_id: expected null or string"),
        ({"user_id": "x" * 257}, "$.user_id: longer than 256 characters"),
        ({"event_id": ""}, "$.event_id: must not be empty"),
        ({"event_version": "two"}, "$.event_version: expected a version such as 1.0.0"),
        ({"tenant_id": "a b"}, "$.tenant_id: expected letters"),
        ({"tenant_id": ""}, "$.tenant_id: expected letters"),
        ({"properties": []}, "$.properties: expected null or object"),
        ({"traits": "x"}, "$.traits: expected null or object"),
        ({"context": {"page": "/"}}, "$.context.page: expected null or object"),
        ({"context": {"page": {"url": 3}}}, "$.context.page.url: expected null or string"),
        ({"context": {"ip": "1" * 65}}, "$.context.ip: longer than 64 characters"),
    ],
)
def test_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(EventError) as refused:
        validate(event(**fields), NOW)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("field", ["event_name", "timestamp"])
def test_required(field: str) -> None:
    incomplete = event()
    del incomplete[field]
    with pytest.raises(EventError) as refused:
        validate(incomplete, NOW)
    assert str(refused.value) == f"$.{field}: is required"


def test_reasons_repeat_no_values() -> None:
    secret = "secret@example.com"
    for fields in ({"timestamp": secret}, {"event_name": secret}, {"context": {"page": secret}}):
        with pytest.raises(EventError) as refused:
            validate(event(**fields), NOW)
        assert secret not in json.dumps(str(refused.value))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-02-16T14:32:15.234Z", "2026-02-16T14:32:15.234000Z"),
        ("2026-02-16T14:32:15.1234567899Z", "2026-02-16T14:32:15.123456Z"),
        ("2026-02-16T14:32:15.9999999Z", "2026-02-16T14:32:15.999999Z"),
        ("2026-02-16T14:32Z", "2026-02-16T14:32:00.000000Z"),
        ("2026-02-16 14:32:15,5+05:30", "2026-02-16T09:02:15.500000Z"),
        ("2026-02-16t14:32:15z", "2026-02-16T14:32:15.000000Z"),
        ("2026-01-01T00:30:00+0100", "2025-12-31T23:30:00.000000Z"),
        ("0099-01-01T00:00:00Z", "0099-01-01T00:00:00.000000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"),
        ("2026-11-02T12:00:00.000000Z", "2026-11-02T12:00:00.000000Z"),
    ],
)
def test_times(sent: str, kept: str) -> None:
    assert validate(event(timestamp=sent), NOW).timestamp == kept


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1, 1, 3)))
def test_any_instant_is_kept(instant: datetime) -> None:
    offset = instant.utcoffset()
    if offset is None or offset.total_seconds() % 60 or instant.year > 2025:
        return
    kept = validate(event(timestamp=instant.isoformat()), NOW).timestamp
    assert kept == to_text(instant.astimezone(UTC))


def test_received_at_is_ours_unless_a_trusted_import_says_otherwise() -> None:
    old = event(received_at="2026-03-01T00:00:00Z")
    assert validate(old, NOW).received_at == to_text(NOW)
    kept = validate(old, NOW, keep_received_at=True).received_at
    assert kept == "2026-03-01T00:00:00.000000Z"
    ahead = event(received_at=(NOW + timedelta(hours=1)).isoformat())
    assert validate(ahead, NOW, keep_received_at=True).received_at == to_text(NOW)


def test_future_is_judged_by_the_time_of_receipt() -> None:
    row = event(timestamp="2026-03-03T00:00:00Z", received_at="2026-03-01T00:00:00Z")
    assert validate(row, NOW)
    with pytest.raises(EventError, match=r"\$\.timestamp: more than 1 day after"):
        validate(row, NOW, keep_received_at=True)


def test_nulls_are_absent_fields() -> None:
    nothing = dict.fromkeys(
        ["event_id", "event_version", "tenant_id", "session_id", "sent_at", "received_at"]
    )
    assert validate(event(**nothing, anonymous_id=None, context=None, properties=None), NOW)


def test_unknown_context_is_allowed() -> None:
    assert validate(event(context={"library": {"name": "x"}, "page": {"search": "?a"}}), NOW)
