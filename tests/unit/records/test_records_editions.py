"""Deliveries in any order of arrival give the same records, and every earlier edition can be counted again."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from records_frames import UCDP, gazetteer

from geo.townships import reference
from pipeline.declare.codes import Absence, Kind
from pipeline.declare.methods import ISP_2023
from pipeline.declare.settings import Home
from pipeline.indices.security import security, township_month_events
from pipeline.ingest import inbox
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.editions import earlier_editions
from pipeline.records.events import canonical_events
from pipeline.records.parsing import with_delivery
from pipeline.records.triage import Triage
from pipeline.sources.ucdp.events import ucdp_events
from pipeline.storage import deliveries
from pipeline.storage.history import Delivery, editions

HEAD = "event_id,event_date,event_type,adm3_pcode,fatalities,geo_precision,updated_at,deleted\n"
FIRST = HEAD + (
    "a,2022-03-01,clash,MMR001001,1,,2024-01-05,\n"  # moves to another township
    "b,2022-03-02,clash,MMR001001,2,,2024-01-05,\n"  # its deaths and day change
    "c,2022-03-03,clash,MMR001002,3,,2024-01-05,\n"  # stays as it is, in both exports
    "e,2022-04-04,clash,MMR001002,1,,2024-01-05,\n"  # deleted
    "f,2022-04-05,clash,MMR001003,1,,2024-01-05,\n"  # located to its district only later on
)
REVISED = HEAD + (
    "a,2022-03-01,clash,MMR001004,1,,2024-02-05,\n"
    "b,2022-04-02,clash,MMR001001,9,,2024-02-05,\n"
    "c,2022-03-03,clash,MMR001002,3,,2024-01-05,\n"
    "d,2022-05-01,clash,MMR001005,,,2024-02-05,\n"
    "f,2022-04-05,clash,MMR001003,1,district,2024-02-05,\n"
    "g,2022-05-02,clash,MMR001005,,,2024-02-05,\n"  # new, and deleted by the list that may come before it
)
DELETIONS = HEAD + "e,,,,,,2024-03-05,yes\ng,,,,,,2024-03-05,yes\n"
ORDERS = ((0, 1, 2), (2, 1, 0), (1, 2, 0))  # of arrival: each file before and after each other
DAYS = tuple(datetime(2024, 6, day, 6, tzinfo=UTC) for day in (1, 5, 9))
OF_RECEIPT = ("delivery_id", "row_number", "file_name", "received", "received_at", "_received", "_reference_date")


def deliver(home: Home, folder: Path, name: str, text: str, now: datetime, sidecar: str = "") -> Delivery:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.with_name(f"{name}.toml").write_text(sidecar, encoding="utf-8")
    return inbox.deliver(home, [(Kind.CLASHES, path)], now)[0].delivery


def events(home: Home, known: list[Delivery]) -> list[Triage]:
    """The event rows of deliveries, read from their landings as the assets read them from the mirrors."""
    makers = {"canonical_clashes": canonical_events, "ucdp_ged": ucdp_events}
    return [
        makers[d.format](
            with_delivery(
                deliveries.read_delivery(home, d).with_columns(pl.lit(d.delivery_id).alias("delivery_id")),
                deliveries.as_frame(known),
            )
        )
        for d in known
    ]


def records(home: Home, as_of: date | None = None) -> Clashes:
    return current_clashes(events(home, deliveries.in_force(home, as_of)), gazetteer())


def published(made: Clashes, source: str = "canonical_clashes") -> list[pl.DataFrame]:
    """What users read of these records: the Security Index and the events by month and township."""
    townships = reference().select("adm3_pcode")
    end = date(2022, 5, 31)
    return [
        security(made.records, townships, ISP_2023, end, source, Absence.ZERO),
        township_month_events(made.records, source, date(2021, 2, 1), end),
        made.unallocated,
    ]


@pytest.fixture(scope="module", params=ORDERS)
def arrived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, list[Delivery]]:
    """A home to which the three files came in an order of arrival, and their deliveries by file."""
    folder = tmp_path_factory.mktemp("arrived")
    home, came = Home(folder / "home"), {}
    for now, n in zip(DAYS, request.param, strict=True):
        came[n] = deliver(home, folder, f"{n}.csv", (FIRST, REVISED, DELETIONS)[n], now)
    return home, [came[n] for n in sorted(came)]


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> tuple[Clashes, list[pl.DataFrame]]:
    """The records and the tables of the same files under one name, in the order in which they were made."""
    folder = tmp_path_factory.mktemp("in-order")
    for now, text in zip(DAYS, (FIRST, REVISED, DELETIONS), strict=True):
        deliver(Home(folder / "home"), folder, "x.csv", text, now)
    made = records(Home(folder / "home"))
    return made, published(made)


def test_any_order_of_arrival_gives_the_same_records_and_tables(
    arrived: tuple[Home, list[Delivery]], in_order: tuple[Clashes, list[pl.DataFrame]]
) -> None:
    made = records(arrived[0], DAYS[-1].date())
    rows = made.records.select("event_id", "event_date", "adm3_pcode", "fatalities_persons").rows()
    assert rows == [
        ("a", date(2022, 3, 1), "MMR001004", 1),
        ("b", date(2022, 4, 2), "MMR001001", 9),
        ("c", date(2022, 3, 3), "MMR001002", 3),
        ("d", date(2022, 5, 1), "MMR001005", None),
    ]
    assert made.unallocated["events_count"].to_list() == [1]
    reasons = dict(made.set_aside.group_by("reason").len().rows())
    assert reasons == {"superseded": 4, "deleted": 4, "precision_district": 1}
    other, tables = in_order
    kept = [c for c in made.records.columns if c not in OF_RECEIPT]
    assert made.records.select(kept).equals(other.records.select(kept))
    for one, same in zip(published(made), tables, strict=True):
        assert one.equals(same)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_older_yearly_export_delivered_late_changes_nothing(order: tuple[int, int], tmp_path: Path) -> None:
    old, new = (",".join(UCDP) + "\n" + ",".join((UCDP | {"best": best}).values()) + "\n" for best in ("1.0", "7.0"))
    home = Home(tmp_path / "home")
    exports = ((old, "2023-06-01"), (new, "2024-06-01"))
    for now, n in zip(DAYS, order, strict=False):
        text, day = exports[n]
        deliver(home, tmp_path, f"{n}.csv", text, now, f"reference_date = {day}\n")
    assert records(home).records["fatalities_persons"].to_list() == [7]


def test_a_withdrawn_delivery_and_one_with_a_corrected_sidecar_are_as_if_they_never_came(tmp_path: Path) -> None:
    home, clean = Home(tmp_path / "home"), Home(tmp_path / "clean")
    day = timedelta(days=1)
    deliver(home, tmp_path, "a.csv", FIRST, DAYS[0])
    faulty = deliver(home, tmp_path, "b.csv", REVISED, DAYS[1])
    before = records(home, DAYS[1].date())
    deliveries.withdraw(home, faulty.delivery_id, DAYS[1] + day)
    deliver(clean, tmp_path, "a.csv", FIRST, DAYS[0])
    assert records(home).records.equals(records(clean).records)
    corrected = deliver(home, tmp_path, "b.csv", REVISED, DAYS[1] + 2 * day, 'coverage = "Kachin"\n')
    assert records(home).records["event_id"].to_list() == ["a", "b", "c", "d", "e", "g"]
    deliveries.withdraw(home, corrected.delivery_id, DAYS[1] + 3 * day)
    assert records(home).records.equals(records(clean).records)
    # And every edition in between is still what it was.
    assert records(home, DAYS[1].date()).records.equals(before.records)
    assert records(home, (DAYS[1] + 2 * day).date()).records["event_id"].len() == 6


def fingerprint(home: Home) -> dict[str, str]:
    files = (path for path in home.deliveries.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_nothing_under_deliveries_is_ever_rewritten_or_removed(tmp_path: Path) -> None:
    home, seen = Home(tmp_path / "home"), dict[str, str]()
    for step in range(8):
        now = DAYS[0] + timedelta(days=step)
        if step % 2 == 0:
            # The same content after each withdrawal, once under its first sidecar and once under another.
            side = 'coverage = "Kachin"\n' if step == 4 else ""
            delivery = deliver(home, tmp_path, "a.csv", FIRST, now, side)
        else:
            deliveries.withdraw(home, delivery.delivery_id, now)
        after = fingerprint(home)
        assert {path: after.get(path) for path in seen} == seen
        seen = after
        assert bool(deliveries.in_force(home)) == (step % 2 == 0)
    for step in range(8):
        known = deliveries.in_force(home, (DAYS[0] + timedelta(days=step)).date())
        assert [d.received_at[:10] for d in known] == ([f"2024-06-{step + 1:02}"] if step % 2 == 0 else [])
    deliveries.sweep_litter(home)
    assert fingerprint(home) == seen


def tallied(clashes: pl.DataFrame) -> pl.DataFrame:
    keys = ["source_key", "month", "adm3_pcode", "event_class", "geo_precision"]
    return clashes.group_by(keys).agg(pl.len().cast(pl.Int64).alias("events_count")).sort(keys)


def test_earlier_editions_count_what_a_run_of_that_day_counted(arrived: tuple[Home, list[Delivery]]) -> None:
    home, came = arrived
    deliveries.withdraw(home, came[1].delivery_id, DAYS[2] + timedelta(days=1))
    found = editions(deliveries.history(home), "canonical_clashes", None, 12)
    assert [edition.day for edition in found] == [*(day.date() for day in DAYS), date(2024, 6, 10)]
    known = pl.DataFrame(
        [(e.day, d.delivery_id, d.received_at) for e in found[:-1] for d in e.deliveries],
        schema={"edition_date": pl.Date, "delivery_id": pl.String, "received": pl.String},
        orient="row",
    )
    everything = {d.delivery_id: d for edition in found for d in edition.deliveries}
    table = earlier_editions(
        events(home, list(everything.values())), records(home), known, "canonical_clashes", gazetteer()
    )
    for edition in found[:-1]:
        then = table.filter(edition_date=edition.day).drop("edition_date")
        assert then.equals(tallied(records(home, edition.day).records)), edition.day
    assert table["edition_date"].unique().sort().to_list()[-1] == found[-2].day


def test_one_edition_costs_no_row(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    deliver(home, tmp_path, "a.csv", FIRST, DAYS[0])
    none = pl.DataFrame(schema={"edition_date": pl.Date, "delivery_id": pl.String, "received": pl.String})
    rows = events(home, deliveries.in_force(home))
    assert earlier_editions(rows, records(home), none, "canonical_clashes", gazetteer()).is_empty()


def test_a_file_said_anew_under_another_source_leaves_its_first_source(tmp_path: Path) -> None:
    home, history = Home(tmp_path / "home"), deliveries.history
    team_a, key = 'source = "Team A"\n', "canonical_clashes:team-a"
    stays = deliver(home, tmp_path, "first.csv", FIRST, DAYS[0], team_a)
    moves = deliver(home, tmp_path, "revised.csv", REVISED, DAYS[1], team_a)
    found = editions(history(home), key, None, 12)
    assert [edition.delivery_ids for edition in found] == [
        (stays.delivery_id,), (stays.delivery_id, moves.delivery_id)
    ]  # fmt: skip
    named = deliver(home, tmp_path, "revised.csv", REVISED, DAYS[2], 'source = "Team B"\n')
    again = editions(history(home), key, None, 12)
    assert again[:2] == found
    assert [(e.day, e.delivery_ids) for e in again[2:]] == [(DAYS[2].date(), (stays.delivery_id,))]
    theirs = editions(history(home), "canonical_clashes:team-b", None, 12)
    assert [(e.day, e.delivery_ids) for e in theirs] == [(DAYS[2].date(), (named.delivery_id,))]
    assert editions(history(home), key, DAYS[1].date(), 12) == found
