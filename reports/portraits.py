"""What the release holds on each township in its latest month: the tables joined once for all 330 pages.

Not here: how it reads (township_sections.py), the months before (township_months.py), HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports.release import Release
from reports.slices import declared, latest, latest_of_all_methods, published

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
_BESIDE = ("township_rates", "township_changes", "hot_spots", "robustness")
_GRAIN = ["method", "month", "adm3_pcode"]
# What a month before is compared by.
_EARLIER = (
    "clashes_month_count", "security_class", "humanitarian_class", "services_class", "services_known_count",
    "idps_suppressed", "evidence_grade",
)  # fmt: skip
BEFORE = {"month": 1, "year": 12}  # months back


@dataclass(frozen=True)
class Neighbour:
    """A neighbour by name in both scripts, with its index row under the leading method."""

    code: str
    name: str
    name_my: str
    state: str
    basis: str
    row: Row


def latest_rows(tables: Frames, release: Release) -> dict[str, dict[str, Row]]:
    """P-code -> method -> the index row of the latest month with what the other tables hold beside it.

    The leading method comes first. Columns of an earlier month carry its name: `month_security_class` is that of the
    month before, `year_security_class` that of twelve months before.
    """
    frame = latest_of_all_methods(tables, "township_index")
    for name in _BESIDE:
        other = published(tables, name)
        own = [column for column in other.columns if column in _GRAIN or column not in frame.columns]
        frame = frame.join(other.select(own), on=_GRAIN, how="left", validate="1:1")
    index = published(tables, "township_index")
    for name, back in BEFORE.items():
        earlier = index.select(
            "method", "adm3_pcode", pl.col("month").dt.offset_by(f"{back}mo"),
            *(pl.col(column).alias(f"{name}_{column}") for column in _EARLIER),
        )  # fmt: skip
        frame = frame.join(earlier, on=_GRAIN, how="left", validate="1:1")
    rows: dict[str, dict[str, Row]] = {}
    for row in frame.sort(pl.col("method") != release.method, *_GRAIN).to_dicts():
        rows.setdefault(row["adm3_pcode"], {})[row["method"]] = row
    return rows


def nothing_known() -> Row:
    """The row of a township that the index does not hold: every figure is missing, and says so."""
    names = [column for name in ("township_index", *_BESIDE) for column in declared(name).columns]
    return dict.fromkeys([*names, *(f"{name}_{column}" for name in BEFORE for column in _EARLIER)])


def explanations(tables: Frames, release: Release) -> dict[str, dict[str, Row]]:
    """P-code -> index -> its row of the explanations, with the titles of the sources that its value rests on."""
    titles = dict(published(tables, "deliveries").select("delivery_id", "source").iter_rows())
    frame = latest(tables, "explanations", release.method)
    found: dict[str, dict[str, Row]] = {}
    for row in frame.to_dicts():
        ids = (row["delivery_ids"] or "").replace(",", " ").replace(";", " ").split()
        sources = tuple(dict.fromkeys(titles[one] for one in ids if one in titles))
        found.setdefault(row["adm3_pcode"], {})[row["index_name"]] = {**row, "sources": sources}
    return found


def neighbours(tables: Frames, release: Release) -> dict[str, list[Neighbour]]:
    """P-code -> its neighbours in the order of their names."""
    places = {row["adm3_pcode"]: row for row in published(tables, "townships").drop("geometry").to_dicts()}
    index = latest(tables, "township_index", release.method)
    rows_of = {row["adm3_pcode"]: row for row in index.to_dicts()}
    found: dict[str, list[Neighbour]] = {}
    for code, other, basis in published(tables, "neighbours").iter_rows():
        if other in places:
            place = places[other]
            found.setdefault(code, []).append(
                Neighbour(other, place["adm3_name"], place["adm3_name_my"], place["state_region"], basis,
                          rows_of.get(other) or nothing_known())
            )  # fmt: skip
    return {code: sorted(rows, key=lambda row: (row.name, row.code)) for code, rows in found.items()}


def beside_in_state(tables: Frames) -> dict[str, tuple[Row | None, Row | None]]:
    """P-code -> the townships before and after it in its state or region, in the order of their P-codes."""
    found: dict[str, tuple[Row | None, Row | None]] = {}
    places = published(tables, "townships").select("adm3_pcode", "adm3_name", "adm3_name_my", "state_region")
    for part in places.partition_by("state_region"):
        rows = part.sort("adm3_pcode").to_dicts()
        for before, row, after in zip([None, *rows[:-1]], rows, [*rows[1:], None], strict=True):
            found[row["adm3_pcode"]] = (before, after)
    return found
