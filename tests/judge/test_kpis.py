from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.judge.example import SEEDS, at, column, event, identified, mart, used
from tests.judge.kpis import judgement

LIMITS = SEEDS["anomaly_thresholds"][0]


def test_windows_are_7_and_30_dates_with_gaps() -> None:
    rows = mart("active_users_daily", [event("page.viewed", at("03-01"))], date(2026, 3, 31))
    assert len(rows) == 31
    assert [sum(column(rows, name)) for name in ("dau", "wau", "mau")] == [1, 7, 30]
    assert rows[7]["engagement_pct"] == 0
    assert rows[30]["stickiness_pct"] is None


def test_api_calls_are_activity_not_engagement() -> None:
    (row,) = mart("active_users_daily", [event("api.request_completed", at("06-30"))])
    assert (row["dau"], row["engaged_dau"]) == (1, 0)


def test_weeks() -> None:
    rows = [event("page.viewed", at(day), user) for day, user in (("03-02", "a"), ("03-08", "b"))]
    rows += [event("page.viewed", at("03-09"), user) for user in "abc"]
    rows += [
        identified(at("03-03"), "a"),
        identified(at("03-10"), "a"),
        identified(at("03-10"), "b"),
    ]
    first, second = mart("weekly_product_health", rows, date(2026, 3, 14))
    assert (first["week_start_date"], first["wau"], first["signups"]) == ("2026-03-02", 2, 1)
    assert first["avg_dau"] == Decimal("0.29")  # 2 over 7 days
    assert first["stickiness_pct"] == Decimal("14.29")  # 2/7 over 2
    assert (first["is_complete"], second["is_complete"]) == (True, False)
    assert (second["wau_change_pct"], second["signups"]) == (50, 1)
    assert second["wau_previous_week"] == 2


def test_feature_change() -> None:
    rows = [used(at("03-02"))] * 1 + [used(at("03-09"), user) for user in "aab"]
    first, second = mart("weekly_feature_usage", rows, date(2026, 3, 15))
    assert (first["uses"], first["uses_change_pct"]) == (1, None)
    assert (second["users"], second["uses_per_user"], second["uses_change_pct"]) == (
        2,
        Decimal("1.5"),
        200,
    )


def test_z_scores() -> None:
    baseline = [Fraction(value) for value in (2, 4, 4, 4, 5, 5, 7, 9)]  # mean 5, deviation 2
    assert judgement(Fraction(10), baseline, True, LIMITS)["severity"] == "normal"  # exactly 2.5
    assert judgement(Fraction(0), baseline, True, LIMITS)["z_score"] == Fraction(-5, 2)
    assert judgement(Fraction(1001, 100), baseline, True, LIMITS)["severity"] == "warning"
    assert judgement(Fraction(11), baseline, True, LIMITS)["severity"] == "warning"  # exactly 3
    assert judgement(Fraction(-2), baseline, True, LIMITS)["severity"] == "critical"
    assert judgement(Fraction(9), [Fraction(1)] * 20, True, LIMITS)["z_score"] is None
    assert judgement(Fraction(99), baseline, False, LIMITS)["z_score"] is None


def test_anomalies_judge_both_days_against_the_other_28() -> None:
    rows = [
        event("page.viewed", at(f"06-{day:02d}"), user)
        for day in range(1, 29)
        for user in "ab"[: 1 + day % 2]
    ]
    rows += [event("page.viewed", at("06-29"), user) for user in "abcde"]
    found = [
        row
        for row in mart("metric_anomalies", rows)
        if (row["tenant_id"], row["metric"]) == ("(all)", "dau")
    ]
    assert column(found, "value") == [5, 0]
    assert column(found, "baseline_mean") == [Fraction(3, 2)] * 2
    assert column(found, "z_score") == [7, -3]
    assert column(found, "severity") == ["critical", "warning"]
