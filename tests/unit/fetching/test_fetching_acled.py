"""ACLED: login, pages until an empty one, a token that runs out, what changed since, what was deleted."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from stand_in_server import KEYS, Reply, Request, StandIn, data

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.ingest.inbox import deliver, find_files
from pipeline.ingest.sidecar import read_sidecar
from pipeline.ingest.table import read_table
from pipeline.sources import BY_NAME
from pipeline.sources.acled.fetch import seconds

LOGIN, EVENTS, DELETED = "acleddata.com/oauth/token", "acleddata.com/api/acled/read", "acleddata.com/api/deleted/read"


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(BY_NAME["acled"].columns, ""), "event_id_cnty": f"MMR{number}", "event_date": "2026-10-02",
        "event_type": "Battles", "country": "Myanmar", "admin1": "Kachin", "admin3": "Invented", "latitude": "25.0",
        "longitude": "97.0", "geo_precision": "1", "fatalities": "0", "timestamp": str(1_700_000_000 + number), **more,
    }  # fmt: skip


def paged(*pages: list[dict[str, Any]]) -> Callable[[Request], Reply]:
    def answer(request: Request) -> Reply:
        number = int(request.query["page"])
        rows = pages[number - 1] if number <= len(pages) else []
        return data({"status": 200, "success": True, "count": len(rows), "data": rows})

    return answer


def token(text: str) -> Reply:
    return data({"access_token": text, "refresh_token": f"{text}-again", "token_type": "Bearer", "expires_in": 86400})


@pytest.fixture(autouse=True)
def logged_in(server: StandIn, keys: dict[str, str]) -> None:
    server.on(LOGIN, token("first"), token("second"))
    server.on(EVENTS, paged([event(1), event(2)], [event(3)]))
    server.on(DELETED, paged([{"event_id_cnty": "MMR9", "deleted_timestamp": 1_700_000_050},
                              {"event_id_cnty": "SYR4", "deleted_timestamp": 1_700_000_060}]))  # fmt: skip


def test_events_and_deletions_come_in_one_go(fetch: Callable[..., list[Any]], server: StandIn, place: Home) -> None:
    events, deleted = fetch("acled", end="2026-10-31")
    first = server.asked(EVENTS)[0]
    assert first.headers["authorization"] == "Bearer first"
    assert first.query == {
        "country": "Myanmar", "event_date": "2021-02-01|2026-10-31", "event_date_where": "BETWEEN", "limit": "5000",
        "page": "1", "_format": "json",
    }  # fmt: skip
    assert [request.query["page"] for request in server.asked(EVENTS)] == ["1", "2", "3"]
    assert events.path == place.inbox / "clashes" / "acled_myanmar_from_2021-02-01_to_2026-10-31.csv"
    assert (events.rows, events.pages) == (3, 2)
    table = read_table(events.path, Kind.CLASHES, read_sidecar(events.path))
    assert (table.format, table.frame["event_id_cnty"].to_list()) == ("acled", ["MMR1", "MMR2", "MMR3"])
    gone = read_table(deleted.path, Kind.CLASHES, read_sidecar(deleted.path))
    assert (gone.format, gone.frame["event_id_cnty"].to_list()) == ("acled_deleted", ["MMR9"])
    stated = read_sidecar(events.path)
    assert (stated.revised_until, stated.query) == ("1700000003", "events in Myanmar, from_2021-02-01_to_2026-10-31")
    assert stated.covered_until is None, "how far ACLED's coding goes depends on the tier, not on what was asked"
    assert len(server.asked(LOGIN)) == 1


@pytest.mark.parametrize("delivered", [True, False], ids=["after a run", "still in the inbox"])
def test_the_second_fetch_asks_for_what_changed(
    fetch: Callable[..., list[Any]], server: StandIn, place: Home, delivered: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch("acled")
    if delivered:
        deliver(place, find_files(place.inbox), datetime.now(UTC))
        for path in (place.inbox / "clashes").iterdir():
            path.unlink()
    server.on(EVENTS, paged([event(3)]))
    server.on(DELETED, paged([{"event_id_cnty": "MMR9", "deleted_timestamp": 1_700_000_050}]))
    again = fetch("acled")
    assert [one.path for one in again] == [None, None]
    last = server.asked(EVENTS)[-1].query
    assert (last["timestamp"], last["timestamp_where"]) == ("1700000003", ">=")
    last = server.asked(DELETED)[-1].query
    assert (last["deleted_timestamp"], last["deleted_timestamp_where"]) == ("1700000050", ">=")
    assert "acled: nothing new; no file was written" in capsys.readouterr().out
    server.on(EVENTS, paged([event(3), event(2, timestamp="1700000200")]))
    newer = fetch("acled")[0]
    assert newer.path.name == "acled_myanmar_from_2021-02-01_changed_since_1700000003.csv"
    assert newer.rows == 2


def test_another_period_starts_anew(fetch: Callable[..., list[Any]], server: StandIn) -> None:
    fetch("acled", start="2026-01-01")
    fetch("acled")
    assert "timestamp" not in server.asked(EVENTS)[-1].query, "the shorter fetch says nothing of the longer period"


def test_a_since_that_leaves_a_gap_is_not_gone_on_from(fetch: Callable[..., list[Any]], server: StandIn) -> None:
    assert fetch("acled", since="2023-11-01")[0].rows == 3
    assert server.asked(EVENTS)[-1].query["timestamp"] == seconds("2023-11-01")
    fetch("acled")
    assert "timestamp" not in server.asked(EVENTS)[-1].query, "nothing stands before the first --since"
    server.on(EVENTS, paged([event(900)]))
    fetch("acled", since="2023-11-01")
    fetch("acled")
    assert server.asked(EVENTS)[-1].query["timestamp"] == "1700000900", "this one overlaps what came before"
    server.on(EVENTS, paged([event(1, timestamp="1800000000")]))
    fetch("acled", since="2026-11-01")
    fetch("acled")
    assert server.asked(EVENTS)[-1].query["timestamp"] == "1700000900", "what changed between the two never came"


def test_a_token_that_runs_out_on_the_way_is_renewed(fetch: Callable[..., list[Any]], server: StandIn) -> None:
    good = paged([event(1), event(2)], [event(3)])

    def expiring(request: Request) -> Reply:
        old = request.headers["authorization"] == "Bearer first" and request.query["page"] != "1"
        return Reply(status=401) if old else good(request)

    server.on(EVENTS, expiring)
    assert fetch("acled")[0].rows == 3
    renewed = server.asked(LOGIN)[1].form
    assert renewed == {"refresh_token": "first-again", "grant_type": "refresh_token", "client_id": "acled"}
    assert [(r.headers["authorization"][7:], r.query["page"]) for r in server.asked(EVENTS)] == [
        ("first", "1"), ("first", "2"), ("second", "2"), ("second", "3"),
    ]  # fmt: skip


def test_a_refresh_token_alone_is_enough_while_it_serves(
    fetch: Callable[..., list[Any]], server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACLED_REFRESH_TOKEN", "canary-refresh")
    server.on(LOGIN, Reply(status=400), token("first"))
    assert fetch("acled")[0].rows == 3
    assert [r.form["grant_type"] for r in server.asked(LOGIN)] == ["refresh_token", "password"]
    for name in ("ACLED_USERNAME", "ACLED_PASSWORD"):
        monkeypatch.delenv(name)
    server.on(LOGIN, Reply(status=401))
    with pytest.raises(UnusableInput, match="ACLED_REFRESH_TOKEN was not accepted"):
        fetch("acled")


def test_without_a_login_it_says_which_key_is_missing(
    fetch: Callable[..., list[Any]], server: StandIn, no_keys: None
) -> None:
    with pytest.raises(UnusableInput, match="ACLED_USERNAME and ACLED_PASSWORD not set"):
        fetch("acled")
    assert server.requests == []


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(status=403), "accept the terms .*.*the open tier has no townships"),
        (paged([event(1, admin3="")]), "the open tier has none"),
        (paged([event(1, country="Thailand")]), "other countries"),
        (data({"status": 200, "success": True, "data": [event(1)]}), "same page came twice"),
        (data({"status": 400, "success": False, "data": []}), "without a list of rows"),
        (paged([{"event_id_cnty": "MMR1", "country": "Myanmar", "admin3": "x"}]), "ACLED sent no event_date"),
    ],
    ids=["no access", "open tier", "filter ignored", "repeated page", "no success", "columns gone"],
)
def test_answers_that_are_not_kept(
    fetch: Callable[..., list[Any]], server: StandIn, place: Home, reply: Any, words: str
) -> None:
    server.on(EVENTS, reply)
    with pytest.raises(UnusableInput, match=words):
        fetch("acled")
    assert not (place.inbox / "clashes").exists()


def test_pages_that_came_before_a_crash_are_not_asked_for_again(
    fetch: Callable[..., list[Any]], server: StandIn
) -> None:
    good = paged([event(1), event(2)], [event(3)])
    server.on(EVENTS, good, Reply(status=503))
    with pytest.raises(UnusableInput, match="out of order"):
        fetch("acled")
    asked = len(server.asked(EVENTS))
    server.on(EVENTS, good)
    assert fetch("acled")[0].rows == 3
    assert [r.query["page"] for r in server.asked(EVENTS)[asked:]] == ["2", "3"]


def test_a_withheld_year_is_pointed_out(
    fetch: Callable[..., list[Any]], server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    server.on(EVENTS, paged([event(1, event_date="2022-01-05")]))
    fetch("acled")
    out = capsys.readouterr().out
    assert "the newest event is of 2022-01-05: the research tier withholds" in out
    assert "pass no event rows on" in out


def test_times_of_revision() -> None:
    assert (seconds(""), seconds("1700000000"), seconds("1700000000.0")) == (None, "1700000000", "1700000000")
    assert seconds("2021-02-01") == "1612137600"
    assert seconds("2021-02-01T06:30:00+06:30") == "1612137600"
    with pytest.raises(UnusableInput, match="no time of revision"):
        seconds("yesterday")


def test_only_the_last_of_two_fetches_at_once_is_refused(
    fetch: Callable[..., list[Any]], place: Home, server: StandIn
) -> None:
    from filelock import FileLock

    (place.cache / "fetch").mkdir(parents=True)
    with FileLock(place.cache / "fetch" / "acled.lock"), pytest.raises(UnusableInput, match="another fetch of acled"):
        fetch("acled")
    assert KEYS["ACLED_PASSWORD"]
