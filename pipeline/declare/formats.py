"""How a file format is declared: which header means it, which columns its mirror has, what its rows are.

The formats themselves stand with their sources (pipeline/sources/*/source.py). A format is recognised by its header,
never guessed. Column names are compared after folding case, white space and byte order marks, because real headers
carry newlines and trailing blanks.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput

# The orders of day, month and year that a sidecar may declare; undeclared, only ISO dates are read. Zeros may be
# missing before a day or month, and a time of day may follow: both are what spreadsheets make of dates.
DATE_FORMATS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y",
    "%d/%m/%y", "%m/%d/%y", "%m-%d-%Y", "%d-%m-%y", "%d.%m.%y", "%d %B %y", "%B %d, %Y", "%Y.%m.%d", "%Y%m%d",
)  # fmt: skip
PLACE_COLUMNS = ("adm3_pcode", "adm3_name", "adm2_name", "adm1_name", "longitude", "latitude")
# A sheet has at most 1,048,576 rows: row 10,000,014 is row 14 of the second sheet that was read with others.
SHEET_STEP = 10_000_000
# Columns that formats learnt after deliveries had been landed and named by their content.
LEARNT_LATER = ("adm2_name", "state_share", "contested_share", "resistance_share", "other_share")
PLACE_GROUPS = (("adm3_pcode",), ("adm3_name", "adm1_name"), ("longitude", "latitude"))
DEGREES = r"-?[0-9]{1,3}(\.[0-9]+)?"  # a cell with a longitude or latitude
BOUNDARY_FORMAT = "boundaries"  # the mirror of a layer of shapes, which no header of a table means
AREA_FORMAT = "control_areas"  # the mirror of areas drawn on a map, with the holder of each and nothing else of them
SHAPE_FORMATS = (BOUNDARY_FORMAT, AREA_FORMAT)

# Figures of a township: one that is merged over several rows says nothing of any of them.
FIGURES = frozenset({
    "idps_new_persons", "idps_stock_persons", "returnees_persons", "population_persons", "fatalities", "figure", "idps",
    "returnees", "stateless", "rest", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high",
    "low",
})  # fmt: skip


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """A header cell as it is compared: no BOM, no line breaks, single blanks, lower case."""
    return re.sub(r"\s+", " ", name.replace("\ufeff", "").replace("\u200b", "")).strip().casefold()


@dataclass(frozen=True)
class FileFormat:
    """`columns` maps our name of a column to the spellings it is known under; the first is the documented one.

    At least one of `place_groups` must be present whole, unless there are none. `versioned` names the columns that
    several columns of a file may mean: an export of all versions of a form has one for each. `key` names what one
    event is known by; a list of reports has none. `terms` gives the words of coded columns, which a sidecar's [values]
    may map to. `cells` says how cells look, as regular expressions: a file that always comes with all its columns in
    the declared order is then read without a header too.
    """

    name: str
    kind: Kind
    columns: dict[str, tuple[str, ...]]
    required: tuple[str, ...]
    place_groups: tuple[tuple[str, ...], ...] = ()
    any_of: tuple[str, ...] = ()
    versioned: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    located: bool = False  # every event has coordinates, if only of the middle of a region
    deletions: bool = False  # rows take events out, so a file may hold none
    flows: bool = False  # rows are movements of people, so a file never lists the whole country
    undated: bool = False  # rows carry no day: the sidecar must state it
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)

    def match(self, header: list[str]) -> dict[int, str]:
        """Position in the file -> our column name, for every header cell the format knows."""
        return {i: self._spellings[fold(cell)] for i, cell in enumerate(header) if fold(cell) in self._spellings}

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Header cell as it is compared -> our column name."""
        return {fold(s): ours for ours, known in self.columns.items() for s in known}

    def missing(self, present: set[str]) -> list[str]:
        """Required columns, or groups of them, that are not there; empty when the header fits."""
        lacking = [name for name in self.required if name not in present]
        if self.any_of and not present & set(self.any_of):
            lacking.append(" or ".join(self.any_of))
        if self.place_groups and not any(set(group) <= present for group in self.place_groups):
            lacking.append("a place: " + "; or ".join(" with ".join(group) for group in self.place_groups))
        return lacking


def as_named(*names: str) -> dict[str, tuple[str, ...]]:
    """`columns` of a format whose headers are our own names of the columns."""
    return {name: (name,) for name in names}


def recognise(header: list[str], formats: Iterable[FileFormat]) -> FileFormat | None:
    """The one of the formats whose required columns are all there; None when none fits.

    Where several fit, the one that knows most of the header's columns is taken.
    """
    fits = [f for f in formats if not f.missing(set(f.match(header).values()))]
    return max(fits, key=lambda f: len(f.match(header)), default=None)


def renamed(header: list[str], columns: dict[str, str]) -> list[str]:
    """The header with the sidecar's mapping (our name -> theirs) applied, compared like any header cell."""
    by_header = {fold(theirs): ours for ours, theirs in columns.items()}
    return [by_header.get(fold(cell), cell) for cell in header]


def doubled(header: list[str]) -> dict[str, list[int]]:
    """The names that stand in a header more than once, as they are compared, with their positions."""
    at: dict[str, list[int]] = {}
    for position, cell in enumerate(header):
        if fold(cell):
            at.setdefault(fold(cell), []).append(position)
    return {name: positions for name, positions in at.items() if len(positions) > 1}


def check_header(header: list[str], formats: tuple[FileFormat, ...], where: str) -> None:
    """Refuse a header that names a column of these formats twice: which of the two is meant cannot be known.

    Of a column that no format uses nothing is taken, so it may stand as often as it likes.
    """
    for name, positions in sorted(doubled(header).items()):
        meant = {ours for known in formats for ours in known.match([name]).values() if ours not in known.versioned}
        if meant:
            numbers = ", ".join(str(position + 1) for position in positions)
            raise UnusableInput(
                f"{where}: the column {name!r} stands {len(positions)} times (columns {numbers}); keep one of them"
            )


def check_match(known: FileFormat, header: list[str], where: str) -> None:
    """Refuse a header in which two spellings mean the same column: one of them would vanish."""
    positions = known.match(header)
    for ours in known.columns:
        same = [i for i, name in positions.items() if name == ours]
        if len(same) > 1 and ours not in known.versioned:
            both = " and ".join(repr(header[i].strip()) for i in same)
            raise UnusableInput(f"{where}: {both} both mean {ours}; keep one of them")
