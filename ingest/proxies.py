"""The proxies in front of the collector, and the address of a client behind them."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from ingest.errors import ConfigError


@dataclass(frozen=True)
class TrustedProxies:
    """Whose X-Forwarded-For is believed: the last `hops` proxies, or those in `networks`."""

    hops: int = 0
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> TrustedProxies:
        """Read `2` (two proxies in front) or `10.0.0.0/8, fd00::/8`. Raises ConfigError."""
        text = text.strip()
        if not text or text.isdecimal():
            return cls(hops=int(text or 0))
        try:
            return cls(
                networks=tuple(ipaddress.ip_network(part.strip()) for part in text.split(","))
            )
        except ValueError as error:
            raise ConfigError(
                "BIOQMS_TRUSTED_PROXIES must be a number of proxies or a list of networks"
            ) from error

    def client_ip(self, peer: str | None, forwarded_for: str) -> str | None:
        """The address of the client behind the trusted proxies, or None if it cannot be read."""
        hops = [_address(hop) for hop in [*forwarded_for.split(","), peer or ""] if hop.strip()]
        if not hops:
            return None
        found = hops[-1]
        for position, hop in enumerate(reversed(hops)):
            found = hop
            if not self._trusts(hop, position):
                break
        return str(found) if found else None

    def _trusts(
        self, address: ipaddress.IPv4Address | ipaddress.IPv6Address | None, position: int
    ) -> bool:
        if position < self.hops:
            return True
        return address is not None and any(address in network for network in self.networks)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address, with or without a port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
