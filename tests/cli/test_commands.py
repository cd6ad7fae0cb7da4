"""The command line around the collector."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import requests

from tests.ingest.collector import BIOQMS, environment, event, wait_until_ready
from tests.processes import PATIENCE_SECONDS, kill_group


def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIOQMS, *args], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
        env=environment(**env),
    )  # fmt: skip


class Running(NamedTuple):
    """`bioqms collect --dev`, its address and the key it has made up."""

    process: subprocess.Popen[str]
    url: str
    key: str


@contextmanager
def collecting(data: Path) -> Iterator[Running]:
    """Run `bioqms collect --dev`; nothing of it is left after the block, also if that fails."""
    process = subprocess.Popen(
        [BIOQMS, "collect", "--dev", "--port", "0", "--data", data],
        stdout=subprocess.PIPE, text=True, env=environment(), start_new_session=True,
    )  # fmt: skip
    with process:
        try:
            assert process.stdout
            key = process.stdout.readline().split()[-1]
            url = process.stdout.readline().split()[2]
            wait_until_ready(url)
            yield Running(process, url, key)
        finally:
            kill_group(process)


def test_help_lists_the_commands_and_imports_none() -> None:
    listed = run("--help")
    assert listed.returncode == 0
    names = ("collect", "load", "replay", "forward", "subscribe", "build", "backfill", "check")
    for name in (*names, "sample", "demo"):
        assert re.search(rf"^  {name} ", listed.stdout, re.MULTILINE)
    code = (
        "import sys; from bioqms.cli import main; main(['--help'], standalone_mode=False); "
        "print([n for n in ('flask', 'granian', 'dbt', 'ingest', 'grpc') if n in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_refused() -> None:
    refused = run("fly")
    assert refused.returncode == 2
    assert "No such command 'fly'" in refused.stderr


def test_the_collector_does_not_start_without_keys(tmp_path: Path) -> None:
    refused = run("collect", "--port", "0", BIOQMS_DATA=str(tmp_path))
    assert refused.returncode == 1
    assert "no write keys" in refused.stderr
    assert "--dev" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"BIOQMS_WRITE_KEYS": "x"}, "BIOQMS_WRITE_KEYS is not JSON"),
        (
            {"BIOQMS_WRITE_KEYS_FILE": "/nowhere/keys.toml"},
            "cannot read the write key file /nowhere/keys.toml",
        ),
        ({"BIOQMS_PORT": "http"}, "BIOQMS_PORT must be a whole number"),
    ],
)
def test_bad_configuration_is_one_line(env: dict[str, str], message: str) -> None:
    refused = run("collect", **env)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ")
    assert message in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_a_port_in_use_and_a_folder_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = run("collect", "--dev", "--port", "0", "--data", str(tmp_path / "file" / "data"))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    with collecting(tmp_path / "data") as running:
        port = running.url.rpartition(":")[2]
        refused = run("collect", "--dev", "--port", port, "--data", str(tmp_path / "two"))
    assert refused.returncode == 1
    assert "cannot listen" in refused.stderr


def test_dev_makes_a_key_and_shows_it_once(tmp_path: Path) -> None:
    with collecting(tmp_path) as running:
        address = running.url + "/api/v1/events"
        headers = {"X-Write-Key": running.key}
        sent = requests.post(address, json=event(), headers=headers, timeout=PATIENCE_SECONDS)
        assert sent.json()["results"][0]["status"] == "accepted"
        unsigned = requests.post(address, json=event(), timeout=PATIENCE_SECONDS)
        assert unsigned.status_code == 401
        running.process.terminate()
        assert running.process.stdout
        assert running.key not in running.process.stdout.read()
        assert running.process.wait() == 0
    (segment,) = (tmp_path / "log").glob("date=*/hour=*/*.jsonl")
    assert '"tenant_id":"dev"' in segment.read_text()


def test_a_terminal_gets_a_progress_bar_and_a_pipe_does_not(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(json.dumps(event(tenant_id="acme")))
    assert run("load", str(path), "--data", str(tmp_path / "plain")).stderr == ""
    ours, theirs = pty.openpty()
    loaded = subprocess.run(
        [BIOQMS, "load", path, "--data", tmp_path / "bar"],
        stdout=subprocess.PIPE, stderr=theirs, check=True, timeout=PATIENCE_SECONDS,
        env=environment(TERM="xterm"),
    )  # fmt: skip
    os.close(theirs)
    assert b"\x1b[" in os.read(ours, 4096)
    os.close(ours)
    assert loaded.stdout.startswith(b"read 1 = accepted 1 + rejected 0")
