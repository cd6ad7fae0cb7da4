"""A file is read again when it changes, and never half."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from ingest import reload
from ingest.errors import ConfigError
from ingest.reload import CHECK_SECONDS, SETTLE_SECONDS, Reloaded


class Clock:
    """Both clocks that the module reads."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def monotonic(self) -> float:
        return self.now

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
    return text


def test_a_change_counts_within_seconds(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "file"
    write(path, "one", clock)
    file = Reloaded("things", path, read)
    assert file.get() == "one"
    write(path, "two", clock, age=0)
    clock.now += 0.9 * CHECK_SECONDS
    assert file.get() == "one"
    clock.now += 0.9 * CHECK_SECONDS + SETTLE_SECONDS
    assert file.get() == "two"
    assert CHECK_SECONDS + SETTLE_SECONDS <= 5


def test_a_file_that_is_being_written_is_left_for_later(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "file"
    write(path, "one", clock)
    file = Reloaded("things", path, read)
    clock.now += 10
    for half in ("", "tw"):
        write(path, half, clock, age=0.5 * SETTLE_SECONDS)
        clock.now += CHECK_SECONDS / 4
        assert file.get() == "one"
        clock.now += CHECK_SECONDS
    write(path, "two", clock, age=SETTLE_SECONDS)
    clock.now += CHECK_SECONDS
    assert file.get() == "two"


def test_a_file_from_a_clock_ahead_is_read(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "file"
    write(path, "one", clock)
    file = Reloaded("things", path, read)
    write(path, "two", clock, age=-3600)
    clock.now += CHECK_SECONDS
    assert file.get() == "two"


def test_a_file_of_the_same_size_and_time_is_told_by_its_inode(
    tmp_path: Path, clock: Clock
) -> None:
    path, other = tmp_path / "file", tmp_path / "other"
    write(path, "one", clock)
    write(other, "two", clock)
    file = Reloaded("things", path, read)
    other.replace(path)
    clock.now += CHECK_SECONDS
    assert file.get() == "two"


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
                clock.now += CHECK_SECONDS
                assert file.get() == "one"
                assert file.fault == said
        write(path, "one", clock)
        clock.now += CHECK_SECONDS
        assert (file.get(), file.fault) == ("one", None)
    assert [record.getMessage() for record in caplog.records] == [
        "things: the old ones stay: it is broken",
        "things: the old ones stay: the file is gone",
        f"things: read again from {path}",
    ]


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
    assert (file.get(), file.fault) == ("first", "it is broken")
    write(path, "two", clock)
    clock.now += CHECK_SECONDS
    assert (file.get(), file.fault) == ("two", None)
    nowhere = Reloaded("things", None, read, "first")
    clock.now += CHECK_SECONDS
    assert (nowhere.get(), nowhere.fault) == ("first", None)
