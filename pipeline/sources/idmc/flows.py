"""IDMC's internal displacement updates -> township records of newly displaced people.

Each row of the source is a flow: so many people were displaced between two days. Reports of how many are
displaced on a day stand in records/observations.py.
"""

import polars as pl

from pipeline.declare.codes import GeoPrecision, Reason
from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.declare.methods import COUP
from pipeline.records import parsing
from pipeline.records.parsing import with_columns_of
from pipeline.records.placing import Gazetteer, place
from pipeline.records.rules import day_rules, doubted, formula_rules, number_rules, term_rule, update_rule
from pipeline.records.triage import Rule, Triage, triage, unreadable
from pipeline.records.versions import newest

CONFLICT, RECOMMENDED, MYANMAR = "conflict", "recommended_figure", "MMR"
# What the interface writes into locations_accuracy, one term per location: "Point", "Locality", or a label that
# ends in its level, "County/City/town/Village/Woreda (ADM3)" down to "Country/territory (AM0)".
_LEVEL = r"\(AD?M([0-3])\)"
_LEVELS = {0: GeoPrecision.COUNTRY, 1: GeoPrecision.REGION, 2: GeoPrecision.DISTRICT, 3: GeoPrecision.TOWNSHIP}
_ACCURACIES = ("Point", "Locality", "(ADM3)", "(ADM2)", "(ADM1)", "(ADM0)")


def flows(raw: pl.DataFrame, gazetteer: Gazetteer) -> Triage:
    """Columns of records.displacement: at each day of a flow, the running total of the township since the coup.

    Only the source's recommended figures of displacement by conflict are added up. The index takes the newest
    report in force as the township's number of people newly displaced since the coup. One flow alone would let
    the last one of ten people stand for all before it, so each record carries the sum of all flows that ended
    by its day; flows that end on one day carry the same total. Movements are counted, not people: who fled
    twice counts twice and who went home is not taken off, so the total is an upper reading. A township without
    flows has no record, never a zero. A total grows stale with the day of its last flow.
    """
    readable = unreadable(with_columns_of(raw, PLACE_COLUMNS))
    counted = (pl.col("_type") == CONFLICT) & (pl.col("_role") == RECOMMENDED)
    frame = readable.kept.with_columns(
        parsing.text("id").str.replace(r"\.0*$", "").alias("id"),
        parsing.text("created_at").alias("updated_at"),
        parsing.term("displacement_type").alias("_type"),
        parsing.term("role").alias("_role"),
        parsing.day("displacement_start_date").alias("_start"),
        parsing.day("displacement_end_date").alias("_end"),
        parsing.whole_number("figure").alias("_figure"),
        _precision().alias("_precision"),
    )
    frame = doubted(frame, {"displacement_start_date": "_start", "displacement_end_date": "_end"})
    abroad = parsing.text("iso3").str.to_uppercase() != MYANMAR
    start, end = "displacement_start_date", "displacement_end_date"
    good = triage(
        frame,
        [
            *formula_rules("id", "displacement_type", "role", start, end, "longitude", "latitude"),
            Rule(pl.col("id").is_null(), Reason.MISSING_VALUE, "id"),
            Rule(abroad, Reason.OUTSIDE_COUNTRY, "iso3"),
            update_rule("created_at"),
            Rule(pl.col("_type").is_null(), Reason.MISSING_VALUE, "displacement_type"),
            Rule(pl.col("_role").is_null(), Reason.MISSING_VALUE, "role"),
            Rule(counted & ~parsing.is_stated(end), Reason.MISSING_VALUE, end),
            *day_rules(end, "_end", counted),
            Rule(counted & ~parsing.within_time(pl.col("_end")), Reason.DATE_OUT_OF_RANGE, end),
            *day_rules(start, "_start", counted),
            Rule(counted & (pl.col("_start") > pl.col("_end")), Reason.DATES_REVERSED, end),
            Rule(counted & ~parsing.is_stated("figure"), Reason.MISSING_VALUE, "figure"),
            *number_rules("figure", "_figure", counted),
            term_rule(counted & pl.col("_precision").is_null(), "locations_accuracy", _ACCURACIES),
        ],
    )
    # Versions come before the rules of what counts, so that a revision can take a figure out.
    key = ["source_key", "id"]
    versions = newest(
        good.kept,
        key,
        ["_type", "_role", "_start", "_end", "_figure", "_precision", "longitude", "latitude"],
    )
    # The point of a city of several townships lies in one of them.
    level = gazetteer.level_of_name(versions.kept.select(parsing.text("locations_name")).to_series())
    several = parsing.text("locations_name").str.contains(";")
    chosen = triage(
        versions.kept.with_columns(level.alias("_level")),
        [
            Rule(pl.col("_type") != CONFLICT, Reason.NOT_CONFLICT, "displacement_type"),
            Rule(pl.col("_role") != RECOMMENDED, Reason.NOT_RECOMMENDED, "role"),
            # A flow that began before the coup cannot be told apart into before and since.
            Rule(pl.min_horizontal("_start", "_end") < COUP, Reason.BEFORE_WINDOW, end),
            Rule(pl.col("_precision") == GeoPrecision.COUNTRY.value, Reason.PRECISION_COUNTRY, "locations_accuracy"),
            Rule(pl.col("_precision") == GeoPrecision.REGION.value, Reason.PRECISION_REGION, "locations_accuracy"),
            Rule(pl.col("_precision") == GeoPrecision.DISTRICT.value, Reason.PRECISION_DISTRICT, "locations_accuracy"),
            # The point of several locations is the middle between them and lies in none of them.
            Rule(several, Reason.PRECISION_REGION, "locations_name"),
            Rule(pl.col("_level").is_not_null(), Reason.PRECISION_DISTRICT, "locations_name"),
        ],
    )
    placed = place(chosen.kept, gazetteer)
    aside = [readable.set_aside, good.set_aside, versions.set_aside, chosen.set_aside, placed.set_aside]
    return Triage(_running(placed.kept), pl.concat(aside))


