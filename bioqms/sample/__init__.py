"""The sample world: a made-up product with tenants, people and habits, as a stream of events."""

from bioqms.sample.stream import events

__all__ = ["events"]
