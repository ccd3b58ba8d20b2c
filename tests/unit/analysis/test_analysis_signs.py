"""Signs of lost services: light against a township's own past and quiet townships; statements and their strength."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_examples import examples

from pipeline.analysis.signs import service_signs
from pipeline.declare.frames import empty
from pipeline.declare.settings import REFERENCE

CODES = sorted(line[:9] for line in (REFERENCE / "townships.csv").read_text(encoding="utf-8").splitlines()[1:])
QUIET = CODES[:24]
DARK, DIM, FEW, CALM_DARK = *CODES[30:33], QUIET[0]
LAST = date(2023, 12, 31)
DELIVERIES = pl.DataFrame({"delivery_id": ["a", "b"], "source": ["pixels", "radiance"]})
TOWNSHIPS = pl.DataFrame({"adm3_pcode": CODES})


def security(known: bool = True) -> pl.DataFrame:
    """The quiet townships and those with clashes, at the ends of three years."""
    rows = [
        {"month": date(year, 12, 1), "adm3_pcode": code, "in_conflict": code not in QUIET if known else None}
        for year in (2021, 2022, 2023) for code in CODES[:33]
    ]  # fmt: skip
    return pl.DataFrame(rows, schema={"month": pl.Date, "adm3_pcode": pl.String, "in_conflict": pl.Boolean})


def light(code: str, year: int, pixels: int | None, month: int = 0, radiance: float | None = None) -> dict[str, object]:
    first = date(year, month or 1, 1)
    return {
        "adm3_pcode": code, "service_item": "electricity", "from_date": first, "source": "x",
        "until_date": date(year, month or 12, 28), "delivery_id": "b" if month else "a",
        "sign_basis": "lights_by_month" if month else "lights_by_year", "date_precision": "month" if month else "year",
        "lit_pixels_count": pixels, "radiance_sum": radiance, "conflicting_records_count": 0,
    }  # fmt: skip


def years(code: str, before: int, after: int | None, year: int = 2023) -> list[dict[str, object]]:
    return [*(light(code, early, before) for early in (2018, 2019, 2020)), light(code, year, after)]


def calm(after: float = 1.5, year: int = 2023) -> list[dict[str, object]]:
    return [row for code in QUIET for row in years(code, 100, int(100 * after), year)]


def found(rows: list[dict[str, object]], known: bool = True, last: date = LAST) -> pl.DataFrame:
    records = pl.DataFrame(rows, schema=empty("records.signs").schema)
    return service_signs(records, security(known), DELIVERIES, TOWNSHIPS, last)


def of(frame: pl.DataFrame, code: str) -> list[tuple[object, ...]]:
    return frame.filter(adm3_pcode=code).select("sign_direction", "sign_strength").rows()


@pytest.mark.parametrize(
    ("after", "sign"),
    [
        (0, ("loss", "strong")),  # no light left is a measurement too
        (37, ("loss", "strong")),  # 0.37 of its own where quiet townships have 1.5: a quarter of what they kept
        (38, ("loss", "moderate")),
        (75, ("loss", "moderate")),
        (76, ("none", "weak")),
        (150, ("none", "weak")),
    ],
)
def test_light_is_held_against_its_own_past_and_what_quiet_townships_kept(after, sign):
    frame = found([*calm(), *years(DARK, 100, after)])
    assert of(frame, DARK) == [sign]
    row = frame.filter(adm3_pcode=DARK).row(0, named=True)
    assert (row["light_ratio"], row["quiet_light_ratio"], row["source"]) == (after / 100, 1.5, "pixels")
    assert f"Light at {after} % of the township's own in 2018 to 2020 (100 lit pixels before)" in row["strength_reason"]


def test_what_was_not_seen_or_had_few_lit_pixels_or_contradicts_itself_says_nothing():
    rows = [*calm(), *years(DARK, 100, None), *years(FEW, 49, 0), *years(DIM, 100, 5), light(DIM, 2023, 90)]
    frame = found(rows)
    assert of(frame, DARK) == of(frame, FEW) == of(frame, DIM) == []
    counted = {**light(DARK, 2023, 0), "conflicting_records_count": 2}
    assert of(found([*calm(), *years(DARK, 100, 0)[:3], counted]), DARK) == []
    assert of(found([*calm(), *years(FEW, 50, 0)]), FEW) == [("loss", "strong")]


def test_without_enough_quiet_townships_or_any_record_of_conflict_light_says_nothing():
    assert found([*calm()[: 19 * 4], *years(DARK, 100, 0)]).is_empty()
    assert not found([*calm()[: 20 * 4], *years(DARK, 100, 0)]).is_empty()
    assert found([*calm(), *years(DARK, 100, 0)], known=False).is_empty()


def test_the_median_of_the_years_before_counts_and_years_before_the_coup_are_no_sign():
    odd = [light(DARK, 2017, 1), light(DARK, 2018, 5000), light(DARK, 2019, 100), light(DARK, 2020, 100)]
    frame = found([*calm(), *odd, light(DARK, 2023, 30)])
    assert of(frame, DARK) == [("loss", "strong")]
    assert frame["from_date"].dt.year().unique().to_list() == [2023]


def test_months_count_by_whole_years_in_the_months_known_in_both_and_need_pixels_of_another_series():
    def months(code: str, after: float, known: int = 12) -> list[dict[str, object]]:
        first = [light(code, 2021, None, month, 10.0 * month) for month in range(1, 13)]
        return first + [light(code, 2023, None, month, after * month) for month in range(1, known + 1)]

    quiet = [row for code in QUIET for row in months(code, 10.0)]
    seen = [*quiet, *months(DARK, 2.0), *months(DIM, 2.0, known=9)]
    assert found(seen).is_empty(), "a sum of radiance cannot tell whether a township had light to lose"
    pixels = [light(code, year, 100) for code in (*QUIET, DARK, DIM) for year in (2018, 2019, 2020)]
    frame = found([*seen, *pixels])
    assert of(frame, DARK) == [("loss", "strong")]
    assert of(frame, DIM) == [], "nine months are too few"
    row = frame.filter(adm3_pcode=DARK).row(0, named=True)
    assert (row["light_ratio"], row["from_date"], row["source"]) == (0.2, date(2023, 1, 1), "radiance")
    assert "own in 2021" in row["strength_reason"]


@examples(4)
@given(st.integers(0, 300), st.integers(0, 50), st.randoms())
def test_more_light_never_makes_a_sign_of_loss_and_the_order_of_rows_says_nothing(after, more, random):
    rows = [*calm(), *years(DARK, 100, after)]
    brighter = found([*calm(), *years(DARK, 100, after + more)])
    mixed = list(rows)
    random.shuffle(mixed)
    frame = found(rows)
    assert found(mixed).equals(frame)
    if of(brighter, DARK)[0][0] == "loss":
        assert of(frame, DARK)[0][0] == "loss"


def stated(**given: object) -> dict[str, object]:
    return {
        "adm3_pcode": DARK, "service_item": "gad_office", "from_date": date(2023, 6, 1), "sign_basis": "statement",
        "sign_direction": "loss", "date_precision": "day", "delivery_id": "a", "conflicting_records_count": 0, **given,
    }  # fmt: skip


def strengths(*rows: dict[str, object]) -> list[tuple[object, ...]]:
    columns = ("source", "sign_direction", "sign_strength", "until_date", "after_period")
    return found(list(rows)).sort("from_date", "source").select(columns).rows()


def test_a_statement_is_moderate_and_weak_where_it_is_old_and_open():
    assert strengths(stated()) == [("pixels", "loss", "moderate", None, False)]
    assert strengths(stated(from_date=date(2022, 12, 30)))[0][2] == "weak"
    assert strengths(stated(from_date=date(2022, 12, 31)))[0][2] == "moderate", "365 days before the end of the period"
    ended = stated(from_date=date(2021, 9, 1), until_date=date(2024, 9, 1))
    assert strengths(ended) == [("pixels", "loss", "moderate", date(2024, 9, 1), False)]


def test_what_begins_after_the_period_is_marked():
    assert strengths(stated(from_date=date(2025, 7, 31)))[0][-1] is True


def test_another_source_that_says_the_opposite_weakens_both_and_the_same_source_ends_its_own():
    other = stated(sign_direction="none", delivery_id="b", from_date=date(2023, 7, 1))
    assert [row[2] for row in strengths(stated(), other)] == ["weak", "weak"]
    restored = stated(sign_direction="none", from_date=date(2023, 7, 1))
    assert strengths(stated(), restored) == [
        ("pixels", "loss", "moderate", date(2023, 6, 30), False), ("pixels", "none", "moderate", None, False),
    ]  # fmt: skip
    assert [row[2] for row in strengths(stated(), {**other, "service_item": "salaries"})] == ["moderate", "moderate"]


def test_without_a_record_there_is_no_sign():
    assert found([]).is_empty()
