"""Signs of services: what somebody states of a township, and light at night as it was measured.

A sign is no answer of a survey and makes no class. A statement names an item (an office, electricity, communications),
its first day, its last day where it has one, and whether it points to a loss. A measurement of light is about
electricity and points nowhere by itself: what it says is worked out beside other years and townships
(analysis/signs.py). A blank figure is a township that was not seen.
"""

from collections.abc import Sequence

import polars as pl

from pipeline.declare.codes import (
    SIGN_ITEMS,
    DatePrecision,
    GeoPrecision,
    PlacedBy,
    Reason,
    SignBasis,
    SignDirection,
)
from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.records import answers, parsing
from pipeline.records.parsing import with_columns_of
from pipeline.records.placing import Gazetteer, place
from pipeline.records.review import reviewed
from pipeline.records.rules import day_rules, doubted, formula_rules, number_rules, term_rule, update_rule
from pipeline.records.triage import ROW, Rule, Triage, triage, unreadable

LIGHTS = ("lit_pixels", "ntl_sum")
_STATED = ("item", "from", "until", "sign")
_FROM_DELIVERY = ("updated_at", "delivery_id", "row_number", "file_name", "kind", "source", "received", "received_at",
                  "date_format")  # fmt: skip
_MONTH = r"^[12][0-9]{3}-[01][0-9]$"
_SEVERAL_ITEMS = r"_*[,;|+&]_*"  # as pipeline/ingest/sidecar.py splits them, between words of `parsing.term`
RADIANCE_MOST = 1e9  # more than any township shines; a sum beyond it is of other units


