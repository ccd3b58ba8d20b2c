"""Rules that several kinds of records share: a stated number, date or time of revision must be readable.

Dates that cannot be trusted though each of them can be read, and the format that would read those that cannot.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.declare.formats import DATE_FORMATS
from pipeline.records import parsing
from pipeline.records.triage import Rule

# Day and month as bare numbers: which is which cannot be seen where neither is above 12.
_NUMBERS = r"^([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{4}|[0-9]{2})$"
_YEAR = "^[0-9]{4}-"
_SERIAL = r"^[0-9]{5}(\.[0-9]+)?$"
# In a column that was typed, two days in five are days up to the 12th, in texts and in date cells alike. A column is
# taken for exchanged where hardly any text is of such a day and most date cells are, unless the months speak against
# it. A few stray texts beside many date cells say nothing.
TELLING_LEAST_SHARE = 0.9
EARLY_MOST_SHARE = 0.5
NUMBERS_LEAST_SHARE = 0.1
MONTHS_SPEAK_SHARE = 0.25


def doubted(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """The frame with `<parsed>_doubtful` for each raw column -> its parsed date: day and month may be exchanged.

    Judged by delivery. Two signs count. Dates in bare numbers stand beside converted ones (date cells, or dates with
    the month in words), the numbers nearly all with a part above 12 and the converted ones mostly of a day up to the
    12th: those of a day up to the 12th are doubtful. Or the numbers with a part above 12 tell another order than the
    declared one: those that can be read both ways are. A date of equal day and month is the same either way.
    """
    # Next to all dates begin with a year, as no bare numbers do; to look closer costs ten times as much.
    other = frame.select((~pl.col(c).cast(pl.String).str.contains(_YEAR)).any() for c in columns).row(0, named=True)
    odd = [column for column in columns if other[column]]
    bare = frame.select(_is_bare(column).any().alias(column) for column in odd).row(0, named=True) if odd else {}
    frame = frame.with_columns(pl.lit(False).alias(f"{parsed}_doubtful") for parsed in columns.values())
    for column, parsed in columns.items():
        if not bare.get(column):
            continue
        cells = frame.select(
            "delivery_id",
            pl.col(parsed).alias("date"),
            pl.col("date_format").str.starts_with("%d").alias("day_first"),
            parsing.written_date(column).str.extract_groups(_NUMBERS).alias("_parts"),
        ).unnest("_parts")
        first, second, year = (pl.col(part).cast(pl.Int64) for part in ("1", "2", "3"))
        cells = cells.with_columns(
            first.alias("first"), second.alias("second"), (year % 100).alias("year"), first.is_not_null().alias("bare")
        )
        frame = frame.with_columns(_judged(cells).alias(f"{parsed}_doubtful"))
    return frame


def _is_bare(column: str) -> pl.Expr:
    return parsing.written_date(column).str.contains(_NUMBERS)


def has_bare_dates(frame: pl.DataFrame, columns: Iterable[str]) -> bool:
    """Whether a date is written in bare numbers: only then does it depend on the other rows whether it is doubted."""
    return any(frame.select(_is_bare(column).any()).item() for column in columns if column in frame.columns)


def _judged(cells: pl.DataFrame) -> pl.Series:
    bare, date = pl.col("bare"), pl.col("date")
    above = (pl.col("first") > 12).cast(pl.Int8) + (pl.col("second") > 12).cast(pl.Int8)
    month = pl.min_horizontal("first", "second")
    known = cells.with_columns(
        (bare & (above == 1) & (pl.max_horizontal("first", "second") <= 31)).fill_null(False).alias("telling"),
        (~bare & date.is_not_null()).alias("converted"),
    ).with_columns(
        (pl.col("converted") & (date.dt.day() <= 12)).fill_null(False).alias("early"),
        pl.when("telling").then(pl.col("year") * 12 + month).alias("month_told"),
        *(
            pl.when("converted").then(date.dt.year() % 100 * 12 + part).alias(name)
            for name, part in (("as_month", date.dt.month()), ("as_day", date.dt.day()))
        ),
    )
    told = known.select("delivery_id", "month_told").drop_nulls().unique()
    for name in ("as_month", "as_day"):
        fits = told.rename({"month_told": name}).with_columns(pl.lit(True).alias(f"{name}_fits"))
        known = known.join(fits, on=["delivery_id", name], how="left", validate="m:1", maintain_order="left")

    def count(what: pl.Expr) -> pl.Expr:
        return what.fill_null(False).sum().over("delivery_id").cast(pl.Float64)

    telling, converted = pl.col("telling"), pl.col("converted")
    speak = (count(pl.col("as_month_fits")) - count(pl.col("as_day_fits"))) / count(converted)
    exchanged = (
        (count(bare) >= NUMBERS_LEAST_SHARE * count(bare | converted))
        & (count(bare) > 0)
        & (count(telling) >= TELLING_LEAST_SHARE * count(bare))
        & (count(pl.col("early")) > EARLY_MOST_SHARE * count(converted))
        & (speak < MONTHS_SPEAK_SHARE)
    )
    against = telling & (pl.col("day_first") != (pl.col("first") > 12)) & date.is_null()
    other_order = count(against) > (1 - TELLING_LEAST_SHARE) * count(telling)
    both_ways = bare & date.is_not_null() & (above == 0) & (pl.col("first") != pl.col("second"))
    doubtful = (exchanged & pl.col("early") & (date.dt.day() != date.dt.month())) | (other_order & both_ways)
    return known.select(doubtful.fill_null(False)).to_series()


def day_rules(column: str, parsed: str, applies: pl.Expr | None = None) -> list[Rule]:
    """A stated day must be of the calendar and not in doubt; `applies` limits the rows that must."""
    stated = parsing.is_stated(column) & (pl.lit(True) if applies is None else applies)
    return [
        Rule(stated & pl.col(parsed).is_null(), Reason.INVALID_DATE, column, unread(column), (), column, parsed),
        Rule(stated & pl.col(f"{parsed}_doubtful"), Reason.AMBIGUOUS_DATE, column, filled=column),
    ]


def unread(column: str) -> pl.Expr:
    """What was found in cells that were not read, with the declared format that would read most of them.

    A frame of its own, step by step, as in `parsing.day`.
    """

    def told(cells: pl.Series) -> pl.Series:
        frame = cells.struct.unnest()
        read = frame.select(
            "delivery_id",
            *(parsing.in_format(pl.col("written"), known).is_not_null().alias(known) for known in DATE_FORMATS),
        )
        counts = read.select(pl.col(known).sum().over("delivery_id") for known in DATE_FORMATS)
        most = counts.max_horizontal()
        fits = read.select(pl.col(known) & (counts[known] == most) for known in DATE_FORMATS)
        named = fits.select(
            pl.concat_list(pl.when(known).then(pl.lit(f'"{known}"')) for known in DATE_FORMATS)
            .list.drop_nulls()
            .list.head(2)
            .list.join(" or ")
            .alias("named")
        )
        cell = pl.col("cell").str.slice(0, 30)
        return (
            frame.with_columns(named["named"])
            .select(
                pl.when(pl.col("named") != "")
                .then(pl.concat_str(cell, pl.lit(" (read with date_format = "), "named", pl.lit(")")))
                .when(pl.col("cell").str.contains(_SERIAL))
                .then(pl.concat_str(cell, pl.lit(" (a spreadsheet's serial number: format it as a date)")))
                .otherwise("cell")
            )
            .to_series()
        )

    return pl.struct(
        "delivery_id", parsing.written_date(column).alias("written"), pl.col(column).cast(pl.String).alias("cell")
    ).map_batches(told, return_dtype=pl.String)


def formula_rules(*columns: str) -> list[Rule]:
    """An error of the spreadsheet in any of these cells; first among the rules, or it passes for a wrong word."""
    return [Rule(parsing.is_formula_error(column), Reason.FORMULA_ERROR, column, filled=column) for column in columns]


def number_rules(column: str, parsed: str, applies: pl.Expr | None = None) -> list[Rule]:
    """A stated count must parse: negative or absurd numbers are out of range, the rest is not a number."""
    failed = parsing.is_stated(column) & pl.col(parsed).is_null() & (pl.lit(True) if applies is None else applies)
    return [
        Rule(broken, reason, column, filled=column, unread=parsed)
        for broken, reason in (
            (failed & parsing.is_formula_error(column), Reason.FORMULA_ERROR),
            (failed & parsing.is_integer(column), Reason.NUMBER_OUT_OF_RANGE),
            (failed, Reason.INVALID_NUMBER),
        )
    ]


def update_rule(column: str = "updated_at") -> Rule:
    """A stated time of revision must parse, or the newest version cannot be known."""
    unclear = parsing.is_stated(column) & parsing.moment(column, "date_format").is_null()
    return Rule(unclear, Reason.INVALID_DATE, column, filled=column)


def term_rule(broken: pl.Expr, column: str, known: Iterable[object]) -> Rule:
    """A coded cell must hold one of the terms that are known; the set-aside row lists them."""
    return Rule(broken, Reason.UNKNOWN_TERM, column, known=tuple(str(term) for term in known))


def date_rules(
    start: str, end: str | None, parsed: str = "event_date", parsed_end: str = "event_date_end"
) -> list[Rule]:
    """First and last day of an event: stated, of the calendar, between 1989 and the receipt, in order.

    `end` is None for a source that states one day only. The frame has gone through `doubted`.
    """
    rules = [
        *formula_rules(*(column for column in (start, end) if column)),
        Rule(~parsing.is_stated(start), Reason.MISSING_VALUE, start),
        *day_rules(start, parsed),
        Rule(~parsing.within_time(pl.col(parsed)), Reason.DATE_OUT_OF_RANGE, start, pl.col(start).cast(pl.String)),
    ]
    if end is None:
        return rules
    return [
        *rules,
        *day_rules(end, parsed_end),
        Rule(pl.col(parsed_end) < pl.col(parsed), Reason.DATES_REVERSED, end),
    ]
