"""Events that come in batches give the records that they give together, whatever is divided between the batches."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime

import polars as pl
import pytest

from assets import large
from assets.context import IndexRun
from assets.editions import known_editions, known_then
from assets.records import _accounts
from assets.repeated_rows import mirrored, repeated
from assets.run_context import _settled_until
from pipeline.declare.codes import Kind
from pipeline.declare.frames import conform, empty
from pipeline.declare.settings import HOME_VARIABLE, Home
from pipeline.ingest import inbox
from pipeline.records.clash_days import clash_days
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.editions import earlier_editions
from pipeline.records.parsing import with_delivery
from pipeline.records.repeated_rows import Repeated
from pipeline.records.triage import Triage, accounts
from pipeline.sources import parsers
from pipeline.storage import batches, deliveries

HEAD = (
    "event_id,event_date,event_type,adm3_pcode,adm3_name,adm1_name,adm2_name,fatalities,geo_precision,"
    "updated_at,deleted"
)
PLACES = ("MMR001001,,,", "MMR010006,,,", ",Hakha,Chin,", ",Nowhere,Chin,", ",,Chin,Hakha", "MMR999999,,,")
MARCH, MAY = (datetime(2024, month, 5, 6, tzinfo=UTC) for month in (3, 5))


def written(seed: int, ids: range, first: str) -> str:
    """Events with versions, deletions, repeated rows, coarse places and cells that cannot be read."""
    draw = random.Random(seed)  # noqa: S311 - no secret
    rows = []
    for n in ids:
        at, revised_place = PLACES[n % len(PLACES)], draw.choice(PLACES)
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            day = f"2023-{n % 12 + 1:02}-{n % 28 + 1:02}" if draw.random() > 0.03 else "soon"
            place = revised_place if draw.random() < 0.2 else at
            how = "district" if place.endswith("Hakha") else draw.choice(("", "township"))
            deaths, revised = draw.choice(("", "0", "3", "many")), draw.choice(("", first, "2024-02-20"))
            rows.append(f"E{n},{day},clash,{place},{deaths},{how},{revised},{'yes' if draw.random() < 0.05 else ''}")
    draw.shuffle(rows)
    return "\n".join([HEAD, *rows, rows[0]]) + "\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Iterator[IndexRun]:
    """A home with two deliveries of one source, its raw mirror written, and rows enough for many batches."""
    folder = tmp_path_factory.mktemp("large")
    home = Home(folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(HOME_VARIABLE, str(home.root))
        patch.setattr(batches, "LARGE_ROWS", 100)
        patch.setattr(batches, "BATCH_ROWS", 170)
        for name, text, now in (("one.csv", written(1, range(150), "2024-01-01"), MARCH),
                                ("two.csv", written(2, range(20, 240), "2024-02-01"), MAY)):  # fmt: skip
            path = folder / name
            path.write_text(text, encoding="utf-8")
            inbox.deliver(home, [(Kind.CLASHES, path)], now)
        made = IndexRun()
        made.warehouse.open()
        made.warehouse.write(large.RAW, pl.concat(rows(made, delivery.delivery_id) for delivery in made.known))
        yield made
        made.warehouse.close()


def rows(run: IndexRun, delivery_id: str) -> pl.DataFrame:
    (delivery,) = [d for d in run.known if d.delivery_id == delivery_id]
    frames = [frame.with_columns(pl.lit(delivery_id).alias("delivery_id")) for frame in
              deliveries.delivery_batches(run.place, delivery)]  # fmt: skip
    whole = deliveries.read_delivery(run.place, delivery).with_columns(pl.lit(delivery_id).alias("delivery_id"))
    assert len(frames) > 1 and pl.concat(frames).equals(whole)
    return conform(whole, large.RAW)


def rows_of(run: IndexRun) -> pl.DataFrame:
    (one,) = run.known
    return deliveries.read_delivery(run.place, one).with_columns(pl.lit(one.delivery_id).alias("delivery_id"))


def together(run: IndexRun) -> tuple[list[Triage], Clashes]:
    known = deliveries.as_frame(run.known)
    events = parsers.events(lambda name: with_delivery(run.warehouse.read(f"raw.{name}"), known))
    return events, current_clashes(events, run.gazetteer)


def sorted_rows(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.sort(frame.columns)


def test_batches_give_the_same_records_accounts_and_earlier_editions(run):
    events, whole = together(run)
    assert large.comes_in_batches(run, Repeated())
    known = deliveries.as_frame(run.known)
    none = parsers.events(lambda name: with_delivery(empty(f"raw.{name}"), known), without=large.FORMAT)
    beside = current_clashes(none, run.gazetteer)
    with large.typed_events(run) as found:
        assert len(found.parts) > 2
        parts = list(found.placed(beside))
        assert len(parts) > 2
        records = pl.concat(conform(part, large.TABLE) for part in parts)
        assert records.equals(conform(whole.records, large.TABLE))
        assert found.days.equals(clash_days([whole.records]))
        assert found.unallocated.equals(conform(whole.unallocated, "records.unallocated_events"))
        assert whole.unallocated.height and whole.set_aside["reason"].n_unique() > 4
        aside = run.warehouse.read(large.ASIDE)
        assert sorted_rows(aside).equals(sorted_rows(conform(whole.set_aside, large.ASIDE)))
        assert found.reasons == dict(aside.group_by("reason").len().iter_rows())
        assert found.missing().equals(whole.missing) and whole.missing.height
        run.warehouse.write(large.TABLE, records)
        run.warehouse.write("records.clash_days", found.days)
        editions = known_then(known_editions(run)[:-1])
        earlier = earlier_editions(events, whole, editions, run.clash_source, run.gazetteer)
        assert earlier.height and found.earlier().equals(earlier)
    assert not list(run.place.warehouse.glob(".events.part"))
    lines = run.warehouse.read(large.RAW).select("delivery_id", "row_number")
    used = records.select("delivery_id", "row_number", pl.col("event_date").alias("day"), "point_distance_km")
    assert large.accounts_in_batches(run, aside).equals(accounts(lines, used, aside, "records"))


def test_a_growing_file_is_accounted_for_once_however_many_rows_it_was_delivered_with(tmp_path, monkeypatch):
    """What the deliveries have together is many rows; what is kept of them is read at once, and so is their account."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(batches, "LARGE_ROWS", 100)
    lines = written(1, range(60), "2024-01-01").splitlines()
    sizes = (50, 60, 70)
    for day, size in enumerate(sizes, start=1):
        path = tmp_path / f"day{day}.csv"
        path.write_text("\n".join(lines[: size + 1]) + "\n", encoding="utf-8")
        inbox.deliver(Home(tmp_path / "home"), [(Kind.CLASHES, path)], datetime(2024, 3, day, 6, tzinfo=UTC))
    grown = IndexRun()
    grown.warehouse.open()
    kept, repeats = pl.concat(mirrored(grown, large.FORMAT).values()), repeated(grown)
    assert kept.height < sum(sizes)
    assert large.is_large(grown)
    assert not large.comes_in_batches(grown, repeats)
    grown.warehouse.write(large.RAW, kept)
    known = deliveries.as_frame(grown.known)
    events = parsers.events(lambda name: with_delivery(grown.warehouse.read(f"raw.{name}"), known))
    result = current_clashes(events, grown.gazetteer, repeats)
    grown.warehouse.write(large.TABLE, result.records)
    again = repeats.by_reason(result.set_aside)
    counted = _accounts(grown, conform(result.set_aside, large.ASIDE), again)
    grown.warehouse.close()
    expected = {one.delivery_id: one.rows_count for one in grown.known}
    assert dict(counted.select("delivery_id", "rows_count").iter_rows()) == expected
    assert counted.height == len(sizes), "no delivery is counted twice"


