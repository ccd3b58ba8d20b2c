"""Inhabitants with decimals: rounded where the column is sums over a grid, else set aside as before."""

import pytest
from records_frames import gazetteer, rows_of

from pipeline.declare.codes import Reason
from pipeline.records.observations import population


def made(*cells: str) -> list[int | str]:
    rows = [
        {"reference_date": "2020-07-01", "adm3_pcode": f"MMR00100{n}", "population_persons": cell}
        for n, cell in enumerate(cells, 1)
    ]
    result = population(rows_of("canonical_population", rows), gazetteer())
    people = dict(result.kept.select("row_number", "population_persons").iter_rows())
    assert set(result.set_aside["reason"]) <= {Reason.INVALID_NUMBER}
    return [people.get(n, "aside") for n in range(2, len(cells) + 2)]


@pytest.mark.parametrize(
    ("cells", "people"),
    [
        (["413281.687289", "158403.5", "1998.5", "7880"], [413282, 158404, 1998, 7880]),  # half to even
        (["413281,687289", "158403,5", "12,345"], [413282, 158404, 12]),  # decimal commas: all of them are
        (["၁၂၃၄.၆", "2345.5"], [1235, 2346]),
        (["413281", "158403", "1999.5"], [413281, 158403, "aside"]),  # a lone fraction
        (["413.281", "158.403", "25.530"], ["aside"] * 3),  # thousands to some
        (["413.3", "158.4", "25.5"], ["aside"] * 3),  # in thousands: far too few people
        (["413,281", "158,403", "25,530"], [413281, 158403, 25530]),
        (["1,413.5", "158403.5", "25530.5"], ["aside"] * 3),  # both signs
    ],
)
def test_population_with_decimals(cells: list[str], people: list[int | str]) -> None:
    assert made(*cells) == people
