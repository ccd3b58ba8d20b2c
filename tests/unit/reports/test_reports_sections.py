"""The sections that an expert asks for: worked by hand on a few townships, and honest where a table is empty."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipeline.declare.codes import IndexName
from pipeline.declare.frames import empty
from reports.site.blocks import Board, Grid, Places, places
from reports.site.changes import changed
from reports.site.control import control, differences, unknown_bases
from reports.site.spatial import UNKNOWN, clusters, spots
from reports.site.township import explanations, neighbours
from reports.site.uncertainty import _expected_words, _interval, _services_words, depends, hangs, how_sure
from reports.text.catalogue import Both

EMPTY = (
    "territorial_control", "township_rates", "township_changes", "neighbours", "spatial_autocorrelation", "hot_spots",
    "scenarios", "robustness", "sensitivity", "explanations", "revisions",
)  # fmt: skip


def english(cell: Any) -> Any:
    return cell.en if isinstance(cell, Both) else cell


def sentences(board: Board) -> list[str]:
    return [one.en for one in board.sentences]


def rows(board: Board, grid: int = 0) -> tuple[tuple[Any, ...], ...]:
    """The cells of a table in English."""
    return tuple(tuple(map(english, row)) for row in board.grids[grid].rows)


def said(board: Board) -> str:
    return " ".join(sentences(board))


@pytest.fixture(scope="module")
def bare(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """A release in which none of these tables has a row."""
    return {**tables, **{name: empty(f"published.{name}") for name in EMPTY}}


def test_empty_tables_give_a_sentence_and_no_table(bare, release) -> None:
    for section in (depends, hangs, clusters, changed, differences):
        board = section(bare, release)
        assert board.sentences
        assert board.grids == ()
    assert (explanations(bare, release), neighbours(bare, release), spots(bare, release)) == ({}, {}, {})


def test_probabilities_are_counted_by_class_and_band(tables, release) -> None:
    index = tables["township_index"]
    first = pl.int_range(pl.len()).over("method", "month") < 3
    sure = pl.when(first).then(pl.lit(0.05)).otherwise(pl.lit(0.96))
    frame = index.with_columns(security_high_probability=sure, security_class=pl.lit("high"))
    board = how_sure({**tables, "township_index": frame}, release)
    assert sentences(board)[0].startswith("3 of 330 townships may be of class high or not")
    assert rows(board) == (("high", "0", "3", "0", "327", "0"),)
    unknown = frame.with_columns(security_high_probability=pl.lit(None, pl.Float64))
    assert "is not known" in sentences(how_sure({**tables, "township_index": unknown}, release))[0]


def test_intervals_are_said_where_they_are_known() -> None:
    row = {"lost_expected_share": 0.442, "lost_interval_low": 0.41, "lost_interval_high": 0.471}
    assert _interval(row) == Both("44.2 (41.0 to 47.1) %", "44.2 (41.0 မှ 47.1) %")
    assert _interval(dict.fromkeys(row)).en == "not known"
    national = {
        "in_conflict_count": 9, "security_high_count": 5, "security_high_expected": 4.5, "security_high_low": 2,
        "security_high_high": 7, "services_severe_count": 3, "services_severe_low": 1, "services_severe_high": 8,
        "services_insufficient_count": 2, "services_severe_certain_count": 1, "services_severe_likely_count": 2,
        "services_severe_known_share": None, "services_severe_turning_share": None,
        "services_severe_turning_ratio": None,
    }  # fmt: skip
    assert "Another record of the same kind would likely give 2 to 7" in _expected_words(national)[0].en
    assert _services_words(national).en.startswith(
        "1 townships have a severe loss of services whatever the open answers are; 2 more "
    )
    assert _services_words(national).en.endswith("there would be 1, with the worst 8.")
    none = _services_words({**national, "services_insufficient_count": 9})
    assert none.en.startswith("No township has enough answers")
    unknown = {**national, "services_severe_low": None, "services_severe_high": None}
    assert "is not known" in _services_words(unknown).en


def test_the_choice_that_moves_most_leads(tables, release) -> None:
    frame = pl.DataFrame({
        "method": ["isp-2023"] * 2, "index_name": ["security"] * 2, "choice": ["events", "threshold"],
        "month": [date(2021, 5, 1)] * 2, "alternatives_count": [1, 2], "scenarios_count": [6, 6],
        "townships_moved_count": [3, 12], "townships_moved_by": ["clash", "one step lower"],
        "control_share_low": [0.4, 0.3], "control_share_high": [0.4, 0.45],
    })  # fmt: skip
    board = depends({**tables, "sensitivity": frame}, release)
    assert sentences(board)[1] == (
        "Security Index: most depends on the choice “cut between classes”. With “a cut one step lower” 12 townships "
        "are of another class (6 scenarios). The share of townships with heavy fighting is then 30.0 to 45.0 %."
    )
    assert "30.0 မှ 45.0 %" in board.sentences[1].my, "numbers are joined by a Burmese word"
    assert sentences(board)[2] == "Humanitarian Crisis Index: no scenarios were computed."
    first, second = rows(board)
    assert first == ("Security Index", "cut between classes", "2", "12", "a cut one step lower", "30.0 to 45.0")
    assert second[5:] == ("40.0",)
    unknown = tables["township_index"].with_columns(security_class=pl.lit("insufficient_data"))
    without = depends({**tables, "sensitivity": frame, "township_index": unknown}, release)
    assert sentences(without)[1].startswith("Security Index: no township has a class; ")
    still = frame.with_columns(townships_moved_count=pl.lit(0), townships_moved_by=pl.lit(None, pl.String))
    assert "no single other choice gives a township another class" in said(
        depends({**tables, "sensitivity": still}, release)
    )


def test_townships_that_hang_on_a_choice_come_with_the_lowest_share_first(tables, release) -> None:
    code = pl.col("adm3_pcode")
    kept = pl.when(code == "MMR001002").then(0.25).when(code == "MMR001001").then(0.999).otherwise(1.0)
    frame = tables["robustness"].with_columns(pl.lit(1.0).alias(f"{index}_kept_share") for index in IndexName)
    frame = frame.with_columns(
        security_kept_share=kept,
        security_changed_by=pl.when(kept < 1).then(pl.lit("threshold=own; events=clash")),
    )  # fmt: skip
    board = hangs({**tables, "robustness": frame}, release)
    assert sentences(board)[0] == (
        "Security Index: of 330 townships whose class could change, 328 keep it in every scenario and 1 in fewer than "
        "half."
    )
    first, second = rows(board)
    assert first[0] == Places((("MMR001002", Both("Waingmaw", "ဝိုင်းမော်")),))
    assert first[4:] == ("25 %", "the cut of the source itself; clashes alone counted")
    assert second[4] == "99 %", "what is not all never reads as all"
    settled = frame.with_columns(security_kept_share=pl.lit(1.0))
    assert hangs({**tables, "robustness": settled}, release).grids == ()


def test_hot_spots_by_state_and_the_unknown_apart(tables, release) -> None:
    code = pl.col("adm3_pcode")
    frame = tables["hot_spots"].with_columns(
        getis_ord_z=pl.when(code != "MMR001003").then(1.5),
        hot_spot_class=pl.when(code.is_in(["MMR001001", "MMR001003"])).then(pl.lit("hot")).otherwise(pl.lit("none")),
    )
    moran = tables["spatial_autocorrelation"].with_columns(
        morans_i=pl.lit(0.55), morans_i_expected=pl.lit(-0.003), morans_i_p_value=pl.lit(0.0001)
    )
    world = {**tables, "hot_spots": frame, "spatial_autocorrelation": moran}
    board = clusters(world, release)
    first, second = sentences(board)
    assert "It is 0.55; without any pattern it would be \u22120.003 (p under 0.001" in first
    assert second.startswith("1 townships are hot spots: ") and " 0 are cold spots: " in second
    assert second.endswith("For 1 townships it is not known.")
    myitkyina = Both("Myitkyina", "မြစ်ကြီးနား")
    assert rows(board) == (("Kachin", "1", Places((("MMR001001", myitkyina),)), "0", "none"),)
    assert spots(world, release)["MMR001003"] == UNKNOWN
    unknown = frame.with_columns(getis_ord_z=pl.lit(None, pl.Float64))
    assert "is not known" in said(clusters({**tables, "hot_spots": unknown}, release))


def changes_frame(tables) -> pl.DataFrame:
    """April settled and whole, May to the 20th and provisional; one rise and one alert in each."""
    code, may = pl.col("adm3_pcode"), pl.col("month") == date(2021, 5, 1)
    rise = code == "MMR001001"
    return tables["township_changes"].with_columns(
        period_end=pl.when(may).then(date(2021, 5, 20)).otherwise(pl.col("month").dt.month_end()),
        provisional=may, clashes_month_count=pl.when(rise).then(9).otherwise(1), clashes_previous_month_count=pl.lit(1),
        change_class=pl.when(rise).then(pl.lit("rise")).when(code == "MMR001002").then(pl.lit("no_comparison"))
        .otherwise(pl.lit("limited_change")),
        is_onset=pl.lit(None, pl.Boolean), is_lull=pl.lit(False), is_alert=rise,
    )  # fmt: skip


def test_changes_of_the_settled_month_stand_beside_the_last(tables, release) -> None:
    board = changed({**tables, "township_changes": changes_frame(tables)}, release)
    first, second = sentences(board)[:2]
    assert first.startswith("April 2021: 1 townships rose and 0 fell by more than chance explains; 329 can be ")
    assert second.startswith("May 2021 (part of the month) (provisional): ")
    none = tables["change_summary"].clear()
    untold = changed({**tables, "township_changes": changes_frame(tables), "change_summary": none}, release)
    assert "Chance alone" not in said(untold)
    summary = pl.DataFrame({"method": ["isp-2023"], "scope": ["national"], "month": [date(2021, 4, 1)],
                            "changes_by_chance_expected": [2.345]})  # fmt: skip
    summary = pl.concat([none, summary], how="diagonal_relaxed")
    told = changed({**tables, "township_changes": changes_frame(tables), "change_summary": summary}, release)
    assert "Chance alone would give 2.3 such rises and falls." in sentences(told)[0]
    found = {row[0]: row[1:] for row in board.grids[0].rows}
    named = Places((("MMR001001", Both("Myitkyina", "မြစ်ကြီးနား")),))
    assert found["Rise beyond chance"] == ("1", named, "1", named)
    assert found["Onset: clashes after a quiet spell"][:2] == ("0", "none")


def test_one_month_that_is_settled_and_last_stands_once(tables, release) -> None:
    frame = changes_frame(tables).filter(pl.col("month") < date(2021, 5, 1))
    board = changed({**tables, "township_changes": frame}, release)
    assert len(board.grids[0].header) == 3
    nothing = frame.with_columns(change_class=pl.lit("no_comparison"), is_alert=pl.lit(None, pl.Boolean))
    assert "no township can be compared" in said(changed({**tables, "township_changes": nothing}, release))


def test_a_whole_month_that_is_provisional_is_not_the_settled_one(tables, release) -> None:
    frame = changes_frame(tables).with_columns(period_end=pl.col("month").dt.month_end())
    board = changed({**tables, "township_changes": frame}, release)
    assert sentences(board)[0].startswith("April 2021: ")
    assert sentences(board)[1].startswith("May 2021 (provisional): ")
    unsettled = frame.with_columns(provisional=pl.lit(True))
    assert len(changed({**tables, "township_changes": unsettled}, release).grids[0].header) == 3


def test_editions_are_set_beside_each_other(tables, release) -> None:
    first, second, month = date(2021, 4, 5), date(2021, 6, 5), date(2021, 3, 1)
    frame = pl.DataFrame({
        "method": ["isp-2023"] * 2, "edition_date": [first, second], "month": [month] * 2,
        "clashes_month_count": [8, 10], "in_conflict_count": [3, 3], "security_high_count": [1, 1],
        "clashes_month_change": [None, 2], "in_conflict_change": [None, 0], "security_high_change": [None, 0],
        "townships_reclassified_count": [None, 4], "clashes_known_share": [0.8, 1.0],
    })  # fmt: skip
    board = changed({**tables, "revisions": frame}, release)
    assert "counts 80 % of what the newest edition counts (median of 1 months" in said(board)
    assert rows(board, -2) == (
        ("5 June 2021", "1", "+2", "March 2021", "0", "4"),
        ("5 April 2021", "1", "no comparison", "none", "no comparison", "no comparison"),
    )
    assert "one edition" in said(changed({**tables, "revisions": frame.head(1)}, release))


def test_bases_that_differ_are_told_from_those_not_known(tables, release) -> None:
    """The administration differs in five of 25 townships; no observed record is in force."""
    administration = pl.col("basis") == "administration"
    compared = {"townships": 25.0, "area": 1000.4, "population": None}
    frame = tables["territorial_control"].with_columns(
        compared_value=pl.when(administration).then(
            pl.col("measure").replace_strict(compared, default=None, return_dtype=pl.Float64)
        ).otherwise(0.0),
        differs_from_security_value=pl.when(administration & (pl.col("measure") != "population")).then(5.0),
    )  # fmt: skip
    board = differences({**tables, "territorial_control": frame}, release)
    offices = "By administration (police and GAD both closed)"
    assert rows(board) == (
        (offices, "townships", "25", "5"), (offices, "area", "1,000 km²", "5 km²"),
    )  # fmt: skip
    security = "By heavy fighting since 2021 (ISP's measure of control lost)"
    assert sentences(board) == [
        f"25 townships are known on both bases, “{security}” and “{offices}”; the two differ in 5.",
        f"No township is known on both bases: “{security}” and “By observed control records”.",
    ]


def test_a_basis_of_which_nothing_is_known_is_one_sentence(tables, release) -> None:
    blank = [pl.when(pl.col("basis") != "observed").then(name).alias(name)
             for name in ("lost_share", "contested_share", "held_share")]  # fmt: skip
    people = pl.when((pl.col("basis") == "administration") & (pl.col("measure") == "population"))
    drawn = pl.col("measure") == "exact_area"  # of observed control alone
    frame = tables["territorial_control"].filter(~drawn | (pl.col("basis") == "observed")).with_columns(
        pl.col("lost_share", "contested_share", "held_share").fill_null(0.1)
    ).with_columns(*blank).with_columns(
        people.then(None).otherwise(name).alias(name) for name in ("lost_share", "contested_share", "held_share")
    )  # fmt: skip
    world = {**tables, "territorial_control": frame}
    assert len(control(world, release)) == 5
    assert [one.en for one in unknown_bases(world, release)] == [
        "By administration (police and GAD both closed): not known for population.",
        "By observed control records: no record in force, so no share is known.",
    ]


def test_a_table_that_is_not_rectangular_is_refused() -> None:
    with pytest.raises(ValueError, match="do not have 2 cells"):
        Grid("x", (("a", False), ("b", True)), (("only one",),))
    assert places([], 3) == "none"
    assert places([("a", "A", None), ("b", "B", "ဘ")], 1) == Places((("a", Both("A", "A")),), 1)
