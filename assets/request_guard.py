"""Which requests the UI answers: those to its own address that no page of another origin sent.

Dagster's webserver looks at neither Host nor Origin and takes GraphQL mutations by GET: without this any page open in
the same browser starts a run with an `<img>` tag, and a page whose name is made to lead to this machine (DNS rebinding)
reads everything too. Not here: who may open the UI; a password is a proxy's task (`deploy/`).
"""

import logging
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pipeline.declare import settings
from pipeline.declare.errors import UnusableInput

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
EVERYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 (told apart from a name, not listened on)
GRAPHQL = "/graphql"
# What is no page: records, logs and reports that another page must not even have fetched.
DATA = (GRAPHQL, "/logs", "/notebook", "/dagit", "/download_debug", "/report_", "/server_info")
READS = {"GET", "HEAD"}
_NAME = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?")
# A page of another origin must not lay the UI invisibly under its own buttons.
FRAMES = [(b"x-frame-options", b"SAMEORIGIN"), (b"cross-origin-resource-policy", b"same-origin")]
LOG = logging.getLogger("dagster-webserver")


def own_hosts(host: str, port: int) -> frozenset[str]:
    """The names under which the UI is asked: this machine, the address it listens on, those of a proxy.

    Raises UnusableInput where TOWNSHIP_INDEX_UI_HOSTS holds what is no name: one that never fits would lock all out.
    """
    address = f"[{host}]" if ":" in host else host
    own = {*LOOPBACK, *({address} if host not in EVERYWHERE else set())}
    named = {one.strip() for one in os.environ.get(settings.UI_HOSTS_VARIABLE, "").split(",") if one.strip()}
    for one in named:
        if not _NAME.fullmatch(one):
            raise UnusableInput(
                f"{settings.UI_HOSTS_VARIABLE} {one!r} is no name of a host; give names as a browser's address shows "
                "them, separated by commas, such as ui.example.org or localhost:8080"
            )
    return frozenset({_plain(f"{name}:{port}") for name in own} | {_plain(name) for name in named})


def _plain(host: str) -> str:
    """A host with its port as it is compared: lower case, without the ports that an address leaves out."""
    return re.sub(r":(80|443)$", "", host.lower())


def refusal(kind: str, method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]],
            hosts: frozenset[str]) -> str:  # fmt: skip
    """Why a request is not answered, as one sentence; empty for one that is.

    `kind` is http or websocket. A program that is no browser sends neither Origin nor Referer and is answered: it could
    start a run without the UI too.
    """

    def given(name: str) -> list[str]:
        return [value.decode("latin-1").strip() for key, value in headers if key.lower() == name.encode()]

    asked = given("host")
    if len(asked) != 1 or _plain(asked[0]) not in hosts:
        return (
            f"this UI does not answer to the address {', '.join(asked) or 'without a name'}; open it by its own, or "
            f"name this one in {settings.UI_HOSTS_VARIABLE} and start it again"
        )
    own = _plain(asked[0])
    page = kind == "http" and method in READS and not path.startswith(DATA)
    if not page:
        origins = [*given("origin"), *given("referer")]
        foreign = [one for one in origins if _host_of(one) != own]
        if foreign or not set(given("sec-fetch-site")) <= {"same-origin", "none"}:
            return f"a page of another origin ({', '.join(foreign) or 'unnamed'}) may not ask this UI for anything"
    if kind == "websocket" or page:
        return ""
    if method in READS and path.startswith(GRAPHQL) and (query or "text/html" not in "".join(given("accept"))):
        return "GraphQL is asked by POST with Content-Type: application/json, never by GET"
    if method not in READS and [one.partition(";")[0].strip().lower() for one in given("content-type")] != [
        "application/json"
    ]:
        return "a request that may change something is a POST with Content-Type: application/json"
    return ""


def _host_of(origin: str) -> str:
    """Host and port of an origin or address; of `null` and what cannot be read a word that is no host."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return "?"
    return _plain(parts.netloc.rpartition("@")[2]) if parts.scheme in {"http", "https"} else "?"


@dataclass(frozen=True)
class RequestGuard:
    """An ASGI application in front of another: what is refused never reaches it."""

    app: App
    hosts: frozenset[str]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:  # the start and the end of the server
            await self.app(scope, receive, send)
            return
        said = refusal(
            scope["type"], scope.get("method", "GET"), scope["path"], scope.get("query_string", b""),
            scope["headers"], self.hosts,
        )  # fmt: skip
        if not said:
            await self.app(scope, receive, _framed(send))
            return
        LOG.warning("refused %s %r: %r", scope.get("method", "websocket"), scope["path"], said)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "refused"})
            return
        body = f"403: {said}\n".encode()
        plain = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 403, "headers": plain})
        await send({"type": "http.response.body", "body": body})


def _framed(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *FRAMES]
        await send(message)

    return sent
