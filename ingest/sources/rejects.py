"""Replay the files of refused events, of the collector or of `bioqms load`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from ingest.auth import WriteKey
from ingest.config import Config
from ingest.errors import EventError, ReasonType
from ingest.pipeline import MAX_KEPT, Outcome
from ingest.sources.replayer import KeyTrace, Replayer, stable_id
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
    outcomes: list[Outcome] = []
    seen: Counter[bytes] = Counter()
    with path.open("rb") as file:
        for line in file:
            if line.isspace():
                replayer.ledger.blank += 1
                continue
            # The same event twice in one request leaves two equal lines: two events.
            text = line.strip()
            seen[text] += 1
            outcomes.append(outcome_of(replayer, text, seen[text]))
            if len(outcomes) == _CHUNK_ROWS:
                replayer.land(outcomes)
                outcomes = []
    replayer.land(outcomes)


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
    except EventError as error:
        return replayer.process(Decoded(None, line, error), replayer.any_key)
    decoded = _event_of(reject)
    key = replayer.any_key
    try:
        key = _key_of(replayer, reject)
    except EventError as error:
        # Before it is refused for this it must be admitted, as any other event.
        decoded.error = error
    if isinstance(decoded.event, dict):
        if not decoded.event.get("event_id") or is_redacted(decoded.event["event_id"]):
            decoded.event["event_id"] = stable_id(line, occurrence)
        if not key.may_import or not decoded.event.get("received_at"):
            decoded.event["received_at"] = reject["rejected_at"]
        key = replace(key, may_import=True)
    return replayer.process(decoded, key)


def _key_of(replayer: Replayer, reject: dict[str, Any]) -> WriteKey:
    """The key by which the event of a reject row came; of a loaded file, anybody's."""
    tenant_id = _text(reject, "tenant_id")
    name = _text(reject, "write_key_name") or _text(reject, "write_key")  # its name in version 0.1
    if name is None:
        any_key = replayer.any_key
        return replace(any_key, default_tenant=any_key.default_tenant or tenant_id)
    return replayer.key_of(
        KeyTrace(name, _text(reject, "key_digest"), tenant_id, _text(reject, "key_default_tenant"))
    )


def _text(reject: dict[str, Any], field: str) -> str | None:
    """A field that is a text or not there. Raises EventError for anything else."""
    value = reject.get(field)
    if value is not None and not isinstance(value, str):
        raise _not_a_reject()
    return value or None


def _not_a_reject() -> EventError:
    return EventError("$", "not a line of a rejects file", ReasonType.NOT_A_REJECT)


def _reject_of(line: bytes) -> dict[str, Any]:
    try:
        reject = orjson.loads(line)
    except orjson.JSONDecodeError:
        reject = None
    if not isinstance(reject, dict) or not all(
        isinstance(reject.get(name), str) for name in ("event", "rejected_at")
    ):
        raise _not_a_reject()
    return reject


def _event_of(reject: dict[str, Any]) -> Decoded:
    """The event of a reject row; its `error` says if too little of it was kept."""
    text: str = reject["event"]
    raw = text.encode(errors="surrogatepass")
    try:
        decoded = decode_event(raw)
    except EventError as error:
        cut = _not_kept("$", f"only {MAX_KEPT} characters of it were kept")
        return Decoded(None, raw, cut if len(text) >= MAX_KEPT else error)
    if isinstance(decoded.event, dict):
        decoded.error = decoded.error or _redacted_id(decoded.event)
    return decoded


def _redacted_id(event: dict[str, Any]) -> EventError | None:
    """What is wrong if ids were personal data: one placeholder would merge all such people."""
    paths = [f"$.{name}" for name in _ID_FIELDS if is_redacted(event.get(name))]
    properties = event.get("properties")
    if event.get("event_name") == "user.alias" and isinstance(properties, dict):
        paths += [f"$.properties.{n}" for n in _ALIAS_FIELDS if is_redacted(properties.get(n))]
    return _not_kept(paths[0], "was personal data and is not kept") if paths else None


def _not_kept(path: str, reason: str) -> EventError:
    return EventError(path, reason, ReasonType.NOT_KEPT)
