"""Which addresses may be asked: https, a declared host, a public machine. Checked again at every redirect.

The name is looked up before the connection is made, so a name server could answer differently the second time;
the certificate of a declared host, which is always verified, is what a private machine cannot show.
"""

import ipaddress
import socket
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pipeline.errors import UnusableInput

HTTPS_PORT = 443
Resolve = Callable[..., list[Any]]


def shown(url: str) -> str:
    """Host and path only: a query can carry a key, and so can a signed address."""
    parts = urlsplit(url)
    return f"{parts.hostname or parts.scheme}{parts.path if len(parts.path) < 100 else ''}"


def check(url: str, hosts: tuple[str, ...]) -> SplitResult:
    """The parts of an address that may be asked. `hosts` holds hosts, or a host and the start of a path.

    Raises UnusableInput for another scheme, host, port or path, and for an address with a user name in it. The
    message names the host alone: what stands behind it was written by a server and can repeat a key.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnusableInput("an address that cannot be read was given by the source; nothing was fetched") from None
    host = (parts.hostname or "").lower()
    if parts.scheme != "https":
        raise UnusableInput(f"{host or 'an address'}: {parts.scheme or 'no'}:// is refused, only https:// is asked")
    if parts.username is not None or port not in (None, HTTPS_PORT):
        raise UnusableInput(f"{host}: an address with a user name or a port of its own is refused")
    allowed = any(
        host == entry.partition("/")[0] and parts.path.startswith("/" + entry.partition("/")[2]) for entry in hosts
    )
    if not allowed or "/../" in parts.path + "/":
        declared = ", ".join(hosts)
        raise UnusableInput(f"{host}: not one of the addresses declared for this source ({declared}); not asked")
    return parts


def check_public(host: str, resolve: Resolve = socket.getaddrinfo) -> None:
    """Refuse a name that stands for a machine of a private network or for this one. Raises OSError unresolved.

    Behind a proxy the proxy looks names up, and this machine often cannot.
    """
    if urllib.request.getproxies().get("https") and not urllib.request.proxy_bypass(host):
        return
    for *_, address in resolve(host, HTTPS_PORT, type=socket.SOCK_STREAM):
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise UnusableInput(f"{host}: the name leads to {address[0]}, no public address; not asked")
