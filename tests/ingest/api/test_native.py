"""A real collector on a real port: every answer that docs/collector.md promises."""

from __future__ import annotations

import gzip
import json
import socket
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ingest.collector import IMPORT_KEY, KEYS, MANY_KEY, WEB_KEY, Collector, event
from tests.ingest.conftest import StartCollector
from tests.processes import wait_until

LIMIT = 5 * 1024 * 1024


def landed(collector: Collector, event_id: str) -> dict[str, Any]:
    (found,) = [row for row in collector.rows() if row["event_id"] == event_id]
    return found


def test_one_event(shared_collector: Collector) -> None:
    response = shared_collector.post(event(event_id="evt_one"))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    assert response.json() == {
        "processed": 1,
        "results": [{"event_id": "evt_one", "status": "accepted"}],
    }
    row = landed(shared_collector, "evt_one")
    assert (row["tenant_id"], row["context"]["ip"]) == ("acme", "127.0.0.1")
    assert row["context"]["user_agent"].startswith("python-requests/")


def test_a_batch_in_order_with_ids_made_up(shared_collector: Collector) -> None:
    results = shared_collector.results([event(), event(event_id="evt_b"), event()])
    assert [result["status"] for result in results] == ["accepted"] * 3
    assert results[1]["event_id"] == "evt_b"
    assert len({result["event_id"] for result in results}) == 3
    assert landed(shared_collector, results[0]["event_id"])
    assert shared_collector.results([]) == []


