"""Opening a polygon file of any of four formats: attributes as text, geometries, coordinate system.

Not here: which townships it must hold (boundaries). GDAL's readers guess; this module declares.
"""

import codecs
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from pipeline.errors import UnusableInput

# First bytes of each kind: an error page under a .geojson name, or a GDAL virtual file that would fetch
# something from elsewhere, is turned away before any driver sees it.
SIGNATURES = {
    ".shp": (b"\x00\x00\x27\x0a",),
    ".gpkg": (b"SQLite format 3\x00",),
    ".geojson": (b"{",),
    ".json": (b"{",),
    ".topojson": (b"{",),
    ".parquet": (b"PAR1",),
    ".geoparquet": (b"PAR1",),
}
REMEDY = "Give a shapefile (.shp with .dbf, .shx, .prj), GeoPackage, GeoJSON or GeoParquet of the 330 townships."


@dataclass(frozen=True)
class Layer:
    """One layer as delivered: text attributes, geometries (numpy objects), CRS text or None, remarks."""

    attributes: pl.DataFrame
    geometries: np.ndarray[Any, np.dtype[np.object_]]
    crs: str | None
    notes: tuple[str, ...]


def open_layer(path: Path, code_columns: tuple[str, ...], encoding: str | None = None) -> Layer:
    """Read `path`; of several layers the one that has a code column. Raises UnusableInput with a remedy."""
    _check_signature(path)
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        return _geoparquet(path)
    return _gdal(path, code_columns, _known_encoding(path, encoding) if encoding else None)


def declared_encoding(path: Path) -> str | None:
    """The encoding a shapefile declares in its `.cpg` or `.cst` side file.

    MIMU ships a `.cst`, which GDAL does not know: it then reads UTF-8 as Latin-1 and every Burmese name comes
    out as mojibake. Raises UnusableInput for an encoding nobody knows.
    """
    for suffix in (".cpg", ".cst", ".CPG", ".CST"):
        side_file = path.with_suffix(suffix)
        if not side_file.is_file():
            continue
        name = side_file.read_text(encoding="ascii", errors="replace").strip().strip("\x00﻿")
        return _known_encoding(side_file, name.replace("ANSI ", "cp"))
    return None


def _known_encoding(file: Path, name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise UnusableInput(f"{file}: unknown encoding {name[:40]!r}. Declare or pass one such as UTF-8.") from error


def _check_signature(path: Path) -> None:
    if not path.is_file():
        raise UnusableInput(f"{path}: no such file. {REMEDY}")
    expected = SIGNATURES.get(path.suffix.lower())
    if expected is None:
        raise UnusableInput(f"{path}: files ending in {path.suffix!r} are not read (unpack archives). {REMEDY}")
    with path.open("rb") as stream:
        head = stream.read(64).removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n" if expected == (b"{",) else b"")
    if not head.startswith(expected):
        raise UnusableInput(f"{path}: the content is not what {path.suffix} says; it begins {head[:20]!r}. {REMEDY}")


def _gdal(path: Path, code_columns: tuple[str, ...], encoding: str | None) -> Layer:
    import pyogrio
    import pyogrio.errors
    import pyogrio.raw

    notes: list[str] = []
    shapefile = path.suffix.lower() == ".shp"
    chosen = encoding or (declared_encoding(path) if shapefile else None)
    try:
        layer = _layer_with_codes(path, code_columns)
        try:
            found = pyogrio.raw.read(path, layer=layer, encoding=chosen or ("utf-8" if shapefile else None))
        except UnicodeDecodeError:
            if chosen:
                raise
            found = pyogrio.raw.read(path, layer=layer)
            notes.append(f"{path.name}: declares no encoding and is not UTF-8; names other than P-codes may be wrong")
    except UnicodeDecodeError as error:
        raise UnusableInput(f"{path}: not {chosen}: {error}. Correct the .cpg or .cst, or pass it.") from error
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
    ) as error:
        raise UnusableInput(f"{path}: GDAL cannot read it ({str(error)[:200]}). {REMEDY}") from error
    meta, _, wkb, columns = found
    if wkb is None:
        raise UnusableInput(f"{path}: a table without geometries. {REMEDY}")
    attributes = pl.DataFrame(
        {str(name): _as_text(values) for name, values in zip(meta["fields"], columns, strict=True)},
        schema={str(name): pl.String for name in meta["fields"]},
    )
    return Layer(attributes, _from_wkb(path, wkb), meta["crs"], tuple(notes))


def _layer_with_codes(path: Path, code_columns: tuple[str, ...]) -> str | None:
    """The layer's name in a file of several, or None for "the only one"."""
    import pyogrio

    names = [str(name) for name in pyogrio.list_layers(path)[:, 0]]
    if len(names) == 1:
        return None
    having = [
        name
        for name in names
        if {str(field).lower() for field in pyogrio.read_info(path, layer=name)["fields"]} & set(code_columns)
    ]
    if len(having) != 1:
        raise UnusableInput(f"{path}: layers {names[:10]}, of which {having or 'none'} have township codes; keep one.")
    return having[0]


def _geoparquet(path: Path) -> Layer:
    try:
        metadata = json.loads(pl.read_parquet_metadata(path)["geo"])
        primary = metadata["primary_column"]
        column = metadata["columns"][primary]
        if column["encoding"] != "WKB":
            raise UnusableInput(f"{path}: GeoParquet encoding {column['encoding']!r} is not read; write WKB.")
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
        wkb = frame[primary].to_numpy()
        kept = [name for name, dtype in frame.drop(primary).schema.items() if not dtype.is_nested()]
        attributes = frame.select(pl.col(kept).cast(pl.String))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, KeyError, TypeError, ValueError) as error:
        raise UnusableInput(f"{path}: not a readable GeoParquet file ({str(error)[:200]}). {REMEDY}") from error
    # The format says: no `crs` means longitude and latitude on WGS 84, null means unknown.
    crs = column.get("crs", "OGC:CRS84")
    return Layer(attributes, _from_wkb(path, wkb), json.dumps(crs) if isinstance(crs, dict) else crs, ())


def _from_wkb(path: Path, wkb: np.ndarray[Any, np.dtype[np.object_]]) -> np.ndarray[Any, np.dtype[np.object_]]:
    try:
        geometries: np.ndarray[Any, np.dtype[np.object_]] = shapely.force_2d(shapely.from_wkb(wkb))
    except shapely.errors.ShapelyError as error:
        raise UnusableInput(f"{path}: a geometry cannot be read ({str(error)[:200]}). {REMEDY}") from error
    return geometries


def _as_text(values: np.ndarray[Any, Any]) -> list[str | None]:
    """Attribute values as text; missing ones null."""
    return [None if value is None or str(value) in ("nan", "NaT") else str(value) for value in values.tolist()]
