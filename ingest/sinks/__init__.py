"""Which sink takes the rows, and which what was refused: files, or Pub/Sub."""

from __future__ import annotations

from pathlib import Path

from ingest.config import Config
from ingest.message import to_message, to_reject_message
from ingest.sinks.base import Sink
from ingest.sinks.segments import SegmentLog
from ingest.sinks.spool import open_spool


def open_sink(config: Config) -> Sink:
    """Open the sink that `BIOQMS_SINK` names. Raises ConfigError."""
    if config.sink == "log":
        return _segments(config, config.log_dir)
    # Google's client takes a second to import: only where it is used.
    from ingest.sinks.pubsub import PubSubSink

    spool = open_spool(config) if config.spool else None
    return PubSubSink(config, config.topic_path, to_message, spool)


def open_rejects(config: Config) -> Sink:
    """Open what keeps refused events: files, or the topic of `BIOQMS_PUBSUB_REJECTS_TOPIC`.

    Raises ConfigError.
    """
    topic = config.rejects_topic_path
    if topic is None:
        return _segments(config, config.rejects_dir)
    from ingest.sinks.pubsub import PubSubSink

    return PubSubSink(config, topic, to_reject_message)


def _segments(config: Config, folder: Path) -> SegmentLog:
    return SegmentLog(folder, max_bytes=config.segment_bytes, max_seconds=config.segment_seconds)
