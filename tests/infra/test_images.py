"""The images and the compose file hold together, and the topics they make are Terraform's."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.auth import keys_from_text
from tests.infra.hcl import load
from tests.ingest.collector import Collector
from tests.servers import ROOT, PubSubEmulator

DOCKERFILE = (ROOT / "infra" / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "infra" / "compose.yaml").read_text())
STAGES = re.split(r"(?m)^FROM ", DOCKERFILE)[1:]
NAMES = [re.search(r"AS (\w+)", stage) for stage in STAGES]


def test_the_base_is_pinned_to_a_release() -> None:
    base = re.search(r"ARG BASE=(\S+)", DOCKERFILE)
    assert base is not None
    assert re.search(r":3\.11\.\d+-", base.group(1))


def test_the_images_run_as_nobody_in_particular() -> None:
    users = re.findall(r"(?m)^USER (.*)$", DOCKERFILE)
    assert users == ["10001:10001"]
    by_name = {match.group(1): stage for match, stage in zip(NAMES, STAGES, strict=True) if match}
    for target in ("collector", "jobs"):
        assert by_name[target].startswith("base AS"), target


def test_packages_are_installed_with_hashes() -> None:
    """A lock is complete: it is never resolved again, and what it left out would be found."""
    [install] = re.findall(r"pip install .*runtime\.txt", DOCKERFILE)
    assert "--require-hashes" in install
    assert "--no-deps" in install
    assert DOCKERFILE.index("pip check") > DOCKERFILE.index(install)
    assert "--hash=sha256:" in (ROOT / "requirements" / "runtime.txt").read_text()


def test_the_images_hold_the_versions_that_were_tested() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"(?m)^\S+==\S+", (ROOT / "requirements" / name).read_text()))

    assert pins("runtime.txt") - pins("dev.txt") == set()


def test_what_is_copied_exists_and_is_sent_to_the_builder() -> None:
    ignored = (ROOT / "infra" / "Dockerfile.dockerignore").read_text().splitlines()
    for line in re.findall(r"(?m)^COPY (?!--from)(.*)$", DOCKERFILE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source


def test_compose_builds_targets_that_exist() -> None:
    targets = {match.group(1) for match in NAMES if match}
    for service in COMPOSE["services"].values():
        if build := service.get("build"):
            assert build["target"] in targets
            assert (ROOT / "infra" / build["context"] / build["dockerfile"]).is_file()
        else:
            assert re.search(r":\d", service["image"]), "pin the image"


def test_the_collector_s_image_tells_whether_it_answers(tmp_path: Path) -> None:
    """The image's own check, run where a collector answers and where none does."""
    [found] = re.findall(r"HEALTHCHECK[^\[]*CMD (\[.*\])", DOCKERFILE)
    _, *arguments = json.loads(found)
    collector = Collector(tmp_path)
    port = collector.url.rpartition(":")[2]

    def status(port: str) -> int:
        environment = {"BIOQMS_PORT": port, "http_proxy": "http://127.0.0.1:9"}
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, check=False, timeout=30).returncode

    try:
        assert status(port) == 0
        assert collector.stop() == 0
    finally:
        collector.kill()
    assert status(port) != 0


def test_compose_starts_the_collector_with_a_key_it_takes() -> None:
    keys = COMPOSE["services"]["collector"]["environment"]["BIOQMS_WRITE_KEYS"]
    assert keys_from_text(keys).keys


def test_local_topics_are_those_of_terraform(pubsub_emulator: PubSubEmulator) -> None:
    project = "compose-check"
    topic = f"projects/{project}/topics/bioqms-events"
    command = [sys.executable, str(ROOT / "infra" / "local_topics.py")]
    environment = os.environ | pubsub_emulator.env | {"BIOQMS_PUBSUB_TOPIC": topic}
    environment["PYTHONPATH"] = str(ROOT)
    runs = [
        subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert len(runs[0].splitlines()) == 5
    assert runs[1] == ""

    resources: dict[str, Any] = load(ROOT / "infra" / "terraform")["resource"]
    made = pubsub_emulator.publisher().get_topic(topic=topic)
    assert made.schema_settings.schema.endswith(
        resources["google_pubsub_schema"]["event_schema"]["name"]
    )
    for name in ("bigquery_sink", "dead_letter"):
        body = resources["google_pubsub_subscription"][name]
        path = f"projects/{project}/subscriptions/{body['name']}"
        found = pubsub_emulator.subscriber().get_subscription(subscription=path)
        assert found.ack_deadline_seconds in (body["ack_deadline_seconds"], 10)
    letters = resources["google_pubsub_topic"]["dead_letter"]["name"]
    assert pubsub_emulator.publisher().get_topic(topic=f"projects/{project}/topics/{letters}")


@pytest.mark.parametrize("name", ["collector", "jobs"])
def test_terraform_runs_these_images(name: str) -> None:
    text = "".join(file.read_text() for file in (ROOT / "infra" / "terraform").glob("*.tf"))
    assert f"var.{name}_image" in text
