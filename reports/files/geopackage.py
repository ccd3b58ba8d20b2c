"""geo/township_index.gpkg: townships with the newest month and its styles, states and regions, and all months.

Opens in QGIS coloured by what is shown of the Security Index; the other two styles can be chosen. What is not known
has a texture and never a colour of the scale, as on every map of the release. The layer of all months is a view that
gives each row its shape; its styles say from which day to which a row holds, so that QGIS' temporal controller plays
the months.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import polars as pl

from pipeline.declare.indices import INDICES
from reports.draw.symbology import DOTS, HATCH, INDEX_THEMES, LINES, RINGS, TICKS, WORDS, Theme
from reports.release import Release, facts, latest, marked, notice

if TYPE_CHECKING:
    import pyarrow as pa

LAYER, REGIONS, MONTHS, STYLES = "township_index", "regions", "months", "layer_styles"
MONTHS_MAP = "months_map"
# Texture of the maps -> (pattern of QGIS, colour); all of them grey but the withheld and the hosting.
_TEXTURES: Mapping[str, tuple[str, str]] = {
    HATCH: ("b_diagonal", "#7d7d7d"), LINES: ("horizontal", "#9a9a9a"), DOTS: ("dense5", "#2a6099"),
    TICKS: ("vertical", "#8c8c8c"), RINGS: ("dense6", "#6b5310"),
}  # fmt: skip
_OUTLINE = "#5f5f5f"


# Of the table of all months: what is drawn month by month. The rest stands in the databases and in regions/.
MONTH_COLUMNS = (
    "adm3_pcode", "adm3_name", "adm3_name_my", "state_region", "month", "period_end", "provisional",
    "clashes_month_count", "clashes_3m_count", "clashes_12m_count", "violence_month_count", "signal",
    *(spec.shown for spec in INDICES), "control_class", "idps_persons", "evidence_grade",
)  # fmt: skip
# Of QGIS' temporal controller: a row holds from its first day to its last, both included.
_OVER_TIME = (
    '<temporal enabled="1" mode="2" limitMode="1" startField="month" endField="period_end" startExpression="" '
    'endExpression="" durationField="" fixedDuration="0" durationUnit="min" accumulate="0">'
    "<fixedRange><start></start><end></end></fixedRange></temporal>"
)
# Degrees, about a metre: closer points of two townships are one, so that no slivers lie along their border.
_GRID = 1e-5


def write_geopackage(
    townships: pl.DataFrame,
    months: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    release: Release,
    path: Path,
    cache: Path | None = None,
) -> None:
    """Write the file; `townships` are the rows of its first layer, shapes as multipolygons, `months` a series.

    The caller has told GDAL which time to stamp. Outlines of regions are kept in the folder `cache`.
    """
    path.unlink(missing_ok=True)
    told = facts(release)
    regions = latest(tables, "region_summary", release.method).join(
        _outlines(townships, cache), on="state_region", how="left", validate="1:1", maintain_order="left"
    )
    _write(path, LAYER, townships, notice(release), told, shapes=True)
    _write(path, REGIONS, marked(regions, release), notice(release), told, shapes=True)
    rows = marked(months.select(MONTH_COLUMNS), release)
    _write(path, MONTHS, rows, "The townships by month; join it to the first layer by adm3_pcode.", told)
    _write(path, STYLES, _styles(release), "Styles of QGIS", {}, key="id")
    _add_months_map(path, rows.columns)


def _add_months_map(path: Path, columns: Sequence[str]) -> None:
    """A view of all months with the shape of each township, registered as a layer of its own.

    The shapes stand once. OGR takes the column OGC_FID for the key of a view; the index makes the join quick.
    """
    own = ", ".join(f'm."{column}"' for column in columns)
    with closing(sqlite3.connect(path)) as file:
        file.execute(f"CREATE INDEX {LAYER}_pcode ON {LAYER} (adm3_pcode)")
        file.execute(
            f"CREATE VIEW {MONTHS_MAP} AS SELECT m.fid AS OGC_FID, t.geom AS geom, {own} "
            f"FROM {MONTHS} m JOIN {LAYER} t USING (adm3_pcode)"
        )
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, min_x, min_y, "
            "max_x, max_y, srs_id) SELECT ?, data_type, ?, ?, last_change, min_x, min_y, max_x, max_y, srs_id "
            "FROM gpkg_contents WHERE table_name = ?",
            (
                MONTHS_MAP,
                MONTHS_MAP,
                "The townships by month, each row with its shape and its first and last day.",
                LAYER,
            ),
        )
        file.execute(
            "INSERT INTO gpkg_geometry_columns SELECT ?, column_name, geometry_type_name, srs_id, z, m "
            "FROM gpkg_geometry_columns WHERE table_name = ?",
            (MONTHS_MAP, LAYER),
        )
        file.commit()


def _write(
    path: Path, layer: str, frame: pl.DataFrame, said: str, told: dict[str, str], shapes: bool = False, key: str = "fid"
) -> None:
    from pyogrio.raw import write_arrow

    rows: pa.Table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    placed = {"geometry_name": "geometry", "geometry_type": "MultiPolygon", "crs": "EPSG:4326"} if shapes else {}
    options = {"FID": key, "DESCRIPTION": said, "DATETIME_PRECISION": "MILLISECOND"}
    options |= {"GEOMETRY_NAME": "geom"} if shapes else {}
    write_arrow(rows, str(path), layer=layer, driver="GPKG", append=path.exists(), layer_options=options,
                layer_metadata=told, **placed)  # fmt: skip


def _outlines(townships: pl.DataFrame, cache: Path | None) -> pl.DataFrame:
    """`state_region`, `geometry`: the union of each unit's townships, from the cache where these are the same."""
    digest = hashlib.sha256(f"{_GRID}".encode())
    for name, shape in townships.select("state_region", "geometry").iter_rows():
        digest.update(name.encode() + shape)
    kept = None if cache is None else cache / f"regions-{digest.hexdigest()[:16]}.parquet"
    names = sorted(townships["state_region"].unique())
    if kept is not None and kept.is_file():
        try:
            frame = pl.read_parquet(kept, glob=False, hive_partitioning=False)
            if frame["state_region"].to_list() == names and frame.schema["geometry"] == pl.Binary:
                return frame
        except (OSError, pl.exceptions.PolarsError):
            pass  # a damaged file is made again
    frame = pl.DataFrame({"state_region": names, "geometry": [_outline(townships, name) for name in names]})
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f".{kept.name}.part")
        frame.write_parquet(part)
        part.replace(kept)
    return frame


