"""Rules that several kinds of records share: a stated number, date or time of revision must be readable."""

from collections.abc import Iterable

import polars as pl

from pipeline.codes import Reason
from pipeline.records import values
from pipeline.records.dates import day_rules
from pipeline.records.triage import Rule


def formula_rules(*columns: str) -> list[Rule]:
    """An error of the spreadsheet in any of these cells; first among the rules, or it passes for a wrong word."""
    return [Rule(values.is_formula_error(column), Reason.FORMULA_ERROR, column) for column in columns]


def number_rules(column: str, parsed: str, applies: pl.Expr | None = None) -> list[Rule]:
    """A stated count must parse: negative or absurd numbers are out of range, the rest is not a number."""
    failed = values.is_stated(column) & pl.col(parsed).is_null() & (pl.lit(True) if applies is None else applies)
    return [
        Rule(failed & values.is_formula_error(column), Reason.FORMULA_ERROR, column),
        Rule(failed & values.is_integer(column), Reason.NUMBER_OUT_OF_RANGE, column),
        Rule(failed, Reason.INVALID_NUMBER, column),
    ]


def update_rule(column: str = "updated_at") -> Rule:
    """A stated time of revision must parse, or the newest version cannot be known."""
    unclear = values.is_stated(column) & values.moment(column, "date_format").is_null()
    return Rule(unclear, Reason.INVALID_DATE, column)


def term_rule(broken: pl.Expr, column: str, known: Iterable[object]) -> Rule:
    """A coded cell must hold one of the terms that are known; the set-aside row lists them."""
    return Rule(broken, Reason.UNKNOWN_TERM, column, known=tuple(str(term) for term in known))


def date_rules(
    start: str, end: str | None, parsed: str = "event_date", parsed_end: str = "event_date_end"
) -> list[Rule]:
    """First and last day of an event: stated, of the calendar, between 1989 and the receipt, in order.

    `end` is None for a source that states one day only. The frame has gone through `dates.doubted`.
    """
    rules = [
        *formula_rules(*(column for column in (start, end) if column)),
        Rule(~values.is_stated(start), Reason.MISSING_VALUE, start),
        *day_rules(start, parsed),
        Rule(~values.within_time(pl.col(parsed)), Reason.DATE_OUT_OF_RANGE, start, pl.col(start).cast(pl.String)),
    ]
    if end is None:
        return rules
    return [
        *rules,
        *day_rules(end, parsed_end),
        Rule(pl.col(parsed_end) < pl.col(parsed), Reason.DATES_REVERSED, end),
    ]
