"""The national figures: one list of columns with their words, unit, how they are compared and whether regions add up.

Overview, regions, both pages of the national brief, the map, the last lines of a run and the changes since a release
choose from it by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from pipeline.declare.codes import Signal
from reports.text.catalogue import Both, same, say
from reports.text.values import count_both, persons_both, share_both
from reports.text.wording import known


class Unit(StrEnum):
    TOWNSHIPS = "townships"
    CLASHES = "clashes"
    PERSONS = "persons"
    DEATHS = "deaths"
    SHARE = "share"  # of one; shown in per cent


class Compared(StrEnum):
    """What must be alike in two months before the figure of one is set beside that of the other."""

    WINDOW = "window"  # counted from the clashes of a window: a part of a month must not have replaced a whole one
    MONTH = "month"  # counted from the clashes of the month: the month must be over
    DISPLACED = "displaced"  # townships in conflict by their reports: a first clash alone must not have moved it
    PERSONS = "persons"  # a sum of reports: the same townships must report, and newer reports
    REPORTS = "reports"  # the number of reports: there must be newer ones
    ALWAYS = "always"


@dataclass(frozen=True)
class Figure:
    """A column of national_summary; `words` stand alone, `line` under the heading of its group, `head` over a column.

    `line` and `head` are as `words` where they are left out. `adds_up`: the figures of all states and regions add up to
    it. `since_release`: changes.csv compares it.
    """

    column: str
    words: str
    line: str = ""
    head: str = ""
    unit: Unit = Unit.TOWNSHIPS
    compared: Compared = Compared.WINDOW
    adds_up: bool = True
    since_release: bool = True

    def __post_init__(self) -> None:
        for form in ("line", "head"):
            object.__setattr__(self, form, getattr(self, form) or self.words)

    @property
    def is_total(self) -> bool:
        """Whether it can only rise where the window begins on one day."""
        return self.column in _TOTALS

    @property
    def line_words(self) -> Both:
        """What a line of a group says; a grade is its letter in both languages."""
        return same(self.line) if len(self.line) == 1 else say(self.line)

    def value(self, row: Mapping[str, Any]) -> float | None:
        """The figure of a summary's row, a share in per cent with one decimal; None where it is not known.

        A class of an index that no township in conflict has the records for is not known, not zero.
        """
        found: float | None = known(row, self.column)
        return round(100 * found, 1) if found is not None and self.unit == Unit.SHARE else found

    def shown(self, row: Mapping[str, Any]) -> Both:
        """The figure of a summary's row in words; what is withheld, not reported or of too few records is said."""
        if self.unit == Unit.SHARE:
            return share_both(row[self.column])
        if self.unit == Unit.PERSONS:
            return persons_both(row[self.column])
        return count_both(row, self.column)


