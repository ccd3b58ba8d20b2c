"""Who controls a township, and the share of territory lost on three bases that are never merged.

The published definition reads loss off the Security Index: no fighting is not the same as control, so the
other two bases (closed offices, observed control) stand beside it. Not here: classes of the indices.
"""

from datetime import date

import polars as pl

from pipeline.codes import Basis, Controller, Measure, SecurityClass, ServiceState
from pipeline.indices.frames import conform, join_all, require_known
from pipeline.indices.in_force import newest_known, one_per_day
from pipeline.indices.scores import SHARE_DECIMALS
from pipeline.indices.weights import UNITS, share, total, weights
from pipeline.indices.windows import grid
from pipeline.methods import Method

NATIONAL = "national"
_LOST, _CONTESTED, _HELD, _UNKNOWN = "lost", "contested", "held", "unknown"


def control(
    control: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    deliveries: pl.DataFrame,
    period_end: date,
) -> pl.DataFrame:
    """indices.control: the controller of the newest record in force per month and township, else unknown.

    Control changes hands within weeks, so an old record says nothing and counts as none.
    Raises AccountingError for a record outside the listed townships.
    """
    require_known(control, townships, "records.control")
    found = newest_known(
        grid(method, period_end, townships),
        one_per_day(control, deliveries, "reference_date"),
        "reference_date",
        method.control_stale_days.value,
        ["controller"],
    )
    named = pl.col("controller").fill_null(Controller.UNKNOWN.value).alias("control_class")
    return conform(found.with_columns(named), "indices.control")


def _by_security() -> pl.Expr:
    """The published definition: class high is lost, everything else is held; it knows nothing contested."""
    state = pl.col("security_class")
    return (
        pl.when(state == SecurityClass.HIGH.value)
        .then(pl.lit(_LOST))
        .when(state == SecurityClass.INSUFFICIENT_DATA.value)
        .then(pl.lit(_UNKNOWN))
        .otherwise(pl.lit(_HELD))
    )


def _by_administration() -> pl.Expr:
    """Police and administration office both closed is lost, both open is held, anything between contested.

    Where only one of them is known it decides if it is partial (contested, whatever the other is); an open
    or a closed one alone leaves the township unknown.
    """
    offices = (pl.col("police_station"), pl.col("gad_office"))

    def both(state: ServiceState) -> pl.Expr:
        return pl.all_horizontal(office.eq_missing(state.value) for office in offices)

    def one(state: ServiceState) -> pl.Expr:
        return pl.any_horizontal(office.eq_missing(state.value) for office in offices)

    return (
        pl.when(both(ServiceState.NO))
        .then(pl.lit(_LOST))
        .when(both(ServiceState.YES))
        .then(pl.lit(_HELD))
        .when(one(ServiceState.PARTIAL) | (one(ServiceState.NO) & one(ServiceState.YES)))
        .then(pl.lit(_CONTESTED))
        .otherwise(pl.lit(_UNKNOWN))
    )


def _by_records() -> pl.Expr:
    """Observed: held by the resistance or another armed organisation is lost to the state."""
    return pl.col("control_class").replace_strict(
        {
            Controller.RESISTANCE.value: _LOST,
            Controller.OTHER.value: _LOST,
            Controller.CONTESTED.value: _CONTESTED,
            Controller.STATE.value: _HELD,
            Controller.UNKNOWN.value: _UNKNOWN,
        },
        return_dtype=pl.String,
    )


_STATES = {
    Basis.SECURITY_INDEX: _by_security,
    Basis.ADMINISTRATION: _by_administration,
    Basis.OBSERVED: _by_records,
}
_CELL = ("method", "month", "period_end", "scope", "basis")


def _shares(cells: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Shares and values of one measure from sums per cell and state.

    The running sums are rounded and the shares are their differences, so that the four rounded shares still
    sum to one and none of them turns negative. A cell without any evidence has null instead of zero for
    lost, contested and held, unknown 1 and bounds 0 and 1; a cell with an unknown total has only nulls.
    """

    def state(name: str) -> pl.Expr:
        return pl.col(measure.value).filter(pl.col("state") == name).sum()

    def unit(value: pl.Expr) -> pl.Expr:
        return value / UNITS[measure]

    def rounded(value: pl.Expr) -> pl.Expr:
        return value.round(SHARE_DECIMALS)

    # A group whose figures are missing was summed to null, so null here means that the total is unknown.
    sums = cells.group_by(_CELL).agg(
        pl.when(pl.col(measure.value).null_count() == 0).then(pl.col(measure.value).sum()).alias("total"),
        *(state(name).alias(name) for name in (_LOST, _CONTESTED, _UNKNOWN)),
    )
    lost, whole = pl.col(_LOST), pl.col("total")
    evidence = whole > pl.col(_UNKNOWN)
    first = share(lost, whole)
    second = share(lost + pl.col(_CONTESTED), whole)
    third = share(lost + pl.col(_CONTESTED) + pl.col(_UNKNOWN), whole)
    return (
        sums.with_columns(
            pl.lit(measure.value).alias("measure"),
            pl.when(evidence).then(first).alias("lost_share"),
            pl.when(evidence).then(rounded(second - first)).alias("contested_share"),
            pl.when(evidence).then(rounded(1 - third)).alias("held_share"),
            rounded(third - second).alias("unknown_share"),
            first.alias("lost_low"),
            pl.when(evidence & whole.is_not_null()).then(unit(lost)).alias("lost_value"),
            unit(whole - pl.col(_UNKNOWN)).alias("known_value"),
            unit(whole).alias("total_value"),
        )
        .with_columns(rounded(pl.col("lost_low") + pl.col("unknown_share")).alias("lost_high"))
        .drop(_LOST, _CONTESTED, _UNKNOWN, "total")
    )


def territorial_control(
    security_index: pl.DataFrame,
    services_index: pl.DataFrame,
    control_index: pl.DataFrame,
    townships: pl.DataFrame,
) -> pl.DataFrame:
    """published.territorial_control: lost, contested, held and unknown by scope, basis and measure.

    Scopes are the nation and each state or region; measures are townships, km2 and persons. `lost_low` is
    what is known to be lost, `lost_high` what would be if every township without evidence were. A scope
    with a township without population figure has no share of population at all.
    Takes the rows of every method that the three frames hold, which must be the same rows.
    """
    rows = join_all(
        security_index,
        services_index.select("method", "month", "adm3_pcode", "police_station", "gad_office"),
        "security and services",
    )
    controllers = control_index.select("method", "month", "adm3_pcode", "control_class")
    rows = join_all(rows, controllers, "security and control").join(
        weights(townships), on="adm3_pcode", how="left", validate="m:1"
    )
    by_region = pl.concat(
        rows.with_columns(pl.lit(basis.value).alias("basis"), state().alias("state"))
        .group_by("method", "month", "period_end", "state_region", "basis", "state")
        .agg(total(measure.value).alias(measure.value) for measure in Measure)
        for basis, state in _STATES.items()
    ).rename({"state_region": "scope"})
    cells = pl.concat([by_region, by_region.with_columns(pl.lit(NATIONAL).alias("scope"))])
    return conform(pl.concat(_shares(cells, measure) for measure in Measure), "published.territorial_control")
