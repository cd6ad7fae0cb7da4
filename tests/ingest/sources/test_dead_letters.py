"""Dead letters come back once, and leave their subscription when the sink has them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from google.pubsub_v1.types import PubsubMessage

from ingest.message import to_message
from tests.ingest.collector import event
from tests.ingest.conftest import StartCollector
from tests.ingest.pubsub import Queue, ids_of, make_queue, row_of
from tests.ingest.sources.replaying import GLOBEX, allowing, replay
from tests.servers import PubSubEmulator


@pytest.fixture
def letters(pubsub_emulator: PubSubEmulator) -> Queue:
    return make_queue(pubsub_emulator, schema=None)


def publish(queue: Queue, *datas: bytes) -> None:
    messages = [PubsubMessage(data=data) for data in datas]
    queue.emulator.publisher().publish(topic=queue.topic, messages=messages, timeout=10)


def test_rejects_of_a_machine_without_a_disk_come_back(
    start_collector: StartCollector, letters: Queue, tmp_path: Path
) -> None:
    target = make_queue(letters.emulator)
    env = target.env | {"BIOQMS_PUBSUB_REJECTS_TOPIC": letters.topic}
    collector = start_collector(**env)
    hopeless = event(event_name="Not A Name", properties={"email": "jane@example.com"})
    sent = [event(event_id="fine"), GLOBEX, GLOBEX, hopeless]
    fates = [result["status"] for result in collector.results(sent)]
    assert fates == ["accepted", "rejected", "rejected", "rejected"]
    collector.stop()
    assert not list((collector.data / "rejects").rglob("*.jsonl"))

    arguments = ["dead-letter", "--subscription", letters.subscription, "--idle", "1"]
    done = replay(*arguments, data=tmp_path / "data", keys=allowing("globex"), **env)
    assert done.stdout.startswith("read 3 = accepted 2 + rejected 1"), done.stderr
    assert "1  $.event_name: expected category.action" in done.stdout
    rows = sorted((row_of(m) for m in target.drain(3)), key=lambda row: row["tenant_id"])
    fine, back, again = rows
    assert (fine["event_id"], back["tenant_id"], back["properties"]) == ("fine", "globex", {"n": 1})
    assert back["event_id"] != again["event_id"], "sent twice, so it happened twice"
    (left,) = letters.drain(expected=1)
    reject = json.loads(left.data)
    assert (reject["path"], reject["write_key_name"]) == ("$.event_name", "web")
    assert "jane@example.com" not in reject["event"]


def test_without_its_rejects_topic_nothing_of_a_request_is_taken(
    start_collector: StartCollector, pubsub_emulator: PubSubEmulator
) -> None:
    target = make_queue(pubsub_emulator)
    nowhere = target.topic + "-rejects"
    env = target.env | {
        "BIOQMS_PUBSUB_REJECTS_TOPIC": nowhere, "BIOQMS_PUBSUB_TIMEOUT_SECONDS": "1",
    }  # fmt: skip
    collector = start_collector(**env)
    answer = collector.post([event(event_id="fine"), GLOBEX])
    assert answer.status_code == 503
    assert [result["status"] for result in answer.json()["results"]] == ["retry", "retry"]
    assert not target.drain()


def test_dead_letters_come_back_once_the_sink_has_them(
    start_collector: StartCollector, letters: Queue, tmp_path: Path
) -> None:
    collector = start_collector()
    collector.results([event(event_id="one", context={"screen": 1}), event()])
    collector.stop()
    (segment,) = (collector.data / "log").glob("date=*/hour=*/*.jsonl")
    lines = segment.read_bytes().splitlines(keepends=True)
    publish(letters, *(to_message(line).data for line in lines), json.dumps(GLOBEX).encode())
    publish(letters, b"hello", to_message(lines[0]).data)
    arguments = ["dead-letter", "--subscription", letters.subscription, "--idle", "1"]

    # A sink that refuses: the log's folder is a file.
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "log").write_text("")
    stopped = replay(*arguments, data=broken, **letters.emulator.env)
    assert stopped.returncode == 1
    assert "stopped: the log cannot be written" in stopped.stderr

    target = make_queue(letters.emulator)
    done = replay(*arguments, data=tmp_path / "data", **target.env)
    assert done.stdout.startswith("read 5 = accepted 4 + rejected 1"), done.stderr
    assert "1  $: not JSON" in done.stdout
    messages = target.drain(expected=4)
    ids = ids_of(messages)
    assert ids.count("one") == 2
    assert len(set(ids)) == 3
    published = {message.data for message in messages}
    assert {to_message(line).data for line in lines} <= published

    left = replay(*arguments, "--drop-rejected", data=tmp_path / "data", **target.env)
    assert left.stdout.startswith("read 1 = accepted 0 + rejected 1")
    empty = replay(*arguments, data=tmp_path / "data", **target.env)
    assert empty.stdout.startswith("read 0 = accepted 0 + rejected 0")
