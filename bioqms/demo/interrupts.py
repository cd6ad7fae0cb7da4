"""The signals that end a demo, as one exception."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType


class Interrupted(BaseException):
    """A signal asked the demo to end. As KeyboardInterrupt, it is nothing to recover from."""


class Interrupts:
    """Raises Interrupted for SIGINT, SIGTERM and SIGHUP within a `with` block.

    Afterwards the signals are ignored: the process is about to exit with its own status. A signal
    that the caller ignores, as `nohup` does with SIGHUP, stays ignored. `caught` is the last one.
    """

    def __init__(self) -> None:
        """Nothing is changed before the block."""
        self.caught: signal.Signals | None = None
        self._deferrals = 0
        self._is_pending = False
        self._watched: list[signal.Signals] = []

    def __enter__(self) -> Interrupts:
        """Watch the signals. Works in the main thread only."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._watched.append(number)
                signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ignore the signals from now on."""
        for number in self._watched:
            signal.signal(number, signal.SIG_IGN)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Let signals wait until the block ends, which must not take long."""
        self._deferrals += 1
        try:
            yield
        finally:
            self._deferrals -= 1
        if self._is_pending and not self._deferrals:
            self._is_pending = False
            raise Interrupted

    def _handle(self, number: int, _: FrameType | None) -> None:
        self.caught = signal.Signals(number)
        if not self._deferrals:
            raise Interrupted
        self._is_pending = True
