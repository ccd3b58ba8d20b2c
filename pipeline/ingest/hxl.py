"""HXL tag rows (hxlstandard.org): recognised below a header or in its place, and what each tag means here.

Not here: writing tags (reports.files.hxl).
"""

import re

from pipeline.declare.codes import Kind
from pipeline.declare.formats import fold

_TAG = re.compile(r"^#[a-z][a-z0-9_]*(\s*\+\s*[a-z][a-z0-9_]*)*$")
# Attributes that say how a figure is written, not which one it is. Any other unknown one (+f, +children) makes it
# another figure, and its column stays unnamed.
IGNORED_ATTRIBUTES = {"i", "ind", "en", "num", "v_pcode", "v_mimu", "v_ocha", "total"}

_DAY = {
    Kind.CLASHES: "event_date",
    Kind.DISPLACEMENT: "reference_date",
    Kind.SERVICES: "survey_date",
    Kind.CONTROL: "reference_date",
    Kind.POPULATION: "reference_date",
}
# Tag with its attributes in alphabetical order -> our column; `#date` is the kind's own day.
MEANINGS: dict[str, str] = {
    "#adm3+code": "adm3_pcode",
    "#adm3+name": "adm3_name",
    "#adm1+name": "adm1_name",
    "#geo+lat": "latitude",
    "#geo+lon": "longitude",
    "#affected+idps": "idps_stock_persons",
    "#affected+idps+stock": "idps_stock_persons",
    "#affected+idps+new": "idps_new_persons",
    "#affected+displaced": "idps_stock_persons",
    "#affected+displaced+new": "idps_new_persons",
    "#affected+returnees": "returnees_persons",
    "#population": "population_persons",
    "#event+id": "event_id",
    "#event+code": "event_id",
    "#event+type": "event_type",
    "#date+start": "event_date",
    "#date+occurred": "event_date",
    "#date+end": "event_date_end",
    "#affected+killed": "fatalities",
    "#meta+source": "source",
    "#meta+url": "source_url",
    "#date+updated": "updated_at",
}
# Columns that only the kind with events has, so that a start date of a displacement file is not taken for one.
_OF_EVENTS = {"event_id", "event_type", "event_date", "event_date_end", "fatalities", "source_url"}


def is_tag_row(cells: list[str | None]) -> bool:
    """Whether most of the cells that are not blank are HXL tags; error cells such as #REF! are none."""
    stated = [cell for cell in (fold(cell or "") for cell in cells) if cell]
    return 2 * sum(bool(_TAG.match(cell)) for cell in stated) > len(stated)


def meaning(tag: str, kind: Kind) -> str | None:
    """Our column for a tag, whatever the order of its attributes; None where it means none of ours."""
    if not _TAG.match(fold(tag)):
        return None
    name, *attributes = (part.strip() for part in fold(tag).split("+"))
    known = "+".join([name, *sorted(set(attributes) - IGNORED_ATTRIBUTES)])
    if known == "#date":
        return _DAY.get(kind)
    ours = MEANINGS.get(known)
    return None if ours in _OF_EVENTS and kind != Kind.CLASHES else ours


def named_by_tags(header: list[str], tags: list[str | None], kind: Kind) -> list[str]:
    """The header with every column renamed whose tag means one of ours; a column without a name keeps its tag."""
    return [meaning(tag or "", kind) or cell or (tag or "") for cell, tag in zip(header, tags, strict=True)]
