"""Small random worlds of raw landed rows, full of what breaks pipelines.

A world is a seed. It is a handful of *plots* (a shared terminal, a chain of renames, a champion,
...) played by a few people on a few devices of tenants that share every id, at times that lie on
boundaries. A candidate at a time would cost a dbt build each, so hypothesis does not shrink worlds:
`shrink.py` tries dozens of smaller ones in one build, each under tenants of its own.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

Raw = dict[str, Any]
SECOND = timedelta(seconds=1)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)
GAPS = (0, 0.000001, 1, 9.999999, 10, 10.5, 11, 400, 1799.999999, 1800, 1800.000001, 5000)
LAGS = (0, 0.5, 1, 4, 9.999999, 10, 12, 59.999999, 60, 75, 3600, 86_400 * 3)
LATE = (86_400 * 40, 86_400 * 75)
ROLES = ("operator", "qa_reviewer", "manager")
TIERS = ("starter", "professional", "enterprise", "legacy")
FEATURES = ("ai_copilot", "audit_trail", "templates")
NAMES = (
    "page.viewed",
    "page.viewed",
    "work_order.created",
    "button.clicked",
    "feature.used",
    "error.occurred",
    "api.request_completed",
    "session.started",
    "zz.unknown_name",
)
VARIATIONS = (True, "treatment", 1, "on", None, False, 0, "false", "off", "control")
WINDOW_EDGES = (
    -1 * SECOND,
    0 * SECOND,
    1 * TICK,
    3 * DAY,
    7 * DAY - TICK,
    7 * DAY,
    7 * DAY + TICK,
    20 * DAY,
    30 * DAY - TICK,
    30 * DAY,
    31 * DAY,
)
DAYS_AGO = (0, 1, 6, 7, 8, 13, 14, 15, 29, 30, 31, 59, 60, 61, 89, 90, 91)


def iso(moment: datetime) -> str:
    """An instant as the collector writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class World:
    """Raw rows, and what is needed to add more of them."""

    rng: Random
    as_of: date
    prefix: str
    rows: list[Raw] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    def tenant(self) -> str:
        """One of the tenants; they share user ids, devices and event ids."""
        return self.prefix + self.rng.choice(("a", "a", "a", "b", "c"))

    def user(self) -> str:
        return self.rng.choice(("u1", "u2", "u3", "u4"))

    def device(self) -> str:
        return self.rng.choice(("d1", "d2", "d3"))

    def moment(self) -> datetime:
        """An instant that likes boundaries of days, ISO weeks, months, years and windows."""
        rng, end = self.rng, datetime.combine(self.as_of, datetime.min.time(), UTC) + DAY
        midnights = (
            end - rng.choice(DAYS_AGO) * DAY,
            end.replace(day=1) if rng.random() < 0.5 else end.replace(month=1, day=1),
            end - end.weekday() * DAY - 7 * DAY * rng.randrange(10),
            (end.replace(day=1) - rng.randrange(1, 5) * 30 * DAY).replace(day=1),
        )
        near = (0, 0, 1, -1, 5, -5, 600, -600)
        at = min(rng.choice(midnights), end - DAY) + rng.choice(near) * SECOND
        kind = rng.random()
        if kind < 0.1:
            return at - TICK
        return at if kind < 0.6 else at + rng.randrange(86_400) * SECOND

    def add(self, tenant: str, at: datetime, name: str, **fields: Any) -> Raw:
        """Land one event, received a little or a lot later."""
        rng = self.rng
        number = self.ids[tenant] = self.ids.get(tenant, 0) + 1
        lag = rng.choice(LATE if rng.random() < 0.05 else LAGS)
        sent = at + timedelta(seconds=min(lag, 2))
        row: Raw = {
            # Unique, but not in the order of time.
            "event_id": f"e{number * 577 % 1009:04d}",
            "event_name": name,
            "event_version": "1.0.0",
            "tenant_id": tenant,
            "user_id": None,
            "anonymous_id": None,
            "session_id": rng.choice((None, None, "s1", "s2")),
            "timestamp": iso(at),
            "sent_at": iso(sent) if rng.random() < 0.8 else None,
            "received_at": iso(at + timedelta(seconds=lag)),
            "context": context(rng, name),
            "properties": {},
            "traits": {},
        }
        row |= fields
        self.rows.append(row)
        return row

    def anything(self, tenant: str, at: datetime, **fields: Any) -> None:
        """Land an event of a random name."""
        name = self.rng.choice(NAMES)
        properties: dict[str, Any] = {}
        if name == "feature.used":
            properties = feature(self.rng)
        if name == "api.request_completed":
            properties = {
                "duration_ms": self.rng.choice((12, 80.25, "33.5", "1e2", None, "fast", "NaN"))
            }
        traits = {"role": self.rng.choice(ROLES)} if self.rng.random() < 0.1 else {}
        self.add(tenant, at, name, **({"properties": properties, "traits": traits} | fields))


