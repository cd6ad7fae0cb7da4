"""Step 5 in production: publish to Pub/Sub and wait for its ack; what it does not take is spooled.

With `pubsub_ordering` messages of one device carry one ordering key. Google's client then sends one
batch of a key at a time, which costs most of the throughput, and pauses a key after an error; it is
resumed here before the next attempt. Nothing in this project needs the order.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import grpc  # type: ignore[import-untyped]
from google.api_core import exceptions as api
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud.pubsub_v1 import (  # type: ignore[import-untyped]
    PublisherClient,
    types,
)
from google.cloud.pubsub_v1.publisher.exceptions import (  # type: ignore[import-untyped]
    PublishToPausedOrderingKeyException,
)
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport

from ingest.config import Config
from ingest.errors import ConfigError, SinkError
from ingest.message import Message
from ingest.sinks.segments import SegmentLog

BATCH_MESSAGES = 500
BATCH_BYTES = 1024 * 1024
BATCH_SECONDS = 0.005
"""How long a message waits for others of its key, so that they share a request."""

CHUNK_ROWS = 500
"""Rows under way at a time, which share one timeout. Google's client takes a thread a key."""

_FIRST_PAUSE_SECONDS = 0.1
_MAX_PAUSE_SECONDS = 5  # without Pub/Sub being asked again
# After an outage a channel would wait up to two minutes before it connects again.
_CHANNEL_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.use_local_subchannel_pool", 1),
)
# What another attempt may fix. The last one repeats an earlier error of the same key.
_TRANSIENT = (
    api.ServerError,
    api.TooManyRequests,
    api.Aborted,
    api.Cancelled,
    api.RetryError,
    TransportError,
    PublishToPausedOrderingKeyException,
    RuntimeError,  # a batch that was cancelled because one before it failed
    TimeoutError,
)
_log = logging.getLogger(__name__)


class Publisher:
    """Publishes rows to a topic. Threads may share it; a forked process may not."""

    def __init__(self, config: Config, topic: str, encode: Callable[[bytes], Message]) -> None:
        """Connect to Pub/Sub, or to the emulator of PUBSUB_EMULATOR_HOST. Raises ConfigError.

        `topic` is a full name; `encode` makes the message of a row.
        """
        self.topic = topic
        self._encode = encode
        self._timeout = float(config.pubsub_timeout_seconds)
        self._ordering = config.pubsub_ordering
        try:
            self._client = PublisherClient(
                batch_settings=types.BatchSettings(
                    max_messages=BATCH_MESSAGES, max_bytes=BATCH_BYTES, max_latency=BATCH_SECONDS
                ),
                publisher_options=types.PublisherOptions(enable_message_ordering=self._ordering),
                transport=_transport(),
            )
        except GoogleAuthError as error:
            raise ConfigError(f"no credentials for Pub/Sub: {error}") from error

    def publish(self, rows: Sequence[bytes]) -> dict[int, Exception]:
        """Publish rows and wait until Pub/Sub has acknowledged them.

        Returns what was not acknowledged, by position; such a row may have been taken all the
        same. Each 500 rows may take `pubsub_timeout_seconds`.
        """
        failures: dict[int, Exception] = {}
        for start in range(0, len(rows), CHUNK_ROWS):
            chunk = range(start, min(start + CHUNK_ROWS, len(rows)))
            lasting = next(filter(is_transient, failures.values()), None)
            if lasting is not None:  # it had its time; the rest would only wait as long
                failures |= dict.fromkeys(chunk, lasting)
            else:
                messages = {position: self._encode(rows[position]) for position in chunk}
                failures |= self._publish_chunk(messages)
        return failures

    def close(self) -> None:
        """Close the connection; what is under way is not waited for."""
        with contextlib.suppress(RuntimeError):
            self._client.stop()
        self._client.transport.close()

    def _publish_chunk(self, messages: dict[int, Message]) -> dict[int, Exception]:
        until = time.monotonic() + self._timeout
        pause = _FIRST_PAUSE_SECONDS
        failures = self._attempt(messages, until)
        while True:
            again = {p: messages[p] for p, error in failures.items() if is_transient(error)}
            if not again or time.monotonic() + pause >= until:
                return failures
            time.sleep(pause)
            pause *= 2
            for position in again:
                del failures[position]
            failures = dict(sorted((failures | self._attempt(again, until)).items()))

    def _attempt(self, messages: dict[int, Message], until: float) -> dict[int, Exception]:
        """Publish once; returns the failures. Keys that failed can be used again afterwards."""
        futures, failures = {}, dict[int, Exception]()
        for position, message in messages.items():
            try:
                futures[position] = self._send(message, max(0.1, until - time.monotonic()))
            except RuntimeError as error:  # the client was closed
                failures[position] = error
        for position, future in futures.items():
            try:
                # Half a second more: the client's own error says more than a timeout here.
                future.result(timeout=max(0.0, until - time.monotonic()) + 0.5)
            except Exception as error:
                failures[position] = error
        if self._ordering:
            for key in {messages[position].ordering_key for position in failures} - {""}:
                # RuntimeError: another thread was first, or the key was never paused.
                with contextlib.suppress(RuntimeError):
                    self._client.resume_publish(self.topic, key)
        return failures

    def _send(self, message: Message, timeout: float) -> Any:
        return self._client.publish(
            self.topic,
            message.data,
            ordering_key=message.ordering_key if self._ordering else "",
            retry=None,  # with ordering, Google's client would retry without end
            timeout=timeout,
            **message.attributes,
        )


