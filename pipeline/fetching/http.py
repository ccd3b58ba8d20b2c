"""One way to ask a server: who we are, how long we wait, what is tried again, what is refused, what is never shown.

Which addresses may be asked: https, a declared host, a public machine. Checked again at every redirect. What a
request may cost, what can come of it, and what each refusal means for the user.
"""

import ipaddress
import json
import logging
import random
import socket
import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from pipeline.declare.errors import UnusableInput
from pipeline.fetching.keys import Keys

if TYPE_CHECKING:
    import httpx

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


OK, PARTIAL, NOT_MODIFIED, UNSATISFIABLE = 200, 206, 304, 416
ADVICE = {
    400: "the server did not understand the query; check the dates and the version given",
    401: "the key was not accepted; check it, or ask the source for a new one",
    403: "access was refused; check that the key is yours and that the source's terms were accepted",
    404: "nothing stands at this address; check the version given, or the source has moved it",
}
# A name that is not known now is not known a second later either.
NAME_ATTEMPTS = 2


class Unreachable(UnusableInput):
    """The source could not be reached or was busy: the same request may succeed later."""


class Missing(UnusableInput):
    """Nothing stands at the address (404)."""


class Denied(UnusableInput):
    """The key was not accepted (401)."""


class Passing(Exception):
    """Worth another attempt after `after` seconds (the server's own word) or a growing pause."""

    def __init__(self, why: str, after: float | None = None, attempts: int = 1_000) -> None:
        super().__init__(why)
        self.after, self.attempts = after, attempts


@dataclass(frozen=True)
class Limits:
    attempts: int = 5
    connect_seconds: float = 5.0
    read_seconds: float = 60.0
    pause_seconds: float = 1.0  # doubled at each attempt, shortened by chance so that clients spread out
    pause_at_most: float = 30.0
    retry_after_at_most: float = 120.0
    size_bytes: int = 1_000_000_000  # what the readers take
    requests: int = 5_000  # UCDP's number for a day, failures included; no fetch of ours comes near it


def with_query(url: str, params: Mapping[str, str] | None) -> str:
    if not params:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(params)}"


@cache
def user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"township-conflict-index/{version('township-conflict-index')}"
    except PackageNotFoundError:
        return "township-conflict-index"


@cache
def _authorities(trust_env: bool) -> ssl.SSLContext:
    """Whose certificates are believed; read once for all sessions, for it takes longer than a short answer."""
    import httpx

    return httpx.create_ssl_context(trust_env=trust_env)


