"""The sample as a stream: planned by day, played by visit, handed out by hour of receipt."""

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from random import Random

from bioqms.sample.behaviour import Player
from bioqms.sample.calendar import HOUR, Window, yesterday
from bioqms.sample.faults import DUPLICATE_SHARE, INVALID_SHARE, Faults, OfflineSyncs
from bioqms.sample.plan import Planner, Visit
from bioqms.sample.script import Author
from bioqms.sample.tenants import TENANTS
from bioqms.sample.world import Terminal, World

# Of the events expected in an hour of a tenant, at most one in so many is an anonymous click: the
# check of missing users alerts at one in five.
_ANONYMOUS_CLICK_IN = 16


def events(
    count: int = 200_000,
    days: int = 60,
    tenants: int = 5,
    seed: int = 42,
    end: date | None = None,
) -> Iterator[bytes]:
    """Yield ``count`` events, one UTF-8 JSON document each (no newline), in order of receipt.

    They lie on the ``days`` dates up to ``end`` (UTC; yesterday unless told) and belong to the
    first ``tenants`` of the fixed list. The same five arguments yield the same bytes, on any
    machine; without ``end`` that holds until midnight. Raises ``ValueError`` for arguments out of
    range.
    """
    if count < 0 or days < 1 or not 1 <= tenants <= len(TENANTS):
        raise ValueError(f"need count >= 0, days >= 1 and 1 to {len(TENANTS)} tenants")
    last_day = yesterday() if end is None else end
    return _Sample(count, tenants, seed, Window(days, last_day)).lines()


class _Sample:
    """One run of the world; each part draws from a stream of random numbers of its own."""

    def __init__(self, count: int, tenants: int, seed: int, window: Window) -> None:
        name = f"{count} {window.days} {tenants} {seed} {window.first}"

        def rng(part: str) -> Random:
            digest = hashlib.sha256(f"{name} {part}".encode()).digest()
            return Random(int.from_bytes(digest[:16], "big"))

        self._window = window
        self._world = World(count, tenants, window, rng("world"))
        self._planner = Planner(self._world, rng("plan"))
        self._author = Author(self._world, rng("script"))
        # How many lines there are by the end of each day. A tiny world may end before its window.
        self._quotas = [0, *self._planner.quotas(count)]
        self._last_day = max(bisect_left(self._quotas, count) - 1, 0)
        self._next_hour = 0
        sites, last_day = self._world.sites, self._last_day
        syncs = OfflineSyncs(window, sites, last_day, rng("syncs"))
        self._player = Player(self._world, self._author, syncs, rng("behaviour"))
        self._faults = Faults(window, sites, last_day, syncs, rng("faults"))

    def lines(self) -> Iterator[bytes]:
        for visit in self._visits():
            yield from self._hours(visit.start // HOUR)
            self._player.play(visit)
        closing = self._last_day * 24 + 23
        yield from self._hours(closing)
        for visit in self._planner.closing(closing * HOUR, self._faults.close()):
            self._player.play(visit)
        yield from self._hours(self._window.days * 24)

    def _visits(self) -> Iterator[Visit]:
        """Plan day after day, so that originals and faults make exactly ``count`` lines.

        What the last day's budget leaves over is for the closing visits.
        """
        faults, written = self._faults, 0
        for day, (before, after) in enumerate(pairwise(self._quotas[: self._last_day + 2])):
            budget = int(after * (DUPLICATE_SHARE + INVALID_SHARE)) - faults.created
            # What could not be spent is carried over, but not more than a day can bear.
            most = (after - before) // (200 if day == self._last_day else 100)
            faults.budget = max(0, min(budget, most))
            if day == self._last_day:
                faults.eagerness *= 3
            events_today = max(0, after - written - faults.created - faults.budget)
            written += events_today
            visits = self._planner.day(day, events_today)
            self._author.anonymous_clicks = self._clicks(visits)
            yield from visits

    def _clicks(self, visits: list[Visit]) -> list[list[int]]:
        expected = [[0] * 24 for _ in self._world.sites]
        for visit in visits:
            if isinstance(visit.device, Terminal):
                continue  # queues there move from one hour to the next
            expected[visit.site][visit.start // HOUR % 24] += visit.length
        # Some less than that, because visits may be offline, or wait for each other.
        return [[max(n // _ANONYMOUS_CLICK_IN - 3, 0) for n in hours] for hours in expected]

    def _hours(self, end: int) -> Iterator[bytes]:
        """Hand out the hours of receipt before ``end`` that were not handed out yet."""
        while self._next_hour < end:
            received = self._player.inbox.pop(self._next_hour, [])
            self._faults.add(self._next_hour, received)
            received.sort()
            for _, _, line in received:
                yield line
            self._next_hour += 1
