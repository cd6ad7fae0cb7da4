"""From bytes to events: nothing unreadable costs its neighbours."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import MalformedError, RequestError
from ingest.steps.decode import (
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MAX_EVENT_BYTES,
    MAX_EVENTS,
    Decoded,
    decode_batch,
    decode_event,
    inflate,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(-1e15, 1e15)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), inner
        )
    ),
    max_leaves=12,
)
EVENTS = st.lists(st.dictionaries(st.sampled_from('abc:"\\{[,é'), JSON), max_size=4)


def reasons(body: bytes) -> list[str | None]:
    return [str(item.error) if item.error else None for item in decode_batch(body)]


@given(EVENTS, st.sampled_from([None, 2]), st.booleans())
def test_every_way_of_writing_json_is_read_alike(
    events: list[dict[str, Any]], indent: int | None, ascii_only: bool
) -> None:
    body = json.dumps(events, indent=indent, ensure_ascii=ascii_only).encode()
    assert [item.event for item in decode_batch(body)] == events
    assert all(item.error is None for item in decode_batch(body))


@given(EVENTS)
def test_a_bad_neighbour_changes_nothing(events: list[dict[str, Any]]) -> None:
    pieces = [json.dumps(event).encode() for event in events]
    items = list(decode_batch(b"[" + b",".join([*pieces, b'{"x": NaN}', b"{}"]) + b"]"))
    assert [item.event for item in items[: len(events)]] == events
    assert [item.error is None for item in items] == [True] * len(events) + [False, True]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"a": NaN}', "$: NaN and Infinity are not JSON numbers"),
        (b'{"a": -Infinity}', "$: NaN and Infinity are not JSON numbers"),
        (b'{"a": "\\ud800"}', "$: a string contains a lone surrogate"),
        (b'{"\\udc00": 1}', "$: a string contains a lone surrogate"),
        (b'{"a": "\\u0000"}', "$.a: contains a NUL character"),
        (b'{"p": [1, {"a": "x\\u0000"}]}', "$.p[1].a: contains a NUL character"),
        (b'{"a\\u0000": 1}', "$: a key contains a NUL character"),
        (b'{"a": 1, "b": 2, "a": 3}', '$: the key "a" appears twice in one object'),
        (b'{"p": {"a" :1, "\\u0061" :2}}', '$: the key "a" appears twice in one object'),
        (b'{"a\\u003a": 1, "a:": 2}', '$: the key "a:" appears twice in one object'),
        (b'{"a":"\\u003a","b":1,"b":2}', '$: the key "b" appears twice in one object'),
        (b'{"a": 1e999}', "$: a number is too large"),
        (
            b'{"p": {"n": 18446744073709551616}}',
            "$.p.n: a number this large is not kept exactly; send it as a string",
        ),
        (b'{"a": "\xff"}', "$: not UTF-8 text"),
        (b'{"a": }', "$: not JSON"),
        (b"", "$: not JSON"),
        (b"17", "$: an event must be an object"),
        (b'{"a": "' + b"x" * 40 * 1024 + b'"}', f"$: larger than {MAX_EVENT_BYTES} bytes"),
        (b'{"a": "' + b"x" * 300 * 1024 + b'"}', f"$: larger than {MAX_EVENT_BYTES} bytes"),
        (b'{"a":' + b"[" * 40 + b"]" * 40 + b"}", f"nested deeper than {MAX_DEPTH} levels"),
        (b'{"a":' + b"[" * 400 + b"]" * 400 + b"}", f"nested deeper than {MAX_DEPTH} levels"),
        (b'{"a":' + b"[" * 1200 + b"]" * 1200 + b"}", f"nested deeper than {MAX_DEPTH} levels"),
        (b'{"a":' + b'{"b":' * 90000 + b"1" + b"}" * 90001, f"larger than {MAX_EVENT_BYTES}"),
    ],
)
def test_one_bad_event_costs_only_itself(bad: bytes, reason: str) -> None:
    first, second, third = reasons(b'[{"a": 1},' + bad + b', {"a": "], {"} ]')
    assert (first, third) == (None, None)
    assert second is not None
    assert reason in second


def test_limits_are_inclusive() -> None:
    fitting = b'{"a":"' + b"x" * (MAX_EVENT_BYTES - 8) + b'"}'
    assert reasons(fitting) == [None]
    assert reasons(fitting[:-2] + b'x"}') == [f"$: larger than {MAX_EVENT_BYTES} bytes"]
    deep = b'{"a":' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}"
    assert reasons(deep) == [None]
    assert len(reasons(b"[" + b"{}," * (MAX_EVENTS - 1) + b"{}]")) == MAX_EVENTS


def test_size_is_that_of_compact_json() -> None:
    spread = json.dumps({"a": ["é" * 10_000]}, indent=8).encode()
    assert len(spread) > MAX_EVENT_BYTES
    assert reasons(spread) == [None]


def test_exact_numbers_survive() -> None:
    (item,) = decode_batch(b'{"a": 9223372036854775807, "b": 18446744073709551615, "c": 0.1}')
    assert item.event == {"a": 2**63 - 1, "b": 2**64 - 1, "c": 0.1}
    assert item.error is None


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"no json", b'{"a":', b'[{"a": 1}', b'[{"a": "}]', b"[}", b"[1]]", b"[nope]",
     b'{"a": 1} {"b": 2}', b"[{]", b"\xff\xfe", b"[" * 100_000, b"{" * 100_000],
)  # fmt: skip
def test_what_is_not_json_is_refused_whole(body: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        list(decode_batch(body))
    assert (refused.value.status, refused.value.code) == (400, "invalid_json")


@pytest.mark.parametrize("body", [b"17", b'"text"', b"null", b"true"])
def test_other_json_is_refused_whole(body: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        list(decode_batch(body))
    assert (refused.value.status, refused.value.code) == (400, "not_an_event")


@pytest.mark.parametrize("element", [b"{}", b"1", b"NaN", b'"\\ud800"'])
def test_too_many_events(element: bytes) -> None:
    with pytest.raises(RequestError) as refused:
        list(decode_batch(b"[" + b",".join([element] * 10_001) + b"]"))
    assert (refused.value.status, refused.value.code) == (413, "too_many_events")


def test_hostile_bodies_cost_little() -> None:
    started = time.thread_time()
    for body in (
        b"[" + b"[]," * 1_700_000 + b"[]]",
        b'[{"a":' + b"[[]," * 400_000,
        b'["' * 999_999,
    ):
        with pytest.raises(RequestError):
            list(decode_batch(body[:MAX_BODY_BYTES]))
    assert time.thread_time() - started < 5


def test_one_line_is_read_or_explained() -> None:
    assert decode_event(b' {"a": 1} ').event == {"a": 1}
    with pytest.raises(MalformedError):
        decode_event(b'{"a": 1} {"a": 2}')


def test_a_byte_order_mark_and_blanks_are_skipped() -> None:
    assert list(decode_batch(b'\xef\xbb\xbf\n {"a": 1} \n')) == [Decoded({"a": 1}, b'{"a":1}')]
    assert list(decode_batch(b" [ ] ")) == []


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("", lambda data: data),
        ("identity", lambda data: data),
        ("gzip", gzip.compress),
        ("GZIP", lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:])),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
    ],
)
def test_inflate(encoding: str, pack: Any) -> None:
    assert inflate(pack(b'{"a": 1}'), encoding) == b'{"a": 1}'


# Named: packed bytes hold the second of their packing, and as a test's id would differ between
# two workers that collect the tests.
LIES = {
    "not packed": (b'{"a": 1}', "gzip", 400, "bad_encoding"),
    "cut short": (gzip.compress(b'{"a": 1}')[:-9], "gzip", 400, "bad_encoding"),
    "junk behind": (gzip.compress(b"{}") + b"junk", "gzip", 400, "bad_encoding"),
    "wrong checksum": (gzip.compress(b"{}")[:-8] + b"\0" * 8, "gzip", 400, "bad_encoding"),
    "a thousand members": (gzip.compress(b"") * 1000, "gzip", 400, "bad_encoding"),
    "a byte too long": (gzip.compress(b" " * (MAX_BODY_BYTES + 1)), "gzip", 413, "body_too_large"),
    "two long members": (gzip.compress(b" " * MAX_BODY_BYTES) * 2, "gzip", 413, "body_too_large"),
    "empty": (b"", "gzip", 400, "bad_encoding"),
    "not deflated": (b"{}", "deflate", 400, "bad_encoding"),
    "brotli": (b"{}", "br", 415, "unsupported_encoding"),
    "packed twice": (b"{}", "gzip, gzip", 415, "unsupported_encoding"),
}


@pytest.mark.parametrize(("body", "encoding", "status", "code"), LIES.values(), ids=LIES)
def test_compression_that_lies(body: bytes, encoding: str, status: int, code: str) -> None:
    with pytest.raises(RequestError) as refused:
        inflate(body, encoding)
    assert (refused.value.status, refused.value.code) == (status, code)


def test_a_bomb_is_never_inflated() -> None:
    bomb = gzip.compress(b" " * 100_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(RequestError):
            inflate(bomb, "gzip")
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BODY_BYTES
    finally:
        tracemalloc.stop()


def test_a_full_body_of_compressed_data_fits() -> None:
    assert len(inflate(gzip.compress(b" " * MAX_BODY_BYTES), "gzip")) == MAX_BODY_BYTES
