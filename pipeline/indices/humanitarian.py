"""The Humanitarian Crisis Index: displaced people per township.

Its class exists only inside conflict; a figure, and a class of displacement by number and share, everywhere.
"""

from datetime import date

import polars as pl

from pipeline.declare.codes import (
    Absence,
    DisplacementChange,
    DisplacementClass,
    HumanitarianClass,
    IdpsBasis,
    Kind,
    NewIs,
)
from pipeline.declare.frames import is_outdated
from pipeline.declare.methods import DISPLACED_SHARE_HIGH, SMALLEST_SHOWN_PERSONS, Method
from pipeline.indices.frames import conform, join_all, log_score, require_known
from pipeline.indices.latest_known import by_receipt, is_own, newest_known
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.windows import grid
from pipeline.records.parsing import trusted_silence

_FIGURES = {IdpsBasis.NEW: "idps_new_persons", IdpsBasis.STOCK: "idps_stock_persons"}
_REPORT = ("delivery_id", "reference_date", "adm3_pcode")
_NO_SILENCES = pl.DataFrame(
    schema={"delivery_id": pl.String, "reference_date": pl.Date, "basis": pl.String, "adm3_pcode": pl.String,
            "persons": pl.Int64, "own_row": pl.Boolean}
)  # fmt: skip


def _reported(displacement: pl.DataFrame, column: str) -> pl.DataFrame:
    """One figure per delivery, date and township, and whether it has an `own_row`; blanks stay out.

    So does a figure that its source has revised since by its own clock, on the same basis.

    A township may receive parts of a retired code beside its own row (or parts of two retired codes): those
    are different people and are added up. Two sources in one delivery are not: the first by name that has a
    row of the township's own stands, whatever the order of the lines.
    """
    if displacement.is_empty():
        return displacement.select(*_REPORT, pl.col(column).alias("persons"), pl.lit(True).alias("own_row"))
    part = ~is_own()
    persons = pl.col("persons")
    return (
        displacement.rename({column: "persons"})
        .drop_nulls("persons")
        .with_columns(part.alias("_part"))
        .filter(~is_outdated(["adm3_pcode", "reference_date", "_part", "source"]))
        .sort(*_REPORT, "source", "row_number")
        .group_by(*_REPORT, "source", maintain_order=True)
        .agg(
            (persons.filter(part).sum() + persons.filter(~part).last().fill_null(0)).alias("persons"),
            (~part).any().alias("own_row"),
        )
        .sort(*_REPORT, "own_row", "source", descending=[False, False, False, True, False])
        .unique(_REPORT, keep="first", maintain_order=True)
        .drop("source")
    )


