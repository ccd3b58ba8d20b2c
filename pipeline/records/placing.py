"""A row's place: one township from its P-code, its name with its state, or its coordinates, in this order.

How points, names and old codes are resolved is the `geo` package's knowledge and handed in as a
`Gazetteer`; here stands only which statement counts and what happens when two disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipeline.declare.codes import PlacedBy, Reason
from pipeline.declare.frames import without
from pipeline.records import parsing
from pipeline.records.triage import Rule, Triage, no_rows, triage

_NAMES = ("adm1_name", "adm2_name", "adm3_name")
PLACED = ("adm3_pcode", "weight", "placed_by", "distance_km")
_BY_POINT = (PlacedBy.COORDINATES, PlacedBy.NEAREST)


@dataclass(frozen=True)
class Gazetteer:
    """What `geo` knows, as functions on frames.

    resolve_codes: frame, code column -> adm3_pcode, weight, how per successor (rows may multiply).
    resolve_names: frame with adm1_name, adm2_name, adm3_name -> adds adm3_pcode, problem, how (name or alias); same
        rows, same order.
    nearest_name: frame with adm1_name, adm3_name -> per row the listed name of that state spelt most alike, or null.
    bearers: name_key -> adm3_pcode, every township that bears a name in any state.
    spellings: name_key -> adm3_pcode, every township by its listed names and their other spellings.
    name_key: the key a name is compared by.
    locate: frame with longitude, latitude (floats) -> adds adm3_pcode, how, distance_km; same rows, same order.
    township_named_in: struct name, problem from free text.
    township_of_district: frame with adm1_name, adm3_name that holds "X district" -> as resolve_names, for districts of
        one township.
    lone_districts: adm3_pcode, adm2_pcode of these.
    retired_code: frame with adm1_name, adm3_name -> per row the retired or sub-township code of that name, or null.
    level_of_name, level_of_code: per text or code the precision of a place of several townships, else null.
    townships_of: per text the P-codes of the townships of the district or city that it names, a space between.
    beyond_km: frame with adm3_pcode, longitude, latitude (floats) -> per row the distance of the point from the
        township where it is more than 5 km, else null; all null where the shapes are schematic.
    measured: frame of areas with number, map, side, geometry (WKB) -> their shares of townships, by area (number,
        adm3_pcode, area_share) and by side (map, side, adm3_pcode, area_share).
    """

    resolve_codes: Callable[[pl.DataFrame, str], pl.DataFrame]
    resolve_names: Callable[[pl.DataFrame], pl.DataFrame]
    nearest_name: Callable[[pl.DataFrame], pl.Series]
    bearers: pl.DataFrame
    spellings: pl.DataFrame
    name_key: Callable[[pl.Expr], pl.Expr]
    locate: Callable[[pl.DataFrame], pl.DataFrame]
    township_named_in: Callable[[pl.Expr], pl.Expr]
    township_of_district: Callable[[pl.DataFrame], pl.DataFrame]
    lone_districts: pl.DataFrame
    retired_code: Callable[[pl.DataFrame], pl.Series]
    level_of_name: Callable[[pl.Series], pl.Series]
    level_of_code: Callable[[pl.Series], pl.Series]
    townships_of: Callable[[pl.Series], pl.Series]
    beyond_km: Callable[[pl.DataFrame], pl.Series]
    measured: Callable[[pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]

    @cached_property
    def bearers_of_name(self) -> pl.DataFrame:
        """`bearers` by name: name_key, _bearers."""
        return self.bearers.group_by("name_key").agg(pl.col("adm3_pcode").alias("_bearers"))

    @cached_property
    def township_of_code(self) -> dict[str, str]:
        """Codes of districts that are one township, and of these townships -> the township."""
        lone = self.lone_districts
        return {**dict(lone.select("adm2_pcode", "adm3_pcode").rows()), **{c: c for c in lone["adm3_pcode"]}}


def place(frame: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """Add adm3_pcode, weight, placed_by, distance_km and point_distance_km; set aside what has no place or two.

    `frame` has the text columns adm3_pcode, adm3_name, adm2_name, adm1_name, longitude, latitude (null where the file
    has none). A retired code gives one row per successor with its weight; every other row stays one. `_stated_code`
    holds the code as it came, so that two reports on the same retired unit can be told.
    """
    stated = frame.rename({"adm3_pcode": "_code_text"}).with_columns(
        parsing.text("_code_text").str.replace_all(r"\s", "").str.to_uppercase().alias("_stated_code"),
        *(parsing.text(name).alias(name) for name in _NAMES if parsing.has_cells(frame, name)),
        parsing.is_stated("longitude").alias("_has_point") & parsing.is_stated("latitude"),
    )
    stated = stated.with_columns(
        pl.when(parsing.is_stated("_code_text"))
        .then(pl.lit("code"))
        .when(pl.col("adm3_name").is_not_null())
        .then(pl.lit("name"))
        .when(pl.col("_has_point"))
        .then(pl.lit("point"))
        .when(pl.col("adm2_name").is_not_null())
        .then(pl.lit("district"))
        .alias("_by")
    )
    no_place = triage(stated, [Rule(pl.col("_by").is_null(), Reason.NO_PLACE)])
    # Each way costs as much for no row as for a thousand; one is taken all the same, for the columns.
    ways = {"code": _by_code, "name": _by_name, "point": by_point, "district": _by_district}
    split = no_place.kept.partition_by("_by", as_dict=True, maintain_order=True)
    rows = {by: split[by,] for by in ways if (by,) in split} or {"code": no_place.kept}
    parts = [ways[by](frame, gazetteer) for by, frame in rows.items()]
    helpers = ("_code_text", "_has_point", "_by")
    bare = [without(part.kept, *(name for name in helpers if name in part.kept.columns)) for part in parts]
    kept = pl.concat(bare, how="diagonal_relaxed")
    return Triage(
        with_contradicting_point(kept, gazetteer), pl.concat([no_place.set_aside, *(part.set_aside for part in parts)])
    )


def resolve_any(asked: pl.DataFrame, resolve: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """As `resolve`, which costs as much for no name as for a thousand: most files name nothing in this way.

    No `problem` is told of no name.
    """
    if asked["adm3_name"].null_count() < asked.height:
        return resolve(asked)
    nothing = pl.lit(None, pl.String)
    return asked.with_columns(nothing.alias("adm3_pcode"), nothing.alias("how"))


def _by_code(frame: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    resolved = gazetteer.resolve_codes(frame, "_code_text").with_columns(
        pl.col("how").alias("placed_by"),
        pl.lit(None, dtype=pl.Float64).alias("distance_km"),
        gazetteer.name_key(pl.col("adm3_name")).alias("_key"),
    )
    # What name and state say together, as an alias too, is compared with the code. Where they say nothing, a name
    # that other townships bear and this one does not contradicts it; an unknown spelling says nothing.
    disagree = pl.lit(False)
    if resolved["adm3_name"].null_count() < resolved.height:
        places = resolved.select(*_NAMES).unique(maintain_order=True)
        meant = gazetteer.resolve_names(places).select(*_NAMES, pl.col("adm3_pcode").alias("_meant"))
        resolved = resolved.join(
            meant, on=list(_NAMES), how="left", validate="m:1", nulls_equal=True, maintain_order="left"
        ).join(
            gazetteer.bearers_of_name,
            left_on="_key",
            right_on="name_key",
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        disagree = (
            pl.when(pl.col("_meant").is_not_null())
            .then(pl.col("_meant") != pl.col("adm3_pcode"))
            .otherwise(pl.col("_bearers").is_not_null() & ~pl.col("_bearers").list.contains(pl.col("adm3_pcode")))
        )
    with_state = pl.concat_str([pl.lit(", "), pl.col("adm1_name")]).fill_null("")
    by_code_itself = pl.col("placed_by").is_in([PlacedBy.PCODE.value, PlacedBy.LONGER_PCODE.value])
    several = pl.col("adm3_pcode").is_null() & pl.col("_level").is_not_null()
    unknown = resolved.select(pl.when(pl.col("adm3_pcode").is_null()).then("_code_text")).to_series()
    result = triage(
        resolved.with_columns(gazetteer.level_of_code(unknown).alias("_level")),
        [
            Rule(several, Reason.SEVERAL_TOWNSHIPS, "adm3_pcode", pl.col("_code_text")),
            Rule(pl.col("adm3_pcode").is_null(), Reason.UNKNOWN_PCODE, "adm3_pcode", pl.col("_code_text")),
            Rule(
                disagree & by_code_itself,
                Reason.NAME_CODE_DISAGREE,
                "adm3_name",
                pl.concat_str([pl.col("_code_text"), pl.lit(" / "), pl.col("adm3_name"), with_state]),
            ),
        ],
    )
    helpers = ("how", "_key", "_level", *(("_bearers", "_meant") if "_meant" in resolved.columns else ()))
    return Triage(without(result.kept, *helpers), result.set_aside)


def _by_name(frame: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """By name or alias in the state; a name that only a retired unit bears is taken for its code."""
    named = gazetteer.resolve_names(frame)
    if named.filter(pl.col("problem") == str(Reason.UNKNOWN_NAME)).is_empty():
        return _named(named, gazetteer)
    retired = gazetteer.retired_code(named).alias("_retired")
    was = (pl.col("problem") == str(Reason.UNKNOWN_NAME)) & pl.col("_retired").is_not_null()
    judged = named.with_columns(retired).with_columns(was.fill_null(False).alias("_was"))
    old = judged.filter("_was").with_columns(
        pl.col("_retired").alias("_code_text"), pl.col("_retired").alias("_stated_code")
    )
    if old.is_empty():
        return _named(named, gazetteer)
    added = ("adm3_pcode", "problem", "how", "_retired", "_was")
    parts = [
        _named(judged.filter(~pl.col("_was")).drop("_retired", "_was"), gazetteer),
        _by_code(old.drop(added), gazetteer),
    ]
    kept = pl.concat([part.kept for part in parts if part.kept.height] or [parts[0].kept], how="diagonal_relaxed")
    return Triage(kept, pl.concat([part.set_aside for part in parts]))


def _by_district(frame: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """Rows that state no more than a district: in its township where it has but one, else without a place."""
    district = frame.with_columns(pl.concat_str("adm2_name", pl.lit(" district")).alias("adm3_name"))
    found = gazetteer.township_of_district(district)
    placed = triage(
        _placed_by_name(found.with_columns(frame["adm3_name"])),
        [Rule(pl.col("adm3_pcode").is_null(), Reason.NO_PLACE)],
    )
    return Triage(without(placed.kept, "problem", "how"), placed.set_aside)


def _named(resolved: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    if resolved["problem"].null_count() == resolved.height:
        return Triage(without(_placed_by_name(resolved), "problem", "how"), no_rows())
    unknown = resolved.filter(pl.col("problem") == str(Reason.UNKNOWN_NAME)).select("adm1_name", "adm3_name").unique()
    hints = unknown.with_columns(gazetteer.nearest_name(unknown).alias("_nearest"))
    resolved = resolved.join(
        hints, on=["adm1_name", "adm3_name"], how="left", validate="m:1", nulls_equal=True, maintain_order="left"
    )
    # The nearest spelling is for the person who mends the record; no row is ever placed by it.
    hint = pl.format(" (nearest name there: {})", pl.col("_nearest")).fill_null("")
    found = pl.concat_str([pl.col("adm3_name"), pl.lit(", "), pl.col("adm1_name").fill_null("no state"), hint])
    reasons = (
        Reason.UNKNOWN_NAME,
        Reason.AMBIGUOUS_NAME,
        Reason.NAME_WITHOUT_STATE,
        Reason.UNKNOWN_STATE,
        Reason.NAME_NOT_IN_STATE,
    )
    several = pl.col("problem").is_not_null() & pl.col("_level").is_not_null()
    rules = [Rule(several, Reason.SEVERAL_TOWNSHIPS, "adm3_name")]
    rules += [Rule(pl.col("problem") == str(reason), reason, "adm3_name", found) for reason in reasons]
    asked = resolved.select(pl.when(pl.col("problem").is_not_null()).then("adm3_name")).to_series()
    level = gazetteer.level_of_name(asked).alias("_level")
    result = triage(resolved.with_columns(level), rules)
    return Triage(without(_placed_by_name(result.kept), "problem", "how", "_nearest", "_level"), result.set_aside)


def _placed_by_name(resolved: pl.DataFrame) -> pl.DataFrame:
    return resolved.with_columns(
        pl.lit(1.0).alias("weight"),
        pl.col("how").alias("placed_by"),
        pl.lit(None, dtype=pl.Float64).alias("distance_km"),
    )


def with_contradicting_point(placed: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Add point_distance_km: how far a row's own point lies from where its name or code says, if beyond 5 km.

    The text is believed and the row counted there; that its point denies it is kept with the record. `_own_point`,
    where the frame has it, says that the point is the place's own and not that of a district or of a town nearby.
    """
    none = pl.lit(None, pl.Float64).alias("point_distance_km")
    if not (parsing.has_cells(placed, "longitude") and parsing.has_cells(placed, "latitude")):
        return placed.with_columns(none)
    own = pl.col("_own_point") if "_own_point" in placed.columns else pl.lit(True)
    judged = placed.with_row_index("_judged").filter(
        own.fill_null(False),
        ~pl.col("placed_by").is_in([str(way) for way in _BY_POINT]),
        parsing.is_stated("longitude") & parsing.is_stated("latitude"),
    )
    if judged.is_empty():
        return placed.with_columns(none)
    columns = ["_judged", "adm3_pcode", "delivery_id", "row_number"]
    points = judged.select(*columns, *(parsing.decimal(axis).alias(axis) for axis in ("longitude", "latitude")))
    far = points.with_columns(gazetteer.beyond_km(points).alias("_km"))
    # A retired code leads to several townships: a point in any of them agrees.
    row = ["delivery_id", "row_number"]
    denies = pl.col("_km").is_not_null().all().over(row)
    denied = far.select("_judged", pl.when(denies).then(pl.col("_km").min().over(row)).alias("point_distance_km"))
    numbered = placed.with_row_index("_judged")
    return numbered.join(denied, on="_judged", how="left", maintain_order="left").drop("_judged")


