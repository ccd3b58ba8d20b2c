"""ACLED exports, interface rows and deletions: the same events as a canonical file give the same counts."""

import itertools

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records_frames import ACLED, CLASH, UCDP, each, gazetteer, rows_of
from shared_examples import examples

from pipeline.declare.codes import Reason
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.events import canonical_events
from pipeline.records.triage import accounts
from pipeline.sources.acled.events import acled_deletions, acled_events
from pipeline.sources.ucdp.events import ucdp_events

DAYS = tuple(f"2024-06-0{n}T08:00:00+00:00" for n in range(1, 4))
TYPES = ("Battles", "Explosions/Remote violence", "Violence against civilians", "Protests")
PLACES = (("Kachin", "Myitkyina"), ("Kachin", "Waingmaw"), ("Bago-West", "Minhla"), ("Shan-North", "Lashio"))


def event(event_id: str, **more: str) -> dict[str, str]:
    return ACLED | {"event_id_cnty": event_id} | more


def canonical(row: dict[str, str]) -> dict[str, str]:
    """The same event in this project's own columns."""
    precision = {"1": "exact", "2": "township", "3": "region"}
    own = {"event_id": "event_id_cnty", "event_date": "event_date", "event_type": "event_type", "adm1_name": "admin1",
           "adm3_name": "admin3", "fatalities": "fatalities", "actor1": "actor1"}  # fmt: skip
    renamed = {ours: row[theirs] for ours, theirs in own.items()}
    return renamed | {"geo_precision": precision[row["geo_precision"]], "updated_at": row["timestamp"]}


def made(*frames: pl.DataFrame, read=acled_events) -> Clashes:  # type: ignore[no-untyped-def]
    result = current_clashes([read(frame) for frame in frames], gazetteer())
    rows = pl.concat([frame.select("delivery_id", "row_number") for frame in frames])
    accounts(rows, result.records.with_columns(pl.lit(None, pl.Date).alias("day")), result.set_aside, "test")
    return result


def counts(result: Clashes) -> list[tuple[object, ...]]:
    grain = ["adm3_pcode", "month", "event_class", "geo_precision"]
    return sorted(result.records.group_by(grain).agg(pl.len(), pl.col("fatalities_persons").sum()).rows())


_EVENT = st.fixed_dictionaries(
    {
        "event_date": st.sampled_from(["2022-03-04", "2022-03-31", "2022-04-01", "2022-02-31", "0025-01-01"]),
        "event_type": st.sampled_from([*TYPES, "Skirmish"]),
        "place": st.sampled_from(PLACES),
        "fatalities": st.sampled_from(["0", "2", "", "-1"]),
        "geo_precision": st.sampled_from(["1", "2", "3"]),
    }
)


def rows(drawn: list[dict[str, object]], **more: str) -> list[dict[str, str]]:
    made_of = []
    for n, one in enumerate(drawn):
        cells = {k: str(v) for k, v in one.items() if k != "place"}
        admin1, admin3 = one["place"]  # type: ignore[misc]
        made_of.append(event(f"MMR{n}", admin1=admin1, admin3=admin3, **cells, **more))
    return made_of


@examples(3)
@given(st.lists(_EVENT, min_size=1, max_size=8))
def test_the_same_events_as_an_export_and_as_a_canonical_file_count_the_same(drawn: list[dict[str, object]]) -> None:
    export = rows(drawn)
    theirs = made(rows_of("acled", export))
    ours = made(rows_of("canonical_clashes", [canonical(row) for row in export]), read=canonical_events)
    assert counts(theirs) == counts(ours)
    assert theirs.unallocated["events_count"].sum() == ours.unallocated["events_count"].sum()
    assert sorted(theirs.set_aside["reason"]) == sorted(ours.set_aside["reason"])


