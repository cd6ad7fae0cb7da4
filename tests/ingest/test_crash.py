"""What was acknowledged is in the log, however the collector ended."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ingest.sinks.segments import recover
from tests.ingest.collector import WEB_KEY, Collector, event
from tests.ingest.conftest import StartCollector
from tests.ingest.senders import Senders
from tests.processes import PATIENCE_SECONDS, living, wait_until

HALF_A_REQUEST = (
    b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"X-Write-Key: %s\r\nContent-Length: 99\r\n\r\n{" % WEB_KEY.encode()
)


def logged_ids(collector: Collector) -> list[str]:
    return [row["event_id"] for row in collector.rows()]


def open_files(data: Path) -> list[Path]:
    return list(data.rglob("*.open"))


def is_stopped(pid: int) -> bool:
    """Whether no thread of a process runs: none can take a signal any more."""
    threads = Path(f"/proc/{pid}/task").glob("*/stat")
    return all(stat.read_text().rpartition(")")[2].split()[0] == "T" for stat in threads)


def is_pending(pid: int, number: signal.Signals) -> bool:
    """Whether a signal waits for a process that is stopped."""
    pending = re.search(r"ShdPnd:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
    return bool(pending and int(pending[1], 16) & 1 << (number - 1))


def test_kill_under_load_loses_nothing_acknowledged(start_collector: StartCollector) -> None:
    collector = start_collector(workers=2, BIOQMS_SEGMENT_BYTES="200000")
    senders = Senders(collector)
    senders.wait_for(3000)
    collector.kill()
    acknowledged = senders.stop()
    recover(collector.data / "log")
    assert not open_files(collector.data)
    assert acknowledged <= set(logged_ids(collector))


def test_the_next_start_recovers_and_reports(start_collector: StartCollector) -> None:
    first = start_collector()
    first.results(event(event_id="evt_first"))
    first.kill()
    (left,) = open_files(first.data)
    with left.open("ab") as file:
        file.write(b'{"event_id": "torn')
    second = start_collector(data=first.data)
    assert f"recovered {left.name}" in second.output()
    assert "18 torn bytes moved to" in second.output()
    (torn,) = (first.data / "log" / "torn").iterdir()
    assert torn.read_bytes() == b'{"event_id": "torn'
    second.results(event(event_id="evt_second"))
    assert second.stop() == 0
    assert logged_ids(second) == ["evt_first", "evt_second"]
    assert not open_files(first.data)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_under_load_answers_what_it_took_and_seals(
    start_collector: StartCollector, number: signal.Signals
) -> None:
    collector = start_collector(workers=2)
    senders = Senders(collector)
    senders.wait_for(500)
    collector.process.send_signal(number)
    assert collector.process.wait(PATIENCE_SECONDS) == 0
    acknowledged = senders.stop()
    assert not open_files(collector.data)
    logged = logged_ids(collector)
    assert acknowledged <= set(logged)
    assert len(logged) == len(set(logged))
    assert "every segment is sealed" in collector.output()
    assert "recovered" not in collector.output()


def test_a_dead_worker_is_replaced_and_its_segment_sealed(start_collector: StartCollector) -> None:
    collector = start_collector(workers=2)
    senders = Senders(collector)
    senders.wait_for(500)
    first, _ = collector.workers()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(set(collector.workers()) - {first}) == 2, "the worker is not replaced")
    senders.wait_for(len(senders.acknowledged) + 1000)
    acknowledged = senders.stop()
    assert collector.stop() == 0
    assert acknowledged <= set(logged_ids(collector))
    assert not open_files(collector.data)


def test_the_parent_seals_for_a_worker_that_dies_while_stopping(
    start_collector: StartCollector,
) -> None:
    collector = start_collector()
    collector.results(event(event_id="evt_last"))
    (worker,) = collector.workers()
    os.kill(worker, signal.SIGSTOP)
    wait_until(lambda: is_stopped(worker), "the worker does not hold still")
    collector.process.send_signal(signal.SIGTERM)
    wait_until(lambda: is_pending(worker, signal.SIGTERM), "the worker is not asked to stop")
    os.kill(worker, signal.SIGKILL)
    assert collector.process.wait(PATIENCE_SECONDS) == 0
    assert not open_files(collector.data)
    assert logged_ids(collector) == ["evt_last"]


def test_workers_end_with_their_parent_seal_and_free_the_port(
    start_collector: StartCollector,
) -> None:
    collector = start_collector(workers=2)
    collector.results(event(event_id="evt_last"))
    assert open_files(collector.data)
    os.kill(collector.process.pid, signal.SIGKILL)
    collector.process.wait()
    wait_until(lambda: not living(collector.data), "workers live on without their parent")
    assert not open_files(collector.data)
    assert logged_ids(collector) == ["evt_last"]
    port = urlsplit(collector.url).port
    assert port
    second = start_collector(data=collector.data, port=port)
    assert "recovered" not in second.output()


def test_half_sent_requests_hold_no_worker_whose_parent_is_gone(
    start_collector: StartCollector,
) -> None:
    collector = start_collector()
    collector.results(event(event_id="evt_last"))
    with ExitStack() as stack:
        for sent in (HALF_A_REQUEST[:40], HALF_A_REQUEST):
            address = ("127.0.0.1", urlsplit(collector.url).port or 0)
            sender = stack.enter_context(socket.create_connection(address))
            sender.sendall(sent)
        time.sleep(0.5)
        os.kill(collector.process.pid, signal.SIGKILL)
        collector.process.wait()
        wait_until(lambda: not living(collector.data), "a stuck worker lives on")
    assert not open_files(collector.data)
    assert logged_ids(collector) == ["evt_last"]


def test_who_does_not_end_with_its_parent_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "stubborn.py"
    program.write_text(
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('started', flush=True)\ntime.sleep(600)\n"
    )
    start = f"{sys.executable} -m ingest.parent $$ stubborn {program} & wait"
    with subprocess.Popen(
        ["sh", "-c", start],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        start_new_session=True,
    ) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"started\n"
        parent.kill()
        wait_until(lambda: not living(program), "it lives on without its parent")


def test_several_workers_each_write_their_own_segment(start_collector: StartCollector) -> None:
    collector = start_collector(workers=2)
    crowds = [Senders(collector, threads=6)]
    crowds[0].wait_for(1000)
    while len(open_files(collector.data)) < 2:
        assert len(crowds) < 20
        # The kernel gives each connection to a worker by chance: all of them may share one.
        crowds.append(Senders(collector, threads=2))
        crowds[-1].wait_for(100)
    acknowledged = set().union(*(crowd.stop() for crowd in crowds))
    assert collector.stop() == 0
    names = [path.name for path in (collector.data / "log").glob("date=*/hour=*/*.jsonl")]
    assert len({name.split("-")[1] for name in names}) == 2
    assert sorted(logged_ids(collector)) == sorted(acknowledged)


def test_an_idle_segment_is_sealed_by_age(start_collector: StartCollector) -> None:
    collector = start_collector(BIOQMS_SEGMENT_SECONDS="1")
    collector.results(event(event_id="evt_idle"))
    wait_until(lambda: not open_files(collector.data), "it was not sealed")
    assert logged_ids(collector) == ["evt_idle"]
