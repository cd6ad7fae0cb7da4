"""What DuckDB does beside the builds. Each command prints one JSON object.

Each runs in a process of its own, so that its memory is its own.
"""
# ruff: noqa: S608 - queries are put together from this project's own text

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import click
import duckdb

SQL = Path(__file__).with_name("sql")

# Our models for what the peer does too, in the order in which they are built.
MODELS = {
    "sessions": (
        "intermediate/int_session_fragments",
        "intermediate/int_sessions_resolved",
        "marts/core/fct_sessions",
    ),
    "rolling_actives": ("marts/kpis/active_users_daily",),
    "monthly_retention": ("marts/cohorts/cohort_retention",),
}
SPECIFIED = ("sessions", "sessions_all_days", "monthly_retention", "rfm")

_ROLLING_ACTIVES = """
    select tenant_id, activity_date, dau, wau, mau, engaged_dau, engaged_wau, engaged_mau
    from active_users_daily
    where mau > 0
"""

# The peer's tables and what they must equal; the report says where definitions part.
COMPARED = {
    "sessions": "select * from fct_sessions",
    "sessions_core": """
        select tenant_id, anonymous_id, session_start_at, session_end_at, event_count,
            page_view_count
        from fct_sessions
    """,
    "rolling_actives": _ROLLING_ACTIVES,
    "rolling_actives_plain": _ROLLING_ACTIVES,
    "rolling_actives_numbered": _ROLLING_ACTIVES,
    "monthly_retention": """
        select tenant_id, cast(cohort as date) as cohort_month, period_number, active_users
        from cohort_retention
        where cohort_type = 'signup_month' and period_grain = 'month' and active_users > 0
    """,
}

_path = click.Path(path_type=Path)


@click.group()
def main() -> None:
    """What DuckDB does beside the builds."""


@main.command()
@click.argument("warehouse", type=_path)
def rows(warehouse: Path) -> None:
    """Count the rows of each table."""
    connection = _connect(warehouse)
    tables = connection.execute(
        "select table_name from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = 'main'"
    ).fetchall()
    _say({name: _one(connection, f"select count(*) from {name}") for (name,) in tables})


@main.command()
@click.argument("warehouse", type=_path)
@click.argument("target", type=_path)
@click.argument("copy", type=_path)
@click.option("--repeat", default=1)
def floor(warehouse: Path, target: Path, copy: Path, repeat: int) -> None:
    """Read every column of the log once; write int_events and the marts once, to COPY."""
    connection = _connect(warehouse)
    written = ["int_events", *_marts(target)]

    def scan() -> None:
        # Counting a column makes the reader produce it, and costs nothing else.
        connection.execute("select count(columns(*)) from warehouse.raw.events").fetchall()

    def write() -> None:
        copy.unlink(missing_ok=True)
        connection.execute(f"attach '{copy}' as written")
        for name in written:
            connection.execute(f"create table written.main.{name} as from warehouse.main.{name}")
        connection.execute("detach written")

    scans, writes = _timed(scan, repeat), _timed(write, repeat)
    size = copy.stat().st_size
    copy.unlink()
    _say(
        {
            "scan_seconds": scans,
            "write_seconds": writes,
            "seconds": median(scans) + median(writes),
            "written_bytes": size,
            "tables": len(written),
        }
    )


@main.command()
@click.argument("warehouse", type=_path)
@click.option("--as-of", required=True)
@click.option("--repeat", default=1)
def specification(warehouse: Path, as_of: str, repeat: int) -> None:
    """Run the specification's queries on the accepted events."""
    connection = _connect(warehouse)
    connection.execute("use memory")
    connection.execute("create view events as from warehouse.main.int_events")
    results: dict[str, Any] = {}
    for name in SPECIFIED:
        query = (SQL / f"specified_{name}.sql").read_text().replace("{as_of}", as_of)
        results[name] = _written(connection, name, query, repeat)
        connection.execute(f"drop table {name}")
    _say(results)


