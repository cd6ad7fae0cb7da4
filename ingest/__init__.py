"""The collector, one file per step of an event's way."""
