"""Write keys: who may write for which tenants.

A key is kept as its SHA-256 digest only, so nothing that prints or logs a `WriteKey` shows it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ingest.errors import ConfigError, EventError

MIN_KEY_LENGTH = 16
_FIELDS = frozenset({"key", "key_sha256", "name", "tenants", "default_tenant", "import"})


@dataclass(frozen=True)
class WriteKey:
    """One key. `tenants` None means all; `may_import` lets events keep their `received_at`.

    `needs_tenant` is what its user reads of an event without a tenant.
    """

    name: str
    digest: bytes = field(repr=False)
    tenants: frozenset[str] | None
    default_tenant: str | None = None
    may_import: bool = False
    needs_tenant: str = "is required: this write key has no default tenant"

    def tenant_for(self, tenant_id: str | None) -> str:
        """The tenant of an event that names `tenant_id`, or none. Raises EventError."""
        tenant = tenant_id or self.default_tenant
        if tenant is None:
            raise EventError("$.tenant_id", self.needs_tenant)
        if self.tenants is not None and tenant not in self.tenants:
            raise EventError("$.tenant_id", "this write key may not write for this tenant")
        return tenant


@dataclass(frozen=True)
class KeyRing:
    """All keys of a collector."""

    keys: tuple[WriteKey, ...] = ()

    def find(self, presented: str) -> WriteKey | None:
        """The key presented, or None. Takes as long for any wrong key as for a right one."""
        digest = _digest(presented)
        found = None
        for key in self.keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


def local_key(name: str, tenant: str | None) -> WriteKey:
    """Replaces a write key where there is none, as in a file: any tenant, any time.

    `tenant` is that of events which name none.
    """
    return WriteKey(
        name,
        b"",
        tenants=None,
        default_tenant=tenant,
        may_import=True,
        needs_tenant="is required: give --tenant or put it into the event",
    )


def new_key() -> str:
    """A random write key."""
    return "wk_" + secrets.token_urlsafe(24)


def keys_from_text(text: str) -> KeyRing:
    """Read keys from JSON: a list of entries, or `{"keys": [...]}`. Raises ConfigError."""
    try:
        return _key_ring(json.loads(text))
    except json.JSONDecodeError as error:
        raise ConfigError("BIOQMS_WRITE_KEYS is not JSON") from error


def keys_from_file(path: Path) -> KeyRing:
    """Read keys from a .toml, .json, .yaml or .yml file. Raises ConfigError."""
    try:
        text = path.read_text()
        if path.suffix == ".toml":
            return _key_ring(tomllib.loads(text))
        if path.suffix == ".json":
            return _key_ring(json.loads(text))
        if path.suffix in (".yaml", ".yml"):
            return _key_ring(yaml.safe_load(text))
    except OSError as error:
        raise ConfigError(f"cannot read the write key file {path}: {error.strerror}") from error
    except (ValueError, yaml.YAMLError):
        # The parser's own message may quote a key, so it is neither shown nor chained.
        raise ConfigError(f"the write key file is not valid {path.suffix[1:].upper()}") from None
    raise ConfigError("the write key file must end in .toml, .json, .yaml or .yml")


def _key_ring(value: Any) -> KeyRing:
    entries = value.get("keys") if isinstance(value, dict) else value
    if not isinstance(entries, list) or not entries:
        raise ConfigError("write keys must be a list with at least one entry")
    keys = tuple(_write_key(number, entry) for number, entry in enumerate(entries, start=1))
    if len({key.digest for key in keys}) < len(keys):
        raise ConfigError("a write key is listed twice")
    return KeyRing(keys)


def _write_key(number: int, entry: Any) -> WriteKey:
    where = f"write key {number}"
    if not isinstance(entry, dict):
        raise ConfigError(f"{where} must be a table with key and tenants")
    unknown = entry.keys() - _FIELDS
    if unknown:
        raise ConfigError(f"{where} has an unknown field: {', '.join(sorted(unknown))}")
    tenants = _tenants(where, entry.get("tenants"))
    default = entry.get("default_tenant")
    if default is None and tenants is not None and len(tenants) == 1:
        default = next(iter(tenants))
    if default is not None and (not isinstance(default, str) or not default):
        raise ConfigError(f"{where}: default_tenant must be a name")
    if default is not None and tenants is not None and default not in tenants:
        raise ConfigError(f"{where}: default_tenant is not one of its tenants")
    if not isinstance(entry.get("import", False), bool):
        raise ConfigError(f"{where}: import must be true or false")
    return WriteKey(
        name=str(entry.get("name") or f"key {number}"),
        digest=_digest_of(where, entry),
        tenants=tenants,
        default_tenant=default,
        may_import=entry.get("import", False),
    )


def _tenants(where: str, value: Any) -> frozenset[str] | None:
    if value == "*":
        return None
    if isinstance(value, list) and value and all(isinstance(item, str) and item for item in value):
        return None if "*" in value else frozenset(value)
    raise ConfigError(f'{where}: tenants must be a list of names or "*"')


def _digest_of(where: str, entry: dict[str, Any]) -> bytes:
    key, sha256 = entry.get("key"), entry.get("key_sha256")
    if key is not None and sha256 is not None:
        raise ConfigError(f"{where}: give key or key_sha256, not both")
    if isinstance(sha256, str):
        try:
            digest = bytes.fromhex(sha256)
        except ValueError:
            digest = b""
        if len(digest) != hashlib.sha256().digest_size:
            raise ConfigError(f"{where}: key_sha256 must be 64 hexadecimal digits")
        return digest
    if not isinstance(key, str) or len(key) < MIN_KEY_LENGTH:
        raise ConfigError(f"{where}: key must have at least {MIN_KEY_LENGTH} characters")
    return _digest(key)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogateescape")).digest()