def is_transient(error: Exception) -> bool:
    """Whether Pub/Sub may accept the same message later, without anybody fixing anything."""
    return isinstance(error, _TRANSIENT)


def is_refused(error: Exception) -> bool:
    """Whether the message is at fault, not the service: it does not fit the topic's schema."""
    return isinstance(error, api.InvalidArgument)


def explain(failures: dict[int, Exception]) -> str:
    """One line on why Pub/Sub did not accept messages."""
    error = next(
        (e for e in failures.values() if not isinstance(e, PublishToPausedOrderingKeyException)),
        next(iter(failures.values())),
    )
    return f"Pub/Sub did not accept {len(failures)} events: {str(error) or type(error).__name__}"


def _transport() -> PublisherGrpcTransport:
    host = os.environ.get("PUBSUB_EMULATOR_HOST")
    if host:
        channel = grpc.insecure_channel(host, options=_CHANNEL_OPTIONS)
        return PublisherGrpcTransport(channel=channel)
    return PublisherGrpcTransport(channel=_secure_channel)


def _secure_channel(host: str, **arguments: Any) -> grpc.Channel:
    options = [*arguments.pop("options", ()), *_CHANNEL_OPTIONS]
    return PublisherGrpcTransport.create_channel(host, options=options, **arguments)


class PubSubSink:
    """Rows go to Pub/Sub; where it fails, to the spool if there is one (`ingest.sinks.forwarder`).

    After a failure Pub/Sub gets no requests for a moment: rows are spooled or refused at once, so
    that an outage does not hold every thread for the whole timeout. Then one request tries.
    """

    def __init__(
        self,
        config: Config,
        topic: str,
        encode: Callable[[bytes], Message],
        spool: SegmentLog | None = None,
    ) -> None:
        """Connect at the first write: workers are forked. For the rest see `Publisher`."""
        self._config = config
        self._topic = topic
        self._encode = encode
        self._spool = spool
        self._pause = min(config.backoff_seconds, _MAX_PAUSE_SECONDS)
        self._publisher: Publisher | None = None
        self._lock = threading.Lock()
        self._down_until: float | None = None
        self._is_closed = False

    def write(self, events: list[bytes]) -> None:
        """Publish, or spool what was not taken. Raises SinkError."""
        if not events:
            return
        if not self._may_ask():
            self._keep(events, range(len(events)), "Pub/Sub failed a moment ago")
            return
        try:
            failures = self._connected().publish(events)
        except ConfigError as error:
            self._found(down=True)
            self._keep(events, range(len(events)), str(error))
            return
        # A message that the topic refuses says nothing about the service.
        self._found(down=not all(map(is_refused, failures.values())))
        if failures:
            self._keep(events, sorted(failures), explain(failures))

    def check(self) -> None:
        """Raise SinkError if the spool cannot be written or, without one, Pub/Sub just failed."""
        if self._spool is not None:
            self._spool.check()
        elif self._down_until is not None and time.monotonic() < self._down_until:
            raise SinkError("Pub/Sub failed a moment ago")

    def close(self) -> None:
        """Seal the spool and close the connection."""
        with ExitStack() as closing:
            if self._spool is not None:
                closing.callback(self._spool.close)
            with self._lock:
                self._is_closed = True
                if self._publisher is not None:
                    self._publisher.close()

    def _keep(self, events: list[bytes], positions: Sequence[int], reason: str) -> None:
        """Spool some of the rows, or say which are lost. Raises SinkError."""
        lost = frozenset(positions)
        if self._spool is None:
            raise SinkError(reason, lost)
        try:
            self._spool.write([events[position] for position in positions])
        except SinkError as error:
            raise SinkError(f"{reason}; {error}", lost) from error
        _log.warning("spooled %d events: %s", len(positions), reason)

    def _connected(self) -> Publisher:
        with self._lock:
            if self._is_closed:
                raise ConfigError("the sink is closed")
            if self._publisher is None:
                self._publisher = Publisher(self._config, self._topic, self._encode)
            return self._publisher

    def _may_ask(self) -> bool:
        with self._lock:
            now = time.monotonic()
            if self._down_until is None:
                return True
            if now < self._down_until:
                return False
            # This request tries; the others do not wait for what it finds.
            self._down_until = now + self._config.pubsub_timeout_seconds + 1
            return True

    def _found(self, *, down: bool) -> None:
        with self._lock:
            self._down_until = time.monotonic() + self._pause if down else None
