"""The HTTP layer: what is tried again, what is refused, where a broken download goes on."""

import gzip
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from stand_in_server import QUICK, Reply, Request, StandIn, data

from pipeline.declare.errors import UnusableInput
from pipeline.fetching.download import download
from pipeline.fetching.http import Denied, Limits, Missing, Session, Unreachable, seconds_of
from pipeline.fetching.keys import Keys

PLACE, URL = "data.example.org/rows", "https://data.example.org/rows"
BODY = bytes(range(256)) * 2000
TAGGED = {"ETag": '"v1"'}


def test_an_answer_and_who_asks(server: StandIn, session: Session) -> None:
    server.on(PLACE, data({"rows": [1]}))
    assert session.json(URL, {"a": "1|2"}, {"x-key": "k"}) == {"rows": [1]}
    (request,) = server.requests
    assert request.query == {"a": "1|2"}
    assert request.headers["x-key"] == "k"
    assert request.headers["user-agent"].startswith("township-conflict-index/")


def test_busy_and_broken_servers_are_asked_again(server: StandIn, session: Session, pauses: list[float]) -> None:
    server.on(PLACE, Reply(status=429, headers={"Retry-After": "1"}), Reply(status=503), data([1]))
    assert session.json(URL) == [1]
    assert pauses[0] == 1.0
    assert 0 < pauses[1] <= 2.0, "a growing pause, shortened by chance"


def test_the_servers_pause_is_capped_and_attempts_end(server: StandIn, session: Session, pauses: list[float]) -> None:
    server.on(PLACE, Reply(status=429, headers={"Retry-After": "86400"}))
    with pytest.raises(Unreachable, match=r"data\.example\.org/rows: too many requests"):
        session.json(URL)
    assert pauses == [QUICK.retry_after_at_most] * (QUICK.attempts - 1)
    assert len(server.requests) == QUICK.attempts


def test_retry_after_in_both_forms() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert seconds_of("7") == 7.0
    assert 80 < (seconds_of(soon) or 0) <= 90
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert (seconds_of(None), seconds_of("soon")) == (None, None)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [(400, UnusableInput, "check the dates"), (401, Denied, "key was not accepted"), (403, UnusableInput, "terms"),
     (404, Missing, "check the version"), (418, UnusableInput, "not documented"), (204, UnusableInput, "204")],
)  # fmt: skip
def test_refusals_are_final_and_say_what_to_do(
    server: StandIn, session: Session, status: int, kind: type[Exception], words: str
) -> None:
    server.on(PLACE, Reply(status=status), data([]))
    with pytest.raises(kind, match=words):
        session.json(URL)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "words"),
    [(Reply(b"<html>Log in</html>", kind="text/html"), "web page"), (Reply(b" <!DOCTYPE html><p>"), "web page"),
     (Reply(b'{"rows": ['), "not JSON"), (Reply(b"[" * 100_000), "not JSON"), (Reply(b"1" * 2_000_001), "limit of")],
)  # fmt: skip
def test_what_is_no_data_is_refused(server: StandIn, session: Session, reply: Reply, words: str) -> None:
    server.on(PLACE, reply)
    with pytest.raises(UnusableInput, match=words):
        session.json(URL)


@pytest.mark.parametrize(
    ("target", "words"),
    [("https://elsewhere.example.org/rows", "not one of the addresses"), ("http://data.example.org/rows", "http://"),
     ("file:///etc/passwd", "file://"), ("https://127.0.0.1/rows", "not one of the addresses"),
     ("https://store.example.org/private/x", "not one of the addresses"),
     ("https://store.example.org/files/../private", "not one of the addresses"),
     ("https://data.example.org:8443/rows", "port"), ("https://me:pw@data.example.org/rows", "user name")],
)  # fmt: skip
def test_a_redirect_is_followed_to_declared_hosts_only(
    server: StandIn, session: Session, target: str, words: str
) -> None:
    server.on(PLACE, Reply(status=302, headers={"Location": target}))
    with pytest.raises(UnusableInput, match=words):
        session.json(URL)
    assert len(server.requests) == 1


def test_a_redirect_to_another_declared_host_carries_no_key(server: StandIn, session: Session) -> None:
    server.on(PLACE, Reply(status=302, headers={"Location": "https://store.example.org/files/x?sign=1"}))
    server.on("store.example.org/files/x", data([1]))
    assert session.json(URL, headers={"Authorization": "Bearer t", "Range": "bytes=0-"}) == [1]
    last = server.requests[-1]
    assert "authorization" not in last.headers
    assert (last.headers["range"], last.query) == ("bytes=0-", {"sign": "1"})


def test_redirects_end_and_a_login_is_never_sent_on(server: StandIn, session: Session) -> None:
    server.on(PLACE, Reply(status=302, headers={"Location": URL}))
    with pytest.raises(UnusableInput, match="more than 5 redirects"):
        session.json(URL)
    with pytest.raises(UnusableInput, match="sends a login on"):
        session.post(URL, {"password": "p"})


def test_requests_are_counted(server: StandIn) -> None:
    server.on(PLACE, data([]))
    with Session(("data.example.org/",), Keys({}), limits=Limits(requests=2), stand_in=server.origin) as session:
        session.json(URL)
        session.json(URL)
        with pytest.raises(UnusableInput, match="2 requests were made"):
            session.json(URL)


