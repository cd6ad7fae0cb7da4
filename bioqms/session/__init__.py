"""A build that a person runs: checked before it starts, shown while it runs, summed up after."""

from bioqms.session.run import Build, Voice, run

__all__ = ["Build", "Voice", "run"]
