"""Real servers for tests: Google's Pub/Sub emulator and a BigQuery emulator.

A pytest plugin (``tests/conftest.py`` loads it). Each session fixture starts its server on a free
port and stops it at the end; a test that wants to kill and restart one uses ``PubSubServer`` or
``BigQueryServer`` itself. Nothing here touches ``os.environ``: clients come from the fixture,
subprocesses get ``emulator.env``.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NoReturn
from urllib.error import URLError
from urllib.request import urlopen

import grpc  # type: ignore[import-untyped]
import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.pubsub_v1.services.publisher import PublisherClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.schema_service import SchemaServiceClient
from google.pubsub_v1.services.schema_service.transports import SchemaServiceGrpcTransport
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from tests.processes import kill_group

ROOT = Path(__file__).resolve().parent.parent
PROJECT = "bioqms-test"
START_SECONDS = 60.0
STOP_SECONDS = 10.0


class ServerMissingError(RuntimeError):
    """The program of a test server is not installed; the message says how to get it."""


class ServerFailedError(RuntimeError):
    """A test server ended or did not answer in time; the message carries its output."""


def free_port() -> int:
    """Return a TCP port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A child process that listens on a port.

    ``command`` is its argument list, ``ready`` tells whether it answers. ``kill`` is for tests of
    failure; after ``kill`` or ``stop``, ``start`` runs it again on the same ports.
    """

    name: str
    command: list[str]
    ready: Callable[[], bool]
    env: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None
    _output: IO[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers.

        Raises ``ServerFailedError`` if it ends or stays silent for a minute.
        """
        self._output = TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            env=os.environ | self.env,
            start_new_session=True,  # a keyboard interrupt reaches the tests, which then stop it
        )
        try:
            self._wait(self._process)
        except BaseException:
            self.kill()
            raise

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServerFailedError(f"{self.name} did not start:\n{self.output()}")
            time.sleep(0.1)

    def output(self) -> str:
        """Return what the server has printed so far."""
        if self._output is None:
            return ""
        self._output.seek(0)
        return self._output.read().decode(errors="replace")

    def stop(self) -> None:
        """Ask it to end, then insist."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None and self._process.poll() is None:
            kill_group(self._process)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _http_ok(url: str) -> bool:
    try:
        with urlopen(url, timeout=2.0) as answer:  # noqa: S310 - a fixed loopback address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def find_pubsub_jar() -> Path:
    """Return the jar of Google's Pub/Sub emulator, which is a component of google-cloud-cli.

    Raises ``ServerMissingError`` when it or Java is not there.
    """
    gcloud, java = shutil.which("gcloud"), shutil.which("java")
    roots = [Path(gcloud).resolve().parent.parent] if gcloud else []
    jars = [jar for root in roots for jar in root.glob("platform/pubsub-emulator/lib/*-all.jar")]
    if not jars or not java:
        raise ServerMissingError(
            "Google's Pub/Sub emulator is not installed. It is the component pubsub-emulator of "
            "google-cloud-cli (Debian: google-cloud-cli-pubsub-emulator) and needs a Java runtime. "
            "Or set PUBSUB_EMULATOR_HOST to a running one."
        )
    return max(jars)


@dataclass(frozen=True)
class BqCommand:
    """Google's `bq`, kept on loopback: no account, no settings of the caller, no network.

    ``home`` is an empty folder. Its description of the API, which it would ask a strange server
    for, is the copy that comes with it.
    """

    program: Path
    discovery: Path
    home: Path

    def __call__(self, server: BigQueryEmulator, project: str, *arguments: str) -> str:
        """Run a command and return what it prints. Raises ``AssertionError`` if it fails."""
        nowhere = "http://127.0.0.1:9"
        settings = [
            f"--api={server.url}",
            f"--discovery_file={self.discovery}",
            f"--project_id={project}",
            "--oauth_access_token=emulator",
            "--headless",
            "--quiet",
            "--format=json",
        ]
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "CLOUDSDK_CONFIG": str(self.home / "gcloud"),
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
            # A connection to anything but loopback ends here, with an error.
            "http_proxy": nowhere,
            "https_proxy": nowhere,
            "no_proxy": "127.0.0.1",
        }
        done = subprocess.run(
            [self.program, *settings, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=environment,
            timeout=START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def find_bq(home: Path) -> BqCommand:
    """Return Google's `bq`, which is part of google-cloud-cli.

    Raises ``ServerMissingError`` when it is not there.
    """
    program = shutil.which("bq")
    roots = [Path(program).resolve().parent.parent] if program else []
    documents = [file for root in roots for file in root.glob("platform/bq/*/bigquery.json")]
    if not program or not documents:
        raise ServerMissingError(
            "Google's `bq` is not installed. It is part of google-cloud-cli (Debian: "
            "google-cloud-cli)."
        )
    return BqCommand(Path(program), documents[0], home)


@dataclass(frozen=True)
class PubSubEmulator:
    """A running Pub/Sub emulator: ``host`` is ``name:port``, any project name is valid."""

    host: str
    project: str = PROJECT

    @property
    def env(self) -> dict[str, str]:
        """The environment that makes Google's clients in a subprocess use it."""
        return {"PUBSUB_EMULATOR_HOST": self.host, "PUBSUB_PROJECT_ID": self.project}

    def _channel(self) -> grpc.Channel:
        return grpc.insecure_channel(self.host)

    def publisher(self) -> PublisherClient:
        """Return a client that makes topics and publishes without batching."""
        return PublisherClient(transport=PublisherGrpcTransport(channel=self._channel()))

    def subscriber(self) -> SubscriberClient:
        """Return a client that makes subscriptions, pulls and acknowledges."""
        return SubscriberClient(transport=SubscriberGrpcTransport(channel=self._channel()))

    def schemas(self) -> SchemaServiceClient:
        """Return a client of the schema service."""
        return SchemaServiceClient(transport=SchemaServiceGrpcTransport(channel=self._channel()))