def test_nobody_listens(pauses: list[float]) -> None:
    with Session(
        ("data.example.org/",), Keys({}), limits=QUICK, stand_in="http://127.0.0.1:9", sleep=pauses.append
    ) as session:
        started = time.monotonic()
        with pytest.raises(Unreachable, match=r"data\.example\.org could not be reached; check the network"):
            session.json(URL)
    assert time.monotonic() - started < 2
    assert len(pauses) == 1, "knocking twice is enough"


def test_a_stand_in_is_on_this_machine() -> None:
    with pytest.raises(ValueError, match="127"):
        Session((), Keys({}), stand_in="http://example.org")


def ranged(request: Request) -> Reply:
    """The rest of the body from where the request asks."""
    start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
    span = f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"
    return Reply(BODY[start:], 206, {"Content-Range": span, **TAGGED}, "application/zip")


def test_a_cut_download_goes_on_where_it_stopped(server: StandIn, session: Session, tmp_path: Path) -> None:
    server.on(PLACE, Reply(BODY, headers=TAGGED, kind="application/zip", cut=300_000), ranged)
    got = download(session, URL, tmp_path)
    assert got is not None
    assert got.path.read_bytes() == BODY
    first, second = server.requests
    assert "range" not in first.headers
    assert 0 < int(second.headers["range"][6:-1]) <= 300_000
    assert second.headers["if-range"] == '"v1"'


def test_a_part_left_by_a_crash_is_continued(server: StandIn, session: Session, tmp_path: Path) -> None:
    server.on(PLACE, Reply(BODY, headers=TAGGED, kind="application/zip", cut=300_000))
    with pytest.raises(Unreachable, match="broke the connection off"):
        download(session, URL, tmp_path)
    held = (tmp_path / "file.part").stat().st_size
    server.on(PLACE, ranged)
    got = download(session, URL, tmp_path)
    assert got is not None
    assert got.path.read_bytes() == BODY
    assert server.requests[-1].headers["range"] == f"bytes={held}-"
    assert 0 < held <= 300_000


@pytest.mark.parametrize(
    "second",
    [Reply(BODY[::-1], headers={"ETag": '"v2"'}, kind="application/zip"),
     Reply(b"x", 206, {"Content-Range": "bytes 5-5/9", **TAGGED}), Reply(status=416)],
    ids=["changed file", "wrong place", "no rest"],
)  # fmt: skip
def test_a_file_that_changed_meanwhile_starts_over(
    server: StandIn, session: Session, tmp_path: Path, second: Reply
) -> None:
    new = Reply(BODY[::-1], headers={"ETag": '"v2"'}, kind="application/zip")
    server.on(PLACE, Reply(BODY, headers=TAGGED, kind="application/zip", cut=300_000), second, new)
    got = download(session, URL, tmp_path)
    assert got is not None
    assert got.path.read_bytes() == BODY[::-1]


@pytest.mark.parametrize("headers", [{}, {"ETag": 'W/"v1"'}])
def test_without_a_sure_sign_nothing_is_continued(
    server: StandIn, session: Session, tmp_path: Path, headers: dict[str, str]
) -> None:
    server.on(
        PLACE, Reply(BODY, headers=headers, kind="application/zip", cut=300_000), Reply(BODY, kind="application/zip")
    )
    got = download(session, URL, tmp_path)
    assert got is not None
    assert got.path.read_bytes() == BODY
    assert "range" not in server.requests[-1].headers


def test_a_file_packed_in_store_is_unpacked_and_its_time_kept(
    server: StandIn, session: Session, tmp_path: Path
) -> None:
    headers = {"Content-Encoding": "gzip", "Last-Modified": "Wed, 21 Oct 2015 07:28:00 GMT"}
    server.on(PLACE, Reply(gzip.compress(BODY), headers=headers), Reply(status=304))
    got = download(session, URL, tmp_path)
    assert got is not None
    assert got.path.read_bytes() == BODY
    assert got.changed == "2015-10-21T07:28:00+00:00"
    assert download(session, URL, tmp_path / "again", changed_since=got.changed) is None
    assert server.requests[-1].headers["if-modified-since"] == "Wed, 21 Oct 2015 07:28:00 GMT"


@pytest.mark.parametrize(
    ("reply", "words"),
    [(Reply(b"<html>", kind="text/html"), "web page"), (Reply(b"", kind="text/csv"), "empty file"),
     (Reply(b"x" * 2_000_001, kind="text/csv"), "limit of 2,000,000"),
     (Reply(gzip.compress(b"0" * 3_000_000), headers={"Content-Encoding": "gzip"}), "limit of 2,000,000"),
     (Reply(gzip.compress(BODY)[:-9], headers={"Content-Encoding": "gzip"}), "damaged"),
     (Reply(b"x", headers={"Content-Encoding": "br"}), "not read")],
)  # fmt: skip
def test_files_that_cannot_be_kept(server: StandIn, session: Session, tmp_path: Path, reply: Reply, words: str) -> None:
    server.on(PLACE, reply)
    with pytest.raises(UnusableInput, match=words):
        download(session, URL, tmp_path)
    assert not (tmp_path / "file.whole").exists()
    assert not (tmp_path / "file.unpacked").exists()
