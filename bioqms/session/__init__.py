"""A build from the keyboard: looked at before, shown while it runs, summed up at its end."""

from bioqms.session.run import Build, Voice, run

__all__ = ["Build", "Voice", "run"]
