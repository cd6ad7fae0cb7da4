"""The demo's collector: `bioqms collect` on a free port of the loopback, with one write key."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bioqms.demo.children import Children

START_SECONDS = 60


class CollectorError(Exception):
    """The collector did not start, or did not stop in order; it has said why."""


@dataclass(frozen=True)
class Collecting:
    """A collector that is ready: where it listens (`host:port`), and a key for all tenants."""

    netloc: str
    write_key: str


@contextmanager
def collecting(children: Children, data: Path, say: Callable[[str], None]) -> Iterator[Collecting]:
    """Run a collector for the time of the block; at its end every segment is sealed.

    `say` is given what the collector says when it stops. Raises CollectorError.
    """
    key = secrets.token_urlsafe(24)
    entry = {"name": "demo", "key": key, "tenants": "*", "import": True}
    settings = {"BIOQMS_WRITE_KEYS": json.dumps([entry])}
    command = ("collect", "--port", "0", "--data", str(data))
    with children.run(*command, settings=settings, stdout=subprocess.PIPE) as process:
        yield Collecting(_netloc(process), key)
        process.send_signal(signal.SIGTERM)
        assert process.stdout  # noqa: S101 - a pipe was asked for
        for line in process.stdout:
            say(line.rstrip())
        if (status := process.wait()) != 0:
            raise CollectorError(
                f"the collector stopped with status {status}: its own error is above"
            )


def _netloc(process: subprocess.Popen[str]) -> str:
    """Read the collector's output up to the line that names its address, and wait for it."""
    assert process.stdout  # noqa: S101 - a pipe was asked for
    for line in process.stdout:
        if match := re.search(r"http://(\S+)", line):
            _wait_until_ready(match[1], process)
            return match[1]
    raise CollectorError("the collector did not start: its own error is above")


def _wait_until_ready(netloc: str, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        # Not by urllib, which would ask the proxy of the environment.
        connection = http.client.HTTPConnection(netloc, timeout=5)
        try:
            connection.request("GET", "/ready")
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise CollectorError("the collector did not become ready: its own error is above")
