"""Signs of services: light at night beside a township's own past and quiet townships, and what sources state.

Signs stand beside the index and make no class. What was not measured says nothing: no figure, no sign.
"""

from datetime import date

import polars as pl

from pipeline.declare.codes import DatePrecision, SignBasis, SignDirection, SignStrength
from pipeline.declare.frames import empty
from pipeline.declare.methods import (
    COUP,
    LIGHT_BASELINE_YEARS,
    LIGHT_LEAST_MONTHS,
    LIGHT_LEAST_PIXELS,
    LIGHT_LEAST_QUIET,
    LIGHT_LOSS_RATIO,
    LIGHT_STRONG_RATIO,
    STATEMENT_FRESH_DAYS,
)
from pipeline.indices.frames import SHARE_DECIMALS, conform, require_known
from pipeline.indices.run_context import RunContext, makes

_TABLE = "published.service_signs"
_SERIES = ["source", "sign_basis"]
_LOSS, _NONE = SignDirection.LOSS.value, SignDirection.NONE.value


def _percent(ratio: pl.Expr) -> pl.Expr:
    return (100 * ratio).round(0).cast(pl.Int64).cast(pl.String)


def _measured(signs: pl.DataFrame) -> pl.DataFrame:
    """Measurements that stand: a row per series, township and period with its `year`, `slot` (month or 0) and figures.

    A series is what one source delivered by year or by month. Where figures of one period contradict each other none
    of them counts.
    """
    light = signs.filter(pl.col("sign_basis") != SignBasis.STATEMENT.value, pl.col("conflicting_records_count") == 0)
    by_month = pl.col("sign_basis") == SignBasis.LIGHTS_BY_MONTH.value
    dated = light.with_columns(
        pl.col("from_date").dt.year().alias("year"),
        pl.when(by_month).then(pl.col("from_date").dt.month()).otherwise(0).alias("slot"),
    )
    period = [*_SERIES, "adm3_pcode", "year", "slot"]
    figures = ["lit_pixels_count", "radiance_sum"]
    return (
        dated.unique([*period, *figures], maintain_order=True)
        .filter(pl.len().over(period) == 1)
        .select(*period, "from_date", "until_date", *figures)
    )


def _own_light(measured: pl.DataFrame, value: str) -> pl.DataFrame:
    """The township's own light before, by series and slot: the median over the baseline's years, and these years."""
    before = pl.col("year") < COUP.year
    years = measured.drop_nulls(value).select(*_SERIES, "year").unique()
    early = years.filter(before, pl.col("year") >= COUP.year - int(LIGHT_BASELINE_YEARS.value))
    first = years.filter(pl.col("year") == pl.col("year").min().over(_SERIES)).join(early, on=_SERIES, how="anti")
    chosen = pl.concat([early, first])
    spans = chosen.group_by(_SERIES).agg(
        pl.col("year").min().alias("first_year"), pl.col("year").max().alias("last_year")
    )
    return (
        measured.drop_nulls(value)
        .join(chosen, on=[*_SERIES, "year"], how="semi")
        .group_by(*_SERIES, "adm3_pcode", "slot")
        .agg(pl.col(value).median().alias("own"))
        .join(spans, on=_SERIES, how="left", validate="m:1")
    )


def _pixels_before(measured: pl.DataFrame) -> pl.DataFrame:
    """adm3_pcode, `pixels`: lit pixels of the township before, by the series that counted the most of them."""
    own = _own_light(measured, "lit_pixels_count")
    per_series = own.group_by(*_SERIES, "adm3_pcode").agg(pl.col("own").median())
    return per_series.group_by("adm3_pcode").agg(pl.col("own").max().alias("pixels"))


def _ratios(measured: pl.DataFrame, value: str) -> pl.DataFrame:
    """Light of each year since the coup over the township's own before, in the months known in both."""
    own = _own_light(measured, value)
    pairs = measured.drop_nulls(value).join(own, on=[*_SERIES, "adm3_pcode", "slot"], how="inner", validate="m:1")
    judged = pairs.filter(pl.col("year") >= COUP.year, pl.col("year") > pl.col("last_year"))
    enough = (
        pl.when(pl.col("sign_basis") == SignBasis.LIGHTS_BY_MONTH.value).then(LIGHT_LEAST_MONTHS.value).otherwise(1)
    )
    return (
        judged.group_by(*_SERIES, "adm3_pcode", "year", "first_year", "last_year")
        .agg(
            pl.col("from_date").min(),
            pl.col("until_date").max(),
            pl.len().alias("known"),
            # Sorted, so that the sum's last digit does not depend on the order of rows.
            (pl.col(value).sort().sum() / pl.col("own").sort().sum()).alias("light_ratio"),
        )
        .filter(pl.col("known") >= enough, pl.col("light_ratio").is_finite())
    )


