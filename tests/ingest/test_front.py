"""The front of a worker under senders that never finish: whoever is honest is answered."""

from __future__ import annotations

import json
import resource
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import requests

from ingest.front import BODY_SECONDS, HEAD_SECONDS
from tests.ingest.collector import WEB_KEY, Collector, event
from tests.ingest.conftest import StartCollector
from tests.processes import PATIENCE_SECONDS

MIB = 1 << 20
HALF_A_HEAD = b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nX-Write-Key: "
GOOD = json.dumps(event()).encode()


def head(length: int, path: str = "/api/v1/events") -> bytes:
    """The head of a request with a valid key and a body of `length` bytes."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"X-Write-Key: {WEB_KEY}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


HALF_A_BODY = head(1000) + b"[{"


def connect(collector: Collector, sent: bytes = b"") -> socket.socket:
    address = urlsplit(collector.url)
    connection = socket.create_connection((str(address.hostname), address.port or 0))
    connection.settimeout(PATIENCE_SECONDS)
    connection.sendall(sent)
    return connection


def answer(connection: socket.socket) -> tuple[int, str]:
    """The status of an answer and all of its text; read until the collector closes."""
    text = ""
    try:
        while part := connection.recv(65536):
            text += part.decode()
    except ConnectionResetError:
        pass  # it closed with bytes unread
    return int(text.split()[1]) if text else 0, text


def status(connection: socket.socket) -> int:
    """The status of an answer, as soon as it is there."""
    text = connection.recv(65536)
    return int(text.split()[1]) if text else 0


@contextmanager
def few_open_files() -> Iterator[None]:
    """A soft limit as most systems have it; the collector is to raise its own."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextmanager
def many_open_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], 4096), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_honest_senders_are_answered_among_1400_that_never_finish(
    start_collector: StartCollector,
) -> None:
    with few_open_files():
        collector = start_collector(workers=1)
    crowd = [b""] * 1000 + [HALF_A_HEAD] * 200 + [HALF_A_BODY] * 200
    with many_open_files(), ExitStack() as stack:
        for sent in crowd:
            stack.enter_context(connect(collector, sent))
        # The bound is 1 s (bench/front_crowd.py measures it); ten times that on a busy machine.
        health = requests.get(collector.url + "/health", timeout=10)
        taken = requests.post(
            collector.url + "/api/v1/events", data=GOOD, headers={"X-Write-Key": WEB_KEY},
            timeout=10,
        )  # fmt: skip
    assert (health.status_code, taken.status_code) == (200, 200)


def drip(connection: socket.socket, parts: Sequence[bytes], pause: float) -> None:
    for part in parts:
        time.sleep(pause)
        try:
            connection.sendall(part)
        except OSError:
            return  # it was closed


