"""Events: what a landed row says, whether it is valid, and which copy of an event wins."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.judge.rounding import DAY, EPOCH, day_of

Raw = Mapping[str, Any]
NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,2}\Z")
TEXTS = ("event_name", "event_version", "user_id", "anonymous_id", "session_id", "sent_at")
PAGE = {f"page_{key}": ("page", key) for key in ("url", "path", "title", "referrer")}
PLAIN = {key: (key,) for key in ("user_agent", "ip", "locale", "timezone")}
DEVICE = {f"device_{key}": ("device", key) for key in ("type", "vendor", "model")}
OS = {f"os_{key}": ("os", key) for key in ("name", "version")}
BROWSER = {f"browser_{key}": ("browser", key) for key in ("name", "version")}
CONTEXT = {**PAGE, **PLAIN, **DEVICE, **OS, **BROWSER, "context_extra": ("extra",)}


@dataclass
class Event:
    """One landed row. `person` is its resolved user, once identity has been applied."""

    raw: Raw
    tenant: str | None
    event_id: str | None
    name: str | None
    user: str | None
    device: str | None
    time: int | None
    received: int | None
    properties: dict[str, Any]
    traits: dict[str, Any]
    reason: str | None = None
    copy_number: int = 0
    person: str | None = field(default=None, compare=False)

    @property
    def at(self) -> int:
        """Event time of a valid event, in microseconds."""
        assert self.time is not None
        return self.time

    @property
    def order(self) -> tuple[int, bytes]:
        """The total order: ties on time break by event id."""
        return self.at, (self.event_id or "").encode()

    @property
    def day(self) -> date:
        return day_of(self.at)

    @property
    def key(self) -> tuple[str, str]:
        """The person that an event with a resolved user belongs to."""
        assert self.tenant is not None and self.person is not None
        return self.tenant, self.person

    @property
    def feature(self) -> str | None:
        """Feature key: `properties.feature_key`, else `properties.feature_name`."""
        return text(self.properties.get("feature_key")) or text(self.properties.get("feature_name"))

    def context(self, column: str) -> str | None:
        """A value of the context under its `fct_events` column name."""
        here: Any = self.raw.get("context") or {}
        for key in CONTEXT[column]:
            here = (here or {}).get(key)
        return text(here)


def text(value: object) -> str | None:
    """The text of a JSON value; an empty string is missing."""
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)


def number(value: object) -> Decimal | None:
    """The exact number of a JSON value, if it is one; no number has an underscore but Python's."""
    written = text(value) or ""
    try:
        result = Decimal(written)
    except InvalidOperation:
        return None
    return result if result.is_finite() and "_" not in written else None


def micros(value: object) -> int | None:
    """Parse an ISO 8601 instant; none if it cannot be read."""
    try:
        moment = datetime.fromisoformat(str(text(value)))
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def json_object(value: object) -> dict[str, Any]:
    """An object given as JSON text or already parsed."""
    parsed = json.loads(value) if isinstance(value, str) and value else value
    return parsed if isinstance(parsed, dict) else {}


def compact(value: object) -> str | None:
    """JSON text as landed: keys sorted, compact."""
    if value is None:
        return None
    return json.dumps(json_object(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read(raw: Raw) -> Event:
    """Type one landed row and judge it."""
    event = Event(
        raw=raw,
        tenant=text(raw.get("tenant_id")),
        event_id=text(raw.get("event_id")),
        name=text(raw.get("event_name")),
        user=text(raw.get("user_id")),
        device=text(raw.get("anonymous_id")),
        time=micros(raw.get("timestamp")),
        received=micros(raw.get("received_at")),
        properties=json_object(raw.get("properties")),
        traits=json_object(raw.get("traits")),
    )
    event.reason = reject_reason(event)
    return event


def reject_reason(event: Event) -> str | None:
    """The first rule that a row breaks."""
    rules = (
        ("missing_tenant", not event.tenant),
        ("missing_event_id", not event.event_id),
        ("missing_event_name", not event.name),
        ("invalid_event_name", not NAME.match(event.name or "")),
        ("missing_identity", not (event.user or event.device)),
        ("unparsable_received_at", event.received is None),
        ("unparsable_timestamp", event.time is None),
        ("future_timestamp", (event.time or 0) > (event.received or 0) + DAY),
    )
    return next((reason for reason, broken in rules if broken), None)


def rank(event: Event) -> tuple[Any, ...]:
    """First received wins, then the whole row as text in byte order, null first."""
    columns = [text(event.raw.get("timestamp")), *(text(event.raw.get(key)) for key in TEXTS)]
    columns += [compact(event.raw.get("properties")), compact(event.raw.get("traits"))]
    columns += [event.context(column) for column in CONTEXT]
    return event.received, *((value is not None, (value or "").encode()) for value in columns)


def judge(raw_rows: Iterable[Raw]) -> list[Event]:
    """Every landed row with its reject reason, or the rank of this copy of its event."""
    rows = [read(raw) for raw in raw_rows]
    copies: dict[tuple[str | None, str | None], list[Event]] = defaultdict(list)
    for event in rows:
        if event.reason is None:
            copies[event.tenant, event.event_id].append(event)
    for group in copies.values():
        for position, event in enumerate(sorted(group, key=rank), start=1):
            event.copy_number = position
    return rows


def accepted(rows: Iterable[Event], as_of: date) -> list[Event]:
    """The winning copies that are dated up to `as_of`, in total order."""
    winners = [event for event in rows if event.copy_number == 1 and event.day <= as_of]
    return sorted(winners, key=lambda event: event.order)
