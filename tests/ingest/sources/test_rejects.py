"""Rejects come back once, however often they are replayed."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ReasonType
from tests.ingest.collector import BIOQMS, KEYS, WEB_KEY, environment, event, read_rows
from tests.ingest.conftest import StartCollector
from tests.ingest.sources.replaying import GLOBEX, allowing, landed, replay
from tests.servers import ROOT


@pytest.fixture
def refused(start_collector: StartCollector) -> Path:
    """The data folder of a collector that refused four events, two of them equal."""
    collector = start_collector()
    collector.results([GLOBEX | {"event_id": "evt_sent"}, GLOBEX, GLOBEX, event(colour="red")])
    collector.stop()
    assert not landed(collector.data)
    return collector.data


def test_rejects_come_back_when_their_reason_is_gone(refused: Path) -> None:
    again = replay("rejects", data=refused)
    assert again.returncode == 0
    assert again.stdout.startswith("read 4 = accepted 0 + rejected 4  (blank lines: 0)\n")
    assert "       3  $.tenant_id: this write key may not write for this tenant" in again.stdout
    assert replay("rejects", "--strict", data=refused).returncode == 1

    fixed = replay("rejects", data=refused, keys=allowing("globex"))
    assert fixed.stdout.startswith("read 4 = accepted 3 + rejected 1")
    first = landed(refused)
    rejects = read_rows(list((refused / "rejects").glob("date=*/hour=*/*.jsonl")))
    assert {row["received_at"] for row in first} == {row["rejected_at"] for row in rejects}
    assert len({row["event_id"] for row in first}) == 3
    assert first[0]["event_id"] == "evt_sent"
    assert {row["tenant_id"] for row in first} == {"globex"}

    replay("rejects", data=refused, keys=allowing("globex"))
    assert landed(refused) == first + first  # exact copies: staging keeps one


def test_a_key_that_is_gone_opens_nothing(refused: Path) -> None:
    other = json.dumps([KEYS[1]])
    outcome = replay("rejects", data=refused, keys=other)
    assert outcome.stdout.startswith("read 4 = accepted 0 + rejected 4")
    assert "its write key is no longer configured" in outcome.stdout


ROTATED = {"name": "web", "key": "web-key-of-acme-0002", "tenants": ["acme"]}
WAS_GLOBEX = "$: another write key has its key's name now, and not the same tenant"


def ring(*keys: dict[str, Any]) -> str:
    return json.dumps(keys)


@pytest.fixture
def refused_for_acme(start_collector: StartCollector) -> Path:
    """The data folder of a collector that refused what named no tenant, by the key of acme."""
    collector = start_collector()
    collector.results(event(event_id="evt_web", colour="red"))
    collector.stop()
    repair(collector.data)
    return collector.data


def repair(data: Path, **fields: Any) -> None:
    """Take the fault out of the rejects, as an operator may, and put other fields in."""
    (path,) = (data / "rejects").rglob("*.jsonl")
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    for row in rows:
        sent = json.loads(row["event"])
        sent.pop("colour", None)
        row.update(fields, event=json.dumps(sent))
        for name in [name for name, value in row.items() if value is None]:
            del row[name]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


FIRST = {"name": "first", "key": "a-key-in-front-of-it", "tenants": ["globex"]}


@pytest.mark.parametrize(
    ("keys", "tenant"),
    [
        pytest.param(ring(KEYS[0]), "acme", id="as it was"),
        pytest.param(ring(FIRST, KEYS[0]), "acme", id="a key in front"),
        pytest.param(ring(ROTATED), "acme", id="rotated"),
        pytest.param(ring(ROTATED, KEYS[0]), "acme", id="in the middle of a rotation"),
        pytest.param(
            ring(ROTATED | {"tenants": ["globex", "acme"], "default_tenant": "globex"}), "acme",
            id="rotated, with another default",
        ),
        pytest.param(
            ring(KEYS[0] | {"tenants": ["globex", "acme"], "default_tenant": "globex"}), "acme",
            id="with another default",
        ),
        pytest.param(ring(KEYS[0] | {"name": "old"}), "acme", id="renamed"),
        pytest.param(
            ring(FIRST | {"name": "web"}, KEYS[0] | {"name": "old"}), "acme",
            id="renamed, its name taken",
        ),
        pytest.param(ring(FIRST | {"name": "web"}), WAS_GLOBEX, id="its name taken"),
        pytest.param(
            ring(KEYS[0] | {"tenants": ["globex"]}),
            "$.tenant_id: this write key may not write for this tenant", id="the tenant taken away",
        ),
        pytest.param(ring(FIRST), "$: its write key is no longer configured", id="gone"),
    ],
)  # fmt: skip
def test_an_event_comes_back_to_its_tenant_or_not_at_all(
    refused_for_acme: Path, keys: str, tenant: str
) -> None:
    outcome = replay("rejects", data=refused_for_acme, keys=keys)
    assert outcome.returncode == 0, outcome.stderr
    if tenant.startswith("$"):
        assert tenant in outcome.stdout
        assert not landed(refused_for_acme)
    else:
        assert [row["tenant_id"] for row in landed(refused_for_acme)] == [tenant]


@pytest.mark.parametrize(
    ("tenants", "is_taken"),
    [(["acme", "globex"], True), (["globex"], False), (["globex", "initech"], False)],
)
def test_who_took_a_name_gets_nothing_that_was_refused_to_another(
    refused: Path, tenants: list[str], is_taken: bool
) -> None:
    """Anybody with the public key of acme can send events that name globex."""
    other = ROTATED | {"tenants": tenants, "default_tenant": tenants[0]}
    outcome = replay("rejects", data=refused, keys=ring(other))
    expected = ["globex"] * 3 if is_taken else []
    assert [row["tenant_id"] for row in landed(refused)] == expected
    assert (WAS_GLOBEX in outcome.stdout) != is_taken


@pytest.mark.parametrize("keys", [json.dumps(KEYS), ring(ROTATED)])
def test_rejects_of_version_0_1_come_back(refused_for_acme: Path, keys: str) -> None:
    old = dict.fromkeys(
        ("write_key_name", "key_digest", "key_default_tenant", "tenant_id", "event_name",
         "event_version", "library", "reason_type")
    )  # fmt: skip
    repair(refused_for_acme, **old, write_key="web")
    replay("rejects", data=refused_for_acme, keys=keys)
    assert [row["tenant_id"] for row in landed(refused_for_acme)] == ["acme"]
    assert (
        "no longer configured" in replay("rejects", data=refused_for_acme, keys=ring(FIRST)).stdout
    )


def test_a_reject_says_what_was_refused_and_why(start_collector: StartCollector) -> None:
    collector = start_collector()
    library = {"name": "analytics.js of jane@example.com", "version": "2.1.0", "more": 1}
    collector.results(
        [
            event(event_version="2.0.0", context={"library": library}, properties=7),
            event(event_name="call jane@example.com " + "x" * 500, event_version=8),
            GLOBEX,
        ]
    )
    collector.post(f"[{json.dumps(event())},nonsense]".encode())
    bad, odd, foreign, nonsense = collector.rows("rejects")
    assert {key: bad[key] for key in bad if key not in ("rejected_at", "event", "key_digest")} == {
        "source": "http",
        "position": 0,
        "write_key_name": "web",
        "key_default_tenant": "acme",
        "tenant_id": "acme",
        "event_name": "page.viewed",
        "event_version": "2.0.0",
        "library": {"name": "analytics.js of [EMAIL_REDACTED]", "version": "2.1.0"},
        "reason_type": "wrong_type",
        "path": "$.properties",
        "reason": "expected null or object",
    }
    assert odd["event_name"].startswith("call [EMAIL_REDACTED] xxx")
    assert (len(odd["event_name"]), odd["event_version"], odd["library"]) == (128, None, None)
    assert (foreign["tenant_id"], foreign["reason_type"]) == (None, "foreign_tenant")
    assert (nonsense["event_name"], nonsense["reason_type"]) == (None, "not_json")
    digests = {row["key_digest"] for row in (bad, odd, foreign, nonsense)}
    assert len(digests) == 1
    plain = hashlib.sha256(WEB_KEY.encode()).hexdigest()
    assert digests.isdisjoint({plain[:16], plain, WEB_KEY})


def test_every_type_of_reason_is_documented() -> None:
    page = (ROOT / "docs" / "collector.md").read_text()
    section = page.partition("### Why an event is rejected")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ", section, re.MULTILINE)
    assert sorted(rows) == sorted(ReasonType)


def test_rejects_of_load_come_back_after_a_repair(tmp_path: Path) -> None:
    source = tmp_path / "events.jsonl"
    late = event(event_id="late", received_at="2026-02-16T15:00:00Z")
    source.write_text("\n".join(json.dumps(e) for e in (event(), late)) + "\nnonsense\n\n")
    loaded = subprocess.run(
        [BIOQMS, "load", source, "--data", tmp_path], check=False, capture_output=True,
        env=environment(),
    )  # fmt: skip
    assert loaded.returncode == 1  # nothing was accepted
    (rejects,) = (tmp_path / "rejects").glob("date=*/load-*.jsonl")
    outcome = replay("rejects", rejects, "--tenant", "acme", data=tmp_path)
    assert outcome.stdout.startswith("read 3 = accepted 2 + rejected 1  (blank lines: 0)\n")
    assert "$: not JSON" in outcome.stdout
    made, kept = landed(tmp_path)
    assert made["event_id"].startswith("evt_")
    assert made["received_at"] == read_rows([rejects])[0]["rejected_at"]
    assert (kept["event_id"], kept["received_at"]) == ("late", "2026-02-16T15:00:00.000000Z")
    assert {row["tenant_id"] for row in (made, kept)} == {"acme"}


def test_what_was_not_kept_whole_is_not_made_up(start_collector: StartCollector) -> None:
    collector = start_collector()
    collector.results(
        [
            event(tenant_id="globex", user_id="jane@example.com"),
            event(tenant_id="globex", properties={"pad": "x" * 5000}),
            event(
                tenant_id="globex",
                event_name="user.alias",
                properties={"previous_id": "jane@example.com"},
            ),
        ]
    )
    collector.stop()
    outcome = replay("rejects", data=collector.data, keys=allowing("globex"))
    assert outcome.stdout.startswith("read 3 = accepted 0 + rejected 3")
    assert "$.user_id: was personal data and is not kept" in outcome.stdout
    assert "$.properties.previous_id: was personal data and is not kept" in outcome.stdout
    assert "only 4096 characters of it were kept" in outcome.stdout


def test_a_file_of_something_else_is_refused_line_by_line(tmp_path: Path) -> None:
    strange = tmp_path / "strange.jsonl"
    strange.write_text('{"a": 1}\nhello\n\n[]\n{"event": "{}", "rejected_at": 7}\n')
    outcome = replay("rejects", strange, data=tmp_path)
    assert outcome.stdout.startswith("read 4 = accepted 0 + rejected 4  (blank lines: 1)\n")
    assert "4  $: not a line of a rejects file" in outcome.stdout
