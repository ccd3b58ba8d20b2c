"""Rules on raw tables: is every delivery here whole, readable and about what it claims to be about?

Raw tables are text that mirrors a file, so nothing is said about values; that is for the records. Unreadable
lines stand in the table with `problem` filled, or are stated in Facts.rejected_rows.
"""

import polars as pl

from expectations.rule import (
    TOWNSHIPS_COUNT,
    BandRule,
    Facts,
    Prepare,
    RowRule,
    Rule,
    Section,
    row_rule,
    warn_if,
)
from pipeline.declare.codes import Kind, Severity
from pipeline.declare.formats import BOUNDARY_FORMAT, PLACE_COLUMNS, SHAPE_FORMATS
from pipeline.sources import BY_NAME, of_kind

UNREADABLE_LIMIT_SHARE = 0.05  # a file that is mangled beyond one row in twenty was exported wrongly
COORDINATES_LEAST_SHARE = 0.98  # the source places every event, if only at the middle of a region
REPEATED_KEYS = "repeated_keys"  # no table: the keys that stand in several rows, where these come in batches
TOWNSHIPS_LEAST_COUNT = 200  # a countrywide displacement report lists most townships, blank or not

# A list of deletions holds no events, so it may be empty.
CLASH_FORMATS = tuple(known.name for known in of_kind(Kind.CLASHES) if not known.deletions)
# A list of flows names the places that people fled, never the whole country.
DISPLACEMENT_FORMATS = tuple(known.name for known in of_kind(Kind.DISPLACEMENT) if not known.flows)


def _filled(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.strip_chars().replace("", None).is_not_null()


def _readable(frame: pl.DataFrame) -> pl.Expr:
    return pl.col("problem").is_null() if "problem" in frame.columns else pl.lit(True)


def _per_delivery(format_name: str) -> Prepare:
    """One row per delivery of the format, also where it left no row in the table."""

    def prepare(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame:
        counts = [
            pl.len().cast(pl.Int64).alias("rows_found"),
            (~_readable(frame)).sum().alias("problem_rows"),
        ]
        if format_name in (*DISPLACEMENT_FORMATS, BOUNDARY_FORMAT):
            places = [pl.col(c).str.strip_chars().str.to_uppercase() for c in PLACE_COLUMNS if c in frame.columns]
            counts.append(pl.struct(places).filter(_readable(frame)).n_unique().alias("places_count"))
        if format_name == BOUNDARY_FORMAT:
            known = pl.col("adm3_pcode").str.strip_chars().str.to_uppercase()
            counts.append(known.filter(known.is_in(list(facts.codes))).n_unique().alias("known_count"))
        found = frame.group_by(pl.col("delivery_id").cast(pl.String)).agg(counts)
        expected = pl.DataFrame(
            {"delivery_id": [d for d in facts.rows_count if facts.formats.get(d) == format_name]},
            schema={"delivery_id": pl.String},
        )
        stated = {
            "rows_stated": facts.rows_count,
            "rows_rejected": facts.rejected_rows,
            "rows_repeated": facts.repeated_rows,
        }
        deliveries = expected.join(found, on="delivery_id", how="full", coalesce=True, validate="1:1")
        return (
            deliveries.with_columns(
                pl.col("rows_found", "problem_rows").fill_null(0),
                *(
                    pl.col("delivery_id").replace_strict(dict(of), default=None, return_dtype=pl.Int64).alias(name)
                    for name, of in stated.items()
                ),
            )
            .with_columns(pl.col("rows_rejected", "rows_repeated").fill_null(0))
            .sort("delivery_id")
        )

    return prepare


def _delivery_rules(format_name: str) -> tuple[Rule, ...]:
    total = pl.col("rows_found") + pl.col("rows_rejected") + pl.col("rows_repeated")
    unreadable = pl.col("problem_rows") + pl.col("rows_rejected")
    empty_is = Severity.CRITICAL if format_name in CLASH_FORMATS else Severity.WARNING
    rules: list[Rule] = [
        row_rule(
            "rows_as_delivered",
            "Every line that was received is in the table, or counted as unreadable or as repeated word for word.",
            lambda _: total != pl.col("rows_stated"),
        ),
        row_rule(
            "delivery_not_empty",
            "A delivery without rows says nothing, and silence must not read as peace.",
            lambda _: pl.col("rows_found") + pl.col("rows_repeated") - pl.col("problem_rows") <= 0,
            empty_is,
        ),
        row_rule(
            "mostly_readable",
            "More than 5 % unreadable lines mean a broken export; send it again.",
            lambda _: unreadable > UNREADABLE_LIMIT_SHARE * total,
        ),
    ]
    if format_name in DISPLACEMENT_FORMATS:
        rules.append(
            row_rule(
                "covers_the_country",
                "Partial file: fewer than 200 of 330 townships have a row, blank or not. Send the whole "
                "file, or declare its coverage in the sidecar.",
                lambda f: (
                    (pl.col("places_count").fill_null(0) < TOWNSHIPS_LEAST_COUNT)
                    & ~pl.col("delivery_id").is_in(list(f.declared_coverage))
                ),
            )
        )
    if format_name == BOUNDARY_FORMAT:
        rules.append(
            row_rule(
                "all_townships_drawn",
                "A boundary file draws each of the 330 townships of the list once; an older layer has "
                "other townships under the same codes.",
                lambda f: (
                    (
                        (pl.col("known_count").fill_null(0) != TOWNSHIPS_COUNT)
                        | (pl.col("rows_found") != TOWNSHIPS_COUNT)
                    )
                    if f.codes
                    else None
                ),
            )
        )
    return tuple(rules)


def _row_rules(format_name: str) -> tuple[Rule, ...]:
    line = ("delivery_id", "row_number")
    rules: list[Rule] = [
        row_rule(
            "line_unique",
            "Delivery and line number name one row: every later account rests on it.",
            lambda _: pl.struct(line).is_duplicated(),
        ),
        RowRule(
            "line_filled",
            "Every row says from which delivery and line it comes.",
            lambda _: {name: pl.col(name).is_null() for name in line},
        ),
    ]
    known = BY_NAME.get(format_name)
    if known and known.key:
        key = known.key
        rules.append(
            warn_if(
                "event_once",
                "An event stands once in a file; a repeated id is set aside, and many mean a faulty merge.",
                lambda f: pl.when(pl.all_horizontal(map(_filled, key))).then(_stands_again(("delivery_id", *key), f)),
            )
        )
    if known and known.located:
        rules.append(
            BandRule(
                "coordinates_present",
                "The source gives coordinates for every event; without them rows end up unplaced.",
                "mean",
                lambda _: (_filled("latitude") & _filled("longitude")).cast(pl.Float64),
                low=COORDINATES_LEAST_SHARE,
            )
        )
    return tuple(rules)


def _stands_again(key: tuple[str, ...], facts: Facts) -> pl.Expr:
    """Whether a key stands in several rows: of a table in batches those that do are known before."""
    known = facts.related.get(REPEATED_KEYS)
    if known is None:
        return pl.struct(key).is_duplicated()
    return pl.struct(key).is_in(known.select(pl.struct(key)).to_series().implode())


SUITES: dict[str, tuple[Section, ...]] = {
    f"raw.{name}": (
        Section(_row_rules(name)),
        Section(_delivery_rules(name), _per_delivery(name), ("delivery_id", "problem")),
    )
    for name in (*SHAPE_FORMATS, *BY_NAME)
}
