"""Step 1, decode: from the bytes of a request, or of one line, to events.

The usual body is parsed in one go. A body that orjson refuses, or that holds a repeated key, is
cut into its elements first, so that one unreadable event never costs the others.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from ingest.errors import EventError, MalformedError, ReasonType, RequestError

MAX_BODY_BYTES = 5 * 1024 * 1024
"""Of a request, before and after decompression."""
MAX_EVENTS = 2_500
"""In one request."""
MAX_EVENT_BYTES = 32 * 1024
"""Of an event written as compact UTF-8 JSON."""
MAX_DEPTH = 32
"""Of objects and arrays inside one another, the event itself being the first."""

# An escape such as \u0041 takes six bytes for one: longer raw text cannot become a legal event.
_MAX_RAW_EVENT_BYTES = 6 * MAX_EVENT_BYTES
# Beyond this many brackets a body is taken one event at a time, to bound memory.
_MAX_BRACKETS_AT_ONCE = 100_000
_MAX_GZIP_MEMBERS = 100
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|["\[\]{},]', re.DOTALL)


# Where a value lies, innermost step last; written out only when it is at fault.
_Place: TypeAlias = "tuple[_Place, str | int] | None"


@dataclass(slots=True)
class Decoded:
    """One event: either readable (`error` is None) or refused.

    `compact` is the event as compact JSON, or the text as it came where that is all there is.
    """

    event: Any
    compact: bytes
    error: EventError | None = None


def inflate(body: bytes, encoding: str) -> bytes:
    """Undo a Content-Encoding: identity, gzip or deflate.

    Raises RequestError: 415 for another encoding, 400 for damaged data, 413 for data that would
    grow beyond MAX_BODY_BYTES; no more than that is ever inflated.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding in ("gzip", "x-gzip"):
        return _inflate_members(body, wbits=31)
    if encoding == "deflate":
        has_zlib_header = (
            len(body) > 1 and (body[0] & 0x0F) == 8 and not (body[0] << 8 | body[1]) % 31
        )
        return _inflate_members(body, wbits=15 if has_zlib_header else -15)
    raise RequestError(415, "unsupported_encoding", "Content-Encoding must be gzip or deflate.")


def _inflate_members(body: bytes, wbits: int) -> bytes:
    parts: list[bytes] = []
    room = MAX_BODY_BYTES
    for _ in range(_MAX_GZIP_MEMBERS):
        stream = zlib.decompressobj(wbits)
        try:
            part = stream.decompress(body, room + 1)
        except zlib.error as error:
            raise RequestError(400, "bad_encoding", "The compressed body is damaged.") from error
        if len(part) > room:
            raise RequestError(
                413, "body_too_large", f"The body inflates to more than {MAX_BODY_BYTES} bytes."
            )
        if not stream.eof:
            raise RequestError(400, "bad_encoding", "The compressed body ends too early.")
        parts.append(part)
        room -= len(part)
        body = stream.unused_data
        if not body:
            return b"".join(parts)
    raise RequestError(400, "bad_encoding", "The compressed body has too many members.")


def decode_batch(body: bytes) -> Iterable[Decoded]:
    """Read the events of a request body: one object, or an array of objects.

    Raises RequestError: 400 if the body is not JSON or neither object nor array, 413 for more than
    MAX_EVENTS. Whatever concerns one event alone is its `error`.
    """
    body = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not body:
        raise RequestError(400, "invalid_json", "The body is empty.")
    if body.count(b"[") + body.count(b"{") <= _MAX_BRACKETS_AT_ONCE:
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            return _one_by_one(body)
        return _all_at_once(body, value)
    return _one_by_one(body)


def _all_at_once(body: bytes, value: object) -> Iterable[Decoded]:
    if not isinstance(value, (dict, list)):
        raise RequestError(400, "not_an_event", "Send an event, or an array of events.")
    events = value if isinstance(value, list) else [value]
    _check_count(len(events))
    try:
        compacts = [orjson.dumps(event) for event in events]
    except orjson.JSONEncodeError:  # nested deeper than it writes
        return _one_by_one(body)
    if _may_repeat_a_key(body, sum(compact.count(b":") for compact in compacts)):
        return _one_by_one(body)
    return [_checked(event, compact) for event, compact in zip(events, compacts, strict=True)]


def _one_by_one(body: bytes) -> Iterable[Decoded]:
    """Cut the body into elements and read each alone, lazily: memory stays that of one event."""
    pieces = list(_split(body)) if body.startswith(b"[") else [body]
    if all(_is_malformed(piece) for piece in pieces) and pieces:
        raise RequestError(400, "invalid_json", "The body is not JSON.")
    return (_decode_piece(piece) for piece in pieces)


def _is_malformed(piece: bytes) -> bool:
    try:
        decode_event(piece)
    except MalformedError:
        return True
    except EventError:
        return False
    return False


def _decode_piece(piece: bytes) -> Decoded:
    try:
        return decode_event(piece)
    except EventError as error:
        return Decoded(None, piece, error)


def decode_event(raw: bytes) -> Decoded:
    """Read one event from its text.

    Raises EventError if it is too long to be read, and MalformedError if it is not JSON.
    """
    if len(raw) > _MAX_RAW_EVENT_BYTES:
        raise _too_large()
    try:
        event = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise _why_unreadable(raw) from None
    try:
        compact = orjson.dumps(event)
    except orjson.JSONEncodeError:  # it writes fewer levels than it reads
        raise _too_deep("$") from None
    decoded = _checked(event, compact)
    if decoded.error is None and _may_repeat_a_key(raw, compact.count(b":")):
        key = _repeated_key(raw)
        if key is not None:
            decoded.error = EventError(
                "$", f"the key {_quote(key)} appears twice in one object", ReasonType.REPEATED_KEY
            )
    return decoded


