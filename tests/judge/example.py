"""Short rows for hand-computed examples."""

from datetime import date
from pathlib import Path
from typing import Any

from tests.judge import Row, load_seeds, marts
from tests.judge.events import micros
from tests.judge.rounding import instant

SEEDS = load_seeds(Path(__file__).parents[2] / "seeds")
NEVER = date(2026, 6, 30)
_count = iter(range(100_000))


def at(text: str, plus: float = 0) -> str:
    """`MM-DD[ HH:MM[:SS]]` of 2026 as a collector writes it, some seconds later."""
    day, _, clock = text.partition(" ")
    start = micros(f"2026-{day}T{clock or '00:00'}Z")
    assert start is not None
    return str(instant(start + round(plus * 1_000_000)))


def event(
    name: str, time: str, user: str | None = "u", device: str | None = None, **more: Any
) -> Row:
    """A landed row; keywords that are not columns are properties."""
    columns = {"event_id", "tenant_id", "received_at", "context", "traits", "session_id"}
    row = {
        "event_id": f"e{next(_count):05d}",
        "event_name": name,
        "event_version": "1.0.0",
        "tenant_id": "t",
        "user_id": user,
        "anonymous_id": device,
        "timestamp": time,
        "received_at": time,
        "properties": {key: value for key, value in more.items() if key not in columns},
    }
    return row | {key: value for key, value in more.items() if key in columns}


def used(time: str, user: str = "u", key: str = "f", **more: Any) -> Row:
    """One use of a feature."""
    return event("feature.used", time, user, feature_key=key, **more)


def exposed(time: str, user: str = "u", key: str = "f", **more: Any) -> Row:
    """One exposure to a feature."""
    return event("feature.exposed", time, user, feature_key=key, **more)


def identified(time: str, user: str = "u", **traits: Any) -> Row:
    """One identify."""
    return event("user.identified", time, user, traits=traits)


def mart(name: str, rows: list[Row], as_of: date = NEVER) -> list[Row]:
    """One mart of these rows, with the project's seeds."""
    return marts(rows, SEEDS, as_of)[name]


def column(rows: list[Row], name: str) -> list[Any]:
    """One column of a mart."""
    return [row[name] for row in rows]
