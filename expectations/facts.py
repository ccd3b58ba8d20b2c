"""What a suite must know beside the frame it looks at: the run's date, deliveries, codes and related tables.

Every field has a default that leaves the rules which need it unchecked (reported with checked_count 0), so
that a suite can be run on a single frame. Not here: plausibility bands, which stand with their rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

TOWNSHIPS_COUNT = 330
REGIONS_COUNT = 15


@dataclass(frozen=True)
class Facts:
    """`related` maps a table's full name to its frame, for rules that compare two tables."""

    codes: tuple[str, ...] = ()  # the 330 township codes
    as_of: date | None = None  # the day up to which the run knows; dates after it lie in the future
    rows_count: Mapping[str, int] = field(default_factory=dict)  # delivery -> rows its sidecar states
    rejected_rows: Mapping[str, int] = field(default_factory=dict)  # delivery -> rows not in the raw table
    formats: Mapping[str, str] = field(default_factory=dict)  # delivery -> format, as "ucdp_ged"
    declared_coverage: frozenset[str] = frozenset()  # deliveries whose sidecar says they cover a part only
    acknowledged: frozenset[tuple[str, date]] = frozenset()  # (adm3_pcode, reference_date) above population, known
    accepted_losses: frozenset[str] = frozenset()  # deliveries whose faulty rows corrections.toml acknowledges
    population: pl.DataFrame | None = None  # adm3_pcode, population_persons
    related: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    cumulative_methods: frozenset[str] = frozenset()  # methods whose window only grows
    published_figures: frozenset[str] = frozenset()  # names of the figures that comparison must hold
    schematic: bool = False  # township shapes come from village points, not from a boundary file
    window_start: date | None = None  # the day the default method's window starts
    first_clash: date | None = None  # first day the leading clash source holds
    last_clash: date | None = None  # last day the leading clash source holds
    unnamed_rivals_count: int = 0  # sources of the leading one's family beside it, where none is marked primary
    leading_ratio: float | None = None  # the leading source's clashes over another's, common months; the least
    internal: bool = False  # a release of the internal profile: exact figures of displaced people are meant to be there
    wanted_until: date | None = None  # the period's end that was asked for; None where the source's last day decides
