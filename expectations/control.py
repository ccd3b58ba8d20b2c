"""Rules on published.territorial_control: shares are parts of one whole, regions make up the nation."""

import polars as pl

from expectations.rule import REGIONS_COUNT, Facts, RowRule, Section, related, row_rule
from pipeline.declare.codes import CONTROL_SHARES, Basis, Controller, ControlState, Measure, Severity, ShareMeasure
from pipeline.declare.methods import INTERVAL_SHARE

TOLERANCE = 1e-9
ROUNDING = 1e-6  # shares are published with six decimals
STEPS = 1e-3  # ends of an interval of area or people carry the rounding of its steps
TAIL = (1 - INTERVAL_SHARE.value) / 2

_BY_COUNTS = pl.col("basis") == Basis.SECURITY_INDEX
_EXACT = pl.col("measure") == ShareMeasure.EXACT_AREA
_COMPARED, _DIFFERS = pl.col("compared_value"), pl.col("differs_from_security_value")
_ENDS = ("lost_interval_low", "lost_interval_high")

TERRITORIAL_CONTROL = Section(
    (
        row_rule(
            "shares_sum_to_one",
            "Lost, contested, held and unknown together are everything.",
            lambda _: (
                (
                    pl.col("lost_share")
                    + pl.col("contested_share")
                    + pl.col("held_share")
                    + pl.col("unknown_share")
                    - 1
                ).abs()
                > TOLERANCE
            ),
        ),
        row_rule(
            "nothing_known_is_said",
            "Where nothing is known everything is unknown, and nothing is lost for certain.",
            lambda _: (
                pl.col("lost_share").is_null()
                & pl.col("total_value").is_not_null()
                & ~((pl.col("unknown_share") == 1) & (pl.col("lost_low") == 0)).fill_null(False)
            ),
        ),
        row_rule(
            "unknown_may_be_lost",
            "Beyond what is lost only the unknown may be, and all of it unless an open office rules it out.",
            lambda _: (
                (pl.col("lost_high") > pl.col("lost_low") + pl.col("unknown_share") + 2 * ROUNDING)
                | (
                    (pl.col("basis") != Basis.ADMINISTRATION)
                    & (pl.col("lost_high") < pl.col("lost_low") + pl.col("unknown_share") - 2 * ROUNDING)
                )
            ),
        ),
        RowRule(
            "counts_give_an_interval",
            "The Security Index has an interval of its underlying share wherever the total is known; no other basis.",
            lambda _: {
                end: pl.col(end).is_null() == (_BY_COUNTS & (pl.col("total_value") > 0).fill_null(False))
                for end in _ENDS
            },
        ),
        RowRule(
            "expected_share_in_interval",
            "The expected share lies in its interval, or outside it by no more than what the interval leaves out.",
            lambda _: {
                "order": pl.col(_ENDS[0]) > pl.col(_ENDS[1]) + TOLERANCE,
                "below": pl.col("lost_expected_share") < (1 - TAIL) * pl.col(_ENDS[0]) - STEPS,
                "above": pl.col("lost_expected_share") > pl.col(_ENDS[1]) + TAIL * (1 - pl.col(_ENDS[1])) + STEPS,
            },
        ),
        row_rule(
            "interval_in_order",
            "The lower end of an interval is not above its upper end.",
            lambda _: pl.col("lost_low") > pl.col("lost_high") + TOLERANCE,
        ),
        row_rule(
            "share_in_interval",
            "A share outside its own interval puts the interval in doubt.",
            lambda _: ~pl.col("lost_share").is_between(pl.col("lost_low") - TOLERANCE, pl.col("lost_high") + TOLERANCE),
            Severity.WARNING,
        ),
        row_rule(
            "values_nested",
            "What is lost is known, and what is known is part of the total.",
            lambda _: (
                (pl.col("lost_value") > pl.col("known_value") + 1e-6)
                | (pl.col("known_value") > pl.col("total_value") + 1e-6)
            ),
        ),
        RowRule(
            "difference_within_compared",
            "Every other basis is held against the Security Index, by townships: what differs is known on both.",
            lambda _: {
                "compared": _COMPARED.is_null() != (_BY_COUNTS | _EXACT | pl.col("total_value").is_null()),
                "known": pl.col("known_value") < _COMPARED - 1e-6,
                "differs": _DIFFERS > _COMPARED + 1e-6,
                "nothing": _DIFFERS.is_null() != (_COMPARED.fill_null(0) == 0),
            },
        ),
        row_rule(
            "exact_area_as_observed",
            "Shares of the ground itself come from control records alone.",
            lambda _: _EXACT & (pl.col("basis") != Basis.OBSERVED),
        ),
        row_rule(
            "share_of_total",
            "The lost share is the lost value over the total value.",
            lambda _: (
                (pl.col("total_value") > 0)
                & ((pl.col("lost_share") - pl.col("lost_value") / pl.col("total_value")).abs() > ROUNDING)
            ),
        ),
    )
)


_ADDED = ("lost_value", "compared_value", "differs_from_security_value", "total_value")


