"""Invented townships, and rows of every format as a delivery would carry them."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import polars as pl
import shapely

from geo import areas, held_areas, names, townships
from geo.locate import Locator
from geo.townships import codes
from pipeline.declare.codes import Kind
from pipeline.declare.formats import AREA_FORMAT
from pipeline.declare.settings import REFERENCE
from pipeline.records.clashes import Clashes, current_clashes
from pipeline.records.control import control
from pipeline.records.parsing import with_delivery
from pipeline.records.placing import Gazetteer
from pipeline.records.triage import Triage, accounts
from pipeline.sources import BY_NAME, parsers, source_of_format

# Read without Polars, since modules of tests ask for a place while they are imported (tests/shared_workers.py).
CODES = sorted(line[:9] for line in (REFERENCE / "townships.csv").read_text(encoding="utf-8").splitlines()[1:])
WIDTH, HEIGHT, WEST, SOUTH, COLUMNS = 0.4, 0.7, 93.0, 10.0, 15
RECEIVED = "2024-06-01T08:00:00.000000+00:00"
CLASH = {"event_id": "e1", "event_date": "2022-03-04", "event_type": "clash", "adm3_pcode": "MMR001001"}
UCDP = {
    "id": "48528.0", "country_id": "775", "type_of_violence": "1.0", "where_prec": "1.0", "date_prec": "1.0",
    "where_coordinates": "Some village", "adm_1": "Kachin state", "adm_2": "Myitkyina district", "best": "3.0",
    "date_start": "2022-03-04 00:00:00.000", "date_end": "2022-03-04 00:00:00.000",
    "longitude": "93.2", "latitude": "10.35",
}  # fmt: skip

ACLED = {
    "event_id_cnty": "MMR1", "event_date": "2022-03-04", "time_precision": "1", "event_type": "Battles",
    "actor1": "One side", "actor2": "Other side", "iso": "104", "country": "Myanmar", "admin1": "Kachin",
    "admin3": "Myitkyina", "latitude": "10.35", "longitude": "93.2", "geo_precision": "1", "fatalities": "3",
    "timestamp": "1700000000",
}  # fmt: skip
FLOW = {
    "id": "11", "iso3": "MMR", "latitude": "10.35", "longitude": "93.2", "role": "Recommended figure",
    "displacement_type": "Conflict", "figure": "100", "displacement_start_date": "2022-03-03",
    "displacement_end_date": "2022-03-04", "locations_name": "Somewhere, Kachin",
    "locations_accuracy": "County/City/town/Village/Woreda (ADM3)", "created_at": "2022-03-10T09:15:00.123456Z",
}  # fmt: skip
ANSWER = {
    "survey_date": "2023-01-01", "adm1_pcode": "MMR001", "adm3_pcode": "MMR001001", "electricity": "yes",
    "uuid": "u1", "submission_time": "2023-01-02T03:04:05",
}  # fmt: skip


def middle(code: str) -> tuple[float, float]:
    """Longitude and latitude of the middle of a township's invented square."""
    index = CODES.index(code)
    return WEST + WIDTH * (index % COLUMNS + 0.5), SOUTH + HEIGHT * (index // COLUMNS + 0.5)


@cache
def gazetteer() -> Gazetteer:
    """The real names and old codes on 330 equal rectangles that touch, as `assets` puts it together."""
    west, south = (np.arange(330) % COLUMNS) * WIDTH + WEST, (np.arange(330) // COLUMNS) * HEIGHT + SOUTH
    boxes = shapely.box(west, south, west + WIDTH, south + HEIGHT)
    shapes = pl.DataFrame({"adm3_pcode": codes(), "geometry": list(shapely.to_wkb(boxes))})
    locator = Locator(codes(), list(shapely.to_wkb(boxes)))

    def locate(frame: pl.DataFrame) -> pl.DataFrame:
        lon, lat = (frame[c].fill_null(float("nan")).to_numpy() for c in ("longitude", "latitude"))
        return frame.hstack(locator.locate(lon, lat))

    def beyond_km(frame: pl.DataFrame) -> pl.Series:
        lon, lat = (frame[c].fill_null(float("nan")).to_numpy() for c in ("longitude", "latitude"))
        return pl.Series(locator.beyond(frame["adm3_pcode"], lon, lat)).fill_nan(None)

    return Gazetteer(
        resolve_codes=townships.apply,
        resolve_names=names.resolve,
        nearest_name=names.nearest,
        bearers=names.bearers(),
        spellings=names.spellings(),
        name_key=names.name_key,
        locate=locate,
        township_named_in=names.township_named_in,
        township_of_district=names.township_of_district,
        lone_districts=townships.lone_districts(),
        retired_code=names.retired,
        level_of_name=areas.level_of_name,
        level_of_code=areas.level_of_code,
        townships_of=areas.townships_of,
        beyond_km=beyond_km,
        measured=lambda drawn: held_areas.measured(drawn, shapes),
    )


def rows_of(
    format_name: str,
    rows: list[dict[str, str]],
    delivery: str = "d1",
    received: str = RECEIVED,
    date_format: str | None = None,
    reference_date: str | None = "2022-09-09",
    meant: dict[str, str] | None = None,
) -> pl.DataFrame:
    """Raw rows of one delivery with what the delivery says of them; `meant` are `rows`, `new_is`, `source`."""
    if format_name == AREA_FORMAT:
        known, text = BY_NAME["canonical_control"], {"holder": pl.String, "geometry": pl.Binary}
    else:
        known = BY_NAME[format_name]
        text = dict.fromkeys([*known.columns, "problem", "problem_found", "extra"], pl.String)
    raw = pl.DataFrame(rows, schema=text, orient="row").with_columns(
        pl.lit(delivery).alias("delivery_id"), pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("row_number")
    )
    said = {
        "delivery_id": delivery, "file_name": f"{delivery}.csv", "kind": str(known.kind), "source": "a team",
        "source_key": source_of_format(format_name).key if format_name.startswith("acled") else format_name,
        "received": received, "reference_date": reference_date, "date_format": date_format,
    } | (meant or {})  # fmt: skip
    deliveries = pl.DataFrame([said], schema=dict.fromkeys(said, pl.String)).with_columns(
        pl.col("reference_date").str.to_date(), pl.col("received").str.slice(0, 10).str.to_date().alias("received_at")
    )
    return with_delivery(raw, deliveries)


@cache
def none_of(format_name: str) -> pl.DataFrame:
    """No row of a format."""
    return rows_of(format_name, [])


def reported(kind: str, **given: pl.DataFrame) -> Triage:
    """The records of a kind of township report from raw rows by format; a format that is not given has none."""
    return parsers.reports(Kind(kind), lambda name: given[name] if name in given else none_of(name), gazetteer())


def observed(*rows: dict[str, str]) -> Triage:
    """Records of control by township of such rows, and what is set aside of them."""
    made = control(
        rows_of("canonical_control", list(rows)), none_of(AREA_FORMAT), none_of("canonical_towns"), gazetteer()
    )
    return Triage(made.records, made.set_aside)


_DAYS = ("event_date", "date_start", "date_end")  # columns that say on which day an event was


def each(format_name: str, rows: list[dict[str, str]], base: dict[str, str], files: bool = False) -> list[Clashes]:
    """What becomes of each row, all of one file: `base` with what the row says, an event and a day of its own.

    With `files` each row is a file of its own: how dates are meant is judged by the file.
    """
    known = BY_NAME[format_name]
    number, days = known.key[0], [column for column in _DAYS if column in known.columns]
    own = [date(2022, 3, 4) + timedelta(days=at) for at in range(len(rows))]
    raw = rows_of(
        format_name,
        [base | {number: str(at)} | dict.fromkeys(days, str(own[at])) | row for at, row in enumerate(rows)],
    )
    if files:
        raw = raw.with_columns(pl.format("d{}", "row_number").alias("delivery_id"))
    made = current_clashes([parsers.EVENTS[format_name](raw)], gazetteer())
    accounts(raw, made.records.with_columns(pl.col("event_date").alias("day")), made.set_aside, "test")
    return [
        Clashes(
            made.records.filter(pl.col("row_number") == at + 2),
            made.unallocated.filter(pl.col("event_date") == own[at]),
            made.set_aside.filter(pl.col("row_number") == at + 2),
        )
        for at in range(len(rows))
    ]
