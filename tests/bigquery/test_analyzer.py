"""The analyzer accepts what BigQuery accepts and refuses what BigQuery refuses."""

from __future__ import annotations

import pytest

from tests.bigquery.analyzer import RefusedError, Warehouse
from tests.bigquery.engine import parse_type, type_name

EVENTS = {
    "event_id": "STRING",
    "tenant_id": "STRING",
    "ts": "TIMESTAMP",
    "event_date": "DATE",
    "n": "INT64",
    "x": "FLOAT64",
    "amount": "NUMERIC",
    "properties": "JSON",
    "context": "STRUCT<page STRUCT<url STRING>>",
    "times": "ARRAY<TIMESTAMP>",
}

ACCEPTED = {
    "json": "select json_value(properties, '$.a') as v from p.d.events",
    "struct": "select context.page.url as v from `p`.`d`.`events`",
    "one pair of quotes": "select n as v from `p.d.events`",
    "first value": """
        select array_agg(event_id ignore nulls order by ts limit 1)[safe_offset(0)] as v
        from p.d.events
    """,
    "least": "select min_by(event_id, if(n is null, null, ts)) as v from p.d.events",
    "qualify": """
        select event_id from p.d.events
        qualify row_number() over (partition by tenant_id order by ts, event_id) = 1
    """,
    "recursive": """
        with recursive r as (select 1 as v union all select v + 1 from r where v < 10)
        select v from r
    """,
    "date spine": """
        select v from p.d.events
        cross join unnest(generate_date_array(event_date, date_add(event_date, interval n day))) v
    """,
    "times": """
        select timestamp_diff(ts, ts, microsecond) as v, date_trunc(event_date, isoweek) as w,
            safe_cast('x' as timestamp) as t, timestamp_add(ts, interval n second) as u
        from p.d.events
    """,
    "hashes": "select to_hex(md5('a')) as v, farm_fingerprint('a') as w",
    "lists": "select array_concat_agg(times) as v from p.d.events group by tenant_id",
    "words": """
        select string_agg(distinct w, ',' order by w) as v
        from unnest(split('b,a', ',')) as w
    """,
    "median": "select percentile_disc(x, 0.5) over (partition by tenant_id) as v from p.d.events",
    "outer join": """
        select a.n from p.d.events as a
        left join p.d.events as b on a.event_id = b.event_id and a.ts <= b.ts
    """,
    "insert_overwrite": """
        merge into `p`.`d`.`events` as t using (select * from p.d.events) as s on false
        when not matched by source and event_date in unnest([date '2026-01-01']) then delete
        when not matched then insert (event_id, n) values (event_id, n)
    """,
    "script": """
        declare days array<date>;
        set (days) = (select as struct array_agg(distinct event_date) from p.d.events);
        create temp table found as select n from p.d.events where event_date in unnest(days);
        begin transaction;
        delete from p.d.events where event_date in unnest(days);
        insert into p.d.events (n) select n from found;
        commit transaction;
    """,
}

REFUSED = {
    "percentile_disc as aggregate": "select percentile_disc(x, 0.5) from p.d.events",
    "filter clause": "select count(*) filter (where n > 1) from p.d.events",
    "lateral column": "select n + 1 as a, a + 1 as b from p.d.events",
    "double colon": "select n::string from p.d.events",
    "json equality": "select properties = properties from p.d.events",
    "distinct json": "select distinct properties from p.d.events",
    "json to string": "select cast(properties as string) from p.d.events",
    "list equality": "select times = times from p.d.events",
    "lambda": "select array_transform(times, t -> t) from p.d.events",
    "float partition": "select sum(n) over (partition by x) from p.d.events",
    "range over times": """
        select sum(n) over (order by ts range between interval 1 day preceding and current row)
        from p.d.events
    """,
    "months of a timestamp": "select timestamp_add(ts, interval 1 month) from p.d.events",
    "where without from": "select 1 where true",
    "bare union": "select 1 union select 2",
    "left join on a range": """
        select a.n from p.d.events as a
        left join p.d.events as b on a.ts between b.ts and b.ts
    """,
    "correlated": """
        select (select max(b.n) from p.d.events as b where b.ts < a.ts) from p.d.events as a
    """,
    "same name twice": "create table p.d.t as select n, n from p.d.events",
    "bare timestamp partition": "create table p.d.t partition by ts as select ts from p.d.events",
    "json cluster": "create table p.d.t (n int64, j json) cluster by j",
    "unknown table": "select 1 from p.d.nothing",
    "unknown column": "select nothing from p.d.events",
    "wrong type": "select n || 'a' || x from p.d.events where event_id = 1",
}


