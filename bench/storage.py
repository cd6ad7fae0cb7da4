"""What it costs to write the warehouse so that older DuckDB clients read it: size and CPU time.

    python -m bench.storage --events 200000

The same events are built with each storage version; the first is the one of profiles.yml.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import Console
from rich.table import Table

from bench.builds import build, environment
from bench.process import ROOT, run
from bench.world import World, as_json, land, parts

VERSIONS = ("v1.2.0", "v1.4.0", "latest")
"""The storage versions to compare: what each DuckDB release from that one on reads."""


@click.command()
@click.option("--events", default=200_000, show_default=True, type=click.IntRange(1_000))
@click.option("--days", default=60, show_default=True, type=click.IntRange(3))
@click.option("--tenants", default=5, show_default=True, type=click.IntRange(1, 50))
@click.option("--seed", default=42, show_default=True)
@click.option("--end", default="2026-10-31", show_default=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--repeat", default=3, show_default=True, help="Full builds of each version.")
@click.option(
    "--work",
    default=ROOT / ".work" / "bench",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the log and the warehouses go.  [.work/bench]",
)
def main(
    events: int, days: int, tenants: int, seed: int, end: dt.datetime, repeat: int, work: Path
) -> None:
    """Build a sample world with each storage version and print size and CPU time of each."""
    work = work.resolve()
    world = World(events, days, tenants, seed, end.date())
    log = _log(world, work)
    profiles = yaml.safe_load((ROOT / "profiles.yml").read_text())
    options = profiles["bioqms"]["outputs"]["local"]["config_options"]
    measured: dict[str, list[tuple[int, float]]] = {}
    for _ in range(repeat):
        for version in (options["storage_compatibility_version"], *VERSIONS):
            measured.setdefault(version, []).append(_build(world, log, work, profiles, version))
    _show(measured)


def _log(world: World, work: Path) -> Path:
    """The folder of the world's parts; made once."""
    folder = work / "input" / world.name
    if not (folder / "written.json").exists():
        run(
            [sys.executable, "-m", "bench.world", as_json(world), str(folder)],
            environment(work, "80%"),
        )
    return folder


def _build(
    world: World, log: Path, work: Path, profiles: dict[str, Any], version: str
) -> tuple[int, float]:
    """Bytes of the warehouse, CPU seconds of a full build that writes this storage version."""
    data = work / "storage"
    shutil.rmtree(data, ignore_errors=True)
    for part in parts(log):
        land(log, part, data)
    profiles["bioqms"]["outputs"]["local"]["config_options"] = {
        "storage_compatibility_version": version
    }
    (data / "profiles.yml").write_text(yaml.safe_dump(profiles))
    done = build(data, world.end, "80%", profiles=data)
    return (data / "warehouse.duckdb").stat().st_size, done.usage.cpu_seconds


def _show(measured: dict[str, list[tuple[int, float]]]) -> None:
    """Print the smallest of each; a build's size differs a little from run to run."""
    table = Table("storage version", "warehouse, MB", "full build, CPU s")
    for version, builds in measured.items():
        size = min(size for size, _ in builds)
        table.add_row(version, f"{size / 1e6:.1f}", f"{min(seconds for _, seconds in builds):.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
