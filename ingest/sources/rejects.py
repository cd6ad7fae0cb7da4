"""Replay the files of refused events, of the collector or of `bioqms load`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from ingest.config import Config
from ingest.errors import EventError
from ingest.pipeline import MAX_KEPT, Outcome
from ingest.sources.replayer import Replayer, stable_id
from ingest.steps.decode import Decoded, decode_event
from ingest.steps.scrub import is_redacted

_CHUNK_ROWS = 2_500
_ID_FIELDS = ("user_id", "anonymous_id", "session_id")
_ALIAS_FIELDS = ("previous_id", "new_id")


def rejects_files(config: Config) -> Iterable[Path]:
    """Every finished rejects file in the data folder, oldest first."""
    return sorted(config.rejects_dir.glob("date=*/**/*.jsonl"))


def replay_rejects(replayer: Replayer, path: Path) -> None:
    """Replay one rejects file, of the collector or of `bioqms load`.

    Raises SinkError, OSError.
    """
    rows: list[bytes] = []
    seen: Counter[bytes] = Counter()
    with path.open("rb") as file:
        for line in file:
            if line.isspace():
                replayer.ledger.blank += 1
                continue
            # The same event twice in one request leaves two equal lines: two events.
            text = line.strip()
            seen[text] += 1
            outcome = outcome_of(replayer, text, seen[text])
            replayer.ledger.read += 1
            if outcome.error is not None:
                replayer.ledger.refuse(outcome.error)
                continue
            rows.append(outcome.row)
            if len(rows) == _CHUNK_ROWS:
                replayer.write(rows)
                rows = []
    replayer.write(rows)


def is_reject(data: bytes) -> bool:
    """Whether a message is what a collector refused (`BIOQMS_PUBSUB_REJECTS_TOPIC`)."""
    try:
        _reject_of(data)
    except EventError:
        return False
    return True


def outcome_of(replayer: Replayer, line: bytes, occurrence: int) -> Outcome:
    """The fate of the event of one reject row, the `occurrence`th of its text."""
    try:
        reject = _reject_of(line)
        key = replayer.key_named(reject.get("write_key"))
        decoded = _event_of(reject)
    except EventError as error:
        return Outcome(None, error=error)
    if isinstance(decoded.event, dict):
        if not decoded.event.get("event_id") or is_redacted(decoded.event["event_id"]):
            decoded.event["event_id"] = stable_id(line, occurrence)
        if not key.may_import or not decoded.event.get("received_at"):
            decoded.event["received_at"] = reject["rejected_at"]
        key = replace(key, may_import=True)
    return replayer.process(decoded, key)


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
