"""A tally stands for several events of a township and day: counted as these would be, replaced by days."""

from datetime import UTC, date, datetime

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from records_frames import CLASH, gazetteer, rows_of
from shared_examples import examples

from pipeline.analysis.event_matching import each_event
from pipeline.declare.codes import EventClass, GeoPrecision, Kind
from pipeline.declare.methods import ISP_2023
from pipeline.indices.security import by_month, township_month_events
from pipeline.ingest import inbox
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.events import canonical_events
from pipeline.sources.tallies.events import tally_events

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
A, B = "MMR001001", "MMR001002"
ROW = {"event_date": "2022-03-04", "adm3_pcode": A, "event_type": "clash", "geo_precision": "exact",
       "events_count": "4", "fatalities": "9"}  # fmt: skip
CELLS = ["event_date", "adm3_pcode", "event_class", "geo_precision"]


def tallied(*frames: pl.DataFrame) -> Clashes:
    return current_clashes([tally_events(pl.concat(frames))], gazetteer())


def of(*rows: dict[str, str], **given) -> pl.DataFrame:
    return rows_of("tallies", list(rows), **given)


def test_a_row_is_one_record_of_several_events_and_unknown_deaths_stay_unknown():
    made = tallied(of(ROW, {**ROW, "adm3_pcode": B, "geo_precision": "", "fatalities": ""}))
    assert made.records.select(*CELLS, "events_count", "fatalities_persons").rows() == [
        (date(2022, 3, 4), A, "clash", "exact", 4, 9),
        (date(2022, 3, 4), B, "clash", "township", 4, None),
    ]
    assert made.set_aside.is_empty()


def test_words_of_one_class_are_cells_of_their_own_and_add_up():
    made = tallied(of({**ROW, "event_type": "Battles"}, {**ROW, "event_type": "Explosions/Remote violence"}))
    assert made.records["events_count"].sum() == 8


def test_what_is_located_to_a_region_is_counted_as_unallocated_with_all_its_events():
    made = tallied(of({**ROW, "geo_precision": "region"}))
    assert made.records.is_empty()
    assert made.unallocated.select("geo_precision", "events_count", "fatalities_persons").rows() == [("region", 4, 9)]


def test_equal_rows_are_one_and_rows_that_differ_contradict_each_other():
    again = tallied(of(ROW, ROW))
    assert (again.records["events_count"].sum(), again.set_aside["reason"].to_list()) == (4, ["duplicate_row"])
    split = tallied(of(ROW, {**ROW, "events_count": "5"}, {**ROW, "adm3_pcode": B}))
    assert split.records["adm3_pcode"].to_list() == [B]
    assert split.set_aside["reason"].to_list() == ["contradicted"] * 2
    assert "4 in MMR001001 2022-03-04" in split.set_aside["found"][0]


def test_a_later_tally_replaces_the_days_from_its_first_to_its_last():
    days = ("2022-03-01", "2022-03-10", "2022-03-31")
    old = of(*({**ROW, "event_date": day} for day in days), delivery="d1")
    later = {"delivery": "d2", "received": "2024-07-01T08:00:00+00:00", "reference_date": "2022-10-01"}
    moved = [{**ROW, "event_date": day, "adm3_pcode": B} for day in ("2022-03-05", "2022-03-20")]
    made = tallied(old, of(*moved, **later))
    assert made.records.select("event_date", "adm3_pcode").sort("event_date").rows() == [
        (date(2022, 3, 1), A), (date(2022, 3, 5), B), (date(2022, 3, 20), B), (date(2022, 3, 31), A),
    ]  # fmt: skip
    assert made.set_aside.select("delivery_id", "reason", "found").rows() == [("d1", "superseded", "2022-03-10")]
    assert made.missing.is_empty()
    team = of(*moved, meant={"source_key": "tallies:others"}, **later)
    assert tallied(old, team).records.height == 5  # another team's replaces nothing
    stale = of(*moved, delivery="d2", received="2024-07-01T08:00:00+00:00", reference_date="2022-09-01")
    assert tallied(old, stale).records.height == 3  # of an earlier day, though it came later


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["2022-03-04", "2022-03-05", "2022-04-01"]),
        st.sampled_from([A, B]),
        st.sampled_from([str(one) for one in EventClass]),
        st.sampled_from([str(one) for one in GeoPrecision]),
        st.sampled_from(["", "0", "3"]),
    ),
    min_size=12,
    max_size=40,
)


@given(events=EVENTS)
@examples(3)
def test_months_of_a_tally_are_those_of_its_events(events):
    rows = [
        {**CLASH, "event_id": str(number), "event_date": day, "adm3_pcode": code, "event_type": kind,
         "geo_precision": precision, "fatalities": deaths}
        for number, (day, code, kind, precision, deaths) in enumerate(events)
    ]  # fmt: skip
    one_by_one = current_clashes([canonical_events(rows_of("canonical_clashes", rows))], gazetteer())
    deaths = pl.col("fatalities").replace("", None).cast(pl.Int64)
    cells = (
        pl.DataFrame(rows)
        .group_by("event_date", "adm3_pcode", "event_type", "geo_precision")
        .agg(pl.len().alias("events_count"), pl.when(deaths.count() > 0).then(deaths.sum()).alias("fatalities"))
        .with_columns(pl.all().cast(pl.String))
    )
    counted = tallied(of(*cells.to_dicts(), meant={"source_key": "canonical_clashes"}))
    sums = [pl.col("events_count").sum(), pl.col("fatalities_persons").sum()]
    keys = ["event_date", "event_class", "geo_precision"]
    for mine, other in ((counted.unallocated, one_by_one.unallocated),):
        assert mine.group_by(keys).agg(sums).sort(keys).equals(other.group_by(keys).agg(sums).sort(keys))
    key = "canonical_clashes"
    # How many records have known figures differs; whether any has does not.
    known = pl.col("^.*_known$") > 0
    months, others = (
        by_month(made.records, ISP_2023, key).with_columns(known).sort("adm3_pcode", "month")
        for made in (counted, one_by_one)
    )
    assert months.equals(others)
    published, expected = (
        township_month_events(made.records, key, date(2022, 1, 1), date(2022, 12, 31)) for made in (counted, one_by_one)
    )
    assert published.equals(expected)


def test_each_event_is_a_row_where_events_are_matched():
    frame = pl.DataFrame({"event_id": ["a", "b"], "events_count": [1, 3]})
    assert each_event(frame).rows() == [("a", 1), ("b/1", 1), ("b/2", 1), ("b/3", 1)]
    assert each_event(frame.head(1)).equals(frame.head(1))


def test_a_file_of_tallies_is_taken_as_clashes_and_a_list_of_events_stays_one(tmp_path):
    path = tmp_path / "tally.csv"
    path.write_text(
        "event_date,adm3_pcode,event_type,geo_precision,events_count,fatalities\n2022-03-04,MMR001001,clash,exact,4,9\n",
        encoding="utf-8",
    )
    (judged,) = inbox.judge([(Kind.CLASHES, path)], NOW)
    assert (judged.delivery.format, judged.delivery.source_key) == ("tallies", "tallies")
