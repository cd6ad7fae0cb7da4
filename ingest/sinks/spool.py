"""The spool keeps what Pub/Sub does not take; a forwarder beside the collector publishes it.

The forwarder has a process of its own: gRPC must not run in a process that forks workers, so the
collector's parent never imports it.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

from ingest.config import Config
from ingest.sinks.segments import SegmentLog

_RESTART_SECONDS = 1.0
_STOP_SECONDS = 15.0


def open_spool(config: Config) -> SegmentLog:
    """Open the spool for writing; its segments look like those of the landing log."""
    return SegmentLog(
        config.spool_dir, max_bytes=config.segment_bytes, max_seconds=config.segment_seconds
    )


@contextlib.contextmanager
def forwarding(config: Config) -> Iterator[None]:
    """Run `ingest.sinks.forwarder` for the time of the block, if `config` has a spool."""
    if config.sink != "pubsub" or not config.spool:
        yield
        return
    keeper = _Keeper(config)
    try:
        yield
    finally:
        keeper.stop()


class _Keeper:
    """A thread that starts the forwarder and starts it again if it dies."""

    def __init__(self, config: Config) -> None:
        self._env = os.environ | {"BIOQMS_DATA": str(config.data_dir)}
        self._stopping = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._keep, name="forwarder", daemon=True)
        self._thread.start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "ingest.sinks.forwarder", str(os.getpid())]
        return subprocess.Popen(command, env=self._env)

    def _keep(self) -> None:
        while True:
            self._process.wait()
            if self._stopping.wait(_RESTART_SECONDS):
                return
            self._process = self._start()

    def stop(self) -> None:
        self._stopping.set()
        # Between its death and its restart there is nothing to end; the thread sees to that.
        while self._thread.is_alive():
            self._process.terminate()
            self._thread.join(_STOP_SECONDS)
            if self._thread.is_alive():
                self._process.kill()
                self._thread.join()
