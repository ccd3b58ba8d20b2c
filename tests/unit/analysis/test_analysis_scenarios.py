"""The scenarios: what they are made of, that they apply or raise, and what they give."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import numpy as np
import polars as pl
import pytest
import scenario_frames as sf
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from shared_examples import examples

from pipeline.analysis.scenario_grid import ClashSource, Grid, require_applied, scenario_grid
from pipeline.analysis.scenarios import outcomes, rank_shifts, scenarios
from pipeline.analysis.sensitivity import could_change, robustness
from pipeline.declare import scenarios as declared
from pipeline.declare.choice import Choice
from pipeline.declare.codes import Absence, EventClass, GeoPrecision, IdpsBasis, IndexName
from pipeline.declare.errors import AccountingError
from pipeline.declare.indices import BY_INDEX
from pipeline.declare.methods import ISP_2023, METHODS, ROLLING_12M, Method
from pipeline.declare.scenarios import Decision, Level

A, B, C = sf.A, sf.B, sf.C
FEB, MARCH = date(2021, 2, 10), date(2021, 3, 10)
SECURITY, HUMANITARIAN, SERVICES = IndexName.SECURITY, IndexName.HUMANITARIAN, IndexName.SERVICES
KEYS = [sf.OWN]


@pytest.mark.parametrize(("sources", "sizes"), [(1, (5, 9, 9)), (2, (6, 10, 10))])
@pytest.mark.parametrize("method", METHODS.values(), ids=lambda m: m.name)
def test_the_method_first_and_each_alternative_alone(method, sources, sizes):
    keys = [sf.OWN, sf.OTHER][:sources]
    for index, size in zip((SECURITY, HUMANITARIAN, SERVICES), sizes, strict=True):
        grid = scenario_grid(index, method, keys)
        assert len({scenario.text for scenario in grid.scenarios}) == len(grid.scenarios) == size
        assert (grid.scenarios[0].method, grid.scenarios[0].source_key) == (method, sf.OWN)
        assert grid.without_alternative == (("source",) if sources == 1 else ())
        own = set(grid.scenarios[0].settings)
        changes = ["; ".join(map("=".join, set(one.settings) - own)) for one in grid.scenarios]
        assert changes == ["", *grid.single_changes]


def test_settings_are_those_of_the_method_really_changed():
    """Window, threshold and source by the cuts that the methods hold; the others by their own fields."""
    grid = scenario_grid(SECURITY, ISP_2023, [sf.OWN, sf.OTHER])
    cuts = {}
    for scenario in grid.scenarios:
        told = dict(scenario.settings)
        cut = scenario.method.thresholds(scenario.source_key).security_high.value
        cuts[told["window"], told["source"], told["threshold"]] = cut
    expected = {
        ("since the coup", sf.OWN, "own"): 10, ("since the coup", sf.OWN, "one step lower"): 7,
        ("since the coup", sf.OWN, "one step higher"): 13, ("since the coup", sf.OTHER, "own"): 4,
        ("12 months", sf.OWN, "own"): 4,
    }  # fmt: skip
    assert cuts == expected
    people = by_change(scenario_grid(HUMANITARIAN, ISP_2023, KEYS))
    assert people["basis=new"] == replace(ISP_2023, idps_bases=(IdpsBasis.NEW,))
    assert people["threshold=20000"].idps_high.value == 20_000
    assert people["staleness_days=1095"].displacement_stale_days.value == 1_095
    assert people["events=clash and violence against civilians"].counted_classes == (
        EventClass.CLASH, EventClass.VIOLENCE_AGAINST_CIVILIANS,
    )  # fmt: skip
    assert people["window=12 months"] == replace(ISP_2023, window_months=12, security=ROLLING_12M.security)
    offices = by_change(scenario_grid(SERVICES, ROLLING_12M, KEYS))
    assert offices["severe_cut=0.7"].services_severe.value == 0.7
    assert offices["known_items=4"].services_known_minimum.value == 4
    assert offices["staleness_days=730"].services_stale_days.value == 730
    assert offices["window=since the coup"].window_months is None


def by_change(grid: Grid) -> dict[str, Method]:
    """The method of every scenario behind the first, by its single change."""
    return dict(zip(grid.single_changes, (one.method for one in grid.scenarios[1:]), strict=True))


def test_a_value_of_the_method_that_is_no_alternative_is_the_baseline():
    calibrated = replace(ISP_2023, idps_high=Choice(8_000, "calibrated"))
    grid = scenario_grid(HUMANITARIAN, calibrated, KEYS)
    (threshold,) = (choice for choice in grid.choices if choice.name == "threshold")
    assert [level.name for level in threshold.levels] == ["8000", "5000", "10000", "20000"]
    assert grid.scenarios[0].method == calibrated


def test_cuts_calibrated_elsewhere_stay_the_baseline_and_move_by_the_step():
    cuts = {**ISP_2023.security, "default": replace(ISP_2023.security["default"], security_high=Choice(12, "own"))}
    grid = scenario_grid(SECURITY, replace(ISP_2023, security=cuts), KEYS)
    used = {s.method.thresholds(sf.OWN).security_high.value for s in grid.scenarios if s.method.window_months is None}
    assert used == {9, 12, 15}


def with_choice(monkeypatch: pytest.MonkeyPatch, index: IndexName, decision: Decision) -> None:
    others = tuple(one for one in declared.CHOICES[index] if one.name != decision.name)
    monkeypatch.setitem(declared.CHOICES, index, (*others, decision))


@pytest.mark.parametrize(
    ("decision", "message"),
    [
        (Decision("x", "precision", (Level("a", "w", {"precision": (), "no_such": 1}),)), "no field no_such"),
        (Decision("x", "no_field", (Level("a", "w", {"no_field": 1}),)), "no field no_field"),
        (
            Decision("x", "idps_high", (
                Level("a", "w", {"idps_high": Choice(10_000, "one reason")}),
                Level("b", "w", {"idps_high": Choice(10_000.0, "another")}),
            )),
            "'b' leaves the method as it is",
        ),
        (
            Decision("precision", "precision", (
                Level("a", "w", {"precision": (GeoPrecision.EXACT,)}),
                Level("a", "w", {"precision": (GeoPrecision.TOWNSHIP,)}),
            )),
            "bear one name",
        ),
    ],
)  # fmt: skip
def test_an_alternative_that_cannot_apply_raises(monkeypatch, decision, message):
    with_choice(monkeypatch, SECURITY, decision)
    with pytest.raises(ValueError, match=message):
        scenario_grid(SECURITY, ISP_2023, KEYS)


def test_two_choices_that_set_one_field_raise(monkeypatch):
    """The second overwrites the first, so what was asked of the first did not apply."""
    again = Decision("again", "counted_classes", (
        Level("own", "w", {"counted_classes": ISP_2023.counted_classes}),
        Level("attacks", "w", {"counted_classes": (EventClass.VIOLENCE_AGAINST_CIVILIANS,)}),
    ))  # fmt: skip
    monkeypatch.setitem(declared.CHOICES, SECURITY, (*declared.CHOICES[SECURITY], again))
    with pytest.raises(ValueError, match="did not apply"):
        scenario_grid(SECURITY, ISP_2023, KEYS)


@pytest.mark.parametrize(
    "changed",
    [
        {"counted_classes": (EventClass.OTHER,)},
        {"window_months": 12},
        {"window_months": 6},
        {"security": ROLLING_12M.security},
    ],
)
def test_a_scenario_computed_with_another_method_raises(changed):
    grid = scenario_grid(SECURITY, ISP_2023, KEYS)
    wrong = replace(grid.scenarios[0], method=replace(ISP_2023, **changed))
    with pytest.raises(ValueError, match="did not apply"):
        require_applied(wrong, grid.choices, KEYS)
    require_applied(grid.scenarios[0], grid.choices, KEYS)


def test_a_source_that_was_not_delivered_raises():
    grid = scenario_grid(SECURITY, ISP_2023, KEYS)
    with pytest.raises(ValueError, match="'acled' was not delivered"):
        require_applied(replace(grid.scenarios[0], source_key="acled"), grid.choices, KEYS)


@pytest.mark.parametrize(("cut", "expected"), [(4, {1, 4, 7}), (3, {2, 3, 4}), (2, {1, 2, 3}), (1, {1, 2})])
def test_a_small_cut_moves_by_one_clash_and_the_lowest_only_up(cut, expected):
    """As a saved method may have it: three clashes are no step below a cut of three."""
    low = {**ISP_2023.security, "default": replace(ISP_2023.security["default"], security_high=Choice(cut, "low"))}
    grid = scenario_grid(SECURITY, replace(ISP_2023, security=low), KEYS)
    used = [s.method.thresholds(sf.OWN).security_high.value for s in grid.scenarios if s.method.window_months is None]
    assert set(used) == expected
    assert len(grid.scenarios) == 2 + len(expected)


def test_every_alternative_says_why():
    levels = [level for choices in declared.CHOICES.values() for choice in choices for level in choice.levels]
    steps = [step for steps in declared.SECURITY_STEPS.values() for step in steps.values()]
    assert all(len(one.why) > 8 for one in (*levels, *steps))
    assert {level.name for level in declared.WINDOWS.levels} == set(declared.SECURITY_STEPS)


def world(hand, **changed):
    """Every source of change at once: two event classes, loose and exact points, new and stock, stale reports."""
    clashes = pl.concat([
        hand.clashes(*[(A, FEB)] * 9, (B, MARCH), (C, date(2020, 12, 5))),
        hand.clashes((A, MARCH), (C, MARCH), event_class="violence_against_civilians", geo_precision="exact"),
    ])  # fmt: skip
    displacement = hand.records(
        "records.displacement",
        {"reference_date": date(2021, 2, 28), "idps_stock_persons": 9_980},
        {"reference_date": date(2021, 2, 28), "idps_new_persons": 4},
        {"adm3_pcode": B, "reference_date": date(2020, 1, 1), "idps_stock_persons": 30_000},
    )
    answers = dict.fromkeys(("police_station", "gad_office", "electricity"), "no")
    services = hand.records(
        "records.services",
        {"survey_date": date(2020, 8, 1), **answers},
        {"adm3_pcode": B, "survey_date": MARCH, "police_station": "no", "gad_office": "yes"},
    )
    given = {"displacement": displacement, "services": services, **changed}
    return sf.records(hand, clashes, **given)


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda m: m.name)
def test_every_scenario_is_the_index_computed_afresh(hand, method):
    """Every scenario against the index functions run with the scenario's own method."""
    held = world(hand)
    found = sf.found(hand, held, method)
    for index, outcome in found.items():
        for number, scenario in enumerate(outcome.grid.scenarios):
            own = sf.chain(hand, held, scenario.method)[index.value].sort("month", "adm3_pcode")[f"{index}_class"]
            values = list(BY_INDEX[index].classes)
            assert [values[code] for code in outcome.codes[number].reshape(-1)] == own.to_list(), scenario.text


