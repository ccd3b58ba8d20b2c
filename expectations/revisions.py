"""Rules on the table of revisions: changes add up, the newest edition is what is published, only whole months.

Not here: whether a source moves too much; that is for readers to see.
"""

import polars as pl

from expectations.rule import TOWNSHIPS_COUNT, Facts, RowRule, Section, related, row_rule
from pipeline.declare.methods import EDITIONS_SHOWN

ROUNDING = 1e-6  # shares are published with six decimals
_MONTH = ("method", "month")
_CHANGES = {
    "clashes_month_change": "clashes_month_count",
    "in_conflict_change": "in_conflict_count",
    "security_high_change": "security_high_count",
}
_NEWEST = tuple(_CHANGES.values())


def _before(column: str) -> pl.Expr:
    """The figure of the edition before that holds the month."""
    return pl.col(column).shift(1).over(_MONTH, order_by="edition_date")


REVISIONS = Section(
    (
        row_rule(
            "month_was_over",
            "An edition says nothing of a month that had not ended: it would read as a fall.",
            lambda _: pl.col("month").dt.month_end() > pl.col("edition_date"),
        ),
        RowRule(
            "changes_add_up",
            "A change is the figure minus that of the edition before, and missing where there is none.",
            lambda _: {
                change: ~pl.col(change).eq_missing(pl.col(count) - _before(count)) for change, count in _CHANGES.items()
            },
        ),
        row_rule(
            "reclassified_cover_the_changes",
            "No more townships enter or leave conflict or the class high than change their class.",
            lambda _: (
                pl.max_horizontal(pl.col("in_conflict_change").abs(), pl.col("security_high_change").abs())
                > pl.col("townships_reclassified_count").fill_null(0)
            ),
        ),
        row_rule(
            "classes_within_townships",
            "High is a class inside conflict, and no more townships are in conflict than there are.",
            lambda _: (
                (pl.col("security_high_count") > pl.col("in_conflict_count"))
                | (pl.col("in_conflict_count") > TOWNSHIPS_COUNT)
            ),
        ),
        row_rule(
            "known_share_follows",
            "The share that was known is the edition's count over the newest edition's, at most one.",
            lambda _: (
                (
                    pl.col("clashes_known_share")
                    - (
                        pl.col("clashes_month_count")
                        / pl.col("clashes_month_count").last().over(_MONTH, order_by="edition_date")
                    ).clip(upper_bound=1.0)
                ).abs()
                > ROUNDING
            ),
        ),
        row_rule(
            "editions_at_most",
            "A home fed daily shows its newest editions only.",
            lambda _: pl.col("edition_date").n_unique() > EDITIONS_SHOWN.value,
        ),
    )
)


def newest_beside_index(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """The newest edition beside the sums of township_index over the months that were whole and over by its day."""
    found = related(facts, "published.township_index")
    if found is None:
        return None
    newest = frame.filter(pl.col("edition_date") == pl.col("edition_date").max())
    whole = (pl.col("period_end") == pl.col("month").dt.month_end()) & (
        pl.col("period_end") <= pl.lit(newest["edition_date"].max(), pl.Date)
    )
    clashes = pl.col("clashes_month_count")
    sums = (
        found[0]
        .filter(whole)
        .group_by(_MONTH)
        .agg(
            pl.when(clashes.count() > 0).then(clashes.sum()).alias("clashes_month_count"),
            pl.col("in_conflict").fill_null(False).sum().alias("in_conflict_count"),
            (pl.col("security_class") == "high").sum().alias("security_high_count"),
        )
    )
    return (
        newest.select(*_MONTH, *_NEWEST)
        .join(sums, on=_MONTH, how="full", coalesce=True, suffix="_there", validate="1:1")
        .sort(_MONTH)
    )


NEWEST_AS_PUBLISHED = Section(
    (
        RowRule(
            "newest_as_published",
            "The newest edition is what the township table adds up to, for every whole month.",
            lambda _: {c: ~pl.col(c).eq_missing(pl.col(f"{c}_there")) for c in _NEWEST},
        ),
    ),
    newest_beside_index,
)

SUITES: dict[str, tuple[Section, ...]] = {"published.revisions": (REVISIONS, NEWEST_AS_PUBLISHED)}
