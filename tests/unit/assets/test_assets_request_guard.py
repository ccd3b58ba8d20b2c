"""Whom the UI answers: its own pages and programs of this machine; never a page of another origin."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from assets.request_guard import RequestGuard, own_hosts, refusal
from pipeline.declare import settings
from pipeline.declare.errors import UnusableInput

HOSTS = own_hosts("127.0.0.1", 3000)
JSON = {"content-type": "application/json"}
OWN = {"host": "localhost:3000"}
FOREIGN = {"origin": "http://evil.example"}


def finished(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run it in a thread: a browser test of the same worker may have left an event loop running in this one."""
    with ThreadPoolExecutor(1) as beside:
        beside.submit(asyncio.run, coroutine).result()


def asked(method: str, path: str, headers: dict[str, str], query: bytes = b"", kind: str = "http") -> str:
    given = [(name.encode(), value.encode()) for name, value in {**OWN, **headers}.items()]
    return refusal(kind, method, path, query, given, HOSTS)


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/assets", {"referer": "https://wiki.example/page", "sec-fetch-site": "cross-site"}),  # a link to it
        ("GET", "/graphql", {"accept": "text/html"}),  # the playground
        ("GET", "/logs/run/step.out", {"referer": "http://localhost:3000/runs", "sec-fetch-site": "same-origin"}),
        ("POST", "/graphql", JSON),  # a program of this machine
        ("POST", "/graphql", {**JSON, "origin": "http://localhost:3000", "sec-fetch-site": "same-origin"}),
        ("POST", "/graphql", {"host": "[::1]:3000", "content-type": "Application/JSON; charset=utf-8"}),
    ],
)
def test_its_own_pages_and_programs_are_answered(method: str, path: str, headers: dict[str, str]) -> None:
    assert asked(method, path, headers) == ""


@pytest.mark.parametrize(
    ("method", "path", "headers", "query", "why"),
    [
        # The two tags of the page that was tried: an image has neither Origin nor, if it wants, Referer.
        ("GET", "/graphql", {"accept": "image/*"}, b"query=mutation", "by POST"),
        ("GET", "/graphql", {"accept": "image/*", "referer": "http://evil.example/"}, b"query=mutation", "another"),
        ("GET", "/graphql", {"accept": "text/html"}, b"query=mutation", "by POST"),
        ("HEAD", "/graphql", {}, b"query=mutation", "by POST"),
        # A form, and what a script may send without being asked for leave.
        ("POST", "/graphql", {"content-type": "text/plain"}, b"query=mutation", "application/json"),
        ("POST", "/graphql", {"content-type": "text/plain; application/json"}, b"", "application/json"),
        ("POST", "/graphql", {}, b"query=mutation", "application/json"),
        ("POST", "/report_asset_materialization/a", {}, b"", "application/json"),
        ("POST", "/graphql", {**JSON, **FOREIGN}, b"", "another origin"),
        ("POST", "/graphql", {**JSON, "origin": "null"}, b"", "another origin"),
        ("POST", "/graphql", {**JSON, "origin": "http://localhost:8080"}, b"", "another origin"),
        ("POST", "/graphql", {**JSON, "origin": "http://localhost:3000.evil.example"}, b"", "another origin"),
        ("POST", "/graphql", {**JSON, "origin": "http://[bad"}, b"", "another origin"),
        ("POST", "/graphql", {**JSON, "sec-fetch-site": "same-site"}, b"", "another origin"),
        ("GET", "/logs/run/step.out", {"sec-fetch-site": "cross-site"}, b"", "another origin"),
        ("GET", "/download_debug/x", {"referer": "http://evil.example/"}, b"", "another origin"),
        # A name that was made to lead to this machine; another port is another program.
        ("GET", "/", {"host": "evil.example:3000"}, b"", "evil.example:3000"),
        ("GET", "/", {"host": "localhost:8080"}, b"", "localhost:8080"),
        ("GET", "/", {"host": "localhost"}, b"", settings.UI_HOSTS_VARIABLE),
        ("GET", "/", {"host": ""}, b"", "without a name"),
    ],
)
def test_others_are_refused(method: str, path: str, headers: dict[str, str], query: bytes, why: str) -> None:
    said = asked(method, path, headers, query)
    assert why in said
    assert "\n" not in said


def test_a_websocket_of_another_page_is_refused() -> None:
    assert asked("GET", "/graphql", {"origin": "http://localhost:3000"}, kind="websocket") == ""
    assert "another origin" in asked("GET", "/graphql", FOREIGN, kind="websocket")
    assert "address" in asked("GET", "/graphql", {"host": "evil.example:3000"}, kind="websocket")


def test_two_hosts_or_none_are_refused() -> None:
    twice = [(b"host", b"localhost:3000"), (b"host", b"evil.example")]
    assert "evil.example" in refusal("http", "GET", "/", b"", twice, HOSTS)
    assert refusal("http", "GET", "/", b"", [], HOSTS)


def test_a_proxy_s_names_are_its_own_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.UI_HOSTS_VARIABLE, "UI.example.org, localhost:8080")
    hosts = own_hosts("0.0.0.0", 3000)  # noqa: S104 (compared, not listened on)
    assert {"ui.example.org", "localhost:8080", "localhost:3000"} <= hosts
    assert not {"0.0.0.0:3000", ":3000"} & hosts

    def of_proxy(origin: str) -> str:
        headers = [(b"host", b"ui.example.org"), (b"origin", origin.encode()), (b"content-type", b"application/json")]
        return refusal("http", "POST", "/graphql", b"", headers, hosts)

    assert of_proxy("https://ui.example.org") == of_proxy("https://ui.example.org:443") == ""
    assert of_proxy("https://other.example.org")
    assert own_hosts("192.0.2.1", 80) >= {"192.0.2.1"}
    assert "[2001:db8::1]:3000" in own_hosts("2001:db8::1", 3000)
    monkeypatch.setenv(settings.UI_HOSTS_VARIABLE, "https://ui.example.org/")
    with pytest.raises(UnusableInput, match="is no name of a host"):
        own_hosts("127.0.0.1", 3000)


@pytest.mark.parametrize(("kind", "first"), [("http", "http.response.start"), ("websocket", "websocket.close")])
def test_what_is_refused_never_reaches_the_application(kind: str, first: str) -> None:
    reached, sent = [], []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    guard = RequestGuard(application, HOSTS)
    scope = {"type": kind, "method": "GET", "path": "/graphql", "headers": [(b"host", b"evil.example")]}
    finished(guard(scope, receive, send))
    assert (reached, sent[0]["type"]) == ([], first)
    if kind == "http":
        assert sent[0]["status"] == 403
        assert sent[1]["body"].startswith(b"403: this UI does not answer to the address evil.example;")
    finished(guard({"type": "lifespan"}, receive, send))
    finished(guard({**scope, "type": "http", "path": "/", "headers": [(b"host", b"localhost:3000")]}, receive, send))
    assert reached == ["lifespan", "http"]
    assert (b"x-frame-options", b"SAMEORIGIN") in sent[-1]["headers"]
