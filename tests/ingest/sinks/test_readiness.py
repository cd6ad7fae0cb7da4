"""A thousand questions whether a sink is ready cost it one look a second."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ingest.errors import SinkError
from ingest.sinks import readiness
from ingest.sinks.readiness import Readiness
from ingest.sinks.segments import SegmentLog


class Watched(SegmentLog):
    """A landing log that counts how often somebody looks at it."""

    looks = 0

    def check(self) -> None:
        self.looks += 1
        super().check()


def test_many_questions_are_one_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 1000.0)
    log = Watched(tmp_path / "log")
    ready = Readiness(log)
    threads = [threading.Thread(target=ready.check) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert log.looks == 1


def test_an_answer_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0.0)
    log = SegmentLog(tmp_path / "log")
    ready = Readiness(log)
    log.root.write_text("a file where a folder has to be")
    with pytest.raises(SinkError, match="cannot be written"):
        ready.check()
    log.root.unlink()
    ready.check()
    log.close()


def test_a_fault_is_told_again_without_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 1000.0)
    log = Watched(tmp_path / "log")
    log.root.write_text("a file where a folder has to be")
    ready = Readiness(log)
    for _ in range(3):
        with pytest.raises(SinkError, match="cannot be written"):
            ready.check()
    log.close()
    assert log.looks == 1