def _precision() -> pl.Expr:
    """The coarsest of the stated accuracies; null where one of them is not known, township where none is a level."""
    cell = parsing.text("locations_accuracy")
    levels = cell.str.extract_all(_LEVEL).list.eval(pl.element().str.extract(_LEVEL).cast(pl.Int64))
    coarsest = levels.list.min().replace_strict(
        {level: str(precision) for level, precision in _LEVELS.items()}, default=None, return_dtype=pl.String
    )
    terms = cell.str.to_lowercase().str.split(";").list.eval(pl.element().str.strip_chars())
    only_points = terms.list.eval(pl.element() == "point").list.all()
    settlements = terms.list.eval(pl.element().is_in(["point", "locality"])).list.all()
    return (
        pl.when(coarsest.is_not_null())
        .then(coarsest)
        .when(only_points)
        .then(pl.lit(str(GeoPrecision.EXACT)))
        .when(settlements)
        .then(pl.lit(str(GeoPrecision.TOWNSHIP)))
    )


def _running(frame: pl.DataFrame) -> pl.DataFrame:
    where = ["source_key", "adm3_pcode"]
    totals = (
        frame.group_by(*where, "_end")
        .agg(pl.col("_figure").sum())
        .sort(*where, "_end")
        .select(*where, "_end", pl.col("_figure").cum_sum().over(where).alias("idps_new_persons"))
    )
    return frame.join(totals, on=[*where, "_end"], how="left", validate="m:1", maintain_order="left").with_columns(
        pl.col("_end").alias("reference_date"),
        pl.lit(None, dtype=pl.Int64).alias("idps_stock_persons"),
        pl.lit(None, dtype=pl.Int64).alias("returnees_persons"),
        pl.col("_precision").alias("geo_precision"),
        parsing.moment_text("updated_at").alias("updated_at"),
    )