def context(rng: Random, name: str) -> dict[str, Any]:
    """A context with some of its fields."""
    if rng.random() < 0.3:
        return {}
    path = rng.choice(("/", "/orders", "/audit"))
    page = {"url": "https://app.test" + path, "path": path, "title": "T", "referrer": None}
    page["referrer"] = rng.choice((None, "https://search.test/", ""))
    return {
        "page": page if name == "page.viewed" or rng.random() < 0.2 else None,
        "locale": rng.choice((None, "en", "de")),
        "device": {"type": rng.choice(("desktop", "tablet", None))},
        "os": {"name": rng.choice(("Linux", "iOS", None)), "version": "1"},
        "browser": {"name": rng.choice(("Firefox", None))},
    }


def feature(rng: Random) -> dict[str, Any]:
    """A feature key, under either of its names, or none."""
    key = rng.choice(FEATURES)
    return rng.choice(
        (
            {"feature_key": key},
            {"feature_key": key},
            {"feature_key": key, "feature_name": "other"},
            {"feature_name": key},
            {"feature_key": "", "feature_name": key},
            {"feature_key": None, "feature_name": key},
            {},
        )
    )


def walk(world: World) -> None:
    """One device through sessions: gaps on and beside 30 minutes, ties, midnights."""
    rng, tenant, device, at = world.rng, world.tenant(), world.device(), world.moment()
    user = rng.choice((None, world.user()))
    for _ in range(rng.randrange(2, 9)):
        at += timedelta(seconds=rng.choice(GAPS))
        if rng.random() < 0.2:
            user = rng.choice((None, world.user()))
        world.anything(tenant, at, anonymous_id=device, user_id=user)


def shared_terminal(world: World) -> None:
    """Several operators on one device, anonymous between them."""
    tenant, device, at = world.tenant(), world.device(), world.moment()
    for user in world.rng.sample((None, "u1", None, "u2", None, "u3"), 5):
        at += timedelta(seconds=world.rng.choice((1, 60, 1800, 2000)))
        world.anything(tenant, at, anonymous_id=device, user_id=user)


def login(world: World) -> None:
    """Anonymous first, then alias and identify; the link may arrive last or months late."""
    rng, tenant, device, at = world.rng, world.tenant(), world.device(), world.moment()
    user = world.user()
    for _ in range(rng.randrange(3)):
        world.anything(tenant, at, anonymous_id=device)
        at += timedelta(seconds=rng.choice(GAPS))
    if rng.random() < 0.6:
        properties = {"previous_id": device, "new_id": user}
        world.add(
            tenant, at, "user.alias", anonymous_id=device, user_id=user, properties=properties
        )
    identify(world, tenant, user, at, rng.choice((device, None)))
    for _ in range(rng.randrange(3)):
        at += timedelta(seconds=rng.choice(GAPS))
        world.anything(tenant, at, anonymous_id=device, user_id=rng.choice((None, user)))


