"""IP addresses as people and proxies write them, and as rows keep them."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TypeAlias

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"
Network: TypeAlias = "ipaddress.IPv4Network | ipaddress.IPv6Network"

_MAPPED_BITS = 96  # of ::ffff:0:0/96, in which IPv6 sockets show IPv4 peers


def read_address(text: str) -> Address | None:
    """Read an address, with or without a port or a scope id; None if it is none.

    What an IPv6 socket calls `::ffff:192.0.2.1` is read as `192.0.2.1`.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        # A scope id names an interface of the machine that saw the address; elsewhere it is noise.
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


@lru_cache(maxsize=16_384)
def address_text(text: str) -> str | None:
    """Write an address in its short form, without port and scope id; None if it is none."""
    address = read_address(text)
    return str(address) if address else None


def read_network(text: str) -> Network:
    """Read a network; a mapped one is that of IPv4. Raises ValueError."""
    network = ipaddress.ip_network(text.strip())
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is None or network.prefixlen < _MAPPED_BITS:
        return network
    return ipaddress.ip_network((mapped, network.prefixlen - _MAPPED_BITS))
