"""The folder of a demo: its own, empty at the start, one demo at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MARKER = ".bioqms-demo"
"""A folder that holds this file was made by a demo, and the next demo may empty it.

The file is locked while a demo runs, and holds the number of its process."""


class FolderError(Exception):
    """The folder cannot be used; the message says why."""


@contextmanager
def emptied(data: Path) -> Iterator[int]:
    """Make the folder, or empty it, and hold it for the time of the block; yields the lock.

    Raises FolderError if another demo works in it, if it holds data that no demo made, or if it
    cannot be written.
    """
    try:
        lock = _locked(data)
    except OSError as error:
        raise FolderError(f"cannot use {error.filename or data}: {error.strerror}") from None
    try:
        yield lock
    finally:
        os.close(lock)


def _locked(data: Path) -> int:
    data.mkdir(parents=True, exist_ok=True)
    if any(data.iterdir()) and not (data / MARKER).exists():
        raise FolderError(
            f"{data} holds data that is not from a demo: choose another folder with --data"
        )
    lock = os.open(data / MARKER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _hold(lock, data)
        for entry in data.iterdir():
            if entry.name == MARKER:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    except BaseException:
        os.close(lock)
        raise
    return lock


def _hold(lock: int, data: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
        raise FolderError(
            f"another demo (process {holder}) is using {data}: "
            "wait until it ends, or choose another folder with --data"
        ) from None
    os.ftruncate(lock, 0)
    os.pwrite(lock, b"%d\n" % os.getpid(), 0)
