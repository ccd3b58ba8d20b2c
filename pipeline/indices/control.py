"""Who controls a township, and the share of territory lost on three bases that are never merged.

The published definition reads loss off the Security Index: no fighting is not the same as control, so the other two
bases (closed offices, observed control) stand beside it.

What each of the three bases says of a township: lost, contested, held or unknown.
"""

from datetime import date

import polars as pl

from pipeline.declare.codes import (
    CONTROL_SHARES,
    NATIONAL,
    Basis,
    Controller,
    ControlState,
    Measure,
    SecurityClass,
    ServiceState,
    ShareMeasure,
)
from pipeline.declare.methods import Method
from pipeline.indices.frames import SHARE_DECIMALS, conform, join_all, require_known
from pipeline.indices.latest_known import by_receipt, is_own, newest_known, one_per_day, records_in_force
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.towns import towns_by_township
from pipeline.indices.uncertainty import UNITS, share, share_intervals, total, weights
from pipeline.indices.windows import grid

# Column of published.township_index that holds the state on the basis.
STATE_COLUMNS = {
    Basis.SECURITY_INDEX: "control_by_security",
    Basis.ADMINISTRATION: "control_by_administration",
    Basis.OBSERVED: "control_by_observation",
}
_OFFICES = ("police_station", "gad_office")


def _state(state: ControlState) -> pl.Expr:
    return pl.lit(state.value)


def by_security() -> pl.Expr:
    """The published definition: class high is lost, everything else is held; it knows nothing contested."""
    security_class = pl.col("security_class")
    return (
        pl.when(security_class == SecurityClass.HIGH.value)
        .then(_state(ControlState.LOST))
        .when(security_class == SecurityClass.INSUFFICIENT_DATA.value)
        .then(_state(ControlState.UNKNOWN))
        .otherwise(_state(ControlState.HELD))
    )


def _offices(state: ServiceState) -> list[pl.Expr]:
    return [pl.col(office).eq_missing(state.value) for office in _OFFICES]


def by_administration() -> pl.Expr:
    """Police and administration office both closed is lost, both open is held, anything between contested.

    A partly open office makes the township contested even where the other is unknown: whatever the other is, they
    are neither both closed nor both open. An open or a closed office alone decides nothing: unknown.
    """
    closed, open_, partial = (_offices(s) for s in (ServiceState.NO, ServiceState.YES, ServiceState.PARTIAL))
    return (
        pl.when(pl.all_horizontal(closed))
        .then(_state(ControlState.LOST))
        .when(pl.all_horizontal(open_))
        .then(_state(ControlState.HELD))
        .when(pl.any_horizontal(partial) | (pl.any_horizontal(closed) & pl.any_horizontal(open_)))
        .then(_state(ControlState.CONTESTED))
        .otherwise(_state(ControlState.UNKNOWN))
    )


def by_records() -> pl.Expr:
    """Observed: held by the resistance or another armed organisation is lost to the state."""
    return pl.col("control_class").replace_strict(
        {
            Controller.RESISTANCE.value: ControlState.LOST.value,
            Controller.OTHER.value: ControlState.LOST.value,
            Controller.CONTESTED.value: ControlState.CONTESTED.value,
            Controller.STATE.value: ControlState.HELD.value,
            Controller.UNKNOWN.value: ControlState.UNKNOWN.value,
        },
        return_dtype=pl.String,
    )


def differs(basis_state: pl.Expr) -> pl.Expr:
    """Whether the state on a basis is another than by the Security Index; null where either is unknown."""
    states, unknown = (basis_state, by_security()), ControlState.UNKNOWN.value
    return pl.when(pl.all_horizontal(one != unknown for one in states)).then(states[0] != states[1])


def may_be_lost(basis: Basis) -> pl.Expr:
    """Whether a township that is unknown on the basis could be lost.

    On the administration basis one office known to be open rules it out: they cannot both be closed.
    """
    if basis == Basis.ADMINISTRATION:
        return ~pl.any_horizontal(_offices(ServiceState.YES))
    return pl.lit(True)


STATES = {
    Basis.SECURITY_INDEX: by_security,
    Basis.ADMINISTRATION: by_administration,
    Basis.OBSERVED: by_records,
}


