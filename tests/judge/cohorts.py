"""Cohorts: who signed up when, and what became of them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.judge.adoption import uses_of
from tests.judge.events import Event, number, text
from tests.judge.rounding import (
    DAY,
    day_of,
    instant,
    pct,
    period_index,
    period_start,
)
from tests.judge.sessions import sessions

Row = dict[str, Any]
Seed = list[dict[str, str]]
Seeds = dict[str, Seed]
UNKNOWN = "(unknown)"
MOST_MONEY = 10**15  # an amount of as much is none: docs/marts.md


@dataclass
class Person:
    """Everything seen of one person, in total order."""

    tenant: str
    user: str
    events: list[Event] = field(default_factory=list)

    @property
    def identifies(self) -> list[Event]:
        return [event for event in self.events if event.name == "user.identified"]

    @property
    def signup(self) -> int | None:
        """Instant of the first `user.identified`."""
        return next((event.at for event in self.identifies), None)

    @property
    def month(self) -> date | None:
        """First day of the signup month."""
        return None if self.signup is None else day_of(self.signup).replace(day=1)

    def trait(self, name: str) -> list[str]:
        """All values of a trait that identifies brought, oldest first."""
        return [value for event in self.identifies if (value := text(event.traits.get(name)))]

    @property
    def roles(self) -> list[tuple[tuple[int, bytes], str]]:
        """When the person was identified under which role."""
        return [
            (event.order, role)
            for event in self.identifies
            if (role := text(event.traits.get("role")))
        ]

    @property
    def initial_tier(self) -> str:
        """Tier of the earliest identify that has one."""
        return next(iter(self.trait("subscription_tier")), UNKNOWN)

    @property
    def tier(self) -> str:
        """Tier by the latest identify or tier change."""
        tiers = [
            text(event.traits.get("subscription_tier"))
            if event.name == "user.identified"
            else text(event.properties.get("new_tier"))
            for event in self.events
            if event.name in ("user.identified", "subscription.tier_changed")
        ]
        return next((tier for tier in reversed(tiers) if tier), UNKNOWN)

    @property
    def payments(self) -> list[tuple[Event, Any]]:
        """Payments with their exact amounts."""
        return [
            (event, amount)
            for event in self.events
            if event.name == "subscription.payment_received"
            and (amount := number(event.properties.get("amount"))) is not None
            and abs(amount) < MOST_MONEY
        ]

    @property
    def first_feature(self) -> str:
        return next((str(use.feature) for use in uses_of(self.events)), UNKNOWN)


def people(events: list[Event]) -> list[Person]:
    """Everybody seen."""
    found: dict[tuple[str, str], Person] = {}
    for event in events:
        if event.person:
            found.setdefault(event.key, Person(*event.key)).events.append(event)
    return list(found.values())


def dim_users(everybody: list[Person], events: list[Event]) -> list[Row]:
    """One row a person."""
    session_counts: dict[tuple[str, str], int] = defaultdict(int)
    for session in sessions(events):
        if session[0].person:
            session_counts[session[0].key] += 1
    return [
        {
            "tenant_id": person.tenant,
            "user_id": person.user,
            "first_seen_at": instant(person.events[0].at),
            "last_seen_at": instant(person.events[-1].at),
            "signup_at": instant(person.signup),
            "signup_date": None if person.signup is None else str(day_of(person.signup)),
            "signup_month": None if person.month is None else str(person.month),
            "role": next((role for _, role in reversed(person.roles)), UNKNOWN),
            "subscription_tier": person.tier,
            "initial_tier": person.initial_tier,
            "device_count": len({event.device for event in person.events if event.device}),
            "session_count": session_counts[person.tenant, person.user],
            "event_count": len(person.events),
            "active_day_count": len({event.day for event in person.events}),
            "total_revenue": sum((amount for _, amount in person.payments), 0),
        }
        for person in everybody
    ]


def cohorts_of(
    person: Person, seeds: Seeds, windows: dict[str, int], engagement: set[str]
) -> dict[str, str]:
    """The cohort of a signed-up person under each cohort type."""
    assert person.signup is not None
    firm = next((row for row in seeds["tenants"] if row["tenant_id"] == person.tenant), {})
    week = period_start(period_index(day_of(person.signup), "week"), "week")
    return {
        "signup_month": str(person.month),
        "signup_week": str(week),
        "first_feature": person.first_feature,
        "initial_tier": person.initial_tier,
        "first_week_behaviour": first_week(
            person, engagement, seeds["first_week_bands"], windows["first_week"]
        ),
        **{key: firm.get(key) or UNKNOWN for key in ("industry", "company_size", "region")},
    }


def first_week(person: Person, engagement: set[str], bands: Seed, days: int) -> str:
    """Band of the number of engagement events in so many days after signup."""
    start = person.signup or 0
    end = start + days * DAY
    count = sum(event.name in engagement and start <= event.at < end for event in person.events)
    reached = [band for band in bands if count >= int(band["min_events"])]
    return max(reached, key=lambda band: int(band["min_events"]))["first_week_behaviour"]


def cohort_retention(
    everybody: list[Person],
    seeds: Seeds,
    windows: dict[str, int],
    engagement: set[str],
    as_of: date,
) -> Iterator[Row]:
    """Dense triangle: each period since each person's own signup period."""
    groups: dict[tuple[str, str, str], list[Person]] = defaultdict(list)
    for person in everybody:
        if person.signup is not None:
            for kind, cohort in cohorts_of(person, seeds, windows, engagement).items():
                groups[person.tenant, kind, cohort].append(person)
    for (tenant, kind, cohort), members in groups.items():
        for grain in ("month", "week"):
            starts = [period_index(day_of(person.signup or 0), grain) for person in members]
            active = [active_periods(person, engagement, grain) for person in members]
            now = period_index(as_of, grain)
            for n in range(now - min(starts) + 1):
                count = sum(n in periods for periods in active)
                end_of_last = period_start(max(starts) + n + 1, grain)
                yield {
                    "tenant_id": tenant,
                    "cohort_type": kind,
                    "cohort": cohort,
                    "period_grain": grain,
                    "period_number": n,
                    "period_start_date": str(period_start(min(starts) + n, grain)),
                    "cohort_size": len(members),
                    "active_users": count,
                    "retention_pct": pct(count, len(members)),
                    "is_complete": end_of_last.toordinal() - 1 <= as_of.toordinal(),
                }


