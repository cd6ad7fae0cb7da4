"""Who comes on which day, when, and for how many events."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import Final

from bioqms.sample import content
from bioqms.sample.calendar import DAY, HOUR, MINUTE
from bioqms.sample.world import (
    SESSIONS_PER_ACTIVE_DAY,
    SHIFT_FACTOR,
    Device,
    Person,
    World,
)

# Lengths of visits in events, before they are scaled to the day's quota: lognormal, so a few are
# very long.
_LENGTH_TABLE: Final = 2048
_MEDIAN_LENGTH: Final = 15.0
_LENGTH_SIGMA: Final = 0.85
_SIGNUP_LENGTH: Final = 10.0
# Visitors who are not logged in, per visit of a person.
_STRANGERS: Final = 0.05
# Events of a visit at the end of the last day, when the rest of the day is done.
_LONGEST_CLOSING: Final = 40
# A person who waits longer than this for a shared terminal takes their own device.
_PATIENCE: Final = 40 * MINUTE


class Visit:
    """A visit to come: somebody (or nobody known) on a device, with a number of events."""

    __slots__ = ("device", "length", "person", "site", "start")

    def __init__(self, start: int, site: int, person: Person | None, device: Device | None) -> None:
        """Plan a visit; without a device, one of the person's is taken when it begins."""
        self.start = start
        self.site = site
        self.person = person
        self.device = device
        self.length = 1


