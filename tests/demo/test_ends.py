"""However a demo ends, it says so in one line and leaves no process behind."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.demo.demos import Demo
from tests.ingest.collector import BIOQMS, environment
from tests.processes import living, wait_until

# So many that the demo is still sending when the test looks.
MANY = 200_000


def starts_the_collector(data: Path) -> bool:
    return len(living(data)) > 1


def sends(data: Path) -> bool:
    return any(segment.stat().st_size for segment in data.glob("log/date=*/hour=*/*.open"))


def builds(data: Path) -> bool:
    return (data / "dbt" / "logs" / "dbt.log").exists()


@pytest.mark.parametrize(
    ("number", "moment", "events"),
    [
        (signal.SIGINT, starts_the_collector, MANY),
        (signal.SIGTERM, sends, MANY),
        (signal.SIGHUP, builds, 1_000),
    ],
)
def test_a_signal_ends_it_in_one_line(
    number: signal.Signals, moment: Callable[[Path], bool], events: int, tmp_path: Path
) -> None:
    with Demo(tmp_path / "demo", events=events) as demo:
        wait_until(lambda: moment(demo.data))
        assert demo.send(number) == 128 + number
        assert not living(demo.data)
        assert demo.errors == f"stopped by {number.name}; no process of the demo is left\n"


def test_ignored_signals_stay_ignored(tmp_path: Path) -> None:
    """`nohup bioqms demo` outlives its terminal."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        demo = Demo(tmp_path / "demo", events=MANY)
    finally:
        signal.signal(signal.SIGHUP, before)
    with demo:
        wait_until(lambda: starts_the_collector(demo.data))
        os.kill(demo.process.pid, signal.SIGHUP)
        wait_until(lambda: sends(demo.data))
        assert demo.send(signal.SIGTERM) == 128 + signal.SIGTERM


def test_its_commands_end_when_it_is_killed(tmp_path: Path) -> None:
    with Demo(tmp_path / "demo", events=MANY) as demo:
        wait_until(lambda: sends(demo.data))
        assert demo.send(signal.SIGKILL) == -signal.SIGKILL
        wait_until(lambda: not living(demo.data), "the collector outlives the demo")


def test_a_terminal_that_hangs_up_ends_it(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    pid, terminal = pty.fork()
    if pid == 0:
        command = [str(BIOQMS), "demo", "--data", str(data), "--events", str(MANY)]
        os.execve(BIOQMS, command, environment(TERM="xterm"))  # noqa: S606 - our own command
    try:
        wait_until(lambda: sends(data))
    finally:
        os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGHUP
    assert not living(data)


def test_a_reader_that_has_seen_enough_ends_it(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    command = [str(BIOQMS), "demo", f"--data={data}", "--events=1000"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as demo:
        assert demo.stdout and demo.stderr
        demo.stdout.close()
        said = demo.stderr.read()
    assert "Traceback" not in said
    assert not living(data)
