"""Checks before dbt starts: there is a project, a writable folder, a free warehouse."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path

from bioqms.errors import CannotRun
from bioqms.project import as_shown, project_dir

_HOLDER = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_SHOWN_COMMAND = 60


def require_project() -> None:
    """Raise CannotRun if there is no dbt project where BIOQMS_PROJECT says."""
    folder = project_dir()
    for name in ("dbt_project.yml", "profiles.yml"):
        if not (folder / name).is_file():
            raise CannotRun(
                f"no {name} in {folder}: set BIOQMS_PROJECT to the folder of the dbt project"
            )


def require_writable(data: Path) -> None:
    """Make the data folder, and raise CannotRun if dbt could not write into it."""
    folder = data / "dbt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CannotRun(
            f"cannot write to {as_shown(data)} ({error.strerror}): choose another data folder"
            " with --data or BIOQMS_DATA"
        ) from error


def require_free(warehouse: Path, *, read_only: bool = False) -> None:
    """Raise CannotRun if the DuckDB file exists but cannot be opened now.

    A build needs exclusive access; several programs may read it at once (`read_only`).
    """
    if not warehouse.exists():
        return
    import duckdb

    try:
        duckdb.connect(str(warehouse), read_only=read_only).close()
    except duckdb.Error as error:
        raise CannotRun(locked(warehouse, str(error)) or _unusable(warehouse, error)) from error


def locked(warehouse: Path, message: str) -> str | None:
    """Who uses the warehouse and what to do, if DuckDB's `message` says that it is locked."""
    if "Could not set lock" not in message:
        return None
    holder = _HOLDER.search(message)
    who = "another program"
    if holder:
        command = _command(int(holder["pid"])) or holder["program"]
        who = f"{_shortened(command)} (pid {holder['pid']})"
    return (
        f"{as_shown(warehouse)} is in use by {who}: "
        "close it there or wait until it ends, then run this again"
    )


def _unusable(warehouse: Path, error: Exception) -> str:
    reason = str(error).splitlines()[0]
    return (
        f"cannot open {as_shown(warehouse)} ({reason}): "
        "make it readable, or move it away and build again from the log"
    )


def _command(pid: int) -> str | None:
    """The command line of a process, from /proc or from ps; None if neither has it."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return os.fsdecode(b" ".join(words)).strip() or None
    except OSError:
        pass
    try:
        shown = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return shown.stdout.strip() or None


def _shortened(command: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in command)
    cut = printable[: _SHOWN_COMMAND - 1] + "…" if len(printable) > _SHOWN_COMMAND else printable
    return f"`{cut}`"
