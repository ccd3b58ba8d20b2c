"""Rules on the indices: classes follow from figures, windows only grow, nothing looks ahead.

Rules that also hold for the published township table are plain names here, used by published.py.
Thresholds are not repeated: these rules hold for any threshold.
"""

import polars as pl

from expectations.rule import BandRule, Facts, Prepare, RowRule, Section, related, row_rule
from pipeline.declare.codes import DisplacementClass, HumanitarianClass, SecurityClass, ServicesCertainty, ServicesClass
from pipeline.declare.indices import BY_CUT, IndexSpec

TOLERANCE = 1e-9
POINTS_TOLERANCE = 1e-3  # both figures are rounded, the loss to six decimals
INSUFFICIENT_MOST_SHARE = 0.5  # beyond half of the townships an index describes the reports, not the country
OUTSIDE = "not_in_conflict"
UNKNOWN = "insufficient_data"
UNKNOWN_CONTROLLER = "unknown"
KEY = ("method", "month", "adm3_pcode")
TOWNSHIP = ("method", "adm3_pcode")

SECURITY_CLASS_FOLLOWS = row_rule(
    "security_class_follows",
    "High and low need a clash in the window, not_in_conflict needs none: classes follow from counts.",
    lambda _: (
        pl.when(pl.col("security_class").is_in([str(SecurityClass.HIGH), str(SecurityClass.LOW)]))
        .then(~(pl.col("in_conflict") & (pl.col("clashes_count") > 0)).fill_null(False))
        .when(pl.col("security_class") == OUTSIDE)
        .then((pl.col("in_conflict") | (pl.col("clashes_count") != 0)).fill_null(True))
    ),
)
CUMULATIVE_NEVER_FALLS = row_rule(
    "cumulative_never_falls",
    "In a method that counts since a fixed day a township's clashes never fall from month to month.",
    lambda f: (
        pl.when(pl.col("method").is_in(sorted(f.cumulative_methods))).then(
            pl.col("clashes_count") < pl.col("clashes_count").shift(1).over(TOWNSHIP, order_by="month")
        )
        if f.cumulative_methods
        else None
    ),
)
MONTH_WITHIN_WINDOW = row_rule(
    "month_within_window",
    "The clashes of the month are part of the clashes in the window.",
    lambda _: pl.col("clashes_month_count") > pl.col("clashes_count"),
)
PERIOD_FITS_MONTH = row_rule(
    "period_fits_month",
    "A window starts by its month's end and ends within the month it is named after.",
    lambda _: (
        (pl.col("period_start") > pl.col("period_end")) | (pl.col("period_end").dt.month_start() != pl.col("month"))
    ),
)
SCORE_ZERO_WITHOUT_CLASH = row_rule(
    "score_zero_without_clash",
    "The security score is 0 where there is no clash, and only there.",
    lambda _: (pl.col("security_score") == 0) != (pl.col("clashes_count") == 0),
)
LOSS_BETWEEN_BOUNDS = row_rule(
    "loss_between_bounds",
    "The loss of services lies between its best and its worst case.",
    lambda _: (
        (pl.col("services_lost_min") > pl.col("services_lost_max") + TOLERANCE)
        | (pl.col("services_lost_score") < pl.col("services_lost_min") - TOLERANCE).fill_null(False)
        | (pl.col("services_lost_score") > pl.col("services_lost_max") + TOLERANCE).fill_null(False)
    ),
)
LOSS_NEEDS_KNOWN_ITEMS = row_rule(
    "loss_needs_known_items",
    "Without a known item there is no score, and with one there is: nothing is imputed.",
    lambda _: (pl.col("services_known_count") == 0) != pl.col("services_lost_score").is_null(),
)
LOSS_SCORE_IN_POINTS = row_rule(
    "score_is_loss_in_points",
    "The services score is the loss on a scale of 100.",
    lambda _: (pl.col("services_score") - 100 * pl.col("services_lost_score")).abs() > POINTS_TOLERANCE,
)