class Planner:
    """Plans the visits of one day after the other."""

    def __init__(self, world: World, rng: Random) -> None:
        """Prepare the rates; days must then be planned in order."""
        self._world = world
        self._rng = rng
        self._lengths = [
            min(rng.lognormvariate(0, _LENGTH_SIGMA) * _MEDIAN_LENGTH, 260.0)
            for _ in range(_LENGTH_TABLE)
        ]
        self._alive: list[Person] = []
        self._coming = 0
        self._strangers: list[Device | None] = [None] * len(world.sites)
        self._prospects: dict[int, list[Person]] = {}
        for person in world.people:
            first_visit = person.signup // DAY - rng.randrange(1, 11)
            if first_visit >= 0 and rng.random() < 0.4:
                self._prospects.setdefault(first_visit, []).append(person)

    def quotas(self, count: int) -> list[int]:
        """Tell how many events there are by the end of each day: in proportion to who is about."""
        days = self._world.window.days
        rates = [[[0.0] * (days + 1) for _ in self._world.sites] for _ in range(2)]
        for person in self._world.people:
            series = rates[person.shifts][person.site]
            series[max(person.signup // DAY, 0)] += person.rate
            series[int(min(person.churn + 1, days))] -= person.rate
        expected = [0.01] * days
        for shifts in range(2):
            for site, series in zip(self._world.sites, rates[shifts], strict=True):
                for day, rate in enumerate(list(accumulate(series))[:days]):
                    factor = site.rhythm.day_factor[self._world.window.weekday(day)]
                    expected[day] += rate * (SHIFT_FACTOR if shifts else factor)
        running = list(accumulate(expected))
        return [round(count * so_far / running[-1]) for so_far in running]

    def day(self, day: int, events: int) -> list[Visit]:
        """Plan the visits of a day, in order of their start; their lengths add up to ``events``."""
        self._come_and_go(day)
        visits = list(self._visits(day))
        for person in self._prospects.pop(day, ()):
            visits.append(self._visit(day, person.site, None, person.devices[0]))
        if visits:
            for _ in range(int(len(visits) * _STRANGERS + self._rng.random())):
                visits.append(self._stranger(day, self._rng.choice(visits).site))
        elif events:
            visits.append(self._stranger(day, 0))
        if len(visits) > events:
            visits = self._rng.sample(visits, events)
        self._measure(visits, events)
        visits.sort(key=lambda visit: visit.start)
        return visits

    def closing(self, start: int, events: int) -> Iterator[Visit]:
        """Plan visits from ``start`` (ms) on, in the last hour, with ``events`` events in all."""
        while events > 0:
            visit = self._stranger(start // DAY, 0)
            if self._alive:
                person = self._rng.choice(self._alive)
                visit = Visit(start, person.site, person, None)
            visit.start = start + self._rng.randrange(HOUR // 2)
            visit.length = min(events, _LONGEST_CLOSING)
            events -= visit.length
            yield visit

    def _come_and_go(self, day: int) -> None:
        people = self._world.people
        self._alive = [person for person in self._alive if person.churn > day]
        while self._coming < len(people) and people[self._coming].signup < (day + 1) * DAY:
            self._alive.append(people[self._coming])
            self._coming += 1

    def _visits(self, day: int) -> Iterator[Visit]:
        rng = self._rng
        weekday = self._world.window.weekday(day)
        factors = [site.rhythm.day_factor[weekday] for site in self._world.sites]
        uniform, midnight = rng.random, day * DAY
        for person in self._alive:
            if person.signup >= midnight:
                visit = Visit(person.signup, person.site, person, person.devices[0])
                yield visit
            elif uniform() < person.rate * (
                SHIFT_FACTOR if person.shifts else factors[person.site]
            ):
                yield self._visit(day, person.site, person, None)
                # On average SESSIONS_PER_ACTIVE_DAY visits: a geometric tail.
                while uniform() < 1 - 1 / SESSIONS_PER_ACTIVE_DAY:
                    yield self._visit(day, person.site, person, None)

    def _visit(self, day: int, site: int, person: Person | None, device: Device | None) -> Visit:
        rng = self._rng
        if person is not None and person.terminal is not None and rng.random() < 0.5:
            # Operators queue at the terminal when the shift hands over, one after the other.
            start = day * DAY + rng.choice(person.terminal.handovers)
            return Visit(start, site, person, person.terminal)
        hours = self._world.sites[site].rhythm.cumulative_hours[self._world.window.weekday(day)]
        hour = rng.choices(range(24), cum_weights=hours)[0]
        start = day * DAY + hour * HOUR + rng.randrange(HOUR)
        return Visit(min(start, self._world.window.length - HOUR), site, person, device)

    def _stranger(self, day: int, site: int) -> Visit:
        device = self._strangers[site]
        if device is None or self._rng.random() < 0.7:
            tenant = self._world.sites[site].tenant
            kind = self._rng.choice((content.DESKTOP, content.DESKTOP, content.PHONE))
            device = self._strangers[site] = Device(self._rng, tenant, kind)
        return self._visit(day, site, None, device)

    def _measure(self, visits: list[Visit], events: int) -> None:
        """Share ``events`` out over the visits (never more than events), at least one each."""
        rng = self._rng
        wanted = []
        for visit in visits:
            length = self._lengths[rng.getrandbits(11)]
            if visit.person is None:
                length = min(length / 5, 6.0)
            elif visit.person.signup == visit.start:
                length += _SIGNUP_LENGTH
            wanted.append(length)
        scale = (events - len(visits)) / max(sum(wanted), 1.0)
        carried = 0.0
        for visit, length in zip(visits, wanted, strict=True):
            carried += length * scale
            visit.length = 1 + int(carried)
            carried -= int(carried)
        if visits:
            visits[-1].length += events - sum(visit.length for visit in visits)


def seat(visit: Visit, rng: Random, last_start: int) -> Device:
    """Choose the device of a visit and move its start until the device and the person are free.

    ``last_start`` (ms) is the latest start that still leaves time before the window ends: then
    visits may overlap.
    """
    person, device, start = visit.person, visit.device, visit.start
    if device is not None and device.busy_until - start > _PATIENCE:
        device = None
    if device is None:
        assert person is not None  # noqa: S101 - the planner gives strangers a device
        device = person.devices[0] if rng.random() < 0.6 else rng.choice(person.devices)
    pause = rng.randrange(30_000, 6 * MINUTE)
    if person is None or device is person.terminal:
        free = device.busy_until + pause
    else:
        # Not within half an hour of the last visit, or it would be the same one.
        free = max(device.busy_until, person.busy_until) + 30 * MINUTE + pause
    if start < free:
        start = min(free, max(start, last_start))
    visit.start = start
    return device
