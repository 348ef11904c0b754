"""Decide which hosts, addresses and plain HTTP requests the proxy may serve. Pure.

Law: a request that can be read in two ways is refused. Two hosts at the same address are still two hosts.
"""

from __future__ import annotations

import ipaddress
import re

_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]")
_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)")
_OURS = ("host", "connection", "keep-alive", "te", "trailer", "upgrade", "expect", "content-length")
"""Fields that concern one connection only, or that announce a body."""
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
_HOLD_V4 = (*map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96")), _LOCAL_NAT64)
"""Networks whose last 32 bits are an IPv4 address: compatible, translated, and two kinds of NAT64."""
_NOT_PUBLIC = tuple(map(ipaddress.ip_network, ("192.88.99.0/24", "fec0::/10", "3fff::/20", "5f00::/16")))
"""Not public either, although the standard library of some Pythons says so."""
_OF_CLOUDS = frozenset(
    map(ipaddress.ip_address, ("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
"""Addresses, besides link-local ones, where clouds keep their credentials."""


def address(text: str, otherwise: int = 443) -> tuple[str, int]:
    """Return ("name", port) of "name", "name:port" or "[v6]:port"; raises `ValueError`."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[^:\s]+)(?::(\d{1,5}))?", text)
    if found is None or not _NAME.fullmatch(found[1]):
        raise ValueError(f"{text[:80]!r} is not a host name")
    port = int(found[2] or otherwise)
    if not 0 < port < 65536:
        raise ValueError(f"{port} is not a port")
    return found[1].strip("[]").rstrip(".").lower(), port


def shown(target: str) -> str:
    """Return a host as the client gave it, harmless to show."""
    return re.sub(r"[^A-Za-z0-9._:/-]", "?", target)[:100] or "nothing"


def reachable(text: str, *, local: bool) -> bool:
    """Return whether the proxy may connect to an address: a public one, or with `local` a private one.

    Never to an address where clouds keep their credentials.
    """
    found = ipaddress.ip_address(text.partition("%")[0])
    if found.is_link_local or found.is_multicast or found.is_unspecified or found in _OF_CLOUDS:
        return False
    if isinstance(found, ipaddress.IPv6Address) and not found.is_loopback:
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and any(found in network for network in _HOLD_V4):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return reachable(str(inner), local=local) and (local or found not in _LOCAL_NAT64)
    return local or (found.is_global and not any(found in network for network in _NOT_PUBLIC))


def reading(method: str, path: str, host: str, port: int, fields: str) -> bytes:
    """Return the head of a request without a body, for this host and no other at its address.

    `fields` are the client's, each ended by CRLF. Raises `ValueError` if they can be read in two ways.
    """
    kept = []
    for line in fields.split("\r\n"):
        if not line:
            continue
        found = _FIELD.fullmatch(line)
        if found is None or found[1].lower() == "transfer-encoding":
            raise ValueError("a malformed field")
        if found[1].lower() not in _OURS and not found[1].lower().startswith("proxy-"):
            kept.append(line)
    name = f"[{host}]" if ":" in host else host
    place = name if port == 80 else f"{name}:{port}"
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {place}", *kept, "Connection: close", "", ""]).encode(
        "latin-1"
    )
