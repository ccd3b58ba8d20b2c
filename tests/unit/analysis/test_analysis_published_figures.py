"""The comparison with published figures: what is ours, what compares, and what the note admits."""

from datetime import date

import polars as pl
import pytest

from pipeline.analysis.published_figures import CUT_OFF_FIGURE, comparison, on_day
from pipeline.analysis.scenario_grid import ClashSource, Records
from pipeline.declare.codes import Absence
from pipeline.declare.methods import ISP_2023
from pipeline.indices.summaries import national_summary

A, B, C = "MMR001001", "MMR014010", "MMR002001"
PLACES = (A, B, C)
FEB = date(2021, 2, 10)


@pytest.fixture
def records_of(hand):
    def made(clashes=None, *, end=hand.end, source_key=hand.key, displacement=None, services=None, uncovered=()):
        towns = hand.townships(PLACES).with_columns(pl.Series("state_region", ["Sagaing", "Shan", "Kayah"]))
        return Records(
            clashes=hand.clashes((A, FEB), (B, FEB)) if clashes is None else clashes,
            displacement=hand.records("records.displacement") if displacement is None else displacement,
            services=hand.records("records.services") if services is None else services,
            deliveries=hand.deliveries(),
            townships=towns,
            period_end=end,
            sources=(ClashSource(source_key, Absence.ZERO, uncovered=frozenset(uncovered)),),
        )

    return made


@pytest.fixture
def compare(records_of):
    def run(figure, *, cut_off="2021-03-31", published="x Weekly", **given):
        figures = pl.DataFrame(
            {
                "figure": [figure, CUT_OFF_FIGURE],
                "value": [5, 7],
                "unit": ["townships", "clashes"],
                "reference_date": ["2021-05-05", cut_off],
                "source": [published, "x Monthly"],
            }
        )
        return comparison(figures, records_of(**given)).filter(figure=figure).row(0, named=True)

    return run


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("townships_in_conflict", 2),
        ("townships_in_conflict_share", 67),
        ("townships_with_fighting", 2),
        ("sagaing_townships_with_clashes", 1),
        ("karenni_area_townships_with_clashes", 1),
        ("townships_total", 3),
    ],
)
def test_same_cut_off_and_definition_compare(compare, figure, expected):
    row = compare(figure)
    assert (row["our_value"], row["difference"], row["comparable"]) == (expected, expected - 5, True)


def test_ours_is_computed_to_the_published_figures_own_day(compare, hand):
    events = hand.clashes((A, FEB), (B, date(2021, 3, 10)), (C, date(2021, 3, 20)))
    counted = {
        day: compare("townships_in_conflict", cut_off=day, clashes=events)["our_value"]
        for day in ("2021-02-09", "2021-02-10", "2021-03-09", "2021-03-10", "2021-03-19", "2021-03-31")
    }
    assert list(counted.values()) == [0, 1, 1, 2, 2, 3]
    clashes = compare(CUT_OFF_FIGURE, cut_off="2021-03-10", clashes=events)
    assert (clashes["our_value"], clashes["comparable"]) == (2, True)
    row = compare("townships_in_conflict", cut_off="2021-03-10", clashes=events)
    assert row["comparable"]
    assert "Ours counts to 2021-03-10, as the published figure does." in row["note"]


def test_a_release_that_ends_before_the_day_has_no_figure_of_it(compare):
    row = compare("townships_in_conflict", cut_off="2021-04-01")
    assert (row["our_value"], row["difference"], row["comparable"]) == (None, None, False)
    assert "This release counts to 2021-03-31 and cannot tell of 2021-04-01" in row["note"]
    assert compare("townships_total", cut_off="2021-04-01")["our_value"] == 3, "a list has no day"
    early = compare("townships_in_conflict", cut_off="2021-01-31")
    assert (early["our_value"], early["comparable"]) == (None, False)


def test_townships_that_the_records_do_not_cover_are_unknown_on_the_day_too(compare):
    row = compare("karenni_area_townships_with_clashes", uncovered=[C])
    assert (row["our_value"], row["comparable"]) == (1, False)
    assert "Of 1 townships the records of clashes say nothing." in row["note"]


def test_a_printing_date_is_not_the_day_that_was_counted_to(compare):
    own = compare("townships_in_conflict", published="y", end=date(2021, 5, 31))
    assert "to 2021-05-05" in own["note"]
    same = compare("townships_in_conflict", end=date(2021, 5, 31))
    assert "to 2021-03-31" in same["note"]


@pytest.mark.parametrize("day", [date(2021, 2, 10), date(2021, 2, 28), date(2021, 3, 15), date(2021, 3, 31)])
def test_a_day_has_the_state_of_a_release_that_ends_on_it(hand, records_of, day):
    """Every count is the national summary's own, for the same records and a period that ends on the day."""
    events = hand.clashes(*[(A, FEB)] * 60, (B, FEB), (B, date(2021, 3, 10)), (C, date(2021, 3, 20)))
    people = hand.records(
        "records.displacement",
        {"reference_date": FEB, "idps_new_persons": 3},
        {"reference_date": date(2021, 3, 12), "adm3_pcode": B, "idps_stock_persons": 9_000},
    )
    answers = hand.records(
        "records.services",
        {"survey_date": FEB, "police_station": "no", "gad_office": "no", "electricity": "no"},
        {"survey_date": date(2021, 3, 11), "adm3_pcode": B, "police_station": "yes", "gad_office": "yes"},
    )
    records = records_of(events, displacement=people, services=answers)
    found = on_day(day, records, ISP_2023)
    given = {"displacement": people, "services": answers, "townships": records.townships, "period_end": day}
    made = hand.chain(events.filter(pl.col("event_date") <= day), **given)
    empty = hand.frame("records.unallocated_events", [])
    nation = national_summary(
        made["index"], records.townships, empty, ISP_2023, hand.key, made["security"], made["signals"]
    ).row(-1, named=True)
    assert nation["period_end"] == day
    assert {name: nation[name] for name in found.national} == found.national


def test_lethal_source_does_not_compare(compare, hand):
    row = compare("townships_in_conflict", clashes=hand.clashes((A, FEB), source_key="ucdp_ged"), source_key="ucdp_ged")
    assert (row["our_value"], row["comparable"]) == (1, False)
    assert "somebody died by some estimate" in row["note"]


def test_a_class_by_our_own_cut_never_compares(compare):
    row = compare("security_low")
    assert (row["our_value"], row["comparable"]) == (2, False)
    assert "No cut was published" in row["note"]


def test_missing_records_are_null_and_not_zero(compare):
    for figure in ("services_severe", "humanitarian_high"):
        row = compare(figure)
        assert (row["our_value"], row["difference"]) == (None, None)
        assert "No township in conflict has sufficient records" in row["note"]


def test_stock_and_partial_coverage_are_admitted(compare, hand):
    stock = hand.records("records.displacement", {"reference_date": FEB, "idps_stock_persons": 3})
    row = compare("humanitarian_no_new_idps", displacement=stock)
    assert (row["our_value"], row["comparable"]) == (0, False)
    assert "stock" in row["note"]
    assert "1 of 2 townships in conflict lack" in row["note"]


def test_no_clash_source_leaves_nothing_to_compare(compare, hand):
    row = compare("townships_in_conflict", clashes=hand.clashes(), source_key="")
    assert (row["our_value"], row["comparable"], row["note"]) == (None, False, "No clash source covers the townships.")


def test_other_concepts_and_unknown_figures_have_no_value(compare):
    assert "different concept" in compare("stable_junta_control")["note"]
    assert "no such figure" in compare("something_else")["note"]
