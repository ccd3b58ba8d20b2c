"""A valid invented table of any declared format: the columns from the declaration, the values by the column's kind.

Not here: anything wrong with it (cells, structure, files).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from geo.townships import reference
from pipeline.declare.codes import CONTROL_SHARES, SERVICE_ITEMS, SIGN_ITEMS, Controller, Kind, SignDirection
from pipeline.declare.formats import PLACE_COLUMNS, FileFormat

PointOf = Callable[[str], tuple[float, float]]
FIRST_DAY, DAYS = date(2021, 2, 1), 1100
_TEXTS = ("", "a village", 'so-called "Old Market", east', "line one\nline two", "တိုက်ပွဲ", "café; bar", "5", "x")
_WORDS: dict[str, tuple[str, ...]] = {
    "country_id": ("775",),
    "country": ("Myanmar", "Myanmar (Burma)"),
    "iso": ("104",),
    "iso3": ("MMR",),
    "type_of_violence": ("1", "2", "3", "1.0"),
    "where_prec": ("1", "2", "1.0"),
    "where_coordinates": ("a village", "some place"),
    "date_prec": ("1", "2", "4"),
    "event_type": ("clash", "violence_against_civilians", "other"),
    "geo_precision": ("", "exact", "township"),
    "date_precision": ("", "day", "month"),
    "deleted": ("", "no", "false"),
    "controller": tuple(Controller),
    "holder": ("state", "contested", "resistance", "other"),
    # A row with a controller has it whatever its shares; so none of these says otherwise.
    **dict.fromkeys(CONTROL_SHARES, ("",)),
    "confidence": ("", "high", "low"),
    "item": (*SIGN_ITEMS, "police_station, gad_office"),
    "sign": tuple(SignDirection),
    "year": tuple(str(year) for year in range(2012, 2024)),
    "until": ("",),
    "lit_pixels": ("0", "7", "1,204", ""),
    "ntl_sum": ("0", "811.25", "1908.923", ""),
    "role": ("Recommended figure",),
    "displacement_type": ("Conflict",),
    "qualifier": ("total",),
    "locations_accuracy": ("Point", "Locality", "County/City/town/Village/Woreda (ADM3)"),
    "locations_name": ("", "Somewhere, Kachin"),
    "validation_status": ("", "Approved"),
    **dict.fromkeys(SERVICE_ITEMS, ("yes", "no", "partial", "unknown", "")),
}
# Format -> words that its declared terms do not give, under names that the canonical columns bear too.
_ACLED = {"event_type": ("Battles", "Protests"), "geo_precision": ("1", "2"), "time_precision": ("1", "2")}
_WINDOWS = ("2022-01-01..2022-06-30", "2022-01-01/2022-12-31 (about)")
_CLASH_COUNTS = ("0", "7", "1,204")
OWN_WORDS = {
    "acled": _ACLED,
    "acled_deleted": _ACLED,
    "canonical_clash_counts": {"from": ("2021-02-01", "2022-01-01"), "until": ("2022-12-31",),
                               "clashes_count": _CLASH_COUNTS},
    "tallies": {"events_count": ("1", "2", "40")},
    "clash_counts_by_type": {"from": _WINDOWS, "battles": _CLASH_COUNTS, "explosions_remote_violence": _CLASH_COUNTS},
}  # fmt: skip
_COUNTS = ("best", "high", "low", "fatalities", "figure", "idps", "returnees", "stateless", "rest", "interaction")
_IDS = ("id", "event_id", "event_id_cnty", "uuid")
_DAYS_BY_NAME = ("event_date", "reference_date", "survey_date", "date_start", "displacement_date", "from", "month")


@dataclass
class Sheet:
    """A table on its way into a file: `rows` may be ragged, an empty row is a blank line.

    `titles` stand above the header, `below_header` directly under it: a reader may count those as rows or not.
    """

    format: FileFormat
    kind: Kind
    header: list[str]
    rows: list[list[str]]
    titles: list[list[str]] = field(default_factory=list)
    below_header: list[list[str]] = field(default_factory=list)
    sidecar: list[str] = field(default_factory=list)
    mapping: dict[str, str] = field(default_factory=dict)


def table(known: FileFormat, rows: int, random: Random, point_of: PointOf) -> Sheet:
    """A table whose every row can be used: one township each, ids that do not repeat, days in order."""
    columns = _chosen(known, random)
    townships = random.sample(reference().to_dicts(), rows)
    prefix = random.choice(("MMR", "e", *(f"{random.randrange(10**6)}-" for _ in range(6))))  # some ids meet others
    cells = []
    for number, township in enumerate(townships):
        how = random.choice(_ways(columns))
        day = FIRST_DAY + timedelta(days=random.randrange(DAYS))
        cells.append([_cell(known, c, f"{prefix}{number}", township, how, day, random, point_of) for c in columns])
    sheet = Sheet(known, known.kind, [random.choice(known.columns[c]) for c in columns], cells)
    if known.name == "hpc_baseline":
        sheet.sidecar.append("reference_date = 2022-12-31")
    return sheet


def _chosen(known: FileFormat, random: Random) -> list[str]:
    """The required columns, one place at least, and some of the others, in any order."""
    chosen = {*known.required}
    if known.name == "idmc_idu":  # a flow whose accuracy is not stated is set aside
        chosen.add("locations_accuracy")
    if known.any_of:
        chosen.add(random.choice(known.any_of))
    if known.place_groups:
        chosen.update(random.choice(known.place_groups))
    share = random.choice((0.0, 0.4, 1.0))
    chosen.update(c for c in known.columns if random.random() < share)
    columns = [c for c in known.columns if c in chosen]
    if random.random() < 0.5:
        random.shuffle(columns)
    return columns


def _ways(columns: list[str]) -> list[str]:
    """How a row may state its place, given the columns that there are."""
    there = set(columns)
    ways = {"code": {"adm3_pcode"}, "name": {"adm3_name", "adm1_name"}, "point": {"longitude", "latitude"}}
    return [way for way, needed in ways.items() if needed <= there] or ["code"]


def _cell(
    known: FileFormat, column: str, own: str, township: dict[str, Any], how: str, day: date, random: Random,
    point_of: PointOf,
) -> str:  # fmt: skip
    if known.place_groups and column in PLACE_COLUMNS:
        return _place(column, township, how, random, point_of)
    if column in ("longitude", "latitude"):
        return _point(column, township, point_of)
    if column in ("adm3_pcode", "adm1_pcode", "adm1_name", "adm3_name", "adm2_name"):
        return str(township[column])
    if column in ("adm_1", "admin1"):
        return str(township["adm1_name"]) + random.choice(("", " state"))
    if column == "admin3":
        return str(township["adm3_name"])
    words = OWN_WORDS.get(known.name, {}).get(column) or _words(known, column)
    if words:
        return random.choice(words)
    if column in _IDS:
        return "".join(c for c in own if c.isdigit()) if known.name == "ucdp_ged" else own
    if column in _DAYS_BY_NAME or column.endswith(("_end", "end_date", "start_date")):
        later = timedelta(days=2 if "end" in column else 0)
        return f"{day + later}{' 00:00:00.000' if known.name == 'ucdp_ged' else ''}"
    if column.endswith("timestamp"):
        return str(1_700_000_000 + random.randrange(10_000_000))
    if column.endswith(("updated_at", "created_at", "_time")):
        return f"{day + timedelta(days=9)}T0{random.randrange(10)}:00:00"
    if column == "year":
        return str(day.year)
    if column.endswith("_persons") or column.startswith("deaths_") or column in _COUNTS:
        blank = column not in ("population_persons", "figure") and random.random() < 0.2
        return "" if blank else str(random.choice((0, 1, 7, 120, 45_000)))
    return random.choice(_TEXTS)


def _words(known: FileFormat, column: str) -> tuple[str, ...]:
    """Our words of a column; the source's own, as its format declares them, where none of ours is among these."""
    ours, own = _WORDS.get(column, ()), known.terms.get(column, ())
    return ours if not own or {word.lower() for word in ours} & {*own} else tuple(own)


def _place(column: str, township: dict[str, Any], how: str, random: Random, point_of: PointOf) -> str:
    if column == "adm3_pcode":
        return str(township[column]) if how == "code" else ""
    if column == "adm3_name":
        return str(township[random.choice(("adm3_name", "adm3_name_my"))]) if how == "name" else ""
    if column == "adm1_name":
        return str(township[random.choice(("adm1_name", "state_region"))]) if how == "name" else ""
    return _point(column, township, point_of) if how == "point" else ""


def _point(column: str, township: dict[str, Any], point_of: PointOf) -> str:
    longitude, latitude = point_of(township["adm3_pcode"])
    return f"{longitude if column == 'longitude' else latitude:.5f}"
