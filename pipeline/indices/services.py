"""The Public Service Provision Index: five items, each in place, partly or lost."""

from datetime import date
from fractions import Fraction

import polars as pl
from polars.expr.whenthen import ChainedThen

from pipeline.declare.codes import SERVICE_ITEMS, ServicesCertainty, ServicesClass, ServiceState
from pipeline.declare.methods import Method
from pipeline.indices.frames import SCORE_DECIMALS, SHARE_DECIMALS, conform, join_all, require_known
from pipeline.indices.latest_known import newest_known, one_per_day, records_in_force
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.windows import grid

_ITEMS = len(SERVICE_ITEMS)
# Loss in halves: sums of halves are whole numbers, so 3 of 5 lost is exactly 0.6 and not a float near it.
_HALVES = {ServiceState.YES: 0, ServiceState.PARTIAL: 1, ServiceState.NO: 2}


def _halves(item: str) -> pl.Expr:
    """Loss of one item in halves; null where it is unknown or was not asked."""
    return pl.col(item).replace_strict(
        {state.value: halves for state, halves in _HALVES.items()}, default=None, return_dtype=pl.Int64
    )


def _reaches(halves: pl.Expr, items: pl.Expr, threshold: Fraction) -> pl.Expr:
    """halves / (2 * items) >= threshold, in whole numbers."""
    return halves * threshold.denominator >= items * (2 * threshold.numerator)


def _most(known: pl.Expr, lost: pl.Expr) -> pl.Expr:
    """Halves lost if every unknown item were."""
    return lost + 2 * (_ITEMS - known)


