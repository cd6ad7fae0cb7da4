"""What an empty project, an operator and an auditor of the infrastructure would run into."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner

from bioqms.cli.check import check
from ingest.metrics import FAILURES, PREFIX, RECEIVED
from tests.expectations.marts import build
from tests.infra.filters import Reading, filled, readings
from tests.infra.hcl import load, strings
from tests.infra.metrics import ALIGNERS, GOOGLE, RESOURCE_LABELS
from tests.servers import ROOT

FOLDER = ROOT / "infra" / "terraform"
CONFIG = load(FOLDER)
RESOURCES: dict[str, dict[str, Any]] = CONFIG["resource"]
POLICIES: dict[str, dict[str, Any]] = RESOURCES["google_monitoring_alert_policy"]
READINGS = [
    reading for name in ("alerts.tf", "dashboard.tf") for reading in readings(FOLDER / name, CONFIG)
]
CUSTOM_LABELS = {"tenant_id", "event_name"}

# Which API serves a resource, by the beginning of its kind.
SERVED_BY = {
    "google_bigquery_": "bigquery",
    "google_cloud_run_": "run",
    "google_cloud_scheduler_": "cloudscheduler",
    "google_logging_": "logging",
    "google_monitoring_": "monitoring",
    "google_project_iam_": "cloudresourcemanager",
    "google_project_service": "serviceusage",
    "google_pubsub_": "pubsub",
    "google_secret_manager_": "secretmanager",
    "google_service_account": "iam",
}


# ---------- an empty project


def api_of(kind: str) -> str:
    [api] = [api for start, api in SERVED_BY.items() if kind.startswith(start)]
    return f"{api}.googleapis.com"


def test_every_api_that_is_used_is_enabled_and_stays_on() -> None:
    apis = RESOURCES["google_project_service"]["apis"]
    enabled = set(re.findall(r'"([a-z]+\.googleapis\.com)"', apis["for_each"]))
    # The images' repository is made by hand, before.
    assert enabled == {api_of(kind) for kind in RESOURCES} | {"artifactregistry.googleapis.com"}
    assert apis["disable_on_destroy"] is False


def needs(name: str) -> set[str]:
    """What a resource or a local names."""
    kind, _, own = name.partition(".")
    body = CONFIG["locals"].get(own) if kind == "local" else RESOURCES[kind][own]
    pattern = re.compile(r"\b(?:google_[a-z0-9_]+\.[a-z_]+|local\.\w+)")
    return {found for text in strings(body) for found in pattern.findall(text)}


def reaches(name: str, target: str) -> bool:
    seen: set[str] = set()
    waiting = {name}
    while waiting:
        one = waiting.pop()
        seen.add(one)
        waiting |= needs(one) - seen - {target}
        if target in needs(one):
            return True
    return False


@pytest.mark.parametrize("kind", sorted(set(RESOURCES) - {"google_project_service"}))
def test_nothing_is_made_before_its_api_is_on(kind: str) -> None:
    late = [
        name
        for name in RESOURCES[kind]
        if not reaches(f"{kind}.{name}", "google_project_service.apis")
    ]
    assert late == []


def test_pub_sub_s_identity_is_made_before_it_is_granted_anything() -> None:
    identity = RESOURCES["google_project_service_identity"]["pubsub"]
    assert identity["service"] == "pubsub.googleapis.com"
    assert "google-beta" in identity["provider"]
    assert CONFIG["locals"]["pubsub_agent"] == "${google_project_service_identity.pubsub.member}"


def test_the_walk_signs_in_twice_and_builds_for_cloud_run() -> None:
    page = (ROOT / "docs" / "production.md").read_text()
    walk = page[: page.index("terraform -chdir=infra/terraform init")]
    assert walk.index("gcloud auth login") < walk.index("gcloud auth application-default login")
    on_by_hand = re.findall(r"([a-z]+\.googleapis\.com)", walk)
    assert {"serviceusage.googleapis.com", "cloudresourcemanager.googleapis.com"} <= set(on_by_hand)
    files = ("infra/Dockerfile", ".github/workflows/ci.yml")
    text = page + "".join((ROOT / name).read_text() for name in files)
    builds = re.findall(r"docker build .*", text)
    assert len(builds) == 3
    assert all("--platform linux/amd64" in line for line in builds)


# ---------- nothing reaches out, nothing is told


def test_no_default_names_an_address() -> None:
    for name, variable in CONFIG["variable"].items():
        default = json.dumps(variable.get("default"))
        assert not re.search(r"://|[\w-]+\.(?:com|net|org|io|dev)\b", default), name


def test_events_go_to_bigquery_and_nowhere_else() -> None:
    subscriptions = RESOURCES["google_pubsub_subscription"]
    assert set(subscriptions) == {"bigquery_sink", "dead_letter"}
    assert not [name for name, body in subscriptions.items() if "push_config" in body]
    text = "".join(file.read_text() for file in FOLDER.glob("*.tf"))
    assert set(re.findall(r'https://([^/"\s]+)', text)) <= {"run.googleapis.com"}


def test_no_secret_s_value_passes_through_the_state() -> None:
    assert "google_secret_manager_secret_version" not in RESOURCES
    assert "google_service_account_key" not in RESOURCES
    assert "google_monitoring_notification_channel" not in RESOURCES
    keys = set(keys_of(RESOURCES))
    assert not keys & {"secret_data", "sensitive_labels", "password", "auth_token", "service_key"}
    assert not [name for name, one in CONFIG["variable"].items() if one.get("sensitive")]


def keys_of(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(key for inner in value.values() for key in keys_of(inner))]
    return [key for inner in value for key in keys_of(inner)] if isinstance(value, list) else []


def test_only_the_project_and_the_images_must_be_given() -> None:
    """Notification channels, too, are optional."""
    required = {name for name, one in CONFIG["variable"].items() if "default" not in one}
    assert required == {"project_id", "collector_image", "jobs_image"}


# ---------- alerts and charts


def test_every_alert_goes_to_channels_that_may_be_missing() -> None:
    allowed = {"${var.urgent_channels}", "${var.team_channels}", "${local.all_channels}"}
    assert {policy["notification_channels"] for policy in POLICIES.values()} == allowed
    assert CONFIG["variable"]["urgent_channels"]["default"] == []
    assert CONFIG["variable"]["team_channels"]["default"] == []


def test_there_is_an_alert_for_each_way_to_fail() -> None:
    assert set(POLICIES) == {
        "ingestion_latency", "insert_failures", "validation_failures", "collector_errors",
        "collector_absent", "dead_letters", "job_failed", "no_build", "quality_gate",
    }  # fmt: skip


def test_dead_letters_are_told_by_age_by_number_and_when_bigquery_refuses() -> None:
    conditions = [one["condition_threshold"][0] for one in POLICIES["dead_letters"]["conditions"]]
    found = [
        (re.findall(r"subscription/(\w+)", one["filter"])[0], one["threshold_value"])
        for one in conditions
    ]
    assert found == [
        ("oldest_unacked_message_age", 4 * 24 * 3600),
        ("num_undelivered_messages", "${var.dead_letters_tolerated}"),
        ("dead_letter_message_count", 0),
    ]
    kept = RESOURCES["google_pubsub_subscription"]["dead_letter"]["message_retention_duration"]
    assert int(kept.removesuffix("s")) > 4 * 24 * 3600


def test_a_missing_build_is_told_before_monitoring_forgets() -> None:
    """Cloud Monitoring takes an absence of at most 23.5 hours."""
    [condition] = POLICIES["no_build"]["conditions"]
    assert condition["condition_absent"][0]["duration"] == "${var.hours_without_build * 3600}s"
    hours = CONFIG["variable"]["hours_without_build"]
    # The hourly build pauses for the audit: two hours between successes are usual.
    assert 2 < hours["default"] <= 23
    assert "<= 23" in hours["validation"][0]["condition"]


def test_filters_are_found() -> None:
    assert len(READINGS) >= 25
    assert not [reading.filter for reading in READINGS if "${" in unwrapped(reading)]
    assert {reading.metric for reading in READINGS if reading.metric} >= set(GOOGLE)


def unwrapped(reading: Reading) -> str:
    """The filter without what only Google knows: the id of the uptime check."""
    return reading.filter.replace(
        "${google_monitoring_uptime_check_config.collector.uptime_check_id}", ""
    ).replace("${google_logging_metric.event_latency[percentile].name}", "")


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading.filter[:90])
def test_somebody_writes_what_is_read(reading: Reading) -> None:
    if reading.metric is None:
        assert "jsonPayload.check" in reading.filter
        return
    service = reading.metric.partition("/")[0]
    if service == "custom.googleapis.com":
        assert reading.metric in {f"{PREFIX}/{name}" for name in (RECEIVED, FAILURES)}
        assert reading.labels("metric") <= CUSTOM_LABELS
        kind, value = "CUMULATIVE", "INT64"
    elif service == "logging.googleapis.com":
        [metric] = RESOURCES["google_logging_metric"].values()
        assert reading.metric.startswith("logging.googleapis.com/user/")
        assert reading.resource == "cloud_run_job"
        descriptor = metric["metric_descriptor"][0]
        kind, value = descriptor["metric_kind"], descriptor["value_type"]
    else:
        known = GOOGLE[reading.metric]
        assert reading.resource == known.resource
        assert reading.labels("metric") <= known.labels
        kind, value = known.kind, known.value
    if reading.resource:
        assert reading.labels("resource") <= RESOURCE_LABELS[reading.resource]
    if "condition_absent" not in reading.filter:
        assert reading.aligner is not None
        aligner = "ALIGN_PERCENTILE_50" if "PERCENTILE" in reading.aligner else reading.aligner
        kinds, values = ALIGNERS[aligner]
        assert kind in kinds
        assert value in values


def test_custom_metrics_are_described_as_they_are_written() -> None:
    described = RESOURCES["google_monitoring_metric_descriptor"]["collector"]
    assert set(described["for_each"]) == {RECEIVED, FAILURES}
    assert CONFIG["locals"]["custom_metrics"] == PREFIX
    assert {label["key"] for label in described["labels"]} == CUSTOM_LABELS


@pytest.fixture(scope="module")
def gate_line(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The line that the job's own arguments print."""
    folder = tmp_path_factory.mktemp("gate")
    build(folder, "update event_quality_hourly set rejected_events = 101")
    arguments = CONFIG["locals"]["jobs"]["check"]["args"][1:]
    result = CliRunner().invoke(check, ["--data", str(folder), *arguments])
    assert result.exit_code == 0, "a warning fails no job: only the line tells it"
    line: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return line


