"""Rules on the optional composite and its weights: both tables are empty where it was not asked for.

Not here: whether enough is known for one, which is refused before (pipeline.analysis.composite).
"""

import polars as pl

from expectations.rule import Facts, RowRule, Section, related, row_rule, warn_if
from pipeline.declare.codes import IndexName

SCORE_ROUNDING = 1e-3  # scores are published with four decimals
WEIGHT_ROUNDING = 1e-5  # weights with six
score, rank = pl.col("composite_geometric_score"), pl.col("composite_rank")

COMPOSITE = Section(
    (
        RowRule(
            "ranked_where_all_known",
            "Scores and ranks stand where all three indices are known, and nowhere else.",
            lambda _: {
                name: pl.col(name).is_not_null() != (pl.col("indices_known_count") == len(IndexName))
                for name in (
                    "composite_geometric_score",
                    "composite_arithmetic_score",
                    "composite_rank",
                    "composite_rank_low",
                    "composite_rank_high",
                )
            },
        ),
        row_rule(
            "geometric_not_above_arithmetic",
            "A geometric mean is never above the arithmetic one of the same scores and weights.",
            lambda _: score > pl.col("composite_arithmetic_score") + SCORE_ROUNDING,
        ),
        row_rule(
            "rank_follows_score",
            "Rank 1 is the highest score of the method; equal scores share the best rank.",
            lambda _: rank != score.rank("min", descending=True).over("method"),
        ),
        row_rule(
            "rank_interval_in_order",
            "The lower end of a rank interval is not above its upper end.",
            lambda _: pl.col("composite_rank_low") > pl.col("composite_rank_high"),
        ),
        warn_if(
            "rank_in_interval",
            "Equal weights lie in the middle of all weights: a rank outside its own interval is worth a look.",
            lambda _: ~rank.is_between(pl.col("composite_rank_low"), pl.col("composite_rank_high")),
        ),
    )
)


def composite_beside_index(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Of each method in the table: its townships beside those in conflict in the index's last month."""
    found = related(facts, "published.township_index")
    if found is None:
        return None
    last = pl.col("month") == pl.col("month").max().over("method")
    inside = (
        found[0]
        .filter(last, pl.col("in_conflict").fill_null(False))
        .join(frame.select("method").unique(), on="method", how="semi")
        .select("method", "adm3_pcode", "month")
    )
    own = frame.select("method", "adm3_pcode", "month")
    keys = ["method", "adm3_pcode"]
    return own.join(inside, on=keys, how="full", coalesce=True, suffix="_there", validate="1:1").sort(keys)


SCOPE = Section(
    (
        row_rule(
            "scope_is_in_conflict",
            "The composite ranks the townships in conflict at the last month: all of them and no other.",
            lambda _: ~pl.col("month").eq_missing(pl.col("month_there")),
        ),
    ),
    composite_beside_index,
)

WEIGHTS = Section(
    (
        RowRule(
            "weights_sum_to_one",
            "The weights of the three indices are shares of one whole.",
            lambda _: {
                "sum": (pl.col("weight_share").sum().over("method", "weighting") - 1).abs() > WEIGHT_ROUNDING,
                "indices": pl.col("index_name").n_unique().over("method", "weighting") != len(IndexName),
            },
            shown=("method", "weighting"),
        ),
    )
)

SUITES: dict[str, tuple[Section, ...]] = {
    "published.composite": (COMPOSITE, SCOPE),
    "published.composite_weights": (WEIGHTS,),
}
