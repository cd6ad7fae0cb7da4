from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judge import marts
from tests.judge.events import judge
from tests.judge.example import SEEDS, at, column, event, mart
from tests.models.worlds import world


def test_first_received_copy_wins() -> None:
    late = event("page.viewed", at("03-01"), event_id="x", received_at=at("03-03"))
    early = event("page.viewed", at("03-02"), event_id="x", received_at=at("03-02"))
    other = event("page.viewed", at("03-02"), event_id="x", tenant_id="t2")
    assert column(mart("fct_events", [late, early, other]), "event_date") == ["2026-03-02"] * 2


def test_a_tie_of_receipt_breaks_by_the_whole_row() -> None:
    rows = [
        event("page.viewed", at("03-02"), user, "d", event_id="x", received_at=at("03-02"))
        for user in ("b", None, "a")
    ]
    assert column(mart("fct_events", rows), "original_user_id") == [None]


def test_reject_reasons() -> None:
    good = event("page.viewed", at("03-01"))
    flaws: dict[str, dict[str, str | None]] = {
        "missing_tenant": {"tenant_id": ""},
        "missing_event_id": {"event_id": None},
        "missing_event_name": {"event_name": ""},
        "invalid_event_name": {"event_name": "page.viewed\n"},
        "missing_identity": {"user_id": ""},
        "unparsable_received_at": {"received_at": "soon"},
        "unparsable_timestamp": {"timestamp": "2026-13-01T00:00:00Z"},
        "future_timestamp": {"timestamp": at("03-02", 0.000001)},
    }
    assert [row.reason for row in judge(good | flaw for flaw in flaws.values())] == list(flaws)
    assert judge([good | {"timestamp": at("03-02")}])[0].reason is None


def test_every_row_is_accepted_duplicate_or_rejected() -> None:
    rows = world(7, date(2026, 5, 17), "w_")
    landed = judge(rows)
    accepted = sum(row.copy_number == 1 for row in landed)
    duplicate = sum(row.copy_number > 1 for row in landed)
    assert len(rows) == accepted + duplicate + sum(row.reason is not None for row in landed)
    assert duplicate > 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    as_of = date(2026, 5, 17)
    rows = world(seed, as_of, "w_")
    shuffled = Random(seed).sample(rows, len(rows))
    one, other = marts(rows, SEEDS, as_of), marts(shuffled, SEEDS, as_of)
    for name, expected in one.items():
        assert sorted(expected, key=repr) == sorted(other[name], key=repr), name


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_what_happens_later_does_not_exist_yet(seed: int) -> None:
    as_of = date(2026, 4, 1)
    rows = world(seed, date(2026, 5, 17), "w_")
    landed = judge(rows)
    hidden = [row.copy_number > 0 and row.day > as_of for row in landed]
    visible = [raw for raw, is_hidden in zip(rows, hidden, strict=True) if not is_hidden]
    known, all_rows = marts(visible, SEEDS, as_of), marts(rows, SEEDS, as_of)
    receipt = ("event_quality_hourly", "event_rejects")
    displaced = {
        (row.tenant, row.event_id) for row, gone in zip(landed, hidden, strict=True) if gone
    }
    if not any(
        (row.tenant, row.event_id) in displaced and row.day <= as_of
        for row in landed
        if row.copy_number
    ):
        for name in known.keys() - set(receipt):
            assert known[name] == all_rows[name], name
