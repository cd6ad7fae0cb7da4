from typing import Any

from tests.judge.example import at, column, event, mart


def people(*rows: dict[str, Any]) -> list[str | None]:
    resolved = {row["event_id"]: row["user_id"] for row in mart("fct_events", list(rows))}
    return [resolved[row["event_id"]] for row in rows]


def seen(time: str, user: str | None, device: str | None = "d", **more: Any) -> dict[str, Any]:
    return event("page.viewed", at(time), user, device, **more)


def rename(time: str, previous: str, user: str, device: str | None = None) -> dict[str, Any]:
    return event("user.alias", at(time), user, device, previous_id=previous)


def test_history_before_the_first_login_is_stitched() -> None:
    assert people(seen("03-01", None), seen("03-02", "u1")) == ["u1", "u1"]


def test_a_shared_terminal_is_split_by_time() -> None:
    rows = [
        seen(f"03-01 0{hour}:00", user) for hour, user in enumerate([None, "u1", None, "u2", None])
    ]
    assert people(*rows) == ["u1", "u1", "u1", "u2", "u2"]


def test_equal_times_break_by_event_id() -> None:
    rows = [
        seen("03-01", "u1", event_id="a"),
        seen("03-01", None, event_id="b"),
        seen("03-01", "u2", event_id="c"),
    ]
    assert people(*rows) == ["u1", "u1", "u2"]


def test_other_tenants_devices_do_not_speak() -> None:
    assert people(seen("03-01", None), seen("03-02", "u1", tenant_id="t2")) == [None, "u1"]


def test_chains_follow_to_the_end() -> None:
    rows = [rename("03-03", "u1", "u2"), rename("03-01", "u2", "u3"), seen("03-02", "u1")]
    assert people(*rows) == ["u3", "u3", "u3"]


def test_a_cycle_ends_at_its_latest_rename() -> None:
    rows = [rename("03-01", "u1", "u2"), rename("03-02", "u2", "u1"), rename("03-01", "u4", "u2")]
    assert people(*rows, seen("03-02", "u4")) == ["u1"] * 4


def test_a_hundred_renames_are_followed() -> None:
    chain = [rename("03-01", f"u{n}", f"u{n + 1}") for n in range(101)]
    found = people(*chain, seen("03-02", "u0"), seen("03-02", "u1"))
    assert found[-2:] == ["u0", "u101"]
    cycle = [rename("03-01", f"c{n}", f"c{(n + 1) % 100}") for n in range(99)]
    cycle.append(rename("03-02", "c99", "c0"))
    found = people(*chain[:99], rename("03-01", "u99", "c7"), *cycle, seen("03-02", "u0"))
    assert found[-1] == "c0"
    larger = [*cycle[:99], rename("03-01", "c99", "c100"), rename("03-02", "c100", "c0")]
    assert people(*larger, seen("03-02", "c1"))[-1] == "c1"


def test_the_latest_of_several_renames_counts() -> None:
    rows = [rename("03-02", "u1", "u3"), rename("03-01", "u1", "u2"), seen("03-01", "u1")]
    assert people(*rows) == ["u3", "u2", "u3"]


def test_an_alias_of_its_own_device_renames_nobody() -> None:
    assert people(rename("03-01", "d", "u2", "d"), seen("03-02", "d", None)) == ["u2", "d"]


def test_links() -> None:
    rows = [seen("03-02", "u1"), event("user.alias", at("03-01"), "u1", "d", previous_id="d")]
    (link,) = mart("user_aliases", rows)
    assert (link["event_count"], link["has_alias_event"]) == (2, True)
    assert link["first_identified_at"] == at("03-01")
    assert column(mart("user_aliases", rows[:1]), "has_alias_event") == [False]