def test_a_baseline_that_is_not_the_index_raises(hand):
    held = world(hand)
    wrong = sf.made(hand, held)
    wrong[SECURITY] = wrong[SECURITY].with_columns(
        security_class=pl.when(adm3_pcode=A, month=date(2021, 3, 1)).then(pl.lit("high")).otherwise("security_class")
    )
    with pytest.raises(AccountingError, match=r"another class in 1 rows, for example MMR001001 in 2021-03-01"):
        outcomes(held, (ISP_2023,), wrong)
    wrong[SECURITY] = wrong[SECURITY].head(3)
    with pytest.raises(AccountingError, match="3 rows of isp-2023, its scenarios 6"):
        outcomes(held, (ISP_2023,), wrong)


def test_kept_share_and_single_changes_by_hand(hand):
    """Nine clashes are below the cut of ten and above one of seven; with the attack on civilians there are ten."""
    held = sf.records(hand, pl.concat([
        hand.clashes(*[(A, FEB)] * 9), hand.clashes((A, FEB), event_class="violence_against_civilians"),
        hand.clashes((C, FEB)),
    ]))  # fmt: skip
    outcome = sf.found(hand, held)
    row = hand.at(robustness(list(outcome.values())), A)
    # Nine against ten: low. With civilians ten: high. Nine within 12 months against four: high. Against seven: high;
    # against thirteen: low. Low in two of five.
    assert (row["security_kept_share"], row["security_scenarios_count"]) == (0.4, 5)
    assert row["security_changed_by"] == (
        "events=clash and violence against civilians; window=12 months; threshold=one step lower"
    )
    # Without any report there is nothing to class, and without a clash either: no choice could change it.
    assert (row["services_kept_share"], row["services_changed_by"]) == (None, None)
    quiet = hand.at(robustness(list(outcome.values())), B)
    assert (quiet["security_kept_share"], quiet["security_changed_by"]) == (None, None)


