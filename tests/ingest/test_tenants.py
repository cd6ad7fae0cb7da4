"""`tenants.toml`: a tenant's policy holds on every way in, and changes while a collector runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Config
from ingest.errors import ConfigError
from ingest.steps.scrub import DEFAULT_COUNTRIES
from ingest.tenants import open_tenants, policies_from_file
from tests.ingest.collector import (
    BIOQMS,
    IMPORT_KEY,
    MANY_KEY,
    Collector,
    environment,
    event,
    read_rows,
    wait_until_ready,
)
from tests.ingest.conftest import StartCollector
from tests.ingest.sources.replaying import allowing, landed, replay
from tests.ingest.test_edges import stale
from tests.processes import wait_until

GERMAN = "steuer 86095742719"
NUMBER = "86095742719"
POLICY = '[tenants.globex]\nnational_ids = ["US", "GB", "DE"]\n'


def note(tenant: str, **fields: Any) -> dict[str, Any]:
    return event(tenant_id=tenant, properties={"note": GERMAN}, **fields)


def is_kept(row: dict[str, Any]) -> bool:
    """Whether the German tax id is still in a row."""
    return NUMBER in json.dumps(row)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_policy_is_that_of_its_tenant(start_collector: StartCollector, tmp_path: Path) -> None:
    write(tmp_path / "data" / "tenants.toml", POLICY)
    collector = start_collector()
    sent = [note("acme"), note("globex"), note("acme", colour=1), note("globex", colour=1)]
    collector.results(sent, MANY_KEY)
    for rows in (collector.rows(), collector.rows("rejects")):
        assert {row["tenant_id"]: is_kept(row) for row in rows} == {"acme": True, "globex": False}


def test_a_policy_holds_for_loaded_files(tmp_path: Path) -> None:
    named = write(tmp_path / "policies" / "any-name.toml", POLICY)
    lines = [note("acme"), note("globex"), note("globex", colour=1)]
    subprocess.run(
        [BIOQMS, "load", "-", "--data", tmp_path], check=True, capture_output=True, timeout=60,
        input="\n".join(map(json.dumps, lines)).encode(),
        env=environment(BIOQMS_TENANTS_FILE=str(named)),
    )  # fmt: skip
    assert [is_kept(row) for row in landed(tmp_path)] == [True, False]
    (reject,) = read_rows(list((tmp_path / "rejects").rglob("*.jsonl")))
    assert not is_kept(reject)


def test_a_policy_holds_for_replays(start_collector: StartCollector, tmp_path: Path) -> None:
    collector = start_collector()
    collector.results([note("globex")])
    collector.stop()
    write(collector.data / "tenants.toml", POLICY)
    replay("rejects", data=collector.data, keys=allowing("globex"))
    (row,) = landed(collector.data)
    assert not is_kept(row)


def test_a_policy_changes_while_a_collector_runs(
    start_collector: StartCollector, tmp_path: Path
) -> None:
    collector = start_collector(workers=2)
    path = collector.data / "tenants.toml"
    assert all(keeps(collector) for _ in range(4))
    write(path, POLICY)
    said = f"tenant policies: read again from {path}"
    wait_until(lambda: collector.output().count(said) == 2, "not both workers have read it")
    assert not any(keeps(collector) for _ in range(4))

    write(path, "[tenants.globex]\nnational_ids = ['XX']\n")
    broken = (
        f"tenant policies: the old ones stay: {path}: tenant 'globex': national_ids: "
        "no national id is known for XX"
    )
    wait_until(lambda: collector.output().count(broken) == 2)
    assert stale(collector.url) == ["tenant policies"]
    assert not any(keeps(collector) for _ in range(4))

    write(path, "")
    wait_until(lambda: collector.output().count(said) == 4, "not both workers have read it")
    assert all(keeps(collector) for _ in range(4))
    assert stale(collector.url) == []


def keeps(collector: Collector) -> bool:
    """Whether a worker keeps German ids of globex; by a connection of its own."""
    collector.session.close()
    (result,) = collector.results(note("globex"), IMPORT_KEY)
    (row,) = [row for row in collector.rows() if row["event_id"] == result["event_id"]]
    return is_kept(row)


def test_a_worker_starts_again_while_the_file_is_broken(
    start_collector: StartCollector, tmp_path: Path
) -> None:
    """With what its parent read at the start: no policy is forgotten, no event refused."""
    path = write(tmp_path / "data" / "tenants.toml", POLICY)
    collector = start_collector()
    path.write_text("broken")
    (worker,) = collector.workers()
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: set(collector.workers()) - {worker}, "the worker is not replaced")
    wait_until_ready(collector.url)
    wait_until(lambda: "tenant policies" in stale(collector.url))
    assert not keeps(collector)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "[tenants.globex]\nnational_ids = ['XX']",
            "tenant 'globex': national_ids: no national id is",
        ),
        ("[tenants.globex]\nnational_ids = 'DE'", "tenant 'globex': national_ids must be a list"),
        ("[tenants.globex]\nnational_ids = [49]", "tenant 'globex': national_ids must be a list"),
        ("[tenants.globex]\nip = 'drop'", "tenant 'globex': unknown field 'ip'"),
        (
            "[tenants.globex.eu]\nip = 1",
            "tenant 'globex': unknown field 'eu' (quote a name that has",
        ),
        ("[tenants]\nglobex = 1", "tenant 'globex' must be a table"),
        ("[tenants.'a b']\n", "tenant 'a b' is no tenant: use letters"),
        ("[globex]\nnational_ids = []", "unknown entry 'globex': write [tenants.NAME]"),
        ("tenants = 1", "tenants must be tables"),
        ("[tenants.globex", "is not valid TOML"),
        ("\udcff", "is not valid TOML"),
    ],
)
def test_a_bad_file_says_where_it_is_bad(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "tenants.toml"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigError) as refused:
        policies_from_file(path)
    assert str(refused.value).startswith(str(path))
    assert reason in str(refused.value)


def test_a_bad_file_stops_the_start(start_collector: StartCollector, tmp_path: Path) -> None:
    path = write(tmp_path / "data" / "tenants.toml", "[tenants.globex]\nspeed = 1\n")
    with pytest.raises(AssertionError, match=r"Error: .*tenant 'globex': unknown field 'speed'"):
        start_collector()
    for command in (["load", "-"], ["replay", "rejects"]):
        run = subprocess.run(
            [BIOQMS, *command, "--data", path.parent], capture_output=True, text=True, check=False,
            input="", timeout=60, env=environment(),
        )  # fmt: skip
        assert run.returncode == 1
        assert f"{path}: tenant 'globex': unknown field 'speed'" in run.stderr


def test_only_a_file_that_is_named_must_exist(tmp_path: Path) -> None:
    assert open_tenants(Config(tmp_path)).scrub_policy("t").national_ids == DEFAULT_COUNTRIES
    with pytest.raises(ConfigError, match=r"cannot read .*elsewhere\.toml"):
        open_tenants(Config(tmp_path, tenants_file=tmp_path / "elsewhere.toml"))


def test_a_tenant_may_have_fewer_than_the_default(tmp_path: Path) -> None:
    write(tmp_path / "tenants.toml", "[tenants.'a.b']\nnational_ids = []\n[tenants.c]\n")
    tenants = open_tenants(Config(tmp_path))
    assert tenants.scrub_policy("a.b").national_ids == frozenset()
    assert tenants.scrub_policy("c").national_ids == DEFAULT_COUNTRIES
