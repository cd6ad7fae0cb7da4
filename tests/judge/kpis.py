"""KPIs: rolling actives, the weekly series, anomalies and insights."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.judge.adoption import people_in, rolling, uses_of
from tests.judge.cohorts import Person
from tests.judge.events import Event, number
from tests.judge.rounding import (
    change_pct,
    day_of,
    days_from,
    mean,
    monday,
    nearest_rank,
    pct,
    ratio,
    rounded,
    trailing,
)

Row = dict[str, Any]
Seed = list[dict[str, str]]
Active = dict[str, dict[date, set[str]]]
WEEK = timedelta(days=7)
ALL = "(all)"


def first_days(events: Iterable[Event]) -> dict[str, date]:
    """Each tenant's first day: that of its first accepted event."""
    first: dict[str, date] = {}
    for event in events:
        first.setdefault(str(event.tenant), event.day)
    return first


def active_people(events: Iterable[Event], names: set[str]) -> Active:
    """People by tenant and day of the named events."""
    active: Active = defaultdict(lambda: defaultdict(set))
    for event in events:
        if event.person and event.name in names:
            active[event.key[0]][event.day].add(event.key[1])
    return active


def active_users_daily(
    events: list[Event],
    activity: set[str],
    engagement: set[str],
    windows: dict[str, int],
    as_of: date,
) -> Iterator[Row]:
    """Tenant x every day from its first: people of the day, the week and the month."""
    kinds = {"": active_people(events, activity), "engaged_": active_people(events, engagement)}
    for tenant, first in first_days(events).items():
        for day in days_from(first, as_of):
            row: Row = {"tenant_id": tenant, "activity_date": str(day)}
            for prefix, active in kinds.items():
                dau, wau, mau = rolling(active[tenant], day, windows)
                row |= {
                    f"{prefix}dau": dau,
                    f"{prefix}wau": wau,
                    f"{prefix}mau": mau,
                    f"{prefix}stickiness_pct": pct(dau, mau),
                    f"{prefix}engagement_pct": pct(wau, mau),
                }
            yield row


def weeks_of(first: date, as_of: date) -> list[date]:
    """Mondays from the week of `first` to that of `as_of`."""
    return days_from(monday(first), monday(as_of))[::7]


def weekly_product_health(
    everybody: list[Person], events: list[Event], engagement: set[str], as_of: date
) -> Iterator[Row]:
    """Tenant x ISO week, each number beside last week's."""
    active = active_people(events, engagement)
    for tenant, first in first_days(events).items():
        signups = [
            day_of(person.signup)
            for person in everybody
            if person.tenant == tenant and person.signup is not None
        ]
        before: dict[str, Any] = {}
        for week in weeks_of(first, as_of):
            days = days_from(week, min(week + WEEK - timedelta(days=1), as_of))
            daily = [len(active[tenant].get(day, ())) for day in days]
            now: dict[str, Any] = {
                "wau": len(people_in(active[tenant], week + WEEK - timedelta(days=1), 7)),
                "avg_dau": mean(daily),
                "signups": sum(day in days for day in signups),
            }
            now["stickiness"] = share(now["avg_dau"], now["wau"])
            yield {
                "tenant_id": tenant,
                "week_start_date": str(week),
                "is_complete": is_over(week, as_of),
                **health(now, before),
            }
            before = now


def share(part: Fraction, whole: int) -> Fraction | None:
    """An exact percentage."""
    return 100 * part / whole if whole else None


def health(now: dict[str, Any], before: dict[str, Any]) -> Row:
    """This week's numbers, last week's, and the changes."""
    row: Row = {}
    for name in ("wau", "avg_dau", "signups"):
        row[name] = rounded(now[name])
        row[f"{name}_previous_week"] = rounded(before.get(name))
        row[f"{name}_change_pct"] = rounded(change_pct(now[name], before.get(name)))
    this, last = now["stickiness"], before.get("stickiness")
    return row | {
        "stickiness_pct": rounded(this),
        "stickiness_previous_week_pct": rounded(last),
        "stickiness_change_points": None if None in (this, last) else rounded(this - last),
    }


def is_over(week: date, as_of: date) -> bool:
    """Whether all seven days of a week are visible."""
    return week + timedelta(days=6) <= as_of


def weekly_feature_usage(events: list[Event], as_of: date) -> Iterator[Row]:
    """Tenant x ISO week x feature, from its first use on, weeks without one too."""
    uses: dict[tuple[str, str], dict[date, list[str]]] = defaultdict(lambda: defaultdict(list))
    for use in uses_of(events):
        uses[use.key[0], str(use.feature)][monday(use.day)].append(use.key[1])
    for (tenant, feature), weekly in uses.items():
        for week in weeks_of(min(weekly), as_of):
            now, before = weekly.get(week, []), weekly.get(week - WEEK, [])
            is_first = week == min(weekly)
            yield {
                "tenant_id": tenant,
                "week_start_date": str(week),
                "feature_key": feature,
                "is_complete": is_over(week, as_of),
                "users": len(set(now)),
                "uses": len(now),
                "uses_per_user": rounded(ratio(len(now), len(set(now)))),
                "users_previous_week": None if is_first else len(set(before)),
                "uses_previous_week": None if is_first else len(before),
                "uses_change_pct": rounded(change_pct(len(now), len(before))),
            }


