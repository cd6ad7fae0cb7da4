"""A sound world passes the quality gate, whatever day it ends on and however large it is.

The gate is judged from the last hours of receipts, in plain Python: no collector, no build. What
the collector would reject counts as a reject.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from bioqms import sample
from tests.expectations.gate import hours_of, judge, outcome, window
from tests.sample.conftest import END, is_valid

DAYS = 400
# A line begins with its id and ends with its receipt.
ID = slice(len(b'{"event_id":"'), len(b'{"event_id":"evt_') + 32)
RECEIPT = slice(-26, -2)


def gate(
    events: int, end: date, validator: Any, *, days: int = 60, tenants: int = 5, seed: int = 42
) -> list[str]:
    """What the gate finds wrong with the world that ends on a day."""
    lines = list(sample.events(events, days, tenants, seed, end))
    newest = datetime.fromisoformat(lines[-1][RECEIPT].decode())
    since = f"{newest - timedelta(hours=23):%Y-%m-%dT%H}".encode()
    first = len(lines)
    while first and lines[first - 1][RECEIPT] >= since:
        first -= 1
    earlier = {line[ID] for line in lines[:first]}
    landed = judge([json.loads(line) for line in lines[first:]])
    for event, line in zip(landed, lines[first:], strict=True):
        assert event.event_id == line[ID].decode()
        if line[ID] in earlier:
            event.copy_number = 2
        if not is_valid(dict(event.raw), validator):
            event.reason, event.time, event.copy_number = "invalid", None, 0
    status, wrong = outcome(window(hours_of(landed, end), end))
    assert (status == "pass") == (not wrong)
    return wrong


def failures(events: int, days: int, validator: Any) -> Iterator[str]:
    """Each end date, of so many, on which something is wrong."""
    for number in range(days):
        end = END + timedelta(days=number)
        for wrong in gate(events, end, validator):
            yield f"{end}: {wrong}"


def test_the_demo_of_any_day_passes(validator: Any) -> None:
    assert list(failures(20_000, DAYS, validator)) == []


@pytest.mark.soak
@pytest.mark.parametrize(("events", "days"), [(2_000, DAYS), (200_000, DAYS)])
def test_demos_of_other_sizes_pass_on_any_day(events: int, days: int, validator: Any) -> None:
    assert list(failures(events, days, validator)) == []


def test_worlds_of_any_shape_pass(validator: Any) -> None:
    rng = Random(17)
    for _ in range(60):
        events = round(10 ** rng.uniform(0, 4.3))
        shape = {
            "days": rng.choice((1, 2, 3, 7, 20, 60, 300)),
            "tenants": rng.choice((1, 2, 5, 50)),
            "seed": rng.randrange(1_000),
        }
        end = END + timedelta(days=rng.randrange(DAYS))
        assert gate(events, end, validator, **shape) == [], (events, end, shape)
