"""Step 5, land: an append-only log of JSON lines that survives a crash.

    <root>/date=YYYY-MM-DD/hour=HH/<segment>.jsonl.open   being written, locked by its writer
    <root>/date=YYYY-MM-DD/hour=HH/<segment>.jsonl        sealed, never changes again

Rows are on disk (fdatasync) before `write` returns. Threads that write at the same time share one
sync. A segment is sealed by rename when it is large or old enough, when the hour changes and on
close; what a killed writer leaves behind is sealed by `recover`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ingest.disk import create_file, make_folder, open_new, sync_directory
from ingest.errors import SinkError

OPEN_SUFFIX = ".open"
_TAIL_BLOCK = 1 << 16
_DRAFT_SUFFIX = ".draft"
_PROBE_PREFIX = ".probe-"
_log = logging.getLogger(__name__)


@dataclass
class _Batch:
    """The rows of all threads that will share the next sync."""

    rows: list[bytes] = field(default_factory=list)
    is_done: bool = False
    # Until proven otherwise: an error nobody foresaw must not look like success.
    error: SinkError | None = field(default_factory=lambda: SinkError("the rows were not written"))


class _Segment:
    """One open file of the log."""

    def __init__(self, root: Path, now: datetime) -> None:
        self.hour = _partition(now)
        self.directory = root / self.hour
        self.born = time.monotonic()
        self.size = 0
        self.is_sound = True
        _make_directory(self.directory, root)
        self.path, self.fd = _create(self.directory, now)
        self._name = str(self.path)
        made = os.fstat(self.fd)
        self._device, self._inode = made.st_dev, made.st_ino

    def append(self, data: bytes) -> None:
        """Write and sync, or leave the file as it was and raise what went wrong.

        OSError also if the file no longer has its name: what is synced then is lost.
        """
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self.fd, view) :]
            os.fdatasync(self.fd)
            there = os.stat(self._name)  # noqa: PTH116 - Path.stat() takes twice as long
            if there.st_ino != self._inode or there.st_dev != self._device:
                raise FileNotFoundError(errno.ENOENT, "another file has its name")
        except BaseException:  # also what is no error of the disk must not leave half a row
            self.is_sound = False
            os.ftruncate(self.fd, self.size)
            self.is_sound = True
            raise
        self.size += len(data)

    def seal(self) -> Path | None:
        """Give the file its final name; an empty one is removed. Returns the sealed path.

        A file that could not be truncated after a failed write stays open for `recover`.
        """
        try:
            return _finish(self.path, self.size) if self.is_sound else None
        finally:
            os.close(self.fd)


class SegmentLog:
    """A landing log under `root`, written by one process and any number of its threads.

    A segment is sealed at `max_bytes` or `max_seconds` after its first row.
    """

    def __init__(
        self, root: Path, *, max_bytes: int = 64 * 1024 * 1024, max_seconds: float = 60.0
    ) -> None:
        """Start the thread that seals idle segments. Nothing is created before the first row."""
        self.root = root
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds
        self._segment: _Segment | None = None
        self._pending = _Batch()
        self._is_committing = False
        self._turn = threading.Condition()
        self._file_lock = threading.Lock()
        self._closing = threading.Event()
        self._sealer = threading.Thread(target=self._seal_idle, name="sealer", daemon=True)
        self._sealer.start()

    def write(self, events: list[bytes]) -> None:
        """Append rows and wait until they are on disk. Raises SinkError, then none was kept."""
        if not events:
            return
        is_leader = False
        try:
            with self._turn:
                batch = self._pending
                batch.rows.extend(events)
                # Who is served goes at once: nobody waits for the next sync to learn of the last.
                self._turn.wait_for(lambda: batch.is_done or not self._is_committing)
                if not batch.is_done:
                    is_leader = self._is_committing = True
                    self._pending = _Batch()
            if is_leader:
                # For everybody who has queued up meanwhile.
                with self._file_lock:
                    self._commit(batch)
        finally:
            if is_leader:
                with self._turn:
                    self._is_committing = False
                    self._turn.notify_all()
        if batch.error is not None:
            raise batch.error

    def check(self) -> None:
        """Prove that a file can be written and synced here. Raises SinkError."""
        probe = self.root / f"{_PROBE_PREFIX}{secrets.token_hex(6)}"
        try:
            make_folder(self.root)
            with open_new(probe) as file:
                file.write(b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SinkError(f"the log cannot be written: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):
                probe.unlink()

    def close(self) -> None:
        """Seal the open segment and stop the sealing thread. Later writes raise SinkError."""
        self._closing.set()
        self._sealer.join()
        with self._file_lock:
            self._seal()

    def _commit(self, batch: _Batch) -> None:
        try:
            if self._closing.is_set():
                raise SinkError("the log is closed")
            self._segment_for(datetime.now(UTC)).append(b"".join(batch.rows))
            batch.error = None
        except SinkError as error:
            batch.error = error
        except BaseException as error:
            # Whatever happened, the next rows start in a file of their own.
            with contextlib.suppress(OSError):
                self._seal()
            if not isinstance(error, OSError):
                raise
            batch.error = SinkError(f"the log cannot be written: {error.strerror}")
        finally:
            batch.is_done = True
            batch.rows = []

    def _segment_for(self, now: datetime) -> _Segment:
        if self._segment is not None and self._is_due(self._segment, now):
            self._seal()
        if self._segment is None:
            self._segment = _Segment(self.root, now)
        return self._segment

    def _is_due(self, segment: _Segment, now: datetime) -> bool:
        return (
            segment.size >= self._max_bytes
            or time.monotonic() - segment.born >= self._max_seconds
            or segment.hour != _partition(now)
        )

    def _seal(self) -> None:
        if self._segment is not None:
            segment, self._segment = self._segment, None
            segment.seal()

    def _seal_idle(self) -> None:
        while not self._closing.wait(min(1.0, self._max_seconds / 4)):
            with self._file_lock:
                if self._segment is not None and self._is_due(self._segment, datetime.now(UTC)):
                    try:
                        self._seal()
                    except OSError as error:
                        # The file stays `.open`, whole; recovery seals it.
                        _log.error("a segment could not be sealed: %s", error.strerror)


@dataclass(frozen=True)
class Recovered:
    """What became of one file that a killed writer left behind."""

    left: Path
    sealed: Path | None
    torn_bytes: int = 0
    torn: Path | None = None

    def __str__(self) -> str:
        """One line for the operator."""
        fate = f"sealed as {self.sealed.name}" if self.sealed else "held no whole row, removed"
        torn = f"; {self.torn_bytes} torn bytes moved to {self.torn}" if self.torn else ""
        return f"recovered {self.left.name}: {fate}{torn}"


def recover(root: Path) -> list[Recovered]:
    """Seal every `.open` file under `root` whose writer is gone; live writers hold a lock.

    A last row without its newline was never acknowledged: it is cut off and kept in `<root>/torn/`.
    Probes of a killed `check` and drafts of a killed `replace_segment` are removed. Several
    processes may do this at the same time. Raises OSError.
    """
    for probe in root.glob(f"{_PROBE_PREFIX}*"):
        probe.unlink(missing_ok=True)
    for draft in root.glob(f"date=*/hour=*/*{_DRAFT_SUFFIX}"):
        _remove_orphan(draft)
    found = []
    for path in sorted(root.glob(f"date=*/hour=*/*.jsonl{OPEN_SUFFIX}")):
        recovered = _recover_file(root, path)
        if recovered is not None:
            found.append(recovered)
    return found


def _remove_orphan(draft: Path) -> None:
    try:
        fd = os.open(draft, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_still(draft, fd):
            draft.unlink()
    except BlockingIOError:
        pass  # its writer lives
    finally:
        os.close(fd)


def _recover_file(root: Path, path: Path) -> Recovered | None:
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is_still(path, fd):
            return None
        size = os.fstat(fd).st_size
        whole = _whole_rows(fd, size)
        torn = None
        if whole < size:
            torn = _keep_torn(root, path, os.pread(fd, size - whole, whole))
            os.ftruncate(fd, whole)
        os.fsync(fd)
        return Recovered(path, _finish(path, whole), size - whole, torn)
    except BlockingIOError:
        return None  # its writer lives
    finally:
        os.close(fd)


def _whole_rows(fd: int, size: int) -> int:
    """The number of bytes up to and including the last newline."""
    end = size
    while end > 0:
        start = max(0, end - _TAIL_BLOCK)
        newline = os.pread(fd, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _keep_torn(root: Path, path: Path, tail: bytes) -> Path:
    directory = root / "torn"
    _make_directory(directory, root)
    torn = directory / (path.name.removesuffix(f".jsonl{OPEN_SUFFIX}") + ".torn")
    with open_new(torn) as file:
        file.write(tail)
        file.flush()
        os.fsync(file.fileno())
    sync_directory(directory)
    return torn


def _partition(now: datetime) -> str:
    return now.strftime("date=%Y-%m-%d/hour=%H")


def _create(directory: Path, now: datetime) -> tuple[Path, int]:
    """Create and lock a segment under a name that was never used."""
    while True:
        name = f"{now:%Y%m%dT%H%M%S.%f}-{os.getpid()}-{secrets.token_hex(4)}.jsonl{OPEN_SUFFIX}"
        path = directory / name
        fd = _create_locked(path, os.O_EXCL | os.O_APPEND)
        if fd is not None:
            sync_directory(directory)
            return path, fd


def _create_locked(path: Path, flags: int) -> int | None:
    """Create and lock a file; None if a recovery elsewhere removed it before the lock."""
    fd = create_file(path, flags)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        if _is_still(path, fd):
            return fd
    except BaseException:
        os.close(fd)
        raise
    os.close(fd)
    return None


def _is_still(path: Path, fd: int) -> bool:
    """Whether `path` still names the file open as `fd`."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(fd)
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)


def _finish(path: Path, size: int) -> Path | None:
    sealed = None
    if size:
        sealed = path.with_name(path.name.removesuffix(OPEN_SUFFIX))
        path.rename(sealed)
    else:
        path.unlink()
    sync_directory(path.parent)
    return sealed


def replace_segment(path: Path, content: bytes) -> None:
    """Put other rows in the place of a sealed segment; a crash leaves the old ones or the new."""
    draft = path.with_suffix(_DRAFT_SUFFIX)
    while (fd := _create_locked(draft, os.O_TRUNC)) is None:
        pass
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        # While it is locked: without, a recovery would take it for an orphan.
        draft.replace(path)
    sync_directory(path.parent)


def _make_directory(directory: Path, root: Path) -> None:
    """Create a directory so that it, and each parent up to above `root`, survives a power cut."""
    # Also when it is there: another process may have made it and not synced it yet.
    make_folder(directory)
    for parent in (directory, *directory.parents):
        sync_directory(parent)
        if parent == root.parent:
            break
