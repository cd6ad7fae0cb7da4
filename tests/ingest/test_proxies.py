"""The address of a client, behind proxies that are trusted and others."""

from __future__ import annotations

import pytest

from ingest.errors import ConfigError
from ingest.proxies import TrustedProxies


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "expected"),
    [
        ("", "198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("1", "10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("1", "10.0.0.2", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("2", "10.0.0.2", "203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("2", "10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("1", "10.0.0.2", "", "10.0.0.2"),
        ("1", "10.0.0.2", "nonsense", None),
        ("1", "10.0.0.2", "203.0.113.9:4711", "203.0.113.9"),
        ("1", "10.0.0.2", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.0.0.0/8", "10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.2", "1.1.1.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        ("10.0.0.0/8", "198.51.100.7", "203.0.113.9", "198.51.100.7"),
        ("", "", "", None),
        ("10.0.0.0/8", "::ffff:10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.2", "203.0.113.9, ::ffff:10.0.0.1", "203.0.113.9"),
        ("::ffff:10.0.0.0/104", "10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("", "::ffff:198.51.100.7", "", "198.51.100.7"),
        ("fe80::/10", "fe80::1%eth0", "2001:db8::1", "2001:db8::1"),
        ("1", "10.0.0.2", "fe80::2%eth0", "fe80::2"),
        ("1", "10.0.0.2", "[fe80::2%eth0]:443", "fe80::2"),
        ("1", "10.0.0.2", "2001:DB8:0::1", "2001:db8::1"),
        ("1", "10.0.0.2", "unknown", None),
        ("1", "10.0.0.2", "_hidden:80", None),
    ],
)
def test_the_client_address(trusted: str, peer: str, forwarded: str, expected: str | None) -> None:
    assert TrustedProxies.parse(trusted).client_ip(peer, forwarded) == expected


def test_bad_proxies_are_refused() -> None:
    with pytest.raises(ConfigError):
        TrustedProxies.parse("my-proxy")
