"""An index whose whole rule is one cut: its class, what is shown, the nearest other class, and the rule on it."""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
import scenario_frames as sf
from hypothesis import given
from hypothesis import strategies as st

from expectations.indices import cut_class_follows
from expectations.rule import Facts
from pipeline.analysis import scenarios
from pipeline.declare.codes import SERVICE_ITEMS, IndexName, NoClass, ServicesClass
from pipeline.declare.indices import BY_INDEX, IndexSpec
from pipeline.declare.methods import ISP_2023
from pipeline.indices.cut_class import cut_class, cut_shown, published_columns
from pipeline.indices.explanations import explain_cut

OUTSIDE, LOWER, SEVERE = ServicesClass.NOT_IN_CONFLICT, ServicesClass.LOWER, ServicesClass.SEVERE
UNKNOWN = ServicesClass.INSUFFICIENT_DATA
# Invented: the class of services by the number of items known, with the method's least number of them as its cut (3).
SPEC = IndexSpec(
    IndexName.SERVICES, "Invented", ServicesClass, (OUTSIDE, LOWER, SEVERE), "services_known_count", {},
    cut="services_known_minimum",
)  # fmt: skip
CUT = 3


def classed(*rows: tuple[bool | None, int | None]) -> list[str]:
    frame = pl.DataFrame(rows, schema={"inside": pl.Boolean, "figure": pl.Int64}, orient="row")
    return frame.select(cut_class(SPEC, pl.col("inside"), pl.col("figure"), CUT)).to_series().to_list()


def test_the_class_is_the_side_of_the_cut_and_only_inside_conflict():
    assert SPEC.cut_by(ISP_2023) == CUT
    assert classed((True, 3), (True, 2), (True, 0), (True, None)) == [SEVERE, LOWER, LOWER, UNKNOWN]
    assert classed((False, 9), (False, None), (None, 9)) == [OUTSIDE, OUTSIDE, UNKNOWN]


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_higher_figure_is_never_a_milder_class(one, other):
    low, high = (SPEC.order.index(code) for code in classed((True, min(one, other)), (True, max(one, other))))
    assert low <= high


def test_a_class_is_shown_and_without_a_figure_nothing_is_quiet():
    rows = [
        (SEVERE, 4, False, NoClass.SILENT), (UNKNOWN, None, False, NoClass.SILENT), (UNKNOWN, 1, False, NoClass.SILENT),
        (OUTSIDE, 1, False, NoClass.REPORTED_QUIET), (OUTSIDE, None, False, NoClass.REPORTED_QUIET),
        (OUTSIDE, 1, True, NoClass.REPORTED_QUIET), (UNKNOWN, None, True, NoClass.SILENT),
    ]  # fmt: skip
    schema = {SPEC.column: pl.String, SPEC.quantity: pl.Int64, "hosts": pl.Boolean, "quiet": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    shown = frame.select(cut_shown(SPEC, pl.col("hosts"), pl.col("quiet"))).to_series().to_list()
    assert shown == [
        SEVERE, NoClass.NO_DATA, NoClass.INSUFFICIENT_EVIDENCE, NoClass.REPORTED_QUIET, NoClass.SILENT,
        NoClass.HOSTING_DISPLACED, NoClass.NO_DATA,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("inside", "figure", "now", "nearest", "distance", "words"),
    [
        (True, 1, LOWER, "severe", 2.0, "2 more of 5 items would make it severe (cut 3)."),
        (True, 4, SEVERE, "lower", -2.0, "2 fewer of 5 items would make it lower (cut 3)."),
        (True, 3, SEVERE, "lower", -1.0, "1 fewer of 5 items would make it lower (cut 3)."),
        (True, None, UNKNOWN, None, None, "No figure is in force; a record would give it a class."),
        (False, 5, OUTSIDE, "severe", 1.0,
         "1 clash would put it in conflict; by the record in force its class would then be severe."),
    ],
)  # fmt: skip
def test_the_nearest_other_class_is_across_the_cut(inside, figure, now, nearest, distance, words):
    row = {"in_conflict": inside, SPEC.column: str(now), SPEC.quantity: figure}
    found = explain_cut(row, SPEC, CUT, True)
    assert (found.class_now, found.nearest_class, found.distance, found.explanation) == (now, nearest, distance, words)


def test_only_what_the_published_index_declares_is_joined():
    frame = pl.DataFrame({"method": ["m"], "month": [None], "adm3_pcode": ["x"], "services_score": [1.0],
                          "services_class": ["lower"], "delivery_id": ["d"]})  # fmt: skip
    kept = published_columns("published.township_index", frame, ["services_score"])
    assert kept.columns == ["method", "month", "adm3_pcode", "services_class"]


@pytest.mark.parametrize(
    ("figures", "broken"), [((1, 2, 3, 5), 0), ((1, 4, 3, 5), 1), ((1, None, 3, 5), 1), ((1, 2, None, 5), 1)]
)
def test_the_rule_of_the_class_passes_and_breaks(figures, broken):
    codes = [str(code) for code in (LOWER, LOWER, SEVERE, SEVERE)]
    frame = pl.DataFrame({"method": ["m"] * 4, SPEC.quantity: figures, SPEC.column: codes})
    rule, _ = cut_class_follows(SPEC).rules
    (failing,) = rule.broken(Facts()).values()
    assert int(frame.select(failing).to_series().sum()) == broken


def test_scenarios_leave_out_the_months_after_the_period(hand, monkeypatch):
    """The figure stands in the index table itself, which may hold younger months than the release leads with."""
    monkeypatch.setitem(BY_INDEX, IndexName.SERVICES, SPEC)
    # Services are a basis of control, which an index by one cut is not.
    monkeypatch.setattr(scenarios, "_control_shares", lambda grid, *_: np.full(len(grid.scenarios), np.nan))
    surveys = hand.records("records.services", {"survey_date": date(2021, 2, 5), **dict.fromkeys(SERVICE_ITEMS, "no")})
    events = hand.clashes((sf.A, date(2021, 2, 10)), (sf.B, date(2021, 2, 11)))
    held = sf.records(hand, events, services=surveys)
    made = sf.made(hand, held)
    inside = made[IndexName.SECURITY].select("adm3_pcode", "month", now="in_conflict")
    own = made[IndexName.SERVICES].join(inside, on=["adm3_pcode", "month"], how="left")
    classes = cut_class(SPEC, pl.col("now"), pl.col(SPEC.quantity), CUT)
    made[IndexName.SERVICES] = own.with_columns(classes.alias(SPEC.column))

    def found(records):
        return {one.grid.index: one for one in scenarios.outcomes(records, (ISP_2023,), made)}[IndexName.SERVICES]

    whole, earlier = found(held), found(replace(held, period_end=date(2021, 2, 28)))
    assert (len(whole.months), len(earlier.months)) == (2, 1)
    assert (earlier.codes[:, 0] == whole.codes[:, 0]).all()
