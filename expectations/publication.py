"""Rules on the released tables, each by itself or beside one other.

That a release names nothing sensitive is checked for every table (structure.py).
"""

import polars as pl

from expectations.evidence import CLASS_HAS_RECORDS, GRADES
from expectations.indices import (
    CUMULATIVE_NEVER_FALLS,
    LOSS_BETWEEN_BOUNDS,
    LOSS_NEEDS_KNOWN_ITEMS,
    MONTH_WITHIN_WINDOW,
    OUTSIDE,
    PERIOD_FITS_MONTH,
    SECURITY_CLASS_FOLLOWS,
    UNKNOWN,
)
from expectations.records import ADDS_UP, DATES_IN_ORDER, TOWNSHIPS
from expectations.rule import Facts, RowRule, Section, related, row_rule
from pipeline.declare.codes import EventClass, IndexName
from pipeline.declare.indices import INDICES
from pipeline.sources import BY_KEY, unrecorded_classes

ROUNDED_TO_PERSONS = 10  # figures on displaced people are never released to the person

ONLY_INSIDE_CONFLICT = RowRule(
    "only_inside_conflict",
    "Outside conflict there is no class; inside there is one, or insufficient data.",
    lambda _: {
        spec.column: (pl.col(spec.column) == OUTSIDE) != (pl.col("security_class") == OUTSIDE)
        for spec in INDICES
        if spec.name != IndexName.SECURITY
    },
)
IDPS_ROUNDED = row_rule(
    "idps_rounded",
    "Displaced people are released in tens only, so that no small group can be told from a table.",
    # A release of the internal profile holds exact figures on purpose: there the rule has nothing to check.
    lambda facts: None if facts.internal else pl.col("idps_persons") % ROUNDED_TO_PERSONS != 0,
)
TOWNSHIP_INDEX = Section(
    (
        SECURITY_CLASS_FOLLOWS,
        CUMULATIVE_NEVER_FALLS,
        MONTH_WITHIN_WINDOW,
        PERIOD_FITS_MONTH,
        ONLY_INSIDE_CONFLICT,
        LOSS_BETWEEN_BOUNDS,
        LOSS_NEEDS_KNOWN_ITEMS,
        CLASS_HAS_RECORDS,
        IDPS_ROUNDED,
        row_rule(
            "idps_withheld",
            "A figure of 1 to 9 displaced people is withheld, neither shown nor read as unreported.",
            lambda _: pl.col("idps_suppressed") & pl.col("idps_persons").is_not_null(),
        ),
        row_rule(
            "weak_evidence_is_graded",
            "Where no index has data the evidence cannot be strong.",
            lambda _: (pl.col("security_class") == UNKNOWN) & pl.col("evidence_grade").is_in(["A", "B"]),
        ),
        *GRADES,
    )
)

EVENTS = Section(
    (
        row_rule(
            "precise_within_events",
            "The precisely placed events are part of the events.",
            lambda _: pl.col("precise_count") > pl.col("events_count"),
        ),
        row_rule(
            "events_at_least_one",
            "A combination without events has no row.",
            lambda _: pl.col("events_count") < 1,
        ),
    )
)


def events_beside_index(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Clashes of the month in township_index, beside the events of class clash."""
    found = related(facts, "published.township_index")
    if found is None:
        return None
    events = frame.filter(pl.col("event_class") == EventClass.CLASH).select("month", "adm3_pcode", "events_count")
    return (
        found[0]
        .select("method", "month", "adm3_pcode", "clashes_month_count")
        .join(events, on=["month", "adm3_pcode"], how="left", validate="m:1", maintain_order="left")
    )


def events_with_source(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """The events with the source that the national summary names."""
    found = related(facts, "published.national_summary")
    if found is None:
        return None
    named = found[0]["clash_source"].drop_nulls().unique().sort()
    return frame.join(named.to_frame(), how="cross")


CLASSES_RECORDED = Section(
    (
        row_rule(
            "class_is_recorded",
            "No event is of a class that its source never records: that would be another kind, misread.",
            lambda _: pl.any_horizontal(
                (pl.col("clash_source") == key) & (pl.col("event_class") == one)
                for key in BY_KEY
                for one in unrecorded_classes(key)
            ),
        ),
    ),
    events_with_source,
)
EVENTS_BESIDE_INDEX = Section(
    (
        row_rule(
            "clashes_among_events",
            "The clashes of a month in township_index are among the clash events of that month.",
            lambda _: pl.col("clashes_month_count") > pl.col("events_count").fill_null(0),
        ),
    ),
    events_beside_index,
)


def figures(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """One row per figure that was published, with how often it stands in the table."""
    if not facts.published_figures:
        return None
    wanted = pl.DataFrame({"figure": sorted(facts.published_figures)}, schema={"figure": pl.String})
    rows = frame.group_by("figure").agg(pl.len().alias("rows_found"))
    return wanted.join(rows, on="figure", how="left", validate="1:1", maintain_order="left")


COMPARISON = Section(
    (
        row_rule(
            "difference_is_ours_minus_theirs",
            "The difference is our value minus the published one, and missing where ours is.",
            lambda _: (
                (pl.col("our_value").is_null() != pl.col("difference").is_null())
                | ((pl.col("our_value") - pl.col("published_value") - pl.col("difference")).abs() > 1e-6).fill_null(
                    False
                )
            ),
        ),
        row_rule(
            "difference_explained",
            "A figure that does not mean the same says why.",
            lambda _: ~pl.col("comparable") & (pl.col("note").str.strip_chars() == ""),
        ),
    )
)
FIGURES = Section(
    (
        row_rule(
            "every_figure_compared",
            "Every published figure has a row, also where ours cannot be computed.",
            lambda _: pl.col("rows_found").is_null(),
        ),
    ),
    figures,
)


def set_aside_by_delivery(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    found = related(facts, "published.deliveries")
    if found is None:
        return None
    sums = frame.group_by("delivery_id").agg(pl.col("rows_count").sum().alias("rows_found"))
    stated = found[0].select("delivery_id", "rows_set_aside_count")
    return stated.join(sums, on="delivery_id", how="full", coalesce=True, validate="1:1").sort("delivery_id")


SET_ASIDE = Section(
    (
        row_rule(
            "reasons_add_up",
            "The reasons of a delivery add up to its rows set aside.",
            lambda _: pl.col("rows_found").fill_null(0) != pl.col("rows_set_aside_count").fill_null(-1),
        ),
    ),
    set_aside_by_delivery,
)

SUITES: dict[str, tuple[Section, ...]] = {
    "published.townships": (TOWNSHIPS,),
    "published.township_index": (TOWNSHIP_INDEX,),
    "published.township_month_events": (EVENTS, CLASSES_RECORDED, EVENTS_BESIDE_INDEX),
    "published.deliveries": (Section((ADDS_UP, DATES_IN_ORDER)),),
    "published.set_aside_summary": (SET_ASIDE,),
    "published.comparison": (COMPARISON, FIGURES),
}
