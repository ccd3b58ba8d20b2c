"""How a township's figures read: scenarios, flips, changes, what is missing and what is withheld."""

from datetime import date

import pytest

from pipeline.declare.codes import IndexName
from reports.release import region_slug
from reports.site.blocks import chip, element, figure, withheld
from reports.site.township_rows import (  # fmt: skip
    bounds,
    displaced,
    exact,
    kept,
    likely,
    month_change,
    moved,
    moved_by,
    nearest,
    rank,
    score,
)
from reports.site.township_sections import control_records, surveys
from reports.text.catalogue import Both, label_both
from reports.text.values import changed_by_words, setting_words, undeclared

SECURITY = IndexName.SECURITY


def test_every_declared_alternative_has_words_in_both_languages() -> None:
    assert undeclared() == []
    assert setting_words("staleness_days=365").en == "records at most 365 days old"
    assert setting_words("threshold=20000").en == "a cut of 20,000 displaced people"
    assert setting_words("severe_cut=0.7").en == "a cut of 70 % of the services lost"
    assert setting_words("window=12 months").en == "the last 12 months counted"
    assert setting_words("source=ucdp_ged").en == "another clash source: ucdp_ged"
    assert [one.en for one in changed_by_words("events=clash; unheard_of=x")] == [
        "clashes alone counted", "unheard of: x",
    ]  # fmt: skip
    assert changed_by_words(None) == []


def test_kept_and_moved_by() -> None:
    row = {
        "security_kept_share": 0.833333,
        "security_scenarios_count": 6,
        "security_changed_by": "threshold=one step higher",
    }
    assert kept(SECURITY)(row).en == "kept in 5 of 6 scenarios"
    assert moved_by(SECURITY)(row).en == "a cut one step higher"
    assert moved_by(SECURITY)({**row, "security_changed_by": None, "security_kept_share": 1.0}).en == "no scenario"
    assert str(kept(SECURITY)({**row, "security_kept_share": None})) == "not known"


@pytest.mark.parametrize(
    ("distance", "name", "unit", "words"),
    [
        (-8.0, "low", "clashes", "With 8 fewer clashes: low"),
        (1.0, "low", "clashes", "With 1 more clash: low"),
        (2240.0, "high", "displaced people, rounded to ten", "With about 2,240 more displaced people: high"),
        (3.0, "severe", "service items", "With 3 more service items lost: severe"),
        (3.0, None, "known service items", "Needs 3 more known service items to have a class"),
        (None, "low", "displaced people, rounded to ten",
         "The figure is withheld; the nearest other class: low"),
        (None, None, None, "No other class can be told"),
        (2.0, "low", "deaths", "With a figure 2 higher: low"),
        (-0.05, "low", "share", "With a figure 0.05 lower: low"),
    ],
)  # fmt: skip
def test_the_nearest_other_class(distance: float | None, name: str | None, unit: str | None, words: str) -> None:
    assert str(nearest({"distance": distance, "nearest_class": name, "distance_unit": unit})) == words
    assert str(nearest(None)) == "not known"


def test_a_count_since_a_fixed_day_has_no_fewer_clashes() -> None:
    row = {"distance": -3.0, "nearest_class": "low", "distance_unit": "clashes"}
    assert str(nearest(row, falls=False)).startswith("The count cannot fall")
    assert str(nearest({**row, "distance": 3.0}, falls=False)) == "With 3 more clashes: low"


def test_change_has_arrow_number_and_word_and_what_to_beware_of() -> None:
    assert moved(9, 2).en == "▲ +7 up (from 2 to 9)"
    assert moved(2, 9).en == "▼ −7 down (from 9 to 2)"
    assert moved(3, 3).en == "■ 0 no change (as before: 3)"
    assert moved(None, 3).en == "no comparison"
    row = {"clashes_month_count": 9, "month_clashes_month_count": 2, "change_class": "rise", "is_onset": False,
           "is_lull": None, "is_alert": True, "provisional": True, "period_end": date(2023, 11, 26)}  # fmt: skip
    assert month_change(row).en == "▲ +7 up (from 2 to 9); rise; alert; the month is not over; provisional"
    fewer = {**row, "clashes_month_count": 1, "change_class": "limited_change", "is_alert": None}
    assert month_change(fewer).en == "2 → 1; limited change; the month is not over; provisional", "no fall is known yet"
    whole = {**row, "period_end": date(2023, 11, 30), "provisional": False, "is_alert": None}
    assert month_change(whole).en == "▲ +7 up (from 2 to 9); rise"


def test_missing_withheld_and_zero_are_three_looks() -> None:
    people = {"idps_persons": None, "idps_suppressed": False}
    looks = [
        str(displaced(row))
        for row in (people, {**people, "idps_suppressed": True}, {**people, "idps_persons": 0},
                    {**people, "idps_persons": 7})
    ]  # fmt: skip
    assert 'class="chip chip-missing"' in looks[0]
    assert looks[1] == looks[3] == str(withheld())
    assert looks[2] == "0"
    assert str(exact({"exact_share": None, "clashes_count": 0})) == "no clash counted"
    assert "not reported" in str(exact({"exact_share": None, "clashes_count": None}))


def test_no_record_in_force_is_said_and_no_zero() -> None:
    found = [surveys({"services_records_count": count}) for count in (0, 1, 1200)]
    assert [one.en if isinstance(one, Both) else one for one in found] == ["none in force", "1", "1,200"]
    assert "not reported" in str(surveys({"services_records_count": None}))
    row = {"control_records_count": 2, "control_class": "unknown"}
    assert control_records(row).en == "2; the newest names no controller"
    assert control_records({**row, "control_class": "state"}) == "2"
    assert control_records({**row, "control_records_count": 0}).en == "none in force"


def test_no_count_makes_a_class_certain() -> None:
    assert (str(likely(1.0)), str(likely(0.0)), likely(0.5)) == ("over 99 %", "under 1 %", "50 %")
    assert str(likely(None)) == "not known"
    assert (str(score(0.2)), score(0.0), score(46.7)) == ("under 1", "0", "47")


def test_rank_and_bounds() -> None:
    row = {"security_rank": 12, "security_rank_low": 8, "security_rank_high": 20}
    assert str(rank(row)) == "12 (between 8 and 20)"
    assert str(rank({**row, "security_rank": None})) == "not known"
    ends = {"services_class": "severe", "services_class_best": "lower", "services_class_worst": "severe"}
    assert str(bounds(ends)) == "lower to severe"
    assert "chip-lower" in str(bounds({**ends, "services_class_worst": "lower"}))


def test_chips_and_elements_are_inert() -> None:
    assert str(chip("high")) == f'<span class="chip chip-high">{label_both("high").__html__()}</span>'
    assert "chip-unknown" in str(chip('"><b>')) and "<b>" not in str(chip('"><b>'))
    assert str(element("td", Both("<b>", '"x'), "n")) == '<td class="n">\x02&lt;b&gt;\x03&#34;x\x04</td>'
    assert str(element("td", "<b>")) == "<td>&lt;b&gt;</td>"
    assert str(figure("<i>")) == "<i>" and not hasattr(figure("<i>"), "__html__")


def test_slugs_stay_in_their_folder() -> None:
    assert [region_slug(name) for name in ("Nay Pyi Taw", "Kayah")] == ["nay-pyi-taw", "kayah"]
    for bad in ("../x", "", "Shan/East", "<b>"):
        with pytest.raises(ValueError, match="file name of a region"):
            region_slug(bad)
