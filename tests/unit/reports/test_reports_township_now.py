"""What a township's page begins with and what its records say: now, signal, outlook, certain and possible."""

from datetime import date

import polars as pl
import pytest

from pipeline.declare.codes import (
    SIGN_ITEMS,
    UNREACHED,
    DisplacementChange,
    DisplacementClass,
    NoClass,
    Signal,
    SignBasis,
    SignDirection,
    SignStrength,
)
from reports.site import township_records as records
from reports.site.township import nothing_known
from reports.site.township_now import expected, now, past_alerts, recent
from reports.site.township_sections import heavy, sections
from reports.text.catalogue import Both
from reports.text.shown import MEANINGS, shown_meaning
from reports.text.signals import MEANINGS as SIGNALS
from reports.text.signals import meaning_both
from reports.text.values import signal_both

ROW = {
    **nothing_known(), "period_end": date(2023, 12, 31), "security_shown": "high", "signal": "alert",
    "clashes_month_count": 7, "clashes_3m_count": 12, "clashes_12m_count": 30, "quarter_clashes_3m_count": 3,
    "quarter_clashes_12m_count": 18, "clashes_year_maximum_count": 6, "alert_false_probability": 0.020955,
    "expected_clashes_next_3m": 5.758066, "interval_low": 0, "interval_high": 12, "any_probability": 0.945503,
    "four_or_more_probability": 0.635163,
}  # fmt: skip


def told(row: dict, alerts: list = []) -> str:  # noqa: B006 - read only
    found = now(row, alerts)
    return " ".join([found.lead.en, *(one.en for one in found.sentences)])


def test_the_page_begins_with_the_clashes_of_now() -> None:
    assert now(ROW).lead.en == (
        "In the three months to 31 December 2023 the records count 12 clashes here, after 3 in the three months "
        "before; the year before these three months had 18, or 4.5 in three months."
    )
    assert "12 ကြိမ်" in now(ROW).lead.my
    alone = {**ROW, "quarter_clashes_3m_count": None, "clashes_3m_count": 1}
    assert now(alone).lead.en == "In the three months to 31 December 2023 the records count 1 clash here."
    assert now({**ROW, "clashes_3m_count": None}).lead.en.endswith("is not known.")
    assert now({**ROW, "quarter_clashes_12m_count": 0}).lead.en.endswith("in the year before these three months none.")


def test_an_alert_says_its_chance_and_whether_it_was_confirmed() -> None:
    assert "7 clashes in the month; the most in any of the twelve before: 6." in told(ROW)
    assert "an alert by chance 2 % of the time" in told(ROW)
    assert "will be known within two months" in told(ROW)
    assert "A rise of the three months confirms it." in told({**ROW, "alert_confirmed": True})
    assert "chance of a false one" not in told({**ROW, "signal": "lull"})
    earlier = [(date(2023, 10, 1), True), (date(2023, 6, 1), False)]
    assert "October 2023 (confirmed later); June 2023 (not confirmed)" in told(ROW, earlier)


def test_past_alerts_are_those_of_the_twelve_months_before(tables, release) -> None:
    changes = tables["township_changes"].with_columns(is_alert=pl.col("adm3_pcode") == "MMR001001")
    found = past_alerts({**tables, "township_changes": changes}, release)
    assert list(found) == ["MMR001001"]
    assert [month for month, _ in found["MMR001001"]] == [date(2021, month, 1) for month in (4, 3, 2)]


def test_what_is_to_be_expected_says_what_it_is_not() -> None:
    first, second = (one.en for one in expected(ROW))
    assert "5.8 clashes are to be expected in the records (90 % interval 0 to 12)" in first
    assert "Chance of any: 95 %; of four or more: 64 %." in first
    assert "no warning and no all-clear" in second


@pytest.mark.parametrize("shown", UNREACHED)
def test_no_number_stands_beside_a_refusal(shown: str) -> None:
    row = {**ROW, "security_shown": shown, "security_step": 0, "step_breaks": (4, 10, 25),
           "control_by_security": "held", "security_rank": 216, "security_rank_low": 150,
           "security_rank_high": 330}  # fmt: skip
    assert "is not said here" in told(row) and "5.8" not in told(row)
    assert shown_meaning(shown).en in told(row)
    assert str(records.step(row)) == str(heavy(row)) == "not known", "silence is not held"
    lines = {str(line) for part in sections({"isp-2023": row}) for line in part["lines"]}
    assert not any("216" in line for line in lines)


