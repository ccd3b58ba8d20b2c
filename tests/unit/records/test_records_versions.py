"""One current version of each event, whatever the order of deliveries and of rows."""

import itertools

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records_frames import CLASH, UCDP, gazetteer, rows_of
from shared_examples import examples

from pipeline.declare.codes import Reason
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.events import canonical_events
from pipeline.records.triage import accounts
from pipeline.sources.ucdp.events import ucdp_events

CONTENT = ["source_key", "event_id", "event_date", "event_class", "adm3_pcode", "fatalities_persons"]
DAYS = ("2024-06-01T08:00:00+00:00", "2024-06-02T08:00:00+00:00", "2024-06-03T08:00:00+00:00")


def clash(event_id: str, **more: str) -> dict[str, str]:
    return CLASH | {"event_id": event_id} | more


def made(*frames: pl.DataFrame) -> Clashes:
    result = current_clashes([canonical_events(frame) for frame in frames], gazetteer())
    rows = pl.concat([frame.select("delivery_id", "row_number") for frame in frames])
    accounts(rows, result.records.with_columns(pl.lit(None, pl.Date).alias("day")), result.set_aside, "test")
    return result


FIRST = [clash(e, updated_at="2024-01-01T00:00:00Z", fatalities="1") for e in ("a", "b", "c")]
REVISED = [
    clash("a", updated_at="2024-02-01T00:00:00Z", fatalities="2"),
    clash("b", updated_at="2024-02-01T00:00:00Z", fatalities="1", adm3_pcode="MMR001002"),
]
DELETIONS = [{"event_id": "a", "deleted": "true", "updated_at": "2024-03-01T00:00:00Z"}]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_first_revised_and_deletions_in_any_order_give_the_same(order: tuple[int, ...]) -> None:
    parts = (FIRST, REVISED, DELETIONS)
    result = made(*(rows_of("canonical_clashes", parts[i], f"d{i}", DAYS[n]) for n, i in enumerate(order)))
    assert result.records.select("event_id", "adm3_pcode").rows() == [("b", "MMR001002"), ("c", "MMR001001")]
    reasons = dict(result.set_aside.group_by("reason").len().rows())
    assert reasons == {Reason.DELETED: 3, Reason.SUPERSEDED: 1}


def test_faults_files_overlapping_exports_by_id_and_revision() -> None:
    """Two exports that overlap: by event id the newest revision holds and a deleted id ends, received in any order."""
    old = [clash(e, updated_at="2024-01-01") for e in "abc"]
    new = [
        clash("a", updated_at="2024-02-01", adm3_pcode="MMR001002"),
        clash("b", updated_at="2024-02-01", deleted="yes"),
    ]
    for first, second in ((old, new), (new, old)):
        result = made(
            rows_of("canonical_clashes", first, "d1", DAYS[0]), rows_of("canonical_clashes", second, "d2", DAYS[1])
        )
        assert result.records.select("event_id", "adm3_pcode").rows() == [("a", "MMR001002"), ("c", "MMR001001")]
        assert dict(result.set_aside.group_by("reason").len().rows()) == {Reason.SUPERSEDED: 1, Reason.DELETED: 2}


def test_a_late_older_export_never_overwrites() -> None:
    newer = rows_of("canonical_clashes", [clash("a", updated_at="2024-02-01", fatalities="2")], "d1", DAYS[0])
    older = rows_of("canonical_clashes", [clash("a", updated_at="2024-01-01", fatalities="1")], "d2", DAYS[1])
    assert made(newer, older).records["fatalities_persons"].to_list() == [2]
    again = rows_of("canonical_clashes", [clash("a", updated_at="2024-03-01", fatalities="1")], "d2", DAYS[1])
    assert made(newer, again).records["fatalities_persons"].to_list() == [1]


def test_revisions_compare_as_moments_and_not_as_text() -> None:
    later = rows_of("canonical_clashes", [clash("a", updated_at="2024-02-01T08:00:00Z", fatalities="2")], "d1", DAYS[0])
    earlier = clash("a", updated_at="2024-02-01T09:00:00+06:30", fatalities="1")  # 02:30 UTC
    assert made(later, rows_of("canonical_clashes", [earlier], "d2", DAYS[1])).records["fatalities_persons"][0] == 2


def test_a_bare_list_of_deletions_ends_what_was_known_and_an_older_export_does_not_bring_it_back() -> None:
    first = rows_of("canonical_clashes", FIRST, "d1", DAYS[0], reference_date=None)
    gone = rows_of("canonical_clashes", [{"event_id": "a", "deleted": "yes"}], "d2", DAYS[1], reference_date=None)
    late = rows_of("canonical_clashes", FIRST[:1], "d3", DAYS[2], reference_date=None)
    assert made(first, gone, late).records["event_id"].to_list() == ["b", "c"]
    revived = clash("a", updated_at="2024-06-03")
    assert (
        "a" in made(first, gone, rows_of("canonical_clashes", [revived], "d3", DAYS[2])).records["event_id"].to_list()
    )


def test_rows_without_a_revision_time_rank_by_their_delivery() -> None:
    stated = rows_of("canonical_clashes", [clash("a", updated_at="2024-01-01", fatalities="1")], "d1", DAYS[0])
    silent = rows_of("canonical_clashes", [clash("a", fatalities="2")], "d2", DAYS[1], reference_date=None)
    assert made(stated, silent).records["fatalities_persons"].to_list() == [2]


