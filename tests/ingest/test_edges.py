"""What a sender and an operator see where something is gone, broken or closed."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest
import requests

from ingest.api.request import Collector
from ingest.app import create_app
from ingest.auth import keys_from_text
from ingest.config import Config
from tests.ingest.collector import KEYS, WEB_KEY, event
from tests.ingest.conftest import StartCollector
from tests.processes import wait_until


class Unclosable:
    """A sink, or metrics, that fail when they are closed."""

    def __init__(self) -> None:
        self.closed = 0

    def write(self, events: list[bytes]) -> None:
        """Take anything."""

    def count(self, outcomes: object) -> None:
        """Take anything."""

    def check(self) -> None:
        """Find nothing."""

    def close(self) -> None:
        """Fail."""
        self.closed += 1
        raise RuntimeError("cannot be closed")


def test_a_stop_closes_everything_whatever_fails(tmp_path: Path) -> None:
    events, metrics = Unclosable(), Unclosable()
    config = Config(tmp_path, keys=keys_from_text(json.dumps(KEYS)))
    app = create_app(config, events=events, metrics=metrics)  # type: ignore[arg-type]
    sent = app.test_client().post(
        "/api/v1/events", json=event(colour="red"), headers={"X-Write-Key": WEB_KEY}
    )
    assert sent.status_code == 200
    collector: Collector = app.extensions["collector"]
    with pytest.raises(RuntimeError, match="cannot be closed"):
        collector.close()
    assert (events.closed, metrics.closed) == (1, 1)
    (rejects,) = (tmp_path / "rejects").rglob("*.jsonl*")
    assert rejects.suffix == ".jsonl"


def test_a_log_removed_under_a_collector_is_answered_503(start_collector: StartCollector) -> None:
    collector = start_collector()
    collector.results(event(event_id="evt_before"))
    shutil.rmtree(collector.data / "log")
    answer = collector.post(event(event_id="evt_gone"))
    assert (answer.status_code, answer.json()["code"]) == (503, "not_durable")
    assert answer.json()["results"] == [{"event_id": "evt_gone", "status": "retry"}]
    collector.results(event(event_id="evt_gone"))
    assert collector.stop() == 0
    assert [row["event_id"] for row in collector.rows()] == ["evt_gone"]


def test_nothing_of_a_collector_is_for_everybody(start_collector: StartCollector) -> None:
    collector = start_collector()
    collector.results([event(), event(colour="red")])
    made = [path for path in collector.data.rglob("*") if path.name != "output.txt"]
    assert {"log", "rejects", "pseudonym.key"} <= {path.name for path in made}
    assert {path.name for path in made if stat.S_IMODE(path.stat().st_mode) & 0o027} == set()
    assert collector.stop() == 0


def test_an_address_is_kept_as_one_or_not_at_all(start_collector: StartCollector) -> None:
    collector = start_collector(BIOQMS_TRUSTED_PROXIES="1")
    sent = {
        "203.0.113.9:4711": "203.0.113.9",
        "::ffff:203.0.113.9": "203.0.113.9",
        "[fe80::1%eth0]:80": "fe80::1",
        "fe80::1%eth0": "fe80::1",
        "my-host": None,
        "203.0.113.9, my-host": None,
    }
    for number, text in enumerate(sent):
        collector.post(event(event_id=f"by proxy {number}"), headers={"X-Forwarded-For": text})
        collector.results(event(event_id=f"by client {number}", context={"ip": text}))
    addresses = {row["event_id"]: row["context"]["ip"] for row in collector.rows()}
    for number, expected in enumerate(sent.values()):
        assert addresses[f"by proxy {number}"] == addresses[f"by client {number}"] == expected


@pytest.mark.parametrize("content", [b"", b"\n"])
def test_an_empty_pseudonym_key_stops_the_start(
    start_collector: StartCollector, tmp_path: Path, content: bytes
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "pseudonym.key").write_bytes(content)
    with pytest.raises(AssertionError, match=r"pseudonym\.key must hold at least 16 characters"):
        start_collector(data=data)


def test_one_person_has_one_pseudonym_with_and_without_a_newline(
    start_collector: StartCollector, tmp_path: Path
) -> None:
    """As `openssl rand` writes the file, and as a shell and a secret manager read it."""
    key = "0123456789abcdef0123456789abcdef"
    users = set()
    for name, file, env in (
        ("file", f"{key}\n", {}),
        ("variable", "", {"BIOQMS_PSEUDONYM_KEY": key}),
        ("secret", "", {"BIOQMS_PSEUDONYM_KEY": f"{key}\n"}),
    ):
        data = tmp_path / name
        data.mkdir()
        if file:
            (data / "pseudonym.key").write_text(file)
        collector = start_collector(data=data, **env)
        collector.results(event(user_id="jane@example.com"))
        users |= {row["user_id"] for row in collector.rows()}
    assert len(users) == 1
    assert users.pop().startswith("pii_")


def stale(url: str) -> list[str]:
    """The settings whose file cannot be used, as one worker says."""
    answer = requests.get(url + "/ready", timeout=30)
    assert answer.status_code == 200
    return list(answer.json().get("stale", []))


def refuses(url: str, key: str) -> bool:
    """Whether a worker does not know a key; by a connection of its own."""
    headers = {"X-Write-Key": key}
    answer = requests.post(url + "/api/v1/events", json=event(), headers=headers, timeout=30)
    return answer.status_code == 401


def test_a_key_stops_and_another_starts_while_it_runs(
    start_collector: StartCollector, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    old, new = KEYS[0], KEYS[0] | {"key": "web-key-of-acme-0002"}
    path.write_text(json.dumps([old]))
    collector = start_collector(workers=2, BIOQMS_WRITE_KEYS="", BIOQMS_WRITE_KEYS_FILE=str(path))
    assert collector.results(event())[0]["status"] == "accepted"

    path.write_text(json.dumps([old, new]))
    said = f"write keys: read again from {path}"
    wait_until(lambda: collector.output().count(said) == 2, "not both workers have read it")
    assert not any(refuses(collector.url, new["key"]) for _ in range(4))
    assert collector.post(event(), old["key"]).status_code == 200

    path.write_text(json.dumps([old | {"name": None}]))  # broken: both stay
    broken = "write keys: the old ones stay: write key 1 has no name"
    wait_until(lambda: collector.output().count(broken) == 2)
    assert stale(collector.url) == ["write keys"]
    for key in (old, new):
        assert collector.post(event(), key["key"]).status_code == 200

    path.write_text(json.dumps([new]))
    wait_until(lambda: collector.output().count(said) == 4)
    assert all(refuses(collector.url, old["key"]) for _ in range(4))
    assert stale(collector.url) == []
    assert collector.post(event(), new["key"]).status_code == 200
    assert WEB_KEY not in collector.output()
