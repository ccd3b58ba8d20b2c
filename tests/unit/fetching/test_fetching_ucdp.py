"""UCDP: the API's pages, its files without a key, what a version covers."""

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from stand_in_server import Answer, Reply, Request, StandIn, data

from pipeline.declare.codes import Absence, Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.ingest.inbox import deliver, find_files
from pipeline.ingest.sidecar import read_sidecar
from pipeline.ingest.table import read_table
from pipeline.sources import BY_NAME
from pipeline.sources.ucdp.fetch import _months, covers

API, BASE = "ucdpapi.pcr.uu.se/api/gedevents/26.1", "https://ucdpapi.pcr.uu.se/api/gedevents/26.1"
ZIP, CANDIDATE = "ucdp.uu.se/downloads/ged/ged261-csv.zip", "ucdp.uu.se/downloads/candidateged/GEDEvent_v26_0_8.csv"
COLUMNS = BY_NAME["ucdp_ged"].columns
NAME = "ucdp_ged_26.1_from_2021-02-01.csv"


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(COLUMNS, None), "id": number, "type_of_violence": 1, "where_prec": 1, "adm_1": "Kachin State",
        "where_coordinates": "Invented place", "latitude": 25.0, "longitude": 97.0, "date_prec": 1, "country_id": 775,
        "country": "Myanmar (Burma)", "date_start": "2023-01-02T00:00:00", "date_end": "2023-01-02T00:00:00", "best": 1,
        **more,
    }  # fmt: skip


PAGES = [[event(1), event(2)], [event(3), event(4)], [event(5)]]


def answer(rows: list[dict[str, Any]], **more: Any) -> Reply:
    return data({"TotalCount": 5, "TotalPages": 3, "Result": rows, **more})


def linked(request: Request) -> Reply:
    """Pages counted from 1, each with a link to the next, as http:// like older answers."""
    number = int(request.query.get("page", "1"))
    link = f"{BASE.replace('https', 'http')}?pagesize=1000&Country=775&page={number + 1}" if number < 3 else ""
    return answer(PAGES[number - 1], NextPageUrl=link)


def endless(request: Request) -> Reply:
    """Always another page, each with a row of its own."""
    number = int(request.query.get("page", 0))
    return answer([event(number)], NextPageUrl=f"{BASE}?page={number + 1}")


def unlinked(first: int) -> Answer:
    def reply(request: Request) -> Reply:
        return answer(PAGES[int(request.query.get("page", first)) - first])

    return reply


@pytest.mark.parametrize("pages", [linked, unlinked(0), unlinked(1)], ids=["linked", "from 0", "from 1"])
def test_every_page_comes_once(
    fetch: Callable[..., list[Any]], server: StandIn, place: Home, keys: dict[str, str], pages: Answer,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    server.on(API, pages)
    (arrival,) = fetch("ucdp", version="26.1", end="2025-06-30")
    first = server.requests[0]
    assert first.headers["x-ucdp-access-token"] == keys["UCDP_ACCESS_TOKEN"]
    assert first.query == {"pagesize": "1000", "Country": "775", "StartDate": "2021-02-01", "EndDate": "2025-06-30"}
    assert (arrival.rows, arrival.pages) == (5, 3)
    table = read_table(arrival.path, Kind.CLASHES, read_sidecar(arrival.path))
    assert table.format == "ucdp_ged"
    assert table.frame["id"].to_list() == ["1", "2", "3", "4", "5"]
    assert read_sidecar(arrival.path).covered_until == date(2025, 6, 30)
    out = capsys.readouterr().out
    assert "5 rows in 3 pages" in out
    assert f"township-index run --home {place.root}" in out
    assert list((place.cache / "fetch").glob("*/")) == [], "kept pages are cleaned up"


def test_the_same_again_is_nothing_new(
    fetch: Callable[..., list[Any]], server: StandIn, place: Home, keys: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    server.on(API, linked)
    fetch("ucdp", version="26.1")
    deliver(place, find_files(place.inbox), datetime.now(UTC))
    for path in (place.inbox / "clashes").iterdir():
        path.unlink()
    (again,) = fetch("ucdp", version="26.1")
    assert again.path is None
    assert list((place.inbox / "clashes").iterdir()) == []
    assert "nothing new; no file was written" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        ([answer(PAGES[0], NextPageUrl=BASE)], "same page came twice"),
        ([endless], "3 of 5 rows came"),
        ([answer(PAGES[0], NextPageUrl="https://elsewhere.example.org/x")], "not one of the addresses"),
        ([answer([event(1, country_id=800)])], "other countries"),
        ([data({"message": "moved"})], "without Result"),
        ([data({"TotalCount": 0, "TotalPages": 0, "NextPageUrl": "", "Result": []})], "no event in Myanmar"),
    ],
    ids=["repeated", "endless", "other host", "filter ignored", "other form", "empty"],
)  # fmt: skip
def test_answers_that_are_not_kept(
    fetch: Callable[..., list[Any]], server: StandIn, place: Home, keys: dict[str, str], replies: list[Any], words: str
) -> None:
    server.on(API, *replies)
    with pytest.raises(UnusableInput, match=words):
        fetch("ucdp", version="26.1")
    assert not (place.inbox / "clashes").exists()
    assert len(server.requests) <= 4
    assert list((place.cache / "fetch").glob("*/")) == []


