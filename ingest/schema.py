"""The one definition of an event, as a document: what a field may hold."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

SCHEMA: dict[str, Any] = json.loads((files("ingest") / "schemas" / "event-v1.0.json").read_text())

TENANT_RULE = "letters, digits and _ . : - only, at most 128 characters"
"""What `is_tenant` asks for, in words."""


def allows(field: str, text: str) -> bool:
    """Whether the schema allows a text in a top-level field that has a pattern."""
    pattern, longest = _rule(field)
    return len(text) <= longest and pattern.fullmatch(text) is not None


def is_tenant(value: object) -> bool:
    """Whether a value can be an event's `tenant_id`."""
    return isinstance(value, str) and allows("tenant_id", value)


@cache
def _rule(field: str) -> tuple[re.Pattern[str], int]:
    rule = SCHEMA["properties"][field]
    # Python's `$` would let a newline pass.
    return re.compile(rule["pattern"].removesuffix("$")), rule["maxLength"]
