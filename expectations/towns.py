"""Rules on published.town_control: hands add up to the same towns, and the regions to the nation."""

import polars as pl

from expectations.rule import REGIONS_COUNT, Facts, RowRule, Section, row_rule
from pipeline.declare.codes import NATIONAL, Controller

_COUNT = pl.col("towns_count")

TOWN_CONTROL = Section(
    (
        RowRule(
            "newest_event_of_a_town",
            "A count rests on an event of the period, and no event stands beside no town.",
            lambda _: {
                "without": (_COUNT > 0) != pl.col("newest_event_date").is_not_null(),
                "later": pl.col("newest_event_date") > pl.col("period_end"),
            },
        ),
        row_rule(
            "hands_named",
            "A town of unknown hands is not counted.",
            lambda _: pl.col("controller") == Controller.UNKNOWN,
        ),
    )
)


def by_month(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """Per month and controller: the scopes, and the nation beside the sum of the regions."""
    national = pl.col("scope") == NATIONAL
    return (
        frame.group_by("month", "controller")
        .agg(
            pl.col("scope").n_unique().alias("scopes"),
            _COUNT.filter(national).sum().alias("nation"),
            _COUNT.filter(~national).sum().alias("regions"),
        )
        .sort("month", "controller")
    )


SCOPES = Section(
    (
        row_rule(
            "town_scopes_complete",
            "National and each of the 15 states and regions, for every month and side.",
            lambda _: pl.col("scopes") != REGIONS_COUNT + 1,
        ),
        row_rule(
            "towns_of_the_nation",
            "The towns of the regions are those of the nation.",
            lambda _: pl.col("nation") != pl.col("regions"),
        ),
    ),
    by_month,
)


def months_in_order(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """Per month the towns that are recorded in the country, beside those of the month before."""
    national = frame.filter(pl.col("scope") == NATIONAL).group_by("month").agg(_COUNT.sum().alias("recorded"))
    return national.sort("month").with_columns(pl.col("recorded").shift(1).alias("before"))


RECORDED = Section(
    (
        row_rule(
            "recorded_towns_stay",
            "A town of which a change was recorded stays recorded, in whosever hands: only hands change.",
            lambda _: pl.col("recorded") < pl.col("before"),
        ),
    ),
    months_in_order,
)

SUITES: dict[str, tuple[Section, ...]] = {"published.town_control": (TOWN_CONTROL, SCOPES, RECORDED)}
