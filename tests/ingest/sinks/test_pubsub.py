"""The Pub/Sub sink, on Google's emulator: what is published, in which order, and end to end."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import fastavro
import pytest

from ingest.config import Config
from ingest.errors import ConfigError
from ingest.message import MAX_ORDERING_KEY_BYTES, from_message, ordering_key, to_message, to_row
from ingest.sinks import open_rejects, open_sink
from tests.ingest.collector import BIOQMS, IMPORT_KEY, environment, event, read_rows
from tests.ingest.conftest import StartCollector
from tests.ingest.pubsub import AVRO, Queue, ids_of, make_queue, row_of
from tests.processes import wait_until
from tests.servers import PubSubEmulator, free_port

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari"


@pytest.fixture
def queue(pubsub_emulator: PubSubEmulator) -> Queue:
    return make_queue(pubsub_emulator)


def history(count: int = 6) -> list[dict[str, Any]]:
    """Events with everything an event can have, whose rows do not depend on when they are sent."""
    return [
        event(
            event_id=f"evt_{number}",
            tenant_id="acme",
            anonymous_id=f"anon_{number % 2}",
            user_id=None if number % 3 == 0 else f"usr_“{number}”",
            received_at="2026-02-16T14:33:00.000001Z",
            sent_at="2026-02-16T14:32:59Z",
            session_id="ses_1",
            context={
                "page": {"url": "/a?b=ü", "path": "/a"},
                "user_agent": AGENT,
                "ip": "192.0.2.7",
                "locale": "en-US",
                "screen": {"width": 100 + number},
            },
            properties={
                "z": 1,
                "a": [1.5, None, {"n": 2**53 + 1}],
                "big": 2**64 - 1,
                "ж": "\u2028",
            },
            traits={"plan": "pro"} if number % 2 else {},
        )
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The lines that the local log holds for `history`."""
    data = tmp_path_factory.mktemp("landed")
    source = data / "events.jsonl"
    source.write_text("".join(json.dumps(item) + "\n" for item in history()))
    subprocess.run(
        [BIOQMS, "load", source, "--data", data], check=True, env=environment(), capture_output=True
    )
    (segment,) = (data / "log").glob("date=*/hour=*/*.jsonl")
    return segment.read_bytes().splitlines(keepends=True)


def test_a_message_is_what_the_schema_says(landed: list[bytes]) -> None:
    for line in landed:
        message = to_message(line)
        [read] = fastavro.json_reader(
            io.StringIO(message.data.decode()), fastavro.parse_schema(AVRO)
        )
        assert json.loads(read["properties"]) == json.loads(line)["properties"]
        assert to_row(from_message(message.data)) == line
        assert message.attributes == {"event_name": "page.viewed", "tenant_id": "acme"}


def test_the_ordering_key_is_the_tenant_s_device_else_its_user() -> None:
    both = {"tenant_id": "t", "anonymous_id": "x", "user_id": "u"}
    assert ordering_key(both) == "t/d:x"
    assert ordering_key(both | {"anonymous_id": None}) == "t/u:u"
    assert ordering_key(both | {"tenant_id": "o"}) == "o/d:x"
    long = both | {"anonymous_id": "ж" * 256, "tenant_id": "t" * 900}
    assert len(ordering_key(long).encode()) <= MAX_ORDERING_KEY_BYTES
    assert ordering_key(long) != ordering_key(long | {"tenant_id": "t" * 901})


@pytest.mark.parametrize("data", [b"hello", b"[]", b"{}", b'{"event_id":{"string":"a"}}'])
def test_what_is_no_message_is_told(data: bytes) -> None:
    with pytest.raises(ValueError):
        from_message(data)


def test_http_to_pubsub_to_rows_equals_the_local_log(
    start_collector: StartCollector, queue: Queue, landed: list[bytes], tmp_path: Path
) -> None:
    collector = start_collector(BIOQMS_PUBSUB_ORDERING="1", **queue.env)
    assert f"into {queue.topic}" in collector.output()
    results = collector.results(history(), IMPORT_KEY)
    assert [result["status"] for result in results] == ["accepted"] * 6
    assert not (collector.data / "log").exists()
    name = queue.subscription.rpartition("/")[2]
    landing = tmp_path / "landing"
    subscribed = subprocess.run(
        [BIOQMS, "subscribe", "--subscription", name, "--idle", "2", "--data", landing],
        check=True, capture_output=True, text=True, timeout=60, env=environment(**queue.env),
    )  # fmt: skip
    assert subscribed.stdout == "read 6 = landed 6 + not events 0\n"
    rows = read_rows(list((landing / "log").glob("date=*/hour=*/*.jsonl")))
    for row in rows:
        assert row.pop("subscription_name") == queue.subscription
        assert row.pop("message_id")
        assert row.pop("publish_time") > row["received_at"]
        attributes = row.pop("attributes")
        assert attributes["tenant_id"] == "acme"
        assert attributes["event_name"] == "page.viewed"
        assert attributes["ordering_key"] == f"acme/d:{row['anonymous_id']}"
    by_id = sorted(rows, key=lambda row: str(row["event_id"]))
    assert by_id == [json.loads(line) for line in landed]
    assert queue.drain() == []