def _outline(townships: pl.DataFrame, name: str) -> bytes:
    import shapely

    own = shapely.from_wkb(townships.filter(pl.col("state_region") == name)["geometry"].to_numpy())
    whole = shapely.union_all(shapely.make_valid(own), grid_size=_GRID)
    polygons = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"]
    return bytes(shapely.to_wkb(shapely.MultiPolygon(polygons)))


def _styles(release: Release) -> pl.DataFrame:
    """The table that QGIS reads styles from; the day the data end stands for the time of writing."""
    rows = [
        {
            "f_table_catalog": "", "f_table_schema": "", "f_table_name": layer, "f_geometry_column": "geom",
            "styleName": f"{theme.title}, as shown", "styleQML": _qml(theme, f"{index}_shown", over_time),
            "styleSLD": "", "useAsDefault": place == 0, "description": f"{theme.title}: {index}_shown", "owner": "",
            "ui": None, "update_time": release.period_end,
        }
        for layer, over_time in ((LAYER, ""), (MONTHS_MAP, _OVER_TIME))
        for place, (index, theme) in enumerate(INDEX_THEMES.items())
    ]  # fmt: skip
    schema = dict.fromkeys(rows[0], pl.String) | {"useAsDefault": pl.Boolean, "update_time": pl.Date}
    # With its zone and its thousandths: QGIS warns of a time without.
    return pl.DataFrame(rows, schema=schema).with_columns(
        pl.col("update_time").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    )


def _qml(theme: Theme, column: str, over_time: str = "") -> str:
    """A categorised renderer of QGIS with the maps' colours, textures and words; `over_time` says when a row holds."""
    kinds = "".join(
        f'<category value={quoteattr(code)} symbol="{place}" label={quoteattr(WORDS.get(code, code))} render="true"/>'
        for place, (code, _) in enumerate(theme.fills)
    )
    symbols = "".join(_symbol(place, fill) for place, (_, fill) in enumerate(theme.fills))
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis styleCategories="Symbology{"|Temporal" if over_time else ""}" version="3.22.0">{over_time}'
        f'<renderer-v2 type="categorizedSymbol" attr={quoteattr(column)} symbollevels="0" enableorderby="0" '
        f'forceraster="0"><categories>{kinds}</categories><symbols>{symbols}</symbols></renderer-v2></qgis>'
    )


def _symbol(place: int, fill: str) -> str:
    pattern, colour = _TEXTURES.get(fill, ("solid", fill))
    options = "".join(
        f'<Option name="{name}" value="{value}" type="QString"/>'
        for name, value in (
            ("color", _rgba(colour)), ("style", pattern), ("outline_color", _rgba(_OUTLINE)),
            ("outline_style", "solid"), ("outline_width", "0.1"), ("outline_width_unit", "MM"),
        )
    )  # fmt: skip
    return (
        f'<symbol name="{place}" type="fill" alpha="1" clip_to_extent="1" force_rhr="0"><layer class="SimpleFill" '
        f'enabled="1" locked="0" pass="0"><Option type="Map">{options}</Option></layer></symbol>'
    )


def _rgba(colour: str) -> str:
    """A colour such as #8a2f04 as QGIS writes it."""
    return ",".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5)) + ",255"
