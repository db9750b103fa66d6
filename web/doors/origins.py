"""Whose page a request comes from: the Host it asks for must be ours, and its Origin, where it has one, the same."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from web.doors.peers import Peer, plain_address
from web.doors.refusal import Refusal

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253})(?::(?P<port>\d{1,5}))?")
_LOOPBACK_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback")
_PORTS = {"http": 80, "https": 443}


def is_loopback(name: str) -> bool:
    """Whether a host name or address, in any usual spelling, means this machine only."""
    bare = name.strip("[]").rstrip(".").lower()
    return bare in _LOOPBACK_NAMES or _is_address(bare, loopback=True)


def _is_address(text: str, *, loopback: bool = False) -> bool:
    try:
        address = ipaddress.ip_address(plain_address(text))
    except ValueError:
        return False
    return address.is_loopback or not loopback


@dataclass(frozen=True, slots=True)
class Origins:
    """The names that this server goes by: those of loopback alone, or with its addresses and its own name."""

    host: str  # as it was told to listen on
    loopback_only: bool  # nobody signs in: it belongs to whoever sits at this machine

    def check(self, peer: Peer, headers: Headers) -> None:
        """Raises Refusal for a host that is not this server's and for another origin's request."""
        asked = _HOST.fullmatch(peer.host)
        if self.loopback_only and (peer.claims or peer.proxied):
            raise Refusal(403, "this server answers this machine only, no proxy; start it with --auth FILE")
        if asked is None or not (peer.proxied or self._is_ours(asked["name"])):
            raise Refusal(403, self._stranger())
        origins = headers.getlist("origin")
        if not all(_same(origin, asked) for origin in origins):
            raise Refusal(403, "this request comes from a page of another origin")
        if not origins and _foreign(headers):
            raise Refusal(403, "this request comes from a page of another site")

    def _is_ours(self, name: str) -> bool:
        if is_loopback(name):
            return True
        if self.loopback_only:
            return False
        # A page elsewhere can have a name of its own point here, but never an address.
        bare = name.strip("[]").rstrip(".").lower()
        own = socket.gethostname().lower()
        return _is_address(bare) or bare in (self.host.lower(), own, f"{own}.local")

    def _stranger(self) -> str:
        if self.loopback_only:
            return "this server answers to localhost only; start it with --auth FILE"
        return "this server has no such name: ask it by its address, or start it with --host NAME or --trusted-proxy"


def _same(origin: str, asked: re.Match[str]) -> bool:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in _PORTS or not parts.hostname:
        return False
    usual = _PORTS[parts.scheme]
    name = asked["name"].strip("[]").rstrip(".").lower()
    return (parts.hostname.rstrip("."), port or usual) == (name, int(asked["port"] or usual))


def _foreign(headers: Headers) -> bool:
    """Whether the browser says that another site's page asks, other than by a link that a person followed."""
    if headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return False
    return (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) != ("navigate", "document")
