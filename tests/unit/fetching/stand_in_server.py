"""A server on this machine that plays every source, and homes and keys for the tests of fetching.

`/<host>/<path>` is answered by the handler set for `host/path`; requests are kept to be looked at.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from pipeline.declare.settings import Home
from pipeline.fetching.http import Limits

CANARY = "canary"  # stands in every invented key, so that one search finds any of them
KEYS = {
    "UCDP_ACCESS_TOKEN": "canary-ucdp-7f/3+a",
    "ACLED_USERNAME": "canary.user@example.org",
    "ACLED_PASSWORD": "canary pass&word$1",
    "ACLED_REFRESH_TOKEN": "",
    "IDMC_CLIENT_ID": "CANARYIDMC=01",
}
QUICK = Limits(attempts=3, connect_seconds=2, read_seconds=5, size_bytes=2_000_000)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Reply:
    """`cut`: so many bytes of the body are sent, then the connection breaks."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    cut: int | None = None


Answer = Callable[[Request], Reply]


def data(value: Any, **more: Any) -> Reply:
    return Reply(json.dumps(value).encode(), **more)


def in_turn(*replies: Reply | Answer) -> Answer:
    """The replies one after another, the last one for ever."""
    left = list(replies)

    def answer(request: Request) -> Reply:
        one = left.pop(0) if len(left) > 1 else left[0]
        return one(request) if callable(one) else one

    return answer


class StandIn:
    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests: list[Request] = []
        self.origin = ""

    def on(self, place: str, *replies: Reply | Answer) -> None:
        self.answers[place] = in_turn(*replies)

    def asked(self, place: str) -> list[Request]:
        return [request for request in self.requests if request.path == place]

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        answer = self.answers.get(request.path)
        return answer(request) if answer else Reply(b"nothing here", 404)


@contextmanager
def serving() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # head and body leave in two writes

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            self._answer({k: v[0] for k, v in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            query = {k: v[0] for k, v in parse_qs(parts.query).items()}
            headers = {k.lower(): v for k, v in self.headers.items()}
            reply = stand_in.reply(Request(self.command, parts.path.lstrip("/"), query, headers, form))
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, text in reply.headers.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            if reply.cut is not None:
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that leaves in the middle is part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    stand_in.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def everything_written(place: Home) -> bytes:
    """The names and bytes of all files below the home."""
    files = [path for path in Path(place.root).rglob("*") if path.is_file()]
    return b"\n".join(str(path).encode() + b"\n" + path.read_bytes() for path in files)
