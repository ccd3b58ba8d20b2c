"""Rules on published.township_rates: each rate beside the published count and denominator it is made from."""

import polars as pl

from expectations.rule import Facts, RowRule, Section, related
from pipeline.analysis.rates import PER_KM2, PER_PERSONS

ROUNDING = 2e-6  # rates are published with six decimals

_RATES = {
    "clashes_per_1000_km2": ("clashes_count", "area_km2", PER_KM2),
    "clashes_per_100000_persons": ("clashes_count", "population_persons", PER_PERSONS),
    "fatalities_per_100000_persons": ("fatalities_persons", "population_persons", PER_PERSONS),
    "idps_per_100000_persons": ("idps_persons", "population_persons", PER_PERSONS),
}
_SMOOTHED = ("clashes_per_1000_km2", "clashes_per_100000_persons")


def rates_beside_counts(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame | None:
    """Every rate with the published count and denominator it is made from, and the national rate of the month."""
    found = related(facts, "published.township_index", "published.townships")
    if found is None:
        return None
    index, townships = found
    counts = index.select("method", "month", "adm3_pcode", "clashes_count", "fatalities_persons", "idps_persons")
    places = townships.select("adm3_pcode", "area_km2", "population_persons")
    beside = frame.join(
        counts, on=["method", "month", "adm3_pcode"], how="left", validate="m:1", maintain_order="left"
    ).join(places, on="adm3_pcode", how="left", validate="m:1", maintain_order="left")
    month = ["method", "month"]
    return beside.with_columns(
        (
            per
            * pl.col(count).filter(pl.col(unit).is_not_null()).sum().over(month)
            / pl.col(unit).filter(pl.col(count).is_not_null()).sum().over(month)
        ).alias(f"{name}_national")
        for name, (count, unit, per) in _RATES.items()
        if name in _SMOOTHED
    )


def _not_between(name: str) -> pl.Expr:
    """The smoothed rate lies beyond the raw or the national one."""
    smoothed, raw, nation = pl.col(f"{name}_smoothed"), pl.col(name), pl.col(f"{name}_national")
    slack = ROUNDING * pl.max_horizontal(pl.lit(1.0), nation)
    low, high = pl.min_horizontal(raw, nation) - slack, pl.max_horizontal(raw, nation) + slack
    return raw.is_null().ne(smoothed.is_null()) | (~smoothed.is_between(low, high)).fill_null(False)


RATES = Section(
    (
        RowRule(
            "rates_follow_counts",
            "A rate is its published count by its denominator, and missing where either is.",
            lambda _: (
                {
                    name: (pl.col(name) - per * pl.col(count) / pl.col(unit)).abs().fill_null(0.0)
                    > ROUNDING * pl.max_horizontal(pl.lit(1.0), pl.col(name))
                    for name, (count, unit, per) in _RATES.items()
                }
                | {
                    f"{name} missing": pl.col(name).is_null()
                    != (pl.col(count).is_null() | ~(pl.col(unit) > 0).fill_null(False))
                    for name, (count, unit, _) in _RATES.items()
                }
            ),
        ),
        RowRule(
            "smoothed_between_raw_and_national",
            "A smoothed rate lies between the township's own and the national one.",
            lambda _: {name: _not_between(name) for name in _SMOOTHED},
        ),
    ),
    rates_beside_counts,
)

SUITES: dict[str, tuple[Section, ...]] = {"published.township_rates": (RATES,)}