def daily_metrics(
    events: list[Event], activity: set[str], as_of: date, days: list[date]
) -> dict[str, dict[date, Fraction]]:
    """Value by metric and day of one tenant or of all; a day without data is absent."""
    active: dict[date, set[tuple[str, str]]] = defaultdict(set)
    on_day: dict[date, list[Event]] = defaultdict(list)
    for event in events:
        on_day[event.day].append(event)
        if event.person and event.name in activity:
            active[event.day].add(event.key)
    values: dict[str, dict[date, Fraction]] = defaultdict(dict)
    for day in days:
        today = on_day.get(day, [])
        if events and day >= events[0].day:
            values["dau"][day] = Fraction(len(active.get(day, ())))
        if today:
            errors = sum(event.name == "error.occurred" for event in today)
            values["error_rate_pct"][day] = Fraction(100 * errors, len(today))
        calls = [
            number(event.properties.get("duration_ms")) for event in today if event.name == API
        ]
        p95 = nearest_rank([Fraction(call) for call in calls if call is not None], 95)
        if p95 is not None:
            values["api_latency_p95_ms"][day] = p95
    return values


API = "api.request_completed"
METRICS = ("dau", "error_rate_pct", "api_latency_p95_ms")


def metric_anomalies(
    events: list[Event], activity: set[str], limits: dict[str, str], as_of: date
) -> Iterator[Row]:
    """Each of the last two days against the other days of the trailing 30."""
    days = days_from(*trailing(as_of, int(limits["baseline_days"])))
    judged = int(limits["judged_days"])
    for tenant in [*first_days(events), ALL]:
        mine = [event for event in events if tenant in (event.tenant, ALL)]
        metrics = daily_metrics(mine, activity, as_of, days)
        for metric in METRICS:
            values = metrics.get(metric, {})
            baseline = [values[day] for day in days[:-judged] if day in values]
            for day in days[-judged:]:
                if day in values:
                    enough = len(values) >= int(limits["min_days"])
                    yield {
                        "tenant_id": tenant,
                        "metric": metric,
                        "metric_date": str(day),
                        **judgement(values[day], baseline, enough, limits),
                    }


def judgement(
    value: Fraction, baseline: list[Fraction], enough: bool, limits: dict[str, str]
) -> Row:
    """How far a value lies from its baseline, in population standard deviations."""
    center = mean(baseline)
    variance = None if center is None else mean([(one - center) ** 2 for one in baseline])
    squared = (
        (value - center) ** 2 / variance if enough and center is not None and variance else None
    )
    sign = 1 if center is None or value >= center else -1
    severity = "normal"
    for name in ("warning", "critical"):
        if squared is not None and squared > Fraction(limits[f"{name}_z"]) ** 2:
            severity = name
    return {
        "value": value,
        "baseline_mean": center,
        "baseline_stddev": root(variance),
        "baseline_days": len(baseline),
        "z_score": None if squared is None else sign * (root(squared) or 0),
        "severity": severity,
        "is_anomaly": severity != "normal",
    }


def root(value: Fraction | None) -> Fraction | None:
    """Square root, good to far more decimals than are published."""
    return None if value is None else Fraction(float(value) ** 0.5)


def product_insights(health_rows: list[Row], usage_rows: list[Row], rules: Seed) -> Iterator[Row]:
    """Complete weeks whose change against the week before crosses a rule's threshold."""
    sources = {
        "wau": (health_rows, "wau", "wau_previous_week", "wau_change_pct"),
        "stickiness": (
            health_rows,
            "stickiness_pct",
            "stickiness_previous_week_pct",
            "stickiness_change_points",
        ),
        "feature_uses": (usage_rows, "uses", "uses_previous_week", "uses_change_pct"),
    }
    for rule in rules:
        rows, value, previous, change = sources[rule["metric"]]
        threshold = Fraction(rule["threshold"])
        for row in rows:
            moved = row[change]
            if not row["is_complete"] or moved is None:
                continue
            if moved > threshold if rule["direction"] == "above" else moved < threshold:
                yield {
                    "tenant_id": row["tenant_id"],
                    "week_start_date": row["week_start_date"],
                    "insight": rule["insight"],
                    "feature_key": row.get("feature_key"),
                    "metric": rule["metric"],
                    "value": row[value],
                    "previous_value": row[previous],
                    "change": moved,
                    "threshold": rounded(threshold),
                }
