"""What maps, lists and files show of each index: its class, or why there is none. Decided here and only read elsewhere.

A township without a clash is not called quiet because nothing is known of it. Quiet is split: displaced people live
there; events are recorded that may be clashes there; another kind of record reports from it; nobody reports.
"""

import polars as pl

from pipeline.declare.codes import Controller, HumanitarianClass, NoClass, SecurityClass, ServicesClass
from pipeline.declare.indices import BY_CUT
from pipeline.declare.methods import Method
from pipeline.indices.cut_class import cut_shown

_QUIET, _UNKNOWN = SecurityClass.NOT_IN_CONFLICT.value, SecurityClass.INSUFFICIENT_DATA.value


def _word(word: NoClass) -> pl.Expr:
    return pl.lit(word.value)


def _reports(method: Method) -> tuple[pl.Expr, ...]:
    """Whether a displacement figure, enough of a survey, and a control record report from the township."""
    return (
        pl.col("idps_persons").is_not_null() | pl.col("idps_suppressed"),
        pl.col("services_known_count") >= method.services_known_minimum.value,
        pl.col("control_class") != Controller.UNKNOWN.value,
    )


def is_reported(method: Method) -> pl.Expr:
    """Whether any record but clashes reports from the township."""
    return pl.any_horizontal(report.fill_null(False) for report in _reports(method))


def with_shown(rows: pl.DataFrame, method: Method) -> pl.DataFrame:
    """Add security_shown, humanitarian_shown, services_shown and those of the indices that are made by one cut.

    `rows` hold the classes, displaced people as disclosed, and `other_events`: the leading source places an event of
    another class there in the window. A class that rests on clashes stays: they are known, and they are floors.
    """
    hosts = (pl.col("idps_persons") > 0).fill_null(False) | pl.col("idps_suppressed")
    figure = pl.col("idps_persons").is_not_null() | pl.col("idps_suppressed")
    doubtful = (pl.col("clashes_possible_count") > 0).fill_null(False) | pl.col("other_events")
    quiet = (
        pl.when(hosts)
        .then(_word(NoClass.HOSTING_DISPLACED))
        .when(doubtful)
        .then(_word(NoClass.INSUFFICIENT_EVIDENCE))
        .when(is_reported(method))
        .then(_word(NoClass.REPORTED_QUIET))
        .otherwise(_word(NoClass.SILENT))
    )
    return rows.with_columns(
        security_shown=pl.when(pl.col("security_class") == _UNKNOWN)
        .then(pl.when(hosts).then(_word(NoClass.HOSTING_DISPLACED)).otherwise(_word(NoClass.NO_DATA)))
        .when(pl.col("security_class") == _QUIET)
        .then(quiet)
        .otherwise("security_class"),
        humanitarian_shown=_humanitarian(hosts, figure, quiet),
        services_shown=_services(hosts, quiet, method),
        **{f"{spec.name}_shown": cut_shown(spec, hosts, quiet) for spec in BY_CUT},
    )


def _humanitarian(hosts: pl.Expr, figure: pl.Expr, quiet: pl.Expr) -> pl.Expr:
    """A withheld figure is shown as withheld whatever its class; without a figure nothing is quiet."""
    code = pl.col("humanitarian_class")
    classed = ~code.is_in([HumanitarianClass.NOT_IN_CONFLICT.value, HumanitarianClass.INSUFFICIENT_DATA.value])
    return (
        pl.when(pl.col("idps_suppressed"))
        .then(_word(NoClass.WITHHELD))
        .when(classed)
        .then(code)
        .when(hosts)
        .then(_word(NoClass.HOSTING_DISPLACED))
        .when(code == HumanitarianClass.INSUFFICIENT_DATA.value)
        .then(pl.when(figure).then(_word(NoClass.INSUFFICIENT_EVIDENCE)).otherwise(_word(NoClass.NO_DATA)))
        .when(figure)
        .then(quiet)
        .otherwise(_word(NoClass.SILENT))
    )


def _services(hosts: pl.Expr, quiet: pl.Expr, method: Method) -> pl.Expr:
    """Answers on some items that are too few for a class are evidence, but not enough of it."""
    code, known = pl.col("services_class"), pl.col("services_known_count")
    classed = ~code.is_in([ServicesClass.NOT_IN_CONFLICT.value, ServicesClass.INSUFFICIENT_DATA.value])
    return (
        pl.when(classed)
        .then(code)
        .when(hosts & (code == ServicesClass.NOT_IN_CONFLICT.value))
        .then(_word(NoClass.HOSTING_DISPLACED))
        .when(known >= method.services_known_minimum.value)
        .then(
            pl.when(code == ServicesClass.NOT_IN_CONFLICT.value)
            .then(quiet)
            .otherwise(_word(NoClass.INSUFFICIENT_EVIDENCE))
        )
        .when(known > 0)
        .then(_word(NoClass.INSUFFICIENT_EVIDENCE))
        .when(code == ServicesClass.INSUFFICIENT_DATA.value)
        .then(_word(NoClass.NO_DATA))
        .otherwise(_word(NoClass.SILENT))
    )
