"""Who asks, as far as a connection tells: the peer itself, or whom a trusted proxy names."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from index import InputError

# Anyone can send these; Gradio builds addresses out of them.
_CLAIMS = {
    b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port",
    b"x-forwarded-prefix", b"x-real-ip", b"x-gradio-server", b"x-gradio-user",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a request comes from."""

    address: str  # what limits are counted by
    host: str  # the Host header, or the one a trusted proxy was asked for
    scheme: str
    proxied: bool  # through a trusted proxy
    claims: bool  # says that it was forwarded, through a proxy that is not trusted


class Peers:
    """Tells where requests come from. Raises InputError for a proxy's address that is none."""

    def __init__(self, proxies: Sequence[str]) -> None:
        self._proxies = frozenset(_proxy(text) for text in proxies)

    def of(self, scope: Scope) -> Peer:
        """The peer of a request."""
        headers = Headers(scope=scope)
        near = plain_address((scope.get("client") or ("", 0))[0])
        host = headers.get("host", "")
        if near not in self._proxies:
            claims = any(name in headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
            return Peer(_counted(near), host, scope.get("scheme", "http"), False, claims)
        named = [plain_address(part.strip()) for part in headers.get("x-forwarded-for", "").split(",") if part.strip()]
        far = next((address for address in reversed(named) if address not in self._proxies), near)
        host = headers.get("x-forwarded-host", host).split(",")[0].strip()
        scheme = "https" if headers.get("x-forwarded-proto", "").split(",")[0].strip() == "https" else "http"
        return Peer(_counted(far), host, scheme, True, False)


def without_claims(scope: Scope, peer: Peer) -> list[tuple[bytes, bytes]]:
    """The headers as the application gets them: what is said of the way here is our own reading of it."""
    kept = [(name, value) for name, value in scope["headers"] if name not in _CLAIMS]
    if peer.proxied:
        kept = [(name, value) for name, value in kept if name != b"host"]
        kept.append((b"host", peer.host.encode("latin-1", "replace")))
        kept.append((b"x-forwarded-proto", peer.scheme.encode("ascii")))
    return kept


def plain_address(text: str) -> str:
    """An address in its usual spelling; an IPv4 address within IPv6 as IPv4; anything else unchanged."""
    try:
        address = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return text[:64]
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _counted(address: str) -> str:
    # One household has a whole /64 of IPv6 addresses: it counts as one.
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address) or found.is_loopback:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False))


def _proxy(text: str) -> str:
    try:
        return plain_address(str(ipaddress.ip_address(text.strip("[]"))))
    except ValueError as error:
        raise InputError(f'"{text}" is no address: give --trusted-proxy the IP address of the proxy') from error
