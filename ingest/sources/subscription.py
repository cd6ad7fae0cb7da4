"""Read a subscription, as rows: for those who have Pub/Sub and no BigQuery, and for replays."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.api_core import exceptions as api
from google.auth.exceptions import GoogleAuthError
from google.pubsub_v1.services.subscriber import SubscriberClient
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport
from google.pubsub_v1.types import PubsubMessage

from ingest.config import Config
from ingest.errors import ConfigError, SinkError
from ingest.instants import to_text
from ingest.message import from_message, to_row
from ingest.sinks.segments import SegmentLog, recover
from ingest.steps import admit

MAX_MESSAGES = 1_000
"""In one pull."""
_MAX_MESSAGE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Received:
    """A message and the handle by which it is acknowledged."""

    ack_id: str
    message: PubsubMessage


class Subscription:
    """Pulls from one subscription, or from its namesake on the emulator of PUBSUB_EMULATOR_HOST."""

    def __init__(self, path: str) -> None:
        """Connect; `path` is `projects/<project>/subscriptions/<name>`. Raises ConfigError."""
        self.path = path
        try:
            self._client = SubscriberClient(transport=_transport())
        except GoogleAuthError as error:
            raise ConfigError(f"no credentials for Pub/Sub: {error}") from error

    def pull(self, wait_seconds: float) -> list[Received]:
        """Messages at hand; none if none came within `wait_seconds`.

        Raises SinkError where Pub/Sub cannot be asked.
        """
        try:
            response = self._client.pull(
                subscription=self.path,
                max_messages=MAX_MESSAGES,
                retry=None,
                timeout=wait_seconds,
            )
        except api.DeadlineExceeded:
            return []
        except api.GoogleAPIError as error:
            raise SinkError(f"{self.path}: {error}") from error
        return [Received(item.ack_id, item.message) for item in response.received_messages]

    def acknowledge(self, received: list[Received]) -> None:
        """Let Pub/Sub forget messages. Raises SinkError."""
        self._extend(received, None)

    def release(self, received: list[Received]) -> None:
        """Give messages back, to be delivered again. Raises SinkError."""
        self._extend(received, 0)

    def close(self) -> None:
        """Close the connection."""
        self._client.transport.close()  # type: ignore[no-untyped-call]

    def _extend(self, received: list[Received], seconds: int | None) -> None:
        # A request may have 512 KiB; a thousand ids have less.
        for start in range(0, len(received), MAX_MESSAGES):
            ack_ids = [item.ack_id for item in received[start : start + MAX_MESSAGES]]
            try:
                if seconds is None:
                    self._client.acknowledge(subscription=self.path, ack_ids=ack_ids, timeout=30)
                else:
                    self._client.modify_ack_deadline(
                        subscription=self.path,
                        ack_ids=ack_ids,
                        ack_deadline_seconds=seconds,
                        timeout=30,
                    )
            except api.GoogleAPIError as error:
                raise SinkError(f"{self.path}: {error}") from error


def metadata(subscription: str, message: PubsubMessage) -> dict[str, Any]:
    """What a BigQuery subscription writes beside the event (`write_metadata`)."""
    attributes = dict(message.attributes)
    if message.ordering_key:
        attributes["ordering_key"] = message.ordering_key
    published = datetime.fromtimestamp(message.publish_time.timestamp(), UTC)
    return {
        "subscription_name": subscription,
        "message_id": message.message_id,
        "publish_time": to_text(published),
        "attributes": attributes,
    }


@dataclass
class Subscribed:
    """What became of the messages: `read == landed + refused + suppressed`."""

    read: int = 0
    landed: int = 0
    refused: int = 0
    suppressed: int = 0


def land(
    config: Config, subscription: Subscription, idle_seconds: float, counts: Subscribed
) -> None:
    """Write what a subscription holds into the landing log; ends after `idle_seconds` of silence.

    A message is acknowledged when its row is on disk, or when its event is not admitted; one that
    is no event is left in the subscription, whose dead-letter policy takes it. `counts` is kept up
    to date. Raises SinkError.
    """
    recover(config.log_dir)
    log = SegmentLog(
        config.log_dir, max_bytes=config.segment_bytes, max_seconds=config.segment_seconds
    )
    try:
        while received := subscription.pull(idle_seconds):
            taken, rows, suppressed = [], [], []
            for item in received:
                columns = _columns_of(item.message.data)
                if not _is_admitted(item.message.data, columns):
                    suppressed.append(item)
                elif columns is not None:
                    rows.append(to_row(columns, **metadata(subscription.path, item.message)))
                    taken.append(item)
            try:
                log.write(rows)
            except SinkError:
                subscription.release(received)
                raise
            subscription.acknowledge(taken + suppressed)
            counts.read += len(received)
            counts.landed += len(taken)
            counts.suppressed += len(suppressed)
            counts.refused += len(received) - len(taken) - len(suppressed)
    finally:
        log.close()


def _columns_of(data: bytes) -> dict[str, Any] | None:
    try:
        return from_message(data)
    except ValueError:
        return None


def _is_admitted(data: bytes, columns: dict[str, Any] | None) -> bool:
    if columns is None:
        return admit.is_text_admitted(data, "")
    return admit.is_admitted(columns, columns["tenant_id"] or "")


def _transport() -> SubscriberGrpcTransport:
    options = (
        ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
        ("grpc.use_local_subchannel_pool", 1),
    )
    host = os.environ.get("PUBSUB_EMULATOR_HOST")
    if host:
        return SubscriberGrpcTransport(channel=grpc.insecure_channel(host, options=options))
    return SubscriberGrpcTransport()
