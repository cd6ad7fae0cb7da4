"""Bring refused events back through the collector's steps: rejects files and dead letters.

A replay is idempotent: an event keeps its `event_id`, or gets one made from its line or message,
and keeps the time at which it was first received; so a second replay adds exact copies, which
staging removes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from ingest.auth import WriteKey
from ingest.config import Config, pseudonym_key
from ingest.errors import EventError, SinkError
from ingest.message import from_message
from ingest.pipeline import MAX_KEPT, Outcome, process
from ingest.sinks import open_sink
from ingest.sinks.segments import recover
from ingest.sources.subscription import Received, Subscription
from ingest.steps.decode import Decoded, decode_event
from ingest.steps.enrich import Client
from ingest.steps.scrub import Scrubber, is_redacted

_CHUNK_ROWS = 2_500
_ID_FIELDS = ("user_id", "anonymous_id", "session_id")
_ALIAS_FIELDS = ("previous_id", "new_id")


@dataclass
class Ledger:
    """What became of what was read: `read == accepted + rejected`; blank lines are not read."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    blank: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def refuse(self, error: EventError) -> None:
        """Count an event that is refused again."""
        self.rejected += 1
        self.reasons[str(error)] += 1


class Replayer:
    """Replays into the configured sink; `ledger` tells how far it came, also after an error."""

    def __init__(self, config: Config, tenant: str | None = None) -> None:
        """Open the sink. `tenant` is that of events which name none.

        Raises ConfigError, OSError.
        """
        for root in config.segment_roots:
            recover(root)
        self.ledger = Ledger()
        self._keys = {key.name: key for key in config.keys.keys}
        self._any = WriteKey("replay", b"", tenants=None, default_tenant=tenant, may_import=True)
        self._scrubber = Scrubber(pseudonym_key(config))
        self._sink = open_sink(config)

    def close(self) -> None:
        """Finish the sink."""
        self._sink.close()

    def replay_rejects(self, path: Path) -> None:
        """Replay one rejects file, of the collector or of `bioqms load`.

        Raises SinkError, OSError.
        """
        rows: list[bytes] = []
        seen: Counter[bytes] = Counter()
        with path.open("rb") as file:
            for line in file:
                if line.isspace():
                    self.ledger.blank += 1
                    continue
                # The same event twice in one request leaves two equal lines: two events.
                text = line.strip()
                seen[text] += 1
                outcome = self._reject(text, seen[text])
                self.ledger.read += 1
                if outcome.error is not None:
                    self.ledger.refuse(outcome.error)
                    continue
                rows.append(outcome.row)
                if len(rows) == _CHUNK_ROWS:
                    self._write(rows)
                    rows = []
        self._write(rows)

    def replay_dead_letters(
        self, subscription: Subscription, idle_seconds: float, *, drop_rejected: bool
    ) -> None:
        """Replay a dead-letter subscription until it is silent for a while. Raises SinkError.

        A message is acknowledged when the sink has its row. One that is refused again stays in the
        subscription, or is acknowledged too with `drop_rejected`.
        """
        refused: dict[str, Received] = {}
        while received := subscription.pull(idle_seconds):
            fresh = [item for item in received if item.message.message_id not in refused]
            if not fresh:  # Pub/Sub has begun from the front
                break
            refused |= {
                item.message.message_id: item
                for item in received
                if item.message.message_id in refused
            }
            taken, rows = [], []
            for item in fresh:
                self.ledger.read += 1
                outcome = self._letter(item.message.data)
                if outcome.error is not None:
                    self.ledger.refuse(outcome.error)
                    refused[item.message.message_id] = item
                else:
                    taken.append(item)
                    rows.append(outcome.row)
            try:
                self._write(rows)
            except SinkError:
                subscription.release(received)
                raise
            subscription.acknowledge(taken)
        if drop_rejected:
            subscription.acknowledge(list(refused.values()))
        else:
            subscription.release(list(refused.values()))

    def _write(self, rows: list[bytes]) -> None:
        self._sink.write(rows)
        self.ledger.accepted += len(rows)

    def _reject(self, line: bytes, occurrence: int) -> Outcome:
        try:
            reject = _reject_of(line)
            key = self._key_of(reject)
            decoded = _event_of(reject)
        except EventError as error:
            return Outcome(None, error=error)
        if isinstance(decoded.event, dict):
            if not decoded.event.get("event_id") or is_redacted(decoded.event["event_id"]):
                decoded.event["event_id"] = _stable_id(line, occurrence)
            if not key.may_import or not decoded.event.get("received_at"):
                decoded.event["received_at"] = reject["rejected_at"]
            key = replace(key, may_import=True)
        return self._process(decoded, key)

    def _letter(self, data: bytes) -> Outcome:
        if _is_reject(data):
            return self._reject(data, 1)
        try:
            decoded = _letter_of(data)
        except EventError as error:
            return Outcome(None, error=error)
        if isinstance(decoded.event, dict) and not decoded.event.get("event_id"):
            decoded.event["event_id"] = _stable_id(data, 1)
        return self._process(decoded, self._any)

    def _process(self, decoded: Decoded, key: WriteKey) -> Outcome:
        return process(decoded, key, datetime.now(UTC), Client(), self._scrubber)

    def _key_of(self, reject: dict[str, Any]) -> WriteKey:
        """The write key by which the event came; a file's events may be anybody's."""
        name = reject.get("write_key")
        if name is None:
            return self._any
        key = self._keys.get(name)
        if key is None:
            raise EventError("$", "its write key is no longer configured")
        return replace(key, default_tenant=key.default_tenant or self._any.default_tenant)


