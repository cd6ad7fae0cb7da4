"""The commands that a demo runs: sealed off from the caller's settings, ended with the demo."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bioqms.demo.interrupts import Interrupts

SETTINGS = ("BIOQMS_", "DBT_", "GX_", "FLASK_", "GOOGLE_", "CLOUDSDK_", "PUBSUB_", "BIGQUERY_")
"""How the names begin of what sets up a collector, a build, a check, or Google's clients."""

STOP_SECONDS = 5
"""How long a command may take to stop; then it is killed."""


def sealed(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without settings: a demo has nothing to do with production.

    BIOQMS_PROJECT stays. It names no data, only where this program's dbt project lies.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith(SETTINGS) or name == "BIOQMS_PROJECT"
    }
    # A command that is stopped leaves semaphores, which Python then removes, with a warning.
    return kept | {"PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker"}


class Children:
    """Starts `bioqms` commands, each in a session of its own, and leaves none behind.

    `lock` is the descriptor of the demo's lock: each command inherits it, so that it is held until
    the last of them is gone.
    """

    def __init__(self, interrupts: Interrupts, lock: int) -> None:
        """Nothing is started yet."""
        self._interrupts = interrupts
        self._lock = lock

    @contextmanager
    def run(
        self, *arguments: str, settings: dict[str, str], stdout: int | None = None
    ) -> Iterator[subprocess.Popen[str]]:
        """Run a command for the time of the block; whatever ends the block also ends the command.

        `settings` are BIOQMS_* variables. Where the demo is killed, the command ends by itself.
        """
        process: subprocess.Popen[str] | None = None
        command = [sys.executable, "-P", "-m", "ingest.parent", str(os.getpid()), "bioqms"]
        try:
            with self._interrupts.deferred():
                process = subprocess.Popen(
                    [*command, *arguments],
                    env=sealed(os.environ) | settings,
                    stdin=subprocess.DEVNULL,
                    stdout=stdout,
                    text=True,
                    errors="replace",
                    pass_fds=(self._lock,),
                    # What the keyboard sends reaches the demo, which then ends them in order.
                    start_new_session=True,
                )
            yield process
        finally:
            with self._interrupts.deferred():
                if process is not None:
                    _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Ask the command to stop, wait, and kill what is left of its session."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