def with_states(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the state on each basis; they hold security_class, both offices and control_class."""
    return rows.with_columns(STATES[basis]().alias(column) for basis, column in STATE_COLUMNS.items())


CONFLICTS = "conflicting_records_count"
_LOST, _CONTESTED, _UNKNOWN = ControlState.LOST.value, ControlState.CONTESTED.value, ControlState.UNKNOWN.value
_POSSIBLE = "possible"  # unknown, and nothing rules out that it is lost
_COMPARED, _DIFFERS = "compared", "differs"  # known by the Security Index too, and another state there


def control(
    control: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    deliveries: pl.DataFrame,
    period_end: date,
) -> pl.DataFrame:
    """indices.control: the controller of the newest record in force per month and township, else unknown.

    Records of its day that name different controllers with equal standing make it contested.
    Control changes hands within weeks, so an old record says nothing and counts as none. `control_records_count` is
    how many records in force that controller is the newest of; one that says unknown is a record too. The shares of
    the township's area are those of the record that stands; where records of its day contradict each other there are
    none. `unknown_share` is what they leave to one.
    Raises AccountingError for a record outside the listed townships.
    """
    require_known(control, townships, "records.control")
    day, stale_days = "reference_date", method.control_stale_days.value
    records = one_per_day(control, deliveries, day, ["controller"], Controller.CONTESTED.value)
    records = _with_shares_of_day(records, control, deliveries)
    sources = deliveries.select("delivery_id", pl.col("source").alias("control_source"))
    records = records.join(sources, on="delivery_id", how="left", validate="m:1")
    keep = ["controller", *CONTROL_SHARES, "unknown_share", "control_source", CONFLICTS]
    newest = newest_known(grid(method, period_end, townships), records, day, stale_days, keep)
    found = records_in_force(newest, records, day, stale_days, "control_records_count")
    named = pl.col("controller").fill_null(Controller.UNKNOWN.value).alias("control_class")
    return conform(found.with_columns(named, pl.col(CONFLICTS).fill_null(0)), "indices.control")


def _with_shares_of_day(days: pl.DataFrame, records: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """One record a day with the shares of the newest that has any and names the controller of the day; else none."""
    place = ["adm3_pcode", "reference_date", "own_row", "controller"]
    given = pl.any_horizontal(pl.col(share).is_not_null() for share in CONTROL_SHARES)
    shares = (
        by_receipt(records.filter(given).with_columns(is_own().alias("own_row")), deliveries)
        .sort(*place, "received", "delivery_id", "row_number", nulls_last=False)
        .unique(place, keep="last", maintain_order=True)
        .select(
            *place,
            *(pl.when(pl.col(CONFLICTS) == 0).then(share).alias(share) for share in CONTROL_SHARES),
            pl.when(pl.col(CONFLICTS) == 0)
            .then((1 - pl.sum_horizontal(CONTROL_SHARES)).clip(0, 1).round(SHARE_DECIMALS))
            .alias("unknown_share"),
        )
    )
    return days.drop(CONTROL_SHARES).join(shares, on=place, how="left", validate="1:1")


_CELL = ("method", "month", "period_end", "scope", "basis")


def _shares(cells: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Shares and values of one measure from sums per cell and state.

    The running sums are rounded and the shares are their differences, so that the four rounded shares still
    sum to one and none of them turns negative. A cell without any evidence has null instead of zero for
    lost, contested and held, unknown 1 and the lower bound 0; a cell with an unknown total has only nulls.
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
        pl.col(measure.value).filter((pl.col("state") == _UNKNOWN) & pl.col("may_be_lost")).sum().alias(_POSSIBLE),
        pl.col(measure.value).filter(pl.col("differs").is_not_null()).sum().alias(_COMPARED),
        pl.col(measure.value).filter(pl.col("differs")).sum().alias(_DIFFERS),
    )
    lost, whole = pl.col(_LOST), pl.col("total")
    evidence = whole > pl.col(_UNKNOWN)
    other = whole.is_not_null() & (pl.col("basis") != Basis.SECURITY_INDEX.value)
    first = share(lost, whole)
    second = share(lost + pl.col(_CONTESTED), whole)
    third = share(lost + pl.col(_CONTESTED) + pl.col(_UNKNOWN), whole)
    return sums.with_columns(
        pl.lit(measure.value).alias("measure"),
        pl.when(evidence).then(first).alias("lost_share"),
        pl.when(evidence).then(rounded(second - first)).alias("contested_share"),
        pl.when(evidence).then(rounded(1 - third)).alias("held_share"),
        rounded(third - second).alias("unknown_share"),
        first.alias("lost_low"),
        share(lost + pl.col(_POSSIBLE), whole).alias("lost_high"),
        pl.when(evidence & whole.is_not_null()).then(unit(lost)).alias("lost_value"),
        unit(whole - pl.col(_UNKNOWN)).alias("known_value"),
        pl.when(other).then(unit(pl.col(_COMPARED))).alias("compared_value"),
        pl.when(other & (pl.col(_COMPARED) > 0)).then(unit(pl.col(_DIFFERS))).alias("differs_from_security_value"),
        unit(whole).alias("total_value"),
    ).drop(_LOST, _CONTESTED, _UNKNOWN, _POSSIBLE, _COMPARED, _DIFFERS, "total")


def territorial_control(
    security_index: pl.DataFrame,
    services_index: pl.DataFrame,
    control_index: pl.DataFrame,
    townships: pl.DataFrame,
) -> pl.DataFrame:
    """published.territorial_control: lost, contested, held and unknown by scope, basis and measure.

    Scopes are the nation and each state or region; measures are townships, km2 and persons. `lost_low` is
    what is known to be lost, `lost_high` what would be if every unknown township that may be were. The interval of
    the underlying share stands on the security basis only: the other two rest on reports and not on counts. A scope
    with a township without population figure has no share of population at all. `compared_value` is what is known
    both on another basis and by the Security Index, `differs_from_security_value` what of it is in another state.
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
        rows.with_columns(
            pl.lit(basis.value).alias("basis"),
            state().alias("state"),
            may_be_lost(basis).alias("may_be_lost"),
            differs(state()).alias("differs"),
        )
        .group_by("method", "month", "period_end", "state_region", "basis", "state", "may_be_lost", "differs")
        .agg(total(measure.value).alias(measure.value) for measure in Measure)
        for basis, state in STATES.items()
    ).rename({"state_region": "scope"})
    cells = pl.concat([by_region, by_region.with_columns(pl.lit(NATIONAL).alias("scope"))])
    shares = pl.concat([*(_shares(cells, measure) for measure in Measure), exact_area(control_index, townships)])
    intervals = share_intervals(security_index, townships, NATIONAL).with_columns(
        pl.lit(Basis.SECURITY_INDEX.value).alias("basis")
    )
    keys = ["method", "month", "scope", "basis", "measure"]
    return conform(
        shares.join(intervals, on=keys, how="left", validate="1:1", maintain_order="left"),
        "published.territorial_control",
    )


