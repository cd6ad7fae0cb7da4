"""dbt runs on a data folder, each in a process of its own."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.process import ROOT, Usage, run, run_json

_DBT = str(Path(sys.executable).with_name("dbt"))
LIGHTEST_MODEL = "metricflow_time_spine"


@dataclass(frozen=True)
class Node:
    """A seed, model or snapshot of a build. `rows` is None for a view."""

    name: str
    seconds: float
    rows: int | None


@dataclass(frozen=True)
class Build:
    """What a build cost as a process, and node by node."""

    usage: Usage
    nodes: list[Node]

    @property
    def node_seconds(self) -> float:
        """The time of all nodes; the rest of the wall time is dbt starting and stopping."""
        return sum(node.seconds for node in self.nodes)


def environment(data: Path, memory_limit: str) -> dict[str, str]:
    """The environment of a step: the caller's, with this data folder and memory limit."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    return kept | {
        "BIOQMS_DATA": str(data),
        "BIOQMS_TARGET": "local",
        "BIOQMS_DUCKDB_MEMORY": memory_limit,
        "DO_NOT_TRACK": "1",
    }


def build(data: Path, as_of: dt.date, memory_limit: str, profiles: Path = ROOT) -> Build:
    """Seeds, models and snapshots, as `bioqms build` runs them; tests are left out.

    `profiles` is the folder of the profiles.yml to use.
    """
    exclude = ["--exclude-resource-type", "unit_test", "--exclude-resource-type", "test"]
    usage, _ = run(
        _dbt(data, as_of, "build", *exclude, profiles=profiles),
        environment(data, memory_limit),
    )
    warehouse = str(data / "warehouse.duckdb")
    _, rows = run_json(
        [sys.executable, "-m", "bench.duck", "rows", warehouse], environment(data, memory_limit)
    )
    results = json.loads((target(data) / "run_results.json").read_text())["results"]
    nodes = []
    for result in results:
        kind, _, name = result["unique_id"].split(".")[:3]
        if kind == "exposure":
            continue
        nodes.append(Node(name, result["execution_time"], rows.get(name)))
    return Build(usage, nodes)


def start_up(data: Path, as_of: dt.date, memory_limit: str) -> Usage:
    """What dbt costs before and after its models: a run of the one that reads nothing."""
    usage, _ = run(
        _dbt(data, as_of, "run", "--select", LIGHTEST_MODEL), environment(data, memory_limit)
    )
    return usage


def target(data: Path) -> Path:
    """dbt's artefacts of a data folder."""
    return data / "dbt" / "target"


def _dbt(
    data: Path, as_of: dt.date, command: str, *options: str, profiles: Path = ROOT
) -> list[str]:
    return [
        _DBT,
        "--quiet",
        "--log-path",
        str(data / "dbt" / "logs"),
        command,
        "--project-dir",
        str(ROOT),
        "--profiles-dir",
        str(profiles),
        "--target-path",
        str(target(data)),
        "--vars",
        json.dumps({"as_of_date": as_of.isoformat()}),
        *options,
    ]
