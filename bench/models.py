"""What the models cost: a full build, a plain day, a day with late events, beside floors and peers.

    python -m bench.models --events 10000000 --days 90 --tenants 50

Every step runs in a process of its own; this one only starts them and adds up.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

import click

from bench import report
from bench.builds import Build, build, environment, start_up, target
from bench.process import ROOT, Usage, run_json
from bench.world import LATE_DAYS, LATE_SHARE, World, as_json, land, parts

PEER_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
# A fixed day, so that two runs measure the same events.
END = "2026-10-31"
# The issue of the peer's time was measured on so many person-days for ten million events.
_PERSON_DAYS_PER_EVENT = 0.32
_GIGABYTE = 1_000_000_000


@click.command()
@click.option("--events", default=10_000_000, show_default=True, type=click.IntRange(1_000))
@click.option("--days", default=90, show_default=True, type=click.IntRange(3))
@click.option("--tenants", default=50, show_default=True, type=click.IntRange(1, 50))
@click.option("--seed", default=42, show_default=True)
@click.option("--end", default=END, show_default=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--memory-gb", default=8, show_default=True, help="DuckDB's memory limit.")
@click.option("--cores", default=2, show_default=True, help="Cores that every step may use.")
@click.option("--repeat", default=3, show_default=True, help="Times to run what is cheap.")
@click.option("--peer/--no-peer", default=True, show_default=True, help="Compare with chdb.")
@click.option(
    "--peer-memory-gb",
    default=20,
    show_default=True,
    help="chdb's memory limit: ten million events' sessions do not fit into 8 GB of it.",
)
@click.option("--half/--no-half", default=True, show_default=True, help="Build half the history.")
@click.option(
    "--work",
    default=ROOT / ".work" / "bench",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the log, the warehouses and models.json go.  [.work/bench]",
)
def main(
    events: int,
    days: int,
    tenants: int,
    seed: int,
    end: dt.datetime,
    memory_gb: int,
    cores: int,
    repeat: int,
    peer: bool,
    peer_memory_gb: int,
    half: bool,
    work: Path,
) -> None:
    """Measure builds of a sample world and print them beside what they should reach."""
    if peer and not PEER_PYTHON.exists():
        raise click.ClickException("chdb is missing: run `make bench-setup`, or add --no-peer")
    if hasattr(os, "sched_setaffinity"):
        # Children inherit it, and engines take the number of their threads from it.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    world = World(events, days, tenants, seed, end.date())
    bench = _Bench(world, work.resolve(), memory_gb, cores, repeat)
    bench.make_world()
    if half and world.middle_day:
        bench.build_half(world.middle_day)
    bench.build_all()
    bench.measure_floor()
    bench.run_specification()
    if peer:
        bench.compare_with_peer(peer_memory_gb * _GIGABYTE)
    bench.build_increments()
    document = bench.document()
    (bench.work / "models.json").write_text(json.dumps(document, indent=1) + "\n")
    report.show(document)
    click.echo(f"\neverything in numbers: {bench.work / 'models.json'}")


class _Bench:
    """The steps, in the order in which they must come, and what they found."""

    def __init__(self, world: World, work: Path, memory_gb: int, cores: int, repeat: int) -> None:
        self.world, self.work, self.repeat = world, work, repeat
        self.cores = cores
        self.limit = f"{memory_gb}GB"
        self.input = work / "input" / world.name
        self.data, self.half, self.empty = work / "data", work / "half", work / "empty"
        self.builds: dict[str, Build] = {}
        self.results: dict[str, Any] = {}
        for folder in (self.data, self.half, self.empty):
            shutil.rmtree(folder, ignore_errors=True)
            (folder / "log").mkdir(parents=True)

    def make_world(self) -> None:
        """Write the log, unless an earlier run wrote the same one."""
        if not (self.input / "written.json").exists():
            _say("writing the log")
            usage, _ = self._python("bench.world", as_json(self.world), str(self.input))
            self.results["writing_the_log"] = _plain(usage)
        self.results["input"] = parts(self.input)

    def build_half(self, middle: dt.date) -> None:
        """Build half of the history and one day on top: does a day's memory grow with history?"""
        land(self.input, "early", self.half)
        before = middle - dt.timedelta(days=1)
        self._build("full build, half the history", self.half, before)
        land(self.input, "middle", self.half)
        self._build("plain day on half the history", self.half, middle)
        shutil.rmtree(self.half)

    def build_all(self) -> None:
        """Build an empty log, then the whole history, then nothing new; and dbt's own start-up."""
        self._build("an empty log", self.empty, self.world.base_end)
        shutil.rmtree(self.empty)
        for part in ("early", "middle", "rest"):
            if part in self.results["input"]:
                land(self.input, part, self.data)
        self._build("full build", self.data, self.world.base_end)
        # The compiled SQL of a full build: the next one's would be an increment's.
        shutil.copytree(target(self.data), self.work / "target", dirs_exist_ok=True)

    def measure_floor(self) -> None:
        """Read the log and write the marts' bytes, once, with no work in between."""
        _say("scan floor")
        usage, found = self._duck(
            "floor", self._warehouse, self.work / "target", self.work / "floor.duckdb"
        )
        self.results["floor"] = found | {"process": _plain(usage)}

    def run_specification(self) -> None:
        """Run the specification's queries."""
        _say("the specification's queries")
        as_of = self.world.base_end.isoformat()
        usage, found = self._duck("specification", self._warehouse, "--as-of", as_of)
        self.results["specification"] = {"queries": found, "process": _plain(usage)}

    def compare_with_peer(self, memory_bytes: int) -> None:
        """Run chdb on exported files, and our models on the warehouse they came from."""
        _say("chdb, and our models for the same")
        folder = self.work / "peer"
        shutil.rmtree(folder, ignore_errors=True)
        wanted = int(self.world.events * _PERSON_DAYS_PER_EVENT)
        _, exported = self._duck(
            "export", self._warehouse, folder, "--person-days", str(wanted), repeat=False
        )
        peer_usage, peer = run_json(
            [
                str(PEER_PYTHON),
                str(ROOT / "bench" / "peer.py"),
                f"--folder={folder}",
                f"--as-of={self.world.base_end}",
                f"--threads={self.cores}",
                f"--memory-bytes={memory_bytes}",
                f"--repeat={self.repeat}",
            ],
            environment(self.data, self.limit),
        )
        our_usage, ours = self._duck("models", self._warehouse, self.work / "target", folder)
        self.results["peer"] = {
            "exported": exported,
            "chdb": peer | {"process": _plain(peer_usage)},
            "ours": ours["tasks"],
            "ours_process": _plain(our_usage),
            "comparison": ours["comparison"],
        }
        shutil.rmtree(folder)

    def build_increments(self) -> None:
        """Build nothing new, a plain day, a day with late events; and dbt's own start-up."""
        # A new as_of_date makes dbt parse again, so each of these has one of its own, as days have.
        _say("dbt's start-up")
        days = [self.world.base_end - dt.timedelta(days=n + 1) for n in range(self.repeat)]
        starts = [start_up(self.data, day, self.limit) for day in days]
        self.results["start_up"] = {
            "wall_seconds": median(start.wall_seconds for start in starts),
            "cpu_seconds": median(start.cpu_seconds for start in starts),
            "peak_bytes": max(start.peak_bytes for start in starts),
        }
        self._build("nothing new", self.data, self.world.base_end)
        land(self.input, "plain", self.data)
        self._build("plain day", self.data, self.world.plain_day)
        land(self.input, "late", self.data)
        self._build("late day", self.data, self.world.end)

    def document(self) -> dict[str, Any]:
        """All that was found."""
        return {
            "world": asdict(self.world) | {"end": self.world.end.isoformat()},
            "late": {"share": LATE_SHARE, "days": min(LATE_DAYS, self.world.days)},
            "cores": self.cores,
            "memory_limit": self.limit,
            "repeat": self.repeat,
            "builds": {
                name: {
                    "process": _plain(one.usage),
                    "node_seconds": one.node_seconds,
                    "nodes": [asdict(node) for node in one.nodes],
                }
                for name, one in self.builds.items()
            },
            **self.results,
        }

    @property
    def _warehouse(self) -> Path:
        return self.data / "warehouse.duckdb"

    def _build(self, name: str, data: Path, as_of: dt.date) -> None:
        _say(name)
        self.builds[name] = build(data, as_of, self.limit)

    def _duck(self, *arguments: str | Path, repeat: bool = True) -> tuple[Usage, Any]:
        times = [f"--repeat={self.repeat}"] if repeat else []
        return self._python("bench.duck", *map(str, arguments), *times)

    def _python(self, module: str, *arguments: str) -> tuple[Usage, Any]:
        return run_json(
            [sys.executable, "-m", module, *arguments], environment(self.data, self.limit)
        )


def _plain(usage: Usage) -> dict[str, float]:
    return asdict(usage)


def _say(step: str) -> None:
    click.echo(f"bench: {step}", err=True)


if __name__ == "__main__":
    main()
