"""Rules on the evidence behind a row and on the explanations: grades follow from points, sentences from figures."""

import polars as pl

from expectations.rule import Facts, RowRule, Section, related, row_rule
from pipeline.declare.codes import IndexName
from pipeline.declare.indices import INDICES
from pipeline.declare.methods import EVIDENCE_GRADES
from pipeline.indices.disclosure import shown_persons

TOLERANCE = 1e-9
KINDS = 4  # clashes, displacement, services, control
OTHER_POINTS = 3  # precision, a second clash source, age
TENS = 10
KEY = ["method", "adm3_pcode", "index_name"]
# Index -> its class and the published figure that the class is made from.
FIGURES = {spec.name: (spec.column, spec.quantity) for spec in INDICES}

_COVERED = pl.col("in_conflict").is_not_null()


def _grade() -> pl.Expr:
    points = pl.col("evidence_points_count")
    a, b, c = (EVIDENCE_GRADES[name].value for name in "ABC")
    return (
        pl.when(~_COVERED | (points < c))
        .then(pl.lit("D"))
        .when(points < b)
        .then(pl.lit("C"))
        .when(points < a)
        .then(pl.lit("B"))
        .otherwise(pl.lit("A"))
    )


def _points_of_reports() -> pl.Expr:
    """Points of displacement, services and control: the kinds in force, without that of clashes."""
    return pl.col("reporting_share") * KINDS - _COVERED.cast(pl.Float64)


# For published.township_index, as are the grades.
CLASS_HAS_RECORDS = RowRule(
    "class_has_records",
    "A known item, a class of services, a state of the offices and a named controller rest on at least one record.",
    lambda _: {
        "services": (
            (
                pl.col("services_class").is_in(["severe", "lower"])
                | (pl.col("services_known_count") > 0)
                | (pl.col("control_by_administration") != "unknown")
            )
            & (pl.col("services_records_count") == 0)
        ),
        "control": (
            ((pl.col("control_class") != "unknown") | (pl.col("control_by_observation") != "unknown"))
            & (pl.col("control_records_count") == 0)
        ),
    },
)
GRADES: tuple[RowRule, ...] = (
    row_rule(
        "grade_follows",
        "The evidence grade follows from its points, and is D where no clash source covers the township.",
        lambda _: pl.col("evidence_grade") != _grade(),
    ),
    row_rule(
        "points_follow_reports",
        "The points hold one for each kind of report in force, and at most three more.",
        lambda _: (
            ~(pl.col("evidence_points_count") - _points_of_reports()).is_between(-TOLERANCE, OTHER_POINTS + TOLERANCE)
        ),
    ),
    row_rule(
        "exact_share_of_clashes",
        "A share of exactly located clashes stands where there are clashes, and only there.",
        lambda _: (pl.col("clashes_count") > 0).fill_null(False) != pl.col("exact_share").is_not_null(),
    ),
)


def _rank(column: str) -> pl.Expr:
    """How bad a class of the row's index is; insufficient data is neither better nor worse."""
    return pl.coalesce(
        pl.when(pl.col("index_name") == spec.name).then(
            pl.col(column).replace_strict(
                {code.value: place for place, code in enumerate(spec.order)}, default=None, return_dtype=pl.Int64
            )
        )
        for spec in INDICES
    )


_UP = (_rank("nearest_class") - _rank("class_now")).sign()
_HUMANITARIAN = pl.col("index_name") == IndexName.HUMANITARIAN
EXPLANATIONS = Section(
    (
        row_rule(
            "nearest_is_another",
            "The nearest class is another one than the class now.",
            lambda _: pl.col("nearest_class") == pl.col("class_now"),
        ),
        RowRule(
            "distance_leads_to_nearest",
            "A worse class lies above and a better one below; nothing lies at distance 0 but by rounding.",
            lambda _: {
                "sign": pl.col("distance").sign() * _UP < 0,
                "zero": (pl.col("distance") == 0) & ~_HUMANITARIAN,
                "unit": pl.col("distance").is_null() != pl.col("distance_unit").is_null(),
            },
        ),
        row_rule(
            "people_in_tens",
            "A distance in displaced people is in tens, but from a reported zero, which is never rounded.",
            lambda _: (
                _HUMANITARIAN
                & pl.col("distance_unit").str.starts_with("displaced")
                & (pl.col("value") != 0)
                & (pl.col("distance") % TENS != 0)
            ),
        ),
    )
)


def _explained(figure: str) -> pl.Expr:
    """A published figure as an explanation may name it: of displaced people no closer than a public release does."""
    column = pl.col(figure)
    return (shown_persons(column) if figure == "idps_persons" else column).cast(pl.Float64)


def beside_index(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Every township of the leading month and index, with the published class and figure and what explains them."""
    found = related(facts, "published.township_index")
    if found is None:
        return None
    old = found[0].filter(~pl.col("in_publication_lag"))
    last = (found[0] if old.is_empty() else old).filter(pl.col("month") == pl.col("month").max().over("method"))
    published = pl.concat(
        last.select(
            "method",
            "adm3_pcode",
            pl.lit(str(name)).alias("index_name"),
            pl.col("month").alias("month_there"),
            pl.col(of_class).alias("class_there"),
            _explained(figure).alias("value_there"),
        )
        for name, (of_class, figure) in FIGURES.items()
    )
    return published.join(frame, on=KEY, how="full", coalesce=True).sort(KEY)


BESIDE_INDEX = Section(
    (
        RowRule(
            "explains_the_published",
            "Every township and index of the leading month is explained once, by its published class and figure.",
            lambda _: {
                "missing": pl.col("explanation").is_null(),
                "month": ~pl.col("month").eq_missing(pl.col("month_there")),
                "class_now": ~pl.col("class_now").eq_missing(pl.col("class_there")),
                "value": ~pl.col("value").eq_missing(pl.col("value_there")),
            },
        ),
    ),
    beside_index,
)


def deliveries_named(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """One row per explanation and delivery that it names, with whether that stands in published.deliveries."""
    found = related(facts, "published.deliveries")
    if found is None:
        return None
    known = found[0].select("delivery_id", pl.lit(True).alias("stands"))
    named = frame.select(*KEY, pl.col("delivery_ids").str.split("; ").alias("delivery_id")).drop_nulls("delivery_id")
    return named.explode("delivery_id").join(known, on="delivery_id", how="left", validate="m:1").sort(KEY)


DELIVERIES = Section(
    (
        row_rule(
            "deliveries_stand",
            "Every delivery that a figure rests on stands in the table of deliveries.",
            lambda _: pl.col("stands").is_null(),
        ),
    ),
    deliveries_named,
)

SUITES: dict[str, tuple[Section, ...]] = {"published.explanations": (EXPLANATIONS, BESIDE_INDEX, DELIVERIES)}
