"""Write keys: who may write for which tenants.

A key is kept as its SHA-256 digest only, so nothing that prints or logs a `WriteKey` shows it.
Several keys may have one name, so that a key can be rotated: the old and the new one overlap.
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

from ingest.errors import ConfigError, EventError, ReasonType
from ingest.schema import TENANT_RULE, is_tenant

MIN_KEY_LENGTH = 16
MAX_NAME = 128
KINDS = ("server", "public")
"""Who holds a key: your server (the default), or everybody who opens your page."""
_FIELDS = frozenset({"key", "key_sha256", "name", "kind", "tenants", "default_tenant", "import"})
_SAME = ("tenants", "default_tenant", "kind")  # in all keys of one name
_DIGEST_DIGITS = 16  # of the stored digest: 64 bits tell the keys of a collector apart


@dataclass(frozen=True)
class WriteKey:
    """One key. `tenants` None means all; `may_import` lets events keep their `received_at`.

    `needs_tenant` is what its user reads of an event without a tenant.
    """

    name: str
    digest: bytes = field(repr=False)
    tenants: frozenset[str] | None
    default_tenant: str | None = None
    kind: str = KINDS[0]
    may_import: bool = False
    needs_tenant: str = "is required: this write key has no default tenant"

    def tenant_for(self, tenant_id: str | None) -> str:
        """The tenant of an event that names `tenant_id`, or none. Raises EventError."""
        tenant = tenant_id or self.default_tenant
        if tenant is None:
            raise EventError("$.tenant_id", self.needs_tenant, ReasonType.MISSING_TENANT)
        if self.tenants is not None and tenant not in self.tenants:
            raise EventError(
                "$.tenant_id",
                "this write key may not write for this tenant",
                ReasonType.FOREIGN_TENANT,
            )
        return tenant

    def stored_digest(self, secret: bytes) -> str:
        """What tells this key from others in a row that is kept: 16 hexadecimal digits.

        Keyed with the collector's `secret`: with a plain digest, anyone who reads a row could try
        guesses until one fits, and keys that people make up are guessed.
        """
        message = b"write key\0" + self.digest
        return hmac.new(secret, message, hashlib.sha256).hexdigest()[:_DIGEST_DIGITS]


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

    `tenant` is that of events which name none. Raises ConfigError if no tenant can be called so.
    """
    if tenant is not None and not is_tenant(tenant):
        raise ConfigError(f"--tenant {tenant!r} is no tenant: use {TENANT_RULE}")
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
    _check_rotations(keys)
    return KeyRing(keys)


def _check_rotations(keys: tuple[WriteKey, ...]) -> None:
    """Refuse keys of one name that are no rotation: the name tells whose events a row holds."""
    first: dict[str, WriteKey] = {}
    for key in keys:
        other = first.setdefault(key.name, key)
        differing = next((f for f in _SAME if getattr(key, f) != getattr(other, f)), None)
        if differing is not None:
            raise ConfigError(
                f"two write keys have the name {key.name!r} but differ in {differing}: "
                "give one of them another name"
            )


def _write_key(number: int, entry: Any) -> WriteKey:
    if not isinstance(entry, dict):
        raise ConfigError(f"write key {number} must be a table with name, key and tenants")
    name = _name(number, entry.get("name"))
    where = f"write key {name!r}"
    unknown = entry.keys() - _FIELDS
    if unknown:
        raise ConfigError(f"{where} has an unknown field: {', '.join(sorted(unknown))}")
    kind = entry.get("kind", KINDS[0])
    if kind not in KINDS:
        raise ConfigError(f"{where}: kind must be {' or '.join(KINDS)}")
    if not isinstance(entry.get("import", False), bool):
        raise ConfigError(f"{where}: import must be true or false")
    tenants = _tenants(where, entry.get("tenants"))
    return WriteKey(
        name=name,
        digest=_digest_of(where, entry),
        tenants=tenants,
        default_tenant=_default_tenant(where, entry.get("default_tenant"), tenants),
        kind=kind,
        may_import=entry.get("import", False),
    )


def _name(number: int, value: Any) -> str:
    if value is None:
        raise ConfigError(f"write key {number} has no name: each key needs one")
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_NAME:
        raise ConfigError(
            f"write key {number}: name must be a text of 1 to {MAX_NAME} characters, not blank"
        )
    return value


def _tenants(where: str, value: Any) -> frozenset[str] | None:
    if value == "*":
        return None
    if not isinstance(value, list) or not value:
        raise ConfigError(f'{where}: tenants must be a list of names or "*"')
    for tenant in value:
        if tenant != "*" and not is_tenant(tenant):
            raise ConfigError(f"{where}: {tenant!r} is no tenant: use {TENANT_RULE}")
    return None if "*" in value else frozenset(value)


def _default_tenant(where: str, value: Any, tenants: frozenset[str] | None) -> str | None:
    if value is None:
        return next(iter(tenants)) if tenants is not None and len(tenants) == 1 else None
    if not is_tenant(value):
        raise ConfigError(f"{where}: default_tenant {value!r} is no tenant: use {TENANT_RULE}")
    if tenants is not None and value not in tenants:
        raise ConfigError(f"{where}: default_tenant is not one of its tenants")
    tenant: str = value
    return tenant


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
