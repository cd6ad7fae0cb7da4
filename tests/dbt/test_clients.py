"""Any promised DuckDB client reads all of the warehouse, from any folder, wherever the data lie."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt.project import ROOT, dbt, succeeded

READ_ALL = Path(__file__).with_name("read_all.py")
BIOQMS = Path(sys.executable).with_name("bioqms")
OLDEST = ROOT / ".venv-duckdb-oldest" / "bin" / "python"
CLIENTS = {
    "oldest": OLDEST,
    "before": ROOT / ".venv-bqemulator" / "bin" / "python",
    "own": Path(sys.executable),
}
# What a shell, SQL, and a file pattern take for something else.
NAME = "Zoë's [b] d*ta"


@dataclass(frozen=True)
class Built:
    """A warehouse after two builds: by dbt with a relative path, then moved, by `bioqms`."""

    data: Path
    keys_of_first_build: Counter[str]
    raw_after_first_build: list[Any]


def sample(folder: Path, name: str, seed: int) -> Path:
    """Some events of a made-up product."""
    file = folder / f"{name}.jsonl"
    options = ["--events", "1500", "--days", "45", "--tenants", "2", "--seed", str(seed)]
    done = subprocess.run(
        [BIOQMS, "sample", *options, "--end", "2026-06-30"], capture_output=True, check=True
    )
    file.write_bytes(done.stdout)
    return file


def load(file: Path, data: Path) -> None:
    subprocess.run([BIOQMS, "load", str(file), "--data", str(data)], check=True)


def lines_by_segment(data: Path) -> Counter[str]:
    """The rows of the landing log, by the segment's path in it."""
    log = data / "log"
    return Counter(
        {
            file.relative_to(log).as_posix(): len(file.read_text().splitlines())
            for file in log.rglob("*.jsonl")
        }
    )


def rows_by_key(data: Path) -> Counter[str]:
    """The rows that staging took, by the segment's key."""
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        ask = "select _landing_key, count(*) from stg_events group by _landing_key"
        return Counter(dict(connection.execute(ask).fetchall()))


def read_all(python: Path, data: Path, cwd: Path) -> dict[str, Any]:
    done = subprocess.run(
        [python, READ_ALL, data / "warehouse.duckdb"],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("clients")
    first = folder / "first" / NAME
    load(sample(folder, "one", 1), first)
    # `data/`, as a person might type it: relative, and not in the shortest spelling.
    relative = f"./{os.path.relpath(first, ROOT)}//"
    options = ["--vars", "{as_of_date: 2026-06-30}", "--exclude-resource-type", "unit_test", "test"]
    succeeded(dbt(folder, "build", "--quiet", *options, data=relative))
    keys = rows_by_key(first)
    raw = read_all(CLIENTS["own"], first, folder)["relations"]["raw.events"]

    moved = folder / "moved" / NAME
    moved.parent.mkdir()
    shutil.move(first, moved)
    load(sample(folder, "two", 2), moved)
    done = subprocess.run(
        [BIOQMS, "build", "--data", str(moved), "--as-of", "2026-06-30", "--quiet"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Built(moved, keys, raw)


def test_segments_keep_their_keys_when_the_folder_moves(built: Built) -> None:
    """No row is lost or taken twice, however the folder was named."""
    landed = lines_by_segment(built.data)
    assert len(built.keys_of_first_build) < len(landed)
    assert built.keys_of_first_build.items() < landed.items()
    assert rows_by_key(built.data) == landed


def test_raw_events_is_read_from_any_folder(built: Built) -> None:
    assert built.raw_after_first_build[0] == built.keys_of_first_build.total() > 0


def test_another_folder_of_a_like_name_is_not_read(built: Built, tmp_path: Path) -> None:
    """`d*ta` is a name here, not a pattern."""
    other = built.data.with_name("Zoë's [b] data")
    shutil.copytree(built.data / "log", other / "log")
    try:
        rows, _ = read_all(CLIENTS["own"], built.data, tmp_path)["relations"]["raw.events"]
    finally:
        shutil.rmtree(other)
    assert rows == lines_by_segment(built.data).total()


@pytest.mark.parametrize("client", ["oldest", "before"])
def test_every_relation_is_read(built: Built, client: str, tmp_path: Path) -> None:
    """Tables and views, raw.events too, with the very values that our own DuckDB reads."""
    if not CLIENTS[client].exists():
        pytest.fail("the clients are not installed: run `make setup-tests`")
    expected = read_all(CLIENTS["own"], built.data, tmp_path)["relations"]
    assert {"raw.events", "main.fct_events", "main.tenants", "main.user_segment_snapshot"} <= set(
        expected
    )
    assert expected["main.fct_sessions"][0] > 0
    assert read_all(CLIENTS[client], built.data, tmp_path)["relations"] == expected


def test_the_readme_promises_the_oldest_client_that_was_tested(built: Built) -> None:
    version = read_all(OLDEST, built.data, ROOT)["version"]
    promised = re.search(r"DuckDB (\d+\.\d+) or newer", (ROOT / "README.md").read_text())
    assert promised
    assert version.startswith(f"{promised[1]}.")
