"""Google's own metrics that alerts and charts may read, and where they are documented.

The lists are https://cloud.google.com/monitoring/api/metrics_gcp (Cloud Run, Pub/Sub) and
https://cloud.google.com/monitoring/api/metrics (monitoring.googleapis.com, under "Google Cloud").
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A metric: the resource that it belongs to, its kind, the type of its values, its labels."""

    resource: str
    kind: str
    value: str
    labels: frozenset[str] = frozenset()


SUBSCRIPTION = "pubsub_subscription"
GOOGLE = {
    "pubsub.googleapis.com/subscription/oldest_unacked_message_age": Metric(
        SUBSCRIPTION, "GAUGE", "INT64"
    ),
    "pubsub.googleapis.com/subscription/num_undelivered_messages": Metric(
        SUBSCRIPTION, "GAUGE", "INT64"
    ),
    "pubsub.googleapis.com/subscription/dead_letter_message_count": Metric(
        SUBSCRIPTION, "DELTA", "INT64"
    ),
    "pubsub.googleapis.com/subscription/push_request_count": Metric(
        SUBSCRIPTION,
        "DELTA",
        "INT64",
        frozenset({"response_class", "response_code", "delivery_type"}),
    ),
    "run.googleapis.com/request_count": Metric(
        "cloud_run_revision",
        "DELTA",
        "INT64",
        frozenset({"response_code", "response_code_class"}),
    ),
    "run.googleapis.com/request_latencies": Metric(
        "cloud_run_revision",
        "DELTA",
        "DISTRIBUTION",
        frozenset({"response_code", "response_code_class"}),
    ),
    "run.googleapis.com/job/completed_execution_count": Metric(
        "cloud_run_job", "DELTA", "INT64", frozenset({"result"})
    ),
    "monitoring.googleapis.com/uptime_check/check_passed": Metric(
        "uptime_url",
        "GAUGE",
        "BOOL",
        frozenset({"check_id", "checker_location", "contains_header", "checked_resource_id"}),
    ),
}

# https://cloud.google.com/monitoring/api/resources
RESOURCE_LABELS = {
    SUBSCRIPTION: {"project_id", "subscription_id"},
    "cloud_run_revision": {
        "project_id", "service_name", "revision_name", "location", "configuration_name",
    },
    "cloud_run_job": {"project_id", "job_name", "location"},
    "uptime_url": {"project_id", "host"},
    "generic_task": {"project_id", "location", "namespace", "job", "task_id"},
}  # fmt: skip

# What an aligner takes: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#Aligner
NUMBERS = {"INT64", "DOUBLE"}
ALIGNERS = {
    "ALIGN_RATE": ({"CUMULATIVE", "DELTA"}, NUMBERS),
    "ALIGN_DELTA": ({"CUMULATIVE", "DELTA"}, NUMBERS | {"DISTRIBUTION"}),
    "ALIGN_SUM": ({"GAUGE", "DELTA"}, NUMBERS | {"DISTRIBUTION"}),
    "ALIGN_MAX": ({"GAUGE"}, NUMBERS),
    "ALIGN_NEXT_OLDER": ({"GAUGE"}, NUMBERS | {"BOOL", "DISTRIBUTION"}),
    "ALIGN_PERCENTILE_50": ({"GAUGE", "DELTA"}, {"DISTRIBUTION"}),
    "ALIGN_PERCENTILE_95": ({"GAUGE", "DELTA"}, {"DISTRIBUTION"}),
    "ALIGN_PERCENTILE_99": ({"GAUGE", "DELTA"}, {"DISTRIBUTION"}),
}
