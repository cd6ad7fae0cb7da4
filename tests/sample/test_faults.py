"""What goes wrong goes wrong as often as it should, and where it may."""

import json
import re
from collections import Counter, defaultdict
from typing import Any

from bioqms import sample
from tests.sample.conftest import DAYS, END, FIRST, Event, World, is_valid

HOUR = 3_600


def test_shares_of_copies_and_invalid_events(world: World) -> None:
    assert world.lines == 100_000
    assert 0.003 < len(world.copies) / world.lines < 0.007
    assert 0.0004 < len(world.invalid) / world.lines < 0.002


def test_copies_are_exact_but_for_their_receipt(world: World) -> None:
    originals = {event.event_id: event for event in world.events}
    delays = []
    for copy in world.copies:
        original = originals[copy.event_id]
        assert copy._replace(received=0) == original._replace(received=0)
        assert copy.received > original.received
        delays.append(copy.received - original.received)
    assert sum(delay < 60 for delay in delays) > len(delays) * 0.8
    assert any(delay > HOUR for delay in delays)


def test_every_kind_of_invalid_event_occurs(world: World) -> None:
    kinds: Counter[str] = Counter()
    for event in world.invalid:
        kinds["name"] += event["event_name"] == "Page Viewed"
        kinds["no time"] += "timestamp" not in event
        kinds["future"] += event.get("timestamp", "").startswith("2099")
        kinds["field"] += "widget_colour" in event
        kinds["nobody"] += "user_id" not in event and "anonymous_id" not in event
    assert len(+kinds) == 5
    assert kinds.total() == len(world.invalid)


def test_about_one_per_cent_is_hours_to_weeks_late(world: World) -> None:
    lateness = [event.received - event.at for event in world.events]
    late = [seconds for seconds in lateness if seconds > HOUR]
    assert 0.005 < len(late) / len(lateness) < 0.015
    assert min(late) < 24 * HOUR
    assert max(late) > 7 * 24 * HOUR
    prompt = [seconds for seconds in lateness if seconds <= HOUR]
    assert max(prompt) < 60
    assert sum(prompt) / len(prompt) < 5


def _hours(world: World, validator: Any) -> dict[tuple[str, int], list[Event | None]]:
    """Group by tenant and hour of receipt; None stands for an event that is not valid."""
    hours: dict[tuple[str, int], list[Event | None]] = defaultdict(list)
    for event in (*world.events, *world.copies):
        hours[event.tenant, int(event.received // HOUR)].append(event)
    for raw in world.invalid:
        assert not is_valid(raw, validator)
        stamp = raw["received_at"]
        days = (int(stamp[8:10]), int(stamp[5:7]))
        offset = {9: -22, 10: 8, 11: 39}[days[1]] + days[0]
        hour = int(FIRST.timestamp() // HOUR) + offset * 24 + int(stamp[11:13])
        hours[raw["tenant_id"], hour].append(None)
    return hours


def test_no_hour_of_a_tenant_breaches_an_alert_except_by_lateness(
    world: World, validator: Any
) -> None:
    copies = {id(event) for event in world.copies}
    drifting = 0
    hours = _hours(world, validator)
    for events in hours.values():
        valid = [event for event in events if event is not None]
        assert len(valid) >= len(events) * 0.95
        assert sum(id(event) in copies for event in valid) <= len(events) * 0.05
        named = [e for e in valid if e.name not in {"page.viewed", "session.started"}]
        assert sum(event.user is None for event in named) <= len(named) * 0.2
        drifting += sum(event.received - event.at for event in valid) > 60 * len(valid)
    # Late events come in dedicated hours: one sync a week and tenant, and the last one.
    assert 0 < drifting < 0.03 * len(hours)
    assert drifting <= 5 * (DAYS // 7 + 2)


def test_personal_data_waits_for_the_scrubber(world: World) -> None:
    texts = [json.dumps([event.props, event.traits]) for event in world.events]
    patterns = {
        "mail": r"[a-z0-9.]+@[a-z.]+",
        "phone": r"\b\d{3}[-.]\d{3}[-.]\d{4}\b",
        "ssn": r"\b\d{3}-\d{2}-\d{4}\b",
        "card": r"\b\d{4} \d{4} \d{4} \d{4}\b",
    }
    for pattern in patterns.values():
        share = sum(bool(re.search(pattern, text)) for text in texts) / len(texts)
        assert 0 < share < 0.02


def test_the_incident_stands_out_on_the_last_day(world: World) -> None:
    errors, everything = Counter[int](), Counter[int]()
    durations: dict[int, list[float]] = defaultdict(list)
    for event in world.events:
        everything[event.day] += 1
        errors[event.day] += event.name == "error.occurred"
        if event.name == "api.request_completed":
            durations[event.day].append(event.props["duration_ms"])
    rates = [errors[day] / everything[day] for day in range(DAYS - 30, DAYS)]
    slow = [
        sorted(durations[day])[int(0.95 * len(durations[day]))] for day in range(DAYS - 30, DAYS)
    ]
    for series in (rates, slow):
        baseline = series[:-2]
        mean = sum(baseline) / len(baseline)
        deviation = (sum((x - mean) ** 2 for x in baseline) / len(baseline)) ** 0.5
        assert series[-1] > mean + 3 * deviation
        assert series[-2] < mean + 3 * deviation


def test_valid_lines_pass_the_schema_in_a_world_of_all_tenants(validator: Any) -> None:
    events = [json.loads(line) for line in sample.events(20_000, 30, 50, 9, END)]
    assert sum(not is_valid(event, validator) for event in events) < 60
    assert len({event["tenant_id"] for event in events}) == 50
