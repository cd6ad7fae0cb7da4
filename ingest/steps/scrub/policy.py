"""What a tenant's events are scrubbed of beyond what every tenant's are."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_COUNTRIES = frozenset({"US", "GB"})
COUNTRIES = DEFAULT_COUNTRIES | {"FR", "IT", "ES", "DE", "PL", "BR", "SE"}
"""Countries whose national ids are known here, as ISO 3166 codes."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A tenant's choice: the countries whose national ids are scrubbed.

    Each shape costs false hits among lot and batch numbers, so only the rare ones are on by
    default. Raises ValueError for a country that is not in COUNTRIES.
    """

    national_ids: frozenset[str] = DEFAULT_COUNTRIES

    def __post_init__(self) -> None:
        """Check the countries."""
        unknown = sorted(self.national_ids - COUNTRIES)
        if unknown:
            raise ValueError(
                f"no national id is known for {', '.join(unknown)}; "
                f"choose among {', '.join(sorted(COUNTRIES))}"
            )


DEFAULT = Policy()
