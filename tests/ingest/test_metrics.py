"""What the collector counts arrives at Cloud Monitoring's API, as the alerts expect it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import pytest
from flask.testing import FlaskClient
from google.api.metric_pb2 import MetricDescriptor  # type: ignore[import-untyped]
from google.cloud.monitoring_v3 import CreateTimeSeriesRequest, MetricServiceClient
from google.cloud.monitoring_v3.services.metric_service.transports import (
    MetricServiceGrpcTransport,
)
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]

from ingest.app import create_app
from ingest.auth import keys_from_text
from ingest.config import Config
from ingest.errors import EventError, ReasonType
from ingest.metrics import FAILURES, MAX_SERIES, OTHER, PREFIX, RECEIVED, EventMetrics
from ingest.pipeline import Outcome
from tests.infra.hcl import load
from tests.ingest.collector import IMPORT_KEY, KEYS, MANY_KEY, WEB_KEY, event
from tests.processes import wait_until
from tests.servers import ROOT


class Monitoring:
    """Cloud Monitoring's method for writing, served over gRPC on a free port."""

    def __init__(self) -> None:
        self.writes: list[CreateTimeSeriesRequest] = []
        self._server = grpc.server(ThreadPoolExecutor(2))
        methods = {
            "CreateTimeSeries": grpc.unary_unary_rpc_method_handler(
                self._write, CreateTimeSeriesRequest.deserialize, Empty.SerializeToString
            ),
        }
        service = "google.monitoring.v3.MetricService"
        handler = grpc.method_handlers_generic_handler(service, methods)
        self._server.add_generic_rpc_handlers((handler,))
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def _write(self, request: CreateTimeSeriesRequest, _: Any) -> Empty:
        self.writes.append(request)
        return Empty()

    def client(self) -> MetricServiceClient:
        channel = grpc.insecure_channel(f"127.0.0.1:{self.port}")
        return MetricServiceClient(transport=MetricServiceGrpcTransport(channel=channel))

    def totals(self) -> dict[tuple[str, str, str], int]:
        """The newest value of every series that counts something: metric, tenant, event name."""
        found = {}
        for series in (series for write in self.writes for series in write.time_series):
            labels = series.metric.labels
            name = series.metric.type.removeprefix(PREFIX + "/")
            value = series.points[0].value.int64_value
            found[name, labels["tenant_id"], labels["event_name"]] = value
        return {key: value for key, value in found.items() if value}

    def stop(self) -> None:
        self._server.stop(None)


@pytest.fixture
def monitoring() -> Iterator[Monitoring]:
    server = Monitoring()
    yield server
    server.stop()


def post(client: FlaskClient, events: list[dict[str, Any]], key: str) -> None:
    headers = {"X-Write-Key": key}
    answer = client.post("/api/v1/events", data=json.dumps(events), headers=headers)
    assert answer.status_code == 200


def test_events_are_counted_by_tenant_and_name(monitoring: Monitoring, tmp_path: Path) -> None:
    config = Config(tmp_path, keys=keys_from_text(json.dumps(KEYS)))
    app = create_app(config, metrics=EventMetrics("p", monitoring.client()))
    with app.test_client() as client:
        post(client, [event(), event(), event(event_name="jane@example.com")], WEB_KEY)
        post(client, [event(tenant_id="globex", timestamp="soon")], MANY_KEY)
        # A key may not even be counted for another's tenant.
        post(client, [event(tenant_id="globex")], WEB_KEY)
    app.extensions["collector"].close()

    assert monitoring.totals() == {
        (RECEIVED, "acme", "page.viewed"): 2,
        (RECEIVED, "acme", OTHER): 1,
        (FAILURES, "acme", OTHER): 1,
        (RECEIVED, "globex", "page.viewed"): 1,
        (FAILURES, "globex", "page.viewed"): 1,
        (RECEIVED, "", "page.viewed"): 1,
        (FAILURES, "", "page.viewed"): 1,
    }
    assert {write.name for write in monitoring.writes} == {"projects/p"}
    resources = {series.resource.type for series in monitoring.writes[-1].time_series}
    assert resources == {"generic_task"}