def test_another_source_counts_in_the_months_it_covers_only(hand):
    both = pl.concat([
        hand.clashes(*[(A, FEB)] * 4), hand.clashes(*[(A, FEB)] * 4, source_key=sf.OTHER),
        *(hand.clashes((C, FEB), geo_precision="exact", source_key=key) for key in (sf.OWN, sf.OTHER)),
    ])  # fmt: skip
    feb_only = ClashSource(sf.OTHER, Absence.ZERO, sf.START, sf.START)
    outcome = sf.found(hand, sf.records(hand, both, feb_only))
    frame = robustness(list(outcome.values()))
    first, second = hand.at(frame, A, sf.START), hand.at(frame, A)
    assert (first["security_scenarios_count"], second["security_scenarios_count"]) == (6, 5)
    assert "source=ucdp_ged" in first["security_changed_by"]  # four lethal events are high, four clashes low
    assert "source" not in second["security_changed_by"]
    alone = hand.at(robustness(list(sf.found(hand, sf.records(hand, both)).values())), A)
    assert second["security_kept_share"] == alone["security_kept_share"]
    assert scenarios(list(outcome.values())).filter(index_name="security").height == 5
    late = ClashSource(sf.OTHER, Absence.ZERO, date(2021, 3, 1), date(2021, 3, 1))
    assert len(sf.found(hand, sf.records(hand, both, late))[SECURITY].grid.scenarios) == 5


