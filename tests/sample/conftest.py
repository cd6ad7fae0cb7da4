"""One sample, read once: as wide as the demo's, half as many events."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import pytest

from bioqms import sample

END = date(2026, 11, 20)  # a Friday
DAYS = 60
FIRST = datetime(2026, 9, 22, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


class Event(NamedTuple):
    """What the tests ask of a line; times are seconds since the epoch."""

    event_id: str
    name: str
    at: float
    received: float
    tenant: str
    user: str | None
    device: str | None
    props: dict[str, Any]
    traits: dict[str, Any]

    @property
    def person(self) -> tuple[str, str | None]:
        return self.tenant, self.user

    @property
    def day(self) -> int:
        return int((self.at - FIRST.timestamp()) // 86_400)


class World(NamedTuple):
    """A sample apart: accepted events without copies, in order of their time, and the rest."""

    lines: int
    events: list[Event]
    copies: list[Event]
    invalid: list[dict[str, Any]]


def is_valid(event: dict[str, Any], validator: Any) -> bool:
    return bool(validator.is_valid(event)) and event["timestamp"][:4] != "2099"


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


@pytest.fixture(scope="session")
def validator() -> Any:
    path = ROOT / "ingest/schemas/event-v1.0.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text(encoding="utf-8")))


def _parsed(lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    for line in lines:
        yield json.loads(line)


@pytest.fixture(scope="session")
def world(validator: Any) -> World:
    count, seen = 0, set()
    events: list[Event] = []
    copies: list[Event] = []
    invalid: list[dict[str, Any]] = []
    for raw in _parsed(sample.events(100_000, DAYS, 5, 42, END)):
        count += 1
        if not is_valid(raw, validator):
            invalid.append(raw)
            continue
        event = Event(
            raw["event_id"],
            raw["event_name"],
            seconds(raw["timestamp"]),
            seconds(raw["received_at"]),
            raw["tenant_id"],
            raw.get("user_id"),
            raw.get("anonymous_id"),
            raw["properties"],
            raw["traits"],
        )
        (copies if event.event_id in seen else events).append(event)
        seen.add(event.event_id)
    events.sort(key=lambda event: (event.at, event.event_id))
    return World(count, events, copies, invalid)
