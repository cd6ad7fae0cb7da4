from tests.judge.example import at, column, event, mart


def cut(*seconds: float, users: str = "") -> list[int]:
    """Event counts of the sessions of a device with events at these seconds of a day."""
    rows = [
        event("page.viewed", at("03-01 23:40", second), who if who != "-" else None, "d")
        for second, who in zip(seconds, users or "-" * len(seconds), strict=True)
    ]
    sessions = sorted(mart("fct_sessions", rows), key=lambda row: str(row["session_start_at"]))
    return column(sessions, "event_count")


def test_exactly_30_minutes_does_not_cut() -> None:
    assert cut(0, 1800) == [2]
    assert cut(0, 1800.000001) == [1, 1]
    assert cut(0, 1799.999999, 3599.999999) == [3]


def test_midnight_does_not_cut() -> None:
    assert cut(0, 1200, 2400) == [3]


def test_a_change_of_known_user_cuts() -> None:
    assert cut(0, 1, 2, users="aab") == [2, 1]
    assert cut(0, 1, 2, users="-a-") == [3]
    assert cut(0, 1, 2, 3, users="a-bb") == [2, 2]


def test_engaged_is_more_than_10_whole_seconds() -> None:
    for seconds, engaged in ((10, False), (10.9, False), (11, True)):
        rows = [event("page.viewed", at("03-01", n), None, "d") for n in (0, seconds)]
        assert column(mart("fct_sessions", rows), "is_engaged") == [engaged]


def test_the_id_is_that_of_the_first_event() -> None:
    rows = [event("page.viewed", at("03-01", n), None, "d", event_id=f"e{n}") for n in (1, 0)]
    ids = [mart("fct_sessions", order)[0]["session_id"] for order in (rows, rows[::-1])]
    assert ids == ["ses_e6024ba1a3eaf26d50bf12a789ec3b97"] * 2
