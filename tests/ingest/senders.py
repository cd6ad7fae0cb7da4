"""Senders that never rest, and remember what was acknowledged."""

from __future__ import annotations

import threading
import time
import uuid
from typing import Any

import requests

from tests.ingest.collector import WEB_KEY, Collector, event
from tests.processes import wait_until


class Senders:
    """Threads that send batches without pause and remember what was acknowledged."""

    def __init__(self, collector: Collector, threads: int = 4, batch: int = 20) -> None:
        self.acknowledged: set[str] = set()
        self.errors = 0
        self._url = collector.url + "/api/v1/events"
        self._batch = batch
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _send(self) -> None:
        session = requests.Session()
        while not self._stop.is_set():
            batch = [self._event() for _ in range(self._batch)]
            try:
                answer = session.post(
                    self._url, json=batch, headers={"X-Write-Key": WEB_KEY}, timeout=10
                )
            except requests.RequestException:
                with self._lock:
                    self.errors += 1
                time.sleep(0.02)
                continue
            if answer.status_code == 200:
                ids = {
                    item["event_id"]
                    for item in answer.json()["results"]
                    if item["status"] == "accepted"
                }
                with self._lock:
                    self.acknowledged |= ids

    def _event(self) -> dict[str, Any]:
        return event(event_id=f"evt_{uuid.uuid4().hex}", properties={"pad": "x" * 300})

    def wait_for(self, count: int) -> None:
        wait_until(
            lambda: len(self.acknowledged) >= count,
            f"fewer than {count} events were acknowledged",
        )

    def stop(self) -> set[str]:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self.acknowledged
