"""Identity: links, renames, and the resolved user of every event."""

from collections import defaultdict
from typing import Any

from tests.judge.events import Event, text
from tests.judge.rounding import instant

Renames = dict[tuple[str, str], str]
MAX_CHAIN = 100
"""Renames that are followed, to the end of a chain, into a cycle or around it."""


def resolve(events: list[Event]) -> None:
    """Set `person` on every event (given in total order)."""
    devices: dict[tuple[str | None, str], list[Event]] = defaultdict(list)
    for event in events:
        event.person = event.user
        if event.device:
            devices[event.tenant, event.device].append(event)
    for stream in devices.values():
        known = next((event.user for event in stream if event.user), None)
        for event in stream:  # before the first user: the earliest later one
            known = event.user or known
            event.person = known
    finals = renames(events)
    for event in events:
        if event.person:
            event.person = finals.get((str(event.tenant), event.person), event.person)


def renames(events: list[Event]) -> Renames:
    """Final id of each renamed user: follow the latest rename of each id to the end."""
    latest: dict[tuple[str, str], Event] = {}
    for event in events:
        previous = text(event.properties.get("previous_id"))
        if (
            event.name == "user.alias"
            and event.user
            and previous
            not in (
                None,
                event.device,
                event.user,
            )
        ):
            latest[str(event.tenant), str(previous)] = event
    finals: Renames = {}
    for tenant, start in latest:
        path, around = [start], 0
        while (tenant, path[-1]) in latest:
            target = str(latest[tenant, path[-1]].user)
            if target in path:  # a cycle ends at the target of its latest rename
                cycle = [latest[tenant, user] for user in path[path.index(target) :]]
                path, around = path[: path.index(target)], len(cycle)
                path.append(str(max(cycle, key=lambda event: event.order).user))
                break
            path.append(target)
        if max(len(path) - 1, around) <= MAX_CHAIN:
            finals[tenant, start] = path[-1]
    return finals


def user_aliases(events: list[Event]) -> list[dict[str, Any]]:
    """A link is an event that carries both a device and a user."""
    links: dict[tuple[str | None, str, str], list[Event]] = defaultdict(list)
    for event in events:
        if event.device and event.user:
            links[event.tenant, event.device, event.user].append(event)
    return [
        {
            "tenant_id": tenant,
            "anonymous_id": device,
            "user_id": user,
            "resolved_user_id": group[0].person,
            "first_identified_at": instant(group[0].at),
            "last_seen_at": instant(group[-1].at),
            "event_count": len(group),
            "has_alias_event": any(event.name == "user.alias" for event in group),
        }
        for (tenant, device, user), group in links.items()
    ]