def by_point(frame: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """Place rows by the text columns longitude and latitude alone."""
    numeric = frame.with_columns(
        parsing.degrees("longitude").alias("_lon"), parsing.degrees("latitude").alias("_lat"),
        pl.col("longitude").alias("_lon_text"), pl.col("latitude").alias("_lat_text"),
    ).drop("longitude", "latitude")  # fmt: skip
    located = gazetteer.locate(numeric.rename({"_lon": "longitude", "_lat": "latitude"}))
    point = pl.concat_str([pl.col("_lon_text").fill_null("?"), pl.col("_lat_text").fill_null("?")], separator=", ")
    rules = [
        Rule(pl.col("how") == how, reason, "longitude", point)
        for how, reason in (
            ("invalid", Reason.INVALID_COORDINATES),
            ("swapped", Reason.SWAPPED_COORDINATES),
            ("outside", Reason.OUTSIDE_COUNTRY),
        )
    ]
    result = triage(located, rules)
    placed_by = (
        pl.when(pl.col("how") == "nearest")
        .then(pl.lit(str(PlacedBy.NEAREST)))
        .otherwise(pl.lit(str(PlacedBy.COORDINATES)))
    )
    kept = result.kept.with_columns(
        pl.lit(1.0).alias("weight"),
        placed_by.alias("placed_by"),
        pl.when(pl.col("how") == "nearest").then(pl.col("distance_km")).alias("distance_km"),
        pl.col("_lon_text").alias("longitude"),
        pl.col("_lat_text").alias("latitude"),
    )
    return Triage(without(kept, "how", "_lon_text", "_lat_text"), result.set_aside)


def one_each(frame: pl.DataFrame) -> pl.DataFrame:
    """One row per (delivery_id, row_number): an event happened once, so the largest share takes it whole.

    Ties go to the lower P-code, the same on every run.
    """
    keys = ["delivery_id", "row_number"]
    return frame.sort([*keys, "weight", "adm3_pcode"], descending=[False, False, True, False]).unique(
        keys, keep="first", maintain_order=True
    )


def split_persons(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Share whole numbers out over the successors of a retired code, totals kept exactly.

    Largest remainder: whole parts first, the persons left over one each to the largest fractions, lower
    P-code first. Missing stays missing.
    """
    keys = ["delivery_id", "row_number"]
    result = frame.sort([*keys, "adm3_pcode"])
    for name in columns:
        exact = pl.col(name) * pl.col("weight")
        whole = (exact + 1e-9).floor().cast(pl.Int64)
        result = result.with_columns(exact.alias("_exact"), whole.alias("_whole"))
        left_over = pl.col(name).first().over(keys) - pl.col("_whole").sum().over(keys)
        rank = (pl.col("_whole") - pl.col("_exact")).round(9).rank("ordinal").over(keys)
        shared = pl.col("_whole") + (rank <= left_over).cast(pl.Int64)
        result = result.with_columns(pl.when(pl.col("weight") == 1.0).then(pl.col(name)).otherwise(shared).alias(name))
    return result.drop("_exact", "_whole", strict=False)
