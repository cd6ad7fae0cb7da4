"""Send events to a collector as an SDK does: gzipped batches over connections that stay open."""

from __future__ import annotations

import gzip
import http.client
import json
import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

EVENTS_PATH = "/api/v1/events"
TIMEOUT_SECONDS = 30


class SendError(Exception):
    """The collector did not accept a batch."""


@dataclass
class Receipt:
    """What the collector answered: events accepted, events rejected, and a few of the reasons."""

    accepted: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        """Events that were sent and answered."""
        return self.accepted + self.rejected

    def add(self, results: list[dict[str, str]]) -> None:
        """Count the results of one batch."""
        for result in results:
            if result["status"] == "accepted":
                self.accepted += 1
            else:
                self.rejected += 1
                reason = result.get("reason", "unknown")
                self.reasons[reason] = self.reasons.get(reason, 0) + 1


def send(
    lines: Iterable[bytes],
    netloc: str,
    write_key: str,
    *,
    batch_size: int = 100,
    connections: int = 4,
    advance: Callable[[int], None] = lambda sent: None,
) -> Receipt:
    """Post events (one JSON object per line) to `host:port` and wait for every answer.

    `advance` is told how many events each answer covers. Raises SendError if a batch is refused
    as a whole or the collector cannot be reached.
    """
    batches: queue.Queue[list[bytes] | None] = queue.Queue(maxsize=connections * 4)
    receipt, lock, failures = Receipt(), threading.Lock(), list[Exception]()

    def work() -> None:
        connection = http.client.HTTPConnection(netloc, timeout=TIMEOUT_SECONDS)
        while (batch := batches.get()) is not None:
            if failures:
                continue  # keep the queue moving
            try:
                results = _post(connection, batch, write_key)
            except Exception as error:  # on any error, the producer must not block
                failures.append(error)
                continue
            with lock:
                receipt.add(results)
                advance(len(batch))
        connection.close()

    workers = [threading.Thread(target=work, daemon=True) for _ in range(connections)]
    for worker in workers:
        worker.start()
    for batch in _batched(lines, batch_size):
        batches.put(batch)
        if failures:
            break
    for _ in workers:
        batches.put(None)
    for worker in workers:
        worker.join()
    if failures:
        raise SendError(f"the collector at {netloc} did not accept a batch: {failures[0]}")
    return receipt


def _post(
    connection: http.client.HTTPConnection, batch: list[bytes], write_key: str
) -> list[dict[str, str]]:
    body = gzip.compress(b"[" + b",".join(batch) + b"]", compresslevel=1)
    headers = {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "X-Write-Key": write_key,
    }
    connection.request("POST", EVENTS_PATH, body, headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status != http.HTTPStatus.OK:
        raise SendError(f"status {response.status}: {answer[:200].decode(errors='replace')}")
    results: list[dict[str, str]] = json.loads(answer)["results"]
    return results


def _batched(lines: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    iterator = iter(lines)
    while batch := list(islice(iterator, size)):
        yield batch
