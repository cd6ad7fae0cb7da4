"""What must happen in a visit: log-in, flags, uses, upgrades, payments.

The rest of a visit is browsing (``behaviour``).
"""

from random import Random
from typing import Final, NamedTuple

from bioqms.sample import content, features
from bioqms.sample.calendar import DAY, HOUR, MINUTE
from bioqms.sample.content import Page, as_json, members
from bioqms.sample.features import FEATURES, Feature
from bioqms.sample.world import (
    CONTROL,
    NEVER,
    PRICES,
    SESSIONS_PER_ACTIVE_DAY,
    TIERS,
    UNSEEN,
    Device,
    Person,
    World,
)

# Fewest events of a visit that holds a log-in, and of one that ends in ``session.ended``.
_LOGIN_LENGTH: Final = 6
_ENDED_LENGTH: Final = 4
_MOST_USES: Final = 10
# An anonymous click is made only this early in the hour, so that the events after it are counted in
# the same hour.
_EARLY: Final = 45 * MINUTE
_ON: Final = ("true", "true", "true", '"on"', '"treatment"')
_OFF: Final = ("false", "false", '"control"', '"off"', "0")


class Step(NamedTuple):
    """An event that is due: its name, the JSON of its parts, and for ``page.viewed`` the page.

    ``ids`` empty means those of the visit; ``slow`` steps wait for the person, the others follow by
    themselves.
    """

    name: str
    props: str
    ids: str = ""
    traits: str = ""
    page: Page | None = None
    slow: bool = False