def test_the_gate_prints_what_its_alert_and_its_metric_look_for(
    gate_line: dict[str, Any],
) -> None:
    metric = RESOURCES["google_logging_metric"]["event_latency"]
    [condition] = POLICIES["quality_gate"]["conditions"]
    matched = condition["condition_matched_log"][0]
    texts = [metric["filter"], metric["value_extractor"], matched["filter"]]
    texts += matched["label_extractors"].values()
    for percentile in re.findall(r'"(\w+)"', metric["for_each"]):
        for text in texts:
            wanted = filled(text, CONFIG).replace("${each.key}", percentile)
            fields = re.findall(r"jsonPayload\.([\w.]+)", wanted)
            assert fields
            for field in fields:
                value: Any = gate_line
                for part in field.split("."):
                    value = value[part]
    assert f'jsonPayload.check = "{gate_line["check"]}"' in filled(matched["filter"], CONFIG)
    assert f'"{gate_line["status"]}"' in filled(matched["filter"], CONFIG)


def test_an_alert_on_logs_is_limited() -> None:
    """The API refuses one that is not."""
    [strategy] = POLICIES["quality_gate"]["alert_strategy"]
    assert strategy["notification_rate_limit"][0]["period"]


def test_each_alert_says_what_to_do() -> None:
    for name, policy in POLICIES.items():
        assert len(policy["documentation"][0]["content"]) > 40, name


def test_the_uptime_check_asks_where_the_collector_answers() -> None:
    check = RESOURCES["google_monitoring_uptime_check_config"]["collector"]
    path = check["http_check"][0]["path"]
    assert f'"{path}"' in (ROOT / "ingest" / "app.py").read_text()
