"""A running collector, and what tests ask of it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from tests.processes import PATIENCE_SECONDS, kill_group, wait_until

WEB_KEY = "web-key-of-acme-0001"
MANY_KEY = "key-of-two-tenants-1"
IMPORT_KEY = "import-key-of-all-01"
KEYS: list[dict[str, Any]] = [
    {"name": "web", "key": WEB_KEY, "tenants": ["acme"]},
    {"name": "many", "key": MANY_KEY, "tenants": ["acme", "globex"]},
    {"name": "history", "key": IMPORT_KEY, "tenants": "*", "import": True},
]
BIOQMS = Path(sys.executable).with_name("bioqms")


def event(**fields: Any) -> dict[str, Any]:
    """A valid event; `fields` replace or add."""
    valid = {
        "event_name": "page.viewed",
        "timestamp": "2026-02-16T14:32:15.234Z",
        "user_id": "usr_1",
    }
    return valid | fields


def environment(**env: str) -> dict[str, str]:
    """The caller's environment without its BIOQMS_* variables, and `env`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BIOQMS_")}
    return kept | env


def wait_until_ready(url: str) -> None:
    """Wait until a collector takes events."""

    def is_ready() -> bool:
        with contextlib.suppress(requests.ConnectionError, requests.Timeout):
            return requests.get(url + "/ready", timeout=5).status_code == 200
        return False

    wait_until(is_ready, f"{url} did not become ready")


class Collector:
    """`bioqms collect` in a process of its own, on a free port unless one is named."""

    def __init__(
        self, data: Path, workers: int = 1, port: int = 0, env: dict[str, str] | None = None
    ) -> None:
        self.data = data
        data.mkdir(parents=True, exist_ok=True)
        self._output = data / "output.txt"
        with self._output.open("ab") as output:
            self.start = output.tell()
            self.process = subprocess.Popen(
                # It ends with the tests, also when they are killed.
                [sys.executable, "-P", "-m", "ingest.parent", str(os.getpid()), "bioqms", "collect",
                 "--port", str(port), "--workers", str(workers), "--data", str(data)],
                env=environment(BIOQMS_WRITE_KEYS=json.dumps(KEYS)) | (env or {}),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        try:
            self.url = self._wait()
        except BaseException:
            self.kill()
            raise
        self.session = requests.Session()

    def _wait(self) -> str:
        wait_until(lambda: "collecting on " in self.output() or self.process.poll() is not None)
        found = re.search(r"collecting on (\S+)", self.output())
        assert found, self.output()
        wait_until_ready(found[1])
        return found[1]

    def output(self) -> str:
        """What it printed since this start."""
        return self._output.read_bytes()[self.start :].decode()

    def post(
        self, body: Any, key: str | None = WEB_KEY, headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Send bytes as they are, anything else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        if key is not None:
            sent.setdefault("X-Write-Key", key)
        return self.session.post(self.url + "/api/v1/events", data=data, headers=sent, timeout=30)

    def results(self, body: Any, key: str = WEB_KEY) -> list[dict[str, Any]]:
        """Send and return the fate of each event."""
        response = self.post(body, key)
        assert response.status_code == 200, response.text
        answer = response.json()
        assert answer["processed"] == len(answer["results"])
        return list(answer["results"])

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        pid = self.process.pid
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]

    def stop(self) -> int:
        """SIGTERM, and wait."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """SIGKILL to the command and all its workers, as a power cut would."""
        kill_group(self.process)

    def rows(self, folder: str = "log") -> list[dict[str, Any]]:
        """Every row of the log (or of `rejects`), of sealed and of open segments."""
        return read_rows(sorted((self.data / folder).glob("date=*/**/*.jsonl*")))


def read_rows(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """The rows of some segments."""
    return [json.loads(line) for path in paths for line in path.read_bytes().splitlines()]