BAD_EVENTS = {
    "unknown field": (json.dumps(event(colour="red")), '$: unknown field "colour"'),
    "future time": (json.dumps(event(timestamp="2999-01-01T00:00Z")), "$.timestamp: more than 1"),
    "bad time": (json.dumps(event(timestamp="soon")), "$.timestamp: expected ISO 8601"),
    "missing tenant": (json.dumps(event()), "$.tenant_id: is required"),
    "foreign tenant": (json.dumps(event(tenant_id="initech")), "$.tenant_id: this write key may"),
    "deep nesting": (
        json.dumps(event(tenant_id="acme"))[:-1] + ',"properties":{"a":' + "[" * 5000 + "]" * 5000
        + "}}",
        "$: nested deeper than 32 levels",
    ),
    "bottomless nesting": ('{"a":' + "[" * 90_000 + "]" * 90_000 + "}", "$: nested deeper than"),
    "duplicate keys": (json.dumps(event())[:-1] + ',"user_id":"b"}', '$: the key "user_id" app'),
    "NaN": (json.dumps(event(properties={"n": float("nan")})), "$: NaN and Infinity are not"),
    "lone surrogate": (json.dumps(event(properties={"s": "\ud800"})), "$: a string contains a"),
    "NUL": (json.dumps(event(properties={"s": "a\0b"})), "$.properties.s: contains a NUL"),
    "40 KiB": (json.dumps(event(properties={"s": "x" * 40 * 1024})), "$: larger than 32768 bytes"),
    "huge number": (json.dumps(event(properties={"n": 2**64})), "$.properties.n: a number this"),
    "no identity": (json.dumps(event(user_id=None)), "$: user_id or anonymous_id is required"),
    "empty id": (json.dumps(event(event_id="")), "$.event_id: must not be empty"),
    "no object": ("42", "$: an event must be an object"),
    "broken": ('{"event_name" "page.viewed"}', "$: not JSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_EVENTS)
def test_a_bad_event_gets_its_reason_and_costs_no_other(
    shared_collector: Collector, name: str
) -> None:
    text, reason = BAD_EVENTS[name]
    ids = [f"evt_{uuid.uuid4().hex}" for _ in range(2)]
    first, last = (json.dumps(event(event_id=id_, tenant_id="globex")) for id_ in ids)
    before = len(shared_collector.rows("rejects"))
    results = shared_collector.results(f"[{first},{text},{last}]".encode(), MANY_KEY)
    assert [result["status"] for result in results] == ["accepted", "rejected", "accepted"]
    assert results[1]["reason"].startswith(reason)
    assert results[1]["reason"].startswith(results[1]["path"] + ": ")
    for id_ in ids:
        assert landed(shared_collector, id_)["tenant_id"] == "globex"
    rejects = shared_collector.rows("rejects")
    assert len(rejects) == before + 1
    assert f"{rejects[-1]['path']}: {rejects[-1]['reason']}" == results[1]["reason"]
    assert (rejects[-1]["source"], rejects[-1]["write_key_name"]) == ("http", "many")
    assert len(rejects[-1]["event"]) <= 4096


GOOD = json.dumps(event()).encode()
ZIPPED = {"Content-Encoding": "gzip"}
BAD_REQUESTS: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "no JSON": (b"event_name=page.viewed", {}, 400, "invalid_json"),
    "half JSON": (GOOD[:-3], {}, 400, "invalid_json"),
    "nothing": (b"", {}, 400, "invalid_json"),
    "not UTF-8": (b'{"a": "\xff"}', {}, 400, "invalid_json"),
    "a number": (b"42", {}, 400, "not_an_event"),
    "no gzip": (GOOD, ZIPPED, 400, "bad_encoding"),
    "half a gzip": (gzip.compress(GOOD)[:-6], ZIPPED, 400, "bad_encoding"),
    "gzip bomb": (gzip.compress(b" " * 200_000_000), ZIPPED, 413, "body_too_large"),
    "10,001 events": (b"[" + b"{}," * 10_000 + b"{}]", {}, 413, "too_many_events"),
    "6 MiB": (b" " * (LIMIT + 1), {}, 413, "body_too_large"),
    "wrong key": (GOOD, {"X-Write-Key": "wrong-key-entirely-0"}, 401, "invalid_write_key"),
    "brotli": (GOOD, {"Content-Encoding": "br"}, 415, "unsupported_encoding"),
    "a form": (GOOD, {"Content-Type": "application/x-www-form-urlencoded"}, 415,
               "unsupported_media_type"),
    "latin-1": (GOOD, {"Content-Type": "application/json; charset=latin-1"}, 415,
                "unsupported_media_type"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_bad_request_gets_its_code_and_the_server_goes_on(
    shared_collector: Collector, name: str
) -> None:
    body, headers, status, code = BAD_REQUESTS[name]
    response = shared_collector.post(body, headers=headers)
    assert response.status_code == status
    assert response.json().keys() == {"code", "message"}
    assert response.json()["code"] == code
    assert shared_collector.results(event())[0]["status"] == "accepted"


def test_no_key_at_all(shared_collector: Collector) -> None:
    assert shared_collector.post(event(), key=None).json()["code"] == "invalid_write_key"


def test_other_paths_and_methods_answer_in_json(shared_collector: Collector) -> None:
    session, url = shared_collector.session, shared_collector.url
    assert session.get(url + "/nowhere").json()["code"] == "not_found"
    wrong = session.get(url + "/api/v1/events")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["Allow"]
    assert session.get(url + "/health").json() == {"status": "ok"}
    assert session.get(url + "/ready").json() == {"status": "ready"}


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "application/x+json"])
def test_what_browsers_call_json(shared_collector: Collector, kind: str) -> None:
    response = shared_collector.post(event(), headers={"Content-Type": kind})
    assert response.json()["results"][0]["status"] == "accepted"


def test_gzip_and_chunked_bodies(shared_collector: Collector) -> None:
    body = gzip.compress(json.dumps([event()] * 2500).encode())
    assert shared_collector.post(body, headers=ZIPPED).json()["processed"] == 2500
    headers = {"X-Write-Key": WEB_KEY, "Content-Type": "application/json"}
    url = shared_collector.url + "/api/v1/events"
    session = shared_collector.session
    chunks = (GOOD[start : start + 7] for start in range(0, len(GOOD), 7))
    assert session.post(url, data=chunks, headers=headers).json()["processed"] == 1
    endless = (b" " * 65536 for _ in range(100))
    assert session.post(url, data=endless, headers=headers).status_code == 413


def test_half_a_request_keeps_nobody_waiting(shared_collector: Collector) -> None:
    address = urlsplit(shared_collector.url)
    with socket.create_connection((str(address.hostname), address.port or 0)) as half:
        half.sendall(
            b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
            b"X-Write-Key: " + WEB_KEY.encode() + b"\r\nContent-Type: application/json\r\n\r\n[{"
        )
        assert shared_collector.results(event())[0]["status"] == "accepted"
    assert shared_collector.results(event())[0]["status"] == "accepted"


def test_personal_data_never_reaches_the_disk(shared_collector: Collector) -> None:
    private = {"email": "mail-1@private.test", "note": "ask mail-2@private.test or 415-555-0199"}
    url = "/join?email=mail-3%40private.test&first_name=Zebulon"
    context = {"page": {"url": url, "referrer": url, "title": "mail-4@private.test"}}
    good = event(user_id="mail-5@private.test", properties=private, traits=private, context=context)
    unreadable = json.dumps(good | {"properties": {"last_name": "Zebulon", "n": float("nan")}})
    batch = [json.dumps(good), json.dumps(good | {"tenant_id": "initech"}), unreadable]
    results = shared_collector.results(f"[{','.join(batch)}]".encode())
    assert [result["status"] for result in results] == ["accepted", "rejected", "rejected"]
    written = b"".join(
        path.read_bytes() for path in shared_collector.data.rglob("*") if path.is_file()
    )
    for secret in (b"private.test", b"555-0199", b"Zebulon"):
        assert secret not in written


def test_the_user_agent_header_is_scrubbed_and_cut(shared_collector: Collector) -> None:
    mail, phone = "mail-6@private.test", "415-555-0199"
    short = {"User-Agent": f"app/1 ({mail}; {phone})"}
    shared_collector.post(event(event_id="evt_agent"), headers=short)
    kept = landed(shared_collector, "evt_agent")["context"]["user_agent"]
    assert kept == "app/1 ([EMAIL_REDACTED]; [PHONE_REDACTED])"
    # An address across the cut must not leave its half behind.
    long = {"User-Agent": "x" * 500 + f" {mail} " + "y" * 10_000}
    shared_collector.post(event(event_id="evt_long_agent"), headers=long)
    kept = landed(shared_collector, "evt_long_agent")["context"]["user_agent"]
    assert kept == "x" * 500 + " [EMAIL_REDA"
    endless = {"User-Agent": "z" * 288 * 1024}
    assert shared_collector.post(event(), headers=endless).status_code == 431


def test_received_at_is_kept_for_imports_alone(shared_collector: Collector) -> None:
    old = "2026-03-01T00:00:00.000000Z"
    ids = [f"evt_{uuid.uuid4().hex}" for _ in range(3)]
    started = datetime.now(UTC)
    shared_collector.results(event(event_id=ids[0], received_at=old))
    history = event(event_id=ids[1], received_at=old, tenant_id="acme")
    shared_collector.results(history, IMPORT_KEY)
    later = "2099-01-01T00:00:00Z"
    shared_collector.results(history | {"event_id": ids[2], "received_at": later}, IMPORT_KEY)
    assert landed(shared_collector, ids[1])["received_at"] == old
    for id_ in (ids[0], ids[2]):
        received = datetime.fromisoformat(landed(shared_collector, id_)["received_at"])
        assert started <= received <= datetime.now(UTC)


def test_old_equal_and_foreign_worded_events(shared_collector: Collector) -> None:
    events = [
        event(
            event_id=f"evt_κλικ_{number}", timestamp="1999-12-31T23:59:59.999999Z",
            user_id="użytkownik", properties={"名前": "データ 🚀"},
        )
        for number in range(3)
    ]  # fmt: skip
    shared_collector.results(events)
    for sent in events:
        row = landed(shared_collector, sent["event_id"])
        assert row["timestamp"] == sent["timestamp"]
        assert (row["user_id"], row["properties"]) == ("użytkownik", {"名前": "データ 🚀"})


def test_tenants_never_mix(shared_collector: Collector) -> None:
    marks = {tenant: f"mark-{uuid.uuid4().hex}" for tenant in ("acme", "globex", "initech")}
    for key in (WEB_KEY, MANY_KEY):
        for tenant, mark in marks.items():
            shared_collector.results(event(tenant_id=tenant, properties={"mark": mark}), key)
    found = {
        (row["tenant_id"], row["properties"].get("mark"))
        for row in shared_collector.rows()
        if row["properties"].get("mark") in marks.values()
    }
    assert found == {("acme", marks["acme"]), ("globex", marks["globex"])}


def test_a_proxy_is_believed_only_when_trusted(
    shared_collector: Collector, start_collector: StartCollector
) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    shared_collector.post(event(event_id="evt_direct"), headers=forwarded)
    assert landed(shared_collector, "evt_direct")["context"]["ip"] == "127.0.0.1"
    behind = start_collector(BIOQMS_TRUSTED_PROXIES="127.0.0.0/8")
    behind.post(event(event_id="evt_proxied"), headers=forwarded)
    assert landed(behind, "evt_proxied")["context"]["ip"] == "203.0.113.9"


def test_no_key_in_any_file_or_output(shared_collector: Collector) -> None:
    shared_collector.post(event(), key="a-wrong-key-of-no-one")
    shared_collector.post(b"nonsense")
    shared_collector.results(event(colour="red"))
    written = b"".join(
        path.read_bytes() for path in shared_collector.data.rglob("*") if path.is_file()
    )
    for key in [*(entry["key"] for entry in KEYS), "a-wrong-key-of-no-one"]:
        assert str(key).encode() not in written


def test_a_disk_that_refuses_asks_for_a_retry(start_collector: StartCollector) -> None:
    """The log's folder becomes a file: nothing can be created in it."""
    collector = start_collector()
    log = collector.data / "log"
    assert not list(log.glob("date=*"))
    log.rmdir()
    log.write_text("")
    response = collector.post([event(), event()])
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.json()["code"] == "not_durable"
    # An answer is good for a second.
    wait_until(lambda: collector.session.get(collector.url + "/ready").status_code == 503)
    assert collector.session.get(collector.url + "/health").status_code == 200
    log.unlink()
    assert collector.results(event(event_id="evt_after"))[0]["status"] == "accepted"
    assert [row["event_id"] for row in collector.rows()] == ["evt_after"]


def test_rejects_are_text_that_a_person_can_read(start_collector: StartCollector) -> None:
    collector = start_collector()
    collector.results(event(colour="red", user_id="u"))
    (row,) = collector.rows("rejects")
    assert json.loads(row["event"])["colour"] == "red"
    assert row["path"] == "$"
    assert datetime.fromisoformat(row["rejected_at"]) <= datetime.now(UTC)
    collector.stop()
    (path,) = Path(collector.data / "rejects").glob("date=*/hour=*/*")
    assert path.suffix == ".jsonl"