def test_silence_of_the_other_source_means_what_it_says(hand):
    unknown = ClashSource(sf.OTHER, Absence.UNKNOWN, sf.START, date(2021, 3, 1))
    outcome = sf.found(hand, sf.records(hand, hand.clashes(), unknown))
    row = hand.at(robustness(list(outcome.values())), A)
    # No clash in either source: one has none, of the other's silence nothing is known. There is nothing to class.
    assert (row["security_kept_share"], row["security_changed_by"]) == (None, "source=ucdp_ged")


def test_the_exact_figure_does_not_show_through_another_cut(hand):
    """4,996 is shown as 5,000 and so reaches 5,000; 9,996 is shown as 10,000 and stays below the method's own cut."""
    cases = {A: (4_996, "threshold=5000"), B: (4_994, None), C: (9_996, "threshold=5000")}
    reports = [{"adm3_pcode": place, "reference_date": FEB, "idps_new_persons": n} for place, (n, _) in cases.items()]
    held = sf.records(
        hand, hand.clashes(*((place, FEB) for place in cases), geo_precision="exact"),
        displacement=hand.records("records.displacement", *reports),
    )  # fmt: skip
    frame = robustness(list(sf.found(hand, held).values()))
    for place, (_, expected) in cases.items():
        by = hand.at(frame, place)["humanitarian_changed_by"].split("; ")
        assert [text for text in by if text.startswith("threshold")] == ([expected] if expected else [])


