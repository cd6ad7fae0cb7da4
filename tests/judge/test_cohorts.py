from datetime import date

from tests.judge.example import at, column, event, identified, mart, used


def viewed(time: str, user: str = "u") -> dict[str, object]:
    return event("page.viewed", time, user)


def test_retention_triangle() -> None:
    rows = [
        viewed(at("01-01"), "a"),  # before signup
        identified(at("01-15"), "a"),
        viewed(at("03-31 23:59:59"), "a"),
        identified(at("01-31"), "b"),
        viewed(at("01-31"), "b"),
        identified(at("02-01"), "c"),
        event("api.request_completed", at("02-01"), "c"),  # not engagement
    ]
    found = [
        (row["cohort"], row["period_number"], row["active_users"], row["is_complete"])
        for row in mart("cohort_retention", rows, date(2026, 3, 31))
        if (row["cohort_type"], row["period_grain"]) == ("signup_month", "month")
    ]
    assert found == [
        ("2026-01-01", 0, 1, True),
        ("2026-01-01", 1, 0, True),
        ("2026-01-01", 2, 1, True),
        ("2026-02-01", 0, 0, True),
        ("2026-02-01", 1, 0, True),
    ]
    partial = mart("cohort_retention", rows, date(2026, 3, 30))
    last = [
        row for row in partial if (row["cohort_type"], row["period_number"]) == ("signup_month", 2)
    ]
    assert [row["is_complete"] for row in last if row["period_grain"] == "month"] == [False]


def test_mixed_cohorts_count_from_each_persons_own_signup() -> None:
    rows = [
        identified(at("01-15"), "a", subscription_tier="starter"),
        identified(at("03-15"), "b", subscription_tier="starter"),
        viewed(at("02-01"), "a"),
        viewed(at("04-01"), "b"),
    ]
    found = [
        (row["period_number"], row["period_start_date"], row["active_users"], row["is_complete"])
        for row in mart("cohort_retention", rows, date(2026, 4, 30))
        if (row["cohort_type"], row["period_grain"]) == ("initial_tier", "month")
    ]
    assert found == [
        (0, "2026-01-01", 0, True),
        (1, "2026-02-01", 2, True),
        (2, "2026-03-01", 0, False),
        (3, "2026-04-01", 0, False),
    ]


def test_first_week_is_168_hours() -> None:
    rows = [identified(at("03-01 12:00")), viewed(at("03-08 12:00"))]
    bands = set(column(mart("cohort_retention", rows), "cohort"))
    assert "none" in bands
    rows.append(viewed(at("03-08 11:59:59")))
    assert "1-9" in set(column(mart("cohort_retention", rows), "cohort"))


def test_adoption_by_cohort_has_zeros() -> None:
    rows = [identified(at("01-01"), "a"), identified(at("02-01"), "b"), used(at("03-01"), "b")]
    found = mart("feature_adoption_by_cohort", rows)
    assert column(found, "adopters") == [0, 1]
    assert column(found, "adoption_rate_pct") == [0, 100]


def test_expansion() -> None:
    steps = [("starter", "professional"), ("professional", "enterprise"), ("enterprise", "starter")]
    rows = [identified(at("01-01"), "a"), identified(at("01-02"), "a", subscription_tier="starter")]
    rows += [
        event("subscription.tier_changed", at("02-01"), "a", previous_tier=old, new_tier=new)
        for old, new in [*steps, ("legacy", "starter")]
    ]
    rows.append(identified(at("01-03"), "b", subscription_tier="starter"))
    (row,) = mart("revenue_expansion_by_cohort", rows)
    assert (row["initial_tier"], row["cohort_size"]) == ("starter", 2)
    assert (row["upgraders"], row["upgrade_count"]) == (1, 2)
    assert (row["downgraders"], row["downgrade_count"]) == (1, 1)
    assert row["expansion_rate_pct"] == 50
