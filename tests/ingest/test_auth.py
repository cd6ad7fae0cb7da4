"""Write keys and configuration."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.app import create_app
from ingest.auth import keys_from_file, keys_from_text
from ingest.config import Config, pseudonym_key
from ingest.errors import ConfigError, EventError

SECRET = "a-secret-of-the-web-shop"


def entry(**fields: Any) -> str:
    return json.dumps([{"key": SECRET, "tenants": ["acme"]} | fields])


def test_a_key_supplies_and_limits_tenants() -> None:
    key = keys_from_text(entry()).find(SECRET)
    assert key is not None
    assert key.tenant_for(None) == key.tenant_for("acme") == "acme"
    with pytest.raises(EventError, match=r"^\$\.tenant_id: this write key may not"):
        key.tenant_for("globex")


def test_several_tenants_need_a_name_or_a_default() -> None:
    key = keys_from_text(entry(tenants=["acme", "globex"])).find(SECRET)
    assert key is not None
    assert key.tenant_for("globex") == "globex"
    with pytest.raises(EventError, match=r"^\$\.tenant_id: is required"):
        key.tenant_for(None)
    key = keys_from_text(entry(tenants="*", default_tenant="acme")).find(SECRET)
    assert key is not None
    assert (key.tenant_for(None), key.tenant_for("any")) == ("acme", "any")


def test_wrong_keys_find_nothing() -> None:
    ring = keys_from_text(entry())
    for wrong in ("", SECRET[:-1], SECRET + "x", SECRET.upper(), "ключ", "\udce9"):
        assert ring.find(wrong) is None


def test_a_key_is_never_printed() -> None:
    ring = keys_from_text(entry())
    assert SECRET not in repr(ring)
    assert hashlib.sha256(SECRET.encode()).hexdigest() not in repr(ring)


def test_a_key_may_be_given_as_its_digest() -> None:
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    text = json.dumps([{"key_sha256": digest, "tenants": "*", "import": True}])
    key = keys_from_text(text).find(SECRET)
    assert key is not None
    assert key.may_import


@pytest.mark.parametrize(
    "text",
    ["no json " + SECRET, "[]", "{}", "17", entry(tenants=None), entry(tenants=[]),
     entry(tenants="acme"), entry(tenants=[""]), entry(key="short"), entry(key=None),
     entry(default_tenant="globex"), entry(default_tenant=""), entry(extra=1),
     entry(key_sha256="00"),
     json.dumps([{"key_sha256": "00", "tenants": "*"}]), json.dumps([SECRET]),
     entry(**{"import": "yes"}), json.dumps(json.loads(entry()) * 2)],
)  # fmt: skip
def test_bad_keys_are_refused_without_showing_them(text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        keys_from_text(text)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("suffix", [".toml", ".json", ".yaml", ".yml"])
def test_key_files(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"keys{suffix}"
    value = {"keys": json.loads(entry(name="web"))}
    text = {
        ".toml": f'[[keys]]\nname = "web"\nkey = "{SECRET}"\ntenants = ["acme"]\n',
        ".json": json.dumps(value),
    }.get(suffix, yaml.safe_dump(value))
    path.write_text(text)
    key = keys_from_file(path).find(SECRET)
    assert key is not None
    assert key.name == "web"
    path.write_text(f'"{SECRET}" = [[[')
    with pytest.raises(ConfigError) as refused:
        keys_from_file(path)
    assert SECRET not in str(refused.value)


def test_unusable_key_files(tmp_path: Path) -> None:
    for name in ("missing.json", "keys.ini"):
        with pytest.raises(ConfigError):
            keys_from_file(tmp_path / name)


def test_configuration_from_the_environment(tmp_path: Path) -> None:
    env = {"BIOQMS_DATA": str(tmp_path), "BIOQMS_PORT": "0", "BIOQMS_WRITE_KEYS": entry()}
    config = Config.from_env(env)
    assert (config.log_dir, config.port, len(config.keys.keys)) == (tmp_path / "log", 0, 1)
    assert Config.from_env({}).data_dir == Path("data")


@pytest.mark.parametrize(
    "env",
    [{"BIOQMS_PORT": "http"}, {"BIOQMS_PORT": "70000"}, {"BIOQMS_WORKERS": "0"},
     {"BIOQMS_SEGMENT_SECONDS": "-1"}, {"BIOQMS_HTTP": "3"}, {"BIOQMS_BODY_BYTES": "1"},
     {"BIOQMS_TRUSTED_PROXIES": "x"},
     {"BIOQMS_PSEUDONYM_KEY": "short"}, {"BIOQMS_WRITE_KEYS": "x", "BIOQMS_WRITE_KEYS_FILE": "y"}],
)  # fmt: skip
def test_bad_configuration_is_refused(env: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        Config.from_env(env)


def test_no_keys_no_collector(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="BIOQMS_WRITE_KEYS"):
        create_app(Config(data_dir=tmp_path))


def test_the_pseudonym_key_is_made_once_and_private(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path / "new")
    first = pseudonym_key(config)
    assert len(first) == 64
    assert pseudonym_key(config) == first
    path = tmp_path / "new" / "pseudonym.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["pseudonym.key"]
    assert pseudonym_key(Config(data_dir=tmp_path, pseudonym_key=b"given")) == b"given"
