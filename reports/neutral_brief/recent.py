"""The brief's clashes of one, three and twelve months, certain and possible, and the deaths by three estimates."""

from collections.abc import Sequence

from pipeline.neutral_brief.request import Material
from reports.neutral_brief.data import Number
from reports.neutral_brief.state import rows
from reports.neutral_brief.words import count, words
from reports.site.blocks import Cell, Column, Grid, Place

# Key of the words -> column of published.township_index, unit.
_COLUMNS = {
    "c_clashes_month": ("clashes_month_count", "clashes"),
    "c_clashes_3m": ("clashes_3m_count", "clashes"),
    "c_clashes_12m": ("clashes_12m_count", "clashes"),
    "c_clashes_possible": ("clashes_possible_count", "clashes"),
    "c_deaths_lowest": ("fatalities_low_persons", "persons"),
    "c_deaths_best": ("fatalities_persons", "persons"),
    "c_deaths_highest": ("fatalities_high_persons", "persons"),
}


def recent(material: Material, places: Sequence[Place]) -> tuple[Grid, list[Number]]:
    """A row a township. What may have happened in several townships is in the row of each, so nothing is summed."""
    found, day = rows(material), material.state_day
    table: list[tuple[Cell, ...]] = []
    figures: list[Number] = []
    for place in places:
        row = found.get(place.pcode) or {}
        values = [(row.get(column), column, unit) for column, unit in _COLUMNS.values()]
        table.append((place, *(count(value) for value, _, _ in values)))
        figures += [
            Number("townships", place.pcode, column, None, day, value, unit, "" if value is not None else "not_known")
            for value, column, unit in values
        ]
    header = (Column(words("c_township"), wide=1.7), *(Column(words(key), True, 1) for key in _COLUMNS))
    return Grid(words("cap_recent", date=day), header, tuple(table)), figures