def exact_area(control_index: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """The observed basis by the area that each side itself holds, in rows like those of the other measures.

    Where a township's record gives no shares its whole area is unknown, and may be lost.
    """
    area = townships.select("adm3_pcode", "state_region", "area_km2")
    rows = control_index.join(area, on="adm3_pcode", how="left", validate="m:1")
    state, contested, resistance, other = (
        pl.when(pl.col("unknown_share").is_not_null()).then(pl.col(share).fill_null(0)).otherwise(0)
        for share in CONTROL_SHARES
    )
    sums = rows.with_columns(
        (pl.col("area_km2") * part).alias(name)
        for name, part in ((_LOST, resistance + other), (_CONTESTED, contested), (ControlState.HELD.value, state))
    )
    keys = ["method", "month", "period_end"]
    values = [total(name).alias(name) for name in (_LOST, _CONTESTED, ControlState.HELD.value)]
    values.append(total("area_km2").alias("total_value"))
    found = pl.concat(
        sums.group_by(*keys, scope.alias("scope")).agg(values) for scope in (pl.col("state_region"), pl.lit(NATIONAL))
    )
    whole = pl.col("total_value")
    known = pl.sum_horizontal(_LOST, _CONTESTED, ControlState.HELD.value)
    # Rounded running sums, as in `_shares`: the four shares sum to one.
    first, second, third = (
        (value / whole).clip(0, 1).round(SHARE_DECIMALS)
        for value in (pl.col(_LOST), pl.col(_LOST) + pl.col(_CONTESTED), known)
    )
    evidence = known > 0
    return found.select(
        *keys,
        "scope",
        pl.lit(Basis.OBSERVED.value).alias("basis"),
        pl.lit(ShareMeasure.EXACT_AREA.value).alias("measure"),
        pl.when(evidence).then(first).alias("lost_share"),
        pl.when(evidence).then((second - first).round(SHARE_DECIMALS)).alias("contested_share"),
        pl.when(evidence).then((third - second).round(SHARE_DECIMALS)).alias("held_share"),
        (1 - third).round(SHARE_DECIMALS).alias("unknown_share"),
        first.alias("lost_low"),
        (first + 1 - third).round(SHARE_DECIMALS).alias("lost_high"),
        pl.when(evidence).then(_LOST).alias("lost_value"),
        known.alias("known_value"),
        pl.lit(None, pl.Float64).alias("compared_value"),
        pl.lit(None, pl.Float64).alias("differs_from_security_value"),
        "total_value",
    )


@makes("indices.control", reads=("records.control", "records.townships"))
def control_table(run: RunContext, records: pl.DataFrame, townships: pl.DataFrame) -> pl.DataFrame:
    """Observed controller in force per township."""
    return run.each(lambda method: control(records, townships, method, run.deliveries, run.last_day))


@makes(
    "published.territorial_control",
    reads=("indices.security", "indices.services", "indices.control", "records.townships"),
    checked_against=("published.townships", "published.township_index"),
)
def territorial_control_table(
    run: RunContext,
    security: pl.DataFrame,
    services: pl.DataFrame,
    observed: pl.DataFrame,
    townships: pl.DataFrame,
) -> pl.DataFrame:
    return territorial_control(security, services, observed, townships)


@makes(
    "published.township_control",
    reads=("indices.control", "records.town_control"),
    checked_against=("published.township_index",),
)
def township_control_table(run: RunContext, observed: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Who controls each township, as observed, and how many of its towns are in other hands than the state's."""
    towns = towns_by_township(events, observed.select("month", "period_end").unique())
    counted = observed.join(towns, on=["month", "adm3_pcode"], how="left", validate="m:1").with_columns(
        pl.col("towns_recorded_count", "towns_lost_count").fill_null(0),
        pl.col("control_class").alias("controller"),
        pl.col("reference_date").alias("control_date"),
    )
    return conform(counted, "published.township_control")


MADE = (control_table, territorial_control_table, township_control_table)
