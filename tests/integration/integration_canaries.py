"""Input in which every cell that is free to say something says a word that must never come out again.

A name of a site, of a person, of an organisation, a point, a telephone number, a formula, a script and the value of a
key in the environment. What a release is searched for, and how each kind of file is opened for that, stands here too.
Not here: what must hold of it.
"""

import csv
import io
import re
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import shapely.affinity
import xlsxwriter
from integration_homes import small_sample

from geo.townships import codes
from pipeline.declare.formats import FileFormat
from pipeline.fetching.keys import NAMES
from pipeline.sources import BY_NAME, FORMATS

STEM = "zqkanary"  # in every planted text, so that one search finds any of them, escaped or cut as it may be
TEXTS = (
    f"Camp {STEM} behind the monastery",
    f"Daw {STEM} of house 7",
    f"The {STEM} Relief Brigade",
    f"<script>{STEM}</script>",
    f'=HYPERLINK("http://{STEM}")',
    f"ဒေါ် {STEM} \u202e gnp.exe",
)
PHONE = "+95 9 420 613 887"
LATITUDE, LONGITUDE = 25.386713, 97.402917  # in Myitkyina, closer than any village
KEYS = {name: f"{STEM}-key-{number}" for number, name in enumerate(NAMES)}
FILE_COLUMN = f"name of the {STEM} informant"
SMALL, EXACT = (3, 7, 9), 41_733  # displaced people that a public release withholds, and one that it rounds

# What a row of each format needs to be taken in; every other cell is a canary.
_POINT = {"latitude": str(LATITUDE), "longitude": str(LONGITUDE)}
GOOD: Mapping[str, Mapping[str, str]] = {
    "ucdp_ged": {
        "id": "", "country_id": "775", "type_of_violence": "1", "where_prec": "1", "date_prec": "1",
        "adm_1": "Kachin state", "best": "3", "date_start": "2021-03-04", "date_end": "2021-03-04", **_POINT,
    },
    "acled": {
        "event_id_cnty": "", "event_date": "2021-03-04", "time_precision": "1", "event_type": "Battles", "iso": "104",
        "country": "Myanmar", "admin1": "Kachin", "admin3": "Myitkyina", "geo_precision": "1", "fatalities": "3",
        "timestamp": "1620000000", **_POINT,
    },
    "acled_deleted": {"event_id_cnty": "", "deleted_timestamp": "1620000001"},
    "idmc_idu": {
        "id": "", "iso3": "MMR", "role": "Recommended figure", "displacement_type": "Conflict", "figure": "7",
        "displacement_start_date": "2021-03-03", "displacement_end_date": "2021-03-04",
        "locations_accuracy": "Point", "created_at": "2021-03-10T09:15:00Z", **_POINT,
    },
    "survey_services": {
        "survey_date": "2021-05-01", "adm1_pcode": "MMR001", "adm3_pcode": "MMR001001", "electricity": "yes",
        "uuid": "", "submission_time": "2021-05-02T03:04:05", "validation_status": "approved",
    },
    "hpc_baseline": {"adm3_pcode": "MMR001001", "adm3_name": "Myitkyina", "idps": "7", "returnees": "3"},
    "canonical_clashes": {
        "event_id": "", "event_date": "2021-03-04", "event_type": "clash", "geo_precision": "exact",
        "date_precision": "day", "fatalities": "3", "deleted": "false", "updated_at": "2021-04-01", **_POINT,
    },
    "canonical_displacement": {
        "reference_date": "2021-04-30", "adm3_pcode": "MMR001002", "idps_new_persons": "7", "updated_at": "2021-05-01",
    },
    "canonical_services": {
        "survey_date": "2021-04-30", "adm3_pcode": "MMR001002", "electricity": "no", "updated_at": "2021-05-01",
    },
    "canonical_control": {
        "reference_date": "2021-04-30", "adm3_pcode": "MMR001002", "controller": "contested",
        "updated_at": "2021-05-01",
    },
    "canonical_towns": {
        "event_date": "2021-03-04", "adm3_pcode": "MMR001002", "holder": "resistance", "updated_at": "2021-05-01",
    },
    "canonical_population": {
        "reference_date": "2021-03-01", "adm3_pcode": "MMR001002", "population_persons": "70411",
        "updated_at": "2021-05-01",
    },
    "canonical_signs": {
        "item": "communications", "from": "2021-03-04", "until": "2021-04-04", "sign": "loss",
        "adm3_pcode": "MMR001002", "updated_at": "2021-05-01",
    },
    "lights_by_year": {"year": "2021", "adm3_pcode": "MMR001002", "lit_pixels": "70", "ntl_sum": "811.5",
                       "updated_at": "2021-05-01"},
    "lights_by_month": {"month": "2021-03-01", "adm3_pcode": "MMR001002", "lit_pixels": "70", "ntl_sum": "811.5",
                        "updated_at": "2021-05-01"},
    "canonical_clash_counts": {"from": "2021-01-01", "until": "2021-04-30", "adm3_pcode": "MMR001002",
                               "clashes_count": "70", "updated_at": "2021-05-01"},
    "clash_counts_by_type": {"from": "2021-01-01..2021-04-30", "until": "2021-04-30", "adm3_pcode": "MMR001002",
                             "battles": "70", "explosions_remote_violence": "7", "updated_at": "2021-05-01"},
    "tallies": {"event_date": "2021-03-04", "adm3_pcode": "MMR001002", "event_type": "clash", "geo_precision": "exact",
                "events_count": "4", "fatalities": "3"},
}  # fmt: skip
_PLACES = ("adm3_pcode", "adm3_name", "adm2_name", "adm1_name", "longitude", "latitude")