class Script:
    """The course of a visit: ``opening`` in this order, ``scattered`` after it, perhaps an end."""

    __slots__ = ("ends", "ids", "length", "opening", "scattered", "traits")

    def __init__(self, ids: str, length: int) -> None:
        """Start an empty script for ``length`` events that carry ``ids``."""
        self.ids = ids
        self.length = length
        self.traits = ""
        self.opening: list[Step] = []
        self.scattered: list[Step] = []
        self.ends = False

    @property
    def is_full(self) -> bool:
        """Tell whether the opening fills the visit: what else is due waits for the next."""
        return len(self.opening) >= self.length

    def steps(self) -> list[Step | None]:
        """Lay the script out over the events of the visit; None is an event that is free."""
        steps: list[Step | None] = [*self.opening[: self.length]]
        room = self.length - len(steps)
        steps += [None] * room
        scattered = self.scattered[:room]
        for index, step in enumerate(scattered):
            steps[self.length - room + index * room // len(scattered)] = step
        return steps


class Author:
    """Writes the script of each visit, and remembers in the person what has happened."""

    def __init__(self, world: World, rng: Random) -> None:
        """Write for the people of a world."""
        self._world = world
        self._rng = rng
        days = world.window.days
        self._rollout = [max(feature.rollout * days, -1.0) for feature in FEATURES]
        # Clicks and forms that may be sent without a user, by site and hour of the day.
        self.anonymous_clicks = [[0] * 24 for _ in world.sites]

    def stranger(self, site: int, device: Device, start: int, length: int) -> Script:
        """Write a visit without log-in: somebody looks at what the product is."""
        rng = self._rng
        ids = self._ids(self._session_id(), None, device.anonymous_id, site)
        script = Script(ids, length)
        script.opening.append(Step("session.started", ""))
        for _ in range(length - 1):
            if rng.random() < 0.12 and self._may_click(site, start):
                script.opening.append(Step("button.clicked", content.BUTTONS[15], slow=True))
            else:
                shown = rng.choice(content.MARKETING)
                script.opening.append(Step("page.viewed", shown.props, page=shown, slow=True))
        return script

    def visit(self, person: Person, device: Device, start: int, length: int) -> Script:
        """Write the visit of a person that begins at ``start`` (ms) and has ``length`` events."""
        rng = self._rng
        renamed = self._rename(person, device, start, length)
        session = self._session_id()
        ids = self._ids(session, person.user_id, device.anonymous_id, person.site)
        promoted = person.promotion_due <= start / DAY and length >= _LOGIN_LENGTH
        if promoted:
            person.promotion_due = NEVER
            person.role = "manager" if person.role != "operator" else "qa_reviewer"
        script = Script(ids, length)
        if (start >= person.identify_due or promoted) and length >= _LOGIN_LENGTH:
            self._log_in(script, person, device, start, session)
        else:
            script.opening.append(Step("session.started", ""))
            self._alias(script, person, device)
        script.opening += renamed
        if rng.random() < 0.4:
            script.traits = self._traits(person, start)
        shown = content.DASHBOARD
        script.opening.append(Step("page.viewed", shown.props, page=shown, slow=True))
        self._account(script, person, start)
        self._features(script, person, start)
        if rng.random() < 0.03:
            script.scattered.append(Step("form.submitted", self._personal_form(person), slow=True))
        script.ends = length >= _ENDED_LENGTH and rng.random() < 0.7
        return script

    # ---------- ids

    def _session_id(self) -> str:
        return f"ses_{self._rng.getrandbits(128):032x}"

    def _ids(self, session: str | None, user: str | None, anonymous: str | None, site: int) -> str:
        tenant_id = self._world.sites[site].tenant.tenant_id
        parts = (
            ("session_id", session),
            ("user_id", user),
            ("anonymous_id", anonymous),
            ("tenant_id", tenant_id),
        )
        return ",".join(f'"{name}":"{value}"' for name, value in parts if value)

    def server_ids(self, person: Person) -> str:
        """Write the ids of an event that the server sends: it knows the user, not the browser."""
        return self._ids(None, person.user_id, None, person.site)

    def _may_click(self, site: int, start: int) -> bool:
        hours, hour = self.anonymous_clicks[site], start // HOUR % 24
        if hours[hour] < 1 or start % HOUR > _EARLY:
            return False
        hours[hour] -= 1
        return True

    # ---------- who somebody is

    def _traits(self, person: Person, start: int) -> str:
        flags = [
            feature.key
            for feature, exposed in zip(FEATURES, person.exposed, strict=True)
            if exposed >= 0
        ]
        return members(
            role=person.role,
            subscription_tier=TIERS[person.tier],
            department=person.department,
            account_age_days=(start - person.signup) // DAY,
            feature_flags=flags,
        )

    def _profile(self, person: Person, start: int) -> str:
        """Write the traits of ``user.identified``, with personal data that must be scrubbed."""
        given = content.GIVEN_NAMES[person.number % len(content.GIVEN_NAMES)]
        family = content.FAMILY_NAMES[person.number % len(content.FAMILY_NAMES)]
        personal = {"email": f"user{person.number}@example.com"}
        if person.number % 2:
            personal |= {"phone": f"555-01{person.number % 10}-{person.number % 10_000:04d}"}
        if person.number % 3 == 0:
            personal |= {"full_name": f"{given} {family}"}
        return self._traits(person, start) + "," + members(**personal)

    def _alias(self, script: Script, person: Person, device: Device) -> None:
        anonymous = device.anonymous_id
        if anonymous in person.aliased:
            return
        person.aliased.add(anonymous)
        props = members(previous_id=anonymous, new_id=person.user_id)
        script.opening.append(Step("user.alias", props))

    def _log_in(
        self, script: Script, person: Person, device: Device, start: int, session: str
    ) -> None:
        rng = self._rng
        nobody = self._ids(session, None, device.anonymous_id, person.site)
        steps = script.opening
        if person.signup == person.identify_due:  # the first log-in
            shown: tuple[Page, ...] = (*rng.sample(content.MARKETING, 2), content.SIGNUP)
        else:
            shown = (content.LOGIN,)
        steps.append(Step("session.started", "", nobody))
        steps += [Step("page.viewed", page.props, nobody, page=page, slow=True) for page in shown]
        if self._may_click(person.site, start):
            steps.append(Step("form.submitted", content.LOGIN_FORM, nobody, slow=True))
        self._alias(script, person, device)
        # Some SDKs identify from the server side of the log-in, without the browser's id.
        who = self.server_ids(person) if rng.random() < 0.15 else ""
        steps.append(Step("user.identified", "", who, self._profile(person, start)))
        person.identify_due = start + int(rng.uniform(20, 60) * DAY)

    def _rename(self, person: Person, device: Device, start: int, length: int) -> list[Step]:
        if person.rename_due > start / DAY or length < _LOGIN_LENGTH:
            return []
        old, person.user_id = person.user_id, person.next_user_id()
        again = self._rng.random() < 0.3
        person.rename_due = start / DAY + self._rng.uniform(3, 12) if again else NEVER
        # Later events on this and other devices carry the new id without another alias.
        person.aliased.add(device.anonymous_id)
        return [Step("user.alias", members(previous_id=old, new_id=person.user_id))]

    # ---------- money

    def _account(self, script: Script, person: Person, start: int) -> None:
        day = start / DAY
        if person.tier_due <= day and not script.is_full:
            tier = person.tier_steps.pop(0)
            props = members(
                previous_tier=TIERS[person.tier],
                new_tier=TIERS[tier],
                reason="upgrade" if tier > person.tier else "downgrade",
            )
            person.tier = tier
            person.tier_due = day + self._rng.uniform(4, 25) if person.tier_steps else NEVER
            script.opening.append(Step("subscription.tier_changed", props))
        if person.pay_due <= day and not script.is_full:
            person.pay_due = day + 30
            cents = self._rng.choice((0, 0, 0.5, 0.99))
            amount = PRICES[person.tier][person.price] + cents
            props = members(amount=amount, currency="USD", billing_period="monthly")
            step = Step("subscription.payment_received", props, self.server_ids(person))
            script.opening.append(step)

    # ---------- features

    def _features(self, script: Script, person: Person, start: int) -> None:
        day = start // DAY
        for index, feature in enumerate(FEATURES):
            exposed = person.exposed[index]
            if exposed < 0 and not script.is_full:
                exposed = self._evaluate(script, person, index, start)
            elif exposed >= 0 and self._rng.random() < 0.04:
                script.opening.append(_exposure(feature, "true"))
            if person.use_rate[index] > 0 and exposed != UNSEEN:
                age = min(max(day - exposed, 0), features.DECAY_DAYS - 1)
                uses = self._uses(person, index, age)
                script.scattered += [self._use(feature) for _ in range(uses)]

    def _uses(self, person: Person, index: int, age: int) -> int:
        """Draw how often the feature is used in a visit, ``age`` days after it was first shown."""
        eager = person.use_rate[index] * features.DECAY[person.levels[index]][age]
        uses = min(int(eager + self._rng.random()), _MOST_USES)
        if uses and person.levels[index] == features.TRIES:
            # Once or twice, and never again.
            person.use_rate[index] = 0.0
            return self._rng.randint(*features.INTENDED_USES[features.TRIES])
        return uses

    def _evaluate(self, script: Script, person: Person, index: int, start: int) -> int:
        """Evaluate a flag that is not on yet; tell the day it went on, or why it did not."""
        rng, feature, draw = self._rng, FEATURES[index], person.flag_draw[index]
        on_from = self._rollout[index] + draw * feature.ramp_days
        if start / DAY < on_from:
            return UNSEEN
        in_control = draw * 97 % 1 < 0.1
        if in_control and (draw * 31 % 1 < 0.5 or start / DAY < on_from + 20):
            if person.exposed[index] == UNSEEN:
                person.exposed[index] = CONTROL
                script.opening.append(_exposure(feature, rng.choice(_OFF)))
                # A few find the feature all the same, by a link that a colleague sent.
                if rng.random() < 0.1:
                    person.levels[index], person.use_rate[index] = features.ADOPTS, 0.05
            return CONTROL
        person.exposed[index] = start // DAY
        script.opening.append(_exposure(feature, rng.choice(_ON) if rng.random() < 0.9 else None))
        level = features.level_for(feature, person.role, person.shifts, rng.random())
        if level == features.CHAMPION and not person.shifts:
            level = features.POWER
        sessions_a_day = person.rate * SESSIONS_PER_ACTIVE_DAY * (0.93 if person.shifts else 0.75)
        interest = sum(features.DECAY[level][:30])
        intended = rng.randint(*features.INTENDED_USES[level])
        person.levels[index] = level
        person.use_rate[index] = intended / (sessions_a_day * interest) if intended else 0.0
        return person.exposed[index]

    def _use(self, feature: Feature) -> Step:
        action = self._rng.choice(feature.actions)
        milliseconds = 80 + self._rng.getrandbits(11)
        if self._rng.random() < 0.15:
            props = (
                f'"feature_name":"{feature.key}","feature_action":"{action}","success":true,'
                f'"response_time_ms":{milliseconds}'
            )
        else:
            props = f'"feature_key":"{feature.key}","action":"{action}"'
        return Step("feature.used", props, slow=True)

    def _personal_form(self, person: Person) -> str:
        text = self._rng.choice(content.PERSONAL_TEXTS).format(n=person.number % 10_000)
        return members(form_id="deviation_report", form_type="create", comment=text)


def _exposure(feature: Feature, variation: str | None) -> Step:
    props = f'"feature_key":{as_json(feature.key)}'
    return Step("feature.exposed", f'{props},"variation":{variation}' if variation else props)
