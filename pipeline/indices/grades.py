"""The evidence grade: how much stands behind a row, from A to D.

Not here: the values themselves; a grade never changes a class.
"""

import polars as pl

from pipeline.codes import Controller
from pipeline.indices.frames import GRAIN, join_all
from pipeline.indices.in_force import newest_in_force
from pipeline.indices.security import counted
from pipeline.methods import Method

PRECISE_SHARE = 0.8
SOURCES_AGREEING = 2
RECENT_DAYS = 90
A_POINTS, B_POINTS, C_POINTS = 5, 4, 2

GRADE_RULE = (
    "One point each for: at least 80 % of the township's clashes located at township level or better (or none "
    "reported by a source whose silence means zero); clashes there in at least two clash sources; a displacement "
    "figure in force; at least the method's minimum of service items known; a control record in force that names "
    "a controller; and a newest record used that is at most 90 days old. A: 5 or 6 points, B: 4, C: 2 or 3, "
    "D: 0 or 1, and D wherever no clash source covers the township."
)


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


def evidence_grades(
    security: pl.DataFrame,
    humanitarian: pl.DataFrame,
    services: pl.DataFrame,
    control: pl.DataFrame,
    clashes: pl.DataFrame,
    method: Method,
    source_key: str,
) -> pl.DataFrame:
    """GRAIN, evidence_grade, data_age_days, clash_sources_count of one method's rows, by GRADE_RULE.

    `data_age_days` runs from the newest of the last clash counted and the displacement, services and
    control records used, to period_end; null when nothing was used. A clash of a second source supports the
    grade but is not used in the index and so does not make the row younger.
    """
    rows = security.filter(pl.col("method") == method.name)
    frame = join_all(
        rows,
        _clash_evidence(rows.select(*GRAIN, "period_start", "period_end"), clashes, method, source_key),
        "clashes",
    )
    for index, columns in (
        (humanitarian, [pl.col("reference_date").alias("displacement_date")]),
        (services, [pl.col("survey_date"), pl.col("services_known_count")]),
        (control, [pl.col("reference_date").alias("control_date"), pl.col("control_class")]),
    ):
        mine = index.filter(pl.col("method") == method.name).select(*GRAIN, *columns)
        frame = join_all(frame, mine, "evidence of the indices")
    newest = pl.max_horizontal("last_clash", "displacement_date", "survey_date", "control_date")
    frame = frame.with_columns((pl.col("period_end") - newest).dt.total_days().alias("data_age_days"))
    points = pl.sum_horizontal(
        condition.fill_null(False).cast(pl.Int64)
        for condition in (
            (pl.col("precise_share") >= PRECISE_SHARE)
            | (pl.col("in_conflict").not_() & pl.col("precise_share").is_null()),
            pl.col("clash_sources_count") >= SOURCES_AGREEING,
            pl.col("displacement_date").is_not_null(),
            pl.col("services_known_count") >= method.services_known_minimum.value,
            pl.col("control_class") != Controller.UNKNOWN.value,
            pl.col("data_age_days") <= RECENT_DAYS,
        )
    )
    grade = (
        pl.when(pl.col("in_conflict").is_null() | (points < C_POINTS))
        .then(pl.lit("D"))
        .when(points < B_POINTS)
        .then(pl.lit("C"))
        .when(points < A_POINTS)
        .then(pl.lit("B"))
        .otherwise(pl.lit("A"))
    )
    return frame.select(*GRAIN, grade.alias("evidence_grade"), "data_age_days", "clash_sources_count").sort(*GRAIN)
