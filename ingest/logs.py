"""Lines for the operator that hold no personal value and do not flood."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from pathlib import Path

THROTTLE_SECONDS = 1.0
_MAX_REASONS = 256


class Throttle:
    """Logs one line a second for each reason, and with the next one how many it left out."""

    def __init__(self, logger: logging.Logger) -> None:
        """Log to `logger`."""
        self._logger = logger
        self._lock = threading.Lock()
        self._said: dict[str, tuple[float, int]] = {}  # when last, and how many since

    def error(self, reason: str) -> None:
        """Log a reason, or count it."""
        now = time.monotonic()
        with self._lock:
            at, suppressed = self._said.get(reason, (now - THROTTLE_SECONDS, 0))
            if now - at < THROTTLE_SECONDS:
                self._said[reason] = (at, suppressed + 1)
                return
            if len(self._said) >= _MAX_REASONS:
                self._said.clear()
            self._said[reason] = (now, 0)
        more = f" ({suppressed} more like this since the last line)" if suppressed else ""
        self._logger.error("%s%s", reason, more)


def described(error: BaseException) -> str:
    """An exception's type and where it came from, without its message: it may hold a value."""
    frames = reversed(traceback.extract_tb(error.__traceback__))
    places = " < ".join(_place(frame) for frame in frames) or "an unknown place"
    cause = f", from {described(error.__cause__)}" if error.__cause__ else ""
    return f"{type(error).__name__} at {places}{cause}"


def _place(frame: traceback.FrameSummary) -> str:
    return f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno}"
