"""Make on a Pub/Sub emulator what infra/terraform makes in production.

The topic named by BIOQMS_PUBSUB_TOPIC with its schema, a dead-letter topic, and pull subscriptions
in place of the one that only Google's service can serve (BigQuery). Run again, it does nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from google.api_core.exceptions import AlreadyExists
from google.cloud import pubsub_v1  # type: ignore[import-untyped]
from google.protobuf.duration_pb2 import Duration  # type: ignore[import-untyped]
from google.pubsub_v1.types import (
    DeadLetterPolicy,
    Encoding,
    RetryPolicy,
    Schema,
    SchemaSettings,
    Subscription,
    Topic,
)

import ingest

WEEK = Duration(seconds=7 * 24 * 3600)
SCHEMA_ID = "bioqms-event-schema-v1"
SINK = "bioqms-events-to-bigquery"
LETTERS = "bioqms-events-dead-letter"


def make(topic: str) -> list[str]:
    """Make what is missing and return the names of what was made.

    ``topic`` is a full name, `projects/p/topics/t`. PUBSUB_EMULATOR_HOST must be set.
    """
    project = topic.split("/")[1]
    definition = Path(ingest.__file__).parent / "schemas" / "event.avsc"
    schemas = pubsub_v1.SchemaServiceClient()
    publisher = pubsub_v1.PublisherClient()
    subscriber = pubsub_v1.SubscriberClient()
    letters = f"projects/{project}/topics/{LETTERS}"
    schema = f"projects/{project}/schemas/{SCHEMA_ID}"
    body = Schema(type_=Schema.Type.AVRO, definition=definition.read_text())
    settings = SchemaSettings(schema=schema, encoding=Encoding.JSON)
    sink = Subscription(
        name=f"projects/{project}/subscriptions/{SINK}",
        topic=topic,
        ack_deadline_seconds=20,
        message_retention_duration=WEEK,
        dead_letter_policy=DeadLetterPolicy(dead_letter_topic=letters, max_delivery_attempts=5),
        retry_policy=RetryPolicy(
            minimum_backoff=Duration(seconds=10), maximum_backoff=Duration(seconds=600)
        ),
    )
    kept = Subscription(name=f"projects/{project}/subscriptions/{LETTERS}-pull", topic=letters)
    steps = {
        schema: lambda: schemas.create_schema(
            parent=f"projects/{project}", schema=body, schema_id=SCHEMA_ID
        ),
        topic: lambda: publisher.create_topic(
            request=Topic(name=topic, schema_settings=settings, message_retention_duration=WEEK)
        ),
        letters: lambda: publisher.create_topic(request=Topic(name=letters)),
        sink.name: lambda: subscriber.create_subscription(request=sink),
        kept.name: lambda: subscriber.create_subscription(request=kept),
    }
    made = []
    for name, step in steps.items():
        try:
            step()
        except AlreadyExists:
            continue
        made.append(name)
    return made


def main() -> None:
    """Make the topic that the collector is told to publish to."""
    for name in make(os.environ["BIOQMS_PUBSUB_TOPIC"]):
        print(f"made {name}")


if __name__ == "__main__":
    main()