class PubSubServer(Server):
    """Google's emulator, run from its jar: `gcloud` would need a configuration directory."""

    def __init__(self) -> None:
        port = free_port()
        self.emulator = PubSubEmulator(f"127.0.0.1:{port}")
        super().__init__(
            name="the Pub/Sub emulator",
            command=[
                "java",
                "-Xmx512m",
                "-jar",
                str(find_pubsub_jar()),
                "--host=127.0.0.1",
                f"--port={port}",
                f"--iam_port={free_port()}",
            ],
            ready=lambda: _answers(port),
        )


@dataclass(frozen=True)
class BigQueryEmulator:
    """A running BigQuery emulator; ``url`` is the root of its REST interface."""

    url: str
    project: str = PROJECT
    location: str = "US"

    @property
    def env(self) -> dict[str, str]:
        """The environment that makes dbt's target `emulator` use it."""
        return {
            "BIOQMS_TARGET": "emulator",
            "BIOQMS_BQ_ENDPOINT": self.url,
            "BIOQMS_BQ_PROJECT": self.project,
            "BIOQMS_BQ_LOCATION": self.location,
        }

    def client(self) -> bigquery.Client:
        """Return a client.

        Use ``client.query(sql).result(timeout=60)``: other ways lose errors on this emulator.
        """
        return bigquery.Client(
            project=self.project,
            location=self.location,
            credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options=ClientOptions(api_endpoint=self.url),
        )


class BigQueryServer(Server):
    """`bqemulator` from its own virtual environment; all is in memory and gone when it stops."""

    def __init__(self) -> None:
        environment = ROOT / ".venv-bqemulator"
        if not (environment / "made-from").exists():
            raise ServerMissingError(
                "The BigQuery emulator is not installed: run infra/setup_bqemulator.sh"
            )
        port, rpc_port = free_port(), free_port()
        self.emulator = BigQueryEmulator(f"http://127.0.0.1:{port}")
        super().__init__(
            name="the BigQuery emulator",
            command=[
                str(environment / "bin" / "python"),
                str(ROOT / "tests" / "bqemulator_start.py"),
                "start",
                "--ephemeral",
                f"--rest-port={port}",
                f"--grpc-port={rpc_port}",
                f"--project={PROJECT}",
                "--log-level=warning",
            ],
            ready=lambda: _http_ok(f"{self.emulator.url}/healthz"),
            # DuckDB's extensions lie there, and nothing else of anybody's.
            env={"HOME": str(environment / "home")},
        )


@pytest.fixture(scope="session")
def pubsub_emulator() -> Iterator[PubSubEmulator]:
    """Google's Pub/Sub emulator: the one of PUBSUB_EMULATOR_HOST if set, else one started here.

    Where it cannot be had the test fails in CI (``CI`` is set) and is skipped elsewhere, saying how
    to install it.
    """
    if host := os.environ.get("PUBSUB_EMULATOR_HOST"):
        yield PubSubEmulator(host)
        return
    try:
        server = PubSubServer()
    except ServerMissingError as missing:
        _do_without(missing)
    server.start()
    try:
        yield server.emulator
    finally:
        server.stop()


@pytest.fixture(scope="session")
def bq(tmp_path_factory: pytest.TempPathFactory) -> BqCommand:
    """Google's `bq`; where it is missing the test fails in CI and is skipped elsewhere."""
    try:
        return find_bq(tmp_path_factory.mktemp("bq"))
    except ServerMissingError as missing:
        _do_without(missing)


def _do_without(missing: ServerMissingError) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing))


@pytest.fixture(scope="session")
def bigquery_emulator() -> Iterator[BigQueryEmulator]:
    """One BigQuery emulator for the session; each test uses datasets of its own."""
    try:
        server = BigQueryServer()
    except ServerMissingError as missing:
        pytest.fail(str(missing), pytrace=False)
    server.start()
    try:
        yield server.emulator
    finally:
        server.stop()
