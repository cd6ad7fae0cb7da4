"""Google's reference engine runs queries on tables given as Python values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from tests.bigquery.reference import Content, evaluate, table

COLUMNS = {
    "id": "STRING",
    "n": "INT64",
    "x": "FLOAT64",
    "yes": "BOOL",
    "day": "DATE",
    "moment": "TIMESTAMP",
    "amount": "NUMERIC",
    "wide": "BIGNUMERIC",
    "facts": "JSON",
    "page": "STRUCT<url STRING,depth INT64>",
    "times": "ARRAY<TIMESTAMP>",
}
AT = datetime(2026, 2, 16, 14, 32, 15, 234567, tzinfo=UTC)
FULL = {
    "id": "a",
    "n": -3,
    "x": 1.5,
    "yes": True,
    "day": date(2026, 2, 16),
    "moment": AT,
    "amount": Decimal("-99999999999999999999999999999.999999999"),
    "wide": Decimal("500000000000000000000000000000.00000000000000000000000000000000000001"),
    "facts": '{"k":[1,null]}',
    "page": {"url": "/a", "depth": 2},
    "times": [AT, datetime(1969, 12, 31, tzinfo=UTC)],
}
TABLES: dict[tuple[str, ...], Content] = {
    ("p", "d", "t"): table(COLUMNS, [FULL, {"id": "b", "times": []}])
}


def test_values_come_back_as_they_went_in() -> None:
    found = evaluate("select * from `p`.`d`.`t` order by id", TABLES)

    assert dict(found.columns) == COLUMNS
    full, empty = (dict(zip(found.columns, row, strict=True)) for row in found.rows)
    assert full == FULL
    assert empty == dict.fromkeys(COLUMNS) | {"id": "b", "times": []}


def test_it_computes() -> None:
    found = evaluate(
        """
        select
            json_value(facts, '$.k[0]') as first_fact,
            timestamp_diff(moment, timestamp '2026-02-16 14:32:15+00:00', microsecond) as micros,
            date_trunc(day, isoweek) as monday,
            sum(n) over (order by id) as total
        from `p`.`d`.`t`
        qualify row_number() over (order by id) = 1
        """,
        TABLES,
    )
    assert found.rows == [["1", 234567, date(2026, 2, 16), -3]]


def test_a_value_at_the_least_rank_as_the_dialect_writes_it() -> None:
    sql = "select any_value(id having min if(id is null, null, n)) as v from `p.d.t`"
    assert evaluate(sql, TABLES).rows == [["a"]]


def test_its_days_are_those_of_utc() -> None:
    sql = "select date(timestamp '2026-02-16 00:00:00Z') as d, timestamp(date '2026-02-16') as t"
    assert evaluate(sql, {}).rows == [[date(2026, 2, 16), datetime(2026, 2, 16, tzinfo=UTC)]]
