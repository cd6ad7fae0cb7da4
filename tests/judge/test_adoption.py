from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.judge.example import at, column, event, exposed, mart, used

DAY = 86_400


def stage(*days: float, start: str = "03-01 12:00") -> str:
    rows = [exposed(at(start)), *(used(at(start, day * DAY)) for day in days)]
    return str(mart("feature_adoption", rows)[0]["adoption_stage"])


def test_stages() -> None:
    tick = 0.000001 / DAY
    assert stage() == "Exposed Only"
    assert stage(0) == "Tried"
    assert stage(7 - tick) == "Tried"
    assert stage(7) == "Exposed Only"
    assert stage(-1) == "Exposed Only"
    assert stage(8, 9) == "Exposed Only"
    assert stage(8, 9, 10) == "Adopted"
    assert stage(1, 2, 30 - tick) == "Adopted"
    assert stage(1, 2, 30) == "Tried"
    assert stage(*[1] * 9) == "Adopted"
    assert stage(*[1] * 10) == "Power User"
    assert stage(*range(19)) == "Power User"
    assert stage(*range(20)) == "Champion"
    assert stage(*[n / 2 for n in range(38)]) == "Champion"  # 38 uses from noon, 20 dates


@pytest.mark.parametrize("variation", [False, 0, "false", "off", "control"])
def test_off_is_not_exposed(variation: Any) -> None:
    rows = [exposed(at("03-01"), variation=variation), used(at("03-02"))]
    assert mart("feature_adoption", rows) == []
    funnel = mart("feature_adoption_funnel", rows)
    assert column(funnel, "unexposed_users") == [1] * 5
    assert column(funnel, "users_pct") == [None] * 5


@pytest.mark.parametrize("variation", [True, 1, "on", "treatment", None])
def test_anything_else_is_on(variation: Any) -> None:
    assert len(mart("feature_adoption", [exposed(at("03-01"), variation=variation)])) == 1


def test_the_baseline_is_the_first_exposure_that_was_on() -> None:
    rows = [exposed(at("03-01"), variation="off"), exposed(at("03-05")), exposed(at("03-03"))]
    (row,) = mart("feature_adoption", [*rows, used(at("03-05 23:00"))])
    assert (row["first_exposed_at"], row["days_to_first_use"]) == (at("03-03"), 2)


def test_mature_is_30_days_before_the_end_of_the_day() -> None:
    rows = [exposed(at("03-01")), exposed(at("03-01", 0.000001), "v")]
    ready = {
        row["user_id"]: row["is_mature"]
        for row in mart("feature_adoption", rows, date(2026, 3, 30))
    }
    assert ready == {"u": True, "v": False}


def test_funnel() -> None:
    rows = [exposed(at("03-01"), user) for user in "abc"]
    rows += [used(at("03-02"), "a")] + [used(at("03-03"), "b")] * 1
    rows += [used(at("03-04", n), "b") for n in range(2)] + [used(at("03-01"), "z")]
    funnel = {row["adoption_stage"]: row for row in mart("feature_adoption_funnel", rows)}
    assert [row["users"] for row in funnel.values()] == [1, 1, 1, 0, 0]
    assert [row["cumulative_users"] for row in funnel.values()] == [3, 2, 1, 0, 0]
    assert funnel["Adopted"]["cumulative_pct"] == Decimal("33.33")
    assert funnel["Adopted"]["avg_days_to_first_use"] == 2
    assert funnel["Adopted"]["avg_uses"] == 3
    assert funnel["Champion"]["avg_uses"] is None
    assert funnel["Tried"]["unexposed_users"] == 1


def test_actives_count_n_dates() -> None:
    rows = mart("feature_active_users", [used(at("03-01"))], date(2026, 3, 31))
    assert sum(column(rows, "dau")) == 1
    assert sum(column(rows, "wau")) == 7
    assert sum(column(rows, "mau")) == 30
    assert rows[-1]["stickiness_pct"] is None


def test_matrix() -> None:
    rows = [used(at("06-01"), "a") for _ in range(10)] + [used(at("05-31"), "a", "old")]
    rows += [event("page.viewed", at("06-30"), user) for user in "ab"]
    (row,) = mart("feature_adoption_matrix", rows)
    assert (row["penetration_pct"], row["avg_frequency"], row["quadrant"]) == (
        50,
        10,
        "Core Feature",
    )
