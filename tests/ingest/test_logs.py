"""What the operator reads: no flood, and no value of an event."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ingest.app import create_app
from ingest.auth import keys_from_text
from ingest.config import Config
from ingest.logs import Throttle, described
from ingest.sinks.segments import SegmentLog
from tests.ingest.collector import WEB_KEY, event
from tests.ingest.conftest import StartCollector

KEYS = f'[{{"name": "web", "key": "{WEB_KEY}", "tenants": ["acme"]}}]'


def test_an_outage_costs_a_line_a_second_not_a_line_a_request(
    start_collector: StartCollector,
) -> None:
    collector = start_collector()
    log = collector.data / "log"
    log.rmdir()
    log.write_text("a file where a folder has to be")
    statuses = {collector.post(event()).status_code for _ in range(200)}
    assert statuses == {503}
    lines = collector.output().count("not accepted: the log cannot be written")
    # On a slow machine the requests take some seconds, each with its line.
    assert 1 <= lines < 100


def test_the_next_line_tells_how_many_were_left_out(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("ingest.logs.time.monotonic", lambda: now[0])
    throttle = Throttle(logging.getLogger("test"))
    for moment in (0.0, 0.1, 0.2, 0.999, 1.0, 1.5):
        now[0] = moment
        throttle.error("full")
    throttle.error("another reason")
    assert [record.message for record in caplog.records] == [
        "full",
        "full (3 more like this since the last line)",
        "another reason",
    ]


def test_reasons_without_end_are_not_kept_without_end(caplog: pytest.LogCaptureFixture) -> None:
    throttle = Throttle(logging.getLogger("test"))
    for number in range(10_000):
        throttle.error(f"reason {number}")
    assert len(throttle._said) <= 256
    assert len(caplog.records) == 10_000


class Broken(SegmentLog):
    """A sink that fails as none should, with a person in its message."""

    def write(self, events: list[bytes]) -> None:
        try:
            raise KeyError("zebulon@private.test")
        except KeyError as error:
            raise ValueError("zebulon@private.test") from error


def test_a_fault_nobody_foresaw_is_told_without_its_values(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = Config(tmp_path, keys_from_text(KEYS))
    app = create_app(config, events=Broken(tmp_path / "log"))
    answer = app.test_client().post(
        "/api/v1/events", json=event(), headers={"X-Write-Key": WEB_KEY}
    )
    app.extensions["collector"].close()
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert "zebulon" not in caplog.text
    assert "unforeseen ValueError at ingest/test_logs.py:" in caplog.text
    assert "api/native.py:" in caplog.text
    assert "from KeyError at ingest/test_logs.py:" in caplog.text


def test_an_exception_without_a_place() -> None:
    assert described(ValueError("secret")) == "ValueError at an unknown place"
