"""The published figures beside ours, and what keeps them from meaning the same thing.

The published values are read from data/reference and come in as a frame; none stands here.

The classes of the three indices on one day that need not be the end of the period, and the country's counts of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from pipeline.analysis.scenario_grid import RECORDS, Records, records_of
from pipeline.declare.codes import IdpsBasis, SecurityClass
from pipeline.declare.frames import empty
from pipeline.declare.methods import ISP_2023, Method
from pipeline.declare.sources import family
from pipeline.indices.frames import SHARE_DECIMALS, conform
from pipeline.indices.humanitarian import humanitarian
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.security import by_month, classes, in_period
from pipeline.indices.services import services
from pipeline.indices.summaries import CLASS_COUNTS
from pipeline.sources import BY_KEY


@dataclass(frozen=True)
class State:
    """The country on a day: its counts by their names in national_summary, its townships, the leading clash source."""

    day: date
    national: dict[str, Any]
    townships: pl.DataFrame
    source_key: str


def on_day(day: date, records: Records, method: Method) -> State:
    """The state at the end of `day`, which the records must reach.

    Raises UnusableInput for a day before the method's window starts.
    """
    lead, places = records.sources[0], records.townships
    events = in_period(records.clashes, places, method, day)
    monthly = by_month(events, method, lead.source_key)
    security = classes(monthly, places, method, day, lead.source_key, lead.absence, lead.uncovered)
    people = humanitarian(records.displacement, security, records.deliveries, places, method, day)
    offices = services(records.services, security, records.deliveries, places, method, day)
    last = pl.col("month") == day.replace(day=1)
    frame = security.filter(last).select("adm3_pcode", "in_conflict", "clashes_count", "security_class")
    for other, columns in (
        (people, ["humanitarian_class", "idps_basis"]),
        (offices, ["services_class", "services_class_best", "services_class_worst"]),
    ):
        frame = frame.join(
            other.filter(last).select("adm3_pcode", *columns), on="adm3_pcode", how="left", validate="1:1"
        )
    frame = frame.join(places.select("adm3_pcode", "state_region"), on="adm3_pcode", how="left", validate="1:1")
    return State(day, _national_counts(frame), frame, lead.source_key)


def _national_counts(frame: pl.DataFrame) -> dict[str, Any]:
    """As national_summary counts: null where the state of every township is unknown, else floors.

    Of the indices that somebody has published figures of, those whose class is in `frame`.
    """
    inside = pl.col("in_conflict").fill_null(False)
    covered = pl.col("in_conflict").is_not_null().any()
    high = pl.col("security_class") == SecurityClass.HIGH.value
    return frame.select(
        pl.len().alias("townships_count"),
        inside.sum().alias("in_conflict_count"),
        pl.when(covered).then((inside.sum() / pl.len()).round(SHARE_DECIMALS)).alias("in_conflict_share"),
        pl.when(covered)
        .then((high.fill_null(False).sum() / pl.len()).round(SHARE_DECIMALS))
        .alias("control_lost_townships_share"),
        pl.when(pl.col("clashes_count").count() > 0).then(pl.col("clashes_count").sum()).alias("clashes_count"),
        *(
            (inside & (pl.col(column) == code.value)).sum().alias(name)
            for name, (column, code) in CLASS_COUNTS.items()
            if column in frame.columns
        ),
    ).row(0, named=True)


# The figure whose date is the day up to which its publisher counted; the others carry the day of printing.
CUT_OFF_FIGURE = "clashes_since_2021_02_01"
LETHAL_ONLY_SOURCES = frozenset(key for key, source in BY_KEY.items() if source.lethal_only)
# Karenni area: Kayah State and Pekon, which lies in Shan State.
_KARENNI_STATE, _PEKON = "Kayah", "MMR014010"

_DIFFERENT_CONCEPT = "A different concept: it is not a class of the Security Index and is not computed here."
_UNKNOWN_FIGURE = "This release computes no such figure."
_OWN_CUT = "No cut was published; ours is this project's choice."
_FITTED = "Our cut for this source was chosen to come close to this figure, so closeness proves nothing."
_NO_CLASH_SOURCE = "No clash source covers the townships."
_LETHAL = "Our clash source holds only events in which somebody died by some estimate, and so counts fewer."
_STOCK = "Where no new displacement is reported our figures are stock, which includes older displacement."
_CLASH_DEFINITION = "The publisher's definition of a clash is not published."


@dataclass(frozen=True)
class _Figure:
    """How one published figure is computed here and what it depends on."""

    value: Callable[[State], float | None]
    needs: frozenset[str] = frozenset()


def _national(column: str) -> Callable[[State], float | None]:
    return lambda state: state.national[column]


def _percent(column: str) -> Callable[[State], float | None]:
    """Whole percent, as published."""

    def value(state: State) -> float | None:
        share = state.national[column]
        return None if share is None else float(round(100 * share))

    return value


def _in_conflict(where: pl.Expr) -> Callable[[State], float | None]:
    def value(state: State) -> float | None:
        inside = state.townships.filter(where)["in_conflict"]
        return None if inside.null_count() == inside.len() else float(inside.sum())

    return value


def _state(name: str) -> Callable[[State], float | None]:
    return _in_conflict(pl.col("state_region") == name)


_CLASHES = frozenset({"clashes"})
_CUT = _CLASHES | {"cut"}
_PEOPLE = _CUT | {"displacement"}
_SERVICES = _CUT | {"services"}
_FIGURES = {
    "townships_total": _Figure(_national("townships_count")),
    "townships_in_conflict": _Figure(_national("in_conflict_count"), _CLASHES),
    "townships_in_conflict_share": _Figure(_percent("in_conflict_share"), _CLASHES),
    "security_high": _Figure(_national("security_high_count"), _CUT),
    "security_low": _Figure(_national("security_low_count"), _CUT),
    "humanitarian_high": _Figure(_national("humanitarian_high_count"), _PEOPLE),
    "humanitarian_low": _Figure(_national("humanitarian_low_count"), _PEOPLE),
    "humanitarian_no_new_idps": _Figure(_national("humanitarian_no_new_count"), _PEOPLE - {"cut"}),
    "services_severe": _Figure(_national("services_severe_count"), _SERVICES),
    "services_lower": _Figure(_national("services_lower_count"), _SERVICES),
    "effective_control_lost_share": _Figure(_percent("control_lost_townships_share"), _CUT),
    CUT_OFF_FIGURE: _Figure(_national("clashes_count"), _CLASHES),
    "sagaing_townships_with_clashes": _Figure(_state("Sagaing"), _CLASHES),
    "mandalay_townships_with_clashes": _Figure(_state("Mandalay"), _CLASHES),
    "chin_townships_with_clashes": _Figure(_state("Chin"), _CLASHES),
    "tanintharyi_townships_with_clashes": _Figure(_state("Tanintharyi"), _CLASHES),
    "karenni_area_townships_with_clashes": _Figure(
        _in_conflict((pl.col("state_region") == _KARENNI_STATE) | (pl.col("adm3_pcode") == _PEKON)), _CLASHES
    ),
    "townships_with_fighting": _Figure(_national("in_conflict_count"), _CLASHES),
}
_CONCEPTS_APART = ("stable_junta_control", "junta_lost_complete_authority")


def _coverage(state: State, prefix: str, records: str) -> tuple[bool, list[str]]:
    """Whether any township in conflict has a class of that index, and what to say where some have none."""
    inside, without = state.national["in_conflict_count"], state.national[f"{prefix}_insufficient_count"]
    if inside == 0 or without == 0:
        return True, []
    if without == inside:
        return False, [f"No township in conflict has sufficient records of {records}."]
    return True, [f"{without} of {inside} townships in conflict lack sufficient records of {records}."]


def _judge(figure: _Figure, state: State, fitted: bool) -> tuple[float | None, bool, str]:
    """Our value, whether it means the same as the published one, and why not."""
    if not figure.needs:
        return figure.value(state), True, "Both count MIMU's list of townships."
    if state.national["in_conflict_share"] is None:
        return None, False, _NO_CLASH_SOURCE
    against, computable = [], True
    unknown = state.townships["in_conflict"].null_count()
    if unknown:
        against.append(f"Of {unknown} townships the records of clashes say nothing.")
    if family(state.source_key) in LETHAL_ONLY_SOURCES:
        against.append(_LETHAL)
    if "cut" in figure.needs:
        against.append(_FITTED if fitted else _OWN_CUT)
    if "displacement" in figure.needs:
        computable, said = _coverage(state, "humanitarian", "displacement")
        basis = state.townships.filter(pl.col("in_conflict"))["idps_basis"]
        against += [*said, *([_STOCK] if (basis == IdpsBasis.STOCK.value).any() else [])]
    if "services" in figure.needs:
        computable, said = _coverage(state, "services", "public services")
        against += said
    value = figure.value(state) if computable else None
    to_day = f"Ours counts to {state.day}, as the published figure does."
    return value, value is not None and not against, " ".join([*against, to_day, _CLASH_DEFINITION])


def _missing_note(name: str) -> str:
    return _DIFFERENT_CONCEPT if name.startswith(_CONCEPTS_APART) else _UNKNOWN_FIGURE


def cut_off_days(figures: pl.DataFrame) -> dict[tuple[str, str], date]:
    """(figure, source) -> the day up to which its publisher counted.

    A publisher's printing date is not that day: where one of its figures is CUT_OFF_FIGURE, that figure's date holds
    for all of them. A publisher is the first word of the source.
    """
    rows = figures.select("figure", "source", pl.col("reference_date").cast(pl.String).str.to_date()).rows()
    stated = {source.split(" ")[0]: day for figure, source, day in rows if figure == CUT_OFF_FIGURE}
    return {(figure, source): stated.get(source.split(" ")[0], day) for figure, source, day in rows}


def comparison(figures: pl.DataFrame, records: Records) -> pl.DataFrame:
    """published.comparison: each published figure, ours on the same day, and whether they compare.

    `figures` has figure, value, unit, reference_date (date or ISO text) and source; the days they count to are those
    of `cut_off_days`. Ours are computed to that day by the default method, in the published unit, whole percent where
    published so; where the records of this release end before it, ours is null. `comparable` needs a source that is
    not lethal-only, no cut of our own choosing and full records; otherwise `note` says what is amiss. What cannot be
    computed is null and never 0.
    """
    days = figures.with_columns(pl.col("reference_date").cast(pl.String).str.to_date())
    cut_offs = cut_off_days(figures)
    thresholds = ISP_2023.thresholds(records.sources[0].source_key)
    state = cache(lambda day: on_day(day, records, ISP_2023))
    rows: list[dict[str, object]] = []
    for published in days.to_dicts():
        name, cut_off = published["figure"], cut_offs[published["figure"], published["source"]]
        figure = _FIGURES.get(name)
        if figure is None:
            ours, comparable, note = None, False, _missing_note(name)
        elif figure.needs and cut_off > records.period_end:
            ours, comparable = None, False
            note = f"This release counts to {records.period_end} and cannot tell of {cut_off}, the published day."
        elif figure.needs and cut_off < ISP_2023.window_start:
            ours, comparable, note = None, False, f"The published day {cut_off} lies before {ISP_2023.window_start}."
        else:
            day = cut_off if figure.needs else records.period_end
            ours, comparable, note = _judge(figure, state(day), name in thresholds.fitted_to)
        value = float(published["value"])
        rows.append(
            {
                "figure": name,
                "published_value": value,
                "published_unit": published["unit"],
                "published_reference_date": published["reference_date"],
                "published_source": published["source"],
                "our_value": None if ours is None else float(ours),
                "difference": None if ours is None else float(ours) - value,
                "comparable": comparable,
                "note": note,
            }
        )
    return conform(pl.DataFrame(rows, schema=empty("published.comparison").schema), "published.comparison")


@makes("published.comparison", reads=RECORDS)
def comparison_table(run: RunContext, *records: pl.DataFrame) -> pl.DataFrame:
    return comparison(run.published_figures, records_of(run, *records))


MADE = (comparison_table,)