def seconds_of(retry_after: str | None) -> float | None:
    """A Retry-After header, seconds or an HTTP date, as seconds from now; None where it says neither."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        when = parsedate_to_datetime(retry_after)
    except (TypeError, ValueError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


T = TypeVar("T")
REDIRECTS, REDIRECTS_AT_MOST = (301, 302, 303, 307, 308), 5
PLAIN_HEADERS = ("Accept-Encoding", "If-Modified-Since", "If-Range", "Range")


class Session:
    """Requests to the declared hosts of one source. `stand_in` is an origin on this machine that plays all of them.

    The stand-in is for tests: every rule about addresses still goes by the real address, only the bytes travel to
    `<stand_in>/<host>/<path>`.
    """

    def __init__(
        self,
        hosts: tuple[str, ...],
        keys: Keys,
        *,
        limits: Limits | None = None,
        advice: Mapping[int, str] | None = None,
        stand_in: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        import httpx

        if stand_in and urlsplit(stand_in).hostname != "127.0.0.1":
            raise ValueError("a stand-in is a server on 127.0.0.1")
        self.hosts, self.keys, self.limits, self.stand_in = hosts, keys, limits or Limits(), stand_in
        self.advice = {**ADVICE, **(advice or {})}
        self.requests = 0
        self._sleep = sleep
        # These libraries log whole addresses and headers, and with them keys.
        for name in ("httpx", "httpcore", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy"))):
            logging.getLogger(name).disabled = True
        self._client = httpx.Client(
            headers={"User-Agent": user_agent(), "Accept-Encoding": "gzip"},
            timeout=httpx.Timeout(self.limits.read_seconds, connect=self.limits.connect_seconds),
            follow_redirects=False,
            trust_env=not stand_in,
            verify=_authorities(not stand_in),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def json(self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Any:
        """The answer as JSON. Raises UnusableInput, or one of its kinds above."""
        body = self.attempts(lambda: self.exchange("GET", with_query(url, params), headers or {}, self._body))
        return self._parsed(url, body)

    def post(self, url: str, form: Mapping[str, str]) -> Any:
        """The answer to a form as JSON; a form is never sent on to another address."""
        body = self.attempts(lambda: self.exchange("POST", url, {}, self._body, form))
        return self._parsed(url, body)

    def attempts(self, act: Callable[[], T]) -> T:
        """`act`, again after a pause while what stops it may pass. Raises Unreachable when it does not."""
        from tenacity import RetryCallState, Retrying, retry_if_exception_type

        def passing(state: RetryCallState) -> Passing:
            error = state.outcome.exception() if state.outcome else None
            return error if isinstance(error, Passing) else Passing("")

        def pause(state: RetryCallState) -> float:
            asked = passing(state).after
            if asked is not None:
                return min(asked, self.limits.retry_after_at_most)
            grown = self.limits.pause_seconds * 2.0 ** (state.attempt_number - 1)
            return min(grown, self.limits.pause_at_most) * random.uniform(0.5, 1.0)  # noqa: S311 (no secret)

        def done(state: RetryCallState) -> bool:
            return state.attempt_number >= min(self.limits.attempts, passing(state).attempts)

        retrying = Retrying(
            retry=retry_if_exception_type(Passing), wait=pause, stop=done, sleep=self._sleep, reraise=True
        )
        try:
            return retrying(act)
        except Passing as error:
            raise Unreachable(self.keys.redact(str(error))) from None

    def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        take: Callable[[str, "httpx.Response"], T],
        form: Mapping[str, str] | None = None,
    ) -> T:
        """One request with its redirects; `take` reads the answer. Raises Passing or UnusableInput."""
        import httpx

        for _ in range(REDIRECTS_AT_MOST + 1):
            host = check(url, self.hosts).hostname or ""
            self._count(host)
            try:
                if not self.stand_in:
                    check_public(host)
                with self._client.stream(method, self._wire(url), headers=dict(headers), data=form) as response:
                    if response.status_code not in REDIRECTS:
                        self._judge(url, response)
                        return take(url, response)
                    target = _target(url, response.headers.get("location", ""))
            except (httpx.ConnectError, httpx.ConnectTimeout, socket.gaierror, httpx.ProxyError):
                raise Passing(
                    f"{host} could not be reached; check the network connection, the name server and any proxy",
                    attempts=NAME_ATTEMPTS,
                ) from None
            except httpx.TransportError as error:
                kind = "was too slow" if isinstance(error, httpx.TimeoutException) else "broke the connection off"
                raise Passing(f"{shown(url)} {kind} at every attempt; try again later") from None
            except (httpx.HTTPError, httpx.InvalidURL):
                raise UnusableInput(f"{shown(url)}: the answer is no valid HTTP; try again later") from None
            if method != "GET":
                raise UnusableInput(f"{shown(url)} sends a login on to another address; refused, nothing was sent on")
            if urlsplit(target).hostname != urlsplit(url).hostname:
                # A key is for the host that it was given for.
                headers = {name: text for name, text in headers.items() if name in PLAIN_HEADERS}
            url = target
        raise UnusableInput(f"{shown(url)}: more than {REDIRECTS_AT_MOST} redirects; the source is out of order")

    def refuse_page(self, url: str, kind: str, start: bytes) -> None:
        """A web page with status 200 is a login or maintenance page, never data."""
        if "text/html" in kind or start.lstrip().lower().startswith((b"<!doctype html", b"<html")):
            raise UnusableInput(
                f"{shown(url)} answered with a web page instead of data: a login or maintenance page stands there; "
                "open it in a browser, then try again"
            )

    def too_large(self, url: str) -> UnusableInput:
        limit = self.limits.size_bytes
        return UnusableInput(f"{shown(url)}: more than the limit of {limit:,} bytes came; refused, nothing was kept")

    def _wire(self, url: str) -> str:
        if not self.stand_in:
            return url
        return f"{self.stand_in}/{url.removeprefix('https://')}"

    def _count(self, host: str) -> None:
        self.requests += 1
        if self.requests > self.limits.requests:
            raise UnusableInput(f"{host}: {self.limits.requests:,} requests were made in one go; stopped, ask for less")

    def _judge(self, url: str, response: "httpx.Response") -> None:
        status = response.status_code
        if status in (OK, PARTIAL, NOT_MODIFIED, UNSATISFIABLE):
            return
        if status == 429:
            after = seconds_of(response.headers.get("retry-after"))
            raise Passing(f"{shown(url)}: too many requests (429); try again in an hour", after)
        if status in (408, 425) or status >= 500:
            after = seconds_of(response.headers.get("retry-after"))
            raise Passing(f"{shown(url)} is out of order ({status}); try again later", after)
        kind = {401: Denied, 404: Missing}.get(status, UnusableInput)
        raise kind(f"{shown(url)} answered {status}: {self.advice.get(status, 'an answer that is not documented')}")

    def _body(self, url: str, response: "httpx.Response") -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self.limits.size_bytes:
                raise self.too_large(url)
        self.refuse_page(url, response.headers.get("content-type", ""), bytes(body[:200]))
        return bytes(body)

    def _parsed(self, url: str, body: bytes) -> Any:
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            raise UnusableInput(f"{shown(url)}: the answer is not JSON; try again later") from None


def _target(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise UnusableInput(f"{shown(url)}: a redirect to what is no address; the source is out of order") from None
