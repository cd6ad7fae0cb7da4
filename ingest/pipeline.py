"""An event's way through the steps, the same for a request and for a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from ingest.auth import WriteKey
from ingest.errors import EventError, ReasonType
from ingest.instants import to_text
from ingest.steps import admit
from ingest.steps.decode import MAX_EVENT_BYTES, Decoded
from ingest.steps.enrich import Client, enrich, new_event_id
from ingest.steps.scrub import Policy, Scrubber, scrub_text, scrub_value
from ingest.steps.validate import validate

MAX_KEPT = 4096
"""Characters of a refused event that are kept."""
_MAX_SCRUBBED = 64 * 1024  # bytes of it that are looked at
_MAX_WORD = 128  # characters of a name or version in it that are kept
_ROW_TOO_LARGE = f"larger than {MAX_EVENT_BYTES} bytes with what is added to it"


@dataclass(slots=True)
class Outcome:
    """The fate of one event: a `row` to land, or the `error` it was refused for.

    `is_suppressed`: it was not admitted, nothing of it may be kept. `is_lost`: no sink took it, the
    sender has to send it again. A refused event's `event_name` is what was sent, whatever it is,
    and its tenant is empty if its key may not write for it.
    """

    event_id: str | None
    row: bytes = b""
    error: EventError | None = None
    is_lost: bool = False
    is_suppressed: bool = False
    tenant_id: str = ""
    event_name: str = ""


def process(
    decoded: Decoded, key: WriteKey, now: datetime, client: Client, scrubber: Scrubber
) -> Outcome:
    """Take one decoded event through admit, validate, scrub and enrich.

    Raises nothing for bad events.
    """
    event = decoded.event
    if isinstance(event, dict):
        tenant_id = _tenant_of(event, key)
        is_admitted = admit.is_admitted(event, tenant_id)
    else:
        tenant_id = key.default_tenant or ""
        is_admitted = admit.is_text_admitted(decoded.compact, tenant_id)
    if not is_admitted:
        return Outcome(_sent_id(event), is_suppressed=True)
    try:
        if decoded.error is not None:
            raise decoded.error
        instants = validate(event, now, keep_received_at=key.may_import)
        if not tenant_id:
            key.tenant_for(event.get("tenant_id"))  # says why there is none
    except EventError as error:
        return _refused(event, tenant_id, error)
    sent_id = event.get("event_id") or new_event_id()
    event["event_id"] = sent_id
    scrubber.scrub(event, decoded.compact, tenant_id)
    row = enrich(event, tenant_id, instants, client)
    if len(row) - 1 > MAX_EVENT_BYTES:  # less the newline; a longer one could not be loaded again
        return _refused(event, tenant_id, EventError("$", _ROW_TOO_LARGE, ReasonType.TOO_LARGE))
    return Outcome(sent_id, row=row, tenant_id=tenant_id, event_name=event["event_name"])


def reject_row(
    decoded: Decoded, outcome: Outcome, now: datetime, source: dict[str, Any], policy: Policy
) -> bytes:
    """Write a refused event as one line of the rejects: when, from where, whose, why, and itself.

    The event is JSON text, scrubbed by the tenant's policy, cut at 4,096 characters. Raises
    ValueError for an event that was not refused.
    """
    error = outcome.error
    if error is None:
        raise ValueError("the event was not refused")
    sent = decoded.event if isinstance(decoded.event, dict) else {}
    row = {
        "rejected_at": to_text(now),
        **source,
        "tenant_id": outcome.tenant_id or None,
        "event_name": _word(sent.get("event_name"), policy),
        "event_version": _word(sent.get("event_version"), policy),
        "library": _library(sent, policy),
        "reason_type": error.reason_type,
        "path": scrub_text(error.path, policy),
        "reason": scrub_text(error.reason, policy),
        "event": _scrubbed_text(decoded, policy)[:MAX_KEPT],
    }
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)


def _word(sent: Any, policy: Policy) -> str | None:
    """A short text that was sent, or None; scrubbed before it is cut."""
    return scrub_text(sent, policy)[:_MAX_WORD] if isinstance(sent, str) else None


def _library(sent: dict[str, Any], policy: Policy) -> dict[str, str | None] | None:
    """Which SDK sent an event, where it says so."""
    context = sent.get("context")
    library = context.get("library") if isinstance(context, dict) else None
    if not isinstance(library, dict):
        return None
    return {name: _word(library.get(name), policy) for name in ("name", "version")}


def _scrubbed_text(decoded: Decoded, policy: Policy) -> str:
    """The event as text. Scrubbed before it is cut: half an address is not seen as one."""
    if decoded.event is not None and len(decoded.compact) <= _MAX_SCRUBBED:
        return orjson.dumps(scrub_value(decoded.event, policy)).decode()
    text = decoded.compact[:_MAX_SCRUBBED].decode(errors="replace")
    return scrub_text(text, policy)


def _tenant_of(sent: dict[str, Any], key: WriteKey) -> str:
    """The tenant of an event that may be anything; empty if the key may not write for it."""
    tenant_id = sent.get("tenant_id")
    try:
        return key.tenant_for(tenant_id if isinstance(tenant_id, str) else None)
    except EventError:
        return ""


def _sent_id(event: Any) -> str | None:
    event_id = event.get("event_id") if isinstance(event, dict) else None
    return event_id[:256] if isinstance(event_id, str) else None


def _refused(event: Any, tenant_id: str, error: EventError) -> Outcome:
    sent = event if isinstance(event, dict) else {}
    name = sent.get("event_name")
    return Outcome(
        _sent_id(event),
        error=error,
        tenant_id=tenant_id,
        event_name=name if isinstance(name, str) else "",
    )