def _checked(event: object, compact: bytes) -> Decoded:
    if not isinstance(event, dict):
        error = EventError("$", "an event must be an object", ReasonType.NOT_AN_OBJECT)
        return Decoded(event, compact, error)
    if len(compact) > MAX_EVENT_BYTES:
        return Decoded(event, compact, _too_large())
    try:
        _check_values(event, None, 1)
    except EventError as error:
        return Decoded(event, compact, error)
    return Decoded(event, compact)


def _check_values(value: dict[str, Any] | list[Any], parents: _Place, depth: int) -> None:
    """Refuse what the warehouse could not keep as it was sent: depth, NUL, huge numbers."""
    if depth > MAX_DEPTH:
        raise _too_deep(_path(parents))
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(item, str):
            if "\x00" in item:
                raise EventError(
                    _path((parents, key)), "contains a NUL character", ReasonType.UNSTORABLE_TEXT
                )
        elif isinstance(item, (dict, list)):
            _check_values(item, (parents, key), depth + 1)
        elif isinstance(item, float) and abs(item) >= 2**63:
            reason = "a number this large is not kept exactly; send it as a string"
            raise EventError(_path((parents, key)), reason, ReasonType.UNSTORABLE_NUMBER)
        if isinstance(key, str) and "\x00" in key:
            raise EventError(
                _path(parents), "a key contains a NUL character", ReasonType.UNSTORABLE_TEXT
            )


def _path(place: _Place) -> str:
    """Write a place as a JSON path, at most 128 characters of it."""
    steps = []
    while place is not None:
        place, step = place
        steps.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    path = "$" + "".join(reversed(steps))
    return path if len(path) <= 128 else path[:125] + "..."


def _may_repeat_a_key(raw: bytes, colons: int) -> bool:
    r"""Whether the text holds more `"key":` than what was parsed from it (`colons` when written).

    Parsing drops nothing but the earlier of two equal keys, so fewer colons afterwards means a
    repeated key. Only an escaped colon could hide that.
    """
    return raw.count(b":") != colons or rb"\u003a" in raw or rb"\u003A" in raw


class _RepeatedKeyError(Exception):
    pass


def _repeated_key(raw: bytes) -> str | None:
    def refuse(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _RepeatedKeyError(key)
            seen.add(key)

    try:
        json.loads(raw, object_pairs_hook=refuse)
    except _RepeatedKeyError as repeated:
        return str(repeated)
    return None


class _NotFiniteError(Exception):
    pass


def _why_unreadable(raw: bytes) -> EventError:
    """Say what orjson disliked, by reading the text again with Python's lenient parser."""

    def not_finite(_: str) -> None:
        raise _NotFiniteError

    # Where Python reads it and orjson did not, it is nested beyond orjson's limit.
    error = _too_deep("$")
    try:
        value = json.loads(raw.decode(), parse_constant=not_finite)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeDecodeError:
        error = MalformedError("$", "not UTF-8 text", ReasonType.NOT_UTF8)
    except UnicodeEncodeError:
        reason = "a string contains a lone surrogate"
        error = EventError("$", reason, ReasonType.UNSTORABLE_TEXT)
    except _NotFiniteError:
        reason = "NaN and Infinity are not JSON numbers"
        error = EventError("$", reason, ReasonType.UNSTORABLE_NUMBER)
    except RecursionError:
        pass
    except ValueError as problem:
        if "out of range" in str(problem).lower():
            error = EventError("$", "a number is too large", ReasonType.UNSTORABLE_NUMBER)
        else:
            error = MalformedError("$", "not JSON", ReasonType.NOT_JSON)
    return error


def _split(body: bytes) -> Iterator[bytes]:
    """Cut `[a, b, c]` into its elements without reading them.

    Raises RequestError 400 where brackets or quotes do not close, 413 for too many elements.
    """
    depth = count = start = end = 0
    for token in _TOKEN.finditer(body):
        mark = body[token.start()]
        if mark in b"[{":
            depth += 1
            start = start or token.end()
        elif mark in b"]}":
            depth -= 1
        elif mark == ord('"') and token.end() - token.start() == 1:
            break
        if depth == 0 and mark != ord("]"):
            break
        if (mark == ord(",") and depth == 1) or depth == 0:
            end = token.end()
            piece = body[start : end - 1].strip()
            start = end
            if piece or count or depth:
                count += 1
                _check_count(count)
                yield piece
        if depth == 0:
            break
    if depth or end != len(body):  # left early, or something follows
        raise RequestError(400, "invalid_json", "The body is not JSON.")


def _check_count(count: int) -> None:
    if count > MAX_EVENTS:
        raise RequestError(
            413, "too_many_events", f"A request may hold at most {MAX_EVENTS} events."
        )


def _too_large() -> EventError:
    return EventError("$", f"larger than {MAX_EVENT_BYTES} bytes", ReasonType.TOO_LARGE)


def _too_deep(path: str) -> EventError:
    return EventError(path, f"nested deeper than {MAX_DEPTH} levels", ReasonType.TOO_DEEP)


def _quote(name: str) -> str:
    return json.dumps(name[:64])
