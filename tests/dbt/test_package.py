"""integration_tests/: a project with events of its own that installs this one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
import yaml

from tests.dbt.project import ROOT, succeeded
from tests.dbt.project import dbt as standalone_dbt
from tests.models.compare import compare, report
from tests.models.harness import Tables, read
from tests.models.play import Batch, prefix
from tests.models.test_incremental import comparable
from tests.models.worlds import as_of_date, world

HOST = ROOT / "integration_tests"
AS_OF = as_of_date(Random(5))
WORLDS = 10
TELEMETRY = "shop_telemetry"
OFF = {"use_cohorts": False}
# A click of the host, by the name of the same in an event.
COLUMNS = {
    "click_id": "event_id",
    "what": "event_name",
    "what_version": "event_version",
    "happened_at": "timestamp",
    "sent_at": "sent_at",
    "received_at": "received_at",
    "visit": "session_id",
    "customer": "user_id",
    "browser": "anonymous_id",
    "shop": "tenant_id",
    "context": "context",
    "properties": "properties",
    "traits": "traits",
}
NO_TESTS = ("--exclude-resource-type", "unit_test", "test")


class Host:
    """The host's warehouse in a folder of its own; dbt runs in integration_tests/ itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def dbt(
        self, *command: str, variables: dict[str, Any] | None = None, profiles: Path = HOST
    ) -> subprocess.CompletedProcess[str]:
        """Run dbt as somebody in the host's folder would."""
        environment = os.environ | {
            "SHOP_DATA": str(self.folder),
            "DBT_TARGET_PATH": str(self.folder / "target"),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_PROFILES_DIR": str(profiles),
            "DO_NOT_TRACK": "1",
        }
        given = ["--vars", json.dumps({"as_of_date": str(AS_OF)} | (variables or {}))]
        return subprocess.run(
            [
                sys.executable,
                "-m",
                "dbt.cli.main",
                *command,
                *([] if command[0] == "deps" else given),
            ],
            cwd=HOST,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(str(self.folder / "host.duckdb")) as connection:
            connection.execute("set TimeZone = 'UTC'")
            yield connection

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connect() as connection:
            return connection.execute(sql).fetchall()

    def append(self, rows: Batch) -> None:
        """What the shop does all day."""
        with self.connect() as connection:
            columns = ", ".join(COLUMNS)
            connection.executemany(
                f"insert into shop_raw.clicks ({columns}) values ({', '.join('?' * len(COLUMNS))})",  # noqa: S608
                [[text(row.get(field)) for field in COLUMNS.values()] for row in rows],
            )

    def tables(self) -> Tables:
        """The package's tables and views, without bookkeeping."""
        names = self.query(
            f"select table_name from information_schema.tables where table_schema = '{TELEMETRY}'"  # noqa: S608
        )
        with self.connect() as connection:
            connection.execute(f"set schema = '{TELEMETRY}'")
            return comparable({name: read(connection, name) for (name,) in names})

    def own(self) -> list[Any]:
        """What is the host's own: its clicks in order, and a table by the name of our source."""
        return [
            self.query("select * from shop_raw.clicks order by rowid"),
            self.query("select sql from duckdb_views() where schema_name = 'raw'"),
            self.query("select * from raw.events"),
        ]

    def compiled(self) -> str:
        """All SQL of the last run."""
        results = json.loads((self.folder / "target" / "run_results.json").read_text())
        return "\n".join(result["compiled_code"] or "" for result in results["results"])


def text(value: Any) -> str | None:
    """A field of an event as the shop's text column holds it."""
    return value if isinstance(value, str | None) else json.dumps(value, separators=(",", ":"))


def batches() -> tuple[Batch, Batch]:
    """Random worlds, in two parts that know nothing of time, with exact copies in both."""
    rng = Random(5)
    rows = [row for number in range(WORLDS) for row in world(700 + number, AS_OF, prefix(number))]
    rng.shuffle(rows)
    half = len(rows) // 2
    return rows[:half] + rows[:9] + rows[:4], rows[half:] + rows[:6] + rows[half : half + 5]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Host:
    """A host that installed the package and built it three times, twice of what was appended."""
    host = Host(tmp_path_factory.mktemp("host"))
    succeeded(host.dbt("deps"))
    host.query("create schema raw")
    host.query("create view raw.events as select 'mine' as whose")
    succeeded(host.dbt("seed", "--select", "clicks"))
    succeeded(host.dbt("run", "--select", "product_events"))
    succeeded(host.dbt("build", "--exclude", "clicks"))  # the package's own tests too
    for batch in batches():
        host.append(batch)
        succeeded(host.dbt("build", "--exclude-resource-type", "seed", "unit_test", "test"))
    return host


@pytest.fixture(scope="module")
def incremental(host: Host) -> Tables:
    """What the builds of the fixture ended in."""
    return host.tables()


def test_the_host_s_own_tables_are_as_they_were(host: Host) -> None:
    before = host.own()
    assert before[2] == [("mine",)]
    assert len(before[0]) > 200
    succeeded(host.dbt("build", "--exclude", "clicks", *NO_TESTS))
    assert host.own() == before


def test_incremental_equals_full(host: Host, incremental: Tables) -> None:
    succeeded(host.dbt("run", "--full-refresh"))
    full = host.tables()
    differences = compare(full, incremental, sorted(full), every_column=True)
    assert not differences, report(differences)
    succeeded(host.dbt("test", "--select", "test_type:singular"))


def said_of_events(tables: Tables) -> Tables:
    """What follows from the events: not in what they landed, nor what was published when."""
    rejects = [dict(row, landing_key=None) for row in tables["event_rejects"]]
    return {name: rows for name, rows in tables.items() if name != "user_segment_snapshot"} | {
        "event_rejects": rejects
    }


def test_marts_equal_those_of_the_project_itself(
    host: Host, incremental: Tables, tmp_path: Path
) -> None:
    log = tmp_path / "data" / "log" / "date=2026-11-01" / "hour=00"
    log.mkdir(parents=True)
    host.query(f"copy (from host.shop.product_events) to '{log}/1.jsonl' (format json)")
    variables = json.dumps({"as_of_date": str(AS_OF)} | OFF)
    succeeded(standalone_dbt(tmp_path, "build", "--quiet", "--vars", variables, *NO_TESTS))
    with duckdb.connect(str(tmp_path / "data" / "warehouse.duckdb")) as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
        alone = comparable({name: read(connection, name) for (name,) in found})
    assert len(alone["fct_events"]) > 200
    assert set(alone) == set(incremental)
    expected, got = said_of_events(alone), said_of_events(incremental)
    differences = compare(expected, got, sorted(expected), every_column=True)
    assert not differences, report(differences)


def test_the_host_overrides_a_macro(host: Host) -> None:
    weekday = f"select distinct isodow(week_start_date) from {TELEMETRY}.weekly_product_health"  # noqa: S608
    assert host.query(weekday) == [(1,)]
    rebuild = ("run", "--select", "weekly_product_health")
    succeeded(host.dbt(*rebuild, variables={"week_begins_on": "sunday"}))
    assert host.query(weekday) == [(7,)]
    succeeded(host.dbt(*rebuild))


def test_tests_of_the_package_look_at_the_newest_days(host: Host) -> None:
    names = ["not_null_fct_events_event_id", "not_null_product_events_event_id"]
    succeeded(host.dbt("test", "--select", *names))
    assert "event_date >=" not in host.compiled()
    succeeded(host.dbt("test", "--select", *names, variables={"test_days": 3}))
    assert host.compiled().count("event_date >=") == 1  # not in the host's own test


def test_the_landing_log_does_not_take_a_table_that_is_not_its_own(host: Host) -> None:
    before = host.own()
    outcome = host.dbt(
        "run",
        "--select",
        "stg_events",
        variables={"use_landing_log": True, "events_schema": "raw", "events_table": "events"},
    )
    assert outcome.returncode != 0
    assert '"raw"."events" is not this project\'s view of the landing log' in outcome.stdout
    assert host.own() == before


def test_another_time_zone_is_refused(host: Host, tmp_path: Path) -> None:
    profile = yaml.safe_load((HOST / "profiles.yml").read_text())
    profile["shop"]["outputs"]["local"]["settings"]["TimeZone"] = "Europe/London"
    (tmp_path / "profiles.yml").write_text(yaml.safe_dump(profile))
    outcome = host.dbt("run", "--select", "stg_events", profiles=tmp_path)
    assert outcome.returncode != 0
    assert "time zone is Europe/London, and the models need UTC" in outcome.stdout


LOADS: dict[str, Any] = {"events_landing_key": "load_id", "events_landed_at": "loaded_at"}


def test_a_table_that_names_its_loads(host: Host, tmp_path: Path) -> None:
    """With a key and a time of landing only new rows are read, and the result is the same."""
    loads = Host(tmp_path)
    with loads.connect() as connection:
        connection.execute(f"attach '{host.folder}/host.duckdb' as theirs (read_only)")
        connection.execute("create schema shop")
        connection.execute(
            "create table shop.product_events as"
            " select *, ntile(3) over (order by md5(event_id)) as load_id,"
            " timestamp '2026-11-20' + to_days(ntile(3) over (order by md5(event_id))) as loaded_at"
            " from theirs.shop.product_events"
        )
        connection.execute("create table later as from shop.product_events where load_id > 1")
        connection.execute("delete from shop.product_events where load_id > 1")
    chosen = ("--select", "bioqms,config.materialized:incremental")
    succeeded(loads.dbt("seed", "--select", "event_catalog"))
    for load in (2, 3):
        succeeded(loads.dbt("run", *chosen, variables=LOADS))
        loads.query(f"insert into shop.product_events from later where load_id = {load}")
    succeeded(loads.dbt("run", *chosen, variables=LOADS))
    incremental = loads.tables()
    keys = loads.query(f"select _landing_key, count(*) from {TELEMETRY}.stg_events group by all")  # noqa: S608
    assert sorted(key for key, _ in keys) == ["1", "2", "3"]
    succeeded(loads.dbt("run", *chosen, "--full-refresh", variables=LOADS))
    full = loads.tables()
    assert full["int_events"]
    differences = compare(full, incremental, sorted(full), every_column=True)
    assert not differences, report(differences)
