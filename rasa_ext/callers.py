"""Who calls: from which address and site, from this machine, with which token."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from xieshang.settings import Network

DEFAULT_PORTS = {"http": 80, "https": 443}
# A proxy says with these that the request is another's.
FORWARDING = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


def _site(address: str) -> str | None:
    """Host and port of an address, without a default port; None: no such address."""
    try:
        parts = urlsplit(address.lower())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
        return None
    if port in (None, DEFAULT_PORTS[parts.scheme]):
        return parts.hostname
    return f"{parts.hostname}:{port}"


def is_allowed_origin(origin: str | None, host: str, allowed: Collection[str]) -> bool:
    """Whether a page may connect.

    Args:
        origin: the Origin header; a browser leaves it out for the same origin only.
        host: the Host header. The scheme is not compared: a proxy may end TLS.
        allowed: other origins, in small letters.
    """
    if origin is None or origin.lower() in allowed:
        return True
    scheme = origin.partition("://")[0]
    site = _site(origin)
    return site is not None and site == _site(f"{scheme}://{host}")


def address_of(request: Any, trusted: Collection[Network]) -> str:
    """The address that a request comes from.

    Args:
        request: of Sanic.
        trusted: networks of the proxies that are believed what they say.
    """
    peer = str(request.ip or "")
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        if forwarded and any(ip_address(peer) in network for network in trusted):
            return str(ip_address(forwarded))
    except ValueError:
        return peer
    return peer


def is_local(request: Any) -> bool:
    """Whether a request comes from this machine itself, not through a proxy on it."""
    if any(name in request.headers for name in FORWARDING):
        return False
    try:
        return ip_address(str(request.ip)).is_loopback
    except ValueError:
        return False


def is_local_program(request: Any) -> bool:
    """Whether a program of this machine asks, and no page in a browser on it.

    A browser names the page it posts for, also when another site's name leads here.
    """
    return is_local(request) and "origin" not in request.headers


def is_same(given: str, token: str) -> bool:
    """Whether a token is the one that is asked for, in constant time."""
    return hmac.compare_digest(
        given.encode(errors="surrogateescape"), token.encode(errors="surrogateescape")
    )


def bears(request: Any, token: str) -> bool:
    """Whether a request has the bearer token."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and is_same(given, token)