def active_periods(person: Person, engagement: set[str], grain: str) -> set[int]:
    """Numbers of the periods since signup with an engagement event."""
    signup = person.signup or 0
    start = period_index(day_of(signup), grain)
    return {
        period_index(event.day, grain) - start
        for event in person.events
        if event.name in engagement and event.at >= signup
    }


def feature_adoption_by_cohort(everybody: list[Person]) -> list[Row]:
    """Tenant x signup month x every feature used in the tenant."""
    months: dict[tuple[str, str], list[Person]] = defaultdict(list)
    features: dict[str, set[str]] = defaultdict(set)
    for person in everybody:
        features[person.tenant] |= {str(use.feature) for use in uses_of(person.events)}
        if person.month:
            months[person.tenant, str(person.month)].append(person)
    rows = []
    for (tenant, month), members in months.items():
        used = [{use.feature for use in uses_of(person.events)} for person in members]
        for feature in features[tenant]:
            adopters = sum(feature in mine for mine in used)
            rows.append(
                {
                    "tenant_id": tenant,
                    "cohort_month": month,
                    "feature_key": feature,
                    "total_users": len(members),
                    "adopters": adopters,
                    "adoption_rate_pct": pct(adopters, len(members)),
                }
            )
    return rows


def revenue_expansion_by_cohort(everybody: list[Person], tiers: Seed) -> list[Row]:
    """Tenant x signup month x initial tier: who moved up or down."""
    ranks = {row["tier"]: int(row["tier_rank"]) for row in tiers}
    groups: dict[tuple[str, str, str], list[Person]] = defaultdict(list)
    for person in everybody:
        if person.month:
            groups[person.tenant, str(person.month), person.initial_tier].append(person)
    rows = []
    for (tenant, month, tier), members in groups.items():
        steps = [tier_steps(person, ranks) for person in members]
        ups = [sum(step > 0 for step in mine) for mine in steps]
        downs = [sum(step < 0 for step in mine) for mine in steps]
        upgraders = sum(count > 0 for count in ups)
        rows.append(
            {
                "tenant_id": tenant,
                "cohort_month": month,
                "initial_tier": tier,
                "cohort_size": len(members),
                "upgraders": upgraders,
                "upgrade_count": sum(ups),
                "downgraders": sum(count > 0 for count in downs),
                "downgrade_count": sum(downs),
                "expansion_rate_pct": pct(upgraders, len(members)),
            }
        )
    return rows


def tier_steps(person: Person, ranks: dict[str, int]) -> list[int]:
    """Rank steps of the person's tier changes between known tiers."""
    changes = [
        (text(event.properties.get("previous_tier")), text(event.properties.get("new_tier")))
        for event in person.events
        if event.name == "subscription.tier_changed"
    ]
    return [ranks[new] - ranks[old] for old, new in changes if old in ranks and new in ranks]