def scopes(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """Per method, month, basis and measure: the scopes, and national beside the sum of the regions."""
    national = pl.col("scope") == "national"
    sums = [
        value.filter(which).sum().alias(f"{name}_{of}")
        for name, value in ((name, pl.col(name)) for name in _ADDED)
        for of, which in (("national", national), ("regions", ~national))
    ]
    known = pl.col("total_value").is_not_null().all().alias("totals_known")
    groups = frame.group_by("method", "month", "basis", "measure").agg(
        pl.col("scope").n_unique().alias("scopes"), national.sum().alias("nationals"), known, *sums
    )
    return groups.sort("method", "month", "basis", "measure")


def _apart(name: str) -> pl.Expr:
    whole, parts = pl.col(f"{name}_national"), pl.col(f"{name}_regions")
    apart = (whole - parts).abs() > ROUNDING * pl.max_horizontal(whole.abs(), pl.lit(1.0))
    return pl.when("totals_known").then(apart)


SCOPES = Section(
    (
        row_rule(
            "scopes_complete",
            "National and each of the 15 states and regions, for every basis and measure.",
            lambda _: (pl.col("scopes") != REGIONS_COUNT + 1) | (pl.col("nationals") != 1),
        ),
        RowRule(
            "national_is_sum_of_regions",
            "The national values are the sum of the regions' values.",
            lambda _: {name: _apart(name) for name in _ADDED},
        ),
    ),
    scopes,
)

# Basis -> column of published.township_index with the state of a township on it.
_STATES = {
    Basis.SECURITY_INDEX: "control_by_security",
    Basis.ADMINISTRATION: "control_by_administration",
    Basis.OBSERVED: "control_by_observation",
}


def differences_beside(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """National rows of the other bases, in townships, beside the states that township_index gives."""
    found = related(facts, "published.township_index")
    if found is None:
        return None
    security = pl.col(_STATES[Basis.SECURITY_INDEX])
    counts = []
    for basis in (Basis.ADMINISTRATION, Basis.OBSERVED):
        own = pl.col(_STATES[basis])
        known = (own != ControlState.UNKNOWN) & (security != ControlState.UNKNOWN)
        counts.append(
            found[0]
            .group_by("method", "month", pl.lit(str(basis)).alias("basis"))
            .agg(known.sum().alias("compared_there"), (known & (own != security)).sum().alias("differs_there"))
        )
    stated = frame.filter(pl.col("scope") == "national", pl.col("measure") == Measure.TOWNSHIPS)
    keys = ["method", "month", "basis"]
    return stated.join(pl.concat(counts), on=keys, how="inner", validate="1:1").sort(keys)


DIFFERENCES = Section(
    (
        RowRule(
            "differences_as_townships",
            "Nationally as many townships differ from the Security Index as have two states in township_index.",
            lambda _: {
                "compared": pl.col("compared_there") != _COMPARED,
                "differs": pl.col("differs_there") != _DIFFERS.fill_null(0),
            },
        ),
    ),
    differences_beside,
)

_KNOWN = pl.sum_horizontal(CONTROL_SHARES)
_SHARED = pl.col("unknown_share").is_not_null()
_IN_FORCE = pl.col("control_date").is_not_null()
_HALF = {
    Controller.STATE: pl.col("state_share"),
    Controller.CONTESTED: pl.col("contested_share"),
    Controller.RESISTANCE: pl.col("resistance_share"),
    Controller.OTHER: pl.col("other_share"),
    Controller.UNKNOWN: pl.col("unknown_share"),
}

TOWNSHIP_CONTROL = Section(
    (
        row_rule(
            "township_shares_sum_to_one",
            "The four sides and the unknown are the whole township.",
            lambda _: _SHARED & ((_KNOWN + pl.col("unknown_share") - 1).abs() > 10 * ROUNDING),
        ),
        RowRule(
            "controller_has_half",
            "The controller is the side above one half of the township; contested is where none is.",
            lambda _: {
                **{
                    side.value: _SHARED & (share > 0.5 + ROUNDING) & (pl.col("controller") != side)
                    for side, share in _HALF.items()
                },
                "none": _SHARED
                & (pl.max_horizontal(_HALF.values()) < 0.5 - ROUNDING)
                & (pl.col("controller") != Controller.CONTESTED),
            },
        ),
        RowRule(
            "record_behind_the_controller",
            "Whoever is named is named by a record in force, of a day within the period.",
            lambda _: {
                "record": (pl.col("controller") != Controller.UNKNOWN) & ~_IN_FORCE,
                "count": (pl.col("control_records_count") > 0) != _IN_FORCE,
                "later": pl.col("control_date") > pl.col("period_end"),
                "shares": _SHARED & ~_IN_FORCE,
            },
        ),
        row_rule(
            "contradicted_is_contested",
            "Records that contradict each other make a township contested and give no share.",
            lambda _: (
                (pl.col("conflicting_records_count") > 0) & ((pl.col("controller") != Controller.CONTESTED) | _SHARED)
            ),
        ),
        row_rule(
            "lost_towns_among_recorded",
            "A town in other hands is one of which a change is recorded.",
            lambda _: pl.col("towns_lost_count") > pl.col("towns_recorded_count"),
        ),
    )
)


def beside_the_index(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Every township and month beside the class that township_index gives it."""
    found = related(facts, "published.township_index")
    if found is None:
        return None
    keys = ["method", "month", "adm3_pcode"]
    stated = found[0].select(*keys, "control_class")
    return frame.join(stated, on=keys, how="full", coalesce=True, validate="1:1").sort(keys)


SAME_CONTROLLER = Section(
    (
        row_rule(
            "controller_as_in_the_index",
            "township_index names the same controller for every township and month.",
            lambda _: pl.col("controller").ne_missing(pl.col("control_class")),
        ),
    ),
    beside_the_index,
)

SUITES: dict[str, tuple[Section, ...]] = {
    "published.territorial_control": (TERRITORIAL_CONTROL, SCOPES, DIFFERENCES),
    "published.township_control": (TOWNSHIP_CONTROL, SAME_CONTROLLER),
}
