"""A number that was read yesterday is the same today, unless something came late."""

from datetime import date, timedelta
from random import Random

from tests.models.harness import Row, Tables, Warehouse
from tests.models.play import firms, prefix
from tests.models.worlds import Raw, as_of_date, world

WORLDS = 12
# The column that says to which day a row belongs, and how many more days make it final.
DAILY = {
    "fct_events": ("event_date", 0),
    "fct_sessions": ("session_date", 0),
    "active_users_daily": ("activity_date", 0),
    "feature_active_users": ("activity_date", 0),
    "event_volume_by_minute": ("minute_at", 0),
    "event_quality_hourly": ("received_hour_at", 0),
    "weekly_product_health": ("week_start_date", 6),
    "weekly_feature_usage": ("week_start_date", 6),
}


def until(rows: list[Raw], day: date) -> list[Raw]:
    """What had happened and was received by the end of a day, or can never be told when."""
    return [
        row
        for row in rows
        if max(str(row.get("timestamp"))[:10], str(row.get("received_at"))[:10]) <= str(day)
    ]


def newcomers(day: date) -> list[Raw]:
    """A day of people and devices never seen before."""
    at = f"{day}T12:00:%02d.000000Z"
    names = ("user.identified", "page.viewed", "feature.used", "feature.exposed")
    return [
        {
            "event_id": f"new-{number}-{second}",
            "event_name": name,
            "event_version": "1.0.0",
            "tenant_id": prefix(number) + "a",
            "user_id": "newcomer",
            "anonymous_id": "new-device",
            "timestamp": at % second,
            "received_at": at % (second + 1),
            "properties": {"feature_key": "ai_copilot"},
            "traits": {},
            "context": {},
        }
        for number in range(WORLDS)
        for second, name in enumerate(names)
    ]


def final(tables: Tables, day: date) -> dict[str, list[str]]:
    """The rows that no later day can change."""
    return {
        table: sorted(map(str, kept(tables[table], column, day - timedelta(days=more))))
        for table, (column, more) in DAILY.items()
    }


def kept(rows: list[Row], column: str, day: date) -> list[list[tuple[str, object]]]:
    return [sorted(row.items()) for row in rows if str(row[column])[:10] <= str(day)]


def test_yesterday_does_not_move(warehouse: Warehouse) -> None:
    yesterday = as_of_date(Random(3))
    warehouse.wipe()
    warehouse.seed(firms(WORLDS))
    for number in range(WORLDS):
        warehouse.land(until(world(900 + number, yesterday, prefix(number)), yesterday))
    warehouse.run(yesterday)
    before = final(warehouse.tables(), yesterday)
    assert all(before.values())
    warehouse.land(newcomers(yesterday + timedelta(days=1)))
    warehouse.run(yesterday + timedelta(days=1))
    tables = warehouse.tables()
    assert any(row["user_id"] == "newcomer" for row in tables["fct_events"])
    after = final(tables, yesterday)
    assert after == before
