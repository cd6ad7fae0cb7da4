"""What a person at the keyboard reads of `bioqms build` and its kin."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.cli.small_project import NEVER, SmallProject
from tests.ingest.collector import BIOQMS


@pytest.fixture
def small(tmp_path: Path) -> SmallProject:
    """A project, and nothing built."""
    return SmallProject(tmp_path)


def query(project: SmallProject, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def only_line(text: str) -> str:
    """The one line that a text is."""
    (line,) = text.splitlines()
    return line


@contextmanager
def held(warehouse: Path, *, read_only: bool) -> Iterator[int]:
    """Another process that has the warehouse open; yields its pid."""
    code = (
        f"import duckdb, sys; c = duckdb.connect({str(warehouse)!r}, read_only={read_only}); "
        "print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        process.stdout.readline()
        try:
            yield process.pid
        finally:
            process.kill()


def test_a_build_says_what_it_built_what_it_found_and_where(small: SmallProject) -> None:
    done = small.run("build", "--as-of", "2026-02-16")
    assert (done.returncode, done.stderr) == (0, "")
    *told, took = done.stdout.splitlines()
    assert told == [
        "every model is built and tested",
        "built   3 models",
        "tested  2 passed, 1 warned",
        "  test no_letter_e: 1 row failed",
        "as of   2026-02-16",
        "where   data/warehouse.duckdb",
    ]
    assert re.fullmatch(r"took    \d+ s", took)
    quiet = small.run("build", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    verbose = small.run("build", "--verbose")
    assert "1 of 6 OK created sql view model main.words" in verbose.stdout
    assert verbose.stdout.splitlines()[-7] == "every model is built and tested"


def test_a_failure_names_the_node_the_reason_and_the_log(small: SmallProject) -> None:
    small.write("models", "letters", "select id, wrong_column from {{ ref('words') }}")
    small.write("models", "alone", "select unnest([1, 2]) as id")
    small.write("tests", "nobody", "select * from {{ ref('alone') }}")
    done = small.run("build", "--quiet")
    assert (done.returncode, done.stdout) == (1, "")
    first, *named, log, advice = done.stderr.splitlines()
    assert first == "Error: 2 of 8 failed; skipped 4 that depend on them"
    assert sorted(named)[1:] == ["  test nobody: 2 rows failed"]
    assert sorted(named)[0].startswith("  model letters: Binder Error: Referenced column")
    assert log == f"log: {small.log.relative_to(small.folder.parent)}"
    assert "wrong_column" in small.log.read_text()
    assert "run the same command again" in advice


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("command", ["build", "backfill"])
def test_a_warehouse_in_use_is_told_with_its_user_before_dbt_starts(
    small: SmallProject, command: str, read_only: bool
) -> None:
    small.data.mkdir()
    duckdb.connect(str(small.warehouse)).close()
    days = ["--from", "2026-02-01", "--to", "2026-02-02"] if command == "backfill" else []
    with held(small.warehouse, read_only=read_only) as pid:
        done = small.run(command, *days)
    assert (done.returncode, done.stdout) == (1, "")
    told = only_line(done.stderr)
    assert told.startswith("Error: data/warehouse.duckdb is in use by `")
    assert "-c import duckdb, sys" in told
    assert f"(pid {pid}): close it there or wait until it ends, then run this again" in told
    assert not small.log.exists()


def test_a_check_beside_a_writer_says_who_writes(small: SmallProject) -> None:
    small.data.mkdir()
    duckdb.connect(str(small.warehouse)).close()
    with held(small.warehouse, read_only=False) as pid:
        done = small.run("check")
    assert (done.returncode, done.stdout) == (2, "")
    assert only_line(done.stderr).startswith("cannot check: data/warehouse.duckdb is in use by `")
    assert f"(pid {pid})" in done.stderr


def test_a_file_that_is_no_warehouse_is_told(small: SmallProject) -> None:
    small.data.mkdir()
    small.warehouse.write_text("not a database, but long enough to be looked into\n" * 500)
    told = only_line(small.run("build").stderr)
    assert told.startswith("Error: cannot open data/warehouse.duckdb (")
    assert "build again from the log" in told


def test_a_selection_is_built_with_the_parents_that_are_not_there(small: SmallProject) -> None:
    done = small.run("build", "--select", "letters")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:4] == [
        "the selected models are built and tested",
        "built   2 models",
        "parents 1 of these did not exist yet",
        "tested  1 passed",
    ]
    built = "select view_name from duckdb_views() where not internal order by 1"
    assert query(small, built) == [("letters",), ("words",)]
    # What is there stays as it is, and no test runs that reads more than what is there.
    small.write("models", "words", "select 2 as id, 'two' as word")
    again = small.run("build", "--select", "counts")
    assert again.stdout.splitlines()[1] == "built   1 model"
    assert query(small, "select id from words") == [(1,)]


@pytest.mark.parametrize(
    ("select", "told"),
    [
        (["nosuch"], "--select nosuch matches nothing: use the names of models"),
        (["lettres"], "--select lettres matches nothing: did you mean letters?"),
        (["letters", "--select", "nosuch"], "--select nosuch matches nothing"),
        (["letters,tag:none"], "--select letters,tag:none matches nothing"),
        (["state:new"], "--select state:new: "),
    ],
)
def test_a_selection_of_nothing_is_an_error(
    small: SmallProject, select: list[str], told: str
) -> None:
    done = small.run("build", "--select", *select)
    assert (done.returncode, done.stdout) == (1, "")
    assert only_line(done.stderr).startswith(f"Error: {told}")
    assert not small.warehouse.exists()


@pytest.mark.parametrize(
    ("command", "day"),
    [
        (["build", "--as-of"], "2026-13-01"),
        (["build", "--as-of"], "tomorrow"),
        (["build", "--as-of"], ""),
        (["backfill", "--from"], "2026-02-30"),
        (["check", "--as-of"], "9999-12-31"),
        (["sample", "--end"], "16.02.2026"),
    ],
)
def test_a_wrong_date_is_one_line(small: SmallProject, command: list[str], day: str) -> None:
    done = small.run(*command, day)
    assert (done.returncode, done.stdout) == (2, "")
    assert only_line(done.stderr).startswith(f"Error: {command[-1]} {day!r} is not a date")
    assert "YYYY-MM-DD" in done.stderr


def test_a_data_folder_that_cannot_be_written_is_one_line(small: SmallProject) -> None:
    (small.folder.parent / "file").write_text("")
    for command, told in ((["build"], "cannot write to"), (["load", "file"], "cannot use")):
        done = small.run(*command, "--data", "file/data")
        assert (done.returncode, done.stdout) == (1, "")
        assert only_line(done.stderr).startswith(f"Error: {told} file/data")
    closed = small.folder.parent / "closed"
    closed.mkdir(mode=0o555)
    # What root may not write, either: its folder for dbt is a file.
    (small.folder.parent / "full").mkdir()
    (small.folder.parent / "full" / "dbt").write_text("")
    for folder in ("full", *(["closed"] if os.geteuid() else [])):
        told = only_line(small.run("build", "--data", folder).stderr)
        assert told.startswith(f"Error: cannot write to {folder} (")
        assert "--data or BIOQMS_DATA" in told


def test_a_missing_or_wrong_project_is_one_line(small: SmallProject) -> None:
    missing = small.run("build", BIOQMS_PROJECT="/nowhere")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert only_line(missing.stderr).startswith("Error: no dbt_project.yml in /nowhere: set")
    described = (small.folder / "dbt_project.yml").read_text()
    for wrong, reason in (
        ("name: small\nversion: [", "Syntax error"),
        (described.replace("bioqms", "other"), "Could not find profile named 'other'"),
        (described.replace("name: small\n", ""), 'Required "name" field not present'),
    ):
        (small.folder / "dbt_project.yml").write_text(wrong)
        done = small.run("build")
        assert (done.returncode, done.stdout) == (1, "")
        told = only_line(done.stderr)
        assert told.startswith("Error: dbt stopped: ")
        assert reason in told
        assert "(project: project, log: data/dbt/logs/dbt.log)" in told


def test_an_error_in_the_project_is_one_line(small: SmallProject) -> None:
    small.write("models", "letters", "select * from {{ ref('nowhere') }}")
    told = only_line(small.run("build").stderr)
    assert "depends on a node named 'nowhere' which was not found" in told
    target = only_line(small.run("build", "--target", "elsewhere").stderr)
    assert "does not have a target named 'elsewhere'" in target


@pytest.mark.parametrize("voice", [[], ["--quiet"]])
def test_ctrl_c_is_one_line_and_status_130(small: SmallProject, voice: list[str]) -> None:
    # A table: a view of an endless query is made at once.
    endless = "{{ config(materialized='table') }}\n-- depends_on: {{ ref('counts') }}\n" + NEVER
    small.write("models", "endless", endless)
    with subprocess.Popen(
        [BIOQMS, "build", *voice], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=small.environment(), start_new_session=True,
    ) as process:  # fmt: skip
        wait_for(small.log, "START sql table model main.endless")
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert re.fullmatch(
        r"Interrupted: \d of 7 are done; run the same command again to build the rest\.\n", told
    )
    small.write("models", "endless", "select 0 as n")
    assert small.run("build").returncode == 0


def wait_for(log: Path, text: str) -> None:
    until = time.monotonic() + 120
    while not (log.exists() and text in log.read_text()):
        assert time.monotonic() < until, log.read_text() if log.exists() else "no log"
        time.sleep(0.05)


@pytest.mark.parametrize("columns", [40, 80])
def test_a_terminal_shows_a_bar_that_fits_and_then_the_outcome(
    small: SmallProject, columns: int
) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [BIOQMS, "build", "--as-of", "2026-02-16"], stdin=theirs, stdout=theirs, stderr=theirs,
        env=small.environment(), cwd=small.folder.parent,
    ) as process:  # fmt: skip
        os.close(theirs)
        output = b"".join(iter(lambda: read(ours), b"")).decode()
    os.close(ours)
    assert process.returncode == 0
    lines = [re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", line) for line in re.split(r"[\r\n]+", output)]
    assert any(re.match(r"reading .+ 0:00:\d\d", line) for line in lines)
    assert any(re.match(r"building .+ 6/6 0:00:\d\d", line) for line in lines)
    assert max(map(len, lines)) <= columns
    assert "where   data/warehouse.duckdb" in lines


def read(terminal: int) -> bytes:
    """What a terminal shows next; nothing at its end, which Linux calls an error."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""