def test_a_figure_that_is_published_nowhere_shows_no_side_of_the_cut(hand):
    """Beside 500 new people the stock stands in no table: 9,996 and 10,004 must look alike, and 3 like 7.

    Where the stock is shown as the method's own figure is, it takes that figure's side and says nothing more.
    """

    def said(*figures: tuple[int, int]) -> pl.DataFrame:
        reports = [
            {"adm3_pcode": place, "reference_date": FEB, column: figure}
            for place, pair in zip((A, B, C), figures, strict=True)
            for column, figure in zip(("idps_new_persons", "idps_stock_persons"), pair, strict=True)
        ]
        clashes = hand.clashes((A, FEB), (B, FEB), (C, FEB))
        held = sf.records(hand, clashes, displacement=hand.records("records.displacement", *reports))
        return robustness(list(sf.found(hand, held).values()))

    one, other = said((500, 9_996), (500, 3), (9_996, 9_999)), said((500, 10_004), (500, 7), (9_996, 10_004))
    assert_frame_equal(one, other)
    by = [hand.at(one, place)["humanitarian_changed_by"] or "" for place in (A, B, C)]
    assert ["basis=stock" in text for text in by] == [True, False, False]


def test_table_of_the_last_month(hand):
    table = scenarios(list(sf.found(hand, world(hand)).values()))
    own = table.filter("is_baseline", pl.col("index_name").is_in([SECURITY, HUMANITARIAN, SERVICES]))
    own = own.sort("index_name").select("index_name", pl.col("^.*_count$", "^.*share$"))
    assert own.rows() == [
        ("humanitarian", 1, 0, None),  # the stock of B, 455 days old
        ("security", 0, 0, 0.0),
        # The survey of August 2020 is in force: police and administration both closed in A.
        ("services", 1, 0, 0.333333),
    ]
    halved = table.filter(index_name="services").filter(
        pl.col("scenario").str.contains("staleness_days=183"), ~pl.col("scenario").str.contains("staleness_days=365")
    )
    assert set(halved["scenario_control_share"]) == {0.0}  # 221 days old: only the survey of B is left


def test_rank_shift_by_hand():
    nan = float("nan")
    quantity = np.array([
        [5.0, 5.0, 1.0, nan],  # ranks 2.5, 2.5, 1
        [1.0, 5.0, 2.0, 7.0],  # of the three known in both: 1, 3, 2; shifts 1.5, 0.5, 1
        [nan, nan, 4.0, 3.0],  # one in common
    ])  # fmt: skip
    assert rank_shifts(quantity)[:2].tolist() == [0.0, 1.0]
    assert np.isnan(rank_shifts(quantity)[2])


COUNTS = st.lists(st.integers(0, 14), min_size=3, max_size=3)


@examples(2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=COUNTS, exact=COUNTS, order=st.sampled_from(list(permutations((A, B, C)))))
def test_renaming_townships_renames_their_rows(hand, counts, exact, order):
    def rows(places):
        events = [place for place, n in zip(places, counts, strict=True) for _ in range(n)]
        known = [place for place, n in zip(places, exact, strict=True) for _ in range(n)]
        clashes = pl.concat([
            hand.clashes(*[(place, FEB) for place in events]),
            hand.clashes(*[(place, MARCH) for place in known], geo_precision="exact"),
        ])  # fmt: skip
        return robustness(list(sf.found(hand, sf.records(hand, clashes)).values()))

    names = pl.DataFrame({"adm3_pcode": [A, B, C], "new": list(order)})
    before = rows((A, B, C)).join(names, on="adm3_pcode").with_columns(pl.col("new").alias("adm3_pcode")).drop("new")
    assert before.sort("month", "adm3_pcode").equals(rows(order).sort("month", "adm3_pcode"))


@examples(3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=COUNTS)
def test_kept_in_all_just_where_no_scenario_changes(hand, counts):
    clashes = hand.clashes(*[(place, FEB) for place, n in zip((A, B, C), counts, strict=True) for _ in range(n)])
    found = sf.found(hand, sf.records(hand, clashes))
    frame = robustness(list(found.values())).sort("month", "adm3_pcode")
    for index, outcome in found.items():
        unchanged = (outcome.codes == outcome.codes[0]).all(axis=0).reshape(-1)
        told = could_change(outcome).reshape(-1)
        assert frame[f"{index}_kept_share"].is_not_null().to_list() == told.tolist()
        assert (frame[f"{index}_kept_share"] == 1).fill_null(False).to_list() == (unchanged & told).tolist()
        assert frame[f"{index}_changed_by"].null_count() == unchanged.sum()
