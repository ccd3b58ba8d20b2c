"""Rules on the changes from month to month and on their sums.

Not here: the test of chance itself, which is worked out once and not again here.
"""

import polars as pl

from expectations.rule import Facts, RowRule, Section, related, row_rule
from pipeline.declare.codes import NATIONAL, ChangeClass
from pipeline.declare.methods import CHANGE_P

_SERIES = ("method", "adm3_pcode")
now, before = pl.col("clashes_month_count"), pl.col("clashes_previous_month_count")
_CODES = {
    "townships_compared_count": pl.col("change_class") != ChangeClass.NO_COMPARISON,
    "rises_count": pl.col("change_class") == ChangeClass.RISE,
    "falls_count": pl.col("change_class") == ChangeClass.FALL,
}
_FLAGS = {"onsets_count": "is_onset", "lulls_count": "is_lull", "alerts_count": "is_alert"}


def _days() -> tuple[pl.Expr, pl.Expr]:
    """Days of the month so far, and of the whole month before."""
    so_far = (pl.col("period_end") - pl.col("month")).dt.total_days() + 1
    return so_far, pl.col("month").dt.offset_by("-1d").dt.day().cast(pl.Int64)


def _change_follows(_: Facts) -> dict[str, pl.Expr]:
    days, days_before = _days()
    more, less = now * days_before > before * days, now * days_before < before * days
    small = (pl.col("change_p_value") < CHANGE_P.value).fill_null(False)
    is_class = {code: pl.col("change_class") == code for code in ChangeClass}
    fewer_so_far = pl.col("in_publication_lag") & less.fill_null(False)
    return {
        "no_comparison": is_class[ChangeClass.NO_COMPARISON] != pl.col("change_p_value").is_null(),
        "p_value": pl.col("change_p_value").is_null() != (now.is_null() | before.is_null() | fewer_so_far),
        "rise": is_class[ChangeClass.RISE] != (small & more).fill_null(False),
        "fall": is_class[ChangeClass.FALL] != (small & less).fill_null(False),
    }


CHANGES = Section(
    (
        RowRule(
            "change_follows",
            "Rise and fall by clashes a day and only where chance is unlikely; no comparison where a month is unknown, "
            "or holds fewer clashes and is still coming in.",
            _change_follows,
        ),
        row_rule(
            "previous_is_the_month_before",
            "The count of the month before is what that month's own row says.",
            lambda _: ~before.eq_missing(now.shift(1).over(_SERIES, order_by="month")),
        ),
        RowRule(
            "spells_fit_the_month",
            "An onset begins after a month without clashes; a lull has none, and no township is in both.",
            lambda _: {
                "is_onset": pl.col("is_onset") & ((now == 0) | (before > 0)),
                "is_lull": pl.col("is_lull") & ((now > 0) | (before > 0)),
            },
        ),
        RowRule(
            "nothing_falls_in_the_lag",
            "In a month whose reports are still coming in nothing is called a fall or a lull.",
            lambda _: {
                "change_class": pl.col("in_publication_lag") & (pl.col("change_class") == ChangeClass.FALL),
                "quarter": pl.col("in_publication_lag") & (pl.col("quarter_change_class") == ChangeClass.FALL),
                "is_lull": pl.col("in_publication_lag") & pl.col("is_lull"),
            },
        ),
        row_rule(
            "alert_follows",
            "An alert is a month that reaches the count from which it would be one.",
            lambda _: ~pl.col("is_alert").eq_missing(now >= pl.col("alert_from_count")),
        ),
    )
)


def changes_beside_index(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """The changes beside the month's clashes in township_index; a row that only one of them has stands with blanks."""
    found = related(facts, "published.township_index")
    if found is None:
        return None
    keys, shown = ["method", "month", "adm3_pcode"], ["clashes_month_count", "provisional", "in_publication_lag"]
    there = found[0].select(*keys, *shown)
    return frame.select(*keys, *shown).join(there, on=keys, how="full", coalesce=True, suffix="_there", validate="1:1")


AS_IN_INDEX = Section(
    (
        RowRule(
            "clashes_as_in_index",
            "A change is one of the published counts, in a month that is provisional or still coming in wherever the "
            "index says so.",
            lambda _: {
                c: ~pl.col(c).eq_missing(pl.col(f"{c}_there"))
                for c in ("clashes_month_count", "provisional", "in_publication_lag")
            },
        ),
    ),
    changes_beside_index,
)

SUMMARY = Section(
    (
        row_rule(
            "changes_within_compared",
            "No more townships rise or fall than are compared, and no more are compared than there are.",
            lambda _: (
                ((pl.col("rises_count") + pl.col("falls_count")).fill_null(0) > pl.col("townships_compared_count"))
                | (pl.col("townships_compared_count") > pl.col("townships_count"))
            ),
        ),
        row_rule(
            "chance_within_level",
            "By chance no more townships are called a rise or a fall than the level of the test allows.",
            lambda _: pl.col("changes_by_chance_expected") > CHANGE_P.value * pl.col("townships_compared_count"),
        ),
        row_rule(
            "regions_add_up",
            "The country's count is the sum of the regions', and blank where one of them is.",
            lambda _: pl.any_horizontal(_unlike_regions(name) for name in (*_CODES, *_FLAGS)),
        ),
    )
)


def _unlike_regions(name: str) -> pl.Expr:
    month = ("method", "month")
    regional = pl.col("scope") != NATIONAL
    own = pl.col(name).filter(regional)
    total = pl.when(own.null_count() == 0).then(own.sum()).over(month)
    # Of rises and falls a region without a comparison leaves the others' sum standing.
    floor = pl.when(own.count() > 0).then(own.sum()).over(month)
    return ~regional & ~pl.col(name).eq_missing(floor if name in _CODES else total)


def summary_beside_townships(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """The country's counts beside those of township_changes, counted again."""
    found = related(facts, "published.township_changes")
    if found is None:
        return None
    compared = _CODES["townships_compared_count"]
    again = (
        found[0]
        .group_by("method", "month")
        .agg(
            compared.sum().alias("townships_compared_count"),
            *(pl.when(compared.any()).then(_CODES[name].sum()).alias(name) for name in ("rises_count", "falls_count")),
            *(
                pl.when(pl.col(flag).null_count() == 0).then(pl.col(flag).sum()).alias(name)
                for name, flag in _FLAGS.items()
            ),
        )
    )
    own = frame.filter(pl.col("scope") == NATIONAL).select("method", "month", *_CODES, *_FLAGS)
    return own.join(
        again, on=["method", "month"], how="full", coalesce=True, suffix="_there", validate="1:1"
    ).sort("method", "month")  # fmt: skip


AGREES_WITH_CHANGES = Section(
    (
        RowRule(
            "agrees_with_changes",
            "The country's counts are what the township rows add up to.",
            lambda _: {c: ~pl.col(c).eq_missing(pl.col(f"{c}_there")) for c in (*_CODES, *_FLAGS)},
        ),
    ),
    summary_beside_townships,
)

SUITES: dict[str, tuple[Section, ...]] = {
    "published.township_changes": (CHANGES, AS_IN_INDEX),
    "published.change_summary": (SUMMARY, AGREES_WITH_CHANGES),
}