def identify(world: World, tenant: str, user: str, at: datetime, device: str | None) -> None:
    """An identify with some traits."""
    rng = world.rng
    traits: dict[str, Any] = {}
    if rng.random() < 0.7:
        traits["role"] = rng.choice((*ROLES, ""))
    if rng.random() < 0.7:
        traits["subscription_tier"] = rng.choice(TIERS)
    world.add(tenant, at, "user.identified", user_id=user, anonymous_id=device, traits=traits)


def renames(world: World) -> None:
    """A chain, cycle, fan-in or changed mind of renames, in any order of time."""
    rng, tenant = world.rng, world.tenant()
    shape = rng.choice(
        (
            [("u1", "u2"), ("u2", "u3")],
            [("u1", "u2"), ("u2", "u1")],
            [("u1", "u2"), ("u2", "u3"), ("u3", "u1"), ("u4", "u1")],
            [("u1", "u4"), ("u2", "u4"), ("u3", "u4")],
            [("u1", "u2"), ("u1", "u3")],
            [("old", "u1"), ("older", "old"), ("oldest", "older")],
        )
    )
    for previous, user in rng.sample(shape, len(shape)):
        device = rng.choice((None, world.device()))
        properties = {"previous_id": previous, "new_id": user}
        at = world.moment()
        world.add(
            tenant, at, "user.alias", user_id=user, anonymous_id=device, properties=properties
        )
    for user in ("old", "older", "oldest"):
        if rng.random() < 0.3:
            world.anything(tenant, world.moment(), user_id=user)


def server_side(world: World) -> None:
    """Events of a user without any device."""
    tenant, user, at = world.tenant(), world.user(), world.moment()
    for _ in range(world.rng.randrange(1, 5)):
        world.anything(tenant, at, user_id=user, anonymous_id=world.rng.choice((None, "")))
        at += timedelta(seconds=world.rng.choice(GAPS) * 40)


def adoption(world: World) -> None:
    """Exposures on, off and in control; uses on the edges of the 7 and 30 days that follow."""
    rng, tenant, user, at = world.rng, world.tenant(), world.user(), world.moment()
    at -= rng.choice((0, 8, 30, 40)) * DAY
    key = rng.choice(FEATURES)
    who = {"user_id": user} if rng.random() < 0.7 else {"anonymous_id": world.device()}
    for _ in range(rng.randrange(3)):
        seen: dict[str, Any] = {"feature_key": key}
        if rng.random() < 0.7:
            seen |= {"variation": rng.choice(VARIATIONS)}
        when = at + rng.choice((0, 0, 1, -1)) * DAY
        world.add(tenant, when, "feature.exposed", properties=seen, **who)
    world.add(tenant, at, "feature.exposed", properties={"feature_key": key}, **who)
    for _ in range(rng.choice((0, 1, 2, 3, 9, 10, 11))):
        when = at + rng.choice(WINDOW_EDGES)
        world.add(tenant, when, "feature.used", properties={"feature_key": key}, user_id=user)


def champion(world: World) -> None:
    """Uses on 19 to 21 distinct days, the last perhaps outside 30 days."""
    rng, tenant, user, key = world.rng, world.tenant(), world.user(), world.rng.choice(FEATURES)
    at = world.moment() - 31 * DAY
    world.add(tenant, at, "feature.exposed", user_id=user, properties={"feature_key": key})
    for day in rng.sample(range(31), rng.choice((19, 20, 21))):
        when = at + day * DAY + rng.choice((0, 1)) * SECOND
        world.add(tenant, when, "feature.used", user_id=user, properties={"feature_key": key})


