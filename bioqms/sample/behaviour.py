"""What people do in a visit, written as finished JSON lines.

One draw of 128 random bits is an event's id and decides everything else about it: that, and pieces
of JSON made in advance, is where the speed comes from.
"""

from collections.abc import Callable
from random import Random
from typing import Final

from bioqms.sample import content
from bioqms.sample.calendar import HOUR, MINUTE, SECOND
from bioqms.sample.content import (
    AGENTS,
    APP_PAGES,
    BUTTONS,
    ENDPOINTS,
    ERRORS,
    FORMS,
    NAVIGATION,
    STATUSES,
    WORK_ORDER_TITLES,
)
from bioqms.sample.faults import Incident, OfflineSyncs, Received
from bioqms.sample.plan import Visit, seat
from bioqms.sample.script import Author, Script
from bioqms.sample.world import Site, World

# Kinds of free events; those from the server on carry no page, those of business no browser.
_PAGE, _CLICK, _REQUEST, _FORM, _ERROR, _CREATE, _MOVE, _INVOKE = range(8)
# What free events are, in 1,024ths: with the scripted ones it makes about 85 % interaction, 12 %
# system, 3 % business.
_MIX: Final = (478, 270, 158, 70, 6, 9, 22, 11)

# Milliseconds between the steps of a person: seconds to minutes, never the half hour that would end
# the session.
_GAP_MEDIAN, _GAP_SIGMA, _LONGEST_GAP = 9 * SECOND, 1.2, 14 * MINUTE
# Milliseconds from an event to its receipt: each under the 5 s that the quality checks aim at for
# the mean, because a small tenant may have one event a day.
_DELAY_MEDIAN, _DELAY_SIGMA, _SHORTEST_DELAY, _LONGEST_DELAY = 1_100, 0.8, 100, 4_800
# Milliseconds of API requests, and how much slower the incident makes them.
_DURATION_MEDIAN, _DURATION_SIGMA, _INCIDENT_SLOWDOWN = 110.0, 0.9, 9.0
# Nothing happens in the last moments of the window, so that everything is received before it ends.
_CLOSING: Final = 20 * SECOND


class Player:
    """Plays visits: turns each into lines, and files them by the hour of their receipt."""

    def __init__(self, world: World, author: Author, syncs: OfflineSyncs, rng: Random) -> None:
        """Prepare the tables of chance."""
        self._world = world
        self._author = author
        self._syncs = syncs
        self._rng = rng
        self._incident = Incident(world.window)
        self._last_moment = world.window.length - _CLOSING
        self.inbox: dict[int, list[Received]] = {}
        self._pages: dict[str, list[content.Page | None]] = {
            role: [APP_PAGES[page] if page >= 0 else None for page in pages]
            for role, pages in NAVIGATION.items()
        }
        self._pages[""] = list(content.MARKETING)
        self._kinds = [kind for kind, share in enumerate(_MIX) for _ in range(share)]
        self._gaps = [
            min(int(rng.lognormvariate(0, _GAP_SIGMA) * _GAP_MEDIAN) + 300, _LONGEST_GAP)
            for _ in range(4096)
        ]
        self._delays = [
            min(
                int(rng.lognormvariate(0, _DELAY_SIGMA) * _DELAY_MEDIAN) + _SHORTEST_DELAY,
                _LONGEST_DELAY,
            )
            for _ in range(4096)
        ]
        durations = [rng.lognormvariate(0, _DURATION_SIGMA) * _DURATION_MEDIAN for _ in range(4096)]
        self._durations = [f"{duration:.1f}" for duration in durations]
        self._slow_durations = [f"{duration * _INCIDENT_SLOWDOWN:.1f}" for duration in durations]
        good, bad = ("200",) * 3 + ("201", "204"), ("400", "401", "403", "404", "409", "422")
        self._codes = [rng.choice(bad if rng.random() < 0.015 else good) for _ in range(1020)]
        self._codes += ["500", "502", "503", "504"]
        self._failing_codes = [
            rng.choice(("500", "502", "503", "504")) if rng.random() < 0.2 else code
            for code in self._codes
        ]
        # By kind; pages are written in the loop, which knows where the person is.
        self._talk: dict[int, Callable[[int, Site, int], tuple[str, str]]] = {
            _CLICK: _click,
            _REQUEST: self._request,
            _FORM: _form,
            _ERROR: _error,
            _CREATE: _create_work_order,
            _MOVE: _move_work_order,
            _INVOKE: _invoke_agent,
        }

    def play(self, visit: Visit) -> None:
        """Write all events of a visit."""
        window = self._world.window
        device = seat(visit, self._rng, window.length - HOUR)
        start, person = visit.start, visit.person
        if person is None:
            script = self._author.stranger(visit.site, device, start, visit.length)
            late = None
        else:
            script = self._author.visit(person, device, start, visit.length)
            late = self._syncs.receipt(visit.site, start) if device.mobile else None
        end = self._write(visit, script, device.context, late)
        device.busy_until = end
        if person is not None:
            person.busy_until = end

    def _write(  # noqa: PLR0915 - the hot loop, in one piece for speed
        self, visit: Visit, script: Script, context: str, late: int | None
    ) -> int:
        """Write the lines of a script; return when it ends."""
        stamp, bits = self._world.window.stamp, self._rng.getrandbits
        gaps, delays, kinds = self._gaps, self._delays, self._kinds
        incident_start, incident_end = self._incident.start, self._incident.end
        site_index, site, person = visit.site, self._world.sites[visit.site], visit.person
        pages = self._pages[person.role if person else ""]
        server_ids = self._author.server_ids(person) if person else ""
        inbox, at, now = self.inbox, visit.start, visit.start
        where, referrer = "", content.REFERRERS[bits(3)]
        last_receipt = self._world.window.length - 1
        steps = script.steps()
        ending = len(steps) - 1 if script.ends and steps[-1] is None else -1

        for index, step in enumerate(steps):
            draw = bits(128)
            ids, traits, shown = script.ids, script.traits, where
            if step is not None:
                at += gaps[draw & 4095] if step.slow else 40 + (draw & 511)
                name, props = step.name, step.props
                ids, traits = step.ids or ids, step.traits or traits
                if step.page is not None:
                    shown = where = f'{step.page.head}{referrer}"}},'
                    referrer = step.page.url
            elif index == ending:
                name, props = "session.ended", f'"duration_seconds":{(at - visit.start) // SECOND}'
            else:
                kind = kinds[draw >> 12 & 1023]
                if incident_start <= at < incident_end and not draw >> 24 & 7:
                    kind = _ERROR
                if kind == _PAGE:
                    at += gaps[draw & 4095]
                    name = "page.viewed"
                    where, referrer, props = _turn_to(pages, draw, site, referrer)
                    shown = where
                else:
                    name, props = self._talk[kind](draw, site, at)
                    if kind == _REQUEST or kind >= _MOVE:
                        at += 60 + (draw & 255)
                        shown = ""
                        ids = server_ids if kind >= _MOVE else ids
                    else:
                        at += gaps[draw & 4095]
            now = min(at, self._last_moment)
            received = now + delays[draw >> 28 & 4095]
            if late is not None and late + index * 3 > received:
                received = late + index * 3
            received = min(received, last_receipt)
            sent = stamp(received - 20 - (draw >> 40 & 63))
            line = (
                f'{{"event_id":"evt_{draw:032x}","event_name":"{name}","event_version":"1.0.0",'
                f'"timestamp":"{stamp(now)}","sent_at":"{sent}",{ids},'
                f'"context":{{{shown}{context}}},"properties":{{{props}}},'
                f'"traits":{{{traits}}},"received_at":"{stamp(received)}"}}'
            )
            hour = received // HOUR
            if hour not in inbox:
                inbox[hour] = []
            inbox[hour].append((received, site_index, line.encode()))
        return now

    def _request(self, draw: int, site: Site, at: int) -> tuple[str, str]:
        durations, codes = self._durations, self._codes
        if self._incident.start <= at < self._incident.end:
            codes = self._failing_codes
            if draw >> 100 & 1:
                durations = self._slow_durations
        return "api.request_completed", (
            f"{ENDPOINTS[draw >> 60 & 15]}{codes[draw >> 64 & 1023]},"
            f'"duration_ms":{durations[draw >> 74 & 4095]},'
            f'"response_size_bytes":{120 + (draw >> 86 & 16383)}'
        )


