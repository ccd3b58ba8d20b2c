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
_CALIBRATION: tuple[Formula, ...] = (
    Formula(
        title="How far a cut is from published margins",
        columns=(),
        formula=(
            "For each candidate cut, the sum over the published figures of |townships at this cut - townships "
            "published|. A published per cent is turned into townships: per cent / 100 x number of townships. "
            "Candidates: every whole number of clashes from 1 to the largest count; every interval between two figures "
            "of displaced people as they are shown; every tenth of services lost."
        ),
        why=(
            "Every figure counts alike and a difference can be read as townships. Of equally good cuts the base "
            "method's own is kept, else the roundest number is taken, else the lowest: nothing else tells them apart."
        ),
        limits=(
            "The cut is not unique and closeness proves nothing: many methods meet the same margins. It holds for one "
            "source, one window and one period end. Within five of a shown figure of displaced people no cut is tried, "
            "so that the rounded figures give the classes of the exact ones."
        ),
    ),
    Formula(
        title="Equally good and nearly as good cuts",
        columns=(),
        formula=(
            "Equally good: the same loss. Nearly as good: there are true values within half a unit of the last printed "
            "digit of every published per cent (whole per cent: 0.5 points) for which the cut is at least as close as "
            "the best one. Numbers of townships are taken as exact. One step away: how many townships leave or join "
            "the upper class at the next candidate above and below."
        ),
        why="A rounded figure cannot tell cuts apart that differ by less than its rounding.",
        limits="Errors of the source itself are not in this range; the probability of a class shows some of them.",
    ),
)

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