CERTAINTY_FOLLOWS = row_rule(
    "certainty_follows",
    "A class of services is certain where both bounds give it and likely elsewhere; without a class there is neither.",
    lambda _: (
        ~pl.col("services_certainty").eq_missing(
            pl.when(pl.col("services_class").is_in([str(ServicesClass.SEVERE), str(ServicesClass.LOWER)])).then(
                pl.when(
                    (pl.col("services_class_best") == pl.col("services_class"))
                    & (pl.col("services_class_worst") == pl.col("services_class"))
                )
                .then(pl.lit(str(ServicesCertainty.CERTAIN)))
                .otherwise(pl.lit(str(ServicesCertainty.LIKELY)))
            )
        )
    ),
)


def _newest_is_counted(day: str, count: str) -> RowRule:
    return row_rule(
        "newest_is_counted",
        "Where a record is in force at least that one is counted, and where none is, none.",
        lambda _: pl.col(day).is_null() != (pl.col(count) == 0),
    )


def by_count(frame: pl.DataFrame, _: Facts) -> pl.DataFrame:
    """One row per method, month and number of clashes, with the highest value among lower counts beside."""
    values = ("security_high_probability", "security_score")
    groups = ["method", "month", "clashes_count"]
    ranges = (
        frame.drop_nulls("clashes_count")
        .group_by(groups)
        .agg(
            *(pl.col(v).min().alias(f"{v}_min") for v in values),
            *(pl.col(v).max().alias(f"{v}_max") for v in values),
        )
    )
    return ranges.sort(groups).with_columns(
        pl.col(f"{v}_max").cum_max().shift(1).over("method", "month").alias(f"{v}_below") for v in values
    )


BY_COUNT = Section(
    (
        row_rule(
            "probability_rises_with_count",
            "More clashes never make the class high less probable within a month.",
            lambda _: pl.col("security_high_probability_min") < pl.col("security_high_probability_below") - TOLERANCE,
        ),
        row_rule(
            "score_rises_with_count",
            "More clashes never lower the security score within a month.",
            lambda _: pl.col("security_score_min") < pl.col("security_score_below") - TOLERANCE,
        ),
    ),
    by_count,
)


def _insufficient(column: str, what: str) -> BandRule:
    """Share among the townships of the newest month that are not outside conflict."""
    newest = (pl.col("month") == pl.col("month").max()) & (pl.col(column) != OUTSIDE)
    return BandRule(
        f"{what}_mostly_known",
        f"Where more than half of the townships lack data, the {what} index describes the reporting.",
        "mean",
        lambda _: pl.when(newest).then((pl.col(column) == UNKNOWN).cast(pl.Float64)),
        high=INSUFFICIENT_MOST_SHARE,
    )


def _names_its_delivery(column: str) -> RowRule:
    return row_rule(
        "record_names_its_delivery",
        "A record in force names the delivery it came with, and nothing else does.",
        lambda _: pl.col(column).is_null() != pl.col("delivery_id").is_null(),
    )


def _no_look_ahead(column: str) -> Section:
    return Section(
        (
            row_rule(
                "no_look_ahead",
                "A month rests on records dated by its end, never on later ones.",
                lambda _: pl.col(column) > pl.col("month").dt.month_end(),
            ),
        )
    )


