"""Nothing acknowledged is lost while Pub/Sub, the collector or the forwarder die.

The emulator keeps its messages in memory. A `Reader` takes them out all the time, so what a killed
emulator takes with it is what it acknowledged and the reader had not fetched: that is Pub/Sub's own
durability, which the emulator does not have and these tests do not judge. Where the emulator is
killed, senders therefore rest until the reader has all that was acknowledged before.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.collector import BIOQMS, Collector, environment, event, read_rows
from tests.ingest.conftest import StartCollector
from tests.ingest.pubsub import Queue, Reader, ids_of, make_queue
from tests.ingest.senders import Senders
from tests.processes import wait_until
from tests.servers import PubSubEmulator, PubSubServer, ServerMissingError

SPOOLING = {
    "BIOQMS_SPOOL": "1",
    "BIOQMS_PUBSUB_TIMEOUT_SECONDS": "2",
    "BIOQMS_BACKOFF_SECONDS": "1",
    "BIOQMS_BACKOFF_MAX_SECONDS": "2",
    "BIOQMS_SEGMENT_SECONDS": "1",
}


@pytest.fixture
def server() -> Iterator[PubSubServer]:
    """An emulator of one's own, to be killed."""
    try:
        server = PubSubServer()
    except ServerMissingError as missing:
        pytest.fail(str(missing), pytrace=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def queue(pubsub_emulator: PubSubEmulator) -> Queue:
    return make_queue(pubsub_emulator)


def spooled(data: Path) -> set[str]:
    """The ids in sealed and open segments of the spool."""
    return {row["event_id"] for row in read_rows(list((data / "spool").glob("date=*/*/*.jsonl*")))}


def forward(data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIOQMS, "forward", "--data", data], capture_output=True, text=True, check=False,
        timeout=60, env=environment(**env),
    )  # fmt: skip


def forwarder_of(collector: Collector) -> int:
    """The process id of the collector's forwarder."""
    found: list[int] = []

    def look() -> bool:
        for children in Path(f"/proc/{collector.process.pid}/task").glob("*/children"):
            for child in children.read_text().split():
                if b"ingest.sinks.forwarder" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
        return bool(found)

    wait_until(look, "no forwarder")
    return found[0]


@pytest.mark.parametrize("ordering", ["0", "1"])
def test_an_outage_under_load_costs_nothing(
    start_collector: StartCollector, server: PubSubServer, ordering: str
) -> None:
    queue = make_queue(server.emulator, "events")
    collector = start_collector(workers=2, BIOQMS_PUBSUB_ORDERING=ordering, **queue.env, **SPOOLING)
    reader = Reader(queue)
    before = Senders(collector, threads=2)
    before.wait_for(300)
    sent_before = before.stop()
    wait_until(lambda: sent_before <= reader.ids, "not all was delivered before the outage")

    during = Senders(collector, threads=2)
    during.wait_for(40)
    caught = Senders(collector, threads=1, batch=1)  # one request is likely under way at the kill
    server.kill()
    at_kill = set(during.acknowledged | caught.acknowledged)
    wait_until(lambda: len(during.acknowledged) >= len(at_kill) + 300, "the spool took too little")
    assert during.errors == 0
    sent_during = during.stop() | caught.stop()
    in_spool = spooled(collector.data)
    assert len(in_spool) >= 300
    # Only the emulator's own memory is missing: acknowledged by it, not yet read, gone with it.
    assert sent_during - in_spool - reader.ids <= at_kill

    server.start()
    make_queue(server.emulator, "events")
    after = Senders(collector, threads=2)
    after.wait_for(200)
    sent_after = after.stop()
    wait_until(lambda: in_spool | sent_after <= reader.ids, "the forwarder did not deliver")
    wait_until(lambda: not spooled(collector.data), "the spool was not emptied")
    assert collector.stop() == 0
    assert sent_before | sent_after | in_spool <= reader.stop()


