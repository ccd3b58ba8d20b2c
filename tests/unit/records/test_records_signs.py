"""Signs of services: statements and light at night become records; what was not measured says nothing."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from records_frames import reported, rows_of

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import conform
from pipeline.ingest import inbox

SIGN = {"item": "gad_office", "from": "2023-01-01", "sign": "loss", "adm3_pcode": "MMR001001"}
YEAR = {"year": "2022", "adm3_pcode": "MMR001001", "lit_pixels": "70"}
NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
LIST = "township,state,since\nMyitkyina,Kachin,2022-05-01\nMomauk,Kachin,2022-05\nMongmit,Shan,2022-05-01\n"


def signs(*rows: dict[str, str]) -> pl.DataFrame:
    return conform(reported("signs", canonical_signs=rows_of("canonical_signs", list(rows))).kept, "records.signs")


def lights(*frames: pl.DataFrame, by: str = "year") -> pl.DataFrame:
    return conform(reported("signs", **{f"lights_by_{by}": pl.concat(frames)}).kept, "records.signs")


def years(*rows: dict[str, str], **given: object) -> pl.DataFrame:
    return rows_of("lights_by_year", list(rows), **given)


def test_a_row_of_several_items_is_a_statement_about_each():
    found = signs({**SIGN, "item": "Police station, gad_office"}, {**SIGN, "item": "communications", "sign": "None"})
    assert found.select("service_item", "sign_direction", "row_number").sort("service_item").rows() == [
        ("communications", "none", 3), ("gad_office", "loss", 2), ("police_station", "loss", 2),
    ]  # fmt: skip


def test_a_month_stands_as_its_first_day_and_says_that_it_is_a_month():
    found = signs({**SIGN, "from": "2021-08", "until": "2026-01-29"})
    assert found.select("from_date", "until_date", "date_precision").rows() == [
        (date(2021, 8, 1), date(2026, 1, 29), "month")
    ]


def test_an_end_may_lie_ahead_and_a_newer_statement_replaces_that_of_its_own_item_alone():
    old = rows_of("canonical_signs", [SIGN, {**SIGN, "item": "salaries"}])
    new = rows_of("canonical_signs", [{**SIGN, "until": "2099-01-01"}], "d2", "2024-07-01T08:00:00+00:00")
    made = reported("signs", canonical_signs=pl.concat([old, new]))
    assert made.kept.select("service_item", "delivery_id").sort("service_item").rows() == [
        ("gad_office", "d2"), ("salaries", "d1"),
    ]  # fmt: skip
    assert made.set_aside["reason"].to_list() == ["superseded"]


def test_a_row_of_which_one_item_is_replaced_is_still_used_for_the_other():
    old = rows_of("canonical_signs", [{**SIGN, "item": "gad_office; salaries"}])
    new = rows_of("canonical_signs", [SIGN], "d2", "2024-07-01T08:00:00+00:00")
    made = reported("signs", canonical_signs=pl.concat([old, new]))
    assert sorted(made.kept["service_item"]) == ["gad_office", "salaries"]
    assert made.set_aside.is_empty()


def test_statements_of_one_day_that_differ_contradict_each_other_and_two_sources_of_light_do_not():
    both = signs(SIGN, {**SIGN, "sign": "none", "source": "another"}, {**SIGN, "item": "salaries", "sign": "none"})
    assert both.sort("service_item")["conflicting_records_count"].to_list() == [2, 2, 0]
    two = lights(years(YEAR), years({**YEAR, "lit_pixels": "9", "source": "another"}, delivery="d2"))
    assert two["conflicting_records_count"].to_list() == [0, 0]
    one = lights(years(YEAR, {**YEAR, "lit_pixels": "9"}))
    assert one["conflicting_records_count"].to_list() == [2, 2]


def test_light_is_of_electricity_for_a_period_and_a_blank_figure_stays_missing():
    found = lights(years(YEAR, {**YEAR, "year": "2023.0", "lit_pixels": ""}))
    assert found.select("service_item", "from_date", "until_date", "lit_pixels_count", "sign_direction").rows() == [
        ("electricity", date(2022, 1, 1), date(2022, 12, 31), 70, None),
        ("electricity", date(2023, 1, 1), date(2023, 12, 31), None, None),
    ]
    month = {"month": "2024-02", "adm3_pcode": "MMR001001", "ntl_sum": "1908.923"}
    by_month = lights(rows_of("lights_by_month", [month]), by="month")
    assert by_month.select("until_date", "radiance_sum", "date_precision").rows() == [
        (date(2024, 2, 29), 1908.923, "month")
    ]


@pytest.mark.parametrize("code", ["MMR013008", "MMR001001701"])
def test_light_of_a_part_or_of_several_townships_is_not_shared_out_but_a_statement_holds(code):
    made = reported("signs", lights_by_year=years({**YEAR, "adm3_pcode": code}))
    assert made.set_aside["reason"].to_list() == ["several_townships"]
    assert signs({**SIGN, "adm3_pcode": code}).height == (2 if code == "MMR013008" else 1)


def _judged(tmp_path, text: str, sidecar: str):
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    (tmp_path / "list.csv.toml").write_text(sidecar, encoding="utf-8")
    return inbox.judge([(Kind.SIGNS, path)], NOW)[0]


COLUMNS = '[columns]\nadm3_name = "township"\nadm1_name = "state"\nfrom = "since"\n'


def test_a_list_says_in_its_sidecar_what_it_is_a_list_of_and_names_are_told_apart(tmp_path):
    judged = _judged(tmp_path, LIST, COLUMNS + '[every_row]\nitem = "police_station, gad_office"\nsign = "loss"\n')
    assert judged.frame.select("item", "sign").unique().rows() == [("police_station, gad_office", "loss")]
    rows = judged.frame.select("item", "from", "sign", "adm3_name", "adm1_name").to_dicts()
    found = signs(*rows)
    assert found.height == 6
    assert sorted(found["adm3_pcode"].unique()) == ["MMR001001", "MMR001012", "MMR015017"]


@pytest.mark.parametrize(
    ("every_row", "said"),
    [
        ('item = "roads"', "no term|one of police_station"),
        ('adm3_name = "Myitkyina"', "no column of terms of signs"),
        ('item = "salaries"\nfrom = "2022-01-01"', "no column of terms"),
        ("item = 1", "must give a column"),
    ],
)
def test_a_word_for_every_row_that_cannot_be_is_refused(tmp_path, every_row, said):
    with pytest.raises(UnusableInput, match=said):
        _judged(tmp_path, LIST, f'{COLUMNS}[every_row]\nsign = "loss"\n{every_row}\n')


def test_a_word_for_every_row_of_a_column_that_the_file_has_is_refused(tmp_path):
    text = LIST.replace("since", "since,sign").replace("-01\n", "-01,loss\n").replace("2022-05\n", "2022-05,loss\n")
    with pytest.raises(UnusableInput, match="which the file has as a column"):
        _judged(tmp_path, text, f'{COLUMNS}[every_row]\nsign = "loss"\nitem = "salaries"\n')


def test_zeros_that_nobody_told_from_silence_are_not_reported():
    rows = [{"reference_date": "2021-12-31", "adm3_pcode": f"MMR00100{n}", "idps_stock_persons": f} for n, f in
            enumerate(("0", "120", "0.0"), start=1)]  # fmt: skip
    for meant, figures in (({}, [0, 120, 0]), ({"zero_means": "unknown"}, [None, 120, None])):
        made = reported("displacement", canonical_displacement=rows_of("canonical_displacement", rows, meant=meant))
        assert made.kept.sort("adm3_pcode")["idps_stock_persons"].to_list() == figures
