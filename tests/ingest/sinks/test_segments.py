"""The landing log: durable before the answer, sealed in time, whole after a crash."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import resource
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.errors import SinkError
from ingest.sinks import segments
from ingest.sinks.segments import SegmentLog, recover
from tests.processes import PATIENCE_SECONDS, wait_until

HOUR = "date=2026-02-16/hour=14"


@pytest.fixture
def logs() -> Iterator[list[SegmentLog]]:
    opened: list[SegmentLog] = []
    yield opened
    for log in opened:
        log.close()


def files(root: Path, pattern: str = "date=*/hour=*/*") -> list[Path]:
    return sorted(root.glob(pattern))


def rows(root: Path) -> list[bytes]:
    return [line for path in files(root) for line in path.read_bytes().splitlines()]


def abandoned(root: Path, content: bytes, name: str = "a") -> Path:
    """A segment as a killed writer leaves it."""
    path = root / HOUR / f"{name}.jsonl.open"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_nothing_exists_before_the_first_row(tmp_path: Path) -> None:
    SegmentLog(tmp_path / "log").close()
    assert files(tmp_path, "**/*") == []


def test_rows_are_on_disk_in_an_open_locked_segment(tmp_path: Path, logs: list[SegmentLog]) -> None:
    hours = [datetime.now(UTC)]
    logs.append(SegmentLog(tmp_path))
    logs[0].write([b"1\n", b"2\n"])
    logs[0].write([b"3\n"])
    hours.append(datetime.now(UTC))
    (path,) = files(tmp_path)
    assert path.name.endswith(".jsonl.open")
    assert path.parent in {tmp_path / f"{hour:date=%Y-%m-%d/hour=%H}" for hour in hours}
    assert path.read_bytes() == b"1\n2\n3\n"
    with path.open("rb") as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_synced_before_write_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    sync = os.fdatasync

    def observe(fd: int) -> None:
        synced.append(os.fstat(fd).st_size)
        sync(fd)

    monkeypatch.setattr(os, "fdatasync", observe)
    log = SegmentLog(tmp_path)
    log.write([b"1\n"])
    assert synced == [2]
    log.close()


def test_threads_that_write_at_once_lose_nothing(tmp_path: Path, logs: list[SegmentLog]) -> None:
    logs.append(SegmentLog(tmp_path, max_bytes=2000))

    def work(number: int) -> None:
        for turn in range(25):
            logs[0].write([b"%d-%d-%s\n" % (number, turn, b"x" * 20)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(rows(tmp_path)) == sorted(
        b"%d-%d-%s" % (number, turn, b"x" * 20) for number in range(8) for turn in range(25)
    )


def test_who_waits_shares_the_next_sync_and_waits_for_no_other(
    tmp_path: Path, logs: list[SegmentLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each crowd queues up during the sync before its own, and returns during the one after."""
    log = SegmentLog(tmp_path)
    logs.append(log)
    crowds = [
        [threading.Thread(target=log.write, args=([b"row\n"],)) for _ in range(size)]
        for size in (1, 7, 5, 1)
    ]
    synced: list[int] = []
    late: list[int] = []
    sync = os.fdatasync

    def observe(fd: int) -> None:
        number = len(synced)
        followers = crowds[number + 1] if number + 1 < len(crowds) else []
        for follower in followers:
            follower.start()
        wait_until(lambda: len(log._pending.rows) == len(followers))
        for served in crowds[number - 1] if number else []:
            served.join(PATIENCE_SECONDS)
            if served.is_alive():
                late.append(number)
        sync(fd)
        synced.append(os.fstat(fd).st_size // len(b"row\n"))

    monkeypatch.setattr(os, "fdatasync", observe)
    crowds[0][0].start()
    wait_until(lambda: len(synced) == len(crowds))
    for thread in (thread for crowd in crowds for thread in crowd):
        thread.join()
    assert synced == [1, 8, 13, 14]
    assert not late, "threads whose rows were durable waited for the next sync"


def test_sealed_by_size(tmp_path: Path, logs: list[SegmentLog]) -> None:
    logs.append(SegmentLog(tmp_path, max_bytes=10))
    for _ in range(3):
        logs[0].write([b"12345678\n", b"\n"])
    assert [path.suffix for path in files(tmp_path)] == [".jsonl", ".jsonl", ".open"]


def test_sealed_by_age_without_further_rows(tmp_path: Path, logs: list[SegmentLog]) -> None:
    logs.append(SegmentLog(tmp_path, max_seconds=0.2))
    logs[0].write([b"1\n"])
    wait_until(lambda: [path.suffix for path in files(tmp_path)] == [".jsonl"])
    logs[0].write([b"2\n"])
    assert rows(tmp_path) == [b"1", b"2"]


def test_sealed_when_the_hour_changes(
    tmp_path: Path, logs: list[SegmentLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime.now(UTC)

    class Clock(datetime):
        later = timedelta()

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return start + cls.later

    monkeypatch.setattr(segments, "datetime", Clock)
    logs.append(SegmentLog(tmp_path))
    logs[0].write([b"1\n"])
    Clock.later = timedelta(hours=1)
    logs[0].write([b"2\n"])
    first, second = files(tmp_path)
    assert (first.suffix, second.suffix) == (".jsonl", ".open")
    assert second.parent == tmp_path / (start + Clock.later).strftime("date=%Y-%m-%d/hour=%H")


def test_sealed_on_close_and_closed_for_good(tmp_path: Path) -> None:
    log = SegmentLog(tmp_path)
    log.write([b"1\n"])
    log.close()
    assert [path.suffix for path in files(tmp_path)] == [".jsonl"]
    with pytest.raises(SinkError):
        log.write([b"2\n"])
    assert rows(tmp_path) == [b"1"]


def test_a_full_disk_keeps_nothing_of_the_batch(tmp_path: Path, logs: list[SegmentLog]) -> None:
    """The kernel's limit on file size plays the full disk: half a batch is written."""
    logs.append(SegmentLog(tmp_path))
    logs[0].write([b"kept\n"])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        with pytest.raises(SinkError, match="cannot be written"):
            logs[0].write([b"x" * 600 + b"\n", b"y" * 600 + b"\n"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert rows(tmp_path) == [b"kept"]
    logs[0].write([b"again\n"])
    assert rows(tmp_path) == [b"kept", b"again"]


def test_a_failed_sync_is_a_failed_write(
    tmp_path: Path, logs: list[SegmentLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    logs.append(SegmentLog(tmp_path))
    logs[0].write([b"1\n"])
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", fail)
        with pytest.raises(SinkError):
            logs[0].write([b"2\n"])
    logs[0].write([b"3\n"])
    assert rows(tmp_path) == [b"1", b"3"]


class Surprise(BaseException):
    """Nothing that a disk would say: a signal's, a debugger's, an interpreter's end."""


@pytest.mark.parametrize("error", [Surprise, MemoryError, ValueError])
def test_whatever_breaks_a_write_leaves_no_half_row(
    tmp_path: Path,
    logs: list[SegmentLog],
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
) -> None:
    write = os.write

    def half(fd: int, data: bytes) -> int:
        write(fd, bytes(data)[: len(data) // 2])
        raise error("in the middle of a row")

    logs.append(SegmentLog(tmp_path))
    logs[0].write([b"kept\n"])
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", half)
        with pytest.raises(error):
            logs[0].write([b"lost in the middle\n"])
    assert rows(tmp_path) == [b"kept"]
    logs[0].write([b"again\n"])
    assert rows(tmp_path) == [b"kept", b"again"]


def test_who_shares_a_broken_write_is_told(
    tmp_path: Path, logs: list[SegmentLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the thread that wrote sees the surprise; the others know that nothing was kept."""
    log = SegmentLog(tmp_path)
    logs.append(log)
    fates: list[BaseException | None] = []
    sync = os.fdatasync
    syncs: list[int] = []

    def write() -> None:
        try:
            log.write([b"row\n"])
        except BaseException as error:
            fates.append(error)
        else:
            fates.append(None)

    followers = [threading.Thread(target=write) for _ in range(3)]

    def observe(fd: int) -> None:
        syncs.append(fd)
        if len(syncs) == 1:
            for follower in followers:
                follower.start()
            wait_until(lambda: len(log._pending.rows) == len(followers))
            sync(fd)
        else:
            raise Surprise

    monkeypatch.setattr(os, "fdatasync", observe)
    write()
    for follower in followers:
        follower.join(PATIENCE_SECONDS)
        assert not follower.is_alive()
    assert fates[0] is None
    assert sorted(type(fate).__name__ for fate in fates[1:]) == [
        "SinkError", "SinkError", "Surprise",
    ]  # fmt: skip
    monkeypatch.undo()
    write()
    assert fates[-1] is None
    assert rows(tmp_path) == [b"row", b"row"]


@pytest.mark.parametrize("gone", ["removed", "renamed", "replaced"])
def test_a_log_that_is_gone_is_noticed_before_the_answer(
    tmp_path: Path, logs: list[SegmentLog], gone: str
) -> None:
    root = tmp_path / "log"
    logs.append(SegmentLog(root))
    logs[0].write([b"1\n"])
    (segment,) = files(root)
    if gone == "removed":
        shutil.rmtree(root)
    elif gone == "renamed":
        root.rename(tmp_path / "elsewhere")
    else:
        segment.unlink()
        segment.write_bytes(b"1\n")
    with pytest.raises(SinkError, match="cannot be written"):
        logs[0].write([b"2\n"])
    logs[0].write([b"3\n"])
    assert b"2" not in rows(root)
    assert b"3" in rows(root)


def test_what_is_written_is_not_for_everybody(tmp_path: Path, logs: list[SegmentLog]) -> None:
    before = os.umask(0)
    try:
        logs.append(SegmentLog(tmp_path / "data" / "log"))
        logs[0].write([b"1\n"])
        abandoned(tmp_path / "data" / "log", b"torn")
        recover(tmp_path / "data" / "log")
        (segment,) = files(tmp_path / "data" / "log", "date=*/hour=*/*.open")
        segments.replace_segment(segment.with_suffix(""), b"2\n")
    finally:
        os.umask(before)
    made = [path for path in files(tmp_path / "data", "**/*") if "2026-02-16" not in str(path)]
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in made}
    assert modes == {(True, 0o750), (False, 0o640)}
    assert {path.suffix for path in made} >= {".open", ".jsonl", ".torn"}


def test_a_draft_that_a_killed_forwarder_left_is_removed(tmp_path: Path) -> None:
    draft = abandoned(tmp_path, b"1\n").with_name("a.draft")
    draft.write_bytes(b"half of wh")
    sealed = draft.with_suffix(".jsonl")
    recover(tmp_path)
    assert files(tmp_path) == [sealed]


def test_a_draft_that_is_being_written_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / HOUR / "a.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"1\n2\n")
    sync = os.fsync

    def recover_meanwhile(fd: int) -> None:
        monkeypatch.undo()
        recover(tmp_path)
        sync(fd)

    monkeypatch.setattr(os, "fsync", recover_meanwhile)
    segments.replace_segment(path, b"2\n")
    assert path.read_bytes() == b"2\n"
    assert files(tmp_path) == [path]


def test_a_check_leaves_nothing_on_a_full_disk(tmp_path: Path, logs: list[SegmentLog]) -> None:
    logs.append(SegmentLog(tmp_path))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
        with pytest.raises(SinkError, match="cannot be written"):
            logs[0].check()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


def test_a_probe_that_a_killed_check_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".probe-0123456789ab").write_bytes(b"\n")
    assert recover(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_check_notices_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    log = SegmentLog(tmp_path / "file" / "log")
    with pytest.raises(SinkError):
        log.check()
    log.close()
    log = SegmentLog(tmp_path / "log")
    log.check()
    log.close()
    assert files(tmp_path / "log", "*") == []


@pytest.mark.parametrize(
    ("content", "kept", "torn"),
    [
        (b"1\n2\n", b"1\n2\n", b""),
        (b'1\n{"a": "tor', b"1\n", b'{"a": "tor'),
        (b"1\n" + b"x" * 200_000, b"1\n", b"x" * 200_000),
        (b"1\n" + b"\0" * 70_000, b"1\n", b"\0" * 70_000),
        (b"torn from the start", None, b"torn from the start"),
        (b"", None, b""),
    ],
)
def test_recovery(tmp_path: Path, content: bytes, kept: bytes | None, torn: bytes) -> None:
    left = abandoned(tmp_path, content)
    (recovered,) = recover(tmp_path)
    assert not left.exists()
    assert recovered.torn_bytes == len(torn)
    assert (recovered.torn.read_bytes() if recovered.torn else b"") == torn
    assert (recovered.sealed.read_bytes() if recovered.sealed else None) == kept
    assert [path.read_bytes() for path in files(tmp_path)] == ([kept] if kept else [])
    if torn:
        assert f"{len(torn)} torn bytes" in str(recovered)
        assert files(tmp_path, "torn/*") == [recovered.torn]
    assert recover(tmp_path) == []


def test_recovery_leaves_living_writers_alone(tmp_path: Path, logs: list[SegmentLog]) -> None:
    logs.append(SegmentLog(tmp_path))
    logs[0].write([b"1\n"])
    abandoned(tmp_path, b"2\n")
    assert [str(item.left.name) for item in recover(tmp_path)] == ["a.jsonl.open"]
    logs[0].write([b"3\n"])
    logs[0].close()
    assert sorted(rows(tmp_path)) == [b"1", b"2", b"3"]


def test_recovery_yields_to_whoever_sealed_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is sealed by another process after it was opened here and before it was locked."""
    left = abandoned(tmp_path, b"1\n")
    lock = fcntl.flock

    def late(fd: int, operation: int) -> None:
        left.rename(left.with_suffix(""))
        lock(fd, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    assert recover(tmp_path) == []
    assert rows(tmp_path) == [b"1"]


def test_several_recoveries_at_once_do_it_once(tmp_path: Path) -> None:
    for number in range(50):
        abandoned(tmp_path, b"%d\ntorn" % number, str(number))
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(recover, [tmp_path] * 4)
    assert sum(len(part) for part in found) == 50
    assert sorted(rows(tmp_path)) == sorted(b"%d" % number for number in range(50))
    assert len(files(tmp_path, "torn/*")) == 50


def test_recovery_never_takes_a_segment_that_is_being_made(
    tmp_path: Path, logs: list[SegmentLog]
) -> None:
    stop = threading.Event()

    def keep_recovering() -> None:
        while not stop.is_set():
            recover(tmp_path)

    thread = threading.Thread(target=keep_recovering)
    thread.start()
    try:
        logs.append(SegmentLog(tmp_path, max_bytes=1))
        for number in range(300):
            logs[0].write([b"%d\n" % number])
    finally:
        stop.set()
        thread.join()
    assert sorted(rows(tmp_path)) == sorted(b"%d" % number for number in range(300))
