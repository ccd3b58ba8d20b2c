"""Rules on how sure the figures are: ranks and their intervals, bounds of the services class, states of control.

Rules of the indices that also hold for the published township table are plain names here.
"""

import polars as pl

from expectations.indices import OUTSIDE, UNKNOWN
from expectations.rule import Facts, RowRule, Section, row_rule
from pipeline.declare.codes import SERVICE_ITEMS, Controller, ControlState, SecurityClass, ServicesClass

MONTH = ("method", "month")
_BEST, _CLASS, _WORST = (pl.col(f"services_class{which}") for which in ("_best", "", "_worst"))

RANK_FOLLOWS = row_rule(
    "rank_follows_count",
    "The rank is one more than the number of townships with more clashes, and missing where the count is.",
    lambda _: ~pl.col("security_rank").eq_missing(pl.col("clashes_count").rank("min", descending=True).over(MONTH)),
)
RANK_INTERVAL = RowRule(
    "rank_interval_possible",
    "A rank lies between 1 and the number of townships with a count, and an interval runs from its low to its high.",
    lambda _: {
        "order": pl.col("security_rank_low") > pl.col("security_rank_high"),
        "beyond the last": pl.col("security_rank_high") > pl.col("clashes_count").count().over(MONTH),
        "missing": pl.any_horizontal(
            pl.col(end).is_null() != pl.col("clashes_count").is_null()
            for end in ("security_rank_low", "security_rank_high")
        ),
    },
)
SERVICES_BOUNDS = row_rule(
    "services_class_between_bounds",
    "What is severe at best is severe and what is lower at worst is lower; all three agree outside conflict and where "
    "every item is known.",
    lambda _: (
        ((_BEST == ServicesClass.SEVERE) & (_CLASS != ServicesClass.SEVERE))
        | ((_WORST == ServicesClass.LOWER) & (_CLASS != ServicesClass.LOWER))
        | ((_BEST == OUTSIDE) != (_CLASS == OUTSIDE))
        | ((_WORST == OUTSIDE) != (_CLASS == OUTSIDE))
        | ((pl.col("services_known_count") == len(SERVICE_ITEMS)) & ((_BEST != _CLASS) | (_WORST != _CLASS)))
    ),
)


def _differ(state_column: str, of: dict[ControlState, pl.Expr]) -> pl.Expr:
    return pl.any_horizontal((pl.col(state_column) == state) != condition for state, condition in of.items())


_SECURITY, _OBSERVED = pl.col("security_class"), pl.col("control_class")
CONTROL_STATES = RowRule(
    "control_states_follow",
    "The state by the Security Index and by the control record is what the class and the controller beside it say.",
    lambda _: {
        "security": _differ(
            "control_by_security",
            {ControlState.LOST: _SECURITY == SecurityClass.HIGH, ControlState.UNKNOWN: _SECURITY == UNKNOWN},
        )
        | (pl.col("control_by_security") == ControlState.CONTESTED),
        "observation": _differ(
            "control_by_observation",
            {
                ControlState.HELD: _OBSERVED == Controller.STATE,
                ControlState.CONTESTED: _OBSERVED == Controller.CONTESTED,
                ControlState.UNKNOWN: _OBSERVED == Controller.UNKNOWN,
            },
        ),
    },
)


def ends_by_count(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """One row per method, month and number of clashes: each end's least and greatest, and the least of lower counts."""
    groups, ends = [*MONTH, "clashes_count"], ("security_rank_low", "security_rank_high")
    ranges = (
        frame.drop_nulls("clashes_count")
        .group_by(groups)
        .agg(*(pl.col(e).min().name.suffix("_min") for e in ends), *(pl.col(e).max().name.suffix("_max") for e in ends))
    )
    return ranges.sort(groups).with_columns(
        pl.col(f"{e}_min").cum_min().shift(1).over(MONTH).alias(f"{e}_below") for e in ends
    )


ENDS_BY_COUNT = Section(
    (
        RowRule(
            "rank_interval_follows_count",
            "Townships with as many clashes have the same interval of ranks; more clashes never move it away from 1.",
            lambda _: {
                end: (pl.col(f"{end}_min") != pl.col(f"{end}_max"))
                | (pl.col(f"{end}_max") > pl.col(f"{end}_below")).fill_null(False)
                for end in ("security_rank_low", "security_rank_high")
            },
        ),
    ),
    ends_by_count,
)

RANKS = Section((RANK_FOLLOWS, RANK_INTERVAL))
SUITES: dict[str, tuple[Section, ...]] = {
    "indices.security": (RANKS, ENDS_BY_COUNT),
    "indices.services": (Section((SERVICES_BOUNDS,)),),
    "published.township_index": (
        Section((RANK_FOLLOWS, RANK_INTERVAL, SERVICES_BOUNDS, CONTROL_STATES)),
        ENDS_BY_COUNT,
    ),
}
