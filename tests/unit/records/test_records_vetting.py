"""UCDP's vetted release stands for its days: candidates that it does not hold end, and none replaces a vetted row."""

import itertools
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records_frames import UCDP, gazetteer, rows_of
from shared_examples import examples

from pipeline.declare.codes import Reason
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.vetting import VETTED, stated, with_vetting
from pipeline.sources.ucdp.events import ucdp_events

NOW = "2026-06-01T08:00:00+00:00"
CONTENT = ["event_id", "event_date", "adm3_pcode", "fatalities_persons", "source_status"]
Row = dict[str, str]


def event(number: int, day: str, status: str = "Clear", best: str = "1", end: str = "") -> Row:
    return UCDP | {"id": str(number), "date_start": day, "date_end": end or day, "code_status": status, "best": best}


def made(*files: list[Row], releases: tuple[str | None, ...] = (), received: str = NOW) -> Clashes:
    """The records of files that came one after the other, each a second later and with what it states of itself."""
    frames = [
        rows_of("ucdp_ged", rows, f"f{n}", received[:17] + f"{n:02}" + received[19:], reference_date=None)
        for n, rows in enumerate(files)
    ]
    said = [*releases, *[None] * len(files)]
    frames = [f.with_columns(pl.lit(r, pl.String).alias("release")) for f, r in zip(frames, said, strict=False)]
    return current_clashes([ucdp_events(pl.concat(frames))], gazetteer())


def counted(result: Clashes) -> dict[str, int]:
    return dict(result.records.select("event_id", "fatalities_persons").rows())


def reasons(result: Clashes) -> dict[str, int]:
    return dict(result.set_aside.group_by("reason").len().rows())


# Two events a quarter; of the candidates one was recoded, one was dropped, one came in June already Clear and was
# dropped all the same.
YEARLY = [event(n, f"2023-{month:02}-10") for n, month in enumerate((1, 2, 4, 5, 8, 9, 11, 12), start=1)]
CANDIDATES = [
    event(1, "2023-01-10", "Check deaths", "50"),
    event(2, "2023-02-10", "Clear", "50"),
    event(91, "2023-03-10", "Check event"),
    event(92, "2023-06-10", "Clear"),
]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_candidates_that_the_vetted_release_does_not_hold_end_in_any_order(order: tuple[int, int]) -> None:
    result = made(*((CANDIDATES, YEARLY)[n] for n in order))
    assert counted(result) == {str(n): 1 for n in range(1, 9)}
    assert reasons(result) == {Reason.NOT_CONFIRMED: 2, Reason.SUPERSEDED: 2}
    assert len(result.sentences) == 1
    assert "2 candidate rows ended" in result.sentences[0]
    assert "for 2023-01-01 to 2023-12-31" in result.sentences[0]


def test_candidates_alone_go_on_counting_and_so_do_those_after_the_vetted_days() -> None:
    assert set(counted(made(CANDIDATES))) == {"1", "2", "91", "92"}
    later = [event(93, "2024-01-02", "Check event"), event(94, "2024-02-02", "Clear")]
    over_the_end = [event(95, "2023-12-30", "Check event", end="2024-01-02")]
    result = made(YEARLY, CANDIDATES + later + over_the_end)
    assert {"93", "94", "95"} <= set(counted(result))
    assert reasons(result)[Reason.NOT_CONFIRMED] == 2


def test_a_month_of_candidates_that_are_all_clear_is_no_vetted_release() -> None:
    december = [event(96, "2023-12-05"), event(8, "2023-12-10", best="50")]
    for files in itertools.permutations((YEARLY, CANDIDATES, december)):
        result = made(*files)
        assert counted(result) == {str(n): 1 for n in range(1, 9)}
        assert reasons(result)[Reason.NOT_CONFIRMED] == 3
    assert set(counted(made(CANDIDATES, december))) == {"1", "2", "91", "92", "96", "8"}, "it ends nothing"


def test_a_short_list_that_clears_a_candidate_is_a_vetted_release_of_its_months() -> None:
    short = [event(91, "2023-03-10"), event(4, "2023-04-10")]
    result = made(short, [*CANDIDATES, event(97, "2023-04-11", "Check event")])
    assert set(counted(result)) == {"1", "2", "91", "4", "92"}
    assert reasons(result) == {Reason.NOT_CONFIRMED: 1, Reason.SUPERSEDED: 1}


def test_a_file_with_candidates_behind_vetted_years_is_vetted_up_to_them() -> None:
    mixed = [*YEARLY, event(98, "2024-01-10", "Check event"), event(99, "2024-02-10", "Clear")]
    result = made(CANDIDATES, mixed)
    assert set(counted(result)) == {*(str(n) for n in range(1, 9)), "98", "99"}
    assert reasons(result)[Reason.NOT_CONFIRMED] == 2


def test_rows_of_a_year_that_has_not_been_vetted_yet_are_candidates() -> None:
    """Clear rows alone, kept by somebody from a candidate release of the year in which they came."""
    clear = [event(n, f"2026-0{n}-10") for n in range(1, 7)]
    others = [event(50, "2026-03-11", "Check event")]
    assert "50" in counted(made(clear, others, received="2026-09-01T08:00:00+00:00"))
    assert "50" not in counted(made(clear, others, received="2027-09-01T08:00:00+00:00")), "half a year, all Clear"


