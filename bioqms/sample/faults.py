"""The faults: an incident, offline devices, copies sent again, and invalid events.

Copies and invalid events are only in hours with enough other events (25 in an hour of a tenant), so
that they alone never make an hour cross an alert level of the quality checks. Late events cannot be
hidden like that (one event a week late raises the mean of 10,000 by a minute), so they arrive in a
few batches, when a site's offline devices synchronize.

The world ends clean: the quality gate checks the 24 hours up to the newest receipt, and these meet
every target, in a world of any size that ends on any day. The newest receipt may be early on the
last day, so nothing late arrives on the last two days, and copies and invalid events are scarcer
there.
"""

import json
import math
from bisect import bisect_left
from collections.abc import Callable
from random import Random
from typing import Any, Final

from bioqms.sample.calendar import DAY, HOUR, MINUTE, SECOND, Window
from bioqms.sample.content import as_json
from bioqms.sample.world import Site

# Shares of all lines.
DUPLICATE_SHARE: Final = 0.005
INVALID_SHARE: Final = 0.001
# Most copies and invalid events in an hour of a tenant, of the events received in it: the alerts
# are at 5 %.
_MOST_FAULTS: Final = 0.03
# One fault is all right where 25 events are: 4 %.
_ROOM_FOR_ONE: Final = 25 * _MOST_FAULTS
# The same share on the last two days: the targets are at 1 %.
_MOST_AT_THE_END: Final = 0.008
# Draws to find an event of a site that has room.
_TRIES: Final = 5
# Copies of a site that may wait for its next sync.
_MOST_DEBTS: Final = 3
# Chance that a visit on a mobile device or shared terminal happens offline, Monday to Sunday.
_OFFLINE_CHANCE: Final = (0.035, 0.035, 0.04, 0.06, 0.11, 0.11, 0.035)
# A line ends in its receipt: ``...,"received_at":"2026-02-16T14:32:15.234Z"}``.
_RECEIPT_LENGTH: Final = 26

# An event as it waits for its receipt: (received at, site, line).
Received = tuple[int, int, bytes]


class Incident:
    """Some hours of the last day in which the API is slow and errors rise.

    They are business hours in Europe and America.
    """

    def __init__(self, window: Window) -> None:
        """Place it."""
        midnight = (window.days - 1) * DAY
        self.start = midnight + 13 * HOUR + 20 * MINUTE
        self.end = midnight + 17 * HOUR + 40 * MINUTE


