"""An event that is not admitted leaves no trace, whatever way it comes and whatever is wrong."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from google.pubsub_v1.types import PubsubMessage

from ingest.message import to_message
from ingest.steps.admit import is_admitted, is_text_admitted
from tests.ingest.collector import BIOQMS, MANY_KEY, environment, event
from tests.ingest.conftest import StartCollector
from tests.ingest.pubsub import Queue, ids_of, make_queue
from tests.ingest.sources.replaying import allowing, landed, replay
from tests.ingest.test_layers import WAYS_IN
from tests.servers import PubSubEmulator, free_port

GONE = "usr_gone"
POLICY = f'''
"""Every Python process of a test imports this at its start: one user is not admitted."""
import ingest.steps.admit as admit

admit.is_admitted = lambda event, tenant_id: event.get("user_id") != "{GONE}"
'''

COVERED: set[str] = set()
"""The ways in that a test here tries."""

Test = TypeVar("Test", bound=Callable[..., None])


def covers(way: str) -> Callable[[Test], Test]:
    """Note which way in a test tries."""
    COVERED.add(way)
    return lambda test: test


def test_every_way_in_is_tried() -> None:
    assert set(WAYS_IN) == COVERED


@pytest.fixture
def suppressing(tmp_path: Path) -> dict[str, str]:
    """The environment of processes that do not admit one user."""
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(POLICY)
    return {"PYTHONPATH": str(folder)}


def gone(**fields: Any) -> dict[str, Any]:
    return event(user_id=GONE, **fields)


REFUSED = {
    "valid": json.dumps(gone()),
    "unknown field": json.dumps(gone(colour="red")),
    "foreign tenant": json.dumps(gone(tenant_id="initech")),
    "no tenant": json.dumps(gone(tenant_id=None)),
    "bad tenant": json.dumps(gone(tenant_id=7)),
    "future": json.dumps(gone(timestamp="2999-01-01T00:00:00Z")),
    "repeated key": json.dumps(gone())[:-1] + ', "event_name": "a.b"}',
    "NUL": json.dumps(gone(properties={"a": "\0"})),
    "NaN": json.dumps(gone(properties={"a": float("nan")})),
    "lone surrogate": json.dumps(gone(properties={"a": "\ud800"})),
    "too large": json.dumps(gone(properties={"a": "x" * 40_000})),
    "far too large": json.dumps(gone(properties={"a": "x" * 400_000})),
    "too deep": json.dumps(gone())[:-1] + ', "properties": ' + '{"a": ' * 40 + "1" + "}" * 41,
    "far too deep": json.dumps(gone())[:-1] + ', "traits": {"a": ' + "[" * 3000 + "]" * 3000 + "}}",
    "broken": '{"user_id" : "usr_gone", "event_name" "a.b"}',
    "escaped": '{"user_id": "usr\\u005fgone", "event_name" "a.b"}',
}
"""Events of the user, most of which would be refused anyway."""


def files_with(data: Path, text: bytes = GONE.encode()) -> Iterator[Path]:
    for path in data.rglob("*"):
        if path.is_file() and (text in path.read_bytes() or b"usr\\u005f" in path.read_bytes()):
            yield path


@pytest.mark.parametrize("name", REFUSED)
@covers("ingest/api/request.py")
def test_a_request(start_collector: StartCollector, suppressing: dict[str, str], name: str) -> None:
    collector = start_collector(**suppressing)
    good = json.dumps(event(event_id="evt_good", tenant_id="acme"))
    bad = json.dumps(event(tenant_id="acme", colour="red"))
    results = collector.results(f"[{good},{REFUSED[name]},{bad}]".encode(), MANY_KEY)
    assert [result["status"] for result in results] == ["accepted", "suppressed", "rejected"]
    assert collector.stop() == 0
    assert list(files_with(collector.data)) == []
    assert [row["event_id"] for row in collector.rows()] == ["evt_good"]
    assert len(collector.rows("rejects")) == 1


def test_a_request_to_pubsub(
    start_collector: StartCollector,
    suppressing: dict[str, str],
    pubsub_emulator: PubSubEmulator,
) -> None:
    queue, rejects = make_queue(pubsub_emulator), make_queue(pubsub_emulator, schema=None)
    env = queue.env | {"BIOQMS_PUBSUB_REJECTS_TOPIC": rejects.topic}
    collector = start_collector(**env, **suppressing)
    results = collector.results([gone(), gone(colour="red"), event(event_id="evt_good")])
    assert [result["status"] for result in results] == ["suppressed", "suppressed", "accepted"]
    assert ids_of(queue.drain(expected=1)) == ["evt_good"]
    assert queue.drain() == rejects.drain() == []


def spooled_outage(emulator_host: str) -> dict[str, str]:
    return {
        "PUBSUB_EMULATOR_HOST": emulator_host,
        "BIOQMS_SINK": "pubsub",
        "BIOQMS_PUBSUB_PROJECT": "p",
        "BIOQMS_SPOOL": "1",
        "BIOQMS_PUBSUB_TIMEOUT_SECONDS": "1",
    }


def test_a_request_into_the_spool(
    start_collector: StartCollector, suppressing: dict[str, str]
) -> None:
    outage = spooled_outage(f"127.0.0.1:{free_port()}")
    collector = start_collector(**outage, **suppressing)
    collector.results([gone(), gone(colour="red"), event(event_id="evt_good")])
    assert collector.stop() == 0
    assert list(files_with(collector.data)) == []
    assert [row["event_id"] for row in collector.rows("spool")] == ["evt_good"]


@covers("ingest/sinks/forwarder.py")
def test_a_forwarder_of_what_was_spooled_before(
    start_collector: StartCollector, suppressing: dict[str, str], pubsub_emulator: PubSubEmulator
) -> None:
    outage = spooled_outage(f"127.0.0.1:{free_port()}")
    collector = start_collector(**outage)
    collector.results([gone(), event(event_id="evt_good"), gone()])
    assert collector.stop() == 0
    assert list(files_with(collector.data / "spool"))
    queue = make_queue(pubsub_emulator)

    def forward(**env: str) -> str:
        return subprocess.run(
            [BIOQMS, "forward", "--data", collector.data], capture_output=True, text=True,
            check=False, timeout=60, env=environment(**env, **suppressing),
        ).stdout  # fmt: skip

    # At once, even if Pub/Sub is still down.
    assert forward(**outage) == "forwarded 0, left in the spool 1, suppressed 2\n"
    assert list(files_with(collector.data / "spool")) == []
    assert forward(**queue.env) == "forwarded 1, left in the spool 0\n"
    assert ids_of(queue.drain(expected=1)) == ["evt_good"]
    assert queue.drain() == []


@covers("ingest/sources/files.py")
def test_a_loaded_file(tmp_path: Path, suppressing: dict[str, str]) -> None:
    data = tmp_path / "data"
    lines = [*REFUSED.values(), json.dumps(event(tenant_id="acme")), '{"user_id": "usr_1", "a" 1}']
    loaded = subprocess.run(
        [BIOQMS, "load", "-", "--data", data], input="\n".join(lines), capture_output=True,
        text=True, check=False, timeout=60, env=environment(**suppressing),
    )  # fmt: skip
    total = len(lines)
    expected = f"read {total} = accepted 1 + rejected 1 + suppressed {total - 2}"
    assert loaded.stdout.startswith(expected), loaded.stdout
    assert list(files_with(data)) == []


@covers("ingest/sources/replayer.py")
def test_replayed_rejects(start_collector: StartCollector, suppressing: dict[str, str]) -> None:
    collector = start_collector()
    refused = [gone(tenant_id="globex"), event(tenant_id="globex", event_id="evt_good")]
    collector.results(refused)
    broken = [REFUSED["NaN"], REFUSED["broken"], json.dumps(gone(properties={"a": "x" * 5000}))]
    collector.post(f"[{','.join(broken)},{json.dumps(event())}]".encode())
    assert collector.stop() == 0
    assert list(files_with(collector.data / "rejects"))
    done = replay("rejects", data=collector.data, keys=allowing("globex"), **suppressing)
    assert done.stdout.startswith("read 4 = accepted 1 + rejected 0 + suppressed 3"), done.stdout
    assert "evt_good" in {row["event_id"] for row in landed(collector.data)}


def test_dead_letters(
    start_collector: StartCollector,
    suppressing: dict[str, str],
    pubsub_emulator: PubSubEmulator,
    tmp_path: Path,
) -> None:
    letters = make_queue(pubsub_emulator, schema=None)
    collector = start_collector()
    collector.results([gone(), event(event_id="evt_good")])
    collector.results([gone(colour="red")])
    assert collector.stop() == 0
    rows, rejects = (
        [json.dumps(row).encode() for row in collector.rows(folder)]
        for folder in ("log", "rejects")
    )
    texts = [*map(str.encode, REFUSED.values()), *rejects, *(to_message(row).data for row in rows)]
    publish(letters, *texts)
    target = make_queue(pubsub_emulator)
    done = replay(
        "dead-letter", "--subscription", letters.subscription, "--idle", "1",
        data=tmp_path / "data", keys=allowing("globex"), **target.env, **suppressing,
    )  # fmt: skip
    total = len(texts)
    expected = f"read {total} = accepted 1 + rejected 0 + suppressed {total - 1}"
    assert done.stdout.startswith(expected), done.stdout
    assert ids_of(target.drain(expected=1)) == ["evt_good"]
    assert target.drain() == letters.drain() == []


@covers("ingest/sources/subscription.py")
def test_a_subscription(
    start_collector: StartCollector,
    suppressing: dict[str, str],
    pubsub_emulator: PubSubEmulator,
    tmp_path: Path,
) -> None:
    queue = make_queue(pubsub_emulator, schema=None)
    env = queue.env
    collector = start_collector(**env)
    collector.results([gone(), event(event_id="evt_good"), gone()])
    assert collector.stop() == 0
    publish(queue, REFUSED["broken"].encode())
    data = tmp_path / "landing"
    done = subprocess.run(
        [BIOQMS, "subscribe", "--subscription", queue.subscription, "--idle", "2", "--data", data],
        check=True, capture_output=True, text=True, timeout=60,
        env=environment(**env, **suppressing),
    )  # fmt: skip
    assert done.stdout == "read 4 = landed 1 + not events 0 + suppressed 3\n"
    assert [row["event_id"] for row in landed(data)] == ["evt_good"]
    assert list(files_with(data)) == []
    assert queue.drain() == []


def publish(queue: Queue, *datas: bytes) -> None:
    messages = [PubsubMessage(data=data) for data in datas]
    queue.emulator.publisher().publish(topic=queue.topic, messages=messages, timeout=10)


def test_today_everybody_is_admitted() -> None:
    assert is_admitted({"user_id": GONE}, "acme")
    assert is_text_admitted(REFUSED["broken"].encode(), "")
