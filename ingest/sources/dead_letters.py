"""Replay a dead-letter subscription: events that BigQuery or the topic did not accept."""

from __future__ import annotations

import orjson

from ingest.errors import EventError, SinkError
from ingest.message import from_message
from ingest.pipeline import Outcome
from ingest.sources import rejects
from ingest.sources.replayer import Replayer, stable_id
from ingest.sources.subscription import Received, Subscription
from ingest.steps.decode import Decoded, decode_event


def replay_dead_letters(
    replayer: Replayer, subscription: Subscription, idle_seconds: float, *, drop_rejected: bool
) -> None:
    """Replay a dead-letter subscription until it is silent for a while. Raises SinkError.

    A message is acknowledged when the sink has its row, or when its event is not admitted. One that
    is refused again stays in the subscription, or is acknowledged too with `drop_rejected`.
    """
    refused: dict[str, Received] = {}
    while received := subscription.pull(idle_seconds):
        fresh = [item for item in received if item.message.message_id not in refused]
        if not fresh:  # Pub/Sub has begun from the front
            break
        refused |= {
            item.message.message_id: item for item in received if item.message.message_id in refused
        }
        taken, outcomes = [], []
        for item in fresh:
            outcome = _outcome_of(replayer, item.message.data)
            outcomes.append(outcome)
            if outcome.error is not None:
                refused[item.message.message_id] = item
            else:
                taken.append(item)
        try:
            replayer.land(outcomes)
        except SinkError:
            subscription.release(received)
            raise
        subscription.acknowledge(taken)
    if drop_rejected:
        subscription.acknowledge(list(refused.values()))
    else:
        subscription.release(list(refused.values()))


def _outcome_of(replayer: Replayer, data: bytes) -> Outcome:
    if rejects.is_reject(data):
        return rejects.outcome_of(replayer, data, 1)
    try:
        decoded = _letter_of(data)
    except EventError as error:
        decoded = Decoded(None, data, error)
    if isinstance(decoded.event, dict) and not decoded.event.get("event_id"):
        decoded.event["event_id"] = stable_id(data, 1)
    return replayer.process(decoded, replayer.any_key)


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