def test_a_date_in_bare_numbers_brings_the_file_into_memory_as_a_whole(run):
    raw = run.warehouse.read(large.RAW)
    last = pl.int_range(pl.len()) == pl.len() - 1
    run.warehouse.write(
        large.RAW, raw.with_columns(event_date=pl.when(last).then(pl.lit("05/04/2023")).otherwise("event_date"))
    )
    with large.typed_events(run) as found:
        assert found is None
    run.warehouse.write(large.RAW, raw)


@pytest.mark.parametrize("team", ["", 'source = "Our monitors"\n'])
def test_the_last_weeks_of_own_records_are_provisional_with_the_name_of_a_team_and_without(tmp_path, monkeypatch, team):
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    path = tmp_path / "events.csv"
    path.write_text(f"{HEAD}\nE1,2023-11-15,clash,MMR001001,,,,,,,\n", encoding="utf-8")
    path.with_name("events.csv.toml").write_text(team, encoding="utf-8")
    inbox.deliver(Home(tmp_path / "home"), [(Kind.CLASHES, path)], MAY)
    made = IndexRun()
    made.warehouse.open()
    made.warehouse.write(large.RAW, conform(rows_of(made), large.RAW))
    _, found = together(made)
    for table, frame in ((large.TABLE, found.records), ("records.clash_days", clash_days([found.records])),
                         ("records.unallocated_events", found.unallocated)):  # fmt: skip
        made.warehouse.write(table, frame)
    assert (":" in made.clash_source) == bool(team)
    assert _settled_until(made) == date(2023, 10, 16)
    made.warehouse.close()


def test_few_rows_are_held_in_memory(run, monkeypatch):
    monkeypatch.setattr(batches, "LARGE_ROWS", 10_000)
    assert not large.comes_in_batches(run, Repeated())
