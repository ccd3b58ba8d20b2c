"""Tables of counts of events, told from tables of events: a count by week and state has no township.

Such a table has columns that look like those of events, so a mapping can make it fit; each of its rows would count
as one event at the middle of a state. Not here: formats and headers that fit none (header, formats).
"""

import re
from collections.abc import Iterable

import polars as pl

from pipeline.declare.codes import Kind
from pipeline.declare.formats import fold
from pipeline.ingest.cells import Grid

# "EVENTS", "Number of events", "events_count", "No. of incidents", "total political violence events".
_COUNT = re.compile(
    r"^((n|no\.?|nr\.?|num|number|count|sum|total)[ _]+)?(of[ _]+)?"
    r"((violent|conflict|acled|reported|political[ _]violence|security)[ _]+)?(events?|incidents|clashes|battles)"
    r"([ _](count|counts|total))?$"
)
# One event's name or number, never a count; and words that may as well head a text.
_EVENT_ALONE = ("event", "n event", "no event", "no. event", "number event")
_MAY_BE_TEXT = ("incidents", "clashes", "battles")
_CENTRES = re.compile(r"centroid|^(population|pop)[ _]exposure$|^(population|pop)[ _](best|1km|2km|5km)$")
_PERIODS = ("week", "month", "year", "quarter", "period", "week_start", "reference_period_start", "time_period")
_AREAS = ("admin1", "admin2", "adm1_name", "adm1_pcode", "admin1_name", "admin1_code", "country", "location_code",
          "state", "region", "state/region", "admin1 pcode", "admin2 pcode", "admin2_name")  # fmt: skip
_TYPES = ("battles", "explosions/remote violence", "violence against civilians", "protests", "riots",
          "strategic developments", "explosions_remote_violence", "violence_against_civilians", "protests_and_riots",
          "strategic_developments")  # fmt: skip
_NUMBER = r"^\s*[0-9]+(\.0*)?\s*$"
ADVICE = (
    "counts of events cannot be placed in townships, and no mapping changes that; deliver the file in which each row "
    "is one event (ACLED's event-level export, or UCDP GED). Counts by township and window can be compared with the "
    "leading source: those go into clash_counts/"
)


def told_by_header(header: list[str], kind: Kind) -> str | None:
    """What shows that a header no clash format knows is that of a table of counts; None where nothing does.

    A count beside the period or the area it is over, the middle of an area, or a column a type of event.
    """
    if kind != Kind.CLASHES:
        return None
    cells = [fold(cell) for cell in header]
    counts = [cell for cell in cells if _is_count(cell)]
    over = [cell for cell in cells if cell in _PERIODS or _CENTRES.search(cell)]
    areas = [cell for cell in cells if cell in (*_AREAS, "adm3_pcode", "adm3_name")]
    types = [cell for cell in cells if cell in _TYPES]
    if len(types) > 1:
        return f"a column for each type of event ({', '.join(map(repr, types[:3]))})"
    if counts and (over or (areas and counts[0] not in _MAY_BE_TEXT)):
        beside = ", ".join(map(repr, [*over, *areas][:3]))
        return f"the column {counts[0]!r} holds counts of events beside {beside}"
    return None


def told_by_cells(grid: Grid, kind: Kind) -> str | None:
    """The same for a header that a mapping made fit: `grid` has the file's own header and its cells.

    A count of one in every row and nothing of an area is no proof, for a list of events may hold such a column.
    """
    if kind != Kind.CLASHES:
        return None
    cells = [fold(cell) for cell in grid.header]
    centre = next((cell for cell in cells if _CENTRES.search(cell)), None)
    for position, cell in enumerate(cells):
        if not _is_count(cell):
            continue
        numbers, several = _counts(block[str(position)] for block, _ in grid.blocks([str(position)]))
        if numbers and (centre is not None or several is not None):
            beside = f" beside {centre!r}" if centre else f", such as {several} in one row"
            return f"the column {cell!r} holds counts of events{beside}"
    return None


def _counts(blocks: Iterable[pl.Series]) -> tuple[bool, str | None]:
    """Whether a column holds numbers and nothing else, and the first of them that is more than one."""
    some, several = False, None
    for block in blocks:
        stated = block.filter((block.str.strip_chars() != "").fill_null(False))
        if not stated.str.contains(_NUMBER).all():
            return False, None
        some = some or stated.len() > 0
        if several is None:
            found = stated.filter(stated.str.strip_chars().cast(pl.Float64, strict=False) > 1)
            several = found[0].strip() if found.len() else None
    return some, several


def _is_count(cell: str) -> bool:
    return bool(_COUNT.match(cell)) and cell not in _EVENT_ALONE