@examples(3)
@given(st.lists(st.tuples(_EVENT, _EVENT, _EVENT), min_size=1, max_size=4), st.permutations(range(3)))
def test_three_files_with_revisions_count_the_same_in_any_order(
    drawn: list[tuple[dict[str, object], ...]], order: list[int]
) -> None:
    files = [rows([one[n] for one in drawn], timestamp=str(1700000000 + n)) for n in range(3)]
    files = [part[n * len(part) // 4 :] for n, part in enumerate(files)]  # later files hold fewer of the events
    theirs = made(*(rows_of("acled", files[i], f"d{i}", DAYS[n]) for n, i in enumerate(order)))
    ours = made(
        *(rows_of("canonical_clashes", [canonical(r) for r in part], f"d{i}", DAYS[i]) for i, part in enumerate(files)),
        read=canonical_events,
    )
    assert counts(theirs) == counts(ours)


def test_both_shapes_count_something() -> None:
    theirs = made(rows_of("acled", rows([{"place": place} for place in PLACES])))  # type: ignore[dict-item]
    assert [row[0] for row in counts(theirs)] == ["MMR001001", "MMR001002", "MMR008009", "MMR015001"]
    assert theirs.records.select("actor1", "actor2").unique().rows() == [("One side", "Other side")]
    ours = made(rows_of("canonical_clashes", [canonical(event("1"))]), read=canonical_events)
    assert ours.records.select("actor1", "actor2").rows() == [("One side", None)]


def test_types_of_event() -> None:
    classes = {
        "Battles": "clash", "Explosions/Remote violence": "clash", "Riots": "other", "Protests": "other",
        "Strategic developments": "other", "Violence against civilians": "violence_against_civilians",
    }  # fmt: skip
    found = each("acled", [{"event_type": kind} for kind in classes], ACLED)
    assert [one.records["event_class"].to_list() for one in found] == [[known] for known in classes.values()]


def test_places() -> None:
    cases = [
        ({"geo_precision": "1"}, "exact", "name", "MMR001001"),
        ({"geo_precision": "2.0"}, "township", "name", "MMR001001"),
        ({"geo_precision": ""}, "township", "name", "MMR001001"),
        # The point lies in Myitkyina; the name, where it is known, goes first.
        ({"admin3": "Waingmaw"}, "exact", "name", "MMR001002"),
        ({"admin3": "Myitkyinaa"}, "exact", "coordinates", "MMR001001"),
        ({"admin3": "", "geo_precision": "2"}, "township", "coordinates", "MMR001001"),
        ({"admin3": "Waingmaw", "admin1": "Chin"}, "exact", "coordinates", "MMR001001"),
    ]
    found = each("acled", [cells for cells, *_ in cases], ACLED)
    for (cells, *expected), one in zip(cases, found, strict=True):
        placed = one.records.select("geo_precision", "placed_by", "adm3_pcode").rows()
        assert placed == [tuple(expected)], cells


def test_an_unknown_name_without_a_point_says_so_and_a_region_stays_unallocated() -> None:
    unnamed, region = each("acled", [{"admin3": "Myitkyinaa", "latitude": ""}, {"geo_precision": "3"}], ACLED)
    assert unnamed.set_aside["reason"].to_list() == [Reason.UNKNOWN_NAME]
    assert region.records.is_empty()
    assert region.unallocated["geo_precision"].to_list() == ["region"]


def test_time_precision() -> None:
    found = each("acled", [{"time_precision": code} for code in ("1", "2", "3", "")], ACLED)
    precisions = [one.records["date_precision"].to_list() for one in found]
    assert precisions == [["day"], ["week"], ["month"], ["day"]]


def test_days_as_the_export_tool_and_the_interface_write_them() -> None:
    written = ["2022-03-04", "04 March 2022", "4 March 2022", "2022-03-04T00:00:00"]
    for text, one in zip(written, each("acled", [{"event_date": text} for text in written], ACLED), strict=True):
        assert one.records["event_date"].cast(pl.String).to_list() == ["2022-03-04"], text


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_deleted_id_ends_whatever_comes_first_and_an_unknown_one_is_no_fault(order: tuple[int, ...]) -> None:
    parts = [
        acled_events(rows_of("acled", [event("a"), event("b")], "d0", DAYS[order.index(0)])),
        acled_events(rows_of("acled", [event("a", timestamp="1710000000")], "d1", DAYS[order.index(1)])),
        acled_deletions(
            rows_of(
                "acled_deleted",
                [{"event_id_cnty": name, "deleted_timestamp": "1720000000"} for name in ("a", "never seen")],
                "d2",
                DAYS[order.index(2)],
            )
        ),
    ]
    result = current_clashes([parts[i] for i in order], gazetteer())
    assert result.records["event_id"].to_list() == ["b"]
    assert result.set_aside["reason"].to_list() == [Reason.DELETED] * 4


def test_an_event_restored_after_its_deletion_stands() -> None:
    gone = acled_deletions(rows_of("acled_deleted", [{"event_id_cnty": "a", "deleted_timestamp": "1710000000"}], "d1"))
    back = acled_events(rows_of("acled", [event("a", timestamp="1720000000")], "d2"))
    assert current_clashes([gone, back], gazetteer()).records["event_id"].to_list() == ["a"]


def test_a_deletion_without_an_id_or_with_an_unreadable_time_is_set_aside() -> None:
    listed = [{"event_id_cnty": "", "deleted_timestamp": "1"}, {"event_id_cnty": "a", "deleted_timestamp": "lately"}]
    result = acled_deletions(rows_of("acled_deleted", listed))
    assert result.kept.is_empty()
    assert sorted(result.set_aside["reason"]) == [Reason.INVALID_DATE, Reason.MISSING_VALUE]


def test_candidate_rows_of_ucdp_keep_their_status_and_the_later_release_replaces() -> None:
    api = UCDP | {"id": "7", "date_start": "2022-03-04T00:00:00", "date_end": "2022-03-04T00:00:00", "best": "2",
                  "code_status": "Check dyad", "side_a": "One side", "side_b": "Other side"}  # fmt: skip
    later = api | {"id": "7.0", "code_status": "Clear", "best": "4"}
    first, second = (
        rows_of("ucdp_ged", [row], name, day, reference_date=None)
        for row, name, day in ((api, "d1", DAYS[0]), (later, "d2", DAYS[1]))
    )
    alone, both = made(first, read=ucdp_events), made(first, second, read=ucdp_events)
    columns = ["event_id", "fatalities_persons", "source_status", "actor1", "actor2"]
    assert alone.records.select(columns).rows() == [("7", 2, "Check dyad", "One side", "Other side")]
    assert both.records.select(columns).rows() == [("7", 4, "Clear", "One side", "Other side")]


def test_three_sources_keep_their_own_ids() -> None:
    parts = [acled_events(rows_of("acled", [event("7")], "d1")), ucdp_events(rows_of("ucdp_ged", [UCDP], "d2")),
             canonical_events(rows_of("canonical_clashes", [CLASH], "d3"))]  # fmt: skip
    records = current_clashes(parts, gazetteer()).records
    assert records["source_key"].to_list() == ["acled", "canonical_clashes", "ucdp_ged"]