@pytest.fixture
def warehouse() -> Warehouse:
    found = Warehouse()
    found.add(("p", "d", "events"), EVENTS)
    return found


@pytest.mark.parametrize("sql", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepts(warehouse: Warehouse, sql: str) -> None:
    assert warehouse.run(sql)


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED.keys())
def test_refuses(warehouse: Warehouse, sql: str) -> None:
    with pytest.raises(RefusedError):
        warehouse.run(sql)


@pytest.mark.parametrize("name", sorted(set(EVENTS.values())))
def test_type_names_round_trip(name: str) -> None:
    assert type_name(parse_type(name)) == name


def test_a_table_created_is_known_with_its_types(warehouse: Warehouse) -> None:
    warehouse.run("create or replace table `p`.`d`.`a` as select n, times from p.d.events")
    warehouse.run("create or replace view p.d.b as select *, 1.5 as half from p.d.a")

    [statement] = warehouse.run("select * from p.d.b")

    assert statement.columns == {"n": "INT64", "times": "ARRAY<TIMESTAMP>", "half": "FLOAT64"}


def test_a_dropped_table_is_unknown(warehouse: Warehouse) -> None:
    warehouse.run("drop table if exists p.d.events")
    with pytest.raises(RefusedError, match="Table not found"):
        warehouse.run("select 1 from p.d.events")


def test_a_temporary_table_ends_with_its_script(warehouse: Warehouse) -> None:
    warehouse.run("create temp table t as select 1 as a; select a from t;")
    with pytest.raises(RefusedError, match="Table not found"):
        warehouse.run("select a from t")


def test_a_column_added_is_known(warehouse: Warehouse) -> None:
    warehouse.run("alter table p.d.events add column fresh string")
    [statement] = warehouse.run("select fresh from p.d.events")
    assert statement.columns == {"fresh": "STRING"}


CREATE_PARTITIONED = """
    create table p.d.days partition by event_date options (require_partition_filter = true)
    as select event_date, n from p.d.events
"""


@pytest.mark.parametrize(
    "sql",
    [
        "select n from p.d.days where event_date >= '2026-01-01'",
        "with a as (select * from p.d.days) select n from a where event_date = '2026-01-01'",
        "select n from p.d.days where event_date in (select event_date from p.d.events)",
        "select n from p.d.seen where event_date between '2026-01-01' and '2026-01-02'",
        "insert into p.d.days (event_date, n) select event_date, n from p.d.events",
        "delete from p.d.days where event_date = '2026-01-01'",
        """
        merge into p.d.days as t using p.d.events as s
        on (t.event_date is null or t.event_date is not null) and false
        when not matched then insert (n) values (n)
        """,
    ],
)
def test_a_required_partition_filter_is_seen(warehouse: Warehouse, sql: str) -> None:
    warehouse.run(CREATE_PARTITIONED)
    warehouse.run("create view p.d.seen as with a as (select * from p.d.days) select * from a")
    assert warehouse.run(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "select n from p.d.days",
        "select n from p.d.days where date_add(event_date, interval 1 day) >= '2026-01-01'",
        "select n from p.d.days where event_date >= '2026-01-01' or n = 1",
        "select n from p.d.seen",
        "delete from p.d.days where n = 1",
        """
        merge into p.d.days as t using p.d.events as s on t.n = s.n
        when matched then update set n = s.n
        """,
    ],
)
def test_a_missing_partition_filter_is_refused(warehouse: Warehouse, sql: str) -> None:
    warehouse.run(CREATE_PARTITIONED)
    warehouse.run("create view p.d.seen as with a as (select * from p.d.days) select * from a")
    with pytest.raises(RefusedError, match="partition elimination"):
        warehouse.run(sql)
