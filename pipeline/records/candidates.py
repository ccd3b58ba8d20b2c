"""Candidate townships of an event that its source locates to no township: where it may have happened.

A line between two places that lie in two townships (a road, a river, a border) has these two; a district and a city of
several townships have all of theirs. A state, a region, the country and a line of which an end is not known have none:
there the event may lie in most of the country, and to count it in each township as possible would tell nothing.
"""

import polars as pl

from pipeline.declare.codes import GeoPrecision
from pipeline.records import parsing
from pipeline.records.placing import Gazetteer
from pipeline.records.precision import line_ends

NO_CANDIDATES = "none"
_DISTRICT = r"(?i)\s+district$"


def with_candidates(coarse: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    """Rows of no township with `candidate_pcodes`: P-codes in ascending order, a space between, or "none"."""
    line = pl.col("_is_area").fill_null(False)
    both = _at_both_ends(
        coarse.with_columns(pl.when(line).then(parsing.text("where_coordinates")).alias("_line")), gazetteer
    )
    at_district = pl.col("geo_precision") == str(GeoPrecision.DISTRICT)
    within = parsing.text("_within_district").str.replace(_DISTRICT, "")
    said = coarse.select(
        text=pl.when(at_district).then(parsing.text("_place_text")),
        code=parsing.text("adm3_pcode"),
        name=pl.when(at_district).then(parsing.text("adm3_name")),
        district=pl.concat_str(within, pl.lit(" district")),
    )
    members = [gazetteer.townships_of(said[name]) for name in said.columns]
    # The text goes before the district: "Yangon town" in a row of a district that is a quarter of the city.
    found = pl.DataFrame(
        [both.alias("line"), *(one.alias(name) for name, one in zip(said.columns, members, strict=True))]
    )
    named = found.select(pl.coalesce("line", *said.columns, pl.lit(NO_CANDIDATES)).alias("candidate_pcodes"))
    return coarse.hstack(named)


def _at_both_ends(frame: pl.DataFrame, gazetteer: Gazetteer) -> pl.Series:
    """The two townships of a line's ends; null where one is not known or both are one.

    A line that crosses states bears no state: there an end is known where one township alone bears the listed name.
    """
    ends = frame.select("adm1_name", "adm2_name", *line_ends(pl.col("_line")))
    if ends["a"].null_count() == ends.height:
        return pl.Series([None] * ends.height, dtype=pl.String)
    alone = (
        gazetteer.bearers.group_by("name_key")
        .agg(pl.col("adm3_pcode").unique())
        .filter(pl.col("adm3_pcode").list.len() == 1)
    )
    at = []
    for end in ("a", "b"):
        asked = ends.select("adm1_name", "adm2_name", pl.col(end).alias("adm3_name"))
        resolved = gazetteer.resolve_names(asked)["adm3_pcode"]
        anywhere = asked.select(
            pl.when(~parsing.is_stated("adm1_name"))
            .then(gazetteer.name_key(pl.col("adm3_name")))
            .replace_strict(alone["name_key"], alone["adm3_pcode"].list.first(), default=None, return_dtype=pl.String)
            .alias("code")
        )["code"]
        at.append(pl.select(pl.coalesce(resolved, anywhere)).to_series())
    pair = pl.DataFrame({"a": at[0], "b": at[1]})
    two = (pl.col("a") != pl.col("b")).fill_null(False)
    joined = pl.concat_str(pl.min_horizontal("a", "b"), pl.lit(" "), pl.max_horizontal("a", "b"))
    return pair.select(pl.when(two).then(joined)).to_series()
