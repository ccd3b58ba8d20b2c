"""The published figures beside ours, and what keeps them from meaning the same thing.

The published values are read from data/reference and come in as a frame; none stands here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.codes import IdpsBasis
from pipeline.frames import empty
from pipeline.indices.frames import conform
from pipeline.methods import ISP_2023
from pipeline.sources import SOURCES, family

METHOD_NAME = ISP_2023.name
# The figure whose date is the day up to which its publisher counted; the others carry the day of printing.
CUT_OFF_FIGURE = "clashes_since_2021_02_01"
LETHAL_ONLY_SOURCES = frozenset(key for key, source in SOURCES.items() if source.lethal_only)
# Karenni area: Kayah State and Pekon, which lies in Shan State.
_KARENNI_STATE, _PEKON = "Kayah", "MMR014010"

_DIFFERENT_CONCEPT = "A different concept: it is not a class of the Security Index and is not computed here."
_UNKNOWN_FIGURE = "This release computes no such figure."
_NO_METHOD = f"Method {METHOD_NAME} was not computed in this release."
_OWN_CUT = "No cut was published; ours is this project's choice."
_FITTED = "Our cut for this source was chosen to come close to this figure, so closeness proves nothing."
_NO_CLASH_SOURCE = "No clash source covers the townships."
_LETHAL = "Our clash source holds only events in which somebody died by some estimate, and so counts fewer."
_STOCK = "Where no new displacement is reported our figures are stock, which includes older displacement."
_CLASH_DEFINITION = "The publisher's definition of a clash is not published."


@dataclass(frozen=True)
class _Latest:
    """The last month of our release: the national row, its township rows and the leading clash source."""

    national: dict[str, Any]
    townships: pl.DataFrame
    source_key: str


@dataclass(frozen=True)
class _Figure:
    """How one published figure is computed here and what it depends on."""

    value: Callable[[_Latest], float | None]
    needs: frozenset[str] = frozenset()


def _national(column: str) -> Callable[[_Latest], float | None]:
    return lambda latest: latest.national[column]


def _percent(column: str) -> Callable[[_Latest], float | None]:
    """Whole percent, as published."""

    def value(latest: _Latest) -> float | None:
        share = latest.national[column]
        return None if share is None else float(round(100 * share))

    return value


def _in_conflict(where: pl.Expr) -> Callable[[_Latest], float | None]:
    def value(latest: _Latest) -> float | None:
        state = latest.townships.filter(where)["in_conflict"]
        return None if state.null_count() == state.len() else float(state.sum())

    return value


def _state(name: str) -> Callable[[_Latest], float | None]:
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


def _coverage(latest: _Latest, prefix: str, records: str) -> tuple[bool, list[str]]:
    """Whether any township in conflict has a class of that index, and what to say where some have none."""
    inside, without = latest.national["in_conflict_count"], latest.national[f"{prefix}_insufficient_count"]
    if inside == 0 or without == 0:
        return True, []
    if without == inside:
        return False, [f"No township in conflict has sufficient records of {records}."]
    return True, [f"{without} of {inside} townships in conflict lack sufficient records of {records}."]


def _judge(figure: _Figure, latest: _Latest, cut_off: date, fitted: bool) -> tuple[float | None, bool, str]:
    """Our value, whether it means the same as the published one, and why not."""
    if not figure.needs:
        return figure.value(latest), True, "Both count MIMU's list of townships."
    if latest.national["in_conflict_share"] is None:
        return None, False, _NO_CLASH_SOURCE
    against, computable = [], True
    unknown = latest.townships["in_conflict"].null_count()
    if unknown:
        against.append(f"Of {unknown} townships the records of clashes say nothing.")
    if latest.national["period_end"] != cut_off:
        against.append(f"Ours counts to {latest.national['period_end']}, the published figure to {cut_off}.")
    if family(latest.source_key) in LETHAL_ONLY_SOURCES:
        against.append(_LETHAL)
    if "cut" in figure.needs:
        against.append(_FITTED if fitted else _OWN_CUT)
    if "displacement" in figure.needs:
        computable, said = _coverage(latest, "humanitarian", "displacement")
        basis = latest.townships.filter(pl.col("in_conflict"))["idps_basis"]
        against += [*said, *([_STOCK] if (basis == IdpsBasis.STOCK.value).any() else [])]
    if "services" in figure.needs:
        computable, said = _coverage(latest, "services", "public services")
        against += said
    value = figure.value(latest) if computable else None
    return value, value is not None and not against, " ".join([*against, _CLASH_DEFINITION])


def _missing_note(name: str, latest: _Latest | None) -> str:
    if name.startswith(_CONCEPTS_APART):
        return _DIFFERENT_CONCEPT
    return _NO_METHOD if latest is None and name in _FIGURES else _UNKNOWN_FIGURE


def _latest(index: pl.DataFrame, national: pl.DataFrame, townships: pl.DataFrame, key: str) -> _Latest | None:
    rows = national.filter(pl.col("method") == METHOD_NAME).sort("month")
    if rows.is_empty():
        return None
    row = rows.row(-1, named=True)
    mine = index.filter(pl.col("method") == METHOD_NAME, pl.col("month") == row["month"])
    places = townships.select("adm3_pcode", "state_region")
    return _Latest(row, mine.drop("state_region").join(places, on="adm3_pcode", how="left", validate="1:1"), key)


def cut_off_days(figures: pl.DataFrame) -> dict[tuple[str, str], date]:
    """(figure, source) -> the day up to which its publisher counted.

    A publisher's printing date is not that day: where one of its figures is CUT_OFF_FIGURE, that figure's date holds
    for all of them. A publisher is the first word of the source.
    """
    rows = figures.select("figure", "source", pl.col("reference_date").cast(pl.String).str.to_date()).rows()
    stated = {source.split(" ")[0]: day for figure, source, day in rows if figure == CUT_OFF_FIGURE}
    return {(figure, source): stated.get(source.split(" ")[0], day) for figure, source, day in rows}


def comparison(
    figures: pl.DataFrame,
    index: pl.DataFrame,
    national: pl.DataFrame,
    townships: pl.DataFrame,
    source_key: str,
) -> pl.DataFrame:
    """published.comparison: each published figure, ours of the last month, and whether they compare.

    `figures` has figure, value, unit, reference_date (date or ISO text) and source; the days they count to are those
    of `cut_off_days`. Ours are of the default method, in the published unit, whole percent where published
    so. `comparable` needs the same cut-off day, a source that is not lethal-only, no cut of our own choosing
    and full records; otherwise `note` says what is amiss. What cannot be computed is null and never 0.
    """
    days = figures.with_columns(pl.col("reference_date").cast(pl.String).str.to_date())
    cut_offs = cut_off_days(figures)
    latest = _latest(index, national, townships, source_key)
    rows: list[dict[str, object]] = []
    for published in days.to_dicts():
        figure = _FIGURES.get(published["figure"])
        if figure is None or latest is None:
            ours, comparable, note = None, False, _missing_note(published["figure"], latest)
        else:
            cut_off = cut_offs[published["figure"], published["source"]]
            ours, comparable, note = _judge(
                figure, latest, cut_off, published["figure"] in ISP_2023.thresholds(source_key).fitted_to
            )
        value = float(published["value"])
        rows.append(
            {
                "figure": published["figure"],
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
