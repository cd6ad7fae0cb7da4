from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.judge.example import NEVER, SEEDS, at, column, event, identified, mart, used
from tests.judge.segments import score, segment


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("recency", 7, 5),
        ("recency", 8, 4),
        ("recency", 30, 3),
        ("recency", 61, 1),
        ("frequency", 6, 1),
        ("frequency", 7, 2),
        ("frequency", 60, 5),
        ("monetary", 0, 0),
        ("monetary", Decimal("0.01"), 1),
        ("monetary", Decimal("499.99"), 1),
        ("monetary", 500, 2),
        ("monetary", 10_000, 5),
    ],
)
def test_bands(metric: str, value: int, expected: int) -> None:
    assert score(SEEDS["rfm_score_bands"], metric, value) == expected


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((4, 4), "Power User"),
        ((4, 3), "Casual User"),
        ((3, 2), "Casual User"),
        ((2, 3), "Dormant User"),
        ((2, 2), "Churning User"),
        ((5, 1), "Occasional User"),
    ],
)
def test_rule_order(scores: tuple[int, int], expected: str) -> None:
    assert segment(SEEDS["rfm_segment_rules"], *scores) == expected


def test_rfm_window_and_exact_revenue() -> None:
    edge = str(NEVER - timedelta(days=89))[5:]
    outside = str(NEVER - timedelta(days=90))[5:]
    rows = [event("page.viewed", at(day)) for day in (edge, outside)]
    rows += [
        event("subscription.payment_received", at("06-01"), amount=amount)
        for amount in (0.1, 0.2, "19.99", "free", "1_000", None)
    ]
    rows.append(event("subscription.payment_received", at(outside), amount=1000))
    (row,) = mart("user_rfm", rows)
    assert (row["total_events"], row["days_since_last_activity"]) == (1, 89)
    assert row["total_revenue"] == Decimal("20.29")
    assert mart("user_rfm", [event("page.viewed", at(outside))]) == []
    assert len(mart("rfm_segments", [event("page.viewed", at(outside))])) == 5


def test_a_use_counts_under_the_role_of_its_time() -> None:
    rows = [
        identified(at("06-10"), role="operator"),
        identified(at("06-20"), role="manager"),
        used(at("06-05")),  # before any: the first after
        used(at("06-15")),
        used(at("06-25")),
        used(at("06-25"), traits={"role": "auditor"}),
        used(at("05-31")),  # 31 days ago
        used(at("06-25"), "nobody"),
    ]
    found = {row["role"]: row["total_uses"] for row in mart("feature_usage_by_role", rows)}
    assert found == {"operator": 2, "manager": 1, "auditor": 1, "(unknown)": 1}


def test_tier_is_that_of_as_of() -> None:
    rows = [identified(at("06-01"), subscription_tier="starter")]
    rows += [event("page.viewed", at(day)) for day in ("06-01", "06-03", "06-30")]
    rows.append(event("subscription.tier_changed", at("06-02"), new_tier="enterprise"))
    (row,) = mart("tier_engagement", rows)
    assert (row["subscription_tier"], row["tier_rank"]) == ("enterprise", 3)
    assert (row["avg_tenure_days"], row["avg_active_days"]) == (29, 3)
    early = mart("tier_engagement", rows, date(2026, 6, 1))
    assert column(early, "subscription_tier") == ["starter"]