def subscription(world: World) -> None:
    """A tier up and down, a tier that nobody knows, payments with cents and without sense."""
    rng, tenant, user = world.rng, world.tenant(), world.user()
    identify(world, tenant, user, world.moment(), None)
    for _ in range(rng.randrange(4)):
        properties: dict[str, Any] = {
            "previous_tier": rng.choice(TIERS),
            "new_tier": rng.choice((*TIERS, None)),
        }
        at = world.moment()
        world.add(tenant, at, "subscription.tier_changed", user_id=user, properties=properties)
    for _ in range(rng.randrange(4)):
        amount = rng.choice(
            (0.1, 0.2, "19.99", 499.99, 500, 999.99, 1000, 10000, 0, None, "free", "NaN", "9.9e28")
        )
        at = world.moment()
        properties = {"amount": amount}
        world.add(tenant, at, "subscription.payment_received", user_id=user, properties=properties)


def roles(world: World) -> None:
    """A role that changes between uses."""
    rng, tenant, user, at = world.rng, world.tenant(), world.user(), world.moment()
    for _ in range(rng.randrange(2, 7)):
        at -= timedelta(seconds=rng.choice((0, 1, 86_400, 86_400 * 9)))
        if rng.random() < 0.4:
            identify(world, tenant, user, at, None)
        else:
            traits = {"role": rng.choice(ROLES)} if rng.random() < 0.2 else {}
            properties = {"feature_key": rng.choice(FEATURES)}
            world.add(
                tenant, at, "feature.used", user_id=user, properties=properties, traits=traits
            )


def steady_days(world: World) -> None:
    """A month of calls and errors with a last day out of line: food for anomalies."""
    rng, tenant = world.rng, world.tenant()
    end = datetime.combine(world.as_of, datetime.min.time(), UTC)
    for ago in rng.sample(range(31), rng.choice((13, 14, 15, 29))):
        at = end - ago * DAY + rng.randrange(86_000) * SECOND
        slow = 900 if ago < 2 else rng.choice((100, 100, 110))
        properties = {"duration_ms": slow}
        world.add(tenant, at, "api.request_completed", user_id=world.user(), properties=properties)
        if rng.random() < 0.3 or ago == 0:
            world.add(tenant, at, "error.occurred", user_id=world.user())


def regular(world: World) -> None:
    """A person who comes back on many days, weeks or months: retention and recency."""
    rng, tenant, user, at = world.rng, world.tenant(), world.user(), world.moment()
    if rng.random() < 0.8:
        identify(world, tenant, user, at, None)
    step, count = rng.choice(((1, 7), (1, 15), (1, 16), (7, 9), (30, 5), (3, 10), (1, 31)))
    for n in range(count):
        when = at + (n - rng.choice((0, 0, 2))) * step * DAY
        name = rng.choice(("page.viewed", "work_order.created"))
        world.add(tenant, when, name, user_id=user)


def invalid(world: World) -> None:
    """Rows that must never reach a metric, and one that only just may."""
    rng, tenant, at = world.rng, world.tenant(), world.moment()
    flaws: tuple[dict[str, Any], ...] = (
        {"tenant_id": None},
        {"tenant_id": ""},
        {"event_id": None},
        {"event_name": None},
        {"event_name": "Page Viewed"},
        {"event_name": "page"},
        {"event_name": "a.b.c.d"},
        {"user_id": None},
        {"user_id": ""},
        {"timestamp": "not a time"},
        {"timestamp": None},
        {"received_at": "yesterday"},
        {"received_at": None},
        {"timestamp": "2031-05-05T00:00:00.000000Z"},
        {"received_at": iso(at - DAY)},
        {"received_at": iso(at - DAY - TICK)},
        {"event_name": "page.viewed", "user_id": None, "anonymous_id": "d9"},
    )
    for _ in range(rng.randrange(1, 4)):
        world.add(tenant, at, "work_order.created", **({"user_id": "u1"} | rng.choice(flaws)))