def test_pages_that_came_are_not_asked_for_again(
    fetch: Callable[..., list[Any]], server: StandIn, keys: dict[str, str]
) -> None:
    broken = {"now": True}

    def pages(request: Request) -> Reply:
        return Reply(status=500) if request.query.get("page") == "3" and broken["now"] else linked(request)

    server.on(API, pages)
    with pytest.raises(UnusableInput, match="out of order"):
        fetch("ucdp", version="26.1")
    broken["now"], asked = False, len(server.requests)
    (arrival,) = fetch("ucdp", version="26.1")
    assert arrival.rows == 5
    assert [request.query.get("page") for request in server.requests[asked:]] == ["3"]


def text_of(rows: list[dict[str, Any]], encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in members.items():
            archive.writestr(name.replace("_csv", ".csv"), body)
    return out.getvalue()


ROWS = [
    event(1), event(2, country_id="775.0"), event(3, country_id=800),
    event(4, date_start="2020-01-01", date_end="2020-01-02"), event(5, date_start="2021-01-30", date_end="2021-02-02"),
]  # fmt: skip


def test_without_a_key_the_yearly_archive_is_taken(
    fetch: Callable[..., list[Any]], server: StandIn, no_keys: None
) -> None:
    stamp = {"Last-Modified": "Wed, 21 Oct 2025 07:28:00 GMT", "ETag": '"a"'}
    server.on(ZIP, Reply(zipped(GEDEvent_csv=text_of(ROWS)), headers=stamp, kind="application/zip"))
    (arrival,) = fetch("ucdp", version="26.1")
    assert arrival.path.name == NAME
    table = read_table(arrival.path, Kind.CLASHES, read_sidecar(arrival.path))
    assert table.frame["id"].to_list() == ["1", "2", "5"], "of Myanmar, and ended in the period"
    stated = read_sidecar(arrival.path)
    assert (stated.covered_until, stated.revised_until) == (date(2025, 12, 31), "2025-10-21T07:28:00+00:00")
    (again,) = fetch("ucdp", version="26.1")
    assert again.path is None
    assert server.requests[-1].headers["if-modified-since"] == "Tue, 21 Oct 2025 07:28:00 GMT"


def test_a_part_of_the_period_does_not_speak_for_the_rest(
    fetch: Callable[..., list[Any]], server: StandIn, no_keys: None, capsys: pytest.CaptureFixture[str]
) -> None:
    server.on(CANDIDATE, Reply(text_of(ROWS, "utf-8-sig"), kind="text/csv"))
    (arrival,) = fetch("ucdp", version="26.0.8", start="2023-01-01")
    assert arrival.path.name == "ucdp_ged_26.00.08_from_2023-01-01.csv"
    assert read_sidecar(arrival.path).absence_means == Absence.UNKNOWN
    assert "does not say that earlier months were quiet" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("body", "words"),
    [(zipped(a_csv=b"", b_csv=b""), "one CSV file"),
     (text_of([event(1)]).replace(b"country_id", b"land"), "country_id"),
     (text_of([event(1)]) + b"1,2\n", "broken row"), (text_of([event(1, country_id=800)]), "no event in Myanmar")],
)  # fmt: skip
def test_files_of_another_form(
    fetch: Callable[..., list[Any]], server: StandIn, no_keys: None, body: bytes, words: str
) -> None:
    server.on(CANDIDATE, Reply(body, kind="text/csv"))
    with pytest.raises(UnusableInput, match=words):
        fetch("ucdp", version="26.0.8")


def test_by_itself_it_takes_the_newest_year_and_the_months_after_it(
    fetch: Callable[..., list[Any]], server: StandIn, no_keys: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.fetching.session.Work.today", date(2026, 4, 20))
    server.on("ucdp.uu.se/downloads/ged/ged251-csv.zip", Reply(zipped(a_csv=text_of(ROWS)), kind="application/zip"))
    months = [f"ucdp.uu.se/downloads/candidateged/GEDEvent_v25_0_{month}.csv" for month in range(1, 4)]
    for number, month in enumerate(months):
        server.on(month, Reply(text_of([event(10 + number)]), kind="text/csv"))
    arrivals = fetch("ucdp")
    assert [one.path.name[9:16] for one in arrivals if one.path] == ["25.1_fr", "25.00.0", "25.00.0", "25.00.0"]
    assert "25.0.4 is not published" in arrivals[-1].notes[0]
    assert server.requests[0].path.endswith("ged261-csv.zip")


def test_months_run_over_the_turn_of_the_year() -> None:
    months = list(_months(25, date(2026, 4, 20)))
    assert (months[0], months[11], months[12], months[-1], len(months)) == ("25.0.1", "25.0.12", "26.0.1", "26.0.3", 15)
    assert list(_months(26, date(2026, 1, 5))) == []


def test_what_a_version_covers() -> None:
    assert covers("26.1") == date(2025, 12, 31)
    assert covers("26.0.2") == date(2026, 2, 28)
    assert covers("26.01.26.06") == date(2026, 6, 30)
    for wrong in ("26", "26.0.13", "26.2", "../26.1", "26.1/x"):
        with pytest.raises(UnusableInput, match="none of UCDP's"):
            covers(wrong)