class OfflineSyncs:
    """When the devices of a site that were offline deliver what they recorded: on Saturdays."""

    def __init__(self, window: Window, sites: list[Site], last_day: int, rng: Random) -> None:
        """Lay down the hours of all sites; the last one is on the evening before the last two days.

        A world of one or two days has none.
        """
        self._window = window
        self._rng = rng
        self._syncs: list[list[int]] = []
        last = (last_day - 2) * DAY + 22 * HOUR
        for site in sites:
            hour = (6 - site.tenant.utc_offset_hours) % 24
            syncs = [
                day * DAY + hour * HOUR
                for day in range(window.days)
                if window.weekday(day) == 5 and day * DAY + hour * HOUR < last - DAY
            ]
            self._syncs.append([*syncs, last] if last > 0 else [])

    def receipt(self, site: int, start: int) -> int | None:
        """Tell when a visit that starts at ``start`` is received; None if its device is online.

        Most are delivered by the next sync, hours to a week later; some devices miss one or two.
        """
        rng = self._rng
        if rng.random() >= _OFFLINE_CHANCE[self._window.weekday(start // DAY)]:
            return None
        syncs = self._syncs[site]
        chosen = bisect_left(syncs, start + 3 * HOUR) + rng.choice((0, 0, 0, 0, 1, 1, 2))
        if chosen >= len(syncs):
            return None
        return syncs[chosen] + rng.randrange(3 * MINUTE, 45 * MINUTE)

    def hour_after(self, site: int, hour: int) -> int | None:
        """Tell the hour of the site's next sync after ``hour``, if there is one."""
        hours = (sync // HOUR for sync in self._syncs[site])
        return next((sync for sync in hours if sync > hour), None)


class Faults:
    """Adds copies and invalid events to each hour of receipts, as the budget of the day allows."""

    def __init__(
        self, window: Window, sites: list[Site], last_day: int, syncs: OfflineSyncs, rng: Random
    ) -> None:
        """Start without a budget."""
        self._window = window
        self._syncs = syncs
        self._rng = rng
        self._sites = len(sites)
        self._last_day = last_day
        self._room_at_the_end = [0.0] * self._sites
        self._owed: list[tuple[int, Received]] = []
        self.created = 0
        self.budget = 0
        # Share of an hour's events that get a fault while the budget lasts; the last day's is
        # higher.
        self.eagerness = 0.008

    def add(self, hour: int, received: list[Received]) -> None:
        """Add this hour's faults to ``received``, all of whose receipts lie in ``hour``."""
        rng = self._rng
        room = [0.0] * self._sites
        for _, site, _ in received:
            room[site] += _MOST_FAULTS
        originals = len(received)
        self._pay(hour, received, room)
        may_have = self._ending(hour, received)
        wanted = int(originals * self.eagerness + rng.random())
        spendable = min(wanted, self.budget)
        for _ in range(_TRIES * spendable):
            original = received[rng.randrange(originals)]
            site = original[1]
            if spendable and room[site] >= _ROOM_FOR_ONE and may_have[site] >= 1:
                spendable -= 1
                room[site] -= 1
                may_have[site] -= 1
                self._spend(hour, received, original, may_owe=room[site] >= 2)

    def close(self) -> int:
        """Give back what found no room, as a number of lines; nothing is added from then on."""
        unspent, self.budget = self.budget, 0
        return unspent

    def _ending(self, hour: int, received: list[Received]) -> list[float]:
        """Tell how many faults each site may have on the last two days; no limit before.

        The gate's window holds the last day from its first hour on, so what was received on it so
        far bears the faults of this hour. Of the day before it holds the later hours: each must
        bear its own.
        """
        if hour < (self._last_day - 1) * 24:
            return [math.inf] * self._sites
        if hour <= self._last_day * 24:
            self._room_at_the_end = [0.0] * self._sites
        for _, site, _ in received:
            self._room_at_the_end[site] += _MOST_AT_THE_END
        return self._room_at_the_end

    def _pay(self, hour: int, received: list[Received], room: list[float]) -> None:
        still_owed = []
        for due in self._owed:
            from_hour, (at, site, line) = due
            if from_hour <= hour and room[site] >= _ROOM_FOR_ONE:
                room[site] -= 1
                at += hour * HOUR
                received.append((at, site, self._received_at(line, at)))
            elif from_hour > hour:
                still_owed.append(due)
            elif later := self._syncs.hour_after(site, hour):
                still_owed.append((later, (at, site, line)))
            else:
                # No sync had room for it: something else is copied instead.
                self.created -= 1
                self.budget += 1
        self._owed = still_owed

    def _spend(
        self, hour: int, received: list[Received], original: Received, *, may_owe: bool
    ) -> None:
        rng = self._rng
        at, site, line = original
        self.budget -= 1
        self.created += 1
        end_of_hour = (hour + 1) * HOUR - 1
        again = min(at + rng.randrange(SECOND, 40 * SECOND), end_of_hour)
        if rng.random() < INVALID_SHARE / (DUPLICATE_SHARE + INVALID_SHARE):
            received.append((again, site, self._received_at(self._spoilt(line), again)))
            return
        sync = self._syncs.hour_after(site, hour)
        owed = sum(debtor == site for _, (_, debtor, _) in self._owed)
        if not may_owe or sync is None or owed >= _MOST_DEBTS or rng.random() < 0.85:
            received.append((again, site, self._received_at(line, again)))
        else:
            # A device that missed the answer sends again what it kept, when it synchronises.
            self._owed.append((sync, (rng.randrange(HOUR), site, line)))

    def _received_at(self, line: bytes, at: int) -> bytes:
        return line[:-_RECEIPT_LENGTH] + self._window.stamp(at).encode() + b'"}'

    def _spoilt(self, line: bytes) -> bytes:
        """Make another event out of a line, one that the collector must reject."""
        event: dict[str, Any] = json.loads(line)
        event["event_id"] = f"evt_{self._rng.getrandbits(128):032x}"
        self._rng.choice(_SPOILERS)(event)
        event["received_at"] = event.pop("received_at")  # stays the last member
        return as_json(event).encode()


def _bad_name(event: dict[str, Any]) -> None:
    event["event_name"] = "Page Viewed"


def _no_time(event: dict[str, Any]) -> None:
    del event["timestamp"]


def _future(event: dict[str, Any]) -> None:
    event["timestamp"] = "2099" + event["timestamp"][4:].replace("02-29", "02-28")


def _unknown_field(event: dict[str, Any]) -> None:
    event["widget_colour"] = "teal"


def _nobody(event: dict[str, Any]) -> None:
    event.pop("user_id", None)
    event.pop("anonymous_id", None)


_SPOILERS: Final[tuple[Callable[[dict[str, Any]], None], ...]] = (
    _bad_name,
    _no_time,
    _future,
    _unknown_field,
    _nobody,
)
