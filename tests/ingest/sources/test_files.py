"""`bioqms load`: any file of events, and a ledger that balances."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Config
from ingest.errors import SinkError
from ingest.sinks.segments import SegmentLog
from ingest.sources.files import MAX_LINE_BYTES, Loader
from tests.ingest.collector import BIOQMS, environment, event, read_rows


class Loaded:
    """One run of the command, and what it left."""

    def __init__(self, data: Path, *args: str | Path, stdin: bytes = b"") -> None:
        self.data = data
        self.run = subprocess.run(
            [BIOQMS, "load", *args], input=stdin, capture_output=True, check=False, timeout=60,
            env=environment(BIOQMS_DATA=str(data)),
        )  # fmt: skip
        self.out, self.err = self.run.stdout.decode(), self.run.stderr.decode()
        assert "Traceback" not in self.err

    @property
    def ledger(self) -> tuple[int, int, int, int]:
        """Read, accepted, rejected and blank, as printed."""
        numbers = re.findall(r"[\d,]+", self.out.splitlines()[0])
        read, accepted, rejected, blank = (int(number.replace(",", "")) for number in numbers)
        return read, accepted, rejected, blank

    def rows(self) -> list[dict[str, Any]]:
        """What landed; all segments are sealed."""
        assert not list(self.data.rglob("*.open"))
        return read_rows(sorted((self.data / "log").glob("date=*/hour=*/*.jsonl")))

    def rejects(self) -> list[dict[str, Any]]:
        """What was refused, from the file that the command names."""
        named = re.search(r"rejected lines, with reasons: (.+)", self.out)
        return read_rows([Path(named[1])]) if named else []


def lines(*events: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in events)


OLD = "2015-03-01T10:00:00.000001Z"
GOOD = [event(event_id=f"evt_{number}", tenant_id="acme") for number in range(3)]


def test_good_lines_keep_their_time_of_receipt(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(GOOD[0] | {"received_at": OLD, "timestamp": OLD}, GOOD[1]))
    started = datetime.now(UTC)
    loaded = Loaded(tmp_path / "data", path)
    assert (loaded.run.returncode, loaded.ledger) == (0, (2, 2, 0, 0))
    assert loaded.out.startswith("read 2 = accepted 2 + rejected 0")
    first, second = loaded.rows()
    assert first["received_at"] == first["timestamp"] == OLD
    assert started <= datetime.fromisoformat(second["received_at"]) <= datetime.now(UTC)
    assert first["context"]["ip"] is None
    assert loaded.rejects() == []


def test_bad_lines_are_kept_with_number_path_and_reason(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    bad = [
        (b"not json", "$", "not JSON"),
        (b'{"a": "\xff\xfe"}', "$", "not UTF-8 text"),
        (json.dumps(event(tenant_id="acme", colour=1)).encode(), "$", 'unknown field "colour"'),
        (json.dumps(event()).encode(), "$.tenant_id", "is required: give --tenant"),
        (b"[1, 2]", "$", "an event must be an object"),
        (b'{"a": NaN}', "$", "NaN and Infinity are not JSON numbers"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "$", "nested deeper than 32 levels"),
        (b"x" * (MAX_LINE_BYTES + 500_000), "$", f"a line longer than {MAX_LINE_BYTES} bytes"),
        (b'{"email": "bob@private.test"', "$", "not JSON"),
    ]
    path.write_bytes(
        lines(GOOD[0]) + b"\n".join(text for text, _, _ in bad) + b"\n" + lines(GOOD[1])
    )
    loaded = Loaded(tmp_path / "data", path)
    assert loaded.run.returncode == 0
    assert loaded.ledger == (11, 2, 9, 0)
    assert [row["event_id"] for row in loaded.rows()] == ["evt_0", "evt_1"]
    for number, (row, (_, where, reason)) in enumerate(zip(loaded.rejects(), bad, strict=True)):
        assert (row["source"], row["line"], row["path"]) == (str(path), number + 2, where)
        assert row["reason"].startswith(reason)
    assert "private.test" not in json.dumps(loaded.rejects())
    assert Loaded(tmp_path / "strict", "--strict", path).run.returncode == 1


def test_a_tenant_for_those_that_name_none(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(event(), event(tenant_id="globex")))
    loaded = Loaded(tmp_path / "data", path, "--tenant", "acme", "--strict")
    assert loaded.run.returncode == 0
    assert [row["tenant_id"] for row in loaded.rows()] == ["acme", "globex"]


@pytest.mark.parametrize("text", [b"", b"\n\n", b"  \r\n\t\n"])
def test_an_empty_input_is_told(tmp_path: Path, text: bytes) -> None:
    loaded = Loaded(tmp_path / "data", "-", stdin=text)
    assert loaded.run.returncode == 1
    assert loaded.ledger == (0, 0, 0, text.count(b"\n"))
    assert "stdin: empty" in loaded.out
    assert loaded.err == "Error: nothing was accepted\n"
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(*GOOD))
    beside = Loaded(tmp_path / "beside", "-", path, stdin=text)
    assert (beside.run.returncode, beside.ledger[1]) == (0, 3)
    assert "stdin: empty" in beside.out


UNREADABLE = {
    "table.csv": (b"event_name,user_id\npage.viewed,usr_1\n", "CSV or another table"),
    "table.tsv": (b"event_name\tuser_id\npage.viewed\tusr_1\n", "CSV or another table"),
    "line.json": (json.dumps(GOOD).encode(), "a JSON array"),
    "array.json": (json.dumps(GOOD, indent=2).encode(), "a JSON array"),
    "rows.json": (b"[\n" + b",\n".join(lines(item)[:-1] for item in GOOD) + b"]", "a JSON array"),
    "object.json": (json.dumps(GOOD[0], indent=2).encode(), "JSON over several lines"),
    "page.html": (b"\n<!doctype html>\n<html>{\n</html>\n", "HTML or XML"),
    "book.xlsx": (b"PK\x03\x04" + bytes(range(256)), "an office document"),
    "program": (b"\x7fELF" + bytes(range(256)), "binary data"),
    "latin.txt": ("für Euch\n".encode("latin-1"), "binary data"),
    "events-16.jsonl": (lines(*GOOD).decode().encode("utf-16"), "UTF-16 text"),
    "table.csv.gz": (gzip.compress(b"a;b\n1;2\n"), "CSV or another table"),
    "marked.csv": (b"\xef\xbb\xbfa;b\n1;2\n", "CSV or another table"),
    "readme.txt": (b"See the other folder.\n", "no JSON object in its first lines"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_json_lines_is_named_and_not_read(tmp_path: Path, name: str) -> None:
    content, what = UNREADABLE[name]
    path = tmp_path / name
    path.write_bytes(content)
    loaded = Loaded(tmp_path / "data", path, "-", stdin=lines(*GOOD))
    assert loaded.run.returncode == 1
    assert loaded.err.startswith(f"Error: {path}: ")
    assert what in loaded.err
    assert len(loaded.err.splitlines()) == 1
    assert loaded.ledger == (3, 3, 0, 0)
    assert not list((tmp_path / "data" / "rejects").rglob("*.jsonl"))


@pytest.mark.parametrize("first", [b"[1, 2]", b"# exported", b"a,b", b"\0\0\0", b"\xff\xfe"])
def test_one_odd_first_line_does_not_make_a_file_unreadable(tmp_path: Path, first: bytes) -> None:
    loaded = Loaded(tmp_path / "data", "-", stdin=first + b"\n" + lines(*GOOD))
    assert (loaded.run.returncode, loaded.ledger) == (0, (4, 3, 1, 0))


def test_the_commonest_reasons_are_told_and_nothing_accepted_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(event(), event(), event(tenant_id="acme", colour=1)))
    loaded = Loaded(tmp_path / "data", path)
    assert loaded.run.returncode == 1
    told = [line.split(maxsplit=1) for line in loaded.out.splitlines()[1:3]]
    assert told == [
        ["2", "$.tenant_id: is required: give --tenant or put it into the event"],
        ["1", '$: unknown field "colour"'],
    ]
    assert loaded.err.startswith("Error: nothing was accepted: fix the lines as the reasons say")


def test_endings_marks_and_a_last_line_without_newline(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbf" + lines(*GOOD).replace(b"\n", b"\r\n").rstrip()
    loaded = Loaded(tmp_path / "data", "-", stdin=text)
    assert loaded.ledger == (3, 3, 0, 0)


def test_gzip_also_from_standard_input_and_in_members(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(lines(GOOD[0])[:40]) + gzip.compress(lines(*GOOD)[40:]))
    assert Loaded(tmp_path / "file", path).ledger == (3, 3, 0, 0)
    assert Loaded(tmp_path / "stdin", "-", stdin=path.read_bytes()).ledger == (3, 3, 0, 0)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: data[:-2000], "the gzip data ends too early"),
        (lambda data: data[:3000] + b"\xff" * 900 + data[3900:], "the gzip data is damaged"),
        (lambda data: data + b"junk", "the gzip data is damaged"),
    ],
)
def test_damaged_gzip_is_told_and_what_came_before_is_kept(
    tmp_path: Path, damage: Any, reason: str
) -> None:
    path = tmp_path / "events.jsonl.gz"
    # The same bytes each time: where deflate notices the damage depends on them.
    sent = [
        event(event_id=f"evt_{number}", tenant_id="acme", timestamp="2026-03-01T00:00:00Z")
        for number in range(999)
    ]
    path.write_bytes(damage(gzip.compress(lines(*sent))))
    loaded = Loaded(tmp_path / "data", path, "-", stdin=lines(GOOD[0]))
    assert loaded.run.returncode == 1
    assert f"{path}: {reason}" in loaded.err
    read, accepted, rejected, _ = loaded.ledger
    assert (read, rejected) == (accepted + 1, 1)
    rows = loaded.rows()
    assert len(rows) == accepted
    assert [row["event_id"] for row in rows[:-1]] == [item["event_id"] for item in sent][
        : len(rows) - 1
    ]
    assert rows[-1]["event_id"] == "evt_0"
    assert loaded.rejects()[0]["line"] == len(rows)


def test_a_missing_file_stops_before_anything_is_read(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(*GOOD))
    loaded = Loaded(tmp_path / "data", path, tmp_path / "missing.jsonl")
    assert loaded.run.returncode == 2
    assert "missing.jsonl" in loaded.err
    assert not (tmp_path / "data").exists()


def test_a_full_log_can_be_loaded_again(tmp_path: Path) -> None:
    first = Loaded(tmp_path / "one", "-", stdin=lines(*GOOD))
    (segment,) = (tmp_path / "one" / "log").glob("date=*/hour=*/*.jsonl")
    again = Loaded(tmp_path / "two", segment)
    assert again.rows() == first.rows()


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "log").write_text("")
    loaded = Loaded(data, "-", stdin=lines(*GOOD))
    assert loaded.run.returncode == 1
    assert "Error: stopped: the log cannot be written" in loaded.err
    assert loaded.out.startswith(
        "read 3 = accepted 0 + rejected 0  (blank lines: 0, not landed: 3)"
    )


def test_accepted_means_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loader = Loader(Config(data_dir=tmp_path), tenant=None)
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(*GOOD))

    def refuse(_: SegmentLog, events: list[bytes]) -> None:
        raise SinkError(f"{len(events)} rows refused")

    monkeypatch.setattr(SegmentLog, "write", refuse)
    with path.open("rb") as file, pytest.raises(SinkError, match="3 rows refused"):
        loader.load("events", file, lambda _: None)
    ledger = loader.close()
    assert (ledger.read, ledger.accepted, ledger.rejected) == (3, 0, 0)


def test_a_quick_load(tmp_path: Path) -> None:
    """A floor far below the usual 30,000 events a second, so that it fails only on a blunder."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(*(event(tenant_id="acme", event_id=str(n)) for n in range(20_000))))
    loader = Loader(Config(data_dir=tmp_path), tenant=None)
    started = time.process_time()
    with path.open("rb") as file:
        loader.load("events", file, lambda _: None)
    assert loader.close().accepted == 20_000
    assert time.process_time() - started < 4
