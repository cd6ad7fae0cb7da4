"""`tenants.toml`: all that is one tenant's policy.

    [tenants.tnt_acme_pharma]
    national_ids = ["US", "GB", "DE"]

A tenant that is not listed has the defaults. docs/collector.md lists the fields.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ingest.config import Config
from ingest.errors import ConfigError
from ingest.reload import Reloaded
from ingest.schema import TENANT_RULE, is_tenant
from ingest.steps.scrub import DEFAULT_COUNTRIES, Policy

FILE_NAME = "tenants.toml"
Policies: TypeAlias = "Mapping[str, Policy]"
_FIELDS = ("national_ids",)
_DEFAULT = Policy()


class Tenants:
    """The policies of all tenants, as the file says now."""

    def __init__(self, file: Reloaded[Policies]) -> None:
        """Take them from a file."""
        self.file = file

    def scrub_policy(self, tenant_id: str) -> Policy:
        """What is scrubbed of a tenant's events; the default one for an unknown or empty id."""
        return self.file.value.get(tenant_id, _DEFAULT)


def open_tenants(config: Config, first: Policies | None = None) -> Tenants:
    """Read the file that BIOQMS_TENANTS_FILE names, else `tenants.toml` in the data folder.

    Only the one in the data folder may be absent: then all tenants have the defaults. `first` is
    what a parent process has read; with it a file that is broken by now is only a fault. Raises
    ConfigError.
    """
    path = config.tenants_file or config.data_dir / FILE_NAME
    if first is None and config.tenants_file is None and not path.exists():
        first = {}
    return Tenants(Reloaded("tenant policies", path, policies_from_file, first))


def policies_from_file(path: Path) -> Policies:
    """Read the policies. Raises ConfigError, which names file, tenant and field."""
    try:
        content = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    try:
        return _policies(content)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def _policies(content: dict[str, Any]) -> Policies:
    unknown = sorted(content.keys() - {"tenants"})
    if unknown:
        raise ConfigError(f"unknown entry {unknown[0]!r}: write [tenants.NAME] for each tenant")
    tenants = content.get("tenants", {})
    if not isinstance(tenants, dict):
        raise ConfigError("tenants must be tables: write [tenants.NAME] for each tenant")
    return {name: _policy(name, fields) for name, fields in tenants.items()}


def _policy(tenant: str, fields: Any) -> Policy:
    where = f"tenant {tenant!r}"
    if not is_tenant(tenant):
        raise ConfigError(f"{where} is no tenant: use {TENANT_RULE}")
    if not isinstance(fields, dict):
        raise ConfigError(f"{where} must be a table: write [tenants.{tenant}]")
    unknown = sorted(fields.keys() - set(_FIELDS))
    if unknown:
        hint = " (quote a name that has a dot)" if isinstance(fields[unknown[0]], dict) else ""
        raise ConfigError(f"{where}: unknown field {unknown[0]!r}{hint}")
    return Policy(national_ids=_national_ids(where, fields.get("national_ids")))


def _national_ids(where: str, value: Any) -> frozenset[str]:
    if value is None:
        return DEFAULT_COUNTRIES
    if not isinstance(value, list) or not all(isinstance(country, str) for country in value):
        raise ConfigError(f'{where}: national_ids must be a list such as ["US", "DE"]')
    try:
        return Policy(frozenset(value)).national_ids
    except ValueError as error:
        raise ConfigError(f"{where}: national_ids: {error}") from None
