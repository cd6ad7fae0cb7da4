"""Load events from files of JSON lines, through the same steps as a request."""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from ingest.auth import local_key
from ingest.config import Config, pseudonym_key
from ingest.disk import make_folder, open_new
from ingest.errors import EventError, ReasonType
from ingest.pipeline import Outcome, process, reject_row
from ingest.sinks import open_sink
from ingest.sinks.base import Sink
from ingest.sinks.segments import recover
from ingest.sources.foreign import foreign
from ingest.sources.ledger import Ledger
from ingest.steps.decode import Decoded, decode_event
from ingest.steps.enrich import Client
from ingest.steps.scrub import Scrubber
from ingest.tenants import open_tenants

MAX_LINE_BYTES = 1024 * 1024
"""Longer lines are refused without being kept in memory."""
_BLOCK_BYTES = 1 << 18
_CHUNK_BYTES = 8 * 1024 * 1024  # of rows that share one sync
_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"


@dataclass
class LoadLedger(Ledger):
    """What became of every line of all inputs.

    `damaged` says what is wrong with each input that could not be read to its end; that counts as
    one rejected line. `unread` says what each input is that cannot hold events; none of its lines
    is read. `empty` names those without a line.
    """

    damaged: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    rejects_path: Path | None = None


@dataclass(frozen=True)
class _Damage:
    """A place where the input itself, not one event, is broken."""

    reason: str
    reason_type: ReasonType
    ends_input: bool = False


class _Rejects:
    """The file of refused lines, made when the first one comes."""

    def __init__(self, root: Path, now: datetime) -> None:
        self._directory = root / now.strftime("date=%Y-%m-%d")
        self._name = f"load-{now:%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.jsonl"
        self._file: BinaryIO | None = None
        self.path: Path | None = None

    def write(self, row: bytes) -> None:
        if self._file is None:
            make_folder(self._directory)
            self.path = self._directory / self._name
            self._file = open_new(self.path)
        self._file.write(row)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class Loader:
    """Loads inputs one after the other; `ledger` tells how far it came, also after an error."""

    def __init__(self, config: Config, tenant: str | None = None) -> None:
        """Recover and open the configured sink. `tenant` is that of events which name none.

        Raises ConfigError, OSError.
        """
        self._key = local_key("load", tenant)
        for root in config.segment_roots:
            recover(root)
        self.ledger = LoadLedger()
        self._scrubber = Scrubber(pseudonym_key(config), open_tenants(config).scrub_policy)
        self._sink: Sink = open_sink(config)
        self._rejects = _Rejects(config.rejects_dir, datetime.now(UTC))
        self._rows: list[bytes] = []
        self._row_bytes = 0

    def load(self, name: str, file: BinaryIO, advance: Callable[[int], None]) -> None:
        """Load one input, gzip or plain. `advance` is told of each block of bytes read.

        Raises SinkError where the disk refuses, OSError where reading fails.
        """
        blocks = _blocks(file, advance)
        first = next(blocks, b"")
        what = foreign(first.removeprefix(_UTF8_BOM)) if isinstance(first, bytes) else None
        if what is not None:
            self.ledger.unread.append(f"{name}: {what}")
            return
        blank = self.ledger.blank
        number = 0
        for number, line in enumerate(_lines(chain([first], blocks)), start=1):
            self._load_line(name, number, line)
        self._flush()
        if number == self.ledger.blank - blank:
            self.ledger.empty.append(name)

    def close(self) -> LoadLedger:
        """Seal the log and finish the rejects. Rows of an input that failed are not landed."""
        try:
            self._sink.close()
        finally:
            self._rejects.close()
            self.ledger.rejects_path = self._rejects.path
        return self.ledger

    def _load_line(self, name: str, number: int, line: bytes | _Damage) -> None:
        if isinstance(line, _Damage):
            if line.ends_input:
                self.ledger.damaged.append(f"{name}: {line.reason}")
            decoded = Decoded(None, b"", EventError("$", line.reason, line.reason_type))
        elif not line or line.isspace():
            self.ledger.blank += 1
            return
        else:
            decoded = _decoded(line)
        self.ledger.read += 1
        outcome = process(decoded, self._key, datetime.now(UTC), Client(), self._scrubber)
        if outcome.error is not None:
            self.ledger.refuse(outcome.error)
            self._reject(decoded, outcome, {"source": name, "line": number})
            return
        if outcome.is_suppressed:
            self.ledger.suppressed += 1
            return
        self._rows.append(outcome.row)
        self._row_bytes += len(outcome.row)
        if self._row_bytes >= _CHUNK_BYTES:
            self._flush()

    def _flush(self) -> None:
        self._sink.write(self._rows)
        self.ledger.accepted += len(self._rows)
        self._rows = []
        self._row_bytes = 0

    def _reject(self, decoded: Decoded, outcome: Outcome, source: dict[str, Any]) -> None:
        policy = self._scrubber.policy_of(outcome.tenant_id)
        self._rejects.write(reject_row(decoded, outcome, datetime.now(UTC), source, policy))


def _decoded(line: bytes) -> Decoded:
    try:
        return decode_event(line)
    except EventError as error:
        return Decoded(None, line, error)


def _blocks(file: BinaryIO, advance: Callable[[int], None]) -> Iterator[bytes | _Damage]:
    """Read blocks, inflated if the input starts like gzip; damage comes as the last item."""
    first = file.read(_BLOCK_BYTES)
    is_gzip = first.startswith(_GZIP_MAGIC)
    raw = _raw_blocks(first, file, advance)
    return _inflated(raw) if is_gzip else raw


def _raw_blocks(first: bytes, file: BinaryIO, advance: Callable[[int], None]) -> Iterator[bytes]:
    block = first
    while block:
        yield block
        advance(len(block))
        block = file.read(_BLOCK_BYTES)


def _inflated(blocks: Iterable[bytes]) -> Iterator[bytes | _Damage]:
    stream = zlib.decompressobj(31)
    for block in blocks:
        data = block
        while data:
            if stream.eof:  # another member follows
                stream = zlib.decompressobj(31)
            try:
                part = stream.decompress(data, _BLOCK_BYTES)
            except zlib.error:
                yield _Damage(
                    "the gzip data is damaged from here on",
                    ReasonType.DAMAGED_INPUT,
                    ends_input=True,
                )
                return
            if part:
                yield part
            data = stream.unused_data if stream.eof else stream.unconsumed_tail
    if not stream.eof:
        yield _Damage("the gzip data ends too early", ReasonType.DAMAGED_INPUT, ends_input=True)


def _lines(blocks: Iterable[bytes | _Damage]) -> Iterator[bytes | _Damage]:
    """Cut blocks into lines. An overlong line becomes a damage and is skipped to its end."""
    rest = b""
    is_first, is_skipping = True, False
    for block in blocks:
        if isinstance(block, _Damage):
            # The unfinished line, if any, is lost with it: one fault, one rejected line.
            yield block
            return
        *lines, tail = (block.removeprefix(_UTF8_BOM) if is_first else block).split(b"\n")
        is_first = False
        if lines:
            lines[0] = rest + lines[0]
            rest = b""
            yield from lines[1:] if is_skipping else lines
            is_skipping = False
        rest = b"" if is_skipping else rest + tail
        if len(rest) > MAX_LINE_BYTES:
            yield _Damage(f"a line longer than {MAX_LINE_BYTES} bytes", ReasonType.TOO_LARGE)
            rest, is_skipping = b"", True
    if rest:
        yield rest