def test_an_export_delivered_late_ranks_by_the_day_its_sidecar_states() -> None:
    def export(name: str, received: str, day: str | None, best: str) -> pl.DataFrame:
        return rows_of("ucdp_ged", [UCDP | {"best": best}], name, received, reference_date=day)

    new, old = export("d1", DAYS[0], "2024-05-01", "9"), export("d2", DAYS[1], "2023-05-01", "1")
    result = current_clashes([ucdp_events(pl.concat([new, old]))], gazetteer())
    assert result.records["fatalities_persons"].to_list() == [9]
    undated = export("d3", DAYS[2], None, "5")
    result = current_clashes([ucdp_events(pl.concat([new, undated]))], gazetteer())
    assert result.records["fatalities_persons"].to_list() == [5]


def test_a_revision_that_moves_an_event_to_the_country_takes_it_out_of_its_township() -> None:
    moved = clash("b", updated_at="2024-02-01", geo_precision="country")
    result = made(rows_of("canonical_clashes", FIRST, "d1"), rows_of("canonical_clashes", [moved], "d2", DAYS[1]))
    assert result.records["event_id"].to_list() == ["a", "c"]
    assert result.unallocated["events_count"].to_list() == [1]


def test_the_same_row_twice_is_a_duplicate_and_another_version_is_superseded() -> None:
    result = made(rows_of("canonical_clashes", [clash("a"), clash("a"), clash("b"), clash("b", fatalities="4")]))
    assert result.records["event_id"].to_list() == ["a", "b"]
    assert sorted(result.set_aside["reason"]) == [Reason.DUPLICATE_ROW, Reason.SUPERSEDED]


def test_two_sources_keep_their_own_ids() -> None:
    frames = [
        canonical_events(rows_of("canonical_clashes", [clash("7")])),
        ucdp_events(rows_of("ucdp_ged", [UCDP | {"id": "7.0"}], "d2")),
    ]
    assert current_clashes(frames, gazetteer()).records["source_key"].to_list() == ["canonical_clashes", "ucdp_ged"]


def test_no_events_at_all_give_empty_tables() -> None:
    for events in ([], [canonical_events(rows_of("canonical_clashes", []))]):
        result = current_clashes(events, gazetteer())
        assert result.records.is_empty()
        assert result.unallocated.is_empty()


_ROW = st.fixed_dictionaries(
    {
        "event_id": st.sampled_from(["a", "b", "c", " a", ""]),
        "event_date": st.sampled_from(["2022-03-04", "2022-05-06", "2022-02-31", ""]),
        "event_type": st.sampled_from(["clash", "other", "riot?"]),
        "adm3_pcode": st.sampled_from(["MMR001001", "MMR013008", "MMR013045", "MMR9", ""]),
        "fatalities": st.sampled_from(["", "1", "2", "-1"]),
        "updated_at": st.sampled_from(["", "2024-01-01", "2024-02-01", "?"]),
        "deleted": st.sampled_from(["", "", "true", "no", "hm"]),
        "geo_precision": st.sampled_from(["", "exact", "district"]),
    }
)


@examples(6)
@given(st.lists(_ROW, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_row_order_changes_nothing(rows: list[dict[str, str]], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = rows.copy()
    random.shuffle(shuffled)
    one, other = (made(rows_of("canonical_clashes", r)) for r in (rows, shuffled))
    assert one.records.select(CONTENT).equals(other.records.select(CONTENT))
    assert one.unallocated.equals(other.unallocated)
    assert sorted(one.set_aside["reason"]) == sorted(other.set_aside["reason"])


def test_times_of_different_clocks_are_never_compared() -> None:
    """A team that begins to state updated_at must not lose its corrections to what it sent before."""
    first = rows_of("canonical_clashes", [clash("a", fatalities="1")], "d1", DAYS[0])
    later = rows_of("canonical_clashes", [clash("a", fatalities="2", updated_at="2020-01-01")], "d2", DAYS[1])
    for frames in ((first, later), (later, first)):
        made = current_clashes([canonical_events(frame) for frame in frames], gazetteer()).records
        assert made["fatalities_persons"].to_list() == [2]


def test_two_teams_with_the_same_ids_neither_replace_nor_end_each_others_events() -> None:
    north = rows_of("canonical_clashes", [clash("a", fatalities="1"), clash("b")], "d1", DAYS[0])
    south = rows_of("canonical_clashes", [clash("a", fatalities="2"), DELETIONS[0] | {"event_id": "b"}], "d2", DAYS[1])
    named = [
        frame.with_columns(pl.lit(f"canonical_clashes:{team}").alias("source_key"))
        for frame, team in ((north, "north"), (south, "south"))
    ]
    result = made(*named)
    kept = result.records.select(pl.col("source_key").str.split(":").list.last(), "event_id", "fatalities_persons")
    assert kept.rows() == [("north", "a", 1), ("north", "b", None), ("south", "a", 2)]
    assert result.set_aside["reason"].to_list() == [Reason.DELETED]


def test_events_carry_their_actors_as_the_source_names_them() -> None:
    ours = canonical_events(rows_of("canonical_clashes", [clash("a", actor1=" SAC ", actor2="")]))
    ucdp = ucdp_events(rows_of("ucdp_ged", [UCDP | {"side_a": "Government of Myanmar (Burma)", "side_b": "NUG"}]))
    assert ours.kept.select("actor1", "actor2").rows() == [("SAC", None)]
    assert ucdp.kept.select("actor1", "actor2").rows() == [("Government of Myanmar (Burma)", "NUG")]
    assert current_clashes([ours], gazetteer()).records["actor1"].to_list() == ["SAC"]


def test_rows_that_differ_in_their_actors_only_give_the_same_record_in_any_order() -> None:
    rows = [clash("a", actor2=name) for name in ("KIA", "AA", "PDF")]
    found = {
        made(rows_of("canonical_clashes", list(order))).records["actor2"].item()
        for order in itertools.permutations(rows)
    }
    assert len(found) == 1