def test_what_a_delivery_states_of_itself_decides() -> None:
    for release in ("23.01.23.12", "GED 23.01.23.12, country 775, from_2021-02-01"):
        result = made(YEARLY, CANDIDATES, releases=(release,))
        assert {"91", "92"} <= set(counted(result)), "candidates, however Clear"
    short = [event(1, "2023-01-10")]
    assert set(counted(made(short, CANDIDATES, releases=("24.1",)))) == {"1"}
    asked = "GED 24.1, country 775, from_2023-01-01_to_2023-05-31"
    assert set(counted(made(short, CANDIDATES, releases=(asked,)))) == {"1", "92"}, "only the days that it asked for"


def test_candidates_of_several_months_stand_above_those_of_one_where_both_say_so() -> None:
    monthly = [event(1, "2026-03-10", "Check event"), event(2, "2026-03-11", "Clear", "7")]
    several = [event(2, "2026-03-11", "Clear", "3"), event(3, "2026-04-01", "Check event")]
    later = [event(4, "2026-07-01", "Check event")]
    said = ("26.0.3", "26.01.26.06", "26.0.7")
    for order in itertools.permutations(range(3)):
        files = [(monthly, several, later)[n] for n in order]
        result = made(*files, releases=tuple(said[n] for n in order), received="2026-09-01T08:00:00+00:00")
        assert counted(result) == {"2": 3, "3": 1, "4": 1}
    assert set(counted(made(monthly, several))) == {"1", "2", "3"}, "not said: nothing ends"


def test_the_later_of_two_yearly_releases_holds_and_ends_nothing_of_the_other() -> None:
    earlier = [*YEARLY, *(event(n, f"2023-0{n - 30}-20") for n in range(31, 35))]
    later = [row | {"best": "2"} for row in earlier[1:]] + [event(20, "2024-12-01"), event(21, "2024-05-01")]
    for files in ((earlier, later), (later, earlier)):
        result = made(*files)
        twos = {row["id"]: 2 for row in earlier[1:]}
        assert counted(result) == {"1": 1, **twos, "20": 1, "21": 1}
        assert Reason.NOT_CONFIRMED not in reasons(result)


def test_a_list_without_a_status_is_vetted_only_where_it_runs_over_more_than_a_year() -> None:
    blank = [row | {"code_status": ""} for row in YEARLY]
    assert {"91", "92"} <= set(counted(made(blank, CANDIDATES)))
    longer = [event(30, "2022-03-01", ""), *blank]
    assert not {"91", "92"} & set(counted(made(longer, CANDIDATES)))


def test_within_one_file_the_clear_version_of_an_event_is_taken() -> None:
    assert counted(made([event(1, "2023-01-10", "Check deaths", "9"), event(1, "2023-01-10", "Clear", "2")])) == {
        "1": 2
    }


_DAYS = [date(2023, month, day).isoformat() for month in range(1, 13) for day in (3, 17)]
_CANDIDATE = st.tuples(st.integers(1, 40), st.sampled_from(_DAYS), st.sampled_from(["Clear", "Check event"]))


@examples(6)
@given(st.lists(_CANDIDATE, max_size=12), st.permutations(range(4)), st.permutations("pqrs"))
def test_any_order_of_arrival_and_any_names_give_the_table_of_the_vetted_release(
    given_rows: list[tuple[int, str, str]], order: list[int], names: list[str]
) -> None:
    candidates = [event(n, day, status, "9") for n, day, status in given_rows]
    files = [YEARLY, candidates[0::3], candidates[1::3], candidates[2::3]]
    frames = [
        rows_of("ucdp_ged", files[n], name, f"2026-06-01T08:00:0{at}+00:00", reference_date=None)
        for at, (n, name) in enumerate(zip(order, names, strict=True))
    ]
    result = current_clashes([ucdp_events(pl.concat(frames))], gazetteer())
    assert result.records.select(CONTENT).equals(made(YEARLY).records.select(CONTENT))
    assert result.set_aside.height == len(candidates)
    assert set(result.set_aside["reason"]) <= {Reason.NOT_CONFIRMED, Reason.SUPERSEDED, Reason.DUPLICATE_ROW}


def test_what_versions_say() -> None:
    yearly, month, several = stated("24.1"), stated("23.0.5"), stated("GED 23.01.23.06, country 775, from_2021-02-01")
    assert yearly is not None
    assert (yearly.last, yearly.yearly) == (date(2023, 12, 31), True)
    assert month is not None
    assert (month.first, month.last, month.yearly) == (date(2023, 5, 1), date(2023, 5, 31), False)
    assert several is not None
    assert (several.first, several.last, several.span) == (date(2023, 1, 1), date(2023, 6, 30), True)
    for text in (None, "", "24", "23.0.13", "23.06.23.01", "Myanmar 2023"):
        assert stated(text) is None


def test_other_sources_have_no_releases() -> None:
    frame = pl.DataFrame({"source_key": ["acled"], "_deleted": [False]})
    judged, standing = with_vetting(frame)
    assert not standing
    assert judged.select("_release_rank", "_vetted", "_final", "_release_end").row(0) == (None, False, False, None)
    assert VETTED == 2
