"""Rules on the records of clashes and displacement. Impossible figures block, odd ones warn.

The bands here are about what data can be; the thresholds of a class stand in pipeline.declare.methods.

Rules on the records beside clashes and displacement: townships, population, services, control, accounts.
"""

import polars as pl

from expectations.rule import (
    REGIONS_COUNT,
    TOWNSHIPS_COUNT,
    BandRule,
    Facts,
    RowRule,
    Section,
    future,
    related,
    row_rule,
    warn_if,
)
from pipeline.declare.codes import CONTROL_SHARES, SERVICE_ITEMS, Controller, PlacedBy, Severity
from pipeline.records import triage

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
        row_rule(
            "record_of_an_event",
            "A record stands for one event, a row of a tally for one or more; none at all is no record.",
            lambda _: pl.col("events_count") < 1,
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


POPULATION_BAND = (40_000_000, 70_000_000)  # census 2014: 51 million; projections for 2022: 56 million
COUNTRY_AREA_KM2 = 676_577  # official total area; polygon layers differ with coast and inland water
AREA_BAND_SHARE = 0.05


def _no_contradiction(counted_as: str) -> RowRule:
    return warn_if(
        "records_agree",
        "Records of one township and day that contradict each other with equal standing; ask their sources. "
        f"Until then they count as {counted_as}.",
        lambda _: pl.col("conflicting_records_count") > 0,
    )


SERVICES = Section(
    (
        row_rule(
            "survey_date_in_range",
            "A survey was done between 1989 and the day the run knows of.",
            future("survey_date"),
        ),
        warn_if(
            "some_item_known",
            "A record without one known service item says nothing.",
            lambda _: pl.all_horizontal(pl.col(item) == "unknown" for item in SERVICE_ITEMS),
        ),
        _no_contradiction("unknown"),
    )
)

SHARE_ROUNDING = 1e-5  # each of the four is rounded to six decimals


def _shares_add_up(columns: tuple[str, ...]) -> RowRule:
    return row_rule(
        "shares_within_the_township",
        "The sides together hold no more than the township; what they leave is unknown.",
        lambda _: pl.sum_horizontal(columns) > 1 + SHARE_ROUNDING,
    )


CONTROL = Section(
    (
        _shares_add_up(CONTROL_SHARES),
        row_rule(
            "reference_date_in_range",
            "A record stands for a day between 1989 and the day the run knows of.",
            future("reference_date"),
        ),
        _no_contradiction("contested"),
    )
)


CONTROL_AREAS = Section(
    (
        row_rule(
            "map_date_in_range",
            "A map shows a day between 1989 and the day the run knows of.",
            future("reference_date"),
        ),
        row_rule("area_covers", "A drawn area stands where it covers something.", lambda _: pl.col("area_share") <= 0),
    )
)

TOWN_CONTROL = Section(
    (
        row_rule(
            "town_taken_in_range",
            "A town was taken between 1989 and the day the run knows of.",
            future("event_date"),
        ),
        row_rule(
            "hands_known",
            "A town is in somebody's hands or contested: an event that names nobody changes nothing.",
            lambda _: pl.col("controller") == Controller.UNKNOWN.value,
        ),
        _no_contradiction("contested"),
    )
)


def population_sets(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """Per delivery and date: national total and townships with a figure."""
    sets = frame.group_by("delivery_id", "reference_date").agg(
        pl.col("population_persons").sum().alias("total"),
        pl.col("adm3_pcode").filter(pl.col("population_persons") > 0).n_unique().alias("townships"),
    )
    return sets.sort("delivery_id", "reference_date")


POPULATION = Section(
    (
        warn_if(
            "national_total_plausible",
            "The country has 40 to 70 million inhabitants; another total means missing or doubled rows.",
            lambda _: ~pl.col("total").is_between(*POPULATION_BAND),
        ),
        warn_if(
            "every_township_has_a_figure",
            "A township without inhabitants on file has no rate and no population share.",
            lambda _: pl.col("townships") < TOWNSHIPS_COUNT,
        ),
    ),
    population_sets,
)

DELIVERIES = Section(
    (
        row_rule("received_in_range", "A delivery was received by the day the run knows of.", future("received_at")),
        warn_if(
            "reference_before_receipt",
            "A file cannot stand for a day after it was received.",
            lambda _: pl.col("reference_date") > pl.col("received_at"),
        ),
    )
)

ADDS_UP = row_rule(
    "rows_add_up",
    "Rows in equal rows used plus rows set aside: nothing is dropped in silence.",
    lambda _: pl.col("rows_count") != pl.col("rows_used_count") + pl.col("rows_set_aside_count"),
)
SET_ASIDE_MOST_SHARE = 0.20  # more than one row in five lost to faults means a misread file

DATES_IN_ORDER = row_rule(
    "dates_in_order",
    "The first date of a delivery is not after its last.",
    lambda _: pl.col("first_date") > pl.col("last_date"),
)


def with_set_aside(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    found = related(facts, "records.set_aside")
    if found is None:
        return None
    rows = triage.by_reason(found[0], facts.related.get("records.repeated_rows"))
    rows = rows.group_by("delivery_id").agg(pl.col("rows_count").sum().alias("rows_found"))
    return frame.join(rows, on="delivery_id", how="full", coalesce=True, validate="1:1").sort("delivery_id")


ACCOUNTS_ASIDE = Section(
    (
        row_rule(
            "set_aside_rows_stand",
            "Every row counted as set aside stands in records.set_aside with its reason, or is counted as repeated.",
            lambda _: pl.col("rows_found").fill_null(0) != pl.col("rows_set_aside_count").fill_null(-1),
        ),
    ),
    with_set_aside,
)


def delivery_faults(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Per delivery: the share of its rows set aside for a fault."""
    found = related(facts, "records.set_aside")
    if found is None:
        return None
    return triage.shares(frame, found[0], facts.related.get("records.repeated_rows")).select(
        "delivery_id", "fault_share"
    )


def _not_accepted(facts: Facts) -> pl.Expr:
    return ~pl.col("delivery_id").is_in(list(facts.accepted_losses))


DELIVERY_FAULTS = Section(
    (
        warn_if(
            "set_aside_share",
            "More than 20 % of a file set aside for faults: it was misread or is not this format.",
            lambda _: pl.col("fault_share") > SET_ASIDE_MOST_SHARE,
        ),
        row_rule(
            "mostly_set_aside",
            "More than half of a file set aside for faults: what is left may be any part of it. Mend it, or accept the "
            "loss in corrections.toml.",
            lambda f: (pl.col("fault_share") > triage.MOST_SHARE) & _not_accepted(f),
        ),
    ),
    delivery_faults,
)

POINTS = Section(
    (
        warn_if(
            "points_agree",
            "Rows whose own exact point lies more than 5 km outside the township that their name or code gives: one of "
            "the two is wrong. They count where the text says; each stands in its records table with its "
            "point_distance_km.",
            lambda _: pl.col("rows_contradicted_count") > 0,
        ),
    )
)

TOWNSHIPS = Section(
    (
        row_rule(
            "area_positive",
            "A township has an area; zero means an empty or broken shape.",
            lambda _: pl.col("area_km2") <= 0,
        ),
        row_rule(
            "code_within_unit",
            "A township code starts with the code of its state or region unit.",
            lambda _: ~pl.col("adm3_pcode").str.starts_with(pl.col("adm1_pcode")),
        ),
        BandRule(
            "national_area",
            "The townships together have the country's area within 5 %; else shapes are missing or overlap.",
            "sum",
            lambda _: pl.col("area_km2"),
            low=COUNTRY_AREA_KM2 * (1 - AREA_BAND_SHARE),
            high=COUNTRY_AREA_KM2 * (1 + AREA_BAND_SHARE),
        ),
        BandRule(
            "regions_count",
            "The townships lie in 15 states, regions and the union territory.",
            "max",
            lambda _: pl.col("state_region").n_unique(),
            low=REGIONS_COUNT,
            high=REGIONS_COUNT,
            severity=Severity.CRITICAL,
        ),
    )
)


UNALLOCATED = Section(
    (
        row_rule(
            "candidates_are_several",
            "Candidate townships are two or more codes in ascending order, or none: one alone would be its township.",
            lambda _: ~pl.col("candidate_pcodes").str.contains(r"^(none|MMR\d{6}( MMR\d{6})+)$"),
        ),
    )
)
REPEATED_ROWS = Section(
    (
        row_rule(
            "repeats_are_counted",
            "A delivery without repeated rows has no row here, and what is replaced or ended is all that can repeat.",
            lambda _: (pl.col("rows_count") < 1) | ~pl.col("reason").is_in(["superseded", "deleted", "reused_number"]),
        ),
    )
)

SUITES: dict[str, tuple[Section, ...]] = {
    "records.clashes": (CLASHES, LATER_DOWNLOAD),
    "records.unallocated_events": (UNALLOCATED,),
    "records.displacement": (
        DISPLACEMENT,
        DISPLACEMENT_POPULATION,
        DISPLACEMENT_DELIVERIES,
        DISPLACEMENT_TOTALS,
    ),
    "records.services": (SERVICES,),
    "records.control": (CONTROL,),
    "records.control_areas": (CONTROL_AREAS,),
    "records.town_control": (TOWN_CONTROL,),
    "records.population": (POPULATION,),
    "records.deliveries": (DELIVERIES,),
    "records.accounts": (Section((ADDS_UP, DATES_IN_ORDER)), ACCOUNTS_ASIDE, DELIVERY_FAULTS, POINTS),
    "records.repeated_rows": (REPEATED_ROWS,),
    "records.townships": (TOWNSHIPS,),
}
