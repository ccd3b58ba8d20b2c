"""Every formula and rule of the published figures in words, once: what the methods page is made from.

They are computed in `pipeline.indices` and `pipeline.analysis`; thresholds and their reasons stand in
`pipeline.declare.methods`, and their values are shown beside.
"""

from pipeline.declare.formulas.changes import TIME
from pipeline.declare.formulas.evidence import CALIBRATION, EVIDENCE
from pipeline.declare.formulas.formula import Formula
from pipeline.declare.formulas.indices import HUMANITARIAN, SECURITY, SERVICES
from pipeline.declare.formulas.publication import PUBLICATION
from pipeline.declare.formulas.scenarios import SCENARIOS
from pipeline.declare.formulas.spatial import RATES, SPACE
from pipeline.declare.formulas.uncertainty import CONTROL, UNCERTAINTY
from pipeline.declare.tables import TABLES

__all__ = ["FORMULAS", "Formula", "unknown_columns"]

# Heading of the methods page -> its formulas, in the order of the page.
FORMULAS: dict[str, tuple[Formula, ...]] = {
    "Security Index": SECURITY,
    "Humanitarian Crisis Index": HUMANITARIAN,
    "Public Service Provision Index": SERVICES,
    "How sure a class is": UNCERTAINTY,
    "Share of territory": CONTROL,
    "Evidence": EVIDENCE,
    "Other defensible choices": SCENARIOS,
    "Rates": RATES,
    "Neighbours and hot spots": SPACE,
    "Change from month to month": TIME,
    "Calibration": CALIBRATION,
    "Rounding, suppression, provisional months, editions and agreement of sources": PUBLICATION,
}


def unknown_columns() -> list[str]:
    """Columns that a formula names and no published table has."""
    named = [column for group in FORMULAS.values() for one in group for column in one.columns]
    known = {f"{t.name}.{c}" for t in TABLES.values() if t.layer == "published" for c in t.columns}
    return sorted(set(named) - known)


if unknown_columns():
    raise ValueError(f"formulas name columns that no published table has: {', '.join(unknown_columns())}")
