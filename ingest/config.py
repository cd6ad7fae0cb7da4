"""The collector's configuration: every `BIOQMS_*` variable it reads, in one place."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.auth import KeyRing, keys_from_file, keys_from_text
from ingest.enrich import TrustedProxies
from ingest.errors import ConfigError

DEFAULT_DATA_DIR = "./data"
_MIN_PSEUDONYM_KEY = 16


@dataclass(frozen=True)
class Config:
    """How a collector runs. `from_env` reads it; docs/collector.md has the table."""

    data_dir: Path
    keys: KeyRing = field(default_factory=KeyRing)
    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    threads: int = 8
    segment_bytes: int = 64 * 1024 * 1024
    segment_seconds: float = 60.0
    trusted_proxies: TrustedProxies = field(default_factory=TrustedProxies)
    pseudonym_key: bytes | None = field(default=None, repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read the configuration from the environment. Raises ConfigError."""
        env = os.environ if environ is None else environ
        pseudonym_key = env.get("BIOQMS_PSEUDONYM_KEY", "").encode() or None
        if pseudonym_key is not None and len(pseudonym_key) < _MIN_PSEUDONYM_KEY:
            raise ConfigError(
                f"BIOQMS_PSEUDONYM_KEY must have at least {_MIN_PSEUDONYM_KEY} characters"
            )
        return cls(
            data_dir=Path(env.get("BIOQMS_DATA") or DEFAULT_DATA_DIR),
            keys=_keys(env),
            host=env.get("BIOQMS_HOST") or cls.host,
            port=_number(env, "BIOQMS_PORT", cls.port, 0, 65_535),
            workers=_number(env, "BIOQMS_WORKERS", cls.workers, 1, 256),
            threads=_number(env, "BIOQMS_THREADS", cls.threads, 1, 256),
            segment_bytes=_number(env, "BIOQMS_SEGMENT_BYTES", cls.segment_bytes, 1, 1 << 40),
            segment_seconds=_number(
                env, "BIOQMS_SEGMENT_SECONDS", int(cls.segment_seconds), 1, 3600
            ),
            trusted_proxies=TrustedProxies.parse(env.get("BIOQMS_TRUSTED_PROXIES", "")),
            pseudonym_key=pseudonym_key,
        )

    @property
    def log_dir(self) -> Path:
        """The landing log."""
        return self.data_dir / "log"

    @property
    def rejects_dir(self) -> Path:
        """What was refused, with reasons."""
        return self.data_dir / "rejects"


def pseudonym_key(config: Config) -> bytes:
    """The key of pseudonyms: configured, else kept in `<data>/pseudonym.key`, made at first use.

    Raises ConfigError if that file can be neither read nor written.
    """
    if config.pseudonym_key is not None:
        return config.pseudonym_key
    path = config.data_dir / "pseudonym.key"
    try:
        if not path.exists():
            _create_once(path, secrets.token_hex(32).encode())
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path} cannot be used: {error.strerror}") from error


def _create_once(path: Path, content: bytes) -> None:
    """Write a private file unless another process was faster; it appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
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


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}")
    return int(text)