def test_events_of_one_device_keep_their_order_where_it_is_asked_for(
    start_collector: StartCollector, queue: Queue
) -> None:
    collector = start_collector(BIOQMS_PUBSUB_ORDERING="1", **queue.env)
    for start in range(0, 300, 50):
        collector.results(
            [event(event_id=f"{n:03}", anonymous_id=f"d{n % 3}") for n in range(start, start + 50)]
        )
    rows = [row_of(message) for message in queue.drain(expected=300)]
    for device in ("d0", "d1", "d2"):
        ids = [row["event_id"] for row in rows if row["anonymous_id"] == device]
        assert ids == sorted(ids)
        assert len(ids) == 100


def test_no_ordering_key_is_sent_unless_it_is_asked_for(
    start_collector: StartCollector, queue: Queue
) -> None:
    collector = start_collector(**queue.env)
    collector.results([event(event_id=f"{n}", anonymous_id=f"d{n % 3}") for n in range(9)])
    messages = queue.drain(expected=9)
    assert sorted(ids_of(messages)) == [str(n) for n in range(9)]
    assert {message.ordering_key for message in messages} == {""}


def test_rejects_stay_here_and_good_events_go(
    start_collector: StartCollector, queue: Queue
) -> None:
    collector = start_collector(**queue.env)
    results = collector.results([event(event_id="good"), event(colour="red")])
    assert [result["status"] for result in results] == ["accepted", "rejected"]
    [message] = queue.drain(expected=1)
    assert ids_of([message]) == ["good"]
    assert len(collector.rows("rejects")) == 1


def test_without_pubsub_and_spool_every_event_is_to_be_sent_again(
    start_collector: StartCollector,
) -> None:
    collector = start_collector(
        PUBSUB_EMULATOR_HOST=f"127.0.0.1:{free_port()}",
        BIOQMS_SINK="pubsub",
        BIOQMS_PUBSUB_PROJECT="p",
        BIOQMS_PUBSUB_TIMEOUT_SECONDS="1",
    )
    for _ in range(2):  # the second time Pub/Sub is not asked
        answer = collector.post([event(event_id="one"), event(), event(colour="red")])
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        body = answer.json()
        assert body["code"] == "not_durable"
        assert [result["status"] for result in body["results"]] == ["retry", "retry", "rejected"]
        assert body["results"][0]["event_id"] == "one"
        assert body["results"][1]["event_id"].startswith("evt_")
    # Its answer is kept for a second: the one of the start may still be there.
    wait_until(lambda: collector.session.get(collector.url + "/ready").status_code == 503)
    assert collector.session.get(collector.url + "/health").status_code == 200
    assert collector.stop() == 0


def test_a_topic_of_another_schema_refuses_and_is_no_outage(
    start_collector: StartCollector, pubsub_emulator: PubSubEmulator
) -> None:
    other = {"type": "record", "name": "Other", "fields": [{"name": "a", "type": "int"}]}
    queue = make_queue(pubsub_emulator, schema=other)
    collector = start_collector(**queue.env)
    answer = collector.post([event(event_id="one"), event(event_id="two")])
    assert answer.status_code == 503
    assert [result["status"] for result in answer.json()["results"]] == ["retry", "retry"]
    assert collector.session.get(collector.url + "/ready").status_code == 200
    assert "did not accept 2 events" in collector.output()


def test_a_missing_project_and_a_wrong_sink_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="BIOQMS_PUBSUB_PROJECT"):
        open_sink(Config(tmp_path, sink="pubsub"))
    with pytest.raises(ConfigError, match="BIOQMS_PUBSUB_PROJECT"):
        open_rejects(Config(tmp_path, sink="pubsub", pubsub_rejects_topic="rejects"))
    with pytest.raises(ConfigError, match="BIOQMS_SINK must be log or pubsub"):
        Config.from_env({"BIOQMS_SINK": "kafka"})
    config = Config.from_env({"BIOQMS_SINK": "pubsub", "BIOQMS_PUBSUB_PROJECT": "p"})
    assert config.topic_path == "projects/p/topics/bioqms-events"
    assert config.subscription_path("s") == "projects/p/subscriptions/s"
