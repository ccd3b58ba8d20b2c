"""Rules on scenarios, robustness and sensitivity: the method itself is one of them, and three tables say the same.

The alternatives are not repeated: these rules read them off the scenarios' settings, whatever they are.
"""

import polars as pl

from expectations.rule import Facts, RowRule, Section, related, row_rule
from pipeline.declare.codes import NATIONAL, Basis, IndexName, Measure
from pipeline.declare.indices import INDICES

ROUNDING = 1e-6  # shares are published with six decimals
GROUP = ("method", "index_name")
WORST = {str(spec.name): str(spec.worst) for spec in INDICES}
BASIS = {"security": str(Basis.SECURITY_INDEX), "services": str(Basis.ADMINISTRATION)}

SCENARIOS = Section(
    (
        RowRule(
            "baseline_once_and_unmoved",
            "The method itself is one scenario of each index, and moves nothing.",
            lambda _: {
                "once": pl.col("is_baseline").sum().over(GROUP) != 1,
                "townships": pl.col("is_baseline") & (pl.col("townships_moved_count") > 0),
                "ranks": pl.col("is_baseline") & (pl.col("rank_shift_mean") > 0).fill_null(False),
            },
        ),
    )
)


def settings(scenarios: pl.DataFrame) -> pl.DataFrame:
    """One row per scenario and choice, with the setting there and in the method itself."""
    rows = scenarios.with_columns(pl.col("scenario").str.split("; ").alias("setting")).explode("setting")
    rows = rows.with_columns(pl.col("setting").str.split("=").list.first().alias("choice"))
    own = rows.filter("is_baseline").select(*GROUP, "choice", pl.col("setting").alias("own"))
    return rows.join(own, on=[*GROUP, "choice"], how="left", validate="m:1")


def single_changes(scenarios: pl.DataFrame) -> pl.DataFrame:
    """The scenarios that differ from the method in one setting, which is then `setting` of `choice`."""
    rows = settings(scenarios).filter(pl.col("setting") != pl.col("own"))
    alone = pl.len().over(*GROUP, "scenario") == 1
    return rows.filter(alone).select(*GROUP, "month", "choice", "setting", "townships_moved_count")


