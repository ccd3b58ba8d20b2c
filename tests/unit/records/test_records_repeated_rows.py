"""Rows that deliveries repeat are read once: whatever files came, the records and accounts are those of all rows."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from records_frames import gazetteer

from pipeline.declare.codes import Absence, Kind
from pipeline.declare.frames import raw_columns
from pipeline.records import triage
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.editions import earlier_editions
from pipeline.records.parsing import with_delivery
from pipeline.records.repeated_rows import SEGMENT, Chain, Repeated, cuts_at, extended, mirror, no_spans, segments
from pipeline.sources import parsers
from pipeline.storage.deliveries import as_frame, reads_events
from pipeline.storage.history import Delivery

FORM = "canonical_clashes"
KEY = "canonical_clashes"
FIRST = datetime(2022, 5, 1, 6, tzinfo=UTC)
EXAMPLES = int(os.environ.get("REPEATED_EXAMPLES", "3"))
Row = dict[str, str | None]


def delivery(n: int, rows: Sequence[Row], **said: str) -> Delivery:
    return Delivery(
        delivery_id=f"{(n * 7) % 10}d{n:03}", kind=Kind.CLASHES, format=FORM, file_name=f"{n}.csv", sha256=f"{n}",
        rows_count=len(rows), received_at=(FIRST + timedelta(days=n)).isoformat(timespec="microseconds"),
        source="Team", source_key=KEY, licence="", absence_means=Absence.ZERO, reference_date=None,
        date_format=None, coverage=None, synthetic=False, notes=(), **said,  # type: ignore[arg-type]
    )  # fmt: skip


def frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Landed rows: the columns of the format as text, lines from 2 on."""
    names = [name for name in raw_columns(FORM) if name not in ("delivery_id", "row_number")]
    cells = {name: [row.get(name) for row in rows] for name in names}
    own = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String))
    return own.with_columns(pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("row_number"))


def events(came: Sequence[tuple[Delivery, pl.DataFrame]]) -> list[triage.Triage]:
    known = as_frame([one for one, _ in came])
    raw = pl.concat(
        [
            rows.with_columns(pl.lit(one.delivery_id).alias("delivery_id")).select(list(raw_columns(FORM)))
            for one, rows in came
        ]
    )
    return [parsers.narrowed(parsers.EVENTS[FORM](with_delivery(raw, known)))]


def folded(
    came: Sequence[tuple[Delivery, pl.DataFrame]], cuts: set[int]
) -> tuple[list[tuple[Delivery, pl.DataFrame]], Repeated]:
    """The same deliveries with only the rows that tell anything, and what they stand for."""
    spans = no_spans(FORM)
    for n, (one, rows) in enumerate(came):
        spans = extended(spans, rows, n, reads_events(one), goes_on=n > 0)
    none = pl.Series([False] * spans.height, dtype=pl.Boolean)
    parts = segments(spans, [one.delivery_id for one, _ in came], cuts, none)
    kept = mirror(parts, FORM)
    chain = Chain(
        as_frame([one for one, _ in came]).select(
            "delivery_id", "file_name", "received", pl.col("reference_date").alias("_reference_date")
        ),
        parts.filter(pl.col("first") < pl.col("last")).select(*SEGMENT),
    )
    left = [(one, kept.filter(delivery_id=one.delivery_id).drop("delivery_id")) for one, _ in came]
    return left, Repeated({KEY: chain})


def assert_same(whole: Clashes, less: Clashes, repeated: Repeated) -> pl.DataFrame:
    assert less.records.equals(whole.records)
    assert less.unallocated.equals(whole.unallocated)
    assert less.sentences == whole.sentences
    assert less.missing.equals(whole.missing)
    again = repeated.by_reason(less.set_aside)
    order = ["delivery_id", "reason"]
    assert triage.by_reason(less.set_aside, again).sort(order).equals(triage.by_reason(whole.set_aside).sort(order))
    faulty = triage.faults(whole.set_aside).filter(pl.col("reason") != "reused_number")
    on = list(faulty.columns)
    assert triage.faults(less.set_aside).filter(pl.col("reason") != "reused_number").sort(on).equals(faulty.sort(on))
    return again


EVENT = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from(["1", "2", "3", "4", " 1"]),
        "event_date": st.sampled_from(["2022-03-04", "2022-03-09", "2022-05-04", "x"]),
        "event_type": st.sampled_from(["clash", "clash", "clash", "what"]),
        "adm3_pcode": st.sampled_from(["MMR001001", "MMR001002", "MMR999999"]),
        "fatalities": st.sampled_from([None, "1"]),
        "updated_at": st.sampled_from([None, None, "2022-04-01", "2022-04-02"]),
        "deleted": st.sampled_from([None, None, None, "yes"]),
        "validation_status": st.sampled_from([None, None, None, "rejected", "deleted"]),
        "actor1": st.sampled_from(["A", "B"]),
    }
)


@st.composite
def files(draw: st.DrawFn) -> list[list[Row]]:
    """Files of which each mostly repeats the one before it: rows are added, dropped, changed and moved."""
    rows: list[Row] = draw(st.lists(EVENT, min_size=1, max_size=4))
    made = [rows]
    for _ in range(draw(st.integers(2, 6))):
        rows = list(rows)
        for change in draw(st.lists(st.sampled_from(["add", "drop", "change", "turn"]), max_size=2)):
            if change == "add" or not rows:
                rows.append(draw(EVENT))
            elif change == "drop":
                rows.pop(draw(st.integers(0, len(rows) - 1)))
            elif change == "change":
                rows[draw(st.integers(0, len(rows) - 1))] = draw(EVENT)
            else:
                rows.reverse()
        made.append(rows)
    return made


