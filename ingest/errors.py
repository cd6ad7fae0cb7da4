"""What can go wrong on an event's way, one exception a fate.

An `EventError` costs one event, a `RequestError` the whole request, a `SinkError` asks the sender
to try again.
"""

from __future__ import annotations

from enum import StrEnum

RETRY_AFTER_SECONDS = 5
"""What a sender is asked to wait before it tries again."""


class ReasonType(StrEnum):
    """The kinds of refusals. Rejects store these words: add one, never change one.

    docs/collector.md says what each means.
    """

    NOT_JSON = "not_json"
    NOT_UTF8 = "not_utf8"
    NOT_AN_OBJECT = "not_an_object"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    REPEATED_KEY = "repeated_key"
    UNSTORABLE_TEXT = "unstorable_text"
    UNSTORABLE_NUMBER = "unstorable_number"
    DAMAGED_INPUT = "damaged_input"
    UNKNOWN_FIELD = "unknown_field"
    MISSING_FIELD = "missing_field"
    MISSING_IDENTITY = "missing_identity"
    MISSING_TENANT = "missing_tenant"
    FOREIGN_TENANT = "foreign_tenant"
    WRONG_TYPE = "wrong_type"
    WRONG_FORMAT = "wrong_format"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    IMPOSSIBLE_TIME = "impossible_time"
    FUTURE_TIMESTAMP = "future_timestamp"
    BROKEN_RULE = "broken_rule"
    NOT_A_REJECT = "not_a_reject"
    NOT_KEPT = "not_kept"
    WRITE_KEY_GONE = "write_key_gone"
    WRITE_KEY_REPLACED = "write_key_replaced"


class EventError(Exception):
    """One event is rejected; the rest of its batch is not.

    `path` is the JSON path of the fault (`$.timestamp`), `reason` a short sentence that never
    repeats a value of the event, because reasons are stored.
    """

    def __init__(self, path: str, reason: str, reason_type: ReasonType) -> None:
        """Keep where and why."""
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.reason_type = reason_type


class MalformedError(EventError):
    """The text of one event is not JSON under any reading, or not even UTF-8."""


class RequestError(Exception):
    """The whole request is refused with an HTTP status, a stable `code` and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep the answer."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class SinkError(Exception):
    """The events could not be made durable; the sender has to send them again.

    `failed` holds the positions of those that were not kept, None means all of them.
    """

    def __init__(self, message: str, failed: frozenset[int] | None = None) -> None:
        """Keep why, and which."""
        super().__init__(message)
        self.failed = failed


class ConfigError(Exception):
    """The configuration cannot be used; the message says what to change."""
