"""Settings that change under a running collector: a file is read again when it changes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from ingest.errors import ConfigError
from ingest.logs import described

CHECK_SECONDS = 1.0
"""How often a file is looked at."""
SETTLE_SECONDS = 1.0
"""A file that was written this recently may be half written; the next look reads it."""

T = TypeVar("T")
_Version = tuple[int, ...]
_log = logging.getLogger(__name__)


class Reloaded(Generic[T]):
    """What a file says: its `value`, as it was at the last look. Threads may share it.

    A file that is broken or gone changes nothing: what it said before stays, `fault` says why.
    """

    def __init__(
        self, what: str, path: Path | None, read: Callable[[Path], T], first: T | None = None
    ) -> None:
        """Hold `first` until the file is read, or read it now: then it must be there and good.

        `what` names it in the log. Without a path `first` holds for good. `read` raises
        ConfigError. Raises ConfigError.
        """
        self.what = what
        self.fault: str | None = None
        self._path = path
        self._read = read
        self._version: _Version | None = None
        if first is not None:
            self.value = first
        elif path is not None:
            self._version = self._seen()
            self.value = read(path)
        else:
            raise ConfigError(f"{what}: no file is named")

    def look(self) -> None:
        """Read the file again if it has changed."""
        version = self._seen()
        if version == self._version or (version is not None and _is_fresh(version)):
            return
        self._version = version
        try:
            if version is None or self._path is None:
                raise ConfigError("the file is gone")
            value = self._read(self._path)
        except Exception as error:
            # The message of an error that nobody foresaw may quote what the file holds.
            self.fault = str(error) if isinstance(error, ConfigError) else described(error)
            _log.error("%s: the old ones stay: %s", self.what, self.fault)
        else:
            if value != self.value or self.fault is not None:
                _log.warning("%s: read again from %s", self.what, self._path)
            self.value, self.fault = value, None

    def _seen(self) -> _Version | None:
        """What changes with the file; None if it cannot be seen."""
        if self._path is None:
            return None
        try:
            seen = self._path.stat()
        except OSError:
            return None
        return seen.st_mtime_ns, seen.st_size, seen.st_ino, seen.st_dev


class Watch:
    """A thread that looks at files: what changes counts CHECK_SECONDS + SETTLE_SECONDS later."""

    def __init__(self, *files: Reloaded[Any]) -> None:
        """Look once, and start it. Threads do not survive a fork: make one in each process."""
        self.files = files
        self._stop = threading.Event()
        self._look()
        self._thread = threading.Thread(target=self._run, name="settings", daemon=True)
        self._thread.start()

    def stale(self) -> list[str]:
        """What is older than its file, because that cannot be used as it is now."""
        return [file.what for file in self.files if file.fault is not None]

    def close(self) -> None:
        """End it."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(CHECK_SECONDS):
            self._look()

    def _look(self) -> None:
        for file in self.files:
            file.look()


def _is_fresh(version: _Version) -> bool:
    # A clock that is elsewhere, as on a shared disk, must not keep a file unread.
    return abs(time.time() - version[0] / 1e9) < SETTLE_SECONDS
