"""The collector's configuration: every `BIOQMS_*` variable it reads, in one place."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.auth import KeyRing, keys_from_file, keys_from_text
from ingest.disk import make_folder
from ingest.errors import ConfigError
from ingest.proxies import TrustedProxies

DEFAULT_DATA_DIR = "./data"
DEFAULT_TOPIC = "bioqms-events"
SINKS = ("log", "pubsub")
_MIN_PSEUDONYM_KEY = 16


@dataclass(frozen=True)
class Config:
    """How a collector runs. `from_env` reads it; docs/collector.md has the table."""

    data_dir: Path
    keys: KeyRing = field(default_factory=KeyRing)
    keys_file: Path | None = None
    tenants_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    threads: int = 8
    requests: int = 256
    body_bytes: int = 64 * 1024 * 1024
    connections: int = 4096
    http: str = "1"
    segment_bytes: int = 64 * 1024 * 1024
    segment_seconds: float = 60.0
    trusted_proxies: TrustedProxies = field(default_factory=TrustedProxies)
    sink: str = "log"
    pubsub_project: str = ""
    pubsub_topic: str = DEFAULT_TOPIC
    pubsub_timeout_seconds: int = 10
    pubsub_ordering: bool = False
    pubsub_rejects_topic: str = ""
    spool: bool = False
    backoff_seconds: int = 10
    backoff_max_seconds: int = 600
    pseudonym_key: bytes | None = field(default=None, repr=False)
    metrics_project: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read the configuration from the environment. Raises ConfigError."""
        env = os.environ if environ is None else environ
        secret = env.get("BIOQMS_PSEUDONYM_KEY", "").encode(errors="surrogateescape")
        return cls(
            data_dir=Path(env.get("BIOQMS_DATA") or DEFAULT_DATA_DIR),
            keys=_keys(env),
            keys_file=_path(env, "BIOQMS_WRITE_KEYS_FILE"),
            tenants_file=_path(env, "BIOQMS_TENANTS_FILE"),
            host=env.get("BIOQMS_HOST") or cls.host,
            port=_number(env, "BIOQMS_PORT", cls.port, 0, 65_535),
            workers=_number(env, "BIOQMS_WORKERS", cls.workers, 1, 256),
            threads=_number(env, "BIOQMS_THREADS", cls.threads, 1, 256),
            requests=_number(env, "BIOQMS_REQUESTS", cls.requests, 1, 1 << 16),
            body_bytes=_number(env, "BIOQMS_BODY_BYTES", cls.body_bytes, 1 << 23, 1 << 40),
            connections=_number(env, "BIOQMS_CONNECTIONS", cls.connections, 1, 1 << 20),
            http=_choice(env, "BIOQMS_HTTP", ("1", "auto")),
            segment_bytes=_number(env, "BIOQMS_SEGMENT_BYTES", cls.segment_bytes, 1, 1 << 40),
            segment_seconds=_number(
                env, "BIOQMS_SEGMENT_SECONDS", int(cls.segment_seconds), 1, 3600
            ),
            trusted_proxies=TrustedProxies.parse(env.get("BIOQMS_TRUSTED_PROXIES", "")),
            sink=_choice(env, "BIOQMS_SINK", SINKS),
            pubsub_project=env.get("BIOQMS_PUBSUB_PROJECT") or env.get("GOOGLE_CLOUD_PROJECT", ""),
            pubsub_topic=env.get("BIOQMS_PUBSUB_TOPIC") or cls.pubsub_topic,
            pubsub_timeout_seconds=_number(
                env, "BIOQMS_PUBSUB_TIMEOUT_SECONDS", cls.pubsub_timeout_seconds, 1, 600
            ),
            pubsub_ordering=_choice(env, "BIOQMS_PUBSUB_ORDERING", ("0", "1")) == "1",
            pubsub_rejects_topic=env.get("BIOQMS_PUBSUB_REJECTS_TOPIC", ""),
            spool=_choice(env, "BIOQMS_SPOOL", ("0", "1")) == "1",
            backoff_seconds=_number(env, "BIOQMS_BACKOFF_SECONDS", cls.backoff_seconds, 1, 3600),
            backoff_max_seconds=_number(
                env, "BIOQMS_BACKOFF_MAX_SECONDS", cls.backoff_max_seconds, 1, 86_400
            ),
            pseudonym_key=_key_in(secret, "BIOQMS_PSEUDONYM_KEY") if secret else None,
            metrics_project=env.get("BIOQMS_METRICS_PROJECT", ""),
        )

    @property
    def log_dir(self) -> Path:
        """The landing log."""
        return self.data_dir / "log"

    @property
    def rejects_dir(self) -> Path:
        """Rejected events, with reasons."""
        return self.data_dir / "rejects"

    @property
    def spool_dir(self) -> Path:
        """Rows that Pub/Sub did not accept, until the forwarder has published them."""
        return self.data_dir / "spool"

    @property
    def segment_roots(self) -> tuple[Path, ...]:
        """Every folder that this collector writes segments into."""
        if self.sink == "log":
            return (self.log_dir, self.rejects_dir)
        return (self.rejects_dir, self.spool_dir) if self.spool else (self.rejects_dir,)

    @property
    def topic_path(self) -> str:
        """The full name of the topic, `projects/<project>/topics/<topic>`. Raises ConfigError."""
        return self._path("topics", self.pubsub_topic)

    @property
    def rejects_topic_path(self) -> str | None:
        """The full name of the topic of refused events, if they go to one. Raises ConfigError."""
        if self.sink != "pubsub" or not self.pubsub_rejects_topic:
            return None
        return self._path("topics", self.pubsub_rejects_topic)

    def subscription_path(self, name: str) -> str:
        """The full name of a subscription in the topic's project. Raises ConfigError."""
        return self._path("subscriptions", name)

    def _path(self, collection: str, name: str) -> str:
        if name.startswith("projects/"):
            return name
        project = self.pubsub_project
        if not project and self.pubsub_topic.startswith("projects/"):
            project = self.pubsub_topic.split("/")[1]
        if not project:
            raise ConfigError("set BIOQMS_PUBSUB_PROJECT to the project of the topic")
        return f"projects/{project}/{collection}/{name}"


