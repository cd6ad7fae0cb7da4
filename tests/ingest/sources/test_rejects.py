"""Rejects come back once, however often they are replayed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.ingest.collector import BIOQMS, KEYS, environment, event, read_rows
from tests.ingest.conftest import StartCollector
from tests.ingest.sources.replaying import GLOBEX, allowing, landed, replay


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
