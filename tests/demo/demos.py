"""A demo that runs, as a test sees it from outside."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from types import TracebackType

from tests.ingest.collector import BIOQMS, environment
from tests.processes import PATIENCE_SECONDS, kill_group, wait_until


class Demo:
    """`bioqms demo` on few events; what it prints goes to files beside its folder."""

    def __init__(self, data: Path, *options: str, events: int = 2_000, **env: str) -> None:
        self.data = data
        data.parent.mkdir(parents=True, exist_ok=True)
        self._output, self._errors = data.with_suffix(".out"), data.with_suffix(".err")
        command = [
            str(BIOQMS),
            "demo",
            f"--data={data}",
            f"--events={events}",
            "--days=5",
            *options,
        ]
        with self._output.open("wb") as output, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                env=environment(**env),
                start_new_session=True,
            )

    def __enter__(self) -> Demo:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        kill_group(self.process)

    @property
    def output(self) -> str:
        return self._output.read_text()

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def wait_for(self, text: str) -> None:
        """Wait until it has printed `text`."""
        wait_until(
            lambda: text in self.output or self.process.poll() is not None,
            f"it never printed {text!r}: {self.output}{self.errors}",
        )
        assert self.process.poll() is None, self.output + self.errors

    def send(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the exit status."""
        os.kill(self.process.pid, number)
        return self.process.wait(PATIENCE_SECONDS)
