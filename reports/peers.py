"""How others define what they count, with ours as the last row.

The facts on others stand in data/reference/peer_definitions.csv; ours comes from the declarations. No figure of
others is shown: those that can be compared stand in published.comparison.
"""

from collections.abc import Mapping

import polars as pl

from pipeline.methods import Method
from pipeline.settings import REFERENCE
from pipeline.sources import SOURCES, family
from reports.wording import number

HEADER = ("Who", "When", "Unit", "What is counted", "Rule", "What is missing", "How sure", "Read in")
COLUMNS = (
    "peer", "year", "unit_of_analysis", "what_is_counted", "rule", "missing_treated", "uncertainty_given",
    "link_title", "link",
)  # fmt: skip


def peers() -> list[dict[str, str]]:
    """The reference table; ValueError where a column or the name of a peer is missing."""
    frame = pl.read_csv(REFERENCE / "peer_definitions.csv", infer_schema=False, glob=False)
    if tuple(frame.columns) != COLUMNS or frame["peer"].null_count():
        raise ValueError(f"data/reference/peer_definitions.csv must hold {', '.join(COLUMNS)}, and a name in each row")
    return frame.with_columns(pl.all().fill_null("")).to_dicts()


def ours(method: Method, clash_source: str | None, year: int) -> Mapping[str, str]:
    """This release in the same columns, from its method and the thresholds of the source that leads."""
    cuts = method.thresholds(clash_source or "default")
    source = SOURCES.get(family(clash_source)) if clash_source else None
    counted = " and ".join(kind.value.replace("_", " ") for kind in method.counted_classes)
    return {
        "peer": "This release",
        "year": str(year),
        "unit_of_analysis": "township",
        "what_is_counted": f"{counted} events of {source.title if source else 'no source'}; people newly displaced, "
        "else all displaced; five items of public service",
        "rule": f"inside townships in conflict: security high from {number(cuts.security_high.value)} clashes, "
        f"displacement high from {number(method.idps_high.value)} people, services severe from "
        f"{method.services_severe.value:g} of the items lost; every number with its reason on this page",
        "missing_treated": "unknown is never zero; insufficient data is a class of its own; services have bounds",
        "uncertainty_given": "probability of a class, intervals of ranks and of the share lost, scenarios, grade of "
        "the evidence",
        "link_title": "this page",
        "link": "",
    }
