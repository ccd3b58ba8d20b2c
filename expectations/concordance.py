"""Rules on several sources of clashes: matched events, their counts, and how far the sources agree.

Tables without rows hold no rule broken: one source alone has nothing to be compared with. Which source leads is
looked at with the run as a whole (run.py).
"""

import polars as pl

from expectations.rule import TOWNSHIPS_COUNT, Facts, RowRule, Section, related, row_rule
from pipeline.declare.methods import MATCH_DAYS
from pipeline.sources import SOURCES

ROUNDING = 1e-6  # shares are published with six decimals
PAIR = ("source_a", "source_b")

IN_ORDER = row_rule(
    "sources_in_order",
    "A pair of sources stands once, in alphabetical order.",
    lambda _: pl.col("source_a") >= pl.col("source_b"),
)
MATCHED_WITHIN = row_rule(
    "matched_within_events",
    "No more events are matched than either source holds.",
    lambda _: pl.col("matched_count") > pl.min_horizontal("events_a_count", "events_b_count"),
)

EVENT_MATCHES = Section(
    (
        IN_ORDER,
        RowRule(
            "matched_once",
            "An event of one source is matched with one event of another source at most.",
            lambda _: {f"event_id_{side}": pl.struct(*PAIR, f"event_id_{side}").is_duplicated() for side in ("a", "b")},
        ),
        row_rule(
            "match_within_days",
            "Matched events are no further apart than the method's days.",
            lambda _: pl.col("days_apart") > MATCH_DAYS.value,
        ),
    )
)


def _lethal_only(column: str) -> pl.Expr:
    families = [source.key for source in SOURCES if source.lethal_only]
    return pl.col(column).str.split(":").list.first().is_in(families)


_ESTIMATES = ("events_estimate", "events_estimate_low", "events_estimate_high", "events_estimate_variance")
CONCORDANCE = Section(
    (
        IN_ORDER,
        MATCHED_WITHIN,
        RowRule(
            "township_months_add_up",
            "Both, one, the other and neither are all township-months of the months in common.",
            lambda _: {
                "parts": pl.sum_horizontal("both_count", "only_a_count", "only_b_count", "neither_count")
                != pl.col("township_months_count"),
                "townships": pl.col("township_months_count") != TOWNSHIPS_COUNT * pl.col("months_count"),
            },
        ),
        row_rule(
            "agreement_follows",
            "The agreement is the township-months with both or neither over all.",
            lambda _: (
                (
                    (pl.col("both_count") + pl.col("neither_count")) / pl.col("township_months_count")
                    - pl.col("agreement_share")
                ).abs()
                > ROUNDING
            ),
        ),
        row_rule(
            "kappa_not_above_agreement",
            "Agreement beyond chance is no more than agreement.",
            lambda _: pl.col("kappa") > pl.col("agreement_share") + ROUNDING,
        ),
        RowRule(
            "estimate_where_matched",
            "There is an estimate with its interval where events were matched, and only there.",
            lambda _: {name: pl.col(name).is_null() != (pl.col("matched_count") == 0) for name in _ESTIMATES},
        ),
        row_rule(
            "interval_holds_estimate",
            "The interval holds the estimate.",
            lambda _: ~pl.col("events_estimate").is_between("events_estimate_low", "events_estimate_high"),
        ),
        row_rule(
            "without_chance_not_below",
            "With the pairs of chance taken off no fewer clashes are estimated, and inside their own interval.",
            lambda _: (
                (pl.col("events_estimate_without_chance") < pl.col("events_estimate"))
                | ~pl.col("events_estimate_without_chance").is_between(
                    "events_estimate_without_chance_low", "events_estimate_without_chance_high"
                )
            ),
        ),
        row_rule(
            "estimate_not_below_seen",
            "No fewer clashes are estimated than both sources together hold.",
            lambda _: (
                pl.col("events_estimate_low").round(0)
                < pl.col("events_a_count") + pl.col("events_b_count") - pl.col("matched_count")
            ),
        ),
        row_rule(
            "lethal_only_flagged",
            "A source of lethal events only is not comparable with one of all clashes.",
            lambda _: pl.col("comparable") == (_lethal_only("source_a") != _lethal_only("source_b")),
        ),
        row_rule(
            "assumptions_said",
            "An estimate, and where there is none its absence, comes with words.",
            lambda _: pl.col("assumptions_note").str.strip_chars() == "",
        ),
    )
)
MATCHES = Section(
    (
        IN_ORDER,
        MATCHED_WITHIN,
        row_rule(
            "cell_has_an_event",
            "A township-month without a clash in either source has no row.",
            lambda _: (pl.col("events_a_count") + pl.col("events_b_count")) < 1,
        ),
    )
)


def beside_concordance(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """The sums of each pair beside what source_concordance says of it."""
    found = related(facts, "published.source_concordance")
    if found is None:
        return None
    counts = ("events_a_count", "events_b_count", "matched_count")
    sums = frame.group_by(PAIR).agg(pl.col(counts).sum().name.suffix("_found"))
    stated = found[0].select(*PAIR, *counts)
    return stated.join(sums, on=PAIR, how="full", coalesce=True, validate="1:1").sort(PAIR)


MATCHES_BESIDE = Section(
    (
        RowRule(
            "events_add_up",
            "The events of a pair add up to those of source_concordance, and no more are matched.",
            lambda _: {
                **{
                    name: pl.col(f"{name}_found").fill_null(0) != pl.col(name).fill_null(-1)
                    for name in ("events_a_count", "events_b_count")
                },
                "matched_count": pl.col("matched_count_found") > pl.col("matched_count"),
            },
        ),
    ),
    beside_concordance,
)

SUITES: dict[str, tuple[Section, ...]] = {
    "indices.event_matches": (EVENT_MATCHES,),
    "published.source_concordance": (CONCORDANCE,),
    "published.source_matches": (MATCHES, MATCHES_BESIDE),
}
