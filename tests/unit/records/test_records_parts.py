"""Rows of one township and day: equal ones are duplicates, others are parts and added up, or the file is refused."""

import json
from random import Random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records_frames import gazetteer, middle, reported, rows_of
from shared_examples import examples

from pipeline.declare.codes import Reason
from pipeline.records import observations
from pipeline.records.parts import Contradicted, added_up
from pipeline.records.triage import Triage, accounts

A, B, C = "MMR001001", "MMR001002", "MMR001003"
OLD, SUCCESSORS = "MMR013008", ("MMR013046", "MMR013047")
STOCK = "idps_stock_persons"


def site(code: str, persons: str, name: str = "", **more: str) -> dict[str, str]:
    """A line of a camp list: the name stands in a column that is not ours."""
    extra = {"site": name} if name else {}
    extra |= {k: more.pop(k) for k in list(more) if k in ("sex", "residence", "age", "households", "remark")}
    return {"reference_date": "2023-01-01", "adm3_pcode": code, STOCK: persons} | more | {
        "extra": json.dumps(extra, ensure_ascii=False) if extra else None}  # type: ignore[dict-item]  # fmt: skip


def made(*rows: dict[str, str], meant: str = "parts") -> Triage:
    raw = rows_of("canonical_displacement", list(rows), meant={"rows": meant} if meant else {})
    result = reported("displacement", canonical_displacement=raw)
    day = result.kept.with_columns(pl.col("reference_date").alias("day"))
    accounts(raw, day, result.set_aside, "test")
    return result


def figures(result: Triage) -> dict[str, int | None]:
    stated = result.kept.group_by("adm3_pcode").agg(
        pl.when(pl.col(STOCK).count() > 0).then(pl.col(STOCK).sum()), pl.col(STOCK).count().alias("rows")
    )
    assert stated["rows"].max() in (0, 1), "one row of a township holds its figure"
    return {row["adm3_pcode"]: row[STOCK] for row in stated.iter_rows(named=True)}


def refused(*rows: dict[str, str], meant: str = "parts") -> str:
    with pytest.raises(Contradicted, match=r"^d1\.csv: ") as caught:
        made(*rows, meant=meant)
    assert caught.value.delivery_id == "d1"
    return str(caught.value)


def test_parts_are_added_up_and_each_row_is_used() -> None:
    result = made(site(A, "120", "East"), site(A, "80", "West"), site(B, "5", "Only"))
    assert figures(result) == {A: 200, B: 5}
    assert result.set_aside.is_empty()
    assert added_up(result.kept) == ["d1.csv: 2 rows are parts and were added up in 1 townships"]


def test_two_camps_of_equal_size_are_two_parts_and_a_row_twice_is_one() -> None:
    same = [site(A, "120", "East"), site(A, "120", "West")]
    assert figures(made(*same)) == {A: 240}
    twice = made(*same, site(A, "120", " East "))
    assert figures(twice) == {A: 240}
    assert twice.set_aside.select("row_number", "reason").rows() == [(4, Reason.DUPLICATE_ROW)]
    assert figures(made(site(A, "120"), site(A, "120"), meant="")) == {A: 120}


def test_without_the_sidecar_rows_that_differ_are_refused_with_two_of_them() -> None:
    said = refused(site(B, "5"), site(A, "120", "East"), site(A, "80", "West"), meant="")
    for words in ("rows 3 and 4", A, "2023-01-01", f"{STOCK} 120", f"{STOCK} 80", 'rows = "parts" into d1.csv.toml'):
        assert words in said
    only_names = refused(site(A, "120", "East"), site(A, "120", "West"), meant="")
    assert "differ in site" in only_names
    refused(site(A, ""), site(A, "7"), meant="")


def test_rows_of_one_township_under_name_code_and_point_are_its_parts() -> None:
    lon, lat = middle(A)
    by_name = site("", "20", "x", adm3_name="Myitkyina", adm1_name="Kachin")
    by_point = site("", "3", "y", longitude=str(lon), latitude=str(lat))
    assert figures(made(site(A, "100", "z"), by_name, by_point)) == {A: 123}
    assert "MMR001001" in refused(site(A, "100", "z"), by_point, meant="")
    points = [site("", "50", longitude=str(lon), latitude=text) for text in (str(lat), f"{lat}0")]
    assert figures(made(*points)) == {A: 50}, "the same point written twice"


def test_parts_of_an_old_code_are_added_before_they_are_shared_out() -> None:
    result = made(site(OLD, "600", "x"), site(OLD, "401", "y"), site(SUCCESSORS[0], "5", "z"))
    assert result.kept[STOCK].sum() == 1006
    assert set(result.kept["adm3_pcode"]) == set(SUCCESSORS)
    own = result.kept.filter(pl.col("placed_by") == "crosswalk").drop_nulls(STOCK)
    assert own[STOCK].sum() == 1001


def test_blank_parts_add_nothing_and_all_blank_stays_blank() -> None:
    result = made(site(A, "", "x"), site(A, "7", "y"), site(A, "0", "w"), site(B, "", "x"), site(B, "-", "y"))
    assert figures(result) == {A: 7, B: None}
    assert added_up(result.kept) == [
        "d1.csv: 5 rows are parts and were added up in 2 townships; 3 of them state no figure and add nothing"
    ]


def test_a_revised_row_is_superseded_and_parts_with_one_name_and_two_times_are_refused() -> None:
    rows = [site(A, n, "East", updated_at=day) for n, day in (("100", "2023-02-01"), ("120", "2023-03-01"))]
    for order in (rows, rows[::-1]):
        result = made(*order, site(A, "50", "West", updated_at="2023-02-01"))
        assert figures(result) == {A: 170}
        assert result.set_aside["reason"].to_list() == [Reason.SUPERSEDED]
    assert figures(made(*rows, meant="")) == {A: 120}
    grown = [row | {"extra": json.dumps({"site": "East", "households": n})} for row, n in zip(rows, "56", strict=True)]
    assert "updated_at" in refused(*grown)
    refused(*grown, meant="")