def planted(known: FileFormat) -> Iterator[dict[str, str]]:
    """Rows by our column names: one that is taken in, then for each column one in which it is a canary too.

    The second kind is set aside where the column decides anything, with what was found in it.
    """
    good = GOOD[known.name]
    number = 0

    def text() -> str:
        nonlocal number
        number += 1
        return TEXTS[number % len(TEXTS)] if number % 7 else f"{PHONE} {STEM}"

    # A row that is placed by its point or code may name no other place: it would be set aside for that.
    blank = set(_PLACES) - set(good) if known.name.startswith("canonical") else set()
    for bad in (None, *known.columns):
        row = {c: "" if c in blank else good.get(c) or text() for c in known.columns}
        row |= {c: f"{STEM}-{known.name}-{bad}" for c, value in good.items() if not value}
        if bad in good or bad in blank:
            row[bad] = text()
        if known.name == "canonical_population" and bad != "reference_date":
            row["reference_date"] = f"2021-03-{number % 28 + 1:02d}"  # a day has one figure of a township
        if bad is None or bad in good or bad in blank:
            yield row


def sound(known: FileFormat, count: int) -> Iterator[dict[str, str]]:
    """Rows without a canary but in their ids: a file that is mostly set aside for faults is blocked."""
    good = GOOD[known.name]
    for number in range(count):
        row = {c: good.get(c) or (f"{STEM}-{known.name}-{number}" if c in good else "") for c in known.columns}
        day = f"2021-{number // 28 + 1:02d}-{number % 28 + 1:02d}"
        row |= {c: day for c in ("reference_date", "survey_date", "from") if c in good}
        row |= {c: f"{2022 + number % 3}{day[4:]}" for c in ("until",) if c in good}
        row |= {c: f"{2014 + number // 12}-{number % 12 + 1:02d}-01" for c in ("month",) if c in good}
        row |= {c: str(1990 + number % 30) for c in ("year",) if c in good}
        if known.name == "canonical_towns":
            row["event_date"] = day
        if known.name == "hpc_baseline":
            row |= {"adm3_pcode": codes()[number + 1], "adm3_name": ""}
        yield row


def plant(folder: Path, shapes: pl.DataFrame) -> None:
    """The sample's input of three months, with every format that can be read beside it and canaries in all of it.

    `shapes` gives `adm3_pcode`, `area_km2` and `geometry` of the 330 townships.
    """
    small_sample(folder)
    leading = folder / "clashes" / "synthetic_clashes.csv.toml"
    leading.write_text(leading.read_text(encoding="utf-8") + "primary = true\n", encoding="utf-8")
    _exact_figures(folder / "displacement" / "synthetic_displacement.csv")
    for known in FORMATS:
        rows = list(planted(known))
        rows += sound(known, 2 * len(rows))
        header = {ours: spelled[0] for ours, spelled in known.columns.items()}
        lines = [{**{header[c]: value for c, value in row.items()}, FILE_COLUMN: TEXTS[1]} for row in rows]
        write = _write_workbook if known.name == "hpc_baseline" else _write_csv
        name = f"{known.name}.{'xlsx' if known.name == 'hpc_baseline' else 'csv'}"
        _sidecar(write(folder / known.kind / name, lines), known.name)
    _write_boundaries(folder / "boundaries" / "boundaries.gpkg", shapes)


