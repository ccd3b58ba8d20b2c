"""The comparison with published figures: what is ours, what compares, and what the note admits."""

from datetime import date

import polars as pl
import pytest

from pipeline.indices.comparison import CUT_OFF_FIGURE, comparison
from pipeline.indices.summaries import national_summary
from pipeline.methods import ISP_2023, ROLLING_12M

A, B, C = "MMR001001", "MMR014010", "MMR002001"
PLACES = (A, B, C)
FEB = date(2021, 2, 10)


@pytest.fixture
def compare(hand):
    def run(figure, *, cut_off="2021-03-31", clashes=None, published="x Weekly", **given):
        towns = hand.townships(PLACES).with_columns(pl.Series("state_region", ["Sagaing", "Shan", "Kayah"]))
        events = hand.clashes((A, FEB), (B, FEB)) if clashes is None else clashes
        made = hand.chain(events, townships=towns, **given)
        key = given.get("source_key", hand.key)
        empty = hand.frame("records.unallocated_events", [])
        nation = national_summary(made["index"], towns, empty, ISP_2023, key)
        figures = pl.DataFrame(
            {
                "figure": [figure, CUT_OFF_FIGURE],
                "value": [5, 7],
                "unit": ["townships", "clashes"],
                "reference_date": ["2021-05-05", cut_off],
                "source": [published, "x Monthly"],
            }
        )
        return comparison(figures, made["index"], nation, towns, key).filter(figure=figure).row(0, named=True)

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


def test_printing_date_is_not_the_cut_off_and_another_cut_off_does_not_compare(compare):
    row = compare("townships_in_conflict", cut_off="2021-03-30")
    assert not row["comparable"]
    assert "Ours counts to 2021-03-31, the published figure to 2021-03-30." in row["note"]
    other_publisher = compare("townships_in_conflict", published="y")
    assert "to 2021-05-05" in other_publisher["note"]


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


def test_without_the_default_method_nothing_is_claimed(hand):
    made = hand.chain(hand.clashes((A, FEB)), townships=hand.townships(PLACES), method=ROLLING_12M)
    towns = hand.townships(PLACES)
    nation = national_summary(made["index"], towns, hand.frame("records.unallocated_events", []), ROLLING_12M, hand.key)
    figures = pl.DataFrame(
        {"figure": ["security_high"], "value": [1], "unit": ["u"], "reference_date": [FEB], "source": ["x"]}
    )
    row = comparison(figures, made["index"], nation, towns, hand.key).row(0, named=True)
    assert (row["our_value"], row["comparable"]) == (None, False)
    assert "isp-2023 was not computed" in row["note"]
