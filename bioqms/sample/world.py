"""Who exists: sites, people, their devices and the terminals they share.

People are made once, before the first event, and are all that grows with the size of a world.
"""

import math
from itertools import accumulate
from random import Random
from typing import Final

from bioqms.sample import content, features
from bioqms.sample.calendar import DAY, HOUR, MINUTE, Rhythm, Window
from bioqms.sample.tenants import SIZE_WEIGHT, TENANTS, Tenant

# Events that a person accounts for per day of the window, with the habits below; measured, it makes
# sessions of about 25 events.
EVENTS_PER_PERSON_DAY: Final = 5.5
TIERS: Final = ("starter", "professional", "enterprise")
# Monthly price of a seat holder's subscription in US dollars, by tier.
PRICES: Final = ((49, 99, 199), (490, 990, 1490), (2400, 4800, 9600))

_ROLES: Final = ("operator", "qa_reviewer", "manager", "scientist", "admin", "auditor")
_ROLE_WEIGHTS: Final = tuple(accumulate((44, 22, 12, 14, 4, 4)))
_DEPARTMENTS: Final = {
    "operator": ("manufacturing", "manufacturing", "packaging", "warehouse"),
    "qa_reviewer": ("quality_assurance", "quality_control"),
    "manager": ("manufacturing", "quality_assurance", "supply_chain"),
    "scientist": ("process_development", "quality_control"),
    "admin": ("it",),
    "auditor": ("external",),
}
# Chance to come on a working day: (share of people, lowest, highest). The first kind works shifts,
# weekends too.
_HABITS: Final = ((0.10, 0.93, 0.98), (0.38, 0.35, 0.75), (0.76, 0.10, 0.32), (1.0, 0.02, 0.09))
SHIFT_FACTOR: Final = 0.93
SESSIONS_PER_ACTIVE_DAY: Final = 1.42
# Initial tier by company size: chances of starter and of at most professional.
_TIER_CHANCES: Final = {
    "5001+": (0.25, 0.55),
    "1001-5000": (0.35, 0.70),
    "201-1000": (0.45, 0.85),
    "51-200": (0.55, 0.93),
    "1-50": (0.70, 0.97),
}
_PROMOTED: Final = {"operator": "qa_reviewer", "scientist": "manager", "qa_reviewer": "manager"}
NEVER: Final = math.inf
# Instead of the day of first exposure: the flag was not evaluated yet, or the person is in the
# control group.
UNSEEN: Final = -1
CONTROL: Final = -2
FEATURE_COUNT: Final = len(features.FEATURES)


class Device:
    """A browser: one ``anonymous_id``, and the JSON of the context that never changes."""

    __slots__ = ("anonymous_id", "busy_until", "context", "mobile")

    def __init__(self, rng: Random, tenant: Tenant, kind: int) -> None:
        """Make a device of a kind (desktop, tablet, phone), as in the tenant's region."""
        self.anonymous_id = f"anon_{rng.getrandbits(128):032x}"
        self.busy_until = -DAY
        self.mobile = kind != content.DESKTOP
        away = rng.random() < 0.04
        self.context = content.members(
            user_agent=rng.choice(content.USER_AGENTS[kind]),
            ip=f"10.{rng.randrange(64)}.{rng.randrange(256)}.{rng.randrange(1, 255)}",
            locale=rng.choice(content.LOCALES[tenant.timezone]),
            timezone="UTC" if away else tenant.timezone,
        )


class Terminal(Device):
    """A shared device on the shop floor; operators take turns at it when shifts hand over."""

    __slots__ = ("handovers",)

    def __init__(self, rng: Random, tenant: Tenant) -> None:
        """Put up a terminal: a tablet or an old desktop."""
        super().__init__(rng, tenant, content.TABLET if rng.random() < 0.6 else content.DESKTOP)
        # Milliseconds after UTC midnight; shifts change at six and two local time, give or take.
        self.handovers = [
            (local - tenant.utc_offset_hours) % 24 * HOUR + rng.randrange(50 * MINUTE)
            for local in (6, 14)
        ]


