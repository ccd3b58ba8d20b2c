"""What a request may cost, what can come of it, and what each refusal means for the user.

Not here: the requests themselves (http.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from pipeline.errors import UnusableInput

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


def user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"township-conflict-index/{version('township-conflict-index')}"
    except PackageNotFoundError:
        return "township-conflict-index"


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