def _quiet(security: pl.DataFrame, years: pl.Series) -> pl.DataFrame:
    """year, adm3_pcode of the townships without a clash in the window at the year's end, or at the last month known."""
    months = security.select("month").unique()
    ends = (
        pl.DataFrame({"year": years.unique()})
        .join(months, how="cross")
        .filter(pl.col("month").dt.year() <= pl.col("year"))
        .group_by("year")
        .agg(pl.col("month").max())
    )
    calm = security.filter(pl.col("in_conflict").not_()).select("month", "adm3_pcode")
    return ends.join(calm, on="month", how="inner").select("year", "adm3_pcode")


def light_signs(signs: pl.DataFrame, security: pl.DataFrame) -> pl.DataFrame:
    """A sign about electricity for each series, township and year since the coup that the lights say something of.

    See the formula "Light at night". `security` is indices.security of one method. A series that counts pixels is
    judged by them, another by its radiance; the floor of pixels is that of whoever counted them.
    """
    measured = _measured(signs)
    counts = measured.drop_nulls("lit_pixels_count").select(_SERIES).unique()
    parts = [
        _ratios(measured.join(counts, on=_SERIES, how="semi"), "lit_pixels_count"),
        _ratios(measured.join(counts, on=_SERIES, how="anti"), "radiance_sum"),
    ]
    pixels = _pixels_before(measured).filter(pl.col("pixels") >= LIGHT_LEAST_PIXELS.value)
    ratios = pl.concat(parts).join(pixels, on="adm3_pcode", how="inner", validate="m:1")
    year = [*_SERIES, "year"]
    quiet = (
        ratios.join(_quiet(security, ratios["year"]), on=["year", "adm3_pcode"], how="semi")
        .group_by(year)
        .agg(pl.col("light_ratio").median().alias("quiet_light_ratio"), pl.len().alias("quiet"))
        .filter(pl.col("quiet") >= LIGHT_LEAST_QUIET.value, pl.col("quiet_light_ratio") > 0)
    )
    kept = pl.col("light_ratio") / pl.col("quiet_light_ratio")
    loss, strong = kept <= LIGHT_LOSS_RATIO.value, kept <= LIGHT_STRONG_RATIO.value
    span = (
        pl.when(pl.col("first_year") == pl.col("last_year"))
        .then(pl.col("first_year").cast(pl.String))
        .otherwise(pl.format("{} to {}", "first_year", "last_year"))
    )
    reason = pl.format(
        "Light at {} % of the township's own in {} ({} lit pixels before), quiet townships at {} %: {} % of what they "
        "kept{}",
        _percent(pl.col("light_ratio")), span, pl.col("pixels").round(0).cast(pl.Int64),
        _percent(pl.col("quiet_light_ratio")), _percent(kept),
        pl.when(loss).then(pl.lit(".")).otherwise(pl.lit("; light is not service.")),
    )  # fmt: skip
    return ratios.join(quiet, on=year, how="inner", validate="m:1").with_columns(
        pl.lit("electricity").alias("service_item"),
        pl.lit(DatePrecision.YEAR.value).alias("date_precision"),
        pl.when(loss).then(pl.lit(_LOSS)).otherwise(pl.lit(_NONE)).alias("sign_direction"),
        pl.when(strong)
        .then(pl.lit(SignStrength.STRONG.value))
        .when(loss)
        .then(pl.lit(SignStrength.MODERATE.value))
        .otherwise(pl.lit(SignStrength.WEAK.value))
        .alias("sign_strength"),
        reason.alias("strength_reason"),
        pl.col("light_ratio", "quiet_light_ratio").round(SHARE_DECIMALS),
    )