def unseen(world: World) -> None:
    """Events after as_of: they must not exist yet, nor speak for who used a device."""
    rng, tenant = world.rng, world.tenant()
    end = datetime.combine(world.as_of, datetime.min.time(), UTC) + DAY
    for _ in range(rng.randrange(1, 4)):
        at = end + timedelta(seconds=rng.choice((0, 1, 86_400 * 3)))
        world.anything(tenant, at, anonymous_id=world.device(), user_id=world.user())
    if rng.random() < 0.3:
        properties = {"previous_id": "u1", "new_id": "u2"}
        world.add(tenant, end, "user.alias", user_id="u2", properties=properties)


PLOTS: tuple[Callable[[World], None], ...] = (
    walk,
    walk,
    walk,
    shared_terminal,
    login,
    login,
    renames,
    server_side,
    adoption,
    adoption,
    champion,
    subscription,
    roles,
    steady_days,
    regular,
    regular,
    invalid,
    unseen,
)


def copies(world: World) -> None:
    """Send some rows again: identical, later, changed, or changed and received earlier."""
    rng = world.rng
    for row in rng.sample(world.rows, len(world.rows) // 10):
        again = json.loads(json.dumps(row))
        for change in rng.sample(sorted(CHANGES), rng.randrange(3)):
            CHANGES[change](world, again)
        world.rows.append(again)


def moved(row: Raw, key: str, delta: timedelta) -> None:
    """Move an instant of a row, if it is one."""
    try:
        at = datetime.fromisoformat(str(row[key]))
    except ValueError:
        return
    row[key] = iso(at + delta)


def _received(world: World, row: Raw) -> None:
    moved(row, "received_at", world.rng.choice((-5 * SECOND, -DAY / 2, SECOND, DAY, 40 * DAY)))


def _dated(world: World, row: Raw) -> None:
    moved(row, "timestamp", world.rng.choice((-40 * DAY, -DAY, -SECOND, -TICK, 2 * SECOND)))


def _device(world: World, row: Raw) -> None:
    row["anonymous_id"] = world.device()


def _user(world: World, row: Raw) -> None:
    row["user_id"] = world.user()


def _properties(world: World, row: Raw) -> None:
    row["properties"] = row["properties"] | {"attempt": 2}


def _page(world: World, row: Raw) -> None:
    # Never only this: marts.md does not order copies that differ only in their context.
    row["context"] = {"page": {"path": "/again"}}
    _properties(world, row)


CHANGES: dict[str, Callable[[World, Raw], None]] = {
    "received": _received,
    "dated": _dated,
    "device": _device,
    "user": _user,
    "properties": _properties,
    "page": _page,
}


def world(seed: int, as_of: date, prefix: str) -> list[Raw]:
    """The raw rows of a world, in order of landing; its tenants' ids begin with `prefix`."""
    made = World(Random(seed), as_of, prefix)
    size = made.rng.choice((20, 40, 40, 80, 120))
    while len(made.rows) < size:
        made.rng.choice(PLOTS)(made)
    copies(made)
    return made.rows


def as_of_date(rng: Random) -> date:
    """An as-of date that likes the last and first days of weeks, months and years."""
    days = ("2026-03-31", "2026-04-01", "2026-05-17", "2026-05-18", "2025-12-31", "2026-01-01")
    return rng.choice([*map(date.fromisoformat, days), date(2026, 1, 1) + rng.randrange(300) * DAY])


def cut(rows: list[Raw], rng: Random, count: int) -> list[list[Raw]]:
    """Rows in `count` batches in random order, some of them landed again in later batches."""
    order = rng.sample(rows, len(rows))
    if rng.random() < 0.5:  # aliases arrive last
        order.sort(key=lambda row: row["event_name"] in ("user.alias", "user.identified"))
    edges = [0, *sorted(rng.randrange(len(order) + 1) for _ in range(count - 1)), len(order)]
    batches = [order[start:end] for start, end in pairwise(edges)]
    for number, batch in enumerate(batches[1:], start=1):
        landed = [row for earlier in batches[:number] for row in earlier]
        batch.extend(rng.sample(landed, len(landed) // 12))
    return batches