def changes_counted(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """Every scenario with the number of its settings that differ from the method's own."""
    counts = (
        settings(frame)
        .group_by(*GROUP, "scenario")
        .agg((pl.col("setting") != pl.col("own")).sum().alias("changed_count"))
    )
    return frame.join(counts, on=[*GROUP, "scenario"], how="left", validate="m:1").sort(*GROUP, "scenario")


SINGLES = Section(
    (
        RowRule(
            "one_change_at_a_time",
            "A scenario is the method itself or changes one of its choices, all at one month.",
            lambda _: {
                "changes": pl.col("changed_count") != pl.when("is_baseline").then(0).otherwise(1),
                "month": pl.col("month").n_unique().over(GROUP) != 1,
            },
            shown=(*GROUP, "scenario"),
        ),
    ),
    changes_counted,
)


def baseline_beside(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """The scenario that is the method, beside what township_index and territorial_control say of the month."""
    found = related(facts, "published.township_index", "published.territorial_control")
    if found is None:
        return None
    index, control = found
    counts = [
        index.group_by("method", "month").agg(
            pl.lit(name).alias("index_name"), (pl.col(f"{name}_class") == worst).sum().alias("worst_found")
        )
        for name, worst in WORST.items()
    ]
    shares = control.filter(scope=NATIONAL, measure=str(Measure.TOWNSHIPS)).select(
        "method",
        "month",
        pl.col("basis").replace_strict({b: name for name, b in BASIS.items()}, default=None).alias("index_name"),
        pl.col("lost_share").alias("share_found"),
    )
    keys = [*GROUP, "month"]
    return (
        frame.filter("is_baseline")
        .join(pl.concat(counts), on=keys, how="left", validate="1:1")
        .join(shares.drop_nulls("index_name"), on=keys, how="left", validate="1:1")
    )


BASELINE = Section(
    (
        RowRule(
            "baseline_as_published",
            "The method itself gives the classes and the share lost that the release publishes.",
            lambda _: {
                "classes": pl.col("worst_class_count") != pl.col("worst_found").fill_null(-1),
                "share": (pl.col("scenario_control_share").is_null() != pl.col("share_found").is_null())
                | ((pl.col("scenario_control_share") - pl.col("share_found")).abs() > ROUNDING).fill_null(False),
            },
        ),
    ),
    baseline_beside,
)


def _per_index(broken: str) -> dict[str, pl.Expr]:
    found = {}
    for index in IndexName:
        kept, count = pl.col(f"{index}_kept_share"), pl.col(f"{index}_scenarios_count")
        whole = (kept * count).round(0)
        found[index.value] = {
            "no_multiple": ((kept * count - whole).abs() > ROUNDING * count) | (whole < 1),
            "not_the_rest": whole + pl.col(f"{index}_changed_by").str.split("; ").list.len().fill_null(0) != count,
        }[broken]
    return found


ROBUSTNESS = Section(
    (
        RowRule(
            "kept_share_of_scenarios",
            "A kept share is so many scenarios of all, the method itself at least; missing where nothing could change.",
            lambda _: _per_index("no_multiple"),
        ),
        RowRule(
            "changed_is_not_kept",
            "The scenarios that do not keep a township's class are the single changes that move it, and no other.",
            lambda _: _per_index("not_the_rest"),
        ),
    )
)


def changes_beside(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Each single change with the townships it moves by scenarios, and those that name it in robustness."""
    found = related(facts, "published.scenarios")
    if found is None:
        return None
    singles = single_changes(found[0])
    named = [
        frame.select("method", "month", pl.lit(index.value).alias("index_name"), f"{index}_changed_by")
        .rename({f"{index}_changed_by": "setting"})
        .drop_nulls()
        .join(singles.select("method", "month").unique(), on=["method", "month"], how="semi")
        .with_columns(pl.col("setting").str.split("; "))
        .explode("setting")
        for index in IndexName
    ]
    counts = pl.concat(named).group_by(*GROUP, "month", "setting").agg(pl.len().alias("named_count"))
    return singles.join(counts, on=[*GROUP, "month", "setting"], how="full", coalesce=True, validate="1:1").sort(
        *GROUP, "setting"
    )


CHANGES = Section(
    (
        row_rule(
            "changes_as_scenarios",
            "A single change is named by as many townships as its scenario moves.",
            lambda _: pl.col("named_count").fill_null(0) != pl.col("townships_moved_count").fill_null(-1),
        ),
    ),
    changes_beside,
)


def counts_beside(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Per method and index the numbers of scenarios that robustness states of the last month, and their rows."""
    found = related(facts, "published.scenarios")
    if found is None:
        return None
    listed = found[0].group_by(*GROUP, "month").agg(pl.len().alias("listed_count"))
    stated = pl.concat(
        frame.select("method", "month", pl.lit(index.value).alias("index_name"), f"{index}_scenarios_count").rename(
            {f"{index}_scenarios_count": "stated_count"}
        )
        for index in IndexName
    ).unique()
    return listed.join(stated, on=[*GROUP, "month"], how="left", validate="1:m").sort(*GROUP, "stated_count")


COUNTS = Section(
    (
        row_rule(
            "scenarios_as_listed",
            "Of the last month as many scenarios are counted as the table of scenarios lists.",
            lambda _: pl.col("stated_count").fill_null(-1) != pl.col("listed_count"),
        ),
    ),
    counts_beside,
)

SENSITIVITY = Section(
    (
        row_rule(
            "control_range_in_order",
            "The range of the share lost has both ends or none, in order.",
            lambda _: (
                (pl.col("control_share_low") > pl.col("control_share_high")).fill_null(False)
                | (pl.col("control_share_low").is_null() != pl.col("control_share_high").is_null())
            ),
        ),
    )
)


def choices_beside(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Each choice beside the most townships that one of its alternatives moves alone, and the number of these."""
    found = related(facts, "published.scenarios")
    if found is None:
        return None
    keys = [*GROUP, "choice"]
    singles = (
        single_changes(found[0])
        .group_by(keys)
        .agg(pl.col("townships_moved_count").max().alias("most_moved"), pl.len().alias("alternatives_found"))
    )
    rows = found[0].group_by(GROUP).agg(pl.len().alias("scenarios_found"))
    every = settings(found[0]).select(keys).unique().join(singles, on=keys, how="left", validate="1:1")
    return (
        frame.join(every, on=keys, how="full", coalesce=True, validate="1:1")
        .join(rows, on=GROUP, how="left", validate="m:1")
        .sort(keys)
    )


CHOICES = Section(
    (
        RowRule(
            "choices_as_scenarios",
            "A choice has the alternatives that the scenarios hold, and moves what its strongest one moves alone.",
            lambda _: {
                "townships": pl.col("townships_moved_count").fill_null(-1) != pl.col("most_moved").fill_null(0),
                "alternatives": pl.col("alternatives_count").fill_null(-1) != pl.col("alternatives_found").fill_null(0),
                "scenarios": pl.col("scenarios_count").fill_null(-1) != pl.col("scenarios_found"),
            },
        ),
    ),
    choices_beside,
)

SUITES: dict[str, tuple[Section, ...]] = {
    "published.scenarios": (SCENARIOS, SINGLES, BASELINE),
    "published.robustness": (ROBUSTNESS, CHANGES, COUNTS),
    "published.sensitivity": (SENSITIVITY, CHOICES),
}