def test_every_code_has_words_that_say_what_it_means() -> None:
    assert set(SIGNALS) == set(Signal) and set(MEANINGS) == set(NoClass)
    for code in (*Signal, None):
        assert signal_both(code).my and meaning_both(code).my
    assert shown_meaning("high") is None and shown_meaning(None) is None
    for code in DisplacementClass:
        assert isinstance(records.displacement_class({"displacement_class": code}), Both)
    for code in DisplacementChange:
        assert isinstance(records.displacement_change({"displacement_change": code}), Both)


def test_steps_are_worded_by_the_breaks_of_the_method() -> None:
    row = {"security_shown": "high", "step_breaks": (4, 10, 25)}
    words = [str(records.step({**row, "security_step": at})) for at in range(5)]
    assert words == ["0: no clash", "1: 1 to 3 clashes", "2: 4 to 9 clashes", "3: 10 to 24 clashes",
                     "4: 25 clashes or more"]  # fmt: skip
    assert str(records.step({**row, "step_breaks": (2, 4, 9), "security_step": 1})) == "1: 1 clashes"
    assert str(records.step({**row, "step_breaks": (), "security_step": 1})) == "not known"


def test_certain_and_possible_deaths_and_recent_counts() -> None:
    assert str(records.possible({"clashes_possible_count": 16})) == "up to 16 more"
    ends = {"fatalities_persons": 154, "fatalities_low_persons": 131, "fatalities_high_persons": 1121}
    assert str(records.deaths(ends)) == "154 (131 to 1,121)"
    assert str(records.deaths({**ends, "fatalities_low_persons": None})) == "154"
    assert str(recent(ROW)) == "7; 12; 30"
    assert "not reported" in str(recent(nothing_known()))


def test_a_class_by_the_known_items_is_marked_likely() -> None:
    row = {"services_shown": "severe", "services_certainty": "likely"}
    assert "likely, by the known items" in records.services_class(row)
    assert "certain, whatever is unknown" in records.services_class({**row, "services_certainty": "certain"})
    assert "likely" not in records.services_class({"services_shown": "no_data", "services_certainty": None})


def test_observed_control_has_its_day_source_and_shares() -> None:
    row = {**nothing_known(), "controller": "resistance", "control_date": date(2025, 11, 1), "control_source": "A map",
           "resistance_share": 0.7, "state_share": 0.2, "contested_share": 0.0, "unknown_share": 0.1,
           "towns_recorded_count": 2, "towns_lost_count": 1}  # fmt: skip
    said = " ".join(one.en for one in records.controlled(row))
    assert "As observed on 1 November 2025: resistance, by A map." in said
    assert "Shares of its area: state 20 %; resistance 70 %; unknown 10 %." in said
    assert "1 of 2 are in other hands" in said
    assert [one.en for one in records.controlled(nothing_known())] == [
        "Who controls the township: no record in force, so it is not known."
    ]


def test_stock_and_new_displacement_are_two_series() -> None:
    row = {"reference_date": date(2022, 9, 9), "idps_stock_persons": 44630, "idps_stock_suppressed": False,
           "idps_new_persons": None, "idps_new_suppressed": True}  # fmt: skip
    assert [str(one) for one in records.series([row])[0]] == ["9 September 2022", "44,630", "fewer than 10"]


def test_signs_show_the_newest_of_each_kind_and_have_words() -> None:
    row = {"service_item": "electricity", "sign_basis": "lights_by_year", "source": "A", "sign_direction": "loss",
           "sign_strength": "strong", "from_date": date(2022, 1, 1), "until_date": date(2022, 12, 31)}  # fmt: skip
    newer = {**row, "from_date": date(2023, 1, 1), "until_date": None, "sign_direction": "none"}
    found = records.signs([newer, row])
    assert len(found) == 1 and found[0][1].en == "no loss, strong (light at night, by year)"
    assert found[0][2].en == "since 1 January 2023"
    for basis in SignBasis:
        for direction in SignDirection:
            for strength in SignStrength:
                records.signs([{**row, "sign_basis": basis, "sign_direction": direction, "sign_strength": strength}])
    assert set(records.ITEMS) == set(SIGN_ITEMS)


def test_records_after_the_period_are_not_shown(tables) -> None:
    later = tables["displacement_series"].with_columns(after_period=pl.Series([True, False, False]))
    found = records.grouped({**tables, "displacement_series": later}, "displacement_series")
    assert len(found) == 2
