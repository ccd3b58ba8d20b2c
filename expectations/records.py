"""Rules on the records of clashes and displacement. Impossible figures block, odd ones warn.

The bands here are about what data can be; the thresholds of a class stand in pipeline.methods. The other
records stand in registers.py.
"""

import polars as pl

from expectations.facts import Facts
from expectations.rules import BandRule, RowRule, Section, future, related, row_rule, warn_if
from pipeline.codes import PlacedBy

FATALITIES_MOST = 5_000  # one event; the deadliest single events recorded in the country stay far below
NEAREST_MOST_SHARE = 0.02  # points just off a border or coast are a few in a thousand
IDPS_TOTAL_MOST = 10_000_000  # about a fifth of the population; published totals stay below 4 million
REPORTING_LEAST_COUNT = 100  # the sparsest countrywide report seen names 125 townships
RETURNEES_MOST_RATIO = 10  # ten times as many returned as are displaced reads like exchanged columns

IDPS = ("idps_new_persons", "idps_stock_persons")

CLASHES = Section(
    (
        row_rule(
            "event_date_in_range",
            "Events lie between 1989 and the day the run knows of.",
            future("event_date"),
        ),
        row_rule(
            "month_of_event_date",
            "An event counts in the month of its first day.",
            lambda _: pl.col("month") != pl.col("event_date").dt.month_start(),
        ),
        row_rule(
            "end_not_before_start",
            "An event ends on or after its first day.",
            lambda _: pl.col("event_date_end") < pl.col("event_date"),
        ),
        warn_if(
            "fatalities_plausible",
            "More than 5,000 deaths in one event is a typing slip or a total; look at the row.",
            lambda _: pl.col("fatalities_persons") > FATALITIES_MOST,
        ),
        BandRule(
            "nearest_share",
            "More than 2 % of events off every township mean shifted coordinates or other boundaries.",
            "mean",
            lambda _: (pl.col("placed_by") == PlacedBy.NEAREST).cast(pl.Float64),
            high=NEAREST_MOST_SHARE,
        ),
    )
)


def with_population(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    if facts.population is None:
        return None
    figures = facts.population.drop_nulls().group_by("adm3_pcode").agg(pl.col("population_persons").max())
    return frame.join(figures, on="adm3_pcode", how="left", validate="m:1", maintain_order="left")


def _above_population(facts: Facts) -> dict[str, pl.Expr]:
    known = (
        pl.struct("adm3_pcode", "reference_date").is_in(
            [{"adm3_pcode": code, "reference_date": day} for code, day in sorted(facts.acknowledged)]
        )
        if facts.acknowledged
        else pl.lit(False)
    )
    return {name: (pl.col(name) > pl.col("population_persons")) & ~known for name in IDPS}


DISPLACEMENT = Section(
    (
        row_rule(
            "reference_date_in_range",
            "A report stands for a day between 1989 and the day the run knows of.",
            future("reference_date"),
        ),
        warn_if(
            "returnees_plausible",
            "Returnees beyond ten times the displaced read like exchanged columns.",
            lambda _: (
                pl.col("returnees_persons") > RETURNEES_MOST_RATIO * pl.max_horizontal(*IDPS).clip(lower_bound=1_000)
            ),
        ),
    )
)
DISPLACEMENT_POPULATION = Section(
    (
        RowRule(
            "idps_within_population",
            "More displaced people than inhabitants is an error, or must be acknowledged in "
            "data/reference/corrections.toml.",
            _above_population,
        ),
    ),
    with_population,
)


def displacement_deliveries(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """Per delivery: the largest national total of any date, and how many townships have a figure."""
    totals = frame.group_by("delivery_id", "reference_date").agg(
        pl.max_horizontal(pl.col(c).sum() for c in IDPS).alias("total")
    )
    reporting = frame.filter(pl.any_horizontal(pl.col(c).is_not_null() for c in IDPS))
    counts = reporting.group_by("delivery_id").agg(pl.col("adm3_pcode").n_unique().alias("reporting_count"))
    largest = totals.group_by("delivery_id").agg(pl.col("total").max())
    joined = largest.join(counts, on="delivery_id", how="left", validate="1:1")
    return joined.with_columns(pl.col("reporting_count").fill_null(0)).sort("delivery_id")


def falling_totals(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """Per source, township and day the reports of new displacement, beside the least of the day reported before."""
    own = frame.filter(pl.col("placed_by") != PlacedBy.CROSSWALK).drop_nulls("idps_new_persons")
    where = ["source", "adm3_pcode"]
    days = own.group_by(*where, "reference_date").agg(
        pl.col("idps_new_persons").max().alias("most"), pl.col("idps_new_persons").min().alias("least")
    )
    return days.sort(*where, "reference_date").with_columns(pl.col("least").shift().over(where).alias("least_before"))


DISPLACEMENT_TOTALS = Section(
    (
        warn_if(
            "running_total_holds",
            "New displacement since the coup is a running total: where a later report says less, one is wrong or "
            "was revised.",
            lambda _: pl.col("most") < pl.col("least_before"),
        ),
    ),
    falling_totals,
)
DISPLACEMENT_DELIVERIES = Section(
    (
        warn_if(
            "national_total_plausible",
            "More than 10 million displaced people: figures counted twice, or totals read as rows.",
            lambda _: pl.col("total") > IDPS_TOTAL_MOST,
        ),
        warn_if(
            "reporting_coverage",
            "Fewer than 100 townships report a figure: most of the country is unknown, not calm.",
            lambda _: pl.col("reporting_count") < REPORTING_LEAST_COUNT,
        ),
    ),
    displacement_deliveries,
)


def later_download(_: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """The events that the newest full download of their source lacks; None where none came to be compared."""
    found = related(facts, "later_download")
    return None if found is None or not found[0].width else found[0]


LATER_DOWNLOAD = Section(
    (
        warn_if(
            "later_download_whole",
            "A later full download of a source lacks events that an earlier one had: they go on counting, for a "
            "partial download is no list of deletions; the run names them.",
            lambda _: pl.lit(value=True),
        ),
    ),
    later_download,
)

SUITES: dict[str, tuple[Section, ...]] = {
    "records.clashes": (CLASHES, LATER_DOWNLOAD),
    "records.displacement": (
        DISPLACEMENT,
        DISPLACEMENT_POPULATION,
        DISPLACEMENT_DELIVERIES,
        DISPLACEMENT_TOTALS,
    ),
}
