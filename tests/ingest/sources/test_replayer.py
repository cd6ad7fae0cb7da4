"""Refused events come back once, however often they are replayed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from google.pubsub_v1.types import PubsubMessage

from ingest.message import to_message
from tests.ingest.collector import BIOQMS, KEYS, environment, event, read_rows
from tests.ingest.conftest import StartCollector
from tests.ingest.pubsub import Queue, ids_of, make_queue, row_of
from tests.servers import PubSubEmulator

GLOBEX = event(tenant_id="globex", properties={"n": 1})


def replay(*args: object, data: Path, **env: str) -> subprocess.CompletedProcess[str]:
    keys = env.pop("keys", json.dumps(KEYS))
    return subprocess.run(
        [BIOQMS, "replay", *map(str, args), "--data", data], capture_output=True, text=True,
        check=False, timeout=60, env=environment(BIOQMS_WRITE_KEYS=keys, **env),
    )  # fmt: skip


def landed(data: Path) -> list[dict[str, Any]]:
    return read_rows(sorted((data / "log").glob("date=*/hour=*/*.jsonl")))


def allowing(*tenants: str) -> str:
    """The keys, after `web` has been given more tenants."""
    return json.dumps([KEYS[0] | {"tenants": ["acme", *tenants], "default_tenant": "acme"}])


@pytest.fixture
def refused(start_collector: StartCollector) -> Path:
    """The data folder of a collector that refused four events, two of them equal."""
    collector = start_collector()
    collector.results([GLOBEX | {"event_id": "evt_sent"}, GLOBEX, GLOBEX, event(colour="red")])
    collector.stop()
    assert not landed(collector.data)
    return collector.data


def test_rejects_come_back_when_their_reason_is_gone(refused: Path) -> None:
    again = replay("rejects", data=refused)
    assert again.returncode == 0
    assert again.stdout.startswith("read 4 = accepted 0 + rejected 4  (blank lines: 0)\n")
    assert "       3  $.tenant_id: this write key may not write for this tenant" in again.stdout
    assert replay("rejects", "--strict", data=refused).returncode == 1

    mended = replay("rejects", data=refused, keys=allowing("globex"))
    assert mended.stdout.startswith("read 4 = accepted 3 + rejected 1")
    first = landed(refused)
    rejects = read_rows(list((refused / "rejects").glob("date=*/hour=*/*.jsonl")))
    assert {row["received_at"] for row in first} == {row["rejected_at"] for row in rejects}
    assert len({row["event_id"] for row in first}) == 3
    assert first[0]["event_id"] == "evt_sent"
    assert {row["tenant_id"] for row in first} == {"globex"}

    replay("rejects", data=refused, keys=allowing("globex"))
    assert landed(refused) == first + first  # exact copies: staging keeps one


def test_a_key_that_is_gone_opens_nothing(refused: Path) -> None:
    other = json.dumps([KEYS[1]])
    outcome = replay("rejects", data=refused, keys=other)
    assert outcome.stdout.startswith("read 4 = accepted 0 + rejected 4")
    assert "its write key is no longer configured" in outcome.stdout


def test_rejects_of_load_come_back_after_a_repair(tmp_path: Path) -> None:
    source = tmp_path / "events.jsonl"
    late = event(event_id="late", received_at="2026-02-16T15:00:00Z")
    source.write_text("\n".join(json.dumps(e) for e in (event(), late)) + "\nnonsense\n\n")
    subprocess.run(
        [BIOQMS, "load", source, "--data", tmp_path], check=True, capture_output=True,
        env=environment(),
    )  # fmt: skip
    (rejects,) = (tmp_path / "rejects").glob("date=*/load-*.jsonl")
    outcome = replay("rejects", rejects, "--tenant", "acme", data=tmp_path)
    assert outcome.stdout.startswith("read 3 = accepted 2 + rejected 1  (blank lines: 0)\n")
    assert "$: not JSON" in outcome.stdout
    made, kept = landed(tmp_path)
    assert made["event_id"].startswith("evt_")
    assert made["received_at"] == read_rows([rejects])[0]["rejected_at"]
    assert (kept["event_id"], kept["received_at"]) == ("late", "2026-02-16T15:00:00.000000Z")
    assert {row["tenant_id"] for row in (made, kept)} == {"acme"}


def test_what_was_not_kept_whole_is_not_made_up(start_collector: StartCollector) -> None:
    collector = start_collector()
    collector.results(
        [
            event(tenant_id="globex", user_id="jane@example.com"),
            event(tenant_id="globex", properties={"pad": "x" * 5000}),
            event(
                tenant_id="globex",
                event_name="user.alias",
                properties={"previous_id": "jane@example.com"},
            ),
        ]
    )
    collector.stop()
    outcome = replay("rejects", data=collector.data, keys=allowing("globex"))
    assert outcome.stdout.startswith("read 3 = accepted 0 + rejected 3")
    assert "$.user_id: was personal data and is not kept" in outcome.stdout
    assert "$.properties.previous_id: was personal data and is not kept" in outcome.stdout
    assert "only 4096 characters of it were kept" in outcome.stdout


def test_a_file_of_something_else_is_refused_line_by_line(tmp_path: Path) -> None:
    strange = tmp_path / "strange.jsonl"
    strange.write_text('{"a": 1}\nhello\n\n[]\n{"event": "{}", "rejected_at": 7}\n')
    outcome = replay("rejects", strange, data=tmp_path)
    assert outcome.stdout.startswith("read 4 = accepted 0 + rejected 4  (blank lines: 1)\n")
    assert "4  $: not a line of a rejects file" in outcome.stdout


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
    assert (reject["path"], reject["write_key"]) == ("$.event_name", "web")
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
