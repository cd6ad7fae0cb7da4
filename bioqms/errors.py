"""What ends a command early; the group of bioqms/cli turns each into one line and a status."""

from __future__ import annotations


class CannotRun(Exception):
    """The command cannot do its work; the message says what happened, why, and what to do."""


class Interrupted(Exception):
    """The reader pressed Ctrl-C; the message says how far the command came."""
