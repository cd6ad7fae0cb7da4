"""Step 2, validate: the event against `schemas/event-v1.0.json`, its times against the clock."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs

from ingest.errors import EventError, ReasonType
from ingest.instants import Instants, to_text
from ingest.schema import SCHEMA

MAX_FUTURE = timedelta(days=1)
"""How far `timestamp` may lie after `received_at`."""

_VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)

_PATTERN_REASONS = {
    "event_name": "expected category.action[.modifier] in lowercase letters, digits and _",
    "event_version": "expected a version such as 1.0.0",
    "tenant_id": "expected letters, digits and _ . : - only",
    "timestamp": "expected ISO 8601 with an offset, such as 2026-02-16T14:32:15.234Z",
}
_PATTERN_REASONS["sent_at"] = _PATTERN_REASONS["received_at"] = _PATTERN_REASONS["timestamp"]


def validate(event: dict[str, Any], now: datetime, *, keep_received_at: bool = False) -> Instants:
    """Check an event and read its times.

    `now` is the time of receipt, aware. With `keep_received_at` (a trusted import) the event's own
    `received_at` counts, but never later than `now`. Raises EventError.
    """
    if not _VALIDATOR.is_valid(event):
        raise _explain(next(iter(_VALIDATOR.iter_errors(event))))
    received = now
    if keep_received_at and event.get("received_at") is not None:
        received = min(now, _parse("received_at", event["received_at"]))
    happened = _parse("timestamp", event["timestamp"])
    # Subtract, not add: near the end of the calendar an addition would overflow.
    if happened - received > MAX_FUTURE:
        raise EventError(
            "$.timestamp", "more than 1 day after it was received", ReasonType.FUTURE_TIMESTAMP
        )
    sent_at = event.get("sent_at")
    return Instants(
        timestamp=to_text(happened),
        sent_at=None if sent_at is None else to_text(_parse("sent_at", sent_at)),
        received_at=to_text(received),
    )


def _parse(field: str, text: str) -> datetime:
    """Read a time whose shape the schema has checked; refuse what no calendar has."""
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise EventError(f"$.{field}", "no such date or time", ReasonType.IMPOSSIBLE_TIME) from None


def _explain(error: jsonschema_rs.ValidationError) -> EventError:
    """Turn a schema error into a path and a short reason that repeats no value."""
    kind = error.kind
    path = "$" + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path
    )
    if isinstance(kind, kind.Required):
        path = f"{path}.{kind.property}"
    return EventError(path, *_reason(path, kind))


def _reason(path: str, kind: jsonschema_rs.ValidationErrorKind) -> tuple[str, ReasonType]:
    match kind:
        case kind.AdditionalProperties():
            names = sorted(kind.unexpected)
            shown = ", ".join(json.dumps(name[:64], ensure_ascii=False) for name in names[:5])
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            reason = f"unknown field {shown}{more}", ReasonType.UNKNOWN_FIELD
        case kind.Required():
            reason = "is required", ReasonType.MISSING_FIELD
        case kind.AnyOf():
            reason = "user_id or anonymous_id is required", ReasonType.MISSING_IDENTITY
        case kind.Type():
            reason = f"expected {' or '.join(kind.types)}", ReasonType.WRONG_TYPE
        case kind.MinLength():
            reason = "must not be empty", ReasonType.EMPTY
        case kind.MaxLength():
            reason = f"longer than {kind.limit} characters", ReasonType.TOO_LONG
        case kind.Pattern() if path[2:] in _PATTERN_REASONS:
            reason = _PATTERN_REASONS[path[2:]], ReasonType.WRONG_FORMAT
        case kind.Pattern():
            reason = "must not be blank", ReasonType.EMPTY
        case _:
            reason = f"breaks the rule {kind.name}", ReasonType.BROKEN_RULE
    return reason
