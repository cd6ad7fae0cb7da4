"""When things happen: the window of days, its time stamps, and the weekly and daily rhythm.

All instants are whole milliseconds since the first midnight (UTC) of the window.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

# How busy each hour of a local working day is; operators on night shift keep the nights alive.
_HOURLY: Final = (
    *(0.3, 0.2, 0.2, 0.2, 0.3, 0.8, 2.5, 5.0, 8.0, 9.5, 9.5, 8.5),
    *(6.0, 8.0, 9.0, 8.5, 7.0, 4.5, 2.5, 2.0, 1.6, 1.2, 0.8, 0.5),
)
_HOURLY_SUM: Final = sum(_HOURLY)
# Monday to Sunday. A quality system is used at weekends too, but little.
_WEEKDAY: Final = (1.0, 1.06, 1.04, 1.02, 0.9, 0.2, 0.14)

_CLOCK: Final = tuple(f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}." for s in range(86_400))
_MILLIS: Final = tuple(f"{ms:03d}Z" for ms in range(1_000))


class Window:
    """The days of a sample: ``days`` dates, the last of which is ``end``."""

    def __init__(self, days: int, end: date) -> None:
        """Take the number of days (at least one) and the last date (UTC)."""
        self.days = days
        self.first = end - timedelta(days=days - 1)
        self.length = days * DAY
        self._dates = [(self.first + timedelta(days=n)).isoformat() for n in range(days)]

    def stamp(self, at: int) -> str:
        """Write an instant of the window as ``2026-02-16T14:32:15.234Z``."""
        day, rest = divmod(at, DAY)
        return self._dates[day] + _CLOCK[rest // 1_000] + _MILLIS[rest % 1_000]

    def weekday(self, day: int) -> int:
        """Tell the weekday (Monday is 0) of a day of the window, which may lie outside it."""
        return (self.first.weekday() + day) % 7

    def year(self, day: int) -> int:
        """Tell the calendar year of a day of the window."""
        return int(self._dates[day][:4])


class Rhythm:
    """How busy one time zone is on each weekday and in each hour, seen from UTC.

    A UTC day holds parts of two local days, so Monday in Tokyo is busy from Sunday midnight (UTC)
    on.
    """

    def __init__(self, utc_offset_hours: int) -> None:
        """Precompute the tables of the zone."""
        self.cumulative_hours: list[list[float]] = []
        self.day_factor: list[float] = []
        for weekday in range(7):
            weights = []
            for hour in range(24):
                local_day, local_hour = divmod(hour + utc_offset_hours, 24)
                weights.append(_HOURLY[local_hour] * _WEEKDAY[(weekday + local_day) % 7])
            self.cumulative_hours.append(list(accumulate(weights)))
            self.day_factor.append(sum(weights) / _HOURLY_SUM)


def yesterday() -> date:
    """Name the last full day (UTC): a sample that ends there holds nothing from the future."""
    return datetime.now(UTC).date() - timedelta(days=1)
