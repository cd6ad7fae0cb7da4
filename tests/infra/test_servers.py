"""The test servers work: what is written can be read back."""

from __future__ import annotations

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.pubsub_v1.types import PubsubMessage

from tests.servers import (
    BigQueryEmulator,
    BigQueryServer,
    PubSubEmulator,
    PubSubServer,
    Server,
    ServerFailedError,
)


def test_pubsub_delivers_what_was_published(pubsub_emulator: PubSubEmulator) -> None:
    publisher, subscriber = pubsub_emulator.publisher(), pubsub_emulator.subscriber()
    topic = publisher.topic_path(pubsub_emulator.project, "servers-check")
    subscription = subscriber.subscription_path(pubsub_emulator.project, "servers-check")
    publisher.create_topic(name=topic)
    subscriber.create_subscription(name=subscription, topic=topic)

    message = PubsubMessage(data=b"hello", attributes={"tenant_id": "t"})
    publisher.publish(topic=topic, messages=[message])

    [received] = subscriber.pull(subscription=subscription, max_messages=10).received_messages
    assert received.message.data == b"hello"
    assert dict(received.message.attributes) == {"tenant_id": "t"}


def test_bigquery_answers_a_query(bigquery_emulator: BigQueryEmulator) -> None:
    client = bigquery_emulator.client()
    client.create_dataset("servers_check")
    client.query("create table servers_check.t as select 1 as n, json '{\"a\": 2}' as j").result(
        timeout=60
    )

    [row] = client.query("select n, json_value(j, '$.a') as a from servers_check.t").result(
        timeout=60
    )

    assert dict(row) == {"n": 1, "a": "2"}


def test_bigquery_reports_errors(bigquery_emulator: BigQueryEmulator) -> None:
    with pytest.raises(GoogleAPICallError):
        bigquery_emulator.client().query("select nothing_of_that_name").result(timeout=60)


@pytest.mark.parametrize("make", [PubSubServer, BigQueryServer])
def test_a_killed_server_starts_again_on_its_port(
    make: type[PubSubServer] | type[BigQueryServer],
) -> None:
    server = make()
    server.start()
    try:
        server.kill()
        assert not server.ready()
        server.start()
        assert server.ready()
    finally:
        server.stop()
    assert not server.ready()


def test_a_server_that_ends_shows_its_output() -> None:
    server = Server(
        name="a broken server",
        command=["sh", "-c", "echo no such luck; exit 3"],
        ready=lambda: False,
    )
    with pytest.raises(ServerFailedError, match="no such luck"):
        server.start()
