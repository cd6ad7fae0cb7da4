"""Whether sinks can make rows durable, asked of the disk at most once a second."""

from __future__ import annotations

import threading
import time

from ingest.errors import SinkError
from ingest.sinks.base import Sink

KEPT_SECONDS = 1.0
"""How long an answer is good: nobody needs a key to ask, and each look costs a sync."""


class Readiness:
    """The state of some sinks, as it was at most a second ago."""

    def __init__(self, *sinks: Sink) -> None:
        """Ask these, when somebody asks."""
        self._sinks = sinks
        self._lock = threading.Lock()
        self._until = 0.0
        self._fault: str | None = None

    def check(self) -> None:
        """Raise SinkError if a write would fail."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._fault = self._look()
                self._until = time.monotonic() + KEPT_SECONDS
        if self._fault is not None:
            raise SinkError(self._fault)

    def _look(self) -> str | None:
        try:
            for sink in self._sinks:
                sink.check()
        except SinkError as error:
            return str(error)
        return None