def test_whoever_makes_no_progress_is_let_go_and_whoever_does_is_not(
    start_collector: StartCollector,
) -> None:
    collector = start_collector()
    kept_alive = connect(collector, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    padded = json.dumps(event(event_id="evt_slow", properties={"pad": "x" * 30_000})).encode()
    slow_head, slow_body, patient = (connect(collector) for _ in range(3))
    cut_off = {
        "silent": (connect(collector), 0),
        "idle": (kept_alive, 200),
        "half a head": (connect(collector, HALF_A_HEAD), 0),
        "a dripping head": (slow_head, 0),
        "half a body": (connect(collector, HALF_A_BODY), 408),
        "a dripping body": (slow_body, 408),
    }
    pieces = [padded[start : start + 5000] for start in range(0, len(padded), 5000)]
    patient.sendall(head(len(padded)))
    slow_body.sendall(head(1000))
    slow = [
        threading.Thread(target=drip, args=arguments)
        for arguments in (
            (slow_head, [bytes([byte]) for byte in HALF_A_HEAD], 1.0),
            (slow_body, [b"["] * 40, 1.0),
            (patient, pieces, (BODY_SECONDS + HEAD_SECONDS) / len(pieces)),
        )
    ]
    for thread in slow:
        thread.start()
    # All of them end by themselves, or `recv` times out.
    answers = {name: answer(connection) for name, (connection, _) in cut_off.items()}
    assert {name: found for name, (found, _) in answers.items()} == {
        name: expected for name, (_, expected) in cut_off.items()
    }
    assert "body_too_slow" in answers["half a body"][1]
    # It takes longer in all than a body may rest.
    assert status(patient) == 200
    for thread in slow:
        thread.join()
    assert [row["event_id"] for row in collector.rows()] == ["evt_slow"]


def test_past_the_bound_on_bytes_the_oldest_is_asked_to_come_again(
    start_collector: StartCollector,
) -> None:
    collector = start_collector(BIOQMS_BODY_BYTES=str(8 * MIB))
    half = head(4 * MIB) + b" " * 3 * MIB
    first = connect(collector, half)
    time.sleep(0.5)
    others = [connect(collector, half) for _ in range(2)]
    found, text = answer(first)
    assert found == 503
    assert "\r\nretry-after: 5\r\n" in text
    assert '"code":"overloaded"' in text
    assert collector.results(event())[0]["status"] == "accepted"
    others[1].sendall(b" " * (MIB - len(GOOD)) + GOOD)
    assert status(others[1]) == 200


def test_bytes_of_senders_that_went_away_are_forgotten(start_collector: StartCollector) -> None:
    collector = start_collector(BIOQMS_BODY_BYTES=str(8 * MIB))
    patient = connect(collector, head(len(GOOD)) + GOOD[:10])
    for _ in range(6):
        with connect(collector, head(4 * MIB) + b" " * 3 * MIB):
            time.sleep(0.2)
    for _ in range(6):
        assert collector.post(b" " * 4 * MIB + GOOD).status_code == 200
    # Had they been counted still, the oldest would have been refused by now.
    patient.sendall(GOOD[10:])
    assert status(patient) == 200


def test_past_the_bound_on_requests_is_asked_to_come_again_and_health_is_not(
    start_collector: StartCollector,
) -> None:
    collector = start_collector(BIOQMS_REQUESTS="2", BIOQMS_THREADS="1")
    body = json.dumps([event()] * 2500).encode()
    connections = [connect(collector, head(len(body)) + body[:-1]) for _ in range(8)]
    time.sleep(1)
    for connection in connections:
        connection.sendall(body[-1:])
    assert requests.get(collector.url + "/health", timeout=PATIENCE_SECONDS).status_code == 200
    statuses = [status(connection) for connection in connections]
    assert sorted(set(statuses)) == [200, 503]
    assert statuses.count(200) >= 2
    assert collector.output().count("2 are running or waiting") == 1


def test_a_stop_waits_for_nobody_who_does_not_finish(start_collector: StartCollector) -> None:
    """Killed at last, the worker would leave its segment to be recovered by its parent.

    It takes some three seconds. Had the half-sent head been waited for, it would take HEAD_SECONDS.
    """
    collector = start_collector()
    collector.results(event(event_id="evt_last"))
    halves = [connect(collector, sent) for sent in (b"", HALF_A_HEAD, HALF_A_BODY)]
    time.sleep(0.5)
    started = time.monotonic()
    assert collector.stop() == 0
    assert time.monotonic() - started < HEAD_SECONDS - 1
    assert "recovered" not in collector.output()
    assert not list(collector.data.rglob("*.open"))
    assert answer(halves[2])[0] == 503
    assert [row["event_id"] for row in collector.rows()] == ["evt_last"]


def test_only_http_1_unless_configured(start_collector: StartCollector) -> None:
    settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"  # a frame of type 4, empty
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings
    plain = start_collector()
    with connect(plain, preface) as connection:
        assert connection.recv(1024)[3:4] != b"\x04"
    both = start_collector(data=plain.data.with_name("both"), BIOQMS_HTTP="auto")
    with connect(both, preface) as connection:
        assert connection.recv(1024)[3:4] == b"\x04"


def test_a_header_with_an_underscore_is_no_header(start_collector: StartCollector) -> None:
    collector = start_collector(BIOQMS_TRUSTED_PROXIES="127.0.0.0/8")
    spoofed = {"X_Forwarded_For": "203.0.113.9"}
    assert collector.post(event(event_id="evt_1"), headers=spoofed).status_code == 200
    (row,) = collector.rows()
    assert row["context"]["ip"] == "127.0.0.1"
    refused = collector.post(event(), key=None, headers={"X_Write_Key": WEB_KEY})
    assert refused.status_code == 401
