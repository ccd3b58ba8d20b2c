"""What a township's page says besides its index row: rates, rank, hot spot, change, scenarios, neighbours.

Joins the tables once for all townships and words them. Not here: HTML, the chart, the notes on recency.
"""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from pipeline.codes import IndexName
from reports.clusters import UNKNOWN
from reports.combined import rank_range
from reports.dependence import kept_share
from reports.release import Release
from reports.slices import latest, latest_of_all_methods, published
from reports.wording import NOT_KNOWN, label, number, probability, rate, settings

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
_BESIDE = ("township_rates", "township_changes", "hot_spots", "robustness")
_GRAIN = ["method", "month", "adm3_pcode"]


def latest_rows(tables: Frames) -> dict[str, dict[str, Row]]:
    """P-code -> method -> the index row of the latest month with what the other tables hold beside it."""
    frame = latest_of_all_methods(tables, "township_index")
    for name in _BESIDE:
        other = published(tables, name)
        own = [column for column in other.columns if column in _GRAIN or column not in frame.columns]
        frame = frame.join(other.select(own), on=_GRAIN, how="left", validate="1:1")
    rows: dict[str, dict[str, Row]] = {}
    for row in frame.sort(_GRAIN).to_dicts():
        rows.setdefault(row["adm3_pcode"], {})[row["method"]] = row
    return rows


def explanations(tables: Frames, release: Release) -> dict[str, list[tuple[str, str]]]:
    """P-code -> (index, sentence), the three indices in their order."""
    frame = latest(tables, "explanations", release.method)
    found: dict[tuple[str, str], str] = {
        (code, index): text for code, index, text in frame.select("adm3_pcode", "index_name", "explanation").iter_rows()
    }
    codes = frame["adm3_pcode"].unique().to_list()
    return {
        code: [(label(index), found[code, index]) for index in IndexName if (code, index) in found] for code in codes
    }


def neighbours(tables: Frames) -> dict[str, list[dict[str, str]]]:
    """P-code -> its neighbours by name, with whether they share a border."""
    names = dict(published(tables, "townships").select("adm3_pcode", "adm3_name").iter_rows())
    found: dict[str, list[dict[str, str]]] = {}
    for code, other, basis in published(tables, "neighbours").iter_rows():
        if other in names:
            found.setdefault(code, []).append({"code": other, "name": names[other], "basis": basis})
    return {code: sorted(rows, key=lambda row: (row["name"], row["code"])) for code, rows in found.items()}


def rank_words(row: Row) -> str:
    """The rank by clashes with its 95 % interval."""
    rank = row["security_rank"]
    if rank is None:
        return NOT_KNOWN
    between = rank_range(row["security_rank_low"], row["security_rank_high"])
    return f"{number(rank)} ({between})"


def kept_words(index: IndexName) -> Callable[[Row], str]:
    """In how many scenarios the class is kept, and which single changes give another."""

    def words(row: Row) -> str:
        kept = row[f"{index}_kept_share"]
        if kept is None:
            return NOT_KNOWN
        if kept == 1:
            return "in every scenario"
        return f"in {kept_share(kept)}; another with {settings(row[f'{index}_changed_by'], 'several changes together')}"

    return words


def pair_of_rates(column: str) -> Callable[[Row], str]:
    """Raw and smoothed."""
    return lambda row: f"{rate(row[column])}; {rate(row[f'{column}_smoothed'])}"


def spot_words(row: Row) -> str:
    if row["getis_ord_z"] is None:
        return label(UNKNOWN)
    return f"{label(row['hot_spot_class'])} (p {probability(row['getis_ord_p_value'])})"


def change_words(row: Row) -> str:
    """The month beside the one before, and whether it is an onset, a lull or an alert."""
    if row["change_class"] is None:
        return NOT_KNOWN
    now, before = row["clashes_month_count"], row["clashes_previous_month_count"]
    counts = "" if now is None or before is None else f", {number(now)} after {number(before)}"
    marks = [words for flag, words in (("is_onset", "onset"), ("is_lull", "lull"), ("is_alert", "alert")) if row[flag]]
    partial = " (provisional)" if row["provisional"] else ""
    return "; ".join([f"{label(row['change_class'])}{counts}", *marks]) + partial


def services_bounds(row: Row) -> str:
    """The class if every unknown answer were the best, and if it were the worst."""
    ends = [row[f"services_class_{end}"] for end in ("best", "worst")]
    return NOT_KNOWN if None in ends else " to ".join(dict.fromkeys(label(end) for end in ends))


def control_state(basis: str) -> Callable[[Row], str]:
    def words(row: Row) -> str:
        state = row[f"control_by_{basis}"]
        return NOT_KNOWN if state is None else label(state)

    return words


def grade_words(row: Row) -> str:
    """The grade with the points behind it."""
    points = row["evidence_points_count"]
    grade = row["evidence_grade"] or label(None)
    return grade if points is None else f"{grade}, {number(points)} of 6 points"
