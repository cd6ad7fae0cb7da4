from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.judge import rounding as r


def test_half_goes_away_from_zero() -> None:
    assert r.rounded(Fraction(1, 200)) == Decimal("0.01")
    assert r.rounded(Fraction(-1, 200)) == Decimal("-0.01")
    assert r.rounded(Fraction(1005, 1000)) == Decimal("1.01")  # 1.00 in binary floats
    assert r.rounded(Fraction(4999, 1_000_000)) == 0


def test_rates() -> None:
    assert r.pct(1, 3) == Decimal("33.33")
    assert r.pct(2, 3) == Decimal("66.67")
    assert r.pct(1, 800) == Decimal("0.13")  # 0.125 is a tie
    assert r.pct(0, 5) == 0
    assert r.pct(5, 0) is None


def test_percentiles_are_nearest_rank() -> None:
    assert r.nearest_rank([15, 20, 35, 40, 50], 30) == 20
    assert r.nearest_rank([15, 20, 35, 40, 50], 40) == 20
    assert r.nearest_rank([15, 20, 35, 40, 50], 50) == 35
    assert r.nearest_rank(list(range(1, 101)), 95) == 95
    assert r.nearest_rank(list(range(1, 21)), 95) == 19
    assert r.nearest_rank([], 95) is None


def test_trailing_days_are_n_not_n_plus_1() -> None:
    first, last = r.trailing(date(2026, 3, 31), 30)
    assert (first, last) == (date(2026, 3, 2), date(2026, 3, 31))
    assert len(r.days_from(first, last)) == 30


def test_weeks_start_on_monday_and_months_on_the_first() -> None:
    sunday, monday = date(2026, 1, 4), date(2026, 1, 5)
    assert r.period_index(monday, "week") == r.period_index(sunday, "week") + 1
    assert r.period_start(r.period_index(sunday, "week"), "week") == date(2025, 12, 29)
    assert r.period_start(r.period_index(date(2026, 12, 31), "month") + 1, "month") == date(
        2027, 1, 1
    )


@given(st.dates(), st.sampled_from(["month", "week"]))
def test_a_period_starts_in_itself(day: date, grain: str) -> None:
    index = r.period_index(day, grain)
    if index * 7 + 1 > 1:
        start = r.period_start(index, grain)
        assert start <= day
        assert r.period_index(start, grain) == index