@main.command()
@click.argument("warehouse", type=_path)
@click.argument("folder", type=_path)
@click.option("--person-days", default=0, help="Copy people until there are about so many rows.")
def export(warehouse: Path, folder: Path, person_days: int) -> None:
    """Write what the peer reads, as one Parquet file a table."""
    connection = _connect(warehouse)
    folder.mkdir(parents=True, exist_ok=True)
    days = _one(connection, "select count(*) from int_person_days")
    copies = max(1, -(-person_days // max(days, 1)))
    connection.execute(
        f"""
        create table memory.int_person_days as
        select
            tenant_id,
            user_id || '-' || copies.copy as user_id,
            activity_date,
            activity_events,
            engagement_events
        from warehouse.main.int_person_days
        cross join range({copies}) as copies (copy)
        """
    )
    exports = {
        "events": """
            select tenant_id, event_id, anonymous_id, user_id, event_name, timestamp,
                client_session_id, page_path, page_referrer, device_type, os_name, browser_name,
                locale
            from int_events
        """,
        "renames": "select tenant_id, user_id, final_user_id from int_user_renames",
        "person_days": """
            select
                tenant_id,
                user_id,
                cast(dense_rank() over (order by tenant_id, user_id) as uinteger) as user_number,
                activity_date,
                activity_events > 0 as is_active,
                engagement_events > 0 as is_engaged,
                activity_events,
                engagement_events
            from memory.int_person_days
        """,
        "engaged_days": """
            select tenant_id, user_id, activity_date, last_engagement_at
            from int_person_days
            where engagement_events > 0
        """,
        "people": """
            select tenant_id, user_id, signup_at
            from int_people
            where signup_at is not null
        """,
    }
    counts = {}
    for name, query in exports.items():
        file = folder / f"{name}.parquet"
        (counts[name],) = connection.execute(f"copy ({query}) to '{file}'").fetchone() or (0,)
    _say({"rows": counts, "copies_of_people": copies})


@main.command()
@click.argument("warehouse", type=_path)
@click.argument("target", type=_path)
@click.argument("folder", type=_path)
@click.option("--repeat", default=1)
def models(warehouse: Path, target: Path, folder: Path, repeat: int) -> None:
    """Write the models' tables by their own compiled SQL, and compare with the peer's.

    Sessions and retention read the warehouse. Rolling actives read the person-days that were
    exported for the peer, as a table of DuckDB's own.
    """
    connection = _connect(warehouse)
    out = folder / "ours.duckdb"
    out.unlink(missing_ok=True)
    connection.execute(f"attach '{out}' as ours")
    connection.execute(
        "create table ours.main.int_person_days as "
        f"select * exclude (user_number) from '{folder / 'person_days.parquet'}'"
    )
    connection.execute("checkpoint ours")
    results: dict[str, Any] = {}
    for task, names in MODELS.items():
        steps = {}
        for name in names:
            query = (target / "compiled/bioqms/models" / f"{name}.sql").read_text()
            if task == "rolling_actives":
                query = query.replace(
                    '"warehouse"."main"."int_person_days"', '"ours"."main"."int_person_days"'
                )
            table = Path(name).name
            steps[table] = _written(connection, f"ours.main.{table}", query, repeat)
        seconds = [sum(step["seconds"][n] for step in steps.values()) for n in range(repeat)]
        results[task] = {
            "seconds": seconds,
            "median": median(seconds),
            "cpu_seconds": sum(step["cpu_seconds"] for step in steps.values()),
            "steps": steps,
        }
    connection.execute("use ours")
    _say({"tasks": results, "comparison": _compared(connection, folder)})


def _compared(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    """Rows of each of the peer's tables, and how many of either side the other has not."""
    compared = {}
    for name, ours in COMPARED.items():
        file = folder / f"peer_{name}.parquet"
        if not file.exists():
            continue
        columns = [column[0] for column in connection.execute(f"describe {ours}").fetchall()]
        listed = ", ".join(columns)
        peer = f"select {listed} from '{file}'"
        compared[name] = {
            "our_rows": _one(connection, f"select count(*) from ({ours})"),
            "peer_rows": _one(connection, f"select count(*) from ({peer})"),
            "only_ours": _one(connection, f"select count(*) from ({ours} except all {peer})"),
            "only_peers": _one(connection, f"select count(*) from ({peer} except all {ours})"),
        }
    return compared


def _connect(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """Open a warehouse for reading, under the name and with the settings that the models know."""
    connection = duckdb.connect(
        config={
            "memory_limit": os.environ.get("BIOQMS_DUCKDB_MEMORY", "80%"),
            "preserve_insertion_order": False,
            "temp_directory": str(warehouse.with_suffix(".tmp")),
        }
    )
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    connection.execute("use warehouse")
    return connection


def _marts(target: Path) -> list[str]:
    """The marts that are tables."""
    nodes = json.loads((target / "manifest.json").read_text())["nodes"].values()
    return [
        node["name"]
        for node in nodes
        if node["resource_type"] == "model"
        and node["fqn"][1] == "marts"
        and node["config"]["materialized"] == "table"
    ]


def _written(
    connection: duckdb.DuckDBPyConnection, table: str, query: str, repeat: int
) -> dict[str, Any]:
    """Write a query's rows into a table, a few times; the table of the last time stays."""
    before = time.process_time()
    seconds = _timed(
        lambda: connection.execute(f"create or replace table {table} as\n{query}"), repeat
    )
    cpu = (time.process_time() - before) / repeat
    count = _one(connection, f"select count(*) from {table}")
    return {"seconds": seconds, "median": median(seconds), "cpu_seconds": cpu, "rows": count}


def _timed(step: Callable[[], object], repeat: int) -> list[float]:
    seconds = []
    for _ in range(repeat):
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    return seconds


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    assert row  # noqa: S101 - a count has one row
    return int(row[0])


def _say(document: Any) -> None:
    print(json.dumps(document))


if __name__ == "__main__":
    main()
