"""Topics with the event's schema on Google's emulator, and what their subscriptions receive."""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from google.api_core.exceptions import DeadlineExceeded, GoogleAPIError
from google.pubsub_v1.types import (
    Encoding,
    PubsubMessage,
    Schema,
    SchemaSettings,
    Subscription,
    Topic,
)

from tests.infra.avro_json import decode
from tests.servers import PubSubEmulator

AVRO = json.loads((files("ingest") / "schemas" / "event.avsc").read_text())


@dataclass(frozen=True)
class Queue:
    """A topic with a subscription that keeps order, each by its full name."""

    emulator: PubSubEmulator
    topic: str
    subscription: str

    @property
    def env(self) -> dict[str, str]:
        """What makes a collector publish here."""
        return self.emulator.env | {"BIOQMS_SINK": "pubsub", "BIOQMS_PUBSUB_TOPIC": self.topic}

    def drain(self, expected: int | None = None, patience: float = 30.0) -> list[PubsubMessage]:
        """All messages, acknowledged; waits for `expected` of them, or for a moment of silence."""
        found: list[PubsubMessage] = []
        until = time.monotonic() + patience
        subscriber = self.emulator.subscriber()
        while time.monotonic() < until:
            messages = _pull(subscriber, self.subscription, wait=1.0)
            found += messages
            if expected is None and not messages:
                break
            if expected is not None and len(found) >= expected:
                break
        return found


def make_queue(
    emulator: PubSubEmulator, name: str | None = None, schema: dict[str, Any] | None = AVRO
) -> Queue:
    """Make a topic (of the event's schema, of another or of none) and its subscription."""
    name = name or f"events-{uuid.uuid4().hex[:8]}"
    publisher, subscriber, parent = (
        emulator.publisher(),
        emulator.subscriber(),
        f"projects/{emulator.project}",
    )
    topic = Topic(name=f"{parent}/topics/{name}")
    if schema is not None:
        made = emulator.schemas().create_schema(
            parent=parent,
            schema=Schema(type_=Schema.Type.AVRO, definition=json.dumps(schema)),
            schema_id=name,
        )
        topic.schema_settings = SchemaSettings(schema=made.name, encoding=Encoding.JSON)
    publisher.create_topic(request=topic)
    path = f"{parent}/subscriptions/{name}"
    subscriber.create_subscription(
        request=Subscription(
            name=path, topic=topic.name, enable_message_ordering=True, ack_deadline_seconds=60
        )
    )
    return Queue(emulator, topic.name, path)


def row_of(message: PubsubMessage) -> dict[str, Any]:
    """The landed row of a message, read by the tests' own decoder."""
    row = decode(message.data, AVRO)
    return row | {name: json.loads(row[name]) for name in ("properties", "traits")}


def ids_of(messages: list[PubsubMessage]) -> list[str]:
    return [row_of(message)["event_id"] for message in messages]


class Reader:
    """A thread that pulls without pause and remembers every event id; survives the emulator."""

    def __init__(self, queue: Queue) -> None:
        self.ids: set[str] = set()
        self.messages = 0
        self._queue = queue
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        subscriber = self._queue.emulator.subscriber()
        while not self._stop.is_set():
            try:
                messages = _pull(subscriber, self._queue.subscription, wait=1.0)
            except GoogleAPIError:  # the emulator is down, or its subscription is not made yet
                time.sleep(0.1)
                continue
            self.messages += len(messages)
            self.ids.update(ids_of(messages))

    def stop(self) -> set[str]:
        self._stop.set()
        self._thread.join()
        return self.ids


def _pull(subscriber: Any, subscription: str, wait: float) -> list[PubsubMessage]:
    try:
        response = subscriber.pull(
            subscription=subscription, max_messages=1000, timeout=wait, retry=None
        )
    except DeadlineExceeded:
        return []
    received = list(response.received_messages)
    if received:
        subscriber.acknowledge(
            subscription=subscription, ack_ids=[item.ack_id for item in received], timeout=10
        )
    return [item.message for item in received]