def pseudonym_key(config: Config) -> bytes:
    """The pseudonym key: from the configuration, else from `<data>/pseudonym.key`, created once.

    Raises ConfigError if that file cannot be read or written, or holds no key.
    """
    if config.pseudonym_key is not None:
        return config.pseudonym_key
    path = config.data_dir / "pseudonym.key"
    try:
        if not path.exists():
            _create_once(path, secrets.token_hex(32).encode())
        return _key_in(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigError(f"cannot use {path}: {error.strerror}") from error


def _key_in(content: bytes, where: str) -> bytes:
    """The pseudonym key, without the newline that an editor or `openssl rand` put behind it.

    Shells take it off and secret managers keep it: with it one person would have two pseudonyms.
    """
    key = content.rstrip(b"\r\n")
    if len(key) < _MIN_PSEUDONYM_KEY:
        raise ConfigError(
            f"{where} must hold at least {_MIN_PSEUDONYM_KEY} characters: restore the key "
            "that the collector had before, or its pseudonyms change"
        )
    return key


def _create_once(path: Path, content: bytes) -> None:
    """Write a private file unless another process was faster; it appears whole or not at all."""
    make_folder(path.parent)
    draft = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    fd = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.write(fd, content)
    os.fsync(fd)
    os.close(fd)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _keys(env: Mapping[str, str]) -> KeyRing:
    file, text = env.get("BIOQMS_WRITE_KEYS_FILE"), env.get("BIOQMS_WRITE_KEYS")
    if file and text:
        raise ConfigError("set BIOQMS_WRITE_KEYS_FILE or BIOQMS_WRITE_KEYS, not both")
    if file:
        return keys_from_file(Path(file))
    return keys_from_text(text) if text else KeyRing()


def _path(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]) if env.get(name) else None


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}")
    return int(text)


def _choice(env: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    """One of `choices`, the first where nothing is set."""
    text = env.get(name) or choices[0]
    if text not in choices:
        raise ConfigError(f"{name} must be {' or '.join(choices)}")
    return text
