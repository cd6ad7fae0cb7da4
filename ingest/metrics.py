"""Count what arrives and what is refused, for Cloud Monitoring's alerts and dashboard.

Two counters, `events_received` and `event_validation_failures`, by tenant and event name, written
once a minute as `custom.googleapis.com/analytics/<name>`. infra/terraform defines both and alerts
on their ratio.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import cached_property

from google.api.metric_pb2 import Metric  # type: ignore[import-untyped]
from google.api.monitored_resource_pb2 import MonitoredResource  # type: ignore[import-untyped]
from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud.monitoring_v3 import (
    MetricServiceClient,
    Point,
    TimeInterval,
    TimeSeries,
    TypedValue,
)

from ingest.pipeline import Outcome
from ingest.schema import allows

PREFIX = "custom.googleapis.com/analytics"
RECEIVED = "events_received"
FAILURES = "event_validation_failures"
WRITE_SECONDS = 60
MAX_SERIES = 1_000
"""Pairs of tenant and event name that a process tells apart: a series costs money and memory."""
OTHER = "other"
"""The event name of what comes after that, or was refused for its name; such a tenant is empty."""

_MAX_WRITE = 200  # series that Cloud Monitoring takes in one request
_TIMEOUT_SECONDS = 10
_OVERFLOW = ("", OTHER)
_log = logging.getLogger(__name__)


class EventMetrics:
    """Counters of one process; its threads may share them, a forked process may not."""

    def __init__(
        self,
        project: str,
        client: MetricServiceClient | None = None,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        """Start writing at the first count: workers are forked, threads and connections are not.

        `client` is Google's, connected with the process's own credentials by default.
        """
        self._project = project
        self._client = client
        self._write_seconds = write_seconds
        self._lock = threading.Lock()
        # When a pair was first counted: its series begin then, not with the process.
        self._starts: dict[tuple[str, str], datetime] = {}
        self._totals: Counter[tuple[str, str, str]] = Counter()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def count(self, outcomes: Iterable[Outcome]) -> None:
        """Count a request's events; one that its sender has to send again counts when it comes.

        Of one that was not admitted nothing is kept, and its name is something of it.
        """
        with self._lock:
            for outcome in outcomes:
                if outcome.is_lost or outcome.is_suppressed:
                    continue
                series = self._series(outcome.tenant_id, outcome.event_name)
                self._totals[(RECEIVED, *series)] += 1
                self._totals[(FAILURES, *series)] += outcome.error is not None
            if self._thread is None:
                self._thread = _started(self._run)

    def close(self) -> None:
        """Write what was counted since the last minute, and stop."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _series(self, tenant_id: str, event_name: str) -> tuple[str, str]:
        # What a sender made up must not become a label: only what the schema allows does.
        if (tenant_id, event_name) in self._starts:
            return (tenant_id, event_name)
        series = (
            tenant_id if allows("tenant_id", tenant_id) else "",
            event_name if allows("event_name", event_name) else OTHER,
        )
        if series not in self._starts:
            if len(self._starts) >= MAX_SERIES:
                series = _OVERFLOW
            self._starts.setdefault(series, datetime.now(UTC))
        return series

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stop.wait(self._write_seconds)
            try:
                self._write()
            except (GoogleAPIError, GoogleAuthError) as error:
                # Totals are cumulative: the next minute's write makes up for this one.
                _log.error("metrics not written: %s", error)

    def _write(self) -> None:
        if self._client is None:
            self._client = MetricServiceClient()
        with self._lock:
            totals = [(*key, total, self._starts[key[1:]]) for key, total in self._totals.items()]
        series = list(_time_series(totals, datetime.now(UTC), self._resource))
        for first in range(0, len(series), _MAX_WRITE):
            self._client.create_time_series(
                name=f"projects/{self._project}",
                time_series=series[first : first + _MAX_WRITE],
                timeout=_TIMEOUT_SECONDS,
            )

    @cached_property
    def _resource(self) -> MonitoredResource:
        """This process: a series wants one writer, so each process is a task of its own."""
        revision = os.environ.get("K_REVISION") or socket.gethostname()
        labels = {
            "project_id": self._project,
            "location": "global",
            "namespace": "bioqms",
            "job": "bioqms-collector",
            "task_id": f"{revision}-{secrets.token_hex(8)}",
        }
        return MonitoredResource(type="generic_task", labels=labels)


def _started(run: Callable[[], None]) -> threading.Thread | None:
    thread = threading.Thread(target=run, name="metrics", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:  # no thread is to be had; what has landed has landed
        _log.error("metrics not written yet: %s", error)
        return None
    return thread


def _time_series(
    totals: Iterable[tuple[str, str, str, int, datetime]],
    end: datetime,
    resource: MonitoredResource,
) -> Iterator[TimeSeries]:
    """Each total as the one point of a cumulative series."""
    for name, tenant_id, event_name, total, start in totals:
        yield TimeSeries(
            metric=Metric(
                type=f"{PREFIX}/{name}",
                labels={"tenant_id": tenant_id, "event_name": event_name},
            ),
            resource=resource,
            metric_kind="CUMULATIVE",
            points=[
                Point(
                    interval=TimeInterval(start_time=start, end_time=end),
                    value=TypedValue(int64_value=total),
                )
            ],
        )