class Person:
    """Somebody with an account, and what the product knows of them so far.

    The fields that end in ``_due`` are days since the start of the window (``identify_due``:
    milliseconds); what is due happens in the first session after it.
    """

    __slots__ = (
        "aliased",
        "busy_until",
        "churn",
        "department",
        "devices",
        "exposed",
        "flag_draw",
        "identify_due",
        "levels",
        "number",
        "pay_due",
        "price",
        "promotion_due",
        "rate",
        "rename_due",
        "role",
        "shifts",
        "signup",
        "site",
        "terminal",
        "tier",
        "tier_due",
        "tier_steps",
        "use_rate",
        "user_id",
    )

    def __init__(self, rng: Random, site: int, number: int, tenant: Tenant) -> None:
        """Draw a person's role, habits and devices; ``World`` adds when they come and go."""
        self.site = site
        self.number = number
        self.user_id = f"usr_bio_{10_000 + number}"
        self.role = rng.choices(_ROLES, cum_weights=_ROLE_WEIGHTS)[0]
        self.department = rng.choice(_DEPARTMENTS[self.role])
        draw = rng.random()
        kind = next(k for k, habit in enumerate(_HABITS) if draw < habit[0])
        self.shifts = kind == 0
        self.rate = rng.uniform(*_HABITS[kind][1:])
        chances = _TIER_CHANCES[tenant.company_size]
        self.tier = sum(rng.random() > chance for chance in chances) if rng.random() < 0.9 else 0
        self.devices = [Device(rng, tenant, content.DESKTOP)]
        if rng.random() < 0.45:
            self.devices.append(Device(rng, tenant, content.TABLET))
        if rng.random() < 0.25:
            self.devices.append(Device(rng, tenant, content.PHONE))
        self.terminal: Terminal | None = None
        self.signup = 0
        self.churn = NEVER
        self.identify_due = 0
        self.aliased = {device.anonymous_id for device in self.devices}
        self.busy_until = -DAY
        self.exposed = [UNSEEN] * FEATURE_COUNT
        self.flag_draw = [rng.random() for _ in features.FEATURES]
        self.levels = [features.IGNORES] * FEATURE_COUNT
        self.use_rate = [0.0] * FEATURE_COUNT
        self.tier_due = NEVER
        self.tier_steps: list[int] = []
        self.pay_due = NEVER
        self.price = 0
        self.promotion_due = NEVER
        self.rename_due = NEVER

    def next_user_id(self) -> str:
        """Tell the id that a migration of accounts would give the person next."""
        stem, _, generation = self.user_id.partition(".v")
        return f"{stem}.v{int(generation or 1) + 1}"


class Site:
    """A tenant in the world: its rhythm, its terminals, and the number of its newest work order."""

    def __init__(self, tenant: Tenant) -> None:
        """Open the site of a tenant."""
        self.tenant = tenant
        self.rhythm = Rhythm(tenant.utc_offset_hours)
        self.terminals: list[Terminal] = []
        self.work_order = 100


