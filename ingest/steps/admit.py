"""Admit: who may come in at all. Asked after decoding and before the first write.

Whatever way an event comes, it is asked for here, also one that validation will refuse and one that
lies in a spool or a subscription: what is not admitted leaves no trace, in no log, spool, reject
or message. Today everybody is admitted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import orjson

# In text that is no event, such as JSON with a NaN or without its end.
_IDENTITY = re.compile(rb'"(user_id|anonymous_id)"\s*:\s*("(?:[^"\\]|\\.)*+")')
_MAX_IDENTITIES = 100


def is_admitted(event: Mapping[str, Any], tenant_id: str) -> bool:
    """Whether an event may be kept. Its fields may be anything: it is not validated yet.

    `tenant_id` is empty where nobody knows whose it is. Ids of an event that was kept before are as
    they were kept: scrubbed.
    """
    return True


def is_text_admitted(text: bytes, tenant_id: str) -> bool:
    """The same for text that is no event: each identity that can be read in it must be admitted."""
    return all(
        is_admitted({name: identity}, tenant_id)
        for name, identity in islice(_identities(text), _MAX_IDENTITIES)
    )


def _identities(text: bytes) -> Iterator[tuple[str, str]]:
    for found in _IDENTITY.finditer(text):
        try:
            yield found[1].decode(), orjson.loads(found[2])
        except orjson.JSONDecodeError:  # a lone surrogate
            yield found[1].decode(), found[2].decode(errors="replace")
