"""The drills of docs/operations.md, as they stand there: back up, lose all, restore, compare."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
BIOQMS = Path(sys.executable).with_name("bioqms")
AS_OF = "2026-06-30"
# Where people are known by an address, so that rows before and after a restore share one key.
PERSON = {"event_name": "page.viewed", "user_id": "ann@example.com", "tenant_id": "tnt_acme_pharma"}

Relations = dict[str, list[tuple[Any, ...]]]


def drill(name: str) -> str:
    """The block of the page that a comment names."""
    text = (ROOT / "docs" / "operations.md").read_text()
    [block] = re.findall(rf"<!-- {name} -->\n```sh\n(.*?)```", text, re.DOTALL)
    return str(block)


def run(script: str, data: Path, **variables: str) -> None:
    """Run a block as a reader would, in an environment where `bioqms` is found."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("BIOQMS_", "DBT"))
    }
    path = f"{BIOQMS.parent}{os.pathsep}{kept['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=kept | variables | {"BIOQMS_DATA": str(data), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def load(data: Path, name: str, lines: bytes) -> None:
    source = data.parent / f"{name}.jsonl"
    source.write_bytes(lines)
    run(f"bioqms load '{source}'", data)


def person(event_id: str, day: int) -> bytes:
    at = f"2026-06-{day:02}T10:00:00Z"
    return json.dumps(PERSON | {"event_id": event_id, "timestamp": at, "received_at": at}).encode()


def relations(data: Path) -> Relations:
    """All rows of what a build makes. When it ran, and what it noted of itself, is left out."""
    found: Relations = {}
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'main'"
        ).fetchall()
        for (name,) in names:
            if name == "build_ledger":
                continue
            columns = connection.execute(
                "select column_name from information_schema.columns where table_name = ?"
                " and not starts_with(column_name, '_') order by column_name",
                [name],
            ).fetchall()
            chosen = ", ".join(f'"{column}"' for (column,) in columns)
            rows = connection.execute(f'select {chosen} from "{name}"').fetchall()  # noqa: S608
            found[name] = sorted(rows, key=repr)
    return found


def users(data: Path) -> set[str]:
    """The pseudonyms of the person with the address."""
    with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as connection:
        ask = "select distinct user_id from stg_events where user_id like 'pii_%'"
        return {user for (user,) in connection.execute(ask).fetchall()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two days of segment history and a reject, and its backup."""
    folder = tmp_path_factory.mktemp("restore it")
    data = folder / "data"
    options = ["--events", "1500", "--days", "45", "--tenants", "2", "--end", AS_OF]
    sample = subprocess.run([BIOQMS, "sample", *options], capture_output=True, check=True).stdout
    load(data, "sample", sample + person("before", 28) + b"\n" + b'{"event_name": "page.viewed"}\n')
    for day in ("2026-06-15", AS_OF):
        run(f"bioqms build --as-of {day} --quiet", data)
    # What the collector is writing while the backup is made.
    busy = next((data / "log").rglob("*.jsonl")).with_suffix(".jsonl.open")
    busy.write_bytes(b'{"half a row')
    run(drill("back up"), data, BACKUP=str(folder / "backup.tar.gz"))
    return folder


@pytest.fixture(scope="module")
def before(folder: Path) -> Relations:
    return relations(folder / "data")


def test_the_restored_folder_has_the_numbers_of_before(folder: Path, before: Relations) -> None:
    """The drill: the folder is gone, another one takes its place, and goes on where it ended."""
    backup = folder / "backup.tar.gz"
    assert backup.stat().st_mode & 0o077 == 0
    [pseudonym] = users(folder / "data")
    (folder / "data").rename(folder / "lost")

    restored = folder / "another place"
    run(drill("restore"), restored, BACKUP=str(backup), AS_OF=AS_OF)
    after = relations(restored)
    assert set(after) == set(before)
    assert {name for name in before if after[name] != before[name]} == set()
    assert len(before["fct_sessions"]) > 0
    assert len(before["user_segment_snapshot"]) > len(before["user_rfm"])
    assert list((restored / "rejects").rglob("*.jsonl"))
    assert not list(restored.rglob("*.open"))

    # The key came with it: the same address is still the same person.
    load(restored, "after", person("after", 29) + b"\n")
    run(f"bioqms build --as-of {AS_OF} --quiet", restored)
    assert users(restored) == {pseudonym}
    shutil.rmtree(restored)


def test_a_lost_warehouse_comes_back_from_the_log(folder: Path, before: Relations) -> None:
    restored = folder / "from the log"
    run(
        f'mkdir "$BIOQMS_DATA"; tar -xzf "$BACKUP" -C "$BIOQMS_DATA"; rm "$BIOQMS_DATA"/warehouse*'
        f"\nbioqms build --as-of {AS_OF} --quiet",
        restored,
        BACKUP=str(folder / "backup.tar.gz"),
    )
    after = relations(restored)
    assert {name for name in before if after[name] != before[name]} == {"user_segment_snapshot"}


def test_a_warehouse_is_written_anew_with_an_older_storage_version(tmp_path: Path) -> None:
    data = tmp_path / "zoë's"
    data.mkdir()
    file = data / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table numbers as select range as n from range(1000)")
        connection.execute("create view half as select n from numbers where n < 500")
        connection.execute("comment on column numbers.n is 'A number.'")
    run(f'export PATH="{BIOQMS.parent}:$PATH"; ' + drill("storage version"), data)
    with duckdb.connect(str(file), read_only=True) as connection:
        ask = "select tags from duckdb_databases() where database_name = current_database()"
        assert connection.execute(ask).fetchone() == ({"storage_version": "v1.0.0+"},)
        assert connection.execute("select count(*) from half").fetchone() == (500,)
        ask = "select comment from duckdb_columns() where table_name = 'numbers'"
        assert connection.execute(ask).fetchone() == ("A number.",)
    assert list(data.iterdir()) == [file]
