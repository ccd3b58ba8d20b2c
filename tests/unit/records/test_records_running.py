"""New displacement: periods are added up to the running total, and a running total that falls is refused."""

import polars as pl
import pytest
from records_frames import reported, rows_of

from pipeline.records.parts import Contradicted
from pipeline.records.triage import Triage

A, B, OLD = "MMR001001", "MMR001002", "MMR013008"
MONTHS = {"2023-08-31": "4000", "2023-09-30": "2500", "2023-10-31": "900", "2023-11-30": "120"}


def rows(figures: dict[str, str], code: str = A, **more: str) -> list[dict[str, str]]:
    return [{"reference_date": day, "adm3_pcode": code, "idps_new_persons": n} | more for day, n in figures.items()]


def made(*deliveries: pl.DataFrame) -> Triage:
    raw = pl.concat(deliveries)
    return reported("displacement", canonical_displacement=raw)


def period(found: list[dict[str, str]], name: str = "d1", day: str = "01", **meant: str) -> pl.DataFrame:
    received = f"2024-06-{day}T08:00:00.000000+00:00"
    return rows_of("canonical_displacement", found, name, received, meant={"new_is": "period"} | meant)


def total(found: list[dict[str, str]], name: str = "d1", day: str = "01") -> pl.DataFrame:
    return rows_of("canonical_displacement", found, name, f"2024-06-{day}T08:00:00.000000+00:00")


def totals(result: Triage, code: str = A) -> list[int | None]:
    own = result.kept.filter(pl.col("adm3_pcode") == code).sort("reference_date", "delivery_id")
    return own["idps_new_persons"].to_list()


def test_periods_become_the_running_total() -> None:
    assert totals(made(period([*rows(MONTHS), *rows({"2023-08-31": "7"}, B)]))) == [4000, 6500, 7400, 7520]
    assert totals(made(period(rows(MONTHS)[::-1]))) == [4000, 6500, 7400, 7520]
    assert totals(made(period(rows(MONTHS | {"2023-09-30": ""})))) == [4000, None, 4900, 5020]


def test_periods_of_one_source_add_up_over_its_files_and_a_revised_month_replaces() -> None:
    files = [period(rows({day: n}), f"d{at}", f"0{at + 1}") for at, (day, n) in enumerate(MONTHS.items())]
    assert totals(made(*files)) == [4000, 6500, 7400, 7520]
    revised = period(rows({"2023-09-30": "2000"}), "d9", "09")
    assert totals(made(*files, revised))[-1] == 7020
    late = period(rows({"2023-09-30": "1", "2023-10-31": "900"}, updated_at="2023-10-01"), "x", "09")
    first = period(rows(MONTHS, updated_at="2023-12-01"))
    assert totals(made(first, late))[-1] == 7520, "an older statement by the source's own clock"
    other = period(rows({"2023-12-31": "5"}), "d8", "08", source="another team")
    assert totals(made(*files, other))[-1] == 5


def test_parts_of_a_period_are_added_up_first_and_old_codes_stay_apart() -> None:
    sexes = [*rows({"2023-08-31": "60", "2023-09-30": "6"}, extra='{"sex": "M"}'),
             *rows({"2023-08-31": "40", "2023-09-30": "4"}, extra='{"sex": "F"}')]  # fmt: skip
    assert [n for n in totals(made(period(sexes, rows="parts"))) if n is not None] == [100, 110]
    old = made(period(rows({"2023-08-31": "1001", "2023-09-30": "100"}, OLD)))
    last = old.kept.filter(pl.col("reference_date") == pl.col("reference_date").max())
    assert last["idps_new_persons"].sum() == 1101


@pytest.mark.parametrize("new_is", [None, "total"])
def test_a_running_total_that_falls_in_a_file_is_refused(new_is: str | None) -> None:
    found = [*rows({"2023-08-31": "3", "2023-09-30": "3"}, B), *rows(MONTHS)]
    meant = {"new_is": new_is} if new_is else {}
    with pytest.raises(Contradicted) as caught:
        made(rows_of("canonical_displacement", found, meant=meant))
    for words in ("d1.csv", A, "4,000 on 2023-08-31 (row 4)", "2,500 on 2023-09-30 (row 5)", 'new_is = "period"',
                  "d1.csv.toml", "idps_stock_persons", "1 townships"):  # fmt: skip
        assert words in str(caught.value)


def test_totals_that_rise_or_stay_and_stock_that_falls_are_fine() -> None:
    rising = rows({"2023-08-31": "5", "2023-09-30": "5", "2023-10-31": "6"})
    assert totals(made(total(rising))) == [5, 5, 6]
    stock = [{"reference_date": day, "adm3_pcode": A, "idps_stock_persons": n} for day, n in MONTHS.items()]
    assert made(total(stock)).kept["idps_stock_persons"].to_list() == [4000, 2500, 900, 120]
    split = rows({"2023-08-31": "9"}) + rows({"2023-09-30": "5"}, source="another team")
    assert made(total(split)).kept.height == 2


def test_a_file_for_each_month_that_falls_is_refused_and_a_revision_of_few_is_not() -> None:
    august, september = rows({"2023-08-31": "4000"}), rows({"2023-09-30": "2500"})
    with pytest.raises(Contradicted, match=r"row 2 of d1\.csv") as caught:
        made(total(august), total(september, "d2", "02"))
    assert caught.value.delivery_id == "d2"
    assert "1 of 1 townships" in str(caught.value)
    with pytest.raises(Contradicted):
        made(total(august), period(september, "d2", "02"))
    codes = [f"MMR00100{n}" for n in range(1, 9)]
    before = [row for code in codes for row in rows({"2023-08-31": "100"}, code)]
    after = [row for code in codes for row in rows({"2023-09-30": "95" if code == A else "120"}, code)]
    assert totals(made(total(before), total(after, "d2", "02"))) == [100, 95]