def stated_signs(signs: pl.DataFrame, last_day: date) -> pl.DataFrame:
    """The statements, each once, with an end where its own source later says the opposite, and their strength."""
    place = ["adm3_pcode", "service_item"]
    key = [*place, "source", "from_date", "sign_direction"]
    open_end = pl.col("until_date").is_null().any()
    stated = (
        signs.filter(pl.col("sign_basis") == SignBasis.STATEMENT.value)
        .group_by(*key, "sign_basis")
        .agg(
            pl.when(~open_end).then(pl.col("until_date").max()).alias("until_date"),
            pl.col("date_precision").min(),
        )
        .sort(key)
    )
    other = stated.select(*place, "source", "sign_direction", pl.col("from_date", "until_date").name.suffix("_other"))
    beside = stated.select(*key, "until_date").join(other, on=place, how="inner", suffix="_other")
    against = beside.filter(pl.col("sign_direction") != pl.col("sign_direction_other"))
    turned = (
        against.filter(pl.col("source") == pl.col("source_other"), pl.col("from_date_other") > pl.col("from_date"))
        .group_by(key)
        .agg((pl.col("from_date_other").min() - pl.duration(days=1)).alias("turned"))
    )
    ended = stated.join(turned, on=key, how="left", validate="1:1", maintain_order="left").with_columns(
        pl.min_horizontal("until_date", "turned").alias("until_date")
    )
    far = pl.lit(date.max)
    ends = ended.select(*place, "source", "sign_direction", pl.col("from_date", "until_date").name.suffix("_other"))
    opposed = (
        ended.select(*key, "until_date")
        .join(ends, on=place, how="inner", suffix="_other")
        .filter(
            pl.col("sign_direction") != pl.col("sign_direction_other"),
            pl.col("from_date") <= pl.col("until_date_other").fill_null(far),
            pl.col("from_date_other") <= pl.col("until_date").fill_null(far),
        )
        .select(key)
        .unique()
        .with_columns(pl.lit(True).alias("opposed"))
    )
    old = pl.col("until_date").is_null() & (
        (pl.lit(last_day) - pl.col("from_date")).dt.total_days() > STATEMENT_FRESH_DAYS.value
    )
    contradicted = pl.col("opposed").fill_null(False)
    reason = (
        pl.when(contradicted)
        .then(pl.lit("Stated, and another statement of the same days says the opposite."))
        .when(old)
        .then(
            pl.lit(
                f"Stated without an end, more than {STATEMENT_FRESH_DAYS.value:.0f} days before the end of the period: "
                "whether it still holds is not known."
            )
        )
        .otherwise(pl.lit("Stated by its source; that an office is closed or a line is cut was not measured."))
    )
    weak, moderate = pl.lit(SignStrength.WEAK.value), pl.lit(SignStrength.MODERATE.value)
    return ended.join(opposed, on=key, how="left", validate="1:1", maintain_order="left").with_columns(
        pl.when(contradicted | old).then(weak).otherwise(moderate).alias("sign_strength"),
        reason.alias("strength_reason"),
        pl.lit(None, pl.Float64).alias("light_ratio"),
        pl.lit(None, pl.Float64).alias("quiet_light_ratio"),
    )


def service_signs(
    signs: pl.DataFrame, security: pl.DataFrame, deliveries: pl.DataFrame, townships: pl.DataFrame, last_day: date
) -> pl.DataFrame:
    """published.service_signs from records.signs; `security` is indices.security of the run's first method.

    The source is that of the delivery, which its sender publishes; what a row calls its source stays in the records.
    Signs that begin after `last_day` are shown and marked. Raises AccountingError for a record outside the townships.
    """
    require_known(signs, townships, "records.signs")
    if signs.is_empty():
        return empty(_TABLE)
    named = signs.drop("source").join(
        deliveries.select("delivery_id", "source"), on="delivery_id", how="left", validate="m:1", maintain_order="left"
    )
    columns = [name for name in empty(_TABLE).columns if name != "after_period"]
    found = pl.concat([part.select(columns) for part in (light_signs(named, security), stated_signs(named, last_day))])
    return conform(found.with_columns((pl.col("from_date") > last_day).alias("after_period")), _TABLE)


@makes(
    _TABLE,
    reads=("records.signs", "indices.security", "records.townships"),
    checked_against=("records.signs",),
)
def service_signs_table(
    run: RunContext, signs: pl.DataFrame, security: pl.DataFrame, townships: pl.DataFrame
) -> pl.DataFrame:
    own = security.filter(pl.col("method") == run.methods[0].name)
    return service_signs(signs, own, run.deliveries, townships, run.last_day)


MADE = (service_signs_table,)