def _silences(displacement: pl.DataFrame, deliveries: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """Zeros of the deliveries whose silence means zero: _REPORT, persons and the basis they are zeros of.

    Only a township without any row in the delivery counts as silent: a blank figure is a township that was
    asked about and not answered. It is silent at each day that the delivery has a row for, the delivery's own
    day included: a file of monthly reports says nothing about it in any of its months.
    Where a delivery holds new displacement by period, silence adds nothing to what its source had counted before.
    """
    said_to_be_zero = deliveries.filter(
        pl.col("kind") == Kind.DISPLACEMENT.value, pl.col("absence_means") == Absence.ZERO.value
    )
    if said_to_be_zero.is_empty():
        return _NO_SILENCES
    held = displacement.group_by("delivery_id").agg(
        pl.col("reference_date").unique().sort().alias("held_days"),
        pl.col(_FIGURES[IdpsBasis.NEW]).is_not_null().any().alias("holds_new"),
    )
    own_day = pl.concat_list("reference_date")
    new, stock = pl.lit(IdpsBasis.NEW.value), pl.lit(IdpsBasis.STOCK.value)
    silent = (
        said_to_be_zero.join(held, on="delivery_id", how="left", validate="1:1")
        .select(
            "delivery_id",
            pl.coalesce(pl.concat_list(pl.col("held_days"), own_day), own_day).list.unique().alias("reference_date"),
            pl.when(pl.col("holds_new").fill_null(False)).then(new).otherwise(stock).alias("basis"),
        )
        .explode("reference_date")
        .drop_nulls("reference_date")
        .join(townships.select("adm3_pcode"), how="cross")
        .join(displacement, on=["delivery_id", "adm3_pcode"], how="anti")
        .with_columns(pl.lit(0, pl.Int64).alias("persons"), pl.lit(True).alias("own_row"))
    )
    return _counted_before(silent, displacement, deliveries)


def _counted_before(silent: pl.DataFrame, displacement: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """The silences with the running total of their source by then, for deliveries of new displacement by period."""
    if "new_is" not in deliveries.columns:
        return silent
    periods = deliveries.filter(pl.col("new_is") == NewIs.PERIOD.value).select("delivery_id", "source")
    if periods.is_empty():
        return silent
    new = _FIGURES[IdpsBasis.NEW]
    where = ["source", "adm3_pcode"]
    totals = (
        displacement.filter(is_own())
        .drop_nulls(new)
        .group_by(*where, "reference_date")
        .agg(pl.col(new).max().alias("_counted"))
        .sort("reference_date", *where)
    )
    known = (
        silent.join(periods, on="delivery_id", how="left", validate="m:1")
        .sort("reference_date", "delivery_id", "adm3_pcode")
        .join_asof(totals, on="reference_date", by=where, strategy="backward", check_sortedness=False)
    )
    return known.with_columns(pl.coalesce("_counted", "persons").alias("persons")).drop("_counted", "source")


def figures(
    displacement: pl.DataFrame, deliveries: pl.DataFrame, townships: pl.DataFrame, basis: IdpsBasis
) -> pl.DataFrame:
    """One figure per township, day and `own_row` on one basis; of two deliveries the one received last."""
    silent = _silences(displacement, deliveries, townships).filter(pl.col("basis") == basis.value)
    said = _reported(displacement, _FIGURES[basis])
    return (
        by_receipt(pl.concat([said, silent.select(said.columns)]), deliveries)
        .sort("adm3_pcode", "reference_date", "own_row", "received", "delivery_id", nulls_last=False)
        .unique(["adm3_pcode", "reference_date", "own_row"], keep="last", maintain_order=True)
        .drop("received")
    )


def in_force(
    displacement: pl.DataFrame,
    deliveries: pl.DataFrame,
    townships: pl.DataFrame,
    rows: pl.DataFrame,
    basis: IdpsBasis,
    stale_days: float,
) -> pl.DataFrame:
    """`rows` with the newest figure of one basis that is not stale.

    Columns: month, adm3_pcode, persons_*, reference_date_*, delivery_id_*.
    """
    said_by_day = figures(displacement, deliveries, townships, basis)
    said = ("persons", "reference_date", "delivery_id")
    found = newest_known(rows, said_by_day, "reference_date", stale_days, ["persons", "delivery_id"])
    return found.select("month", "adm3_pcode", pl.col(*said).name.suffix(f"_{basis}"))


def first_of(bases: tuple[IdpsBasis, ...], name: str) -> pl.Expr:
    """The column (persons, reference_date or delivery_id) of the first basis in force: bases are never added."""
    return pl.coalesce(f"{name}_{basis}" for basis in bases)


def humanitarian_class(in_conflict: pl.Expr, persons: pl.Expr, cut: float) -> pl.Expr:
    """The class of a figure of displaced people, which exists only inside conflict."""
    return (
        pl.when(in_conflict.not_())
        .then(pl.lit(HumanitarianClass.NOT_IN_CONFLICT.value))
        .when(in_conflict.is_null() | persons.is_null())
        .then(pl.lit(HumanitarianClass.INSUFFICIENT_DATA.value))
        .when(persons >= cut)
        .then(pl.lit(HumanitarianClass.HIGH.value))
        .when(persons >= 1)
        .then(pl.lit(HumanitarianClass.LOW.value))
        .otherwise(pl.lit(HumanitarianClass.NO_NEW_IDPS.value))
    )


def displacement_class(persons: pl.Expr, population: pl.Expr, cut: float) -> pl.Expr:
    """The class of a figure of displaced people by number or by share of the inhabitants; in and out of conflict.

    Without a population the number alone decides.
    """
    heavy = (persons >= cut) | (persons >= DISPLACED_SHARE_HIGH.value * population).fill_null(False)
    return (
        pl.when(persons.is_null())
        .then(pl.lit(DisplacementClass.INSUFFICIENT_DATA.value))
        .when(persons == 0)
        .then(pl.lit(DisplacementClass.NONE.value))
        .when(heavy)
        .then(pl.lit(DisplacementClass.HIGH.value))
        .otherwise(pl.lit(DisplacementClass.LOW.value))
    )


def displacement_change(series_of: list[str]) -> pl.Expr:
    """What became of the displaced people in force since the month before, by columns of published.township_index.

    The rows of a series (`series_of`: method and township) stand in the order of their months. A withheld figure is
    taken as the middle of 1 to 9, so that it is told from none and from ten.
    """
    middle = pl.lit(SMALLEST_SHOWN_PERSONS // 2)
    now = pl.when("idps_suppressed").then(middle).otherwise("idps_persons")
    before, basis = now.shift().over(series_of), pl.col("idps_basis")
    first = pl.int_range(pl.len()).over(series_of) == 0
    words = {
        DisplacementChange.NO_COMPARISON: first,
        DisplacementChange.NO_FIGURE: now.is_null() & before.is_null(),
        DisplacementChange.LAPSED: now.is_null(),
        DisplacementChange.FIRST_FIGURE: before.is_null(),
        DisplacementChange.OTHER_BASIS: basis != basis.shift().over(series_of),
        DisplacementChange.RISE: now > before,
        DisplacementChange.FALL: now < before,
    }
    change: pl.Expr = pl.lit(DisplacementChange.UNCHANGED.value)
    for word, applies in reversed(words.items()):
        change = pl.when(applies).then(pl.lit(word.value)).otherwise(change)
    return change


def humanitarian(
    displacement: pl.DataFrame,
    security_index: pl.DataFrame,
    deliveries: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    period_end: date,
) -> pl.DataFrame:
    """indices.humanitarian: the newest figure in force per month and township, its basis, class and score.

    Post-coup new displacement goes before stock even where a stock figure is newer, and the two are never
    added: a person newly displaced is part of the stock as well. Both grow stale after the method's limit.
    `delivery_id` is the delivery of the figure in force; of a zero by silence, the one that was silent.
    Raises AccountingError for a record outside the listed townships or rows that do not match the security
    index.
    """
    require_known(displacement, townships, "records.displacement")
    rows = grid(method, period_end, townships)
    stale = method.displacement_stale_days.value
    chosen = rows
    for basis in method.idps_bases:
        found = in_force(displacement, deliveries, townships, rows, basis, stale)
        chosen = chosen.join(found, on=["month", "adm3_pcode"], how="left", validate="1:1")
    conflict = security_index.filter(pl.col("method") == method.name).select(
        "method", "month", "adm3_pcode", "in_conflict"
    )
    persons = pl.col("idps_persons")
    frame = (
        join_all(chosen, conflict, "displacement and security")
        .with_columns(
            first_of(method.idps_bases, "persons").alias("idps_persons"),
            first_of(method.idps_bases, "reference_date").alias("reference_date"),
            first_of(method.idps_bases, "delivery_id").alias("delivery_id"),
            pl.coalesce(
                pl.when(pl.col(f"persons_{basis}").is_not_null()).then(pl.lit(basis.value))
                for basis in method.idps_bases
            ).alias("idps_basis"),
        )
        .with_columns(
            humanitarian_class(pl.col("in_conflict"), persons, method.idps_high.value).alias("humanitarian_class"),
            log_score(persons, method.idps_goalpost.value).alias("humanitarian_score"),
        )
        .join(townships.select("adm3_pcode", "population_persons"), on="adm3_pcode", how="left", validate="m:1")
        .with_columns(
            displacement_class(persons, pl.col("population_persons"), method.idps_high.value).alias(
                "displacement_class"
            )
        )
    )
    return conform(frame, "indices.humanitarian")


@makes(
    "indices.humanitarian",
    reads=("records.displacement", "indices.security", "records.townships", "records.set_aside"),
    checked_against=("indices.security",),
)
def humanitarian_table(
    run: RunContext,
    displacement: pl.DataFrame,
    security: pl.DataFrame,
    townships: pl.DataFrame,
    set_aside: pl.DataFrame,
) -> pl.DataFrame:
    """Humanitarian Crisis Index: newest displacement report in force, on its stated basis."""
    known = trusted_silence(run.deliveries, set_aside)
    return run.each(
        lambda method: humanitarian(
            displacement, security.filter(pl.col("method") == method.name), known, townships, method, run.last_day
        )
    )


MADE = (humanitarian_table,)
