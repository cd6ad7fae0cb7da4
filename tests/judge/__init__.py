"""docs/metrics.md in plain Python, one module a section: the independent judge of the marts."""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from tests.judge import adoption, cohorts, events, identity, kpis, quality, segments, sessions
from tests.judge.events import CONTEXT, Event, Raw, compact, text
from tests.judge.rounding import instant

Row = dict[str, Any]
Seeds = dict[str, list[dict[str, str]]]


def load_seeds(folder: Path) -> Seeds:
    """Every seed by name, values as text."""
    return {path.stem: list(csv.DictReader(path.open())) for path in sorted(folder.glob("*.csv"))}


def windows_of(seeds: Seeds) -> dict[str, int]:
    """How long each window of the metrics is, in its unit."""
    return {row["window_name"]: int(row["window_length"]) for row in seeds["metric_windows"]}


def flagged(catalog: list[dict[str, str]], flag: str) -> set[str]:
    """Names of the events that the catalogue marks."""
    return {row["event_name"] for row in catalog if row[flag].lower() == "true"}


def marts(raw_rows: Iterable[Raw], seeds: Seeds, as_of_date: date) -> dict[str, list[Row]]:
    """Every mart of docs/marts.md as of the end of a day, from raw landed rows in any order."""
    catalog, tiers = seeds["event_catalog"], seeds["subscription_tiers"]
    windows = windows_of(seeds)
    engagement, activity = flagged(catalog, "is_engagement"), flagged(catalog, "is_activity")
    landed = events.judge(raw_rows)
    seen = events.accepted(landed, as_of_date)
    identity.resolve(seen)
    everybody = cohorts.people(seen)
    stages = seeds["adoption_stage_rules"]
    adopted = adoption.feature_adoption(seen, stages, windows, as_of_date)
    rules = seeds["rfm_segment_rules"]
    bands = seeds["rfm_score_bands"]
    rfm = segments.user_rfm(everybody, engagement, bands, rules, windows, as_of_date)
    health = list(kpis.weekly_product_health(everybody, seen, engagement, as_of_date))
    usage = list(kpis.weekly_feature_usage(seen, as_of_date))
    matrix = seeds["adoption_matrix_thresholds"]
    anomalies = seeds["anomaly_thresholds"][0]
    score_rules = seeds["quality_score_rules"]
    return {
        "fct_events": fct_events(seen),
        "fct_sessions": sessions.fct_sessions(seen, windows),
        "user_aliases": identity.user_aliases(seen),
        "dim_users": cohorts.dim_users(everybody, seen),
        "feature_adoption": adopted,
        "feature_adoption_funnel": adoption.feature_adoption_funnel(adopted, seen, stages),
        "feature_active_users": adoption.feature_active_users(seen, windows, as_of_date),
        "feature_adoption_matrix": adoption.feature_adoption_matrix(
            seen, engagement, matrix, windows, as_of_date
        ),
        "cohort_retention": list(
            cohorts.cohort_retention(everybody, seeds, windows, engagement, as_of_date)
        ),
        "feature_adoption_by_cohort": cohorts.feature_adoption_by_cohort(everybody),
        "revenue_expansion_by_cohort": cohorts.revenue_expansion_by_cohort(everybody, tiers),
        "user_rfm": rfm,
        "rfm_segments": segments.rfm_segments(rfm, set(kpis.first_days(seen)), rules),
        "rfm_segment_moves": segments.rfm_segment_moves(
            everybody, engagement, bands, rules, windows, as_of_date
        ),
        "feature_usage_by_role": segments.feature_usage_by_role(everybody, windows, as_of_date),
        "tier_engagement": segments.tier_engagement(
            everybody, activity, tiers, windows, as_of_date
        ),
        "active_users_daily": list(
            kpis.active_users_daily(seen, activity, engagement, windows, as_of_date)
        ),
        "weekly_product_health": health,
        "weekly_feature_usage": usage,
        "metric_anomalies": list(kpis.metric_anomalies(seen, activity, anomalies, as_of_date)),
        "product_insights": list(kpis.product_insights(health, usage, seeds["insight_rules"])),
        "event_quality_hourly": list(
            quality.event_quality_hourly(
                landed, flagged(catalog, "is_anonymous"), score_rules, as_of_date
            )
        ),
        "event_volume_by_minute": quality.event_volume_by_minute(seen),
        "event_rejects": quality.event_rejects(landed, as_of_date),
    }


def fct_events(seen: list[Event]) -> list[Row]:
    """The accepted events with their resolved user."""
    return [
        {
            "tenant_id": event.tenant,
            "event_id": event.event_id,
            "event_name": event.name,
            "event_version": text(event.raw.get("event_version")),
            "event_date": str(event.day),
            "timestamp": instant(event.time),
            "received_at": instant(event.received),
            "user_id": event.person,
            "original_user_id": event.user,
            "anonymous_id": event.device,
            "client_session_id": text(event.raw.get("session_id")),
            **{column: event.context(column) for column in CONTEXT},
            "properties": compact(event.raw.get("properties")),
            "traits": compact(event.raw.get("traits")),
        }
        for event in seen
    ]
