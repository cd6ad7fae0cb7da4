"""The people of the sample behave as people do."""

import csv
from collections import Counter, defaultdict
from itertools import pairwise

from bioqms.sample.tenants import TENANTS
from tests.sample.conftest import DAYS, ROOT, Event, World

ACTIVITY = {"page.viewed", "work_order.created", "feature.used", "api.request_completed"}
DAY = 86_400
Use = tuple[str, str | None, str]


def _by_device(world: World) -> dict[tuple[str, str], list[Event]]:
    devices: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in world.events:
        if event.device:
            devices[event.tenant, event.device].append(event)
    return devices


def test_the_list_of_tenants_is_the_seed() -> None:
    with (ROOT / "seeds/tenants.csv").open(encoding="utf-8", newline="") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == sorted(tenant[:5] for tenant in TENANTS)
    assert len(rows) == 50


def test_tenants_differ_in_size(world: World) -> None:
    sizes = sorted(Counter(event.tenant for event in world.events).values())
    assert len(sizes) == 5
    assert sizes[-1] > 5 * sizes[0]


def test_every_event_name_is_in_the_catalogue(world: World) -> None:
    with (ROOT / "seeds/event_catalog.csv").open(encoding="utf-8", newline="") as file:
        known = {row["event_name"] for row in csv.DictReader(file)}
    names = Counter(event.name for event in world.events)
    assert set(names) <= known
    assert len(names) == 16


def test_the_mix_is_that_of_the_specification(world: World) -> None:
    kinds = Counter(event.name.split(".")[0] for event in world.events)
    total = kinds.total()
    system = (kinds["api"] + kinds["error"]) / total
    business = (kinds["work_order"] + kinds["agent"] + kinds["subscription"]) / total
    assert 0.10 < system < 0.14
    assert 0.02 < business < 0.045


def test_actives(world: World) -> None:
    days: dict[int, set[tuple[str, str | None]]] = defaultdict(set)
    for event in world.events:
        if event.user and event.name in ACTIVITY:
            days[event.day].add(event.person)
    for day in range(DAYS - 5, DAYS):  # Monday to Friday
        month = set[tuple[str, str | None]]().union(*(days[d] for d in range(day - 29, day + 1)))
        assert 0.15 < len(days[day]) / len(month) < 0.40
    weekend = len(days[DAYS - 7]) + len(days[DAYS - 6])
    assert weekend < 0.6 * (len(days[DAYS - 3]) + len(days[DAYS - 2]))


