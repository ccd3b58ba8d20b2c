"""The evidence grade: how much stands behind a row, and behind what each index says of it, from A to D.

The rule in words and its constants stand in methods.py (GRADE_RULE). Not here: the values themselves; a grade never
changes a class.
"""

import polars as pl

from pipeline.declare.codes import Controller
from pipeline.declare.methods import (
    EVIDENCE_EXACT_SHARE,
    EVIDENCE_GRADES,
    EVIDENCE_MANY_CLASHES,
    EVIDENCE_POSSIBLE_MOST_SHARE,
    EVIDENCE_RECENT_DAYS,
    EVIDENCE_SOURCES,
    EVIDENCE_UNALLOCATED_MOST_SHARE,
    EVIDENCE_YEAR_DAYS,
    Method,
)
from pipeline.indices.frames import GRAIN, SHARE_DECIMALS, join_all
from pipeline.indices.latest_known import newest_in_force
from pipeline.indices.security import counted, unallocated_in_window


def _clash_evidence(rows: pl.DataFrame, clashes: pl.DataFrame, method: Method, source_key: str) -> pl.DataFrame:
    """GRAIN, `clash_sources_count`, the day of the last clash of the leading source, both in the window, and
    `other_events`: it places an event of a class there that does not count.

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
    others = clashes.filter(
        pl.col("source_key") == source_key,
        ~pl.col("event_class").is_in(list(method.counted_classes)),
        pl.col("geo_precision").is_in(list(method.precision)),
    )
    days = others.select("adm3_pcode", "event_date").unique()
    beside = newest_in_force(evidence, days, "event_date", float("inf"), [])
    inside = (pl.col("event_date") >= pl.col("period_start")).fill_null(False)
    return beside.select(*GRAIN, "clash_sources_count", "last_clash", inside.alias("other_events"))


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
    """GRAIN, reporting_share, evidence_points_count, evidence_grade, data_age_days, clash_sources_count, by GRADE_RULE;
    the grade of each index (evidence_security and so on), and other_events.

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
        (
            services,
            [
                pl.col("survey_date"),
                pl.col("services_known_count"),
                pl.col("services_lost_min"),
                pl.col("services_lost_max"),
            ],
        ),
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
        "other_events",
        _of_clashes(reports).alias("evidence_security"),
        _by_age("displacement_date").alias("evidence_humanitarian"),
        _of_services(method).alias("evidence_services"),
        pl.when(reports[2].fill_null(False))
        .then(_by_age("control_date"))
        .otherwise(pl.lit("D"))
        .alias("evidence_control"),
    ).sort(*GRAIN)


def _graded(*grades: tuple[pl.Expr, str]) -> pl.Expr:
    """The grade of the first condition that holds; D where none does."""
    grade = pl.lit("D")
    for condition, name in reversed(grades):
        grade = pl.when(condition.fill_null(False)).then(pl.lit(name)).otherwise(grade)
    return grade


def _age(day: str) -> pl.Expr:
    return (pl.col("period_end") - pl.col(day)).dt.total_days()


def _by_age(day: str) -> pl.Expr:
    """A at most a quarter old, B at most a year, C older and still in force, D without a record."""
    return _graded(
        (_age(day) <= EVIDENCE_RECENT_DAYS.value, "A"),
        (_age(day) <= EVIDENCE_YEAR_DAYS.value, "B"),
        (pl.col(day).is_not_null(), "C"),
    )


def _of_clashes(reports: tuple[pl.Expr, ...]) -> pl.Expr:
    """With clashes by points: many, placed, of the last year, held by a second source. Without by who else reports."""
    count, possible = pl.col("clashes_count"), pl.col("clashes_possible_count").fill_null(0)
    points = _count(
        count >= EVIDENCE_MANY_CLASHES.value,
        possible <= EVIDENCE_POSSIBLE_MOST_SHARE.value * (count + possible),
        _age("last_clash") <= EVIDENCE_YEAR_DAYS.value,
        pl.col("clash_sources_count") >= EVIDENCE_SOURCES.value,
    )
    others = pl.when((possible == 0) & ~pl.col("other_events")).then(_count(*reports)).otherwise(0)
    fought, quiet = count > 0, count == 0
    return _graded(
        (fought & (points >= 3), "A"), (fought & (points == 2), "B"), (fought, "C"),
        (quiet & (others == 3), "A"), (quiet & (others == 2), "B"), (quiet & (others == 1), "C"),
    )  # fmt: skip


def _of_services(method: Method) -> pl.Expr:
    """A certain whatever is missing and at most a quarter old, B certain, C enough items for a class, D fewer."""
    cut = method.services_severe.value
    enough = pl.col("services_known_count") >= method.services_known_minimum.value
    certain = enough & ((pl.col("services_lost_min") >= cut) | (pl.col("services_lost_max") < cut))
    return _graded((certain & (_age("survey_date") <= EVIDENCE_RECENT_DAYS.value), "A"), (certain, "B"), (enough, "C"))


def _count(*conditions: pl.Expr) -> pl.Expr:
    """How many of the conditions hold; one that is unknown does not."""
    return pl.sum_horizontal(condition.fill_null(False).cast(pl.Int64) for condition in conditions)
