"""Conventions: exact numbers, half away from zero, nearest rank, days and periods.

Times are whole microseconds since 1970 (UTC), days are `datetime.date`.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

N = TypeVar("N", int, Fraction)
Number = int | Fraction | Decimal


def rounded(value: Number | None, places: int = 2) -> Decimal | None:
    """Round half away from zero to `places` decimals; nothing stays nothing."""
    if value is None:
        return None
    scaled = abs(Fraction(value)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value > 0 else -whole).scaleb(-places)


def ratio(numerator: Number, denominator: Number) -> Fraction | None:
    """Divide exactly; over zero there is no answer."""
    return Fraction(numerator) / Fraction(denominator) if denominator else None


def pct(numerator: Number, denominator: Number) -> Decimal | None:
    """A published rate: a percentage with 2 decimals."""
    share = ratio(numerator, denominator)
    return None if share is None else rounded(100 * share)


def mean(values: Sequence[Number]) -> Fraction | None:
    """The exact average; of nothing there is none."""
    return sum((Fraction(value) for value in values), Fraction()) / len(values) if values else None


def change_pct(current: Number | None, previous: Number | None) -> Fraction | None:
    """The exact change against `previous` in percent; none where it was zero or unknown."""
    if current is None or not previous:
        return None
    return 100 * (Fraction(current) - Fraction(previous)) / Fraction(previous)


def nearest_rank(values: Sequence[N], percent: int) -> N | None:
    """The smallest value with at least `percent` % of the values at or below it."""
    if not values:
        return None
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(rank, 1) - 1]


def day_of(micros: int) -> date:
    """The UTC date of an instant."""
    return date.fromordinal(EPOCH.toordinal() + micros // DAY)


def start_of(day: date) -> int:
    """The first microsecond of a day."""
    return (day.toordinal() - EPOCH.toordinal()) * DAY


def trailing(as_of: date, days: int) -> tuple[date, date]:
    """Trailing N days are N dates: `[as_of - (N - 1), as_of]`."""
    return as_of - timedelta(days=days - 1), as_of


def days_from(first: date, last: date) -> list[date]:
    """Every date from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def monday(day: date) -> date:
    """The first day of the ISO week."""
    return day - timedelta(days=day.weekday())


def period_index(day: date, grain: str) -> int:
    """Number of the calendar month or ISO week that a day lies in."""
    return day.year * 12 + day.month - 1 if grain == "month" else monday(day).toordinal() // 7


def period_start(index: int, grain: str) -> date:
    """The first day of a numbered month or week (Mondays are 1 modulo 7)."""
    return (
        date(index // 12, index % 12 + 1, 1)
        if grain == "month"
        else date.fromordinal(index * 7 + 1)
    )


def instant(micros: int | None) -> str | None:
    """An instant as published: `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""
    if micros is None:
        return None
    moment = EPOCH + timedelta(microseconds=micros)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