# Counts of all that happened in the window. A class low is none: its townships become high.
_TOTALS = frozenset({
    "in_conflict_count", "in_conflict_share", "clashes_count", "clashes_unallocated_count", "clashes_possible_count",
    "fatalities_persons", "security_high_count", "control_lost_townships_share", "control_lost_area_share",
    "control_lost_population_share",
})  # fmt: skip
NATIONAL: tuple[Figure, ...] = (
    Figure("townships_count", "Townships", compared=Compared.ALWAYS, since_release=False),
    Figure("in_conflict_count", "Townships in conflict, at least", "Townships in conflict", "In conflict"),
    Figure("in_conflict_share", "as a share of all townships", unit=Unit.SHARE, adds_up=False, since_release=False),
    Figure("clashes_3m_count", "Clashes of the last 3 months, at least", "in the last 3 months (at least)",
           unit=Unit.CLASHES, compared=Compared.MONTH, since_release=False),
    Figure("clashes_12m_count", "Clashes of the last 12 months, at least", "in the last 12 months (at least)",
           unit=Unit.CLASHES, compared=Compared.MONTH, since_release=False),
    *(Figure(f"signal_{signal}_count", words, line, compared=Compared.MONTH, since_release=False)
      for signal, words, line in (
          ("alert", "Townships with an alert", "Alert: above every month of the year before"),
          ("rise", "Townships with a rise", "Rise: three months above the year before"),
          ("onset", "Townships with an onset", "Onset: first clash after six months without one"),
          ("fall", "Townships with a fall", "Fall: three months below the year before"),
          ("lull", "Townships with a lull", "Lull: none in three months after twelve or more"),
          ("none", "Townships without a signal", "No signal: like its own past"),
          ("unknown", "Townships whose signal is not known", "Not known"))),
    Figure("clashes_possible_count", "Clashes placed in no township that have candidate townships",
           unit=Unit.CLASHES, adds_up=False, since_release=False),
    Figure("fatalities_persons", "Deaths in these clashes, best estimate", unit=Unit.DEATHS, since_release=False),
    Figure("clashes_count", "Clashes placed in a township, at least", head="Clashes (at least)", unit=Unit.CLASHES),
    Figure("clashes_month_count", "Clashes of the month, at least", "in the month (at least)", unit=Unit.CLASHES,
           compared=Compared.MONTH, since_release=False),
    Figure("clashes_unallocated_count", "Clashes placed in no township", unit=Unit.CLASHES, adds_up=False),
    Figure("security_high_count", "Class high on security", "High", "Security high"),
    Figure("security_low_count", "Class low on security", "Low", "Security low"),
    Figure("humanitarian_high_count", "Class high on displacement", "High displacement", "Displacement high",
           compared=Compared.DISPLACED),
    Figure("humanitarian_low_count", "Lower displacement", head="Displacement low", compared=Compared.DISPLACED),
    Figure("humanitarian_no_new_count", "In conflict, no new displacement reported",
           head="No new displacement reported", compared=Compared.DISPLACED),
    Figure("humanitarian_insufficient_count", "Displacement: no data", "In conflict, insufficient data"),
    Figure("idps_persons", "Displaced people reported, at least", head="Displaced people (at least)",
           unit=Unit.PERSONS, compared=Compared.PERSONS),
    Figure("idps_reporting_count", "Townships with a displacement figure", head="Reporting displacement",
           compared=Compared.REPORTS),
    Figure("services_severe_count", "Severe loss of services", head="Services severe"),
    Figure("services_lower_count", "Lower loss of services", head="Services lower"),
    Figure("services_insufficient_count", "Services: insufficient data", "In conflict, insufficient data"),
    *(Figure(f"evidence_{grade.lower()}_count", grade, compared=Compared.ALWAYS, since_release=False)
      for grade in "ABCD"),
    Figure("control_lost_townships_share",
           "Townships with heavy fighting since 2021 (ISP's measure of control lost), % of townships",
           head="Heavy fighting since 2021, % of townships", unit=Unit.SHARE, adds_up=False),
    Figure("control_lost_area_share", "Heavy fighting since 2021, % of area", unit=Unit.SHARE, adds_up=False),
    Figure("control_lost_population_share", "Heavy fighting since 2021, % of people", unit=Unit.SHARE, adds_up=False),
)  # fmt: skip
SIGNAL_COUNTS = tuple(f"signal_{signal}_count" for signal in Signal)
FIGURES: Mapping[str, Figure] = MappingProxyType({figure.column: figure for figure in NATIONAL})
# Heading of a group -> its figures, as tables of one place list them.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "Now: clashes": ("clashes_month_count", "clashes_3m_count", "clashes_12m_count"),
    "Now: townships by signal": SIGNAL_COUNTS,
    "Since February 2021": ("in_conflict_count", "in_conflict_share", "clashes_count", "clashes_unallocated_count",
                            "clashes_possible_count", "fatalities_persons"),
    "Security Index": ("security_high_count", "security_low_count"),
    "Humanitarian Crisis Index": (
        "humanitarian_high_count", "humanitarian_low_count", "humanitarian_no_new_count",
        "humanitarian_insufficient_count", "idps_persons", "idps_reporting_count",
    ),
    "Public Service Provision Index": (
        "services_severe_count", "services_lower_count", "services_insufficient_count",
    ),
    "Townships by grade of the evidence": tuple(f"evidence_{grade}_count" for grade in "abcd"),
})  # fmt: skip


def in_groups(*left_out: str) -> list[tuple[Both, list[Figure]]]:
    """Every group under its heading without the columns `left_out`; a group that none is left of is left out too."""
    found = []
    for heading, columns in GROUPS.items():
        figures = [FIGURES[column] for column in columns if column not in left_out]
        if figures:
            found.append((say(heading), figures))
    return found
