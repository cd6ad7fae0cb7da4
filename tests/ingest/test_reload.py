"""A file is read again when it changes, and never half."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from ingest import reload
from ingest.errors import ConfigError
from ingest.reload import CHECK_SECONDS, SETTLE_SECONDS, Reloaded, Watch
from tests.processes import wait_until


class Clock:
    """The clock that the module reads."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(reload, "time", clock)
    return clock


def write(path: Path, text: str, clock: Clock, age: float = 60.0) -> None:
    path.write_text(text)
    os.utime(path, (clock.now - age, clock.now - age))


def read(path: Path) -> str:
    try:
        text = path.read_text()
    except OSError as error:
        raise ConfigError(f"cannot read {path}") from error
    if text == "broken":
        raise ConfigError("it is broken")
    if text == "strange":
        raise RecursionError("with a secret")
    return text


def test_a_change_counts_within_seconds(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "file"
    write(path, "one", clock)
    file = Reloaded("things", path, read)
    assert file.value == "one"
    write(path, "two", clock, age=0)
    file.look()
    assert file.value == "one"
    clock.now += SETTLE_SECONDS
    file.look()
    assert file.value == "two"
    assert CHECK_SECONDS + SETTLE_SECONDS <= 5


def test_a_file_that_is_being_written_is_left_for_later(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "file"
    write(path, "one", clock)
    file = Reloaded("things", path, read)
    for half in ("", "tw"):
        write(path, half, clock, age=0.9 * SETTLE_SECONDS)
        file.look()
        assert (file.value, file.fault) == ("one", None)
    write(path, "two", clock, age=SETTLE_SECONDS)
    file.look()
    assert file.value == "two"


def test_a_file_from_a_clock_ahead_is_read(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "file"
    write(path, "one", clock)
    file = Reloaded("things", path, read)
    write(path, "two", clock, age=-3600)
    file.look()
    assert file.value == "two"


def test_a_file_of_the_same_size_and_time_is_told_by_its_inode(
    tmp_path: Path, clock: Clock
) -> None:
    path, other = tmp_path / "file", tmp_path / "other"
    write(path, "one", clock)
    write(other, "two", clock)
    file = Reloaded("things", path, read)
    other.replace(path)
    file.look()
    assert file.value == "two"


def test_what_is_broken_or_gone_changes_nothing_and_is_said_once(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "file"
    write(path, "one", clock)
    file = Reloaded("things", path, read)
    with caplog.at_level(logging.WARNING):
        for text, said in (("broken", "it is broken"), (None, "the file is gone")):
            if text is None:
                path.unlink()
            else:
                write(path, text, clock)
            for _ in range(3):
                file.look()
                assert file.value == "one"
                assert file.fault == said
        write(path, "one", clock)
        file.look()
        assert (file.value, file.fault) == ("one", None)
    assert [record.getMessage() for record in caplog.records] == [
        "things: the old ones stay: it is broken",
        "things: the old ones stay: the file is gone",
        f"things: read again from {path}",
    ]


def test_an_error_that_nobody_foresaw_changes_nothing_either(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "file"
    write(path, "one", clock)
    file = Reloaded("things", path, read)
    write(path, "strange", clock)
    file.look()
    assert file.value == "one"
    assert file.fault is not None
    assert file.fault.startswith("RecursionError at ")
    assert "secret" not in caplog.text


def test_at_the_start_it_must_be_good_unless_something_holds_already(
    tmp_path: Path, clock: Clock
) -> None:
    path = tmp_path / "file"
    with pytest.raises(ConfigError, match="cannot read"):
        Reloaded("things", path, read)
    write(path, "broken", clock)
    with pytest.raises(ConfigError, match="broken"):
        Reloaded("things", path, read)
    file = Reloaded("things", path, read, "first")
    file.look()
    assert (file.value, file.fault) == ("first", "it is broken")
    write(path, "two", clock)
    file.look()
    assert (file.value, file.fault) == ("two", None)
    nowhere = Reloaded("things", None, read, "first")
    nowhere.look()
    assert (nowhere.value, nowhere.fault) == ("first", None)


def test_a_watch_looks_at_once_and_then_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(reload, "SETTLE_SECONDS", 0.0)
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("one")
    bad.write_text("broken")
    files = [Reloaded("good", good, read, "first"), Reloaded("bad", bad, read, "first")]
    watch = Watch(*files)
    assert [file.value for file in files] == ["one", "first"]
    assert watch.stale() == ["bad"]
    bad.write_text("two and more")
    wait_until(lambda: not watch.stale())
    assert files[1].value == "two and more"
    watch.close()
