"""How closely a source locates an event: its own code of precision, and what its text, names and codes say beside it.

A township that the text names is township precision, and so is a district that is one township. A city of several
townships, a district, a state is as coarse as it is, whatever the code says and wherever its point lies.
"""

import polars as pl

from pipeline.declare.codes import GeoPrecision, Reason
from pipeline.declare.frames import without
from pipeline.records import parsing
from pipeline.records.placing import Gazetteer, resolve_any

COARSE = {
    GeoPrecision.DISTRICT: Reason.PRECISION_DISTRICT,
    GeoPrecision.REGION: Reason.PRECISION_REGION,
    GeoPrecision.COUNTRY: Reason.PRECISION_COUNTRY,
}
_FINE_TO_COARSE = tuple(str(precision) for precision in GeoPrecision)
# What stands in brackets behind a river, a road or a border says where on it: "Salween river (Hpapun)".
_LINE = r"(?i)\b(?:river|creek|stream|road|highway|railway|border|line|bridge|area|valley|mountains?|lake|coast)\b"
_BRACKET = r"\(([^()]*)\)\s*$"
# A line between two places: "Between A and B", "Road between A and B towns", "A - B highway".
_BETWEEN = r"(?i)\bbetween\s+(?P<a>[^(),]+?)\s+and\s+(?P<b>[^(),]+?)(?:\s+(?:towns?|townships|villages?))?\s*(?:\(.*)?$"
_FROM_TO = r"(?i)^(?P<a>[^(),-]+?)\s*[-–]\s*(?P<b>[^()]+?)\s+(?:road|highway|railway|border|line)\b"


