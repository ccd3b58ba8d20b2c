"""The Public Service Provision Index: exact cuts, bounds, certainty and what is in force."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.declare.codes import SERVICE_ITEMS
from pipeline.declare.methods import ISP_2023
from pipeline.indices.summaries import region_summary, turning

A, B = "MMR001001", "MMR001002"
FEB = date(2021, 2, 10)
WORDS = {"y": "yes", "p": "partial", "n": "no", "u": "unknown"}
ANSWERS = st.text("ypnu", min_size=5, max_size=5)


def survey(answers, day=FEB, **more):
    """Five letters, one per item: y(es) p(artial) n(o) u(nknown)."""
    items = {item: WORDS[letter] for item, letter in zip(SERVICE_ITEMS, answers, strict=True)}
    return {"survey_date": day, **items, **more}


@pytest.fixture(scope="session")
def result(hand):
    def run(*rows, clashes=None, **given):
        records = hand.records("records.services", *rows)
        events = hand.clashes((A, FEB)) if clashes is None else clashes
        return hand.at(hand.chain(events, services=records, **given)["services"], A)

    return run


def test_worked_by_hand(hand):
    cases = (
        ("nnnyy", 5, 0.6, 0.6, 0.6, "severe"),  # exactly at the cut
        ("nnpyy", 5, 0.5, 0.5, 0.5, "lower"),
        ("nnnuu", 3, 1.0, 0.6, 1.0, "severe"),  # certain: the best case is at the cut
        ("yyypu", 4, 0.125, 0.1, 0.3, "lower"),  # certain: the worst case is below it
        ("yyuuu", 2, 0.0, 0.0, 0.6, "insufficient_data"),  # the worst case reaches it, two items known
        ("yypuu", 3, 0.166667, 0.1, 0.5, "lower"),
        ("nnyuu", 3, 0.666667, 0.4, 0.8, "severe"),  # uncertain, three known: by the mean
        ("npyuu", 3, 0.5, 0.3, 0.7, "lower"),
        ("nnuuu", 2, 1.0, 0.4, 1.0, "insufficient_data"),
        ("uuuuu", 0, None, 0.0, 1.0, "insufficient_data"),
    )
    places = [f"MMR001{number:03d}" for number in range(1, len(cases) + 1)]
    surveys = [survey(case[0], adm3_pcode=place) for place, case in zip(places, cases, strict=True)]
    made = hand.chain(
        hand.clashes(*((place, FEB) for place in places)), townships=hand.townships(tuple(places)),
        services=hand.records("records.services", *surveys),
    )["services"]  # fmt: skip
    for place, (_, known, score, low, high, expected) in zip(places, cases, strict=True):
        row = hand.at(made, place)
        assert (row["services_known_count"], row["services_lost_score"]) == (known, score)
        assert (row["services_lost_min"], row["services_lost_max"]) == (low, high)
        assert row["services_class"] == expected
        assert row["services_class_best"] == ("severe" if low >= 0.6 else "lower")
        assert row["services_class_worst"] == ("severe" if high >= 0.6 else "lower")
        assert row["services_score"] == (None if score is None else pytest.approx(100 * score, abs=1e-3))


def test_no_survey_has_the_widest_bounds(result):
    row = result()
    assert (row["services_known_count"], row["services_lost_min"], row["services_lost_max"]) == (0, 0, 1)
    assert (row["services_lost_score"], row["survey_date"]) == (None, None)
    assert (row["services_class_best"], row["services_class_worst"]) == ("lower", "severe")
    assert row["services_records_count"] == 0


def test_newest_survey_counts_and_later_ones_are_not_known_yet(result):
    row = result(survey("nnnnn"), survey("yyyyy", date(2021, 3, 1)), survey("nnnnn", date(2021, 4, 1)))
    assert (row["services_class"], row["survey_date"]) == ("lower", date(2021, 3, 1))
    assert row["services_records_count"] == 2, "both that are known; of which the newest makes the class"


@pytest.mark.parametrize(("day", "known"), [(date(2020, 3, 31), 5), (date(2020, 3, 30), 0)])
def test_survey_holds_365_days(result, day, known):
    assert result(survey("nnnnn", day))["services_known_count"] == known


def test_informants_of_one_day_complete_each_other_and_what_they_dispute_is_unknown(result):
    one, other = survey("nnuuu"), survey("uuynu", delivery_id="d2")
    joined = result(one, other)
    assert joined == result(other, one)
    assert (joined["services_known_count"], joined["services_records_count"]) == (4, 1)
    disputed = result(survey("nnnnn"), survey("nnnny"))
    assert (disputed["services_known_count"], disputed["services_lost_min"], disputed["services_lost_max"]) == (
        4,
        0.8,
        1,
    )
    assert result(survey("nnnnn"), survey("ppppp"))["services_known_count"] == 0, "partly and no are different answers"


def test_a_townships_own_survey_comes_before_that_of_an_old_code(result):
    assert result(survey("nnnnn"), survey("yyyyy", placed_by="crosswalk"))["services_class"] == "severe"


def test_classes_exist_only_inside_known_conflict(result, hand):
    assert result(survey("nnnnn"), clashes=hand.clashes())["services_class"] == "not_in_conflict"
    unknown = result(survey("nnnnn"), clashes=hand.clashes(), source_key="")
    unsure = result(survey("nnyuu"), clashes=hand.clashes())
    for which in ("", "_best", "_worst"):
        assert unsure[f"services_class{which}"] == "not_in_conflict"
        assert unknown[f"services_class{which}"] == "insufficient_data"


@given(ANSWERS, st.integers(0, 4))
@examples(4)
def test_bounds_hold_the_score_and_forgetting_never_narrows_them(result, answers, forgotten):
    row = result(survey(answers))
    wider = result(survey(answers[:forgotten] + "u" + answers[forgotten + 1 :]))
    if row["services_lost_score"] is not None:
        assert row["services_lost_min"] <= row["services_lost_score"] <= row["services_lost_max"]
    assert wider["services_lost_min"] <= row["services_lost_min"]
    assert wider["services_lost_max"] >= row["services_lost_max"]
    order = ["lower", "severe"]
    best, worst = (order.index(row[f"services_class_{end}"]) for end in ("best", "worst"))
    if row["services_class"] in order:
        assert best <= order.index(row["services_class"]) <= worst
    assert order.index(wider["services_class_best"]) <= best <= worst <= order.index(wider["services_class_worst"])


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ("nnnnn", "certain"),
        ("nnnuu", "certain"),  # three of five lost whatever the others are
        ("yyyuu", "certain"),
        ("nnyuu", "likely"),  # severe by the mean of three, lower if the others work
        ("yypuu", "certain"),
        ("nyyuu", "likely"),
        ("nnuuu", None),
    ],
)
def test_a_class_is_certain_where_no_unknown_item_could_change_it(result, answers, found):
    row = result(survey(answers))
    assert row["services_certainty"] == found
    assert (found is None) == (row["services_class"] == "insufficient_data")


def test_outside_conflict_no_class_is_certain(result, hand):
    assert result(survey("nnnnn"), clashes=hand.clashes())["services_certainty"] is None


@pytest.mark.parametrize(
    ("severe", "lower", "silent", "expected"),
    [
        (20, 80, 100, (0.2, 0.4, 2.0)),  # (20 + 0.4 x 100) / 200 = 0.3, a tenth above 0.2
        (50, 50, 10, (0.5, None, None)),  # ten silent ones, all severe, would make it 0.545
        (50, 50, 25, (0.5, 1.0, 2.0)),
        (0, 10, 10, (0.0, 0.2, None)),
        (5, 5, 0, (0.5, None, None)),
        (0, 0, 217, (None, None, None)),
    ],
)
def test_how_much_worse_the_silent_townships_would_have_to_be(severe, lower, silent, expected):
    counts = pl.DataFrame({"s": [float(severe)], "l": [float(lower)], "u": [float(silent)]})
    known, share, ratio = turning(pl.col("s"), pl.col("l"), pl.col("u"))
    assert counts.select(known.alias("a"), share.alias("b"), ratio.alias("c")).row(0) == expected


def test_certain_and_likely_severe_townships_add_up(hand):
    places = [(A, date(2021, 3, 5)), (B, date(2021, 3, 5))]
    answers = [survey("nnnnn"), survey("nnyuu", adm3_pcode=B)]
    made = hand.chain(hand.clashes(*places), services=hand.records("records.services", *answers))
    loose = hand.frame("records.unallocated_events", [])
    summary = region_summary(
        made["index"], hand.townships(), loose, ISP_2023, hand.key, made["security"], made["signals"]
    )
    row = summary.filter(month=date(2021, 3, 1), state_region="Kachin").row(0, named=True)
    counts = [row[f"services_severe_{name}"] for name in ("count", "certain_count", "likely_count", "low", "high")]
    assert counts == [2, 1, 1, 1, 2]
