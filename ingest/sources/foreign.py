"""Recognize a file that holds no JSON lines at all, to say what it is and how to convert it.

A file is foreign only if its beginning leaves no doubt. In doubt it is read line by line, and each
bad line is refused with its own reason.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson

_DELIMITERS = (b",", b";", b"\t", b"|")
_MAGIC = {
    b"\xff\xfe": "UTF-16 text, not UTF-8; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text, not UTF-8; save it as UTF-8",
    b"PK\x03\x04": "a zip archive or an office document, not JSON lines; unpack it first",
    b"BZh": "compressed by bzip2; only gzip is read: unpack it first",
    b"\xfd7zXZ": "compressed by xz; only gzip is read: unpack it first",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; only gzip is read: unpack it first",
    b"PAR1": "a Parquet file, not JSON lines",
    b"Obj\x01": "an Avro file, not JSON lines",
}
_LINES_SEEN = 1_000


def foreign(head: bytes) -> str | None:
    """What a file is that begins with `head`, and what to do; None if it may hold JSON lines."""
    lines = [line for line in map(bytes.strip, head.split(b"\n", _LINES_SEEN)) if line]
    if not lines:
        return None
    first = lines[0]
    if _is_array(first, lines[1:]):
        return "a JSON array, not JSON lines; convert it with `jq -c '.[]'`"
    if first == b"{":
        return "JSON over several lines, not one event a line; convert it with `jq -c .`"
    if any(line.startswith(b"{") for line in lines):
        return None
    return _kind(head, lines)


def _kind(head: bytes, lines: list[bytes]) -> str:
    """What a file without a line that begins like an object is."""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if _is_binary(head):
        return "binary data, not JSON lines (plain or gzip)"
    if lines[0].startswith(b"<"):
        return "HTML or XML, not JSON lines"
    if _is_table(lines):
        return "CSV or another table, not JSON lines; write each row as a JSON object"
    return "no JSON object in its first lines; each line must be one event"


def _is_array(first: bytes, others: Iterable[bytes]) -> bool:
    """Whether the file is one array; a line that is an array among events is only a bad line."""
    if not first.startswith(b"["):
        return False
    try:
        orjson.loads(first)
    except orjson.JSONDecodeError:
        return True  # it goes on in the next line, or beyond what was read
    return not any(line.startswith(b"{") for line in others)


def _is_binary(head: bytes) -> bool:
    if b"\0" in head:
        return True
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start < len(head) - 4  # what was read may end inside a letter
    return False


def _is_table(lines: list[bytes]) -> bool:
    """Whether the first lines have the same delimiters."""
    counts = [[line.count(mark) for mark in _DELIMITERS] for line in lines[:2]]
    return any(counts[0]) and counts[0] == counts[-1]
