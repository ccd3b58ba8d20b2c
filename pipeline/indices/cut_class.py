"""The class of an index whose whole rule is one cut of one quantity (`IndexSpec.cut`), and what is shown of it."""

from collections.abc import Sequence

import polars as pl

from pipeline.declare.codes import NoClass, SecurityClass
from pipeline.declare.indices import IndexSpec
from pipeline.declare.tables import TABLES

_OUTSIDE, _UNKNOWN = SecurityClass.NOT_IN_CONFLICT.value, SecurityClass.INSUFFICIENT_DATA.value  # of every index
KEY = ["method", "month", "adm3_pcode"]


def cut_class(spec: IndexSpec, in_conflict: pl.Expr, quantity: pl.Expr, cut: float) -> pl.Expr:
    """The worst class from `cut` on and the milder one below; it exists only inside conflict.

    insufficient_data where the quantity is not known inside conflict, or conflict is not.
    """
    outside, milder, worst = spec.order
    return (
        pl.when(in_conflict.is_null())
        .then(pl.lit(_UNKNOWN))
        .when(in_conflict.not_())
        .then(pl.lit(outside.value))
        .when(quantity.is_null())
        .then(pl.lit(_UNKNOWN))
        .when(quantity >= cut)
        .then(pl.lit(worst.value))
        .otherwise(pl.lit(milder.value))
    )


def cut_shown(spec: IndexSpec, hosts: pl.Expr, quiet: pl.Expr) -> pl.Expr:
    """What is shown of the index: its class, or why there is none.

    `hosts` is where displaced people live, `quiet` what is said of a township without a clash on which there are
    records. Without a figure nothing is quiet.
    """
    code, figure = pl.col(spec.column), pl.col(spec.quantity).is_not_null()
    return (
        pl.when(~code.is_in([_OUTSIDE, _UNKNOWN]))
        .then(code)
        .when(hosts & (code == _OUTSIDE))
        .then(pl.lit(NoClass.HOSTING_DISPLACED.value))
        .when(code == _UNKNOWN)
        .then(
            pl.when(figure).then(pl.lit(NoClass.INSUFFICIENT_EVIDENCE.value)).otherwise(pl.lit(NoClass.NO_DATA.value))
        )
        .when(figure)
        .then(quiet)
        .otherwise(pl.lit(NoClass.SILENT.value))
    )


def published_columns(table: str, frame: pl.DataFrame, taken: Sequence[str]) -> pl.DataFrame:
    """The columns of an index's table that township_index publishes, beside their key, and that nobody else gives."""
    wanted = TABLES[table].columns
    return frame.select(name for name in frame.columns if name in KEY or (name in wanted and name not in taken))
