"""The proxies in front of the collector, and the address of a client behind them."""

from __future__ import annotations

from dataclasses import dataclass

from ingest.addresses import Address, Network, read_address, read_network
from ingest.errors import ConfigError


@dataclass(frozen=True)
class TrustedProxies:
    """Whose X-Forwarded-For is believed: the last `hops` proxies, or those in `networks`."""

    hops: int = 0
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> TrustedProxies:
        """Read `2` (two proxies in front) or `10.0.0.0/8, fd00::/8`. Raises ConfigError."""
        text = text.strip()
        if not text or text.isdecimal():
            return cls(hops=int(text or 0))
        try:
            return cls(networks=tuple(read_network(part) for part in text.split(",")))
        except ValueError as error:
            raise ConfigError(
                "BIOQMS_TRUSTED_PROXIES must be a number of proxies or a list of networks"
            ) from error

    def client_ip(self, peer: str | None, forwarded_for: str) -> str | None:
        """The address of the client behind the trusted proxies, or None if it cannot be read."""
        hops = [read_address(hop) for hop in [*forwarded_for.split(","), peer or ""] if hop.strip()]
        if not hops:
            return None
        found = hops[-1]
        for position, hop in enumerate(reversed(hops)):
            found = hop
            if not self._trusts(hop, position):
                break
        return str(found) if found else None

    def _trusts(self, address: Address | None, position: int) -> bool:
        if position < self.hops:
            return True
        return address is not None and any(address in network for network in self.networks)
