from decimal import Decimal

from tests.judge.example import at, column, event, mart


def test_an_hour() -> None:
    rows = [
        event(
            "work_order.created",
            at("03-01 10:00"),
            None,
            "d",
            received_at=at("03-01 10:00", 9.999999),
        ),
        event("page.viewed", at("03-01 10:00"), None, "d", received_at=at("03-01 10:00:01")),
        event("nonsense", at("03-01 10:00"), received_at=at("03-01 10:00:01")),
        event(
            "work_order.created", at("03-01 10:00"), event_id="x", received_at=at("03-01 10:00:01")
        ),
        event(
            "work_order.created", at("03-01 10:00"), event_id="x", received_at=at("03-01 10:00:02")
        ),
    ]
    (row,) = mart("event_quality_hourly", rows)
    assert (row["events"], row["rejected_events"], row["duplicate_events"]) == (5, 1, 1)
    assert (row["user_expected_events"], row["missing_user_events"]) == (4, 1)
    assert row["p50_latency_seconds"] == 1
    assert row["p95_latency_seconds"] == Decimal("9.999999")
    assert row["avg_drift_seconds"] == Decimal("3.000000")
    assert (
        row["quality_score"]
        == 40 * Decimal("0.8") + 20 * Decimal("0.8") + 20 * Decimal("0.75") + 20
    )


def test_latency_points_are_for_under_10_and_under_60() -> None:
    def score(seconds: float) -> Decimal:
        row = event("page.viewed", at("03-01"), received_at=at("03-01", seconds))
        return Decimal(mart("event_quality_hourly", [row])[0]["quality_score"])

    assert [score(delay) for delay in (9.999999, 10, 59.999999, 60)] == [100, 90, 90, 80]


def test_volume_is_by_event_minute_without_duplicates() -> None:
    rows = [event("page.viewed", at("03-01", second)) for second in (0, 59.999999, 60)]
    assert column(mart("event_volume_by_minute", [*rows, rows[0]]), "event_count") == [2, 1]