class World:
    """All sites and people of a sample."""

    def __init__(self, count: int, tenants: int, window: Window, rng: Random) -> None:
        """Make a world that writes about ``count`` events in the window."""
        self.window = window
        self.sites = [Site(tenant) for tenant in TENANTS[:tenants]]
        total = max(4 * tenants, round(count / (EVENTS_PER_PERSON_DAY * max(window.days, 5))))
        weights = [SIZE_WEIGHT[site.tenant.company_size] for site in self.sites]
        self.people: list[Person] = []
        for index, site in enumerate(self.sites):
            size = max(3, round(total * weights[index] / sum(weights)))
            self._staff(rng, index, site, size)
        self._lend_auditors(rng)
        self._migrate_accounts(rng)
        self.people.sort(key=lambda person: person.signup)

    def _staff(self, rng: Random, index: int, site: Site, size: int) -> None:
        tenant = site.tenant
        crew = [Person(rng, index, len(self.people) + number + 1, tenant) for number in range(size)]
        operators = [person for person in crew if person.role == "operator"]
        site.terminals = [Terminal(rng, tenant) for _ in range(len(operators) // 40 + 1)]
        for person in operators:
            if rng.random() < 0.8:
                person.terminal = rng.choice(site.terminals)
        for person in crew:
            self._give_lifetime(rng, person)
            self._give_career(rng, person)
        self.people += crew

    def _give_lifetime(self, rng: Random, person: Person) -> None:
        """Draw signup and churn: many leave early, some stay, so retention decays and flattens."""
        days = self.window.days
        if rng.random() < max(0.35, 1 - days / 100):
            person.signup = -int(rng.uniform(1, 400) * DAY)
            # Earlier log-ins hold for a while: SDKs identify again only when they run out.
            person.identify_due = int(rng.uniform(0, min(days, 75)) * DAY)
            person.churn = rng.choice((rng.expovariate(1 / 60), NEVER, NEVER))
            if person.shifts and rng.random() < 0.25:
                # A campaign ends and its crew leaves: frequent users who fall silent.
                person.churn = days * rng.uniform(0.3, 0.48)
            return
        person.aliased = set()
        # The product grows, so later days bring more signups; weekends bring few.
        day = int(days * max(rng.random(), rng.random() * 0.6))
        while self.window.weekday(day) >= 5 and rng.random() < 0.8:
            day = (day + rng.randrange(1, 6)) % days
        hours = self.sites[person.site].rhythm.cumulative_hours[self.window.weekday(day)]
        hour = min(rng.choices(range(24), cum_weights=hours)[0], 21)
        person.signup = person.identify_due = day * DAY + hour * HOUR + rng.randrange(HOUR)
        lifetime = rng.choice(
            (rng.expovariate(1 / 9), *[rng.expovariate(1 / 80)] * 2, *[NEVER] * 3)
        )
        person.churn = day + 0.5 + lifetime

    def _give_career(self, rng: Random, person: Person) -> None:
        """Draw what happens to some: upgrades (some twice), downgrades, a new role, a bill."""
        start = max(person.signup / DAY, 0.0)
        left = max(min(person.churn, self.window.days) - start, 0.0)
        draw = rng.random()
        if draw < 0.16 and person.tier < 2:
            person.tier_steps = list(range(person.tier + 1, 2 + (rng.random() < 0.25)))
            person.tier_steps = person.tier_steps or [person.tier + 1]
        elif draw > 0.96 and person.tier > 0:
            person.tier_steps = [person.tier - 1]
        if person.tier_steps:
            person.tier_due = start + left * rng.random() * 0.8
        if rng.random() < 0.03 and person.role in _PROMOTED:
            person.promotion_due = start + left * rng.random()
        if rng.random() < (0.5 if person.role in {"manager", "admin"} else 0.06):
            person.price = rng.randrange(3)
            person.pay_due = start + rng.uniform(0, 30 if person.signup < 0 else 3)

    def _lend_auditors(self, rng: Random) -> None:
        """Let some auditors work for two tenants with one account and one laptop.

        Tenants must not mix even so.
        """
        if len(self.sites) < 2:
            return
        auditors = [person for person in self.people if person.role == "auditor"]
        for original in auditors[:: max(1, len(auditors) // (len(self.people) // 150 + 1))]:
            site = (original.site + 1) % len(self.sites)
            guest = Person(rng, site, len(self.people) + 1, self.sites[site].tenant)
            guest.user_id, guest.devices = original.user_id, original.devices
            guest.role, guest.department = original.role, original.department
            guest.aliased = {device.anonymous_id for device in guest.devices}
            self._give_lifetime(rng, guest)
            self.people.append(guest)

    def _migrate_accounts(self, rng: Random) -> None:
        """Rename a few accounts during the window, some of them twice, which makes a chain."""
        for person in rng.sample(self.people, min(len(self.people), len(self.people) // 100 + 2)):
            start = max(person.signup / DAY, 0.0)
            person.rename_due = start + (self.window.days - start) * rng.uniform(0.2, 0.8)
