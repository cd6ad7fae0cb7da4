"""Which sink takes the rows: the landing log, or Pub/Sub."""

from __future__ import annotations

from ingest.config import Config
from ingest.land import SegmentLog, Sink


def open_sink(config: Config) -> Sink:
    """Open the sink that `BIOQMS_SINK` names. Raises ConfigError."""
    if config.sink == "log":
        return SegmentLog(
            config.log_dir, max_bytes=config.segment_bytes, max_seconds=config.segment_seconds
        )
    # Google's client takes a second to import: only where it is used.
    from ingest.publish import PubSubSink

    return PubSubSink(config)
