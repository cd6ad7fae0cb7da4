"""The infrastructure is whole: it parses, names what exists, and says what is specified."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml
from click import Context

from bioqms.cli import main as cli
from tests.bigquery.analyzer import Warehouse
from tests.infra.hcl import load, references
from tests.servers import ROOT

FOLDER = ROOT / "infra" / "terraform"
CONFIG = load(FOLDER)
RESOURCES: dict[str, dict[str, Any]] = CONFIG["resource"]
WEEK = "604800s"


def resource(kind: str, name: str) -> dict[str, Any]:
    body: dict[str, Any] = RESOURCES[f"google_{kind}"][name]
    return body


def block(body: dict[str, Any], name: str) -> dict[str, Any]:
    [only] = body[name]
    return dict(only)


def defined() -> set[str]:
    names = {f"{kind}.{name}" for kind, blocks in RESOURCES.items() for name in blocks}
    names |= {f"data.{kind}.{name}" for kind, blocks in CONFIG["data"].items() for name in blocks}
    names |= {f"var.{name}" for name in CONFIG["variable"]}
    return names | {f"local.{name}" for name in CONFIG["locals"]}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.tf")), ids=lambda file: file.name)
def test_every_reference_resolves(file: Any) -> None:
    assert references(file.read_text()) - defined() == set()


def test_nothing_is_defined_for_nobody() -> None:
    used = set().union(*(references(file.read_text()) for file in FOLDER.glob("*.tf")))
    idle = {name for name in defined() - used if name.startswith(("var.", "local.", "data."))}
    assert idle == set()


def test_every_file_it_reads_exists() -> None:
    for file in FOLDER.glob("*.tf"):
        for path in re.findall(r'file\("\$\{path\.module\}/([^"]+)"\)', file.read_text()):
            assert (FOLDER / path).is_file(), path


def test_every_variable_says_what_it_is() -> None:
    for name, variable in CONFIG["variable"].items():
        assert variable["description"], name
        assert variable["type"], name


def test_the_topic_checks_the_schema_and_keeps_a_week() -> None:
    topic = resource("pubsub_topic", "events")
    assert topic["name"] == "bioqms-events"
    assert topic["message_retention_duration"] == WEEK
    assert block(topic, "schema_settings")["encoding"] == "JSON"
    schema = resource("pubsub_schema", "event_schema")
    assert schema["type"] == "AVRO"
    assert "ingest/schemas/event.avsc" in schema["definition"]


def test_bigquery_takes_the_topic_s_schema_and_the_metadata() -> None:
    sink = resource("pubsub_subscription", "bigquery_sink")
    config = block(sink, "bigquery_config")
    assert sink["name"] == "bioqms-events-to-bigquery"
    assert (config["use_topic_schema"], config["write_metadata"]) == (True, True)
    assert sink["message_retention_duration"] == WEEK
    retry = block(sink, "retry_policy")
    assert (retry["minimum_backoff"], retry["maximum_backoff"]) == ("10s", "600s")
    letters = block(sink, "dead_letter_policy")
    assert letters["max_delivery_attempts"] == 5
    assert "google_pubsub_topic.dead_letter.id" in letters["dead_letter_topic"]


def test_dead_letters_are_kept_by_a_subscription_that_never_expires() -> None:
    letters = resource("pubsub_subscription", "dead_letter")
    assert letters["message_retention_duration"] == WEEK
    assert block(letters, "expiration_policy")["ttl"] == ""
    assert "schema_settings" not in resource("pubsub_topic", "dead_letter")


def test_raw_events_is_the_table_of_the_ddl() -> None:
    [create] = Warehouse().run((ROOT / "ingest" / "schemas" / "raw_events.sql").read_text())
    assert create.created is not None
    dataset, name = create.created.path
    table = resource("bigquery_table", "raw_events")
    assert resource("bigquery_dataset", "raw")["dataset_id"] == dataset
    assert table["table_id"] == name
    assert table["clustering"] == [c.column.name for c in create.resolved.cluster_by_list]
    assert table["require_partition_filter"] is True
    partitioning = block(table, "time_partitioning")
    assert partitioning["field"] == create.created.partition_column
    assert partitioning["expiration_ms"] == 730 * 24 * 3600 * 1000


def test_the_source_and_the_profile_name_the_same_datasets() -> None:
    source = yaml.safe_load((ROOT / "models" / "staging" / "_staging__sources.yml").read_text())
    [raw] = source["sources"]
    assert raw["schema"] == "{{ var('events_schema') }}"
    variables = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    assert variables["events_schema"] == resource("bigquery_dataset", "raw")["dataset_id"]
    profile = (ROOT / "profiles.yml").read_text()
    analytics = resource("bigquery_dataset", "analytics")["dataset_id"]
    assert f"env_var('BIOQMS_BQ_DATASET', '{analytics}')" in profile


def test_every_setting_is_one_that_the_code_reads() -> None:
    text = "".join(file.read_text() for file in FOLDER.glob("*.tf"))
    settings = set(re.findall(r"\bBIOQMS_[A-Z_]+\b", text))
    code = (ROOT / "profiles.yml").read_text() + "".join(
        file.read_text()
        for folder in ("ingest", "bioqms")
        for file in (ROOT / folder).rglob("*.py")
    )
    known = set(re.findall(r"\bBIOQMS_[A-Z_]+\b", code))
    assert settings - known == set()


def test_every_job_runs_a_command_that_exists() -> None:
    jobs: dict[str, Any] = CONFIG["locals"]["jobs"]
    assert {"build", "audit", "check", "reports"} == set(jobs)
    commands = cli.list_commands(Context(cli))
    absent = {name for name, job in jobs.items() if job["args"][0] not in commands}
    # What the image cannot do yet is not scheduled by default.
    assert absent == (
        {"reports"} if CONFIG["variable"]["reports_enabled"]["default"] is False else set()
    )
    for job in jobs.values():
        name, *options = job["args"]
        if name in commands:
            command = cli.get_command(Context(cli), name)
            assert command is not None
            command.make_context(name, options)  # fails for an option that is not there
        assert len(str(job["schedule"]).split()) == 5


def test_the_collector_is_probed_where_it_answers() -> None:
    routes = (ROOT / "ingest" / "app.py").read_text()
    probes = re.findall(r'path = "(/[a-z]+)"', (FOLDER / "collector.tf").read_text())
    assert len(probes) == 2
    assert all(f'"{path}"' in routes for path in probes)


@pytest.mark.parametrize(
    ("policy", "threshold", "duration", "severity"),
    [
        ("ingestion_latency", 60, "300s", "WARNING"),
        ("insert_failures", 100, "0s", "CRITICAL"),
        ("validation_failures", 0.05, "600s", "WARNING"),
        ("collector_errors", 0.01, "300s", "ERROR"),
        ("collector_absent", 1, "120s", "CRITICAL"),
        ("job_failed", 0, "0s", "ERROR"),
    ],
)
def test_alerts_fire_as_the_specification_says(
    policy: str, threshold: float, duration: str, severity: str
) -> None:
    alert = resource("monitoring_alert_policy", policy)
    condition = block(block(alert, "conditions"), "condition_threshold")
    assert (condition["threshold_value"], condition["duration"]) == (threshold, duration)
    assert alert["severity"] == severity


def test_the_dashboard_shows_what_the_specification_asks_for() -> None:
    titles = [chart["title"] for chart in CONFIG["locals"]["charts"]]
    assert titles == [
        "Events ingested per minute, by tenant",
        "Events ingested per minute, by event type",
        # Beside each other: two tiles a row.
        "Ingestion latency, P50, P95 and P99",
        "Event to warehouse: P50, P95 and P99 to receipt, and the oldest wait for BigQuery",
        "Validation failure rate",
        "Pub/Sub message backlog",
        "BigQuery write success rate",
        "Collector answers, by class",
        "Dead letters that wait",
        "Jobs that ended, by job and result",
    ]


def test_no_identity_has_a_broad_role() -> None:
    roles = {
        body["role"]
        for kind, blocks in RESOURCES.items()
        if kind.endswith("_iam_member")
        for body in blocks.values()
    }
    assert not roles & {"roles/owner", "roles/editor", "roles/viewer", "roles/bigquery.admin"}
    on_project = {body["role"] for body in RESOURCES["google_project_iam_member"].values()}
    assert on_project == {"roles/bigquery.jobUser", "roles/monitoring.metricWriter"}


def test_pub_sub_s_agent_may_do_what_its_subscriptions_need() -> None:
    granted = {
        (kind, body["role"])
        for kind, blocks in RESOURCES.items()
        if kind.endswith("_iam_member")
        for body in blocks.values()
        if "local.pubsub_agent" in body["member"]
    }
    assert granted == {
        ("google_bigquery_table_iam_member", "roles/bigquery.dataEditor"),
        ("google_pubsub_topic_iam_member", "roles/pubsub.publisher"),
        ("google_pubsub_subscription_iam_member", "roles/pubsub.subscriber"),
    }


def test_the_files_are_formatted() -> None:
    terraform = shutil.which("terraform")
    if terraform is None:
        return  # Terraform itself is no part of the environment; where it is, it is asked
    done = subprocess.run(
        [terraform, "fmt", "-check", "-diff", str(FOLDER)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_raw_events_json_is_formatted() -> None:
    text = (FOLDER / "raw_events.json").read_text()
    assert text == json.dumps(json.loads(text), indent=2) + "\n"


def test_the_handbook_names_what_terraform_makes() -> None:
    pages = ("production.md", "operations.md")
    handbook = "".join((ROOT / "docs" / page).read_text() for page in pages)
    names = [
        body[key]
        for kind, key in (
            ("google_pubsub_topic", "name"),
            ("google_pubsub_subscription", "name"),
            ("google_service_account", "account_id"),
        )
        for body in RESOURCES[kind].values()
    ]
    assert [name for name in names if name not in handbook] == []
    for alert in RESOURCES["google_monitoring_alert_policy"].values():
        assert f"**{alert['display_name']}**" in handbook
    for secret in ("bioqms-write-keys", "bioqms-pseudonym-key"):
        assert secret in handbook
