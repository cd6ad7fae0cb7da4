"""Segments over trailing windows: RFM, roles and tiers."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.judge.adoption import uses_of
from tests.judge.cohorts import UNKNOWN, Person
from tests.judge.events import Event, text
from tests.judge.rounding import Number, mean, ratio, rounded, trailing

Row = dict[str, Any]
Seed = list[dict[str, str]]
Windows = dict[str, int]
NO_SEGMENT = "(none)"


def score(bands: Seed, metric: str, value: Number) -> int:
    """The highest score whose bounds all hold."""

    def holds(band: dict[str, str]) -> bool:
        return (
            (not band["at_least"] or value >= Decimal(band["at_least"]))
            and (not band["more_than"] or value > Decimal(band["more_than"]))
            and (not band["at_most"] or value <= Decimal(band["at_most"]))
        )

    return max(int(band["score"]) for band in bands if band["metric"] == metric and holds(band))


def segment(rules: Seed, recency: int, frequency: int) -> str:
    """The first rule, by order, that fits both scores."""
    return next(
        rule["behavioral_segment"]
        for rule in sorted(rules, key=lambda rule: int(rule["rule_order"]))
        if int(rule["min_recency"]) <= recency <= int(rule["max_recency"])
        and int(rule["min_frequency"]) <= frequency <= int(rule["max_frequency"])
    )


def user_rfm(
    everybody: list[Person],
    engagement: set[str],
    bands: Seed,
    rules: Seed,
    windows: Windows,
    as_of: date,
) -> list[Row]:
    """One row a person engaged in the window."""
    first, _ = trailing(as_of, windows["rfm"])
    rows = []
    for person in everybody:
        engaged = [
            event for event in person.events if event.name in engagement and event.day >= first
        ]
        if not engaged:
            continue
        days = {event.day for event in engaged}
        since = (as_of - max(days)).days
        revenue = sum((paid for event, paid in person.payments if event.day >= first), Decimal(0))
        recency, frequency = score(bands, "recency", since), score(bands, "frequency", len(days))
        rows.append(
            {
                "tenant_id": person.tenant,
                "user_id": person.user,
                "last_activity_date": str(max(days)),
                "days_since_last_activity": since,
                "activity_days": len(days),
                "total_events": len(engaged),
                "total_revenue": revenue,
                "recency_score": recency,
                "frequency_score": frequency,
                "monetary_score": score(bands, "monetary", revenue),
                "behavioral_segment": segment(rules, recency, frequency),
            }
        )
    return rows


def rfm_segments(rfm: list[Row], tenants: set[str], rules: Seed) -> list[Row]:
    """Every segment of every tenant, empty ones too."""
    rows = []
    for tenant in tenants:
        for name in {rule["behavioral_segment"] for rule in rules}:
            group = [
                row
                for row in rfm
                if (row["tenant_id"], row["behavioral_segment"]) == (tenant, name)
            ]
            rows.append(
                {
                    "tenant_id": tenant,
                    "behavioral_segment": name,
                    "user_count": len(group),
                    **{
                        f"avg_{column}": rounded(mean([row[column] for row in group]))
                        for column in ("days_since_last_activity", "activity_days", "total_events")
                    },
                    "segment_revenue": sum((row["total_revenue"] for row in group), Decimal(0)),
                }
            )
    return rows


def rfm_segment_moves(
    everybody: list[Person],
    engagement: set[str],
    bands: Seed,
    rules: Seed,
    windows: Windows,
    as_of: date,
) -> list[Row]:
    """Each person's segment, day by day, from the first engaged day on; a row a kind of move."""
    window = timedelta(days=windows["rfm"])
    moves: Counter[tuple[str, date, str, str]] = Counter()
    for person in everybody:
        engaged = {event.day for event in person.events if event.name in engagement}
        before = NO_SEGMENT
        # After the last of them nothing is left of the window but its end.
        for day in days_between(min(engaged), min(as_of, max(engaged) + window)) if engaged else ():
            in_window = [each for each in engaged if day - window < each <= day]
            after = NO_SEGMENT
            if in_window:
                recency = score(bands, "recency", (day - max(in_window)).days)
                after = segment(rules, recency, score(bands, "frequency", len(in_window)))
            if after != before:
                moves[person.tenant, day, before, after] += 1
            before = after
    return [
        {
            "tenant_id": tenant,
            "move_date": str(day),
            "from_segment": before,
            "to_segment": after,
            "user_count": count,
        }
        for (tenant, day, before, after), count in moves.items()
    ]


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def role_at(person: Person, use: Event) -> str:
    """The use's own trait, else the latest identified before, else the first after."""
    before = [role for order, role in person.roles if order < use.order]
    after = [role for order, role in person.roles if order > use.order]
    return text(use.traits.get("role")) or next(iter([*before[-1:], *after]), UNKNOWN)


def feature_usage_by_role(everybody: list[Person], windows: Windows, as_of: date) -> list[Row]:
    """Tenant x role at that time x feature, in the window."""
    first, _ = trailing(as_of, windows["role_usage"])
    uses: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for person in everybody:
        for use in uses_of(person.events):
            if use.day >= first:
                uses[person.tenant, role_at(person, use), str(use.feature)].append(person.user)
    return [
        {
            "tenant_id": tenant,
            "role": role,
            "feature_key": feature,
            "unique_users": len(set(users)),
            "total_uses": len(users),
            "avg_uses_per_user": rounded(ratio(len(users), len(set(users)))),
        }
        for (tenant, role, feature), users in uses.items()
    ]


def tier_engagement(
    everybody: list[Person], activity: set[str], tiers: Seed, windows: Windows, as_of: date
) -> list[Row]:
    """Tenant x tier: how long and on how many days people were active in the window."""
    first, _ = trailing(as_of, windows["tier_engagement"])
    ranks = {row["tier"]: int(row["tier_rank"]) for row in tiers}
    groups: dict[tuple[str, str], list[set[date]]] = defaultdict(list)
    for person in everybody:
        days = {
            event.day for event in person.events if event.name in activity and event.day >= first
        }
        if days:
            groups[person.tenant, person.tier].append(days)
    return [
        {
            "tenant_id": tenant,
            "subscription_tier": tier,
            "tier_rank": ranks.get(tier),
            "user_count": len(group),
            "avg_tenure_days": rounded(mean([(max(days) - min(days)).days for days in group])),
            "avg_active_days": rounded(mean([len(days) for days in group])),
        }
        for (tenant, tier), group in groups.items()
    ]
