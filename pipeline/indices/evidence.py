"""The evidence grade: how much stands behind a row, from A to D.

The rule in words and its constants stand in methods.py (GRADE_RULE). Not here: the values themselves; a grade never
changes a class.
"""

import polars as pl

from pipeline.declare.codes import Controller
from pipeline.declare.methods import (
    EVIDENCE_EXACT_SHARE,
    EVIDENCE_GRADES,
    EVIDENCE_RECENT_DAYS,
    EVIDENCE_SOURCES,
    EVIDENCE_UNALLOCATED_MOST_SHARE,
    Method,
)
from pipeline.indices.frames import GRAIN, SHARE_DECIMALS, join_all
from pipeline.indices.latest_known import newest_in_force
from pipeline.indices.security import counted, unallocated_in_window


def _clash_evidence(rows: pl.DataFrame, clashes: pl.DataFrame, method: Method, source_key: str) -> pl.DataFrame:
    """GRAIN, `clash_sources_count` and the day of the last clash of the leading source, both in the window.

    A source holds a clash in the window exactly when its newest clash up to period_end is not older than
    period_start, so one search per source answers both.
    """
    events = counted(clashes, method)
    days = events.select("source_key", "adm3_pcode", "event_date").unique()
    evidence = rows.with_columns(
        pl.lit(0, pl.Int64).alias("clash_sources_count"), pl.lit(None, pl.Date).alias("last_clash")
    )
    for key in events["source_key"].unique().sort():
        held = newest_in_force(evidence, days.filter(pl.col("source_key") == key), "event_date", float("inf"), [])
        inside = pl.col("event_date") >= pl.col("period_start")
        last = pl.when(inside).then("event_date") if key == source_key else pl.col("last_clash")
        evidence = held.with_columns(
            pl.col("clash_sources_count") + inside.fill_null(False).cast(pl.Int64), last.alias("last_clash")
        ).drop("event_date")
    return evidence.select(*GRAIN, "clash_sources_count", "last_clash")


def _unallocated_share(rows: pl.DataFrame, unallocated: pl.DataFrame, method: Method, source_key: str) -> pl.DataFrame:
    """month and unallocated_share: of the clashes in the window, nationally, those located to no township.

    Zero where there is no clash at all, null without a clash source.
    """
    nation = rows.group_by("month").agg(pl.col("period_start", "period_end").first(), pl.col("clashes_count").sum())
    loose = unallocated_in_window(
        nation.select("month", "period_start", "period_end"), unallocated, method, source_key
    ).join(nation.select("month", "clashes_count"), on="month", validate="1:1")
    count = pl.col("clashes_unallocated_count")
    every = count + pl.col("clashes_count")
    return loose.select("month", pl.when(every > 0).then(count / every).otherwise(count).alias("unallocated_share"))


def grade_of(points: pl.Expr, covered: pl.Expr) -> pl.Expr:
    """The grade of so many points; D where `covered` (a clash source says something of the township) is false."""
    grade = pl.lit("D")
    for name, least in reversed(EVIDENCE_GRADES.items()):
        grade = pl.when(covered & (points >= least.value)).then(pl.lit(name)).otherwise(grade)
    return grade


def evidence_grades(
    security: pl.DataFrame,
    humanitarian: pl.DataFrame,
    services: pl.DataFrame,
    control: pl.DataFrame,
    clashes: pl.DataFrame,
    method: Method,
    source_key: str,
    unallocated: pl.DataFrame,
) -> pl.DataFrame:
    """GRAIN, reporting_share, evidence_points_count, evidence_grade, data_age_days, clash_sources_count, by GRADE_RULE.

    `reporting_share` is the part of the four kinds of record with a usable one in force: clashes where in_conflict is
    known, a displacement figure, a survey with the method's minimum of known items, a record that names a controller.
    `data_age_days` runs from the newest of the last clash counted and the displacement, services and
    control records used, to period_end; null when nothing was used. A clash of a second source supports the
    grade but is not used in the index and so does not make the row younger.
    """
    rows = security.filter(pl.col("method") == method.name)
    frame = join_all(
        rows,
        _clash_evidence(rows.select(*GRAIN, "period_start", "period_end"), clashes, method, source_key),
        "clashes",
    ).join(_unallocated_share(rows, unallocated, method, source_key), on="month", validate="m:1")
    for index, columns in (
        (humanitarian, [pl.col("reference_date").alias("displacement_date")]),
        (services, [pl.col("survey_date"), pl.col("services_known_count")]),
        (control, [pl.col("reference_date").alias("control_date"), pl.col("control_class")]),
    ):
        mine = index.filter(pl.col("method") == method.name).select(*GRAIN, *columns)
        frame = join_all(frame, mine, "evidence of the indices")
    newest = pl.max_horizontal("last_clash", "displacement_date", "survey_date", "control_date")
    frame = frame.with_columns((pl.col("period_end") - newest).dt.total_days().alias("data_age_days"))
    covered = pl.col("in_conflict").is_not_null()
    exact = pl.col("exact_share") >= EVIDENCE_EXACT_SHARE.value
    quiet = pl.col("in_conflict").not_() & (pl.col("unallocated_share") <= EVIDENCE_UNALLOCATED_MOST_SHARE.value)
    reports = (
        pl.col("displacement_date").is_not_null(),
        pl.col("services_known_count") >= method.services_known_minimum.value,
        pl.col("control_class") != Controller.UNKNOWN.value,
    )
    points = _count(
        exact.fill_null(False) | quiet,
        pl.col("clash_sources_count") >= EVIDENCE_SOURCES.value,
        *reports,
        pl.col("data_age_days") <= EVIDENCE_RECENT_DAYS.value,
    )
    kinds = (covered, *reports)
    return frame.select(
        *GRAIN,
        (_count(*kinds) / len(kinds)).round(SHARE_DECIMALS).alias("reporting_share"),
        points.alias("evidence_points_count"),
        grade_of(points, covered).alias("evidence_grade"),
        "data_age_days",
        "clash_sources_count",
    ).sort(*GRAIN)


def _count(*conditions: pl.Expr) -> pl.Expr:
    """How many of the conditions hold; one that is unknown does not."""
    return pl.sum_horizontal(condition.fill_null(False).cast(pl.Int64) for condition in conditions)