@settings(max_examples=EXAMPLES, deadline=None)
@given(files(), st.sets(st.integers(0, 6), max_size=2))
def test_any_files_give_the_records_and_accounts_of_all_their_rows(made: list[list[Row]], gone: set[int]) -> None:
    came = [(delivery(n, rows), frame(rows)) for n, rows in enumerate(made)]
    left = [pair for n, pair in enumerate(came) if n not in gone]
    if not left:
        return
    taken = [pair for n, pair in enumerate(came) if n in gone]
    less, repeated = folded(left, cuts_at([d.received_at for d, _ in left], {d.received_at for d, _ in taken}))
    whole, fewer = events(left), events(less)
    newest, same = current_clashes(whole, gazetteer()), current_clashes(fewer, gazetteer(), repeated)
    again = assert_same(newest, same, repeated)
    counts = repeated.rows_count()
    assert all(rows.height + counts.get(d.delivery_id, 0) == d.rows_count for d, rows in less)
    assert counts == dict(again.group_by("delivery_id").agg(pl.col("rows_count").sum()).iter_rows())
    days = [d.received.date() for d, _ in came]
    known = pl.DataFrame(
        [(day, d.delivery_id, d.received_at) for day in days[:-1] for d, _ in came if d.received.date() <= day],
        schema={"edition_date": pl.Date, "delivery_id": pl.String, "received": pl.String},
        orient="row",
    )
    then = events(taken) if taken else []
    expected = earlier_editions([*whole, *then], newest, known, KEY, gazetteer())
    assert earlier_editions([*fewer, *then], same, known, KEY, gazetteer(), repeated).equals(expected)


CLASH: Row = {
    "event_id": "1",
    "event_date": "2022-03-04",
    "event_type": "clash",
    "longitude": "93.2",
    "latitude": "10.3",
}


def daily(*made: list[Row]) -> list[tuple[Delivery, pl.DataFrame]]:
    return [(delivery(n, rows), frame(rows)) for n, rows in enumerate(made)]


def test_of_a_row_in_every_file_only_the_first_and_the_last_are_kept() -> None:
    came = daily(*[[CLASH, CLASH | {"event_id": "2"}]] * 5)
    less, repeated = folded(came, set())
    assert [rows.height for _, rows in less] == [2, 0, 0, 0, 2]
    assert repeated.rows_count() == {d.delivery_id: 2 for d, _ in came[1:4]}
    again = repeated.by_reason(current_clashes(events(less), gazetteer(), repeated).set_aside)
    assert set(again["reason"]) == {"superseded"}


def test_a_faulty_row_and_numbers_used_twice_in_a_file_are_kept_in_each() -> None:
    faulty, twice = CLASH | {"event_date": "x"}, [CLASH, CLASH | {"fatalities": "1"}]
    for rows in ([faulty], twice):
        less, repeated = folded(daily(*[rows] * 4), set())
        assert [kept.height for _, kept in less] == [len(rows)] * 4
        assert repeated.rows_count() == {}


def test_a_row_that_lay_in_the_future_repeats_only_from_the_day_on_which_it_is_past() -> None:
    came = daily(*[[CLASH | {"event_date": "2022-05-03"}]] * 7)  # the first is of 1 May
    less, _ = folded(came, set())
    assert [rows.height for _, rows in less] == [1, 1, 1, 0, 0, 0, 1]
    assert events(less)[0].set_aside["reason"].to_list() == ["date_out_of_range"] * 2


def test_a_changed_row_ends_a_span_and_a_reading_that_differs_does_too() -> None:
    changed = CLASH | {"fatalities": "9"}
    less, _ = folded(daily(*[[CLASH]] * 3, *[[changed]] * 3), set())
    assert [rows.height for _, rows in less] == [1, 0, 1, 1, 0, 1]
    spans = no_spans(FORM)
    for n, (one, rows) in enumerate(daily([CLASH], [CLASH])):
        spans = extended(spans, rows, n, reads_events(one), goes_on=False)
    assert spans["row_numbers"].to_list() == [[2], [2]]


def test_what_was_received_between_two_deliveries_cuts_their_spans() -> None:
    came = daily(*[[CLASH]] * 6)
    at = [one.received_at for one, _ in came]
    assert cuts_at(at, {at[2]}) == {2, 3}
    assert cuts_at(at, {(FIRST + timedelta(days=1, hours=3)).isoformat(timespec="microseconds")}) == {2}
    less, _ = folded(came, {3})
    assert [rows.height for _, rows in less] == [1, 0, 1, 1, 0, 1]


def test_the_rows_of_earlier_editions_that_came_again_are_never_placed_again() -> None:
    """Rows are counted where points are looked up: those of the newest edition alone, however many there are."""
    looked_up: list[int] = []

    def locate(points: pl.DataFrame) -> pl.DataFrame:
        looked_up.append(points.height)
        return places.locate(points)

    places = gazetteer()
    counting = replace(places, locate=locate)
    growing = [[CLASH | {"event_id": str(k)} for k in range(n + 3)] for n in range(9)]
    less, repeated = folded(daily(*growing), set())
    made = events(less)
    newest = current_clashes(made, counting, repeated)
    first = sum(looked_up)
    assert first == len(growing[-1])
    known = pl.DataFrame(
        [(date(2022, 5, n + 1), d.delivery_id, d.received_at) for n in range(8) for d, _ in less[: n + 1]],
        schema={"edition_date": pl.Date, "delivery_id": pl.String, "received": pl.String},
        orient="row",
    )
    table = earlier_editions(made, newest, known, KEY, counting, repeated)
    assert table["events_count"].to_list() == [len(rows) for rows in growing[:-1]]
    assert sum(looked_up) == first
