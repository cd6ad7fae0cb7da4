"""What stands in place of what was scrubbed."""

from __future__ import annotations

from typing import Any

REDACTED = "[REDACTED]"
EMAIL_REDACTED = "[EMAIL_REDACTED]"
PHONE_REDACTED = "[PHONE_REDACTED]"
SSN_REDACTED = "[SSN_REDACTED]"
CARD_REDACTED = "[CC_REDACTED]"
IBAN_REDACTED = "[IBAN_REDACTED]"
NATIONAL_ID_REDACTED = "[NATIONAL_ID_REDACTED]"

PLACEHOLDERS = (
    REDACTED,
    EMAIL_REDACTED,
    PHONE_REDACTED,
    SSN_REDACTED,
    CARD_REDACTED,
    IBAN_REDACTED,
    NATIONAL_ID_REDACTED,
)


def is_redacted(value: Any) -> bool:
    """Whether a string was scrubbed already, in part at least."""
    return isinstance(value, str) and any(mark in value for mark in PLACEHOLDERS)
