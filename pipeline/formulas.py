"""Every formula and rule of the published figures in words, once: what the methods page is made from.

The modules that compute them stand in `pipeline.indices`; thresholds and their reasons in `pipeline.methods`, and
their values are shown beside. Not here: what a column means (columns.py).
"""

from dataclasses import dataclass

from pipeline.tables import TABLES


@dataclass(frozen=True)
class Formula:
    """How some published columns are computed, why so, what it cannot say, and where it comes from."""

    title: str
    columns: tuple[str, ...]  # "table.column" of the published layer
    formula: str
    why: str
    limits: str = ""
    reference: str = ""


_SECURITY: tuple[Formula, ...] = ()
_HUMANITARIAN: tuple[Formula, ...] = ()
_SERVICES: tuple[Formula, ...] = ()
_UNCERTAINTY: tuple[Formula, ...] = ()
_CONTROL: tuple[Formula, ...] = ()
_EVIDENCE: tuple[Formula, ...] = ()
_SCENARIOS: tuple[Formula, ...] = ()
_RATES: tuple[Formula, ...] = ()
_SPACE: tuple[Formula, ...] = ()
_TIME: tuple[Formula, ...] = ()
_COMPOSITE: tuple[Formula, ...] = ()
_CALIBRATION: tuple[Formula, ...] = ()

# Heading of the methods page -> its formulas, in the order of the page.
FORMULAS: dict[str, tuple[Formula, ...]] = {
    "Security Index": _SECURITY,
    "Humanitarian Crisis Index": _HUMANITARIAN,
    "Public Service Provision Index": _SERVICES,
    "How sure a class is": _UNCERTAINTY,
    "Share of territory": _CONTROL,
    "Evidence": _EVIDENCE,
    "Other defensible choices": _SCENARIOS,
    "Rates": _RATES,
    "Neighbours and hot spots": _SPACE,
    "Change from month to month": _TIME,
    "Optional composite": _COMPOSITE,
    "Calibration": _CALIBRATION,
}


def unknown_columns() -> list[str]:
    """Columns that a formula names and no published table has."""
    named = [column for group in FORMULAS.values() for one in group for column in one.columns]
    known = {f"{t.name}.{c}" for t in TABLES.values() if t.layer == "published" for c in t.columns}
    return sorted(set(named) - known)


if unknown_columns():
    raise ValueError(f"formulas name columns that no published table has: {', '.join(unknown_columns())}")