def test_the_collector_is_killed_under_load(start_collector: StartCollector, queue: Queue) -> None:
    collector = start_collector(workers=2, **queue.env, **SPOOLING)
    reader = Reader(queue)
    senders = Senders(collector)
    senders.wait_for(500)
    collector.kill()
    acknowledged = senders.stop()
    wait_until(lambda: acknowledged <= reader.ids | spooled(collector.data), "events are missing")
    reader.stop()


def test_the_collector_is_killed_in_an_outage_and_the_spool_survives(
    start_collector: StartCollector, server: PubSubServer
) -> None:
    queue = make_queue(server.emulator, "events")
    server.kill()
    collector = start_collector(workers=2, **queue.env, **SPOOLING)
    senders = Senders(collector)
    senders.wait_for(500)
    collector.kill()
    acknowledged = senders.stop()
    assert acknowledged <= spooled(collector.data)

    server.start()
    make_queue(server.emulator, "events")
    reader = Reader(queue)
    second = start_collector(data=collector.data, **queue.env, **SPOOLING)
    wait_until(lambda: acknowledged <= reader.ids, "the second collector did not deliver")
    wait_until(lambda: not spooled(second.data), "the spool was not emptied")
    assert second.stop() == 0
    reader.stop()


def test_a_dead_forwarder_is_replaced_and_resumes(
    start_collector: StartCollector, server: PubSubServer
) -> None:
    queue = make_queue(server.emulator, "events")
    server.kill()
    collector = start_collector(**queue.env, **SPOOLING)
    answers = collector.results([event(event_id=f"{n:03}", user_id="u") for n in range(100)])
    assert {answer["status"] for answer in answers} == {"accepted"}
    wait_until(lambda: not list(collector.data.rglob("spool/*/*/*.open")), "it was not sealed")
    first = forwarder_of(collector)
    busy = forward(collector.data, **queue.env)
    assert busy.returncode == 1
    assert "another forwarder is working on" in busy.stderr
    os.kill(first, signal.SIGKILL)
    server.start()
    make_queue(server.emulator, "events")
    # In order, although the emulator may have been found at the first or a later attempt.
    assert ids_of(queue.drain(expected=100)) == [f"{n:03}" for n in range(100)]
    wait_until(lambda: not spooled(collector.data), "the spool was not emptied")
    assert forwarder_of(collector) != first


def test_a_forwarder_ends_with_its_collector(start_collector: StartCollector, queue: Queue) -> None:
    collector = start_collector(**queue.env, **SPOOLING)
    command = Path(f"/proc/{forwarder_of(collector)}/cmdline")
    collector.process.kill()  # only the parent
    collector.process.wait(30)
    # Who adopted it may not have buried it yet: a dead process has no command line.
    wait_until(lambda: not command.exists() or not command.read_bytes(), "the forwarder lives on")


def test_the_command_empties_a_spool_left_behind(
    start_collector: StartCollector, server: PubSubServer
) -> None:
    queue = make_queue(server.emulator, "events")
    server.kill()
    collector = start_collector(**queue.env, **SPOOLING)
    collector.results([event(event_id=f"{n}", anonymous_id=f"d{n % 5}") for n in range(50)])
    collector.kill()
    down = forward(collector.data, **queue.env, BIOQMS_PUBSUB_TIMEOUT_SECONDS="1")
    assert down.returncode == 1
    assert down.stdout == "forwarded 0, left in the spool 50\n"
    assert "Pub/Sub did not accept 50 events" in down.stderr
    assert len(spooled(collector.data)) == 50

    server.start()
    other = {"type": "record", "name": "Other", "fields": [{"name": "a", "type": "int"}]}
    wrong = make_queue(server.emulator, "wrong", other)
    refused = forward(collector.data, **wrong.env)
    assert refused.stdout == "forwarded 0, left in the spool 50\n"
    make_queue(server.emulator, "events")
    done = forward(collector.data, **queue.env)
    assert (done.returncode, done.stdout) == (0, "forwarded 50, left in the spool 0\n")
    assert sorted(ids_of(queue.drain(expected=50)), key=int) == [f"{n}" for n in range(50)]
    assert forward(collector.data, **queue.env).stdout == "forwarded 0, left in the spool 0\n"
