"""An event's way through the steps, the same for a request and for a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ingest.auth import WriteKey
from ingest.errors import EventError
from ingest.instants import to_text
from ingest.steps.decode import MAX_EVENT_BYTES, Decoded
from ingest.steps.enrich import Client, enrich, new_event_id
from ingest.steps.scrub import Policy, Scrubber, scrub_text, scrub_value
from ingest.steps.validate import validate

MAX_KEPT = 4096
"""Characters of a refused event that are kept."""
_MAX_SCRUBBED = 64 * 1024  # bytes of it that are looked at
_ROW_TOO_LARGE = f"larger than {MAX_EVENT_BYTES} bytes with what is added to it"


@dataclass(slots=True)
class Outcome:
    """The fate of one event: a `row` to land, or the `error` it was refused for.

    `is_lost`: no sink took it, the sender has to send it again. A refused event's `event_name` is
    what was sent, whatever it is, and its tenant is empty if its key may not write for it.
    """

    event_id: str | None
    row: bytes = b""
    error: EventError | None = None
    is_lost: bool = False
    tenant_id: str = ""
    event_name: str = ""


def process(
    decoded: Decoded, key: WriteKey, now: datetime, client: Client, scrubber: Scrubber
) -> Outcome:
    """Take one decoded event through validate, scrub and enrich. Raises nothing for bad events."""
    event = decoded.event
    try:
        if decoded.error is not None:
            raise decoded.error
        instants = validate(event, now, keep_received_at=key.may_import)
        tenant_id = key.tenant_for(event.get("tenant_id"))
    except EventError as error:
        return _refused(event, key, error)
    sent_id = event.get("event_id") or new_event_id()
    event["event_id"] = sent_id
    scrubber.scrub(event, decoded.compact, tenant_id)
    row = enrich(event, tenant_id, instants, client)
    if len(row) - 1 > MAX_EVENT_BYTES:  # less the newline; a longer one could not be loaded again
        return _refused(event, key, EventError("$", _ROW_TOO_LARGE))
    return Outcome(sent_id, row=row, tenant_id=tenant_id, event_name=event["event_name"])


def reject_row(
    decoded: Decoded, error: EventError, now: datetime, source: dict[str, Any], policy: Policy
) -> bytes:
    """Write a refused event as one line of the rejects: when, from where, why, and the event.

    The event is JSON text, scrubbed by the tenant's policy, cut at 4,096 characters.
    """
    row = {
        "rejected_at": to_text(now),
        **source,
        "path": scrub_text(error.path, policy),
        "reason": scrub_text(error.reason, policy),
        "event": _scrubbed_text(decoded, policy)[:MAX_KEPT],
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _scrubbed_text(decoded: Decoded, policy: Policy) -> str:
    """The event as text. Scrubbed before it is cut: half an address is not seen as one."""
    if decoded.event is not None and len(decoded.compact) <= _MAX_SCRUBBED:
        return orjson.dumps(scrub_value(decoded.event, policy)).decode()
    text = decoded.compact[:_MAX_SCRUBBED].decode(errors="replace")
    return scrub_text(text, policy)


def _refused(event: Any, key: WriteKey, error: EventError) -> Outcome:
    sent = event if isinstance(event, dict) else {}
    event_id, tenant_id, name = (sent.get(n) for n in ("event_id", "tenant_id", "event_name"))
    try:
        tenant_id = key.tenant_for(tenant_id if isinstance(tenant_id, str) else None)
    except EventError:
        tenant_id = ""
    return Outcome(
        event_id[:256] if isinstance(event_id, str) else None,
        error=error,
        tenant_id=tenant_id,
        event_name=name if isinstance(name, str) else "",
    )