def test_each_process_writes_series_of_its_own(monitoring: Monitoring) -> None:
    for _ in range(2):
        metrics = EventMetrics("p", monitoring.client())
        metrics.count([Outcome("e", tenant_id="t", event_name="a.b")])
        metrics.close()
    tasks = {s.resource.labels["task_id"] for w in monitoring.writes for s in w.time_series}
    assert len(tasks) == 2


def test_it_writes_without_being_closed(monitoring: Monitoring) -> None:
    metrics = EventMetrics("p", monitoring.client(), write_seconds=0.05)
    metrics.count([Outcome("e", tenant_id="t", event_name="a.b")])
    wait_until(lambda: bool(monitoring.writes), "nothing was written")
    metrics.close()


def test_what_will_be_sent_again_is_not_counted(monitoring: Monitoring) -> None:
    metrics = EventMetrics("p", monitoring.client())
    metrics.count([Outcome("e", is_lost=True), Outcome("f", tenant_id="t", event_name="a.b")])
    metrics.close()
    assert monitoring.totals() == {(RECEIVED, "t", "a.b"): 1}


def test_a_sender_of_many_names_makes_no_series_without_end(monitoring: Monitoring) -> None:
    metrics = EventMetrics("p", monitoring.client())
    names = [f"a.b{number}" for number in range(MAX_SERIES + 50)]
    metrics.count([Outcome("e", tenant_id="t", event_name=name) for name in names])
    metrics.close()
    totals = monitoring.totals()
    assert len(totals) == MAX_SERIES + 1
    assert totals[RECEIVED, "", OTHER] == 50


def test_what_a_sender_made_up_is_no_label(monitoring: Monitoring, tmp_path: Path) -> None:
    config = Config(tmp_path, keys=keys_from_text(json.dumps(KEYS)))
    app = create_app(config, metrics=EventMetrics("p", monitoring.client()))
    with app.test_client() as client:
        for tenant in ("jane@example.com", "t" * 2000):
            post(client, [event(tenant_id=tenant)], IMPORT_KEY)
    app.extensions["collector"].close()
    assert monitoring.totals() == {
        (RECEIVED, "", "page.viewed"): 2,
        (FAILURES, "", "page.viewed"): 2,
    }


def test_a_series_begins_when_it_is_first_counted(monitoring: Monitoring) -> None:
    metrics = EventMetrics("p", monitoring.client())
    metrics.count([Outcome("e", tenant_id="t", event_name="a.first")])
    between = datetime.now(UTC)
    metrics.count([Outcome("e", tenant_id="t", event_name="a.second")])
    metrics.close()
    starts = {
        series.metric.labels["event_name"]: series.points[0].interval.start_time
        for series in monitoring.writes[-1].time_series
    }
    assert starts["a.first"] <= between <= starts["a.second"]
    # Refusals are there as zero, so that the first one is a step and not a beginning.
    assert len(monitoring.writes[-1].time_series) == 4


def test_terraform_defines_the_same_metrics(monitoring: Monitoring) -> None:
    metrics = EventMetrics("p", monitoring.client())
    refused = Outcome(
        "e", error=EventError("$", "any", ReasonType.WRONG_TYPE), tenant_id="t", event_name="a.b"
    )
    metrics.count([refused])
    metrics.close()
    config = load(ROOT / "infra" / "terraform")
    [defined] = config["resource"]["google_monitoring_metric_descriptor"].values()
    assert config["locals"]["custom_metrics"] == PREFIX
    written = [series for write in monitoring.writes for series in write.time_series]
    names = {series.metric.type.removeprefix(PREFIX + "/") for series in written}
    assert set(defined["for_each"]) == names
    for series in written:
        assert MetricDescriptor.MetricKind.Name(series.metric_kind) == defined["metric_kind"]
        assert set(series.metric.labels) == {label["key"] for label in defined["labels"]}
    assert defined["value_type"] == "INT64"


def test_an_outage_of_monitoring_costs_no_event(monitoring: Monitoring, tmp_path: Path) -> None:
    client = monitoring.client()
    monitoring.stop()
    config = Config(tmp_path, keys=keys_from_text(json.dumps(KEYS)))
    app = create_app(config, metrics=EventMetrics("p", client, write_seconds=0.01))
    with app.test_client() as sender:
        post(sender, [event()], WEB_KEY)
    app.extensions["collector"].close()
