"""Every table and every formula, once: warehouse, dictionary, workbook and methods page are made from them."""

from pipeline.declare.indices import BY_INDEX
from pipeline.declare.tables import (
    changes,
    concordance,
    control,
    displacement,
    evidence,
    indices,
    intensity,
    publication,
    records,
    reliability,
    scenarios,
    signs,
    spatial,
    towns,
    uncertainty,
)
from pipeline.declare.tables.declaration import Formula, Layer, Sheet, Table

__all__ = ["FORMULAS", "TABLES", "Formula", "Layer", "Sheet", "Table", "layer", "row_key", "unknown_columns"]

# In the order of the dictionary.
_ALL: tuple[Table, ...] = (
    records.DELIVERIES,
    records.TOWNSHIPS,
    records.CLASHES,
    records.CLASH_DAYS,
    records.UNALLOCATED_EVENTS,
    records.EARLIER_EDITIONS,
    records.DISPLACEMENT,
    records.SERVICES,
    records.CONTROL,
    records.CONTROL_AREAS,
    records.TOWN_CONTROL,
    records.POPULATION,
    records.SIGNS,
    records.CLASH_COUNTS,
    records.SET_ASIDE,
    records.REPEATED_ROWS,
    records.ACCOUNTS,
    records.CORRECTIONS,
    *indices.OF_LAYER,
    concordance.EVENT_MATCHES,
    publication.TOWNSHIPS,
    indices.TOWNSHIP_INDEX,
    indices.NATIONAL_SUMMARY,
    indices.REGION_SUMMARY,
    control.TERRITORIAL_CONTROL,
    control.TOWNSHIP_CONTROL,
    towns.TOWN_CONTROL,
    indices.TOWNSHIP_MONTH_EVENTS,
    displacement.DISPLACEMENT_SERIES,
    signs.SERVICE_SIGNS,
    publication.REVISIONS,
    publication.DELIVERIES,
    publication.SET_ASIDE_SUMMARY,
    publication.CORRECTIONS,
    publication.COMPARISON,
    concordance.SOURCE_CONCORDANCE,
    concordance.SOURCE_MATCHES,
    reliability.RELIABILITY,
    reliability.DETECTION,
    spatial.TOWNSHIP_RATES,
    changes.TOWNSHIP_CHANGES,
    changes.CHANGE_SUMMARY,
    spatial.NEIGHBOURS,
    spatial.SPATIAL_AUTOCORRELATION,
    spatial.HOT_SPOTS,
    intensity.CURRENT_INTENSITY,
    intensity.SCORECARD,
    scenarios.SCENARIOS,
    scenarios.ROBUSTNESS,
    scenarios.SENSITIVITY,
    indices.EXPLANATIONS,
    publication.ACTOR_DIALOGUE,
)

TABLES: dict[str, Table] = {one.full_name: one for one in _ALL}

# Heading of the methods page -> its formulas, in the order of the page.
FORMULAS: dict[str, tuple[Formula, ...]] = {
    **{BY_INDEX[name].title: formulas for name, formulas in indices.FORMULAS.items()},
    "Displaced people by day and share": displacement.DISPLACEMENT,
    "Signs of services": signs.SIGNS,
    "How sure a class is": (*uncertainty.UNCERTAINTY, *reliability.FORMULAS),
    "Share of territory": (*uncertainty.CONTROL, *control.FORMULAS, *towns.FORMULAS),
    "Evidence": evidence.EVIDENCE,
    "Other defensible choices": scenarios.FORMULAS,
    "Rates": spatial.RATES,
    "Neighbours and hot spots": spatial.SPACE,
    "Change from month to month": changes.TIME,
    "Current intensity and its scorecard": intensity.INTENSITY,
    "Calibration": evidence.CALIBRATION,
    "Rounding, suppression, provisional months, editions and agreement of sources": publication.PUBLICATION,
}


def row_key(full_name: str) -> tuple[str, ...]:
    """The columns that name a row of a declared table, or of a raw mirror."""
    return TABLES[full_name].key if full_name in TABLES else ("delivery_id", "row_number")


def layer(name: Layer) -> tuple[Table, ...]:
    """The tables of one layer, in the order they are declared."""
    return tuple(one for one in _ALL if one.layer == name)


def unknown_columns() -> list[str]:
    """Columns that a formula names and no published table has."""
    named = [column for group in FORMULAS.values() for one in group for column in one.columns]
    known = {f"{one.name}.{column}" for one in layer(Layer.PUBLISHED) for column in one.columns}
    return sorted(set(named) - known)


if unknown_columns():
    raise ValueError(f"formulas name columns that no published table has: {', '.join(unknown_columns())}")