def shared(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns in which signs of all formats stand together; those that a format lacks are null."""
    names = (*PLACE_COLUMNS, "sign_basis", *_STATED, *LIGHTS, *_FROM_DELIVERY)
    return with_columns_of(rows, names).select(names)


def signs(canonical: pl.DataFrame, others: Sequence[Triage], gazetteer: Gazetteer) -> Triage:
    """Columns of records.signs from statements in our own columns and measurements of light.

    A cell may name several items: one record each. Of several statements of one source about one township, item and
    first day the newest holds; what is left and differs is counted as contradicting.
    """
    own = reviewed(unreadable(with_columns_of(canonical, PLACE_COLUMNS)))
    stated = own.kept.with_columns(pl.lit(SignBasis.STATEMENT.value).alias("sign_basis"))
    together = pl.concat([shared(stated), *(one.kept for one in others)])
    read = _read(together)
    placed = place(read.kept, gazetteer)
    whole = _whole_townships(placed.kept)
    found = answers.standing(whole.kept.with_columns(_said()), "from_date", ["_said"], about=_ABOUT)
    by_point = pl.col("placed_by") == str(PlacedBy.COORDINATES)
    kept = found.kept.with_columns(
        pl.when(by_point)
        .then(pl.lit(str(GeoPrecision.EXACT)))
        .otherwise(pl.lit(str(GeoPrecision.TOWNSHIP)))
        .alias("geo_precision")
    ).sort("adm3_pcode", "service_item", "from_date", "delivery_id", "row_number")
    # A row that names several items is one row of the file: it is used where one of its records stands.
    used = kept.select(ROW).unique()
    aside = pl.concat(
        [read.set_aside, placed.set_aside, whole.set_aside, found.set_aside.join(used, on=ROW, how="anti")]
    )
    steps = [own.set_aside, *(one.set_aside for one in others), aside.unique(ROW, maintain_order=True)]
    return Triage(kept, pl.concat(steps))


# What one statement or measurement is about, beside its township, day and source.
_ABOUT = ("sign_basis", "service_item", "_series")


def _said() -> list[pl.Expr]:
    """`_said`, which differing rows contradict each other in, and `_series`: measurements only within one source."""
    light = pl.col("sign_basis") != SignBasis.STATEMENT.value
    figures = pl.concat_str(
        pl.col("lit_pixels_count").cast(pl.String).fill_null("unknown"), pl.lit("|"),
        pl.col("radiance_sum").cast(pl.String).fill_null("unknown"),
    )  # fmt: skip
    return [
        pl.when(light).then(figures).otherwise("sign_direction").alias("_said"),
        pl.when(light).then("source").otherwise(pl.lit("")).alias("_series"),
        pl.col("source").alias("speaker"),
    ]


def _read(rows: pl.DataFrame) -> Triage:
    """The rows with typed days, items, direction and figures, one for each item that a row names."""
    light = pl.col("sign_basis") != SignBasis.STATEMENT.value
    by_month = pl.col("_month_only") | (pl.col("sign_basis") == SignBasis.LIGHTS_BY_MONTH.value)
    first = parsing.text("from")
    worded = rows.with_columns(
        (~light & first.str.contains(_MONTH)).fill_null(False).alias("_month_only"),
        parsing.term("item").str.replace_all(_SEVERAL_ITEMS, ",").str.split(",").alias("_items"),
        _direction("sign").alias("_sign"),
    ).with_columns(pl.when("_month_only").then(pl.concat_str(first, pl.lit("-01"))).otherwise("from").alias("from"))
    typed = worded.with_columns(
        parsing.day("from").alias("_from"),
        parsing.day("until").alias("_until"),
        parsing.whole_number("lit_pixels").alias("_lit_pixels"),
        _radiance("ntl_sum").alias("_ntl_sum"),
        (pl.when(light).then(pl.lit(["electricity"])).otherwise("_items")).alias("_items"),
    )
    typed = doubted(typed, {"from": "_from", "until": "_until"})
    strange = ~pl.col("_items").list.eval(pl.element().is_in(SIGN_ITEMS)).list.all()
    good = triage(
        typed,
        [
            *formula_rules("from", "until", "item", "sign", *LIGHTS, "updated_at", *PLACE_COLUMNS),
            Rule(~parsing.is_stated("from"), Reason.MISSING_VALUE, "from"),
            *day_rules("from", "_from"),
            *day_rules("until", "_until"),
            Rule(~parsing.within_time(pl.col("_from")), Reason.DATE_OUT_OF_RANGE, "from"),
            Rule(pl.col("_until") < pl.col("_from"), Reason.DATES_REVERSED, "until"),
            Rule(~light & pl.col("_items").is_null(), Reason.MISSING_VALUE, "item"),
            term_rule(~light & strange, "item", SIGN_ITEMS),
            Rule(~light & pl.col("_sign").is_null(), Reason.MISSING_VALUE, "sign"),
            term_rule(~light & ~pl.col("_sign").is_in(list(SignDirection)), "sign", SignDirection),
            *(rule for name in LIGHTS for rule in number_rules(name, f"_{name}")),
            update_rule(),
        ],
    )
    month, day = pl.lit(DatePrecision.MONTH.value), pl.lit(DatePrecision.DAY.value)
    year_end = pl.col("_from").dt.truncate("1y").dt.offset_by("1y").dt.offset_by("-1d")
    by_year = pl.col("sign_basis") == SignBasis.LIGHTS_BY_YEAR.value
    named = good.kept.with_columns(
        pl.when(by_year).then(pl.col("_from").dt.truncate("1y"))
        .when(by_month).then(pl.col("_from").dt.month_start())
        .otherwise("_from").alias("from_date"),
        pl.when(by_year).then(year_end)
        .when(light).then(pl.col("_from").dt.month_end())
        .otherwise("_until").alias("until_date"),
        pl.when(by_year).then(pl.lit(DatePrecision.YEAR.value)).when(by_month).then(month).otherwise(day)
        .alias("date_precision"),
        pl.col("_sign").alias("sign_direction"),
        pl.col("_lit_pixels").alias("lit_pixels_count"),
        pl.col("_ntl_sum").alias("radiance_sum"),
        pl.col("_items").list.unique(maintain_order=True).alias("service_item"),
    ).explode("service_item")  # fmt: skip
    helpers = [
        c for c in named.columns if c.startswith(("_from", "_until", "_lit", "_ntl", "_sign", "_items", "_month"))
    ]
    return Triage(named.drop(*_STATED, *LIGHTS, *helpers), good.set_aside)


def _direction(name: str) -> pl.Expr:
    """The cell as a term; "none" is one here and not a word for missing."""
    none = pl.col(name).str.strip_chars().str.to_lowercase() == SignDirection.NONE.value
    return pl.when(none).then(pl.lit(SignDirection.NONE.value)).otherwise(parsing.term(name))


def _radiance(name: str) -> pl.Expr:
    """A sum of radiance: a number that is not negative; null for any other."""
    number = parsing.decimal(name)
    return pl.when(number.is_between(0, RADIANCE_MOST)).then(number)


def _whole_townships(placed: pl.DataFrame) -> Triage:
    """Measurements of a part of a township, or of a unit of several, are set aside; statements hold for each."""
    part = pl.col("placed_by").is_in([PlacedBy.CROSSWALK.value, PlacedBy.LONGER_PCODE.value])
    light = pl.col("sign_basis") != SignBasis.STATEMENT.value
    result = triage(placed, [Rule(light & part, Reason.SEVERAL_TOWNSHIPS, "adm3_pcode", pl.col("_stated_code"))])
    return Triage(result.kept, result.set_aside.unique(ROW, maintain_order=True))
