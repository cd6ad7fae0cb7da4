"""Step 3, scrub: take personal data out before the event touches a disk."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from ingest.steps.scrub.policy import DEFAULT, Policy
from ingest.steps.scrub.quick import is_suspect
from ingest.steps.scrub.text import scrub_inside, scrub_text

_ID_FIELDS = ("event_id", "user_id", "anonymous_id", "session_id")


def _default(_tenant_id: str) -> Policy:
    return DEFAULT


class Scrubber:
    """Scrubs events.

    `pseudonym_key` makes its pseudonyms (see `pseudonym`). `policy_of` tells a tenant's policy; it
    is asked for each event, so that a policy may change under a running collector.
    """

    def __init__(self, pseudonym_key: bytes, policy_of: Callable[[str], Policy] = _default) -> None:
        """Keep the key and the policies."""
        self._key = pseudonym_key
        self.policy_of = policy_of

    def scrub(self, event: dict[str, Any], compact: bytes, tenant_id: str) -> None:
        """Scrub a valid event in place. `compact` is its JSON text, `tenant_id` its tenant."""
        policy = self.policy_of(tenant_id)
        suspect = is_suspect(compact, policy)
        if suspect:
            for field in _ID_FIELDS:
                if event.get(field):
                    event[field] = self.pseudonym(tenant_id, event[field])
        properties = event.get("properties")
        renamed = {}
        if suspect and properties and event["event_name"] == "user.alias":
            # These name users: one placeholder for all of them would merge the users.
            for field in ("previous_id", "new_id"):
                if isinstance(properties.get(field), str):
                    renamed[field] = self.pseudonym(tenant_id, properties[field])
        for field in ("properties", "traits", "context"):
            if event.get(field):
                event[field] = scrub_inside(event[field], policy, suspect, 1)
        if renamed:
            event["properties"].update(renamed)

    def pseudonym(self, tenant_id: str, identifier: str) -> str:
        """An id as it is, or, if it holds personal data, a stable stand-in: `pii_` and 32 hex.

        The stand-in is a keyed hash of tenant and id (without case and outer blanks), so one person
        stays one person inside a tenant, and nobody without the key can find the address.
        """
        if scrub_text(identifier, self.policy_of(tenant_id)) == identifier:
            return identifier
        message = f"{tenant_id}\x00{identifier.strip().lower()}".encode()
        return "pii_" + hmac.new(self._key, message, hashlib.sha256).hexdigest()[:32]