def _turn_to(
    pages: list[content.Page | None], draw: int, site: Site, referrer: str
) -> tuple[str, str, str]:
    """Open a page; return its JSON, its address, and the properties of ``page.viewed``."""
    page = pages[(draw >> 60 & 1023) % len(pages)]
    load = f',"load_time_ms":{150 + (draw >> 70 & 1023)}'
    if page is not None:
        return f'{page.head}{referrer}"}},', page.url, page.props + load
    order = _work_order(draw, site)
    title = f"Work Order {order} - {WORK_ORDER_TITLES[draw >> 80 & 15]}"
    url = f"/work-orders/{order}"
    return (
        f'"page":{{"url":"{url}","path":"/work-orders/:id","title":"{title}",'
        f'"referrer":"{referrer}"}},',
        url,
        f'"category":"operations","work_order_id":"{order}"{load}',
    )


def _work_order(draw: int, site: Site) -> str:
    """Name one of the last 64 work orders of a site."""
    return f"WO-{site.work_order - (draw >> 90 & 63):06d}"


def _click(draw: int, _site: Site, _at: int) -> tuple[str, str]:
    return "button.clicked", BUTTONS[draw >> 60 & 15]


def _form(draw: int, _site: Site, _at: int) -> tuple[str, str]:
    errors = 0 if draw >> 70 & 7 else 1 + (draw >> 73 & 1)
    seconds = 5 + (draw >> 76 & 127)
    return "form.submitted", (
        f'{FORMS[draw >> 60 & 7]}{errors},"time_to_complete_seconds":{seconds}'
    )


def _error(draw: int, _site: Site, _at: int) -> tuple[str, str]:
    return "error.occurred", f'{ERRORS[draw >> 60 & 7]},"retry_count":{draw >> 70 & 3}'


def _create_work_order(draw: int, site: Site, _at: int) -> tuple[str, str]:
    site.work_order += 1
    templated = "true" if draw >> 60 & 1 else "false"
    return "work_order.created", (
        f'"work_order_id":"WO-{site.work_order:06d}","template_used":{templated},'
        f'"title":"{WORK_ORDER_TITLES[draw >> 80 & 15]}"'
    )


def _move_work_order(draw: int, site: Site, _at: int) -> tuple[str, str]:
    before, after = STATUSES[draw >> 60 & 7]
    return "work_order.status_changed", (
        f'"work_order_id":"{_work_order(draw, site)}","previous_status":"{before}",'
        f'"new_status":"{after}","duration_seconds":{60 + (draw >> 64 & 32767)}'
    )


def _invoke_agent(draw: int, site: Site, _at: int) -> tuple[str, str]:
    success = "true" if draw >> 70 & 15 else "false"
    return "agent.invoked", (
        f'{AGENTS[draw >> 60 & 3]},"work_order_id":"{_work_order(draw, site)}",'
        f'"success":{success},"duration_ms":{400 + (draw >> 64 & 8191)},'
        f'"tokens_used":{200 + (draw >> 77 & 4095)}'
    )
