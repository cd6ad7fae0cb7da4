"""The landed row: its fields, their order, and what only the collector knows."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from ingest.auth import WriteKey
from ingest.pipeline import process
from ingest.steps.decode import MAX_EVENT_BYTES, decode_event
from ingest.steps.enrich import Client, parse_user_agent
from ingest.steps.scrub import Scrubber
from tests.ingest.collector import event

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEY = WriteKey("test", b"", tenants=None, default_tenant="acme", may_import=True)
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1"
)
FIELDS = [
    *("event_id", "event_name", "event_version", "timestamp", "sent_at", "received_at"),
    *("tenant_id", "user_id", "anonymous_id", "session_id", "context", "properties", "traits"),
]
CONTEXT = ["page", "user_agent", "ip", "locale", "timezone", "device", "os", "browser", "extra"]


def line(sent: dict[str, Any], client: Client | None = None) -> bytes:
    decoded = decode_event(json.dumps(sent).encode())
    outcome = process(decoded, KEY, NOW, client or Client(), Scrubber(b"test"))
    assert outcome.error is None
    return outcome.row


def row(sent: dict[str, Any], client: Client | None = None) -> dict[str, Any]:
    landed: dict[str, Any] = orjson.loads(line(sent, client))
    return landed


def test_a_bare_event_has_every_field_in_order() -> None:
    landed = row(event())
    assert list(landed) == FIELDS
    assert list(landed["context"]) == CONTEXT
    assert landed["event_id"].startswith("evt_")
    assert landed["event_version"] == "1.0.0"
    assert landed["tenant_id"] == "acme"
    assert landed["timestamp"] == "2026-02-16T14:32:15.234000Z"
    assert landed["received_at"] == "2026-11-01T12:00:00.000000Z"
    assert landed["properties"] == landed["traits"] == {}
    assert landed["context"]["page"] == dict.fromkeys(["url", "path", "title", "referrer"])
    assert landed["context"]["extra"] is None


def test_one_line_with_sorted_keys() -> None:
    text = line(
        event(properties={"b": 1, "a": {"d": "\n\u2028é", "c": 2}}, traits={"z": 1, "y": 2})
    )
    assert text.endswith(b"\n")
    assert text.count(b"\n") == 1
    assert '"properties":{"a":{"c":2,"d":"\\n\u2028é"},"b":1}'.encode() in text
    assert b'"traits":{"y":2,"z":1}' in text


def test_a_landed_row_lands_again_as_it_is() -> None:
    context = {"page": {"url": "/a", "q": 1}, "library": {"name": "x"}, "extra": {"a": [1]}}
    first = line(
        event(context=context, anonymous_id="dév-1", received_at="2026-03-01T00:00:00Z"),
        Client("10.0.0.9", SAFARI),
    )
    assert line(orjson.loads(first)) == first


def test_unknown_context_is_kept_as_text() -> None:
    sent = {"page": {"url": "/a", "search": "?b"}, "library": "x", "os": {"name": "o", "build": 1}}
    landed = row(event(context=sent))["context"]
    assert landed["page"]["url"] == "/a"
    assert json.loads(landed["extra"]) == {
        "library": "x", "page": {"search": "?b"}, "os": {"build": 1}
    }  # fmt: skip
    assert row(event(context={"extra": "text"}))["context"]["extra"] == '{"extra":"text"}'


@pytest.mark.parametrize("kind", ["sent", "header"])
def test_a_user_agent_is_cut(kind: str) -> None:
    long = SAFARI + "x" * 20_000
    sent = event(context={"user_agent": long}) if kind == "sent" else event()
    landed = row(sent, Client("10.0.0.9", long))["context"]
    assert landed["user_agent"] == long[:512]
    assert landed["browser"]["name"] == "Mobile Safari"


def test_distinct_user_agents_cost_little_more_than_one() -> None:
    """2,500 of them, a full request, are to cost less than 0.5 s: some 15 us each are 0.04 s.

    Against the whole way of as many events with one user agent, so that the machine's speed does
    not count; each of the pure Python parser's 1.6 to 8 ms would be more than twenty times that.
    """
    fillings = ("a" * 400, "; " * 200, "Android " * 50, "Linux; Android 13; SM-T")
    agents = [f"Mozilla/5.0 {fillings[n % 4]} {n} Chrome/{n}.1" for n in range(2500)]

    def cost(user_agents: list[str]) -> float:
        started = time.process_time()
        for user_agent in user_agents:
            line(event(context={"user_agent": user_agent}))
        return time.process_time() - started

    line(event(context={"user_agent": SAFARI}))  # the parser's rules are loaded now
    assert cost(agents) < 5 * cost([SAFARI] * len(agents))


def test_no_row_is_larger_than_an_event_may_be() -> None:
    """A landed row can be loaded again; scrubbing and what is added make an event longer."""
    room = MAX_EVENT_BYTES - len(line(event(properties={"s": ""}))) + 1
    fitting = line(event(properties={"s": "x" * room}))
    assert len(fitting) == MAX_EVENT_BYTES + len("\n")
    assert line(orjson.loads(fitting)) == fitting
    for properties in ({"s": "x" * (room + 1)}, {"s": "a@b.io " * 4000}):
        decoded = decode_event(json.dumps(event(properties=properties)).encode())
        assert decoded.error is None
        error = process(decoded, KEY, NOW, Client(), Scrubber(b"test")).error
        assert str(error) == f"$: larger than {MAX_EVENT_BYTES} bytes with what is added to it"


def test_client_values_win_over_the_collectors() -> None:
    client = Client("10.0.0.9", SAFARI)
    filled = row(event(), client)["context"]
    assert (filled["ip"], filled["user_agent"]) == ("10.0.0.9", SAFARI)
    assert filled["device"] == {"type": "mobile", "vendor": "Apple", "model": "iPhone"}
    assert filled["os"] == {"name": "iOS", "version": "17.1"}
    assert filled["browser"] == {"name": "Mobile Safari", "version": "17.1"}
    sent = {"ip": "192.0.2.1", "user_agent": "app/1", "device": {"type": "kiosk"}}
    kept = row(event(context=sent), client)["context"]
    assert (kept["ip"], kept["user_agent"]) == ("192.0.2.1", "app/1")
    assert kept["device"] == {"type": "kiosk", "vendor": None, "model": None}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120 Safari/537.36", "desktop"),
        ("Mozilla/5.0 (iPad; CPU OS 17_1 like Mac OS X) AppleWebKit/605.1.15", "tablet"),
        ("Mozilla/5.0 (Linux; Android 13; SM-T500) Chrome/120 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (Linux; Android 13; Pixel 7) Chrome/120 Mobile Safari/537.36", "mobile"),
        ("Googlebot/2.1 (+http://www.google.com/bot.html)", "bot"),
        ("curl/8.1", None),
        ("", None),
    ],
)
def test_device_types(text: str, kind: str | None) -> None:
    assert parse_user_agent(text).device["type"] == kind