def with_precision(frame: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Event rows with `geo_precision` as all that they say makes it.

    Adds `_named` (a township's name in the text), `_named_pcode` and `_named_how` (the township it means, or that of a
    district of one township) and `_spans` (the name or code of the place of several townships that made a row coarser).
    """
    named = frame.select(gazetteer.township_named_in(pl.col("where_coordinates")).alias("said")).unnest("said")
    text = frame.with_columns(named["name"].alias("_named"), named["problem"].alias("_several"))
    text = _with_lone_district(_with_line(_with_named_township(text, gazetteer), gazetteer), gazetteer)
    text = _with_level(text, gazetteer)
    # A township named in the source's text is township precision, whatever the code says; in a spelling that is
    # not known, only where the point is that of the named place and not of the district, region or country.
    spelt = pl.col("_named").is_not_null() & pl.col("_point_of_named") & pl.col("_level").is_null()
    known = pl.col("_named_pcode").is_not_null() | spelt
    coarser = _rank("_level") > _rank("geo_precision")
    precise = text.with_columns(
        pl.when(known & pl.col("geo_precision").is_in([str(p) for p in COARSE]))
        .then(pl.lit(str(GeoPrecision.TOWNSHIP)))
        .when(coarser)
        .then("_level")
        .otherwise("geo_precision")
        .alias("geo_precision"),
        pl.when(coarser).then("_spans").alias("_spans"),
    )
    return without(precise, "_several", "_level")


def _rank(name: str) -> pl.Expr:
    order = {precision: number for number, precision in enumerate(_FINE_TO_COARSE)}
    return pl.col(name).replace_strict(order, default=None, return_dtype=pl.Int64)


def _with_named_township(frame: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Add `_named_pcode`, `_named_how`: the township that the text names, by name or alias in its state; else null."""
    return _named_as(frame, pl.col("_named"), gazetteer)


def _named_as(frame: pl.DataFrame, name: pl.Expr, gazetteer: Gazetteer) -> pl.DataFrame:
    """`_named_pcode`, `_named_how` filled where they are null and `name` is a township's in the row's state."""
    asked = frame.select("adm1_name", "adm2_name", name.alias("adm3_name"))
    return _filled(frame, resolve_any(asked, gazetteer.resolve_names))


def _filled(frame: pl.DataFrame, at: pl.DataFrame) -> pl.DataFrame:
    before = ("_named_pcode", "_named_how")
    found = pl.DataFrame({"_named_pcode": at["adm3_pcode"], "_named_how": at["how"]})
    if before[0] not in frame.columns:
        return frame.hstack(found)
    if not parsing.has_cells(found, *before):
        return frame
    first = pl.col(before[0]).is_null()
    return frame.with_columns(pl.when(first).then(found[name]).otherwise(name).alias(name) for name in before)


def _with_line(frame: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Lines within one township: the bracket behind it names the township, or both its ends lie there.

    Only of rows that their source locates no closer. Adds `_crosses`: the ends lie in different townships.
    """
    line = pl.col("_is_area").fill_null(False) & pl.col("_several").is_null()
    if not frame["_is_area"].any():
        return frame.with_columns(pl.lit(False).alias("_crosses"))
    where = pl.when(line).then(parsing.text("where_coordinates"))
    bracket = pl.when(where.str.contains(_LINE)).then(where.str.extract(_BRACKET))
    frame = _named_as(frame, bracket, gazetteer)
    ends = line_ends(where)
    both = frame.select("adm1_name", "adm2_name", *ends)
    asked = [both.select("adm1_name", "adm2_name", pl.col(end).alias("adm3_name")) for end in "ab"]
    at = [resolve_any(one, gazetteer.resolve_names) for one in asked]
    one, other = (found["adm3_pcode"] for found in at)
    same = at[0].with_columns(pl.when(one == other).then(pl.col(name)).alias(name) for name in ("adm3_pcode", "how"))
    frame = _filled(frame, same)
    return frame.with_columns((one != other).fill_null(False).alias("_crosses"))


def line_ends(where: pl.Expr) -> list[pl.Expr]:
    """`a` and `b`: the places at both ends of a line that a text names, null where it names none."""
    return [
        pl.coalesce(where.str.extract_groups(pattern).struct[end] for pattern in (_BETWEEN, _FROM_TO)).alias(end)
        for end in ("a", "b")
    ]


def _with_lone_district(frame: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """A district of one township that the text names, or in which the source locates an event no closer."""
    text = parsing.text("_place_text")
    if parsing.has_cells(frame, "_place_text"):
        named = pl.when(pl.col("_several").is_null()).then(text)
        asked = frame.select("adm1_name", named.alias("adm3_name"))
        frame = _filled(frame, resolve_any(asked, gazetteer.township_of_district))
    if parsing.has_cells(frame, "_within_district"):
        coarse = pl.col("_within_district").is_not_null() & pl.col("_several").is_null() & ~pl.col("_crosses")
        stated = gazetteer.level_of_name(frame.select(pl.when(coarse).then(text)).to_series())
        bare = parsing.text("_within_district").str.replace(r"(?i)\s+district$", "")
        within = pl.when(coarse & stated.is_null()).then(pl.concat_str(bare, pl.lit(" district")))
        asked = frame.select("adm1_name", within.alias("adm3_name"))
        frame = _filled(frame, resolve_any(asked, gazetteer.township_of_district))
    # A code says the same: that of the district, or of its only township beside "district".
    at_district = pl.col("geo_precision") == str(GeoPrecision.DISTRICT)
    if not (parsing.has_cells(frame, "adm3_pcode") and frame.select(at_district.any()).item()):
        return without(frame, "_crosses")
    code = parsing.text("adm3_pcode").str.replace_all(r"\s", "").str.to_uppercase()
    by_code = pl.when(at_district).then(
        code.replace_strict(gazetteer.township_of_code, default=None, return_dtype=pl.String)
    )
    coded = frame.select(by_code.alias("adm3_pcode")).with_columns(
        pl.when(pl.col("adm3_pcode").is_not_null()).then(pl.lit("pcode")).alias("how")
    )
    return without(_filled(frame, coded), "_crosses")


def _with_level(frame: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Add `_level` and `_spans`: how coarse the place of several townships is that a row names, and its words."""
    if not parsing.has_cells(frame, "_place_text", "adm3_pcode", "adm3_name"):
        nothing = pl.lit(None, pl.String)
        return frame.with_columns(nothing.alias("_level"), nothing.alias("_spans"))
    has_code = parsing.is_stated("adm3_pcode")
    said = frame.select(
        text=parsing.text("_place_text"),
        code=parsing.text("adm3_pcode"),
        name=pl.when(~has_code).then(parsing.text("adm3_name")),
    )
    levels = pl.DataFrame(
        {
            "text": gazetteer.level_of_name(said["text"]),
            "code": gazetteer.level_of_code(said["code"]),
            "name": gazetteer.level_of_name(said["name"]),
        }
    )
    closer = frame["_named_pcode"].is_not_null()
    level, spans = pl.lit(None, pl.String), pl.lit(None, pl.String)
    for column in ("name", "code", "text"):
        stands = levels[column].is_not_null()
        level = pl.when(stands).then(levels[column]).otherwise(level)
        spans = pl.when(stands).then(said[column]).otherwise(spans)
    return frame.with_columns(
        pl.when(~closer).then(level).alias("_level"), pl.when(~closer).then(spans).alias("_spans")
    )
