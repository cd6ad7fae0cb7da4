"""Feature adoption: stages from first exposure, funnel, rolling actives, matrix."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from tests.judge.events import Event
from tests.judge.rounding import (
    DAY,
    days_from,
    instant,
    mean,
    pct,
    ratio,
    rounded,
    start_of,
    trailing,
)

Row = dict[str, Any]
Seed = list[dict[str, str]]
Grouped = dict[tuple[str, str, str], list[Event]]
Windows = dict[str, int]


def uses_of(events: Iterable[Event]) -> list[Event]:
    """Uses of a named feature by a known person."""
    return [
        event for event in events if event.name == "feature.used" and event.feature and event.person
    ]


def is_on(event: Event) -> bool:
    """An exposure counts unless its variation says that the feature was off."""
    variation = event.properties.get("variation")
    return not (variation is False or variation in (0, "false", "off", "control"))


def by_person_feature(events: Iterable[Event]) -> Grouped:
    """Events by tenant, person and feature."""
    groups: Grouped = defaultdict(list)
    for event in events:
        groups[(*event.key, str(event.feature))].append(event)
    return groups


def exposures_of(events: Iterable[Event]) -> Grouped:
    """Exposures to a feature that was on, of known people."""
    return by_person_feature(
        event
        for event in events
        if event.name == "feature.exposed" and event.feature and event.person and is_on(event)
    )


def feature_adoption(events: list[Event], rules: Seed, windows: Windows, as_of: date) -> list[Row]:
    """Person x feature: the highest stage met, from first exposure on."""
    uses = by_person_feature(uses_of(events))
    return [
        {
            "tenant_id": key[0],
            "user_id": key[1],
            "feature_key": key[2],
            **adoption(exposures[0].at, uses.get(key, []), rules, windows, as_of),
        }
        for key, exposures in exposures_of(events).items()
    ]


def adoption(exposed: int, uses: list[Event], rules: Seed, windows: Windows, as_of: date) -> Row:
    """What a person did with a feature since the instant of first exposure."""

    def within(days: int) -> list[Event]:
        return [use for use in uses if exposed <= use.at < exposed + days * DAY]

    def is_met(rule: dict[str, str]) -> bool:
        found = within(int(rule["window_days"]))
        days = len({use.day for use in found})
        return len(found) >= int(rule["min_uses"] or 0) and days >= int(rule["min_days_used"] or 0)

    stage = max((rule for rule in rules if is_met(rule)), key=lambda rule: int(rule["stage_rank"]))
    first = min((use.at for use in uses if use.at >= exposed), default=None)
    return {
        "first_exposed_at": instant(exposed),
        "first_used_at": instant(first),
        "days_to_first_use": None if first is None else (first - exposed) // DAY,
        "uses_7d": len(within(7)),
        "uses_30d": len(within(30)),
        "days_used_30d": len({use.day for use in within(30)}),
        "adoption_stage": stage["adoption_stage"],
        "stage_rank": int(stage["stage_rank"]),
        "is_mature": exposed + windows["mature_exposure"] * DAY
        <= start_of(as_of + timedelta(days=1)),
    }


def feature_adoption_funnel(adoptions: list[Row], events: list[Event], rules: Seed) -> list[Row]:
    """Tenant x feature x stage, all stages always there."""
    exposed: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in adoptions:
        exposed[row["tenant_id"], row["feature_key"]].append(row)
    users: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in uses_of(events):
        users[event.key[0], str(event.feature)].add(event.key[1])
    rows = []
    for tenant, feature in sorted(exposed.keys() | users.keys()):
        people = exposed.get((tenant, feature), [])
        unexposed = users.get((tenant, feature), set()) - {row["user_id"] for row in people}
        rows += [
            {
                "tenant_id": tenant,
                "feature_key": feature,
                "adoption_stage": rule["adoption_stage"],
                "stage_rank": int(rule["stage_rank"]),
                **stage_counts(people, int(rule["stage_rank"])),
                "unexposed_users": len(unexposed),
            }
            for rule in rules
        ]
    return rows


def stage_counts(people: list[Row], rank: int) -> Row:
    """Exclusive and cumulative counts of one stage among the exposed, all and mature."""
    mature = [row for row in people if row["is_mature"]]
    here = [row for row in people if row["stage_rank"] == rank]
    waits = [row["days_to_first_use"] for row in here if row["days_to_first_use"] is not None]
    result: Row = {}
    for prefix, group in (("", people), ("mature_", mature)):
        exact = sum(row["stage_rank"] == rank for row in group)
        reached = sum(row["stage_rank"] >= rank for row in group)
        result |= {
            f"{prefix}users": exact,
            f"{prefix}users_pct": pct(exact, len(group)),
            f"{prefix}cumulative_users": reached,
            f"{prefix}cumulative_pct": pct(reached, len(group)),
            f"{prefix}exposed_users": len(group),
        }
    return result | {
        "avg_days_to_first_use": rounded(mean(waits)),
        "avg_uses": rounded(mean([row["uses_30d"] for row in here])),
    }


def rolling(days: dict[date, set[str]], day: date, windows: Windows) -> tuple[int, int, int]:
    """People on a day, and in the windows of wau and mau that end on it."""
    lengths = (1, windows["wau"], windows["mau"])
    dau, wau, mau = (len(people_in(days, day, length)) for length in lengths)
    return dau, wau, mau


def feature_active_users(events: list[Event], windows: Windows, as_of: date) -> list[Row]:
    """Tenant x feature x day from the first use on: people of the day, the week and the month."""
    users: dict[tuple[str, str], dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for event in uses_of(events):
        users[event.key[0], str(event.feature)][event.day].add(event.key[1])
    rows = []
    for (tenant, feature), days in users.items():
        for day in days_from(min(days), as_of):
            dau, wau, mau = rolling(days, day, windows)
            rows.append(
                {
                    "tenant_id": tenant,
                    "feature_key": feature,
                    "activity_date": str(day),
                    "dau": dau,
                    "wau": wau,
                    "mau": mau,
                    "stickiness_pct": pct(dau, mau),
                }
            )
    return rows


def people_in(days: dict[date, set[str]], day: date, window: int) -> set[str]:
    """Distinct people in the `window` days that end with `day`."""
    return {user for one in days_from(*trailing(day, window)) for user in days.get(one, set())}


def feature_adoption_matrix(
    events: list[Event], engagement: set[str], rules: Seed, windows: Windows, as_of: date
) -> list[Row]:
    """Tenant x feature over the window: how many people, how often."""
    first, _ = trailing(as_of, windows["adoption_matrix"])
    recent = [event for event in events if event.day >= first and event.person]
    engaged: dict[str, set[str]] = defaultdict(set)
    for event in recent:
        if event.name in engagement:
            engaged[event.key[0]].add(event.key[1])
    uses: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in uses_of(recent):
        uses[event.key[0], str(event.feature)].append(event)
    rows = []
    for (tenant, feature), group in uses.items():
        users, total = len({event.key for event in group}), len(engaged[tenant])
        is_broad = 100 * users >= int(rules[0]["min_penetration_pct"]) * total
        is_deep = len(group) >= int(rules[0]["min_avg_frequency"]) * users
        rows.append(
            {
                "tenant_id": tenant,
                "feature_key": feature,
                "users_using": users,
                "engaged_users": total,
                "penetration_pct": pct(users, total),
                "total_uses": len(group),
                "avg_frequency": rounded(ratio(len(group), users)),
                "quadrant": QUADRANTS[is_broad, is_deep],
            }
        )
    return rows


QUADRANTS = {
    (True, True): "Core Feature",
    (True, False): "Broad but Shallow",
    (False, True): "Niche Power Feature",
    (False, False): "Low Engagement",
}