def _with_security() -> Prepare:
    def prepare(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
        found = related(facts, "indices.security")
        if found is None:
            return None
        security = found[0].select(*KEY, "security_class", "in_conflict")
        return frame.join(security, on=KEY, how="left", validate="1:1", maintain_order="left")

    return prepare


def _only_inside_conflict(column: str) -> Section:
    return Section(
        (
            row_rule(
                "only_inside_conflict",
                "Outside conflict there is no class; inside there is one, or insufficient data.",
                lambda _: (pl.col(column) == OUTSIDE) != (pl.col("security_class") == OUTSIDE).fill_null(False),
            ),
        ),
        _with_security(),
    )


_HIGH_LOW = [str(HumanitarianClass.HIGH), str(HumanitarianClass.LOW)]
HUMANITARIAN = Section(
    (
        _names_its_delivery("idps_persons"),
        row_rule(
            "humanitarian_class_follows",
            "High and low need displaced people, no_new_idps a report that counts none.",
            lambda _: (
                pl.when(pl.col("humanitarian_class").is_in(_HIGH_LOW))
                .then((pl.col("idps_persons") > 0).not_().fill_null(True))
                .when(pl.col("humanitarian_class") == HumanitarianClass.NO_NEW_IDPS)
                .then((pl.col("idps_persons") != 0).fill_null(True))
            ),
        ),
        row_rule(
            "displacement_class_follows",
            "High and low need displaced people, none a report that counts nobody, and no figure is insufficient data; "
            "whoever is high by the published class is high here.",
            lambda _: (
                pl.when(pl.col("idps_persons").is_null())
                .then(pl.col("displacement_class") != DisplacementClass.INSUFFICIENT_DATA)
                .when(pl.col("idps_persons") == 0)
                .then(pl.col("displacement_class") != DisplacementClass.NONE)
                .when(pl.col("humanitarian_class") == HumanitarianClass.HIGH)
                .then(pl.col("displacement_class") != DisplacementClass.HIGH)
                .otherwise(
                    ~pl.col("displacement_class").is_in([str(DisplacementClass.HIGH), str(DisplacementClass.LOW)])
                )
            ),
        ),
        row_rule(
            "basis_with_figure",
            "A figure states whether it is new displacement or stock, and only a figure does.",
            lambda _: pl.col("idps_persons").is_null() != pl.col("idps_basis").is_null(),
        ),
        row_rule(
            "score_zero_without_displaced",
            "The humanitarian score is 0 where a report counts nobody, and only there.",
            lambda _: (pl.col("humanitarian_score") == 0) != (pl.col("idps_persons") == 0),
        ),
        _insufficient("humanitarian_class", "humanitarian"),
    )
)
SERVICES = Section(
    (
        _names_its_delivery("survey_date"),
        _newest_is_counted("survey_date", "services_records_count"),
        LOSS_BETWEEN_BOUNDS,
        LOSS_NEEDS_KNOWN_ITEMS,
        LOSS_SCORE_IN_POINTS,
        CERTAINTY_FOLLOWS,
        row_rule(
            "services_class_needs_answers",
            "A class of services inside conflict rests on at least one known item.",
            lambda _: (
                pl.col("services_class").is_in([str(ServicesClass.SEVERE), str(ServicesClass.LOWER)])
                & (pl.col("services_known_count") == 0)
            ),
        ),
        _insufficient("services_class", "services"),
    )
)
CONTROL = Section(
    (
        _newest_is_counted("reference_date", "control_records_count"),
        row_rule(
            "controller_has_a_record",
            "A controller is named by a record in force; without one it is unknown.",
            lambda _: pl.col("reference_date").is_null() & (pl.col("control_class") != UNKNOWN_CONTROLLER),
        ),
        BandRule(
            "control_known_somewhere",
            "Townships of the newest month with a control record in force; without any, observed control "
            "cannot be shown.",
            "sum",
            lambda _: (pl.col("control_class") != UNKNOWN_CONTROLLER) & (pl.col("month") == pl.col("month").max()),
            low=1,
        ),
    )
)
SECURITY = Section(
    (
        SECURITY_CLASS_FOLLOWS,
        CUMULATIVE_NEVER_FALLS,
        MONTH_WITHIN_WINDOW,
        PERIOD_FITS_MONTH,
        SCORE_ZERO_WITHOUT_CLASH,
        _insufficient("security_class", "security"),
    )
)


def cut_class_follows(spec: IndexSpec) -> Section:
    """Of an index that is made by one cut, whatever it is: no figure of the milder class reaches one of the worst."""
    _, milder, worst = map(str, spec.order)
    code, figure = pl.col(spec.column), pl.col(spec.quantity)
    lowest = figure.filter(code == worst).min().over("method")
    return Section(
        (
            row_rule(
                f"{spec.name}_class_follows",
                "A class inside conflict has a figure, and every one of the worst class lies above the other's.",
                lambda _: (
                    (code.is_in([milder, worst]) & figure.is_null())
                    | ((code == milder) & (figure >= lowest)).fill_null(False)
                ),
            ),
            _insufficient(spec.column, str(spec.name)),
        )
    )


SUITES: dict[str, tuple[Section, ...]] = {
    "indices.security": (SECURITY, BY_COUNT),
    "indices.humanitarian": (
        HUMANITARIAN,
        _no_look_ahead("reference_date"),
        _only_inside_conflict("humanitarian_class"),
    ),
    "indices.services": (SERVICES, _no_look_ahead("survey_date"), _only_inside_conflict("services_class")),
    "indices.control": (CONTROL, _no_look_ahead("reference_date")),
    **{f"indices.{spec.name}": (cut_class_follows(spec), _only_inside_conflict(spec.column)) for spec in BY_CUT},
}
