"""Opening a polygon file of any of its formats: attributes as text, geometries, coordinate system.

Not here: which townships it must hold (boundaries). GDAL's readers guess; this module declares.
"""

import codecs
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo import townships
from pipeline.declare.errors import UnusableInput

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
    ".fgb": (b"fgb\x03fgb",),
    ".kml": (b"<",),
}
GEODATABASE = ".gdb"  # a folder that is one file to its users
_GEODATABASE_CATALOGUE = "a00000001.gdbtable"
# What a KML file begins with: another kind of XML would be opened by another driver, a DOCTYPE may be a bomb.
_KML_START = re.compile(rb"(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)*<(?:\w+:)?kml[\s>]", re.DOTALL)
_KML_FOREIGN = re.compile(rb"<!DOCTYPE|<!ENTITY|<OGRVRT", re.IGNORECASE)
# Words by which the township layer is known among the layers of every level.
TOWNSHIP_WORDS = ("adm3", "admin3", "township")
REMEDY = (
    "Give a shapefile (.shp with .dbf, .shx, .prj), GeoPackage, GeoJSON, GeoParquet, FlatGeobuf, KML or file "
    "geodatabase of the 330 townships."
)


@dataclass(frozen=True)
class Layer:
    """One layer as delivered: text attributes, geometries (numpy objects), CRS text or None, remarks."""

    attributes: pl.DataFrame
    geometries: np.ndarray[Any, np.dtype[np.object_]]
    crs: str | None
    notes: tuple[str, ...]


def open_layer(path: Path, code_columns: tuple[str, ...], encoding: str | None = None) -> Layer:
    """Read `path`; of several layers the one of townships (`_township_layer`). Raises UnusableInput with a remedy."""
    _check_signature(path)
    if path.suffix.lower() in (".parquet", ".geoparquet"):
        return _geoparquet(path)
    with _with_index(path) as (whole, notes):
        layer = _gdal(path, whole, code_columns, _known_encoding(path, encoding) if encoding else None)
    return Layer(layer.attributes, layer.geometries, layer.crs, (*notes, *layer.notes))


def names_townships(name: str) -> bool:
    """Whether the name of a file or a layer says that it holds townships."""
    return any(word in name.lower() for word in TOWNSHIP_WORDS)


def part_of_shapefile(path: Path, ending: str) -> Path | None:
    """A shapefile's part beside it, in capitals or not; None where there is none."""
    for part in (path.with_suffix(ending), path.with_suffix(ending.upper())):
        if part.is_file():
            return part
    return None


@contextmanager
def _with_index(path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """The file itself; a shapefile without its .shx as a copy for which GDAL makes one, never beside the original."""
    if path.suffix.lower() != ".shp" or part_of_shapefile(path, ".shx"):
        yield path, ()
        return
    import pyogrio

    with tempfile.TemporaryDirectory(prefix="township-index-") as folder:
        for ending in (".shp", ".dbf", ".prj", ".cpg", ".cst"):
            if part := part_of_shapefile(path, ending):
                shutil.copyfile(part, Path(folder, f"layer{ending}"))
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})
        try:
            yield Path(folder, "layer.shp"), (f"{path.name}: the .shx is missing and was made anew from the .shp",)
        finally:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def declared_encoding(path: Path) -> str | None:
    """The encoding a shapefile declares in its `.cpg` or `.cst` side file.

    MIMU ships a `.cst`, which GDAL does not know: it then reads UTF-8 as Latin-1 and every Burmese name comes
    out as mojibake. Raises UnusableInput for an encoding nobody knows.
    """
    for suffix in (".cpg", ".cst"):
        if side_file := part_of_shapefile(path, suffix):
            name = side_file.read_text(encoding="ascii", errors="replace").strip().strip("\x00\ufeff")
            return _known_encoding(side_file, name.replace("ANSI ", "cp"))
    return None


def _known_encoding(file: Path, name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError as error:
        raise UnusableInput(f"{file}: unknown encoding {name[:40]!r}. Declare or pass one such as UTF-8.") from error


def _check_signature(path: Path) -> None:
    ending = path.suffix.lower()
    if path.is_dir():
        if ending != GEODATABASE or not (path / _GEODATABASE_CATALOGUE).is_file():
            raise UnusableInput(f"{path}: a folder that is no file geodatabase. {REMEDY}")
        return
    if not path.is_file():
        raise UnusableInput(f"{path}: no such file. {REMEDY}")
    expected = SIGNATURES.get(ending)
    if expected is None:
        raise UnusableInput(f"{path}: files ending in {path.suffix!r} are not read (unpack archives). {REMEDY}")
    text = expected in ((b"{",), (b"<",))
    with path.open("rb") as stream:
        head = stream.read(4096).removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n" if text else b"")
    kml = ending == ".kml" and _KML_START.match(head) and not _KML_FOREIGN.search(head)
    if not head.startswith(expected) or (ending == ".kml" and not kml):
        raise UnusableInput(f"{path}: the content is not what {path.suffix} says; it begins {head[:20]!r}. {REMEDY}")


def _gdal(path: Path, whole: Path, code_columns: tuple[str, ...], encoding: str | None) -> Layer:
    """A file read by GDAL; `whole` is where its parts are complete, `path` what its sender calls it."""
    import pyogrio
    import pyogrio.errors
    import pyogrio.raw

    shapefile = path.suffix.lower() == ".shp"
    if shapefile and not part_of_shapefile(path, ".dbf"):
        raise UnusableInput(f"{path}: the .dbf with the township codes is not beside it; deliver all parts. {REMEDY}")
    chosen = encoding or (declared_encoding(path) if shapefile else None)
    try:
        layer, notes = _township_layer(path, whole, code_columns)
        try:
            found = pyogrio.raw.read(whole, layer=layer, encoding=chosen or ("utf-8" if shapefile else None))
        except UnicodeDecodeError:
            if chosen:
                raise
            found = pyogrio.raw.read(whole, layer=layer)
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


def _township_layer(path: Path, whole: Path, code_columns: tuple[str, ...]) -> tuple[str | None, list[str]]:
    """The layer's name in a file of several, or None for "the only one", and what is to be said of it.

    Areas with a column of township codes; of several the one whose name says townships, or which has 330 rows, for a
    layer of village tracts names their townships too. Raises UnusableInput where none or more than one is left.
    """
    import pyogrio

    names = [str(name) for name in pyogrio.list_layers(whole)[:, 0]]
    if len(names) == 1:
        return None, []
    facts = {name: pyogrio.read_info(whole, layer=name) for name in names}
    areas = [name for name in names if not _is_other_shape(facts[name]["geometry_type"])]
    coded = [name for name in areas if {str(f).strip().lower() for f in facts[name]["fields"]} & set(code_columns)]
    left = coded or areas
    for fits in (names_townships, lambda name: facts[name]["features"] == townships.TOWNSHIP_COUNT):
        named = [name for name in left if fits(name)]
        left = named if named and len(left) > 1 else left
    if len(left) != 1:
        held = f"of which {left[:10]} may hold the townships" if left else "none of them with areas"
        raise UnusableInput(f"{path}: layers {names[:10]}, {held}; keep the township layer alone in the file.")
    return left[0], [f"{path.name}: read the layer {left[0]!r} of {len(names)}"]


def _is_other_shape(geometry_type: str | None) -> bool:
    """Points, lines and tables; a type that the format does not state may be areas."""
    return geometry_type is None or re.search(r"Point|LineString|Curve\b", geometry_type) is not None


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
