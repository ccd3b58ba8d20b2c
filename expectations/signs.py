"""Rules on signs of services: what was not measured says nothing, and a strength follows from its figures."""

import polars as pl

from expectations.rule import Facts, RowRule, Section, future, related, row_rule, warn_if
from pipeline.declare.codes import SignBasis, SignDirection, SignStrength
from pipeline.declare.methods import LIGHT_LOSS_RATIO, LIGHT_STRONG_RATIO

ROUNDING = 1e-5  # both ratios are rounded to six decimals
light = pl.col("sign_basis") != SignBasis.STATEMENT
loss = pl.col("sign_direction") == SignDirection.LOSS
kept = pl.col("light_ratio") / pl.col("quiet_light_ratio")
_ENDS = row_rule(
    "ends_after_it_begins",
    "The last day of a sign is not before its first.",
    lambda _: pl.col("until_date") < pl.col("from_date"),
)

RECORDS = Section(
    (
        row_rule(
            "from_date_in_range",
            "A sign begins between 1989 and the day the run knows of.",
            future("from_date"),
        ),
        _ENDS,
        RowRule(
            "statement_or_measurement",
            "A statement says loss or none and holds no light; light is of electricity, ends, and says nothing itself.",
            lambda _: {
                "statement": ~light
                & (
                    pl.col("sign_direction").is_null()
                    | pl.col("lit_pixels_count").is_not_null()
                    | pl.col("radiance_sum").is_not_null()
                ),
                "light": light
                & (
                    pl.col("sign_direction").is_not_null()
                    | (pl.col("service_item") != "electricity")
                    | pl.col("until_date").is_null()
                ),
            },
        ),
        warn_if(
            "records_agree",
            "Signs of one township, item and day that contradict each other; ask their sources. Until then a statement "
            "is weak and a measurement says nothing.",
            lambda _: pl.col("conflicting_records_count") > 0,
        ),
    )
)

SIGNS = Section(
    (
        _ENDS,
        RowRule(
            "light_follows",
            "Light points to a loss where the township kept at most half of what quiet ones did; it weighs as it fell.",
            lambda _: {
                "direction": light
                & (
                    (loss & (kept > LIGHT_LOSS_RATIO.value + ROUNDING))
                    | (~loss & (kept < LIGHT_LOSS_RATIO.value - ROUNDING))
                ),
                "strong": light
                & (pl.col("sign_strength") == SignStrength.STRONG)
                & (~loss | (kept > LIGHT_STRONG_RATIO.value + ROUNDING)),
                "none": light & ~loss & (pl.col("sign_strength") != SignStrength.WEAK),
            },
        ),
        RowRule(
            "light_has_its_figures",
            "A sign of light rests on figures of the township and of quiet ones, a statement on none.",
            lambda _: {name: light == pl.col(name).is_null() for name in ("light_ratio", "quiet_light_ratio")},
        ),
        row_rule(
            "stated_is_never_strong",
            "What is only stated was not measured.",
            lambda _: ~light & (pl.col("sign_strength") == SignStrength.STRONG),
        ),
    )
)


def beside_records(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Signs of light beside the measurements of their township and year; `measured` is how many there are."""
    found = related(facts, "records.signs")
    if found is None:
        return None
    seen = found[0].filter(light, pl.any_horizontal(pl.col("lit_pixels_count", "radiance_sum").is_not_null()))
    where = ["adm3_pcode", "sign_basis", "_year"]
    measured = (
        seen.with_columns(pl.col("from_date").dt.year().alias("_year")).group_by(where).agg(pl.len().alias("measured"))
    )
    own = frame.filter(light).with_columns(pl.col("from_date").dt.year().alias("_year"))
    return own.join(measured, on=where, how="left", validate="m:1").sort("adm3_pcode", "sign_basis", "from_date")


MEASURED = Section(
    (
        row_rule(
            "none_for_want_of_data",
            "A township and year without a measurement has no sign of light: missing light is never dark.",
            lambda _: pl.col("measured").is_null(),
        ),
    ),
    beside_records,
)

SUITES: dict[str, tuple[Section, ...]] = {
    "records.signs": (RECORDS,),
    "published.service_signs": (SIGNS, MEASURED),
}
