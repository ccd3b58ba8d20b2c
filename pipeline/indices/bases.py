"""What each of the three bases says of a township: lost, contested, held or unknown.

The bases are never merged: no fighting is not the same as control. Not here: shares of territory (control.py), how
the bases disagree (disagreement.py).
"""

import polars as pl

from pipeline.codes import Basis, Controller, ControlState, SecurityClass, ServiceState

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