def _sidecar(path: Path, source: str) -> None:
    """`source` and `licence` are published on purpose; all else that a sidecar can say is not."""
    # Its canaries stand in several rows of one township.
    parts = 'rows = "parts"\n' if source == "hpc_baseline" else ""
    path.with_name(path.name + ".toml").write_text(
        f'{parts}source = "Invented {source}"\nlicence = "CC0-1.0"\n'
        'reference_date = 2021-04-30\nsynthetic = true\nabsence_means = "unknown"\n'
        f'coverage = "two townships near {STEM}"\ncitation = "{TEXTS[1]}"\nquery = "{STEM}"\n'
        f'url = "https://{STEM}.example.org"\ncontact = "{PHONE} {STEM}"\n',
        encoding="utf-8",
    )


def _exact_figures(path: Path) -> None:
    """Small and telling figures among the sample's displaced people, at its last day; none before it is larger.

    New displacement is a running total: a file in which it falls is refused.
    """
    header, *rows = (line.split(",") for line in path.read_text(encoding="utf-8").splitlines())
    last = max(row[0] for row in rows)
    # The exact one in the first township, whose page is written where only first pages are.
    telling = dict(zip((row[1] for row in rows if row[0] == last), (EXACT, *SMALL[1:], SMALL[0]), strict=False))
    for row in rows:
        if row[1] in telling and row[2]:
            figure = telling[row[1]]
            row[2] = str(figure if row[0] == last else min(figure, int(row[2])))
    path.write_text("\n".join(",".join(row) for row in (header, *rows)) + "\n", encoding="utf-8")


