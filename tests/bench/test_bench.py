"""The benchmarks work: what they print has the right parts. No test looks at a time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from bench.process import ROOT, StepError, run
from bench.report import verdicts
from bench.storage import VERSIONS
from bench.world import World, from_json, lines
from bench.world import as_json as world_as_json

PHASES = ["an empty log", "full build", "nothing new", "plain day", "late day"]
MIB = 1024**2


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What a tiny benchmark of the models printed, and its JSON."""
    work = tmp_path_factory.mktemp("bench")
    options = [
        "--events",
        "5000",
        "--days",
        "5",
        "--tenants",
        "3",
        "--repeat",
        "1",
        "--no-peer",
        "--memory-gb",
        "2",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "bench.models", *options, "--work", str(work)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, json.loads((work / "models.json").read_text())


def test_every_phase_is_measured(bench: tuple[str, dict[str, Any]]) -> None:
    printed, document = bench
    assert list(document["builds"]) == PHASES
    for phase in PHASES:
        assert phase in printed
        build = document["builds"][phase]
        assert build["process"]["cpu_seconds"] > 0
        assert build["process"]["peak_bytes"] > 50 * MIB
        nodes = {node["name"]: node for node in build["nodes"]}
        assert {"stg_events", "fct_sessions", "user_segment_snapshot", "tenants"} <= set(nodes)
        assert nodes["fct_events"]["rows"] is None


def test_the_phases_land_all_events(bench: tuple[str, dict[str, Any]]) -> None:
    _, document = bench
    landed = document["input"]
    assert list(landed) == ["early", "plain", "late"]
    assert sum(landed.values()) == 7000
    rows = [
        next(n["rows"] for n in document["builds"][p]["nodes"] if n["name"] == "stg_events")
        for p in PHASES
    ]
    assert rows[0] == 0 < rows[1] == rows[2] < rows[3] < rows[4] <= 7000


def test_floor_and_specification_stand_beside(bench: tuple[str, dict[str, Any]]) -> None:
    printed, document = bench
    assert document["floor"]["tables"] > 10
    assert document["floor"]["written_bytes"] > 0
    assert set(document["specification"]["queries"]) == {
        "sessions",
        "sessions_all_days",
        "monthly_retention",
        "rfm",
    }
    judged = verdicts(document)
    assert len(judged) == 3
    assert all(verdict.measured in printed for verdict in judged)


def test_each_storage_version_is_measured(tmp_path: Path) -> None:
    options = ["--events", "1000", "--days", "3", "--tenants", "1", "--repeat", "1"]
    _, printed = run(
        [sys.executable, "-m", "bench.storage", *options, "--work", str(tmp_path)], os.environ
    )
    rows = re.findall(r"│ (\S+) +│ (\S+) +│ (\S+) +│", printed)
    assert [version for version, _, _ in rows] == ["v1.0.0", *VERSIONS]
    assert all(float(size) > 0 and float(seconds) > 0 for _, size, seconds in rows)
    # The last one was really written by that version.
    with duckdb.connect(str(tmp_path / "storage" / "warehouse.duckdb"), read_only=True) as opened:
        ask = "select tags from duckdb_databases() where database_name = current_database()"
        assert opened.execute(ask).fetchone() != ({"storage_version": "v1.0.0+"},)


def test_days_of_receipt_belong_to_one_part() -> None:
    world = World(1000, 90, 2, 1, date(2026, 10, 31))
    assert world.part(date(2026, 10, 31)) == "late"
    assert world.part(date(2026, 10, 30)) == "plain"
    assert world.part(date(2026, 10, 29)) == "rest"
    assert world.middle_day is not None
    assert world.middle_day.weekday() == world.plain_day.weekday()
    assert world.part(world.middle_day) == "middle"
    assert world.part(date(2026, 8, 1)) == "early"
    assert from_json(world_as_json(world)) == world


def test_one_event_in_a_hundred_of_the_last_day_is_late() -> None:
    world = World(60_000, 20, 3, 1, date(2026, 10, 31))
    shifted: Counter[str] = Counter()
    count: Counter[str] = Counter()
    for part, line in lines(world):
        event = json.loads(line)
        count[part] += 1
        # Lines that were moved back are the ones that this benchmark wrote itself.
        if part == "late" and event.get("timestamp", "").endswith("+00:00"):
            shifted[part] += 1
            received = datetime.fromisoformat(event["received_at"])
            lag = received - datetime.fromisoformat(event["timestamp"])
            assert lag.days <= 20 + 21  # the sample's own late visits come on top
    assert sum(count.values()) == 66_000
    assert 0.003 < shifted["late"] / count["late"] < 0.02


def test_a_step_reports_its_own_memory_and_its_failure(tmp_path: Path) -> None:
    code = "x = bytearray(300 * 1024**2); print('said')"
    usage, said = run([sys.executable, "-c", code], os.environ)
    assert said == "said\n"
    assert usage.peak_bytes > 300 * MIB
    with pytest.raises(StepError, match="why"):
        run([sys.executable, "-c", "raise SystemExit('why')"], os.environ)


def document(**changed: float) -> dict[str, Any]:
    """Results that just meet every bound."""
    found = {
        "full": 60.0,
        "day": 10.0,
        "floor": 10.0,
        "start_up": 7.0,
        "ours_rolling": 1.0,
        "chdb_rolling": 5.0,
        "ours_sessions": 3.0,
        "chdb_sessions": 1.0,
        "day_peak": 1.15 * 1024,
        "half_peak": 1024,
        "peak": 8 * 1024**3 - 1,
    } | changed

    def build(seconds: float, peak: float) -> dict[str, Any]:
        return {"process": {"wall_seconds": seconds, "peak_bytes": peak}}

    return {
        "builds": {
            "plain day on half the history": build(1, found["half_peak"]),
            "full build": build(found["full"], found["peak"]),
            "plain day": build(found["day"], found["day_peak"]),
        },
        "start_up": {"wall_seconds": found["start_up"]},
        "floor": {"seconds": found["floor"]},
        "peer": {
            "chdb": {
                "queries": {
                    "rolling_actives": {"median": found["chdb_rolling"]},
                    "sessions": {"median": found["chdb_sessions"]},
                }
            },
            "ours": {
                "rolling_actives": {"median": found["ours_rolling"]},
                "sessions": {"median": found["ours_sessions"]},
            },
        },
    }


def test_bounds_are_met_at_their_limit() -> None:
    judged = verdicts(document())
    assert len(judged) == 6
    assert [verdict.bound for verdict in judged if not verdict.is_met] == []


@pytest.mark.parametrize(
    ("changed", "bound"),
    [
        ({"full": 60.1}, "full build"),
        ({"day": 10.1}, "plain day"),
        ({"ours_rolling": 1.1}, "rolling actives"),
        ({"ours_sessions": 3.1}, "sessions"),
        ({"peak": 8 * 1024**3}, "memory under"),
        ({"day_peak": 1.16 * 1024}, "a day's memory"),
    ],
)
def test_a_bound_is_missed_beyond_its_limit(changed: dict[str, float], bound: str) -> None:
    missed = [verdict.bound for verdict in verdicts(document(**changed)) if not verdict.is_met]
    assert len(missed) == 1
    assert missed[0].startswith(bound)