def test_sessions_are_bursts(world: World) -> None:
    lengths: list[int] = []
    for events in _by_device(world).values():
        lengths.append(1)
        for before, event in pairwise(events):
            if event.at - before.at > 1_800:
                lengths.append(0)
            lengths[-1] += 1
    lengths.sort()
    assert len(lengths) > 3_000
    assert 8 < lengths[len(lengths) // 2] < 25
    assert lengths[-1] > 100


def test_operators_take_turns_at_shared_terminals(world: World) -> None:
    turns = 0
    crowded = 0
    for events in _by_device(world).values():
        named = [event for event in events if event.user]
        crowded += len({event.user for event in named}) >= 5
        turns += sum(a.user != b.user and 20 < b.at - a.at < 1_800 for a, b in pairwise(named))
    assert crowded >= 3
    assert turns > 100


def test_people_have_several_devices_and_visit_before_they_log_in(world: World) -> None:
    devices: dict[tuple[str, str | None], set[str | None]] = defaultdict(set)
    before_login = never = 0
    for (_, device), events in _by_device(world).items():
        users = [event.user for event in events]
        never += not any(users)
        before_login += users[0] is None and any(users)
        for event in events:
            if event.user:
                devices[event.person].add(device)
    assert sum(len(mine) > 1 for mine in devices.values()) > len(devices) / 3
    assert before_login > 50
    assert never > 50


def test_signups_are_spread_over_the_window(world: World) -> None:
    first: dict[tuple[str, str | None], int] = {}
    for event in world.events:
        if event.name == "user.identified":
            first.setdefault(event.person, event.day)
    weeks = Counter(day // 7 for day in first.values())
    assert all(weeks[week] > 0 for week in range(DAYS // 7))
    assert max(weeks.values()) < 0.25 * len(first)
    assert Counter(first.values())[0] < 0.05 * len(first)


def test_retention_decays(world: World) -> None:
    first: dict[tuple[str, str | None], int] = {}
    active: dict[tuple[str, str | None], set[int]] = defaultdict(set)
    for event in world.events:
        if event.name == "user.identified":
            first.setdefault(event.person, event.day)
        if event.name in ACTIVITY:
            active[event.person].add(event.day)
    cohort = [person for person, day in first.items() if day < DAYS - 35]
    weeks = [
        sum(any(first[p] + 7 * w <= d < first[p] + 7 * (w + 1) for d in active[p]) for p in cohort)
        for w in range(5)
    ]
    assert weeks[0] == len(cohort)
    assert weeks[0] > weeks[1] > weeks[4] > 0.3 * weeks[0]


def test_tiers_change_up_and_down(world: World) -> None:
    tiers = {event.traits.get("subscription_tier") for event in world.events}
    assert {"starter", "professional", "enterprise"} <= tiers
    steps = Counter(
        (event.props["previous_tier"], event.props["new_tier"])
        for event in world.events
        if event.name == "subscription.tier_changed"
    )
    upgrades = steps["starter", "professional"] + steps["professional", "enterprise"]
    downgrades = steps["professional", "starter"] + steps["enterprise", "professional"]
    assert upgrades > downgrades > 0
    assert upgrades + downgrades == steps.total()


def test_accounts_are_renamed_and_shared_between_tenants(world: World) -> None:
    renames = [
        (event.props["previous_id"], event.user)
        for event in world.events
        if event.name == "user.alias" and event.props["previous_id"] != event.device
    ]
    assert renames
    assert all(old.startswith("usr_") and old != new for old, new in renames)
    tenants: dict[str, set[str]] = defaultdict(set)
    for event in world.events:
        if event.user:
            tenants[event.user].add(event.tenant)
    assert any(len(of_one) > 1 for of_one in tenants.values())


def _stage(exposed: float, uses: list[float]) -> str:
    within = [use for use in uses if exposed <= use < exposed + 30 * DAY]
    if len({use // DAY for use in within}) >= 20:
        return "Champion"
    if len(within) >= 10:
        return "Power User"
    if len(within) >= 3:
        return "Adopted"
    return "Tried" if any(use < exposed + 7 * DAY for use in within) else "Exposed Only"


def test_every_adoption_stage_is_populated(world: World) -> None:
    exposed: dict[Use, float] = {}
    uses: dict[Use, list[float]] = defaultdict(list)
    variations: Counter[str] = Counter()
    for event in world.events:
        key = event.props.get("feature_key") or event.props.get("feature_name") or ""
        if event.name == "feature.exposed":
            variation = str(event.props.get("variation"))
            variations[variation] += 1
            if variation not in {"False", "0", "off", "control"}:
                exposed.setdefault((*event.person, key), event.at)
        elif event.name == "feature.used":
            uses[(*event.person, key)].append(event.at)
    stages = Counter(_stage(at, uses[key]) for key, at in exposed.items())
    share = {stage: count / stages.total() for stage, count in stages.items()}
    assert 0.35 < share["Exposed Only"] < 0.65
    assert 0.15 < share["Tried"] < 0.45
    assert 0.08 < share["Adopted"] < 0.30
    assert 0.03 < share["Power User"] < 0.16
    assert 0.005 < share["Champion"] < 0.05
    assert {"True", "on", "treatment", "None", "False", "control", "off", "0"} <= set(variations)
    assert len({key for _, _, key in exposed}) == 6
    assert set(uses) - set(exposed), "somebody uses what they were not shown"