def _reject_of(line: bytes) -> dict[str, Any]:
    try:
        reject = orjson.loads(line)
    except orjson.JSONDecodeError:
        reject = None
    if not isinstance(reject, dict) or not all(
        isinstance(reject.get(name), str) for name in ("event", "rejected_at")
    ):
        raise EventError("$", "not a line of a rejects file")
    return reject


def _event_of(reject: dict[str, Any]) -> Decoded:
    """The event of a reject row. Raises EventError if too little of it was kept."""
    text: str = reject["event"]
    try:
        decoded = decode_event(text.encode())
    except EventError:
        if len(text) >= MAX_KEPT:
            raise EventError("$", f"only {MAX_KEPT} characters of it were kept") from None
        raise
    if isinstance(decoded.event, dict):
        _check_ids(decoded.event)
    return decoded


def _check_ids(event: dict[str, Any]) -> None:
    """Refuse an event whose ids were personal data: one placeholder would merge all such people."""
    for name in _ID_FIELDS:
        if is_redacted(event.get(name)):
            raise EventError(f"$.{name}", "was personal data and is not kept")
    properties = event.get("properties")
    if event.get("event_name") == "user.alias" and isinstance(properties, dict):
        for name in _ALIAS_FIELDS:
            if is_redacted(properties.get(name)):
                raise EventError(f"$.properties.{name}", "was personal data and is not kept")


def _is_reject(data: bytes) -> bool:
    """Whether a dead letter is what a collector refused (`BIOQMS_PUBSUB_REJECTS_TOPIC`)."""
    try:
        _reject_of(data)
    except EventError:
        return False
    return True


def _letter_of(data: bytes) -> Decoded:
    """Read a dead letter: an event in Avro's JSON encoding, or plain JSON."""
    try:
        columns = from_message(data)
        for name in ("properties", "traits"):
            if columns[name] is not None:
                columns[name] = orjson.loads(columns[name])
        plain = orjson.dumps(columns)
    except ValueError:
        plain = data
    return decode_event(plain)


def _stable_id(text: bytes, occurrence: int) -> str:
    """An id that the same line or message gets at every replay."""
    digest = hashlib.sha256(b"%d:%b" % (occurrence, text)).hexdigest()
    return f"evt_{digest[:32]}"


def rejects_files(config: Config) -> Iterable[Path]:
    """Every finished rejects file in the data folder, oldest first."""
    return sorted(config.rejects_dir.glob("date=*/**/*.jsonl"))
