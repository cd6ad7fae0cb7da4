"""The forwarder: publishes what was spooled while Pub/Sub failed, oldest first, until it is taken.

One forwarder works on a spool at a time, told by a lock. A segment is removed when every row of it
is acknowledged; rows that were not are written back in its place. A forwarder that dies leaves its
segment as it was: the next one publishes it again, and staging removes duplicates by event_id.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from ingest.config import Config
from ingest.disk import create_file, make_folder, sync_directory
from ingest.errors import ConfigError
from ingest.message import to_message
from ingest.parent import end_with_parent
from ingest.sinks.pubsub import CHUNK_ROWS, Publisher, explain, is_refused
from ingest.sinks.segments import recover, replace_segment
from ingest.steps import admit

POLL_SECONDS = 1.0
_log = logging.getLogger(__name__)


@dataclass
class Forwarded:
    """What one pass did: rows that Pub/Sub acknowledged, rows that stay, and why they do.

    `suppressed` rows are gone: their events are not admitted any more.
    """

    sent: int = 0
    left: int = 0
    suppressed: int = 0
    problem: str | None = None


class Forwarder:
    """Publishes the sealed segments of the spool of `config`."""

    def __init__(self, config: Config) -> None:
        """Nothing is opened before the first pass."""
        self._config = config
        self._root = config.spool_dir

    def drain(self, stop: threading.Event | None = None) -> Forwarded:
        """Make one pass over the sealed segments, up to the first that Pub/Sub does not take.

        Segments of dead writers are sealed first; running writers keep theirs. A row that
        the topic refuses for good does not hold up the others; it stays in the spool. Raises
        ConfigError, OSError.
        """
        recover(self._root)
        passed = Forwarded()
        segments = sorted(self._root.glob("date=*/hour=*/*.jsonl"), key=lambda path: path.name)
        if not segments:
            return passed
        publisher = Publisher(self._config, self._config.topic_path, to_message)
        try:
            for segment in segments:
                if stop is not None and stop.is_set():
                    break
                if not _forward(segment, publisher, passed):
                    break
        finally:
            publisher.close()
        return passed

    def follow(self, stop: threading.Event) -> None:
        """Forward until `stop` is set; after a failure wait, each time twice as long, to a limit.

        Raises OSError.
        """
        pause = 0.0
        while not stop.wait(pause or POLL_SECONDS):
            try:
                passed = self.drain(stop)
            except ConfigError as error:
                passed = Forwarded(problem=str(error))
            if passed.sent:
                _log.warning("forwarded %d spooled events", passed.sent)
            if passed.problem is None:
                pause = 0.0
                continue
            # What got through shows that Pub/Sub is back: begin again with the shortest pause.
            pause = 0.0 if passed.sent else pause
            pause = min(
                max(pause * 2, self._config.backoff_seconds), self._config.backoff_max_seconds
            )
            _log.error("%s; the next try is in %d s", passed.problem, pause)


@contextmanager
def sole_forwarder(root: Path) -> Iterator[bool]:
    """Hold the lock of a spool; gives False where another forwarder has it. Raises OSError."""
    make_folder(root)
    fd = create_file(root / "forwarder.lock")
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_sole = True
        except BlockingIOError:
            is_sole = False
        yield is_sole
    finally:
        os.close(fd)


def _forward(segment: Path, publisher: Publisher, passed: Forwarded) -> bool:
    """Publish one segment; whether Pub/Sub still takes messages."""
    spooled = segment.read_bytes().splitlines(keepends=True)
    rows = [row for row in spooled if _is_admitted(row)]
    passed.suppressed += len(spooled) - len(rows)
    left: list[bytes] = []
    goes_on = True
    for start in range(0, len(rows), CHUNK_ROWS):
        chunk = rows[start : start + CHUNK_ROWS]
        failures = _publish(publisher, chunk)
        passed.sent += len(chunk) - len(failures)
        left += [chunk[position] for position in sorted(failures)]
        if failures:
            passed.problem = explain(failures)
        if not all(is_refused(error) for error in failures.values()):
            left += rows[start + CHUNK_ROWS :]
            goes_on = False
            break
    passed.left += len(left)
    if not left:
        segment.unlink()
        sync_directory(segment.parent)
    elif len(left) < len(spooled):
        replace_segment(segment, b"".join(left))
    return goes_on


def _is_admitted(row: bytes) -> bool:
    event = orjson.loads(row)
    return admit.is_admitted(event, event["tenant_id"])


def _publish(publisher: Publisher, rows: list[bytes]) -> dict[int, Exception]:
    """Publish rows, then refused ones singly: one bad message makes its whole batch fail."""
    failures = publisher.publish(rows)
    refused = [position for position, error in failures.items() if is_refused(error)]
    for position in refused:
        del failures[position]
        single = publisher.publish([rows[position]])
        if single:
            failures[position] = single[0]
    return failures


def main(parent: int) -> None:
    """Forward until SIGTERM, or until the process `parent`, the collector, is gone."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from a terminal; the collector then sends TERM
    end_with_parent(parent)
    logging.basicConfig(format="forwarder: %(message)s")
    config = Config.from_env()
    while not stop.is_set():
        with sole_forwarder(config.spool_dir) as is_sole:
            if is_sole:
                Forwarder(config).follow(stop)
        stop.wait(POLL_SECONDS)


if __name__ == "__main__":
    main(int(sys.argv[1]))
