"""Sessions: one device's events, cut by silence or by a change of user."""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import md5
from typing import Any

from tests.judge.events import Event
from tests.judge.rounding import MINUTE, SECOND, instant

GAP = 30 * MINUTE


def sessions(events: list[Event]) -> Iterator[list[Event]]:
    """Events (given in total order) as sessions."""
    devices: dict[tuple[str | None, str], list[Event]] = defaultdict(list)
    for event in events:
        if event.device:
            devices[event.tenant, event.device].append(event)
    for stream in devices.values():
        session: list[Event] = []
        for event in stream:
            if session and starts_anew(session[-1], event):
                yield session
                session = []
            session.append(event)
        yield session


def starts_anew(previous: Event, event: Event) -> bool:
    """More than 30 minutes of silence, or one known user after another."""
    silent = event.at - previous.at > GAP
    return silent or (
        None not in (previous.person, event.person) and previous.person != event.person
    )


def first_known(session: list[Event], column: str) -> str | None:
    """The first value of a context column in the session."""
    return next((value for event in session if (value := event.context(column))), None)


def fct_sessions(events: list[Event], windows: dict[str, int]) -> list[dict[str, Any]]:
    """One row a session."""
    return [row(session, windows["engaged_session"]) for session in sessions(events)]


def row(session: list[Event], engaged_seconds: int) -> dict[str, Any]:
    """What is published about a session."""
    first, last = session[0], session[-1]
    views = [event for event in session if event.name == "page.viewed"]
    seconds = (last.at - first.at) // SECOND
    names = sorted({str(event.name) for event in session})
    parts = map(str, (first.tenant, first.device, first.event_id))
    identity = "|".join(f"{len(part)}|{part}" for part in parts)
    client_ids = (str(event.raw["session_id"]) for event in session if event.raw.get("session_id"))
    return {
        "session_id": "ses_" + md5(identity.encode(), usedforsecurity=False).hexdigest(),
        "tenant_id": first.tenant,
        "anonymous_id": first.device,
        "user_id": first.person,
        "client_session_id": next(client_ids, None),
        "session_date": str(first.day),
        "session_start_at": instant(first.at),
        "session_end_at": instant(last.at),
        "duration_seconds": seconds,
        "event_count": len(session),
        "page_view_count": len(views),
        "event_names": ",".join(names),
        "distinct_event_name_count": len(names),
        "landing_page_path": first_known(views, "page_path"),
        "exit_page_path": first_known(views[::-1], "page_path"),
        "referrer": first_known(views, "page_referrer"),
        "device_type": first_known(session, "device_type"),
        "os_name": first_known(session, "os_name"),
        "browser_name": first_known(session, "browser_name"),
        "locale": first_known(session, "locale"),
        "is_engaged": seconds > engaged_seconds,
    }
