"""Processes that tests start: find them by the folder they work in, end them together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_SECONDS = 60.0
"""Bounds a wait for something that will happen; a busy machine takes its time."""


def living(folder: Path) -> list[int]:
    """The processes whose command line names a folder, but for those that have ended."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # One that nobody has waited for yet keeps its number, and has no command line.
            if str(folder).encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def wait_until(condition: Callable[[], object], what: str = "it never happened") -> None:
    """Wait; fails with `what` if it takes longer than PATIENCE_SECONDS."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.02)


def kill_group(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """SIGKILL to the leader of a session and all it has started, as a power cut would; waits."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE_SECONDS)
