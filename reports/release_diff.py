"""What differs between two releases, for whoever decides whether the later one may be published.

The classes and figures that differ are those of changes.csv, computed by the same function; beside them stand the
national figures of each, the records that went in, the files and the rules. Not here: where the releases lie.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline.declare.columns import COLUMNS
from reports.figures import NATIONAL, Unit
from reports.files.release_changes import COMPARED, release_changes
from reports.text.wording import label

TABLES = tuple(COMPARED)
_SHOWN = 40  # townships and files shown in a terminal; --json holds all


@dataclass(frozen=True)
class Side:
    """One of the two: its manifest, its checks, and the tables of TABLES that it has."""

    manifest: Mapping[str, Any]
    checks: Sequence[Mapping[str, Any]]
    tables: Mapping[str, pl.DataFrame]

    @property
    def name(self) -> str:
        return str(self.manifest["release_id"])


def diff(before: Side, after: Side) -> dict[str, Any]:
    """All that differs, ready for JSON.

    Classes are those of the newest month that both releases have, by the method that heads the later one; national
    figures are those of the last month of each, by its own method. Raises KeyError where a table is not there.
    """
    changes = release_changes(before.tables, after.tables)
    month = _newest_month(before, after)
    return {
        "before": _about(before),
        "after": _about(after),
        "month": None if month is None else str(month),
        "classes": _classes(changes, after, month),
        "figures": _figures(before, after),
        "values": _values(changes),
        "inputs": _inputs(before, after),
        "files": _files(before, after),
        "rules": _rules(before, after),
    }


def _about(side: Side) -> dict[str, Any]:
    return {key: side.manifest.get(key) for key in ("release_id", "period_end", "as_of", "method", "code_version")}


def _newest_month(before: Side, after: Side) -> Any:
    method = after.manifest["method"]
    months = [
        set(side.tables["township_index"].filter(pl.col("method") == method)["month"].to_list())
        for side in (before, after)
    ]
    return max(months[0] & months[1], default=None)


def _classes(changes: pl.DataFrame, after: Side, month: Any) -> list[dict[str, Any]]:
    """Every class of a township that is another one, by township and column."""
    if month is None:
        return []
    classes = [name for name, column in COLUMNS.items() if column.values and column.type == "VARCHAR"]
    places = after.tables["township_index"].select("adm3_pcode", "adm3_name").unique()
    found = changes.filter(
        pl.col("table") == "township_index",
        pl.col("month") == month,
        pl.col("method") == after.manifest["method"],
        pl.col("column").is_in(classes),
    )
    return (
        found.join(places, on="adm3_pcode", how="left", validate="m:1")
        .sort("adm3_pcode", "column")
        .select("adm3_pcode", "adm3_name", "column", "before", "after")
        .to_dicts()
    )


def _figures(before: Side, after: Side) -> list[dict[str, Any]]:
    rows = [_last(side) for side in (before, after)]
    return [
        {"column": figure.column, "figure": figure.words, "before": rows[0].get(figure.column),
         "after": rows[1].get(figure.column), "share": figure.unit == Unit.SHARE}
        for figure in NATIONAL
        if figure.column in rows[0] or figure.column in rows[1]
    ]  # fmt: skip


def _last(side: Side) -> dict[str, Any]:
    """The national figures of the last month, by the method that heads the release."""
    own = side.tables["national_summary"].filter(pl.col("method") == side.manifest["method"]).sort("month")
    return {} if own.is_empty() else own.row(-1, named=True)


def _values(changes: pl.DataFrame) -> list[dict[str, Any]]:
    """How many values of each table differ, by kind; all months and methods."""
    counted = changes.group_by("table", "kind").agg(pl.len().alias("values_count"))
    return counted.sort("table", "kind").to_dicts()


def _inputs(before: Side, after: Side) -> dict[str, list[str]]:
    named = [
        {one["delivery_id"]: f"{one['kind']}/{one['name']} ({one['delivery_id']})" for one in side.manifest["inputs"]}
        for side in (before, after)
    ]
    return {
        "added": [named[1][key] for key in sorted(named[1].keys() - named[0].keys())],
        "removed": [named[0][key] for key in sorted(named[0].keys() - named[1].keys())],
    }


def _files(before: Side, after: Side) -> dict[str, list[str]]:
    """Files by name; of those in both, the ones whose bytes differ."""
    old, new = before.manifest["outputs"], after.manifest["outputs"]
    return {
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
        "changed": sorted(name for name in new.keys() & old.keys() if new[name]["sha256"] != old[name]["sha256"]),
    }


def _rules(before: Side, after: Side) -> dict[str, list[str]]:
    """Rules that hold in one of them alone, and rules that only one of them has."""
    old, new = (
        {f"{one['table']}: {one['rule']}": bool(one["passed"]) for one in side.checks} for side in (before, after)
    )
    return {
        "failed_now": sorted(name for name, holds in new.items() if not holds and old.get(name, True)),
        "hold_now": sorted(name for name, holds in new.items() if holds and not old.get(name, True)),
        "added": sorted(new.keys() - old.keys()),
        "removed": sorted(old.keys() - new.keys()),
    }


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The same for a terminal: figures that differ alone, and long lists cut with their length said."""
    for side in ("before", "after"):
        one = found[side]
        yield f"{side:8}{one['release_id']}: period to {one['period_end']}, known by {one['as_of']}, {one['method']}"
    yield ""
    yield from _told_classes(found)
    yield ""
    yield from _told_figures(found["figures"])
    yield ""
    counts: Counter[str] = Counter()
    for one in found["values"]:
        counts[one["kind"]] += one["values_count"]
    told = ", ".join(f"{kind} {count:,}" for kind, count in sorted(counts.items()))
    yield f"Values that differ, all months and methods: {told or 'none'}"
    for heading, key in (("Records", "inputs"), ("Files", "files"), ("Rules", "rules")):
        yield f"{heading}: " + (", ".join(f"{what} {len(v):,}" for what, v in found[key].items() if v) or "the same")
        for what, names in found[key].items():
            if names and (key == "inputs" or what in {"failed_now", "hold_now"}):
                yield from _cut([f"  {what.replace('_', ' ')}: {name}" for name in names])


def _told_classes(found: Mapping[str, Any]) -> Iterator[str]:
    rows = found["classes"]
    if found["month"] is None:
        yield "Classes of townships: the releases have no month in common"
        return
    townships = len({one["adm3_pcode"] for one in rows})
    yield f"Classes in {found['month'][:7]}: {len(rows):,} differ, in {townships:,} townships"
    yield from _cut([
        f"  {one['adm3_name']} ({one['adm3_pcode']}) {one['column']}: {label(one['before'])} -> {label(one['after'])}"
        for one in rows
    ])  # fmt: skip


def _told_figures(figures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    differ = [one for one in figures if one["before"] != one["after"]]
    yield f"National figures, last month of each: {len(differ)} of {len(figures)} differ"
    for one in differ:
        yield f"  {one['figure']}: {_number(one, 'before')} -> {_number(one, 'after')}"


def _number(one: Mapping[str, Any], side: str) -> str:
    value = one[side]
    if value is None:
        return "not known"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{100 * value:.1f} %" if one["share"] else f"{value:,}"


def _cut(lines: Sequence[str]) -> list[str]:
    if len(lines) <= _SHOWN:
        return list(lines)
    return [*lines[:_SHOWN], f"  and {len(lines) - _SHOWN:,} more; --json holds all"]
