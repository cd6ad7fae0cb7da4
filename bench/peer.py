"""The peer: chdb doing sessions, rolling actives and monthly retention on exported files.

Runs in the environment `.venv-bench`, so it imports nothing of this project. Prints JSON.
"""
# ruff: noqa: S608 - queries are put together from this project's own text

from __future__ import annotations

import argparse
import json
import shutil
import time
from pathlib import Path
from statistics import median

from chdb.session import Session

SQL = Path(__file__).with_name("sql")

# The exported files as tables of the engine's own, without nulls where there are none: nulls cost
# it time, and the models read tables of their engine's own too.
TABLES = {
    "events": """
        select
            assumeNotNull(tenant_id) as tenant_id,
            assumeNotNull(event_id) as event_id,
            ifNull(anonymous_id, '') as anonymous_id,
            toNullable(user_id) as user_id,
            assumeNotNull(event_name) as event_name,
            assumeNotNull(timestamp) as at,
            client_session_id, page_path, page_referrer, device_type, os_name, browser_name, locale
        from file('{folder}/events.parquet')
    """,
    "renames": """
        select
            assumeNotNull(tenant_id) as tenant_id,
            assumeNotNull(user_id) as user_id,
            toNullable(final_user_id) as final_user_id
        from file('{folder}/renames.parquet')
    """,
    "person_days": """
        select
            assumeNotNull(tenant_id) as tenant_id,
            assumeNotNull(user_id) as user_id,
            assumeNotNull(user_number) as user_number,
            assumeNotNull(activity_date) as activity_date,
            assumeNotNull(is_active) as is_active,
            assumeNotNull(is_engaged) as is_engaged
        from file('{folder}/person_days.parquet')
    """,
    "engaged_days": """
        select
            assumeNotNull(tenant_id) as tenant_id,
            assumeNotNull(user_id) as user_id,
            assumeNotNull(activity_date) as activity_date,
            assumeNotNull(last_engagement_at) as last_engagement_at
        from file('{folder}/engaged_days.parquet')
    """,
    "people": """
        select
            assumeNotNull(tenant_id) as tenant_id,
            assumeNotNull(user_id) as user_id,
            assumeNotNull(signup_at) as signup_at
        from file('{folder}/people.parquet')
    """,
}
QUERIES = (
    "sessions_core",
    "sessions",
    "rolling_actives",
    "rolling_actives_plain",
    "rolling_actives_numbered",
    "monthly_retention",
)


def main() -> None:
    """Load the files, write each query's table a few times, and export what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--as-of", required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--memory-bytes", type=int, required=True)
    parser.add_argument("--repeat", type=int, required=True)
    arguments = parser.parse_args()
    folder: Path = arguments.folder.resolve()

    home = folder / "chdb"
    shutil.rmtree(home, ignore_errors=True)
    session = Session(str(home))
    session.query(f"set max_threads = {arguments.threads}")
    session.query(f"set max_memory_usage = {arguments.memory_bytes}")
    version = str(session.query("select version()", "TabSeparated")).strip()
    session.query("set join_use_nulls = 1")
    session.query("create database peer engine = Atomic")
    session.query("use peer")

    started = time.perf_counter()
    for name, query in TABLES.items():
        columns = query.format(folder=folder)
        session.query(f"create table {name} engine = MergeTree order by tuple() as {columns}")
    took = time.perf_counter() - started
    results: dict[str, dict[str, object]] = {"load": {"seconds": [took], "median": took}}

    for name in QUERIES:
        query = (SQL / f"peer_{name}.sql").read_text().replace("{as_of}", arguments.as_of)
        results[name] = _timed(session, name, query, arguments.repeat)
        file = folder / f"peer_{name}.parquet"
        file.unlink(missing_ok=True)
        session.query(
            f"insert into function file('{file}', 'Parquet') select * from written_{name}"
        )
    session.close()
    shutil.rmtree(home, ignore_errors=True)
    print(json.dumps({"version": version, "queries": results}))


def _timed(session: Session, name: str, query: str, repeat: int) -> dict[str, object]:
    seconds = []
    before = time.process_time()
    for _ in range(repeat):
        session.query(f"drop table if exists written_{name} sync")
        started = time.perf_counter()
        session.query(f"create table written_{name} engine = MergeTree order by tuple() as {query}")
        seconds.append(time.perf_counter() - started)
    cpu = (time.process_time() - before) / repeat
    return {"seconds": seconds, "median": median(seconds), "cpu_seconds": cpu}


if __name__ == "__main__":
    main()
