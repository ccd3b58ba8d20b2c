"""How well township names in UCDP's own text are placed: `python -m benchmarks.places [--data DIR]`.

Each row that names a township is resolved by name or alias and compared with the polygon under the source's own
point. The aliases were learnt from one half of the rows (`in_learning_half`); the other half measures them.
Not here: learning (scripts/learn_aliases.py), placing (pipeline/records).
"""

import argparse
import hashlib
from pathlib import Path

import polars as pl

from geo import boundaries, names
from geo.locate import Locator

REAL = Path(__file__).resolve().parents[2] / "shared" / "realdata"
CLASHES = Path("clashes") / "ucdp_ged_myanmar.csv"
BOUNDARIES = Path("boundaries") / "mmr_polbnda_adm3_mimu_250k.shp"
POINT_OF_PLACE = (1, 2)  # UCDP's where_prec whose point is that of the named place, within 25 km
POINT_OF_AREA = (*POINT_OF_PLACE, 5)  # and 5, a named area, for Myanmar mostly the township itself
PROMISED = 0.97


def in_learning_half(event_id: str) -> bool:
    """Whether aliases may be learnt from this row: its id's SHA-256, read as a number, is even."""
    digest = hashlib.sha256(event_id.removesuffix(".0").encode()).digest()
    return digest[-1] % 2 == 0


def located(frame: pl.DataFrame, locator: Locator) -> pl.DataFrame:
    """The township whose polygon holds each point (`polygon`); null where none does, also near a border."""
    lon, lat = (frame[c].cast(pl.Float64, strict=False).fill_null(float("nan")) for c in ("longitude", "latitude"))
    found = locator.locate(lon.to_numpy(), lat.to_numpy())
    inside = found.select(pl.when(pl.col("how") == "inside").then("adm3_pcode").alias("polygon"))
    return frame.hstack(inside)


def named_rows(data: Path, locator: Locator) -> pl.DataFrame:
    """One row per UCDP row whose text names at least one township, with what resolving and the polygon say."""
    raw = pl.read_csv(data / CLASHES, infer_schema_length=0)
    named = names.township_named_in(pl.col("where_coordinates"))
    frame = raw.select(
        "id", "where_prec", "where_coordinates", "longitude", "latitude", adm1_name="adm_1", adm2_name="adm_2",
        adm3_name=named.struct.field("name"), several=named.struct.field("problem"),
    ).filter(pl.col("adm3_name").is_not_null() | pl.col("several").is_not_null())  # fmt: skip
    return located(names.resolve(frame), locator).with_columns(
        pl.col("where_prec").cast(pl.Float64).cast(pl.Int64),
        pl.col("id").map_elements(in_learning_half, return_dtype=pl.Boolean).alias("learnt_from"),
    )


def figures(rows: pl.DataFrame) -> dict[str, float]:
    """Shares placed by the text, and, of those with the point of the place itself, shares in the same polygon."""
    placed = rows.filter(pl.col("adm3_pcode").is_not_null())
    same = pl.col("adm3_pcode") == pl.col("polygon")
    area = placed.filter(pl.col("where_prec").is_in(POINT_OF_AREA) & pl.col("polygon").is_not_null())
    usable = area.filter(pl.col("where_prec").is_in(POINT_OF_PLACE))
    agree = usable.filter(same)
    alias = usable.filter(pl.col("how") == "alias")
    return {
        "rows": rows.height,
        "placed": placed.height,
        "placed_share": placed.height / rows.height,
        "by_alias": placed.filter(pl.col("how") == "alias").height,
        "usable": usable.height,
        "agree": agree.height,
        "agree_share": agree.height / usable.height,
        "area_usable": area.height,
        "area_agree": area.filter(same).height,
        "area_agree_share": area.filter(same).height / area.height,
        "alias_usable": alias.height,
        "alias_agree": alias.filter(same).height,
    }


def unseen(rows: pl.DataFrame) -> pl.DataFrame:
    """Held-out rows whose state and name stand in no row of the learning half: the halves share most spellings."""
    spelled = ["adm1_name", "adm3_name"]
    named = rows.filter(pl.col("adm3_name").is_not_null())
    learnt = named.filter("learnt_from").select(spelled).unique()
    return named.filter(~pl.col("learnt_from")).join(learnt, on=spelled, how="anti", nulls_equal=True)


def remaining(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows not placed by their text, and those placed elsewhere than their point, by reason and name."""
    not_placed = rows.filter(pl.col("adm3_pcode").is_null()).select(
        pl.coalesce("several", "problem").alias("reason"),
        "adm1_name",
        "adm3_name",
        pl.lit(None, pl.String).alias("point"),
    )
    elsewhere = rows.filter(
        pl.col("adm3_pcode").ne(pl.col("polygon")) & pl.col("where_prec").is_in(POINT_OF_AREA)
    ).select(
        pl.lit("point_in_another_township").alias("reason"), "adm1_name", "adm3_name", pl.col("polygon").alias("point")
    )
    both = pl.concat([not_placed, elsewhere])
    keys = ["reason", "adm1_name", "adm3_name", "point"]
    return (
        both.group_by(keys).len("rows").sort("reason", "rows", *keys[1:], descending=[False, True, False, False, False])
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, default=REAL, help="folder with clashes/ and boundaries/ as delivered")
    arguments = parser.parse_args()
    if not (arguments.data / CLASHES).is_file():
        print(f"{arguments.data / CLASHES}: not there; nothing to measure")
        return 0
    rows = named_rows(arguments.data, Locator.of(boundaries.read(arguments.data / BOUNDARIES).frame))
    for name, part in (("held out", rows.filter(~pl.col("learnt_from"))), ("all", rows)):
        found = figures(part)
        print(
            f"{name:9}{found['rows']:5.0f} rows name a township, placed by name or alias {found['placed']:5.0f} "
            f"({found['placed_share']:.2%}; by alias {found['by_alias']:.0f})\n"
            f"{'':9}{found['usable']:5.0f} have the place's own point, in the same township {found['agree']:5.0f} "
            f"({found['agree_share']:.2%}; by alias {found['alias_agree']:.0f} of {found['alias_usable']:.0f}); "
            f"promised {PROMISED:.0%}\n"
            f"{'':9}{found['area_usable']:5.0f} have that or the point of a named area, in the same township "
            f"{found['area_agree']:5.0f} ({found['area_agree_share']:.2%})"
        )
    fresh = unseen(rows)
    placed = fresh.filter(pl.col("adm3_pcode").is_not_null()).height
    print(f"held out, in a spelling that the learning half does not hold: {placed} of {fresh.height} rows placed")
    with pl.Config(tbl_rows=-1, fmt_str_lengths=60, tbl_hide_dataframe_shape=True, tbl_hide_column_data_types=True):
        print(remaining(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