def joined(services: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """One survey per township and day: an item that its informants answer differently is unknown."""
    return one_per_day(services, deliveries, "survey_date", SERVICE_ITEMS, ServiceState.UNKNOWN.value)


def in_force(services: pl.DataFrame, deliveries: pl.DataFrame, rows: pl.DataFrame, stale_days: float) -> pl.DataFrame:
    """`rows` with the five answers and the delivery of the newest survey that is not stale."""
    return newest_known(rows, joined(services, deliveries), "survey_date", stale_days, [*SERVICE_ITEMS, "delivery_id"])


def tallies() -> tuple[pl.Expr, pl.Expr]:
    """services_known_count, items with a known state, and lost_halves, their loss in halves."""
    items = [_halves(item) for item in SERVICE_ITEMS]
    known = pl.sum_horizontal(item.is_not_null() for item in items).cast(pl.Int64)
    return known.alias("services_known_count"), pl.sum_horizontal(items).alias("lost_halves")


def services_class(
    in_conflict: pl.Expr, halves: pl.Expr, known: pl.Expr, severe: float, known_minimum: float
) -> pl.Expr:
    """The class of a loss of `halves` over the `known` items; it exists only inside conflict.

    Where both bounds fall on one side of the cut the class is certain whatever is missing; else it takes the minimum
    of known items and goes by their mean.
    """
    cut, all_items = Fraction(str(severe)), pl.lit(_ITEMS)
    most = _most(known, halves)
    return (
        _outside(in_conflict)
        .when(_reaches(halves, all_items, cut))
        .then(pl.lit(ServicesClass.SEVERE.value))
        .when(~_reaches(most, all_items, cut))
        .then(pl.lit(ServicesClass.LOWER.value))
        .when(known < known_minimum)
        .then(pl.lit(ServicesClass.INSUFFICIENT_DATA.value))
        .when(_reaches(halves, known, cut))
        .then(pl.lit(ServicesClass.SEVERE.value))
        .otherwise(pl.lit(ServicesClass.LOWER.value))
    )


def classes_by_state(method: Method) -> dict[tuple[int, int], str]:
    """(items known, halves lost) -> class in conflict, for every state there is: 0 to 5 items known, 0 to all lost."""
    states = [(known, lost) for known in range(_ITEMS + 1) for lost in range(2 * known + 1)]
    frame = pl.DataFrame(states, schema={"known": pl.Int64, "lost": pl.Int64}, orient="row")
    of_state = services_class(
        pl.lit(True), pl.col("lost"), pl.col("known"), method.services_severe.value, method.services_known_minimum.value
    )
    return dict(zip(states, frame.select(of_state).to_series(), strict=True))


def _outside(in_conflict: pl.Expr) -> ChainedThen:
    """The start of a class: of unknown conflict nothing can be said, and outside conflict there is no class."""
    return (
        pl.when(in_conflict.is_null())
        .then(pl.lit(ServicesClass.INSUFFICIENT_DATA.value))
        .when(in_conflict.not_())
        .then(pl.lit(ServicesClass.NOT_IN_CONFLICT.value))
    )


def certainty() -> pl.Expr:
    """Whether a class of services is certain or likely; null where there is none.

    Certain is a class that both bounds give; likely one that goes by the mean of the known items, which stands for the
    unknown ones.
    """
    own = pl.col("services_class")
    both = (pl.col("services_class_best") == own) & (pl.col("services_class_worst") == own)
    return pl.when(own.is_in([ServicesClass.SEVERE.value, ServicesClass.LOWER.value])).then(
        pl.when(both).then(pl.lit(ServicesCertainty.CERTAIN.value)).otherwise(pl.lit(ServicesCertainty.LIKELY.value))
    )


def services(
    services: pl.DataFrame,
    security_index: pl.DataFrame,
    deliveries: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    period_end: date,
) -> pl.DataFrame:
    """indices.services: the newest survey in force per month and township, its loss, bounds and class.

    The worst places do not report, so an unknown item is never imputed: the bounds put all unknown items at
    their best and at their worst. Where both bounds fall on one side of the cut the class is certain
    whatever is missing; else it takes the method's minimum of known items and goes by their mean; else
    insufficient_data. The classes at both bounds stand beside it. A township without a survey has the bounds 0 and
    1, and so lower and severe. Loss is a share, 0 to 1. `delivery_id` is the delivery of the survey in force, and
    `services_records_count` how many surveys it is the newest of.
    Raises AccountingError for a record outside the listed townships or rows that do not match the security
    index.
    """
    require_known(services, townships, "records.services")
    stale_days = method.services_stale_days.value
    found = records_in_force(
        in_force(services, deliveries, grid(method, period_end, townships), stale_days),
        joined(services, deliveries),
        "survey_date",
        stale_days,
        "services_records_count",
    )
    conflict = security_index.filter(pl.col("method") == method.name).select(
        "method", "month", "adm3_pcode", "in_conflict"
    )
    known, lost = pl.col("services_known_count"), pl.col("lost_halves")
    inside = pl.col("in_conflict")
    cut = Fraction(str(method.services_severe.value))
    severe, lower = pl.lit(ServicesClass.SEVERE.value), pl.lit(ServicesClass.LOWER.value)
    most = _most(known, lost)
    all_items = pl.lit(_ITEMS)
    frame = (
        join_all(found, conflict, "services and security")
        .with_columns(tallies())
        .with_columns(
            pl.when(known > 0).then((lost / (2 * known)).round(SHARE_DECIMALS)).alias("services_lost_score"),
            (lost / (2 * _ITEMS)).round(SHARE_DECIMALS).alias("services_lost_min"),
            (most / (2 * _ITEMS)).round(SHARE_DECIMALS).alias("services_lost_max"),
            pl.when(known > 0).then((100 * lost / (2 * known)).round(SCORE_DECIMALS)).alias("services_score"),
            services_class(
                inside, lost, known, method.services_severe.value, method.services_known_minimum.value
            ).alias("services_class"),
            _outside(inside)
            .when(_reaches(lost, all_items, cut))
            .then(severe)
            .otherwise(lower)
            .alias("services_class_best"),
            _outside(inside)
            .when(_reaches(most, all_items, cut))
            .then(severe)
            .otherwise(lower)
            .alias("services_class_worst"),
        )
    )
    return conform(frame.with_columns(certainty().alias("services_certainty")), "indices.services")


@makes(
    "indices.services",
    reads=("records.services", "indices.security", "records.townships"),
    checked_against=("indices.security",),
)
def services_table(
    run: RunContext, answers: pl.DataFrame, security: pl.DataFrame, townships: pl.DataFrame
) -> pl.DataFrame:
    """Public Service Provision Index: loss over five items with bounds for the unknown ones."""
    return run.each(
        lambda method: services(
            answers, security.filter(pl.col("method") == method.name), run.deliveries, townships, method, run.last_day
        )
    )


MADE = (services_table,)
