"""Rules on the run as a whole: are there clashes, are they recent, do they cover the window, are shapes real?

The frame is records.deliveries; the dates come with the facts. All but the first only warn: an old or partial
source still makes a release, which then says so.
"""

from datetime import date

import polars as pl

from expectations.rule import BandRule, Facts, Section
from pipeline.declare.codes import STALE, Kind, Severity

START_LATE_DAYS = 31  # the first event of a source that covers the window falls within its first month
# A source of all clashes holds at least the lethal ones: far below another, it covers a part of the country.
LEADING_LEAST_RATIO = 0.25
CLASHES_STALE_DAYS = 120  # a quarter and a month: monthly sources are late by weeks, never by four months


def _days(later: date | None, earlier: date | None) -> int | None:
    return None if later is None or earlier is None else (later - earlier).days


def facts_of_the_run(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """One row: what the run rests on."""
    return pl.DataFrame(
        {
            "clash_deliveries": [frame.filter(pl.col("kind") == Kind.CLASHES).height],
            "age_days": [_days(facts.wanted_until or facts.as_of, facts.last_clash)],
            "late_days": [_days(facts.first_clash, facts.window_start)],
            "schematic": [int(facts.schematic)],
            "unnamed_rivals": [facts.unnamed_rivals_count],
            "leading_ratio": [facts.leading_ratio],
        },
        schema={
            **dict.fromkeys(("clash_deliveries", "age_days", "late_days", "schematic", "unnamed_rivals"), pl.Int64),
            "leading_ratio": pl.Float64,
        },
    )


RUN = Section(
    (
        BandRule(
            "clashes_delivered",
            "Without a clash source there is no Security Index.",
            "max",
            lambda _: pl.col("clash_deliveries"),
            low=1,
            severity=Severity.CRITICAL,
        ),
        BandRule(
            STALE,
            "Days from the last delivered clash to the period's end that was asked for, else to the day the run knows "
            "of; beyond 120 the newest months are empty because the source is old, not because it is calm.",
            "max",
            lambda _: pl.col("age_days"),
            high=CLASHES_STALE_DAYS,
        ),
        BandRule(
            "window_covered",
            "Days from the start of the method's window to the source's first event; the counts of a source "
            "that starts later are floors.",
            "max",
            lambda _: pl.col("late_days"),
            high=START_LATE_DAYS,
        ),
        BandRule(
            "boundaries_real",
            "1 where township shapes are schematic (made from village points): good for a map, too rough to "
            "place points near a border.",
            "max",
            lambda _: pl.col("schematic"),
            high=0,
        ),
        BandRule(
            "primary_source_named",
            "Several sources of the leading kind were delivered and the one with most clashes leads; write "
            "primary = true into the sidecar of the one that should.",
            "max",
            lambda _: pl.col("unnamed_rivals"),
            high=0,
        ),
        BandRule(
            "leading_source_plausible",
            "The leading source holds less than a quarter of the clashes of another source in the months both cover: "
            "it may cover a part of the country only. Write primary = true into the sidecar of the source that covers "
            "the country, or withdraw the small one.",
            "max",
            lambda _: pl.col("leading_ratio"),
            low=LEADING_LEAST_RATIO,
        ),
    ),
    facts_of_the_run,
)

SUITES: dict[str, tuple[Section, ...]] = {"run": (RUN,)}
