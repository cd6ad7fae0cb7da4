"""Write keys and configuration."""

from __future__ import annotations

import hashlib
import json
import re
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
    return json.dumps([{"name": "web", "key": SECRET, "tenants": ["acme"]} | fields])


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
    text = json.dumps([{"name": "web", "key_sha256": digest, "tenants": "*", "import": True}])
    key = keys_from_text(text).find(SECRET)
    assert key is not None
    assert key.may_import


TWO = json.loads(entry())[0]


def two(**second: Any) -> str:
    """Two keys of one name; `second` is what the second has otherwise."""
    return json.dumps([TWO, TWO | {"key": "another-secret-of-it"} | second])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no json " + SECRET, "not JSON"),
        ("[]", "at least one"),
        ("{}", "at least one"),
        ("17", "at least one"),
        (json.dumps([SECRET]), "write key 1 must be a table"),
        (entry(name=None), "write key 1 has no name"),
        (entry(name=""), "write key 1: name must"),
        (entry(name=" "), "write key 1: name must"),
        (entry(name=7), "write key 1: name must"),
        (entry(name="x" * 129), "write key 1: name must"),
        (entry(tenants=None), "write key 'web': tenants must"),
        (entry(tenants=[]), "write key 'web': tenants must"),
        (entry(tenants="acme"), "write key 'web': tenants must"),
        (entry(tenants=[""]), "write key 'web': '' is no tenant: use letters"),
        (entry(tenants=["acme corp"]), "'acme corp' is no tenant"),
        (entry(tenants=["acme\n"]), "is no tenant"),
        (entry(tenants=["x" * 129]), "is no tenant"),
        (entry(tenants=[7]), "7 is no tenant"),
        (entry(default_tenant="globex"), "default_tenant is not one"),
        (entry(default_tenant=""), "default_tenant '' is no tenant"),
        (entry(tenants="*", default_tenant="a/b"), "default_tenant 'a/b' is no tenant"),
        (entry(key="short"), "at least 16"),
        (entry(key=None), "at least 16"),
        (entry(extra=1), "unknown field: extra"),
        (entry(key_sha256="00"), "not both"),
        (entry(key=None, key_sha256="00"), "64 hexadecimal digits"),
        (entry(kind="privacy"), "kind must be server or public"),
        (entry(**{"import": "yes"}), "import must be true or false"),
        (two(key=SECRET), "listed twice"),
        (two(tenants=["acme", "globex"], default_tenant="acme"), "'web' but differ in tenants"),
        (two(tenants="*", default_tenant="acme"), "'web' but differ in tenants"),
        (two(kind="public"), "'web' but differ in kind"),
    ],
)
def test_bad_keys_are_refused_without_showing_them(text: str, reason: str) -> None:
    with pytest.raises(ConfigError) as refused:
        keys_from_text(text)
    assert reason in str(refused.value)
    assert SECRET not in str(refused.value)


def test_keys_of_one_name_are_a_rotation() -> None:
    ring = keys_from_text(two(kind="server"))
    assert {key.name for key in ring.keys} == {"web"}
    assert ring.find(SECRET) != ring.find("another-secret-of-it")


def test_keys_of_one_name_have_one_default_tenant() -> None:
    both = json.loads(two())
    for key, default in zip(both, ("acme", "globex"), strict=True):
        key.update(tenants=["acme", "globex"], default_tenant=default)
    with pytest.raises(ConfigError, match="'web' but differ in default_tenant"):
        keys_from_text(json.dumps(both))


def test_what_is_stored_of_a_key_does_not_tell_it() -> None:
    key = keys_from_text(entry()).keys[0]
    stored = key.stored_digest(b"a secret of this collector")
    assert re.fullmatch("[0-9a-f]{16}", stored)
    assert stored == key.stored_digest(b"a secret of this collector")
    assert stored != key.stored_digest(b"a secret of another one!!!")
    assert stored not in hashlib.sha256(SECRET.encode()).hexdigest()


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
    assert stat.S_IMODE(path.parent.stat().st_mode) & 0o027 == 0
    assert pseudonym_key(Config(data_dir=tmp_path, pseudonym_key=b"given")) == b"given"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_newline_is_no_part_of_the_pseudonym_key(tmp_path: Path, end: str) -> None:
    text = f"kept by openssl{end}"
    with pytest.raises(ConfigError, match="at least 16"):
        Config.from_env({"BIOQMS_PSEUDONYM_KEY": text})
    text = f"kept by openssl!{end}"
    (tmp_path / "pseudonym.key").write_bytes(text.encode())
    assert pseudonym_key(Config(data_dir=tmp_path)) == b"kept by openssl!"
    env = {"BIOQMS_PSEUDONYM_KEY": text, "BIOQMS_DATA": str(tmp_path)}
    assert pseudonym_key(Config.from_env(env)) == b"kept by openssl!"


@pytest.mark.parametrize("content", [b"", b"\n", b"short\n"])
def test_a_file_without_a_pseudonym_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pseudonym.key"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"{path} must hold at least 16"):
        pseudonym_key(Config(data_dir=tmp_path))
    assert path.read_bytes() == content