def _write_csv(path: Path, lines: list[dict[str, str]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return path


def _write_workbook(path: Path, lines: list[dict[str, str]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"author": TEXTS[1], "company": TEXTS[2], "comments": PHONE})
    sheet = book.add_worksheet("data")
    sheet.write_row(0, 0, list(lines[0]))
    for number, line in enumerate(lines, start=1):
        for column, cell in enumerate(line.values()):
            (sheet.write_number if cell.isdigit() else sheet.write_string)(
                number, column, int(cell) if cell.isdigit() else cell
            )
    book.close()
    return path


def _write_boundaries(path: Path, shapes: pl.DataFrame) -> None:
    import geopandas

    path.parent.mkdir()
    geometry = geopandas.GeoSeries.from_wkb(shapes["geometry"].to_numpy(), crs="EPSG:4326")
    # A few schematic shapes are far from their township's area, which a boundary file must not be.
    sides = (shapes["area_km2"].to_numpy() / (geometry.to_crs("ESRI:54034").area.to_numpy() / 1e6)) ** 0.5
    geometry = geopandas.GeoSeries(
        [shapely.affinity.scale(shape, side, side) for shape, side in zip(geometry, sides, strict=True)],
        crs="EPSG:4326",
    )
    columns = {"TS_PCODE": shapes["adm3_pcode"].to_list(), "TS": TEXTS[0], "REMARK": TEXTS[3], "PHONE": PHONE}
    geopandas.GeoDataFrame(columns, geometry=geometry.array, crs="EPSG:4326").to_file(path, driver="GPKG")
    _sidecar(path, "boundaries")


def needles() -> dict[str, bytes]:
    """What to look for: the stem, the telephone number, and the point as text and as numbers."""
    numbers = (LATITUDE, LONGITUDE)
    return {
        "text": STEM.encode(),
        "text as UTF-16": STEM.encode("utf-16-le"),
        "telephone": PHONE.encode(),
        "telephone without its blanks": PHONE.replace(" ", "").encode(),
        **{f"{n} as text": str(n).encode() for n in numbers},
        **{f"{n} as a number": struct.pack("<d", n) for n in numbers},
        **{f"{n} as a number, big end first": struct.pack(">d", n) for n in numbers},
    }


def found_in(folder: Path) -> list[str]:
    """Every file below a folder that holds one of the needles, whatever it is packed into."""
    wanted, found = needles(), []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()):
        parts = opened(path)
        parts += [part.lower() for part in parts]
        found += [f"{path.relative_to(folder)}: {name}" for name, n in wanted.items() if any(n in p for p in parts)]
    return found


def opened(path: Path) -> list[bytes]:
    """A file's bytes, and what they hold where they are packed: cells, members, streams, metadata."""
    raw = path.read_bytes()
    unpack = {
        ".parquet": _parquet, ".xlsx": _members, ".zip": _members, ".duckdb": _duckdb, ".gpkg": _sqlite, ".db": _sqlite,
        ".pdf": _pdf,
    }.get(path.suffix)  # fmt: skip
    return [raw, *(unpack(path) if unpack else ())]


def _cells(frame: pl.DataFrame) -> bytes:
    flat = frame.with_columns(pl.col(pl.Struct).struct.json_encode())
    text = flat.with_columns(pl.col(pl.Binary).bin.encode("hex"), pl.col(pl.Float32, pl.Float64).cast(pl.String))
    out = io.BytesIO()
    text.write_csv(out)
    return out.getvalue()


def _parquet(path: Path) -> Iterator[bytes]:
    file = pq.ParquetFile(path, arrow_extensions_enabled=False)
    yield repr(file.metadata.metadata).encode()
    yield repr([file.metadata.row_group(i).to_dict() for i in range(file.num_row_groups)]).encode()
    table = file.read()
    shapes = [field.name for field in table.schema if pa.types.is_binary(field.type) or "binary" in str(field.type)]
    yield _cells(pl.DataFrame(pl.from_arrow(table.drop_columns(shapes))))
    for name in shapes:
        yield b"".join(filter(None, table[name].to_pylist()))


def _members(path: Path) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name.encode() + archive.read(name)


def _duckdb(path: Path) -> Iterator[bytes]:
    con = duckdb.connect(str(path), read_only=True)
    try:
        tables = con.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema <> 'information_schema'"
        ).fetchall()
        for schema, name in tables:
            frame = con.sql(f'SELECT * FROM "{schema}"."{name}"').pl()
            yield _cells(frame)
            for column in frame.select(pl.col(pl.Binary)):
                yield b"".join(column.drop_nulls())
        for comments in ("duckdb_tables()", "duckdb_columns()", "duckdb_views()"):
            yield repr(con.execute(f"SELECT * FROM {comments}").fetchall()).encode()
    finally:
        con.close()


def _sqlite(path: Path) -> Iterator[bytes]:
    con = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        for (name,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in con.execute(f'SELECT * FROM "{name}"'):
                yield b" ".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in row)
    except sqlite3.DatabaseError:
        return  # a table of an extension that is not loaded: its bytes were searched as they are
    finally:
        con.close()


def _pdf(path: Path) -> Iterator[bytes]:
    import pypdfium2

    for stream in re.findall(rb"stream\r?\n(.*?)endstream", path.read_bytes(), re.DOTALL):
        try:
            yield zlib.decompress(stream)
        except zlib.error:
            continue
    document = pypdfium2.PdfDocument(path)
    yield repr(document.get_metadata_dict()).encode()
    for page in document:
        yield page.get_textpage().get_text_range().encode()


def column_names(path: Path) -> set[str]:
    """The columns of a data file of a release, whichever way it stores them."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            return set(next(csv.reader(stream)))
    if path.suffix == ".parquet":
        return set(pq.read_schema(path).names)
    if path.suffix == ".geojson":
        import json

        return set(json.loads(path.read_text(encoding="utf-8"))["features"][0]["properties"])
    if path.suffix == ".gpkg":
        con = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return {row[1] for row in con.execute("PRAGMA table_info(township_index)")}
        finally:
            con.close()
    if path.suffix == ".duckdb":
        con = duckdb.connect(str(path), read_only=True)
        try:
            return {c for (c,) in con.execute("SELECT column_name FROM duckdb_columns() WHERE NOT internal").fetchall()}
        finally:
            con.close()
    return set()


assert set(GOOD) == set(BY_NAME), (
    f"formats that can be read have no row of canaries: {sorted(set(BY_NAME) - set(GOOD))}"
)