WORDS = ("Total", "All", "both sexes", "Grand total", "စုစုပေါင်း", "အားလုံး", "Urban+Rural")


def test_a_total_beside_its_parts_is_set_aside() -> None:
    codes = [f"MMR0010{n:02}" for n in range(1, 1 + len(WORDS))]
    columns = ("residence", "sex", "name")
    rows = [
        site(code, n, **{columns[at % 3]: text})
        for at, (code, word) in enumerate(zip(codes, WORDS, strict=True))
        for n, text in (("100", word), ("60", "one"), ("40", "other"))
    ]
    for order in (rows, rows[::-1]):
        result = made(*order)
        assert figures(result) == dict.fromkeys(codes, 100)
        assert result.set_aside.select("reason", "found").unique().rows() == [(Reason.TOTAL_OF_PARTS, "100")]
        assert result.set_aside.height == len(WORDS)
    assert figures(made(site(A, "100", "Total"), site(A, "100", "one"))) == {A: 100}


def test_totals_of_a_table_in_two_directions_are_set_aside() -> None:
    cells = {("Urban", "Male"): 10, ("Urban", "Female"): 20, ("Rural", "Male"): 30, ("Rural", "Female"): 40,
             ("Urban", "Both sexes"): 30, ("Rural", "Both sexes"): 70, ("Total", "Male"): 40, ("Total", "Female"): 60,
             ("Total", "Both sexes"): 100}  # fmt: skip
    result = made(*(site(A, str(n), residence=where, sex=sex) for (where, sex), n in cells.items()))
    assert figures(result) == {A: 100}
    assert result.set_aside.height == 5
    margins = [site(A, "100", sex="Both", age="All"), site(A, "40", sex="M", age="All"),
               site(A, "60", sex="F", age="All"), site(A, "30", sex="Both", age="0-17"),
               site(A, "70", sex="Both", age="18+")]  # fmt: skip
    assert "is not the sum" in refused(*margins)


def test_what_says_total_and_is_none_is_refused_and_rounding_is_not() -> None:
    off = [site(A, "103", "Total"), site(A, "60", "x"), site(A, "40", "y")]
    assert "row 2 says 'Total' and is not the sum" in refused(*off)
    assert figures(made(site(A, "101", "Total"), *off[1:])) == {A: 100}
    assert "is not the sum" in refused(site(A, "100", "Total"), site(A, "", "x"), site(A, "", "y"))
    ages = [site(A, "60", age="All ages", sex="M"), site(A, "40", age="All ages", sex="F")]
    assert figures(made(*ages)) == {A: 100}, "a word of every row tells none of them apart"


def test_a_row_that_equals_the_sum_of_the_others_without_saying_so_is_refused() -> None:
    towns = [
        row for code in (A, B, C) for row in (site(code, "90", "Alpha"), site(code, "60", "x"), site(code, "30", "y"))
    ]
    assert "row 2 equals the sum of the others" in refused(*towns)
    once = [site(A, "90", "Alpha"), *towns[1:3], *(site(c, n, n) for c in (B, C) for n in ("7", "8", "10"))]
    assert figures(made(*once)) == {A: 180, B: 25, C: 25}, "by chance in one township"
    above = [site(A, "120"), site(A, "120", "Camp")]
    assert "has no name where the others have one" in refused(*above)


def test_parts_that_name_two_sources_are_refused() -> None:
    assert "name two sources" in refused(site(A, "1", "x", source="p"), site(A, "2", "y", source="p"),
                                         site(A, "4", "z", source="q"), site(A, "5", "w", source="q"))  # fmt: skip


def test_population_is_added_up_too() -> None:
    rows = [{"reference_date": "2022-10-01", "adm3_pcode": A, "population_persons": n, "extra": json.dumps({"r": r})}
            for r, n in (("Total", "387"), ("Urban", "89"), ("Rural", "298"))]  # fmt: skip
    result = observations.population(rows_of("canonical_population", rows, meant={"rows": "parts"}), gazetteer())
    assert result.kept["population_persons"].sum() == 387
    with pytest.raises(Contradicted, match="rows 2 and 3"):
        observations.population(rows_of("canonical_population", rows), gazetteer())


_SITES = st.lists(
    st.tuples(st.sampled_from([A, B, C, OLD]), st.integers(0, 50_000)), min_size=1, max_size=20
)  # fmt: skip


@examples(8)
@given(_SITES, st.lists(st.integers(0, 19), max_size=4), st.booleans(), st.randoms(use_true_random=False))
def test_a_planted_site_list_gives_its_sum_or_is_refused(
    sites: list[tuple[str, int]], twice: list[int], totals: bool, random: Random
) -> None:
    rows = [site(code, str(n), f"Site {at}") for at, (code, n) in enumerate(sites)]
    again = [rows[at % len(rows)] for at in twice]
    planted = {code: sum(n for where, n in sites if where == code) for code, _ in sites}
    lines = [site(code, str(n), "Total") for code, n in planted.items()] if totals else []
    given_rows = [*rows, *again, *lines]
    random.shuffle(given_rows)
    try:
        result = made(*given_rows)
    except Contradicted as error:
        assert "equals the sum of the others" in str(error)
        return
    found = figures(result)
    old = sum(found.pop(code, None) or 0 for code in SUCCESSORS)
    assert ({OLD: old} if OLD in planted else {}) | found == planted
    if len({code for code, _ in sites}) < len(sites):
        refused(*given_rows, meant="")
