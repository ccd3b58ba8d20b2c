"""Rows of one township and day that differ: parts of it that are added up, or rows that contradict each other.

Two camps, two sexes, town and village: which rows are parts only the sender knows, and says `rows = "parts"` in the
sidecar. Without it one of the rows would stand for the township and the others be lost, so the file is refused.
"""

import json
from pathlib import PurePosixPath

import polars as pl

from pipeline.declare.codes import PlacedBy, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import without
from pipeline.records import parsing
from pipeline.records.totals import Line, total_rows
from pipeline.records.triage import Triage, no_rows, set_aside_rows

PARTS = "parts"
_ROW = ["delivery_id", "row_number"]
# What a delivery and the reader say of a row; the rest is what its sender wrote.
_NOT_WRITTEN = {
    "delivery_id", "row_number", "problem", "problem_found", "file_name", "kind", "source_key", "received",
    "received_at", "date_format", "updated_at",
}  # fmt: skip


class Contradicted(UnusableInput):
    """Rows of one delivery that cannot all hold; `delivery_id` is the delivery to withdraw or to send again."""

    def __init__(self, message: str, delivery_id: str) -> None:
        super().__init__(message)
        self.delivery_id = delivery_id


def sidecar_of(file_name: str) -> str:
    """The sidecar to write into: that of the archive for a file in one."""
    return f"{PurePosixPath(file_name).parts[0]}.toml"


def as_written(frame: pl.DataFrame, day: str, counts: list[str]) -> pl.DataFrame:
    """Add `_alike`: all that the sender wrote in a row besides its day, figures and revision, columns not used too.

    Two camps of 120 people differ in their names only, which no column of ours holds. Blanks around a cell and the
    case of place names tell no two rows apart.
    """
    own = [c for c in frame.columns if c not in {*_NOT_WRITTEN, day, *counts} and not c.startswith("_")]
    cells = []
    for name in own:
        if not parsing.has_cells(frame, name):
            cell = pl.lit("")
        elif name == "extra":
            cell = pl.col(name).str.replace_all(r"\s+", " ").str.replace_all(r' ?" ?', '"')
        elif name in ("longitude", "latitude"):
            cell = pl.coalesce(parsing.decimal(name).cast(pl.String), parsing.text(name))
        else:
            cell = parsing.text(name).str.replace_all(r"\s+", " ").str.to_lowercase()
        cells.append(cell.fill_null(""))
    return frame.with_columns(pl.concat_str(cells, separator="\x1f").alias("_alike"))


def township_figures(frame: pl.DataFrame, day: str, counts: list[str]) -> Triage:
    """One figure per township, day, source and delivery, in the first of its rows; the others of a sum hold none.

    `frame` are placed rows with `_alike`, `extra` and `_rows` (see `as_written`). A row equal to an earlier one in all
    that was written is a duplicate; one that differs from a later revision in figures alone is superseded. What is
    left are parts where the delivery says so: figures are added, a blank is not reported and adds nothing, a sum of
    blanks stays blank. Old codes that lead to a township are parts of it whatever is said: each is a unit of its own.
    Adds `parts_count` (rows of the unit) and `blank_part` (of such a row, whether it states no figure).
    Raises Contradicted for rows that differ without being declared parts.
    """
    own = pl.when(pl.col("placed_by") == str(PlacedBy.CROSSWALK)).then("_stated_code").otherwise("adm3_pcode")
    rows = frame.with_columns(own.alias("_unit"), parsing.moment("updated_at").alias("_updated"))
    unit = ["delivery_id", "source", day, "_unit"]
    # An old code gives one line per successor; they are one row of the file.
    lines = rows.unique(_ROW, keep="first", maintain_order=True).sort(_ROW)
    again = pl.int_range(pl.len()).over(*unit, "_alike", *counts, "_updated") > 0
    once = lines.filter(~again)
    versions = [*unit, "_alike"]
    revised = pl.col("_updated").is_not_null().all().over(versions) & (
        pl.col("_updated") < pl.col("_updated").max().over(versions)
    )
    current = once.filter(~revised.fill_null(False))
    several = current.filter(pl.len().over(unit) > 1)
    totals = _totals(several, day, counts, unit) if several.height else no_rows().select(_ROW)
    parts = current.join(totals, on=_ROW, how="anti")
    stated = pl.coalesce(counts).cast(pl.String)
    aside = [
        set_aside_rows(lines.filter(again), Reason.DUPLICATE_ROW, "adm3_pcode", pl.col("_unit")),
        set_aside_rows(once.filter(revised), Reason.SUPERSEDED, "adm3_pcode", pl.col("_unit")),
        set_aside_rows(current.join(totals, on=_ROW, how="semi"), Reason.TOTAL_OF_PARTS, None, stated),
    ]
    first = pl.int_range(pl.len()).over(unit) == 0
    newest = pl.col("updated_at").sort_by("_updated", nulls_last=False).last().over(unit)
    summed = parts.select(
        *_ROW,
        pl.len().over(unit).alias("parts_count"),
        pl.all_horizontal(pl.col(name).is_null() for name in counts).alias("blank_part"),
        pl.when(first).then(newest).otherwise("updated_at").alias("updated_at"),
        *(
            pl.when(first & pl.col(name).is_not_null().any().over(unit)).then(pl.col(name).sum().over(unit)).alias(name)
            for name in counts
        ),
    )
    kept = without(rows, "updated_at", *counts, "_unit", "_updated", "_alike").join(
        summed, on=_ROW, how="inner", validate="m:1", maintain_order="left"
    )
    return Triage(kept, pl.concat([part for part in aside if part.height] or [no_rows()]))


def refuse_two_files(records: pl.DataFrame, counts: list[str]) -> None:
    """Raise Contradicted where files that came together give one township and day of a source different figures.

    One of them would replace the other as the newer statement, and which is newer only their names would decide.
    `records` are those of the files that came; one that states `updated_at` says itself which is newer.
    """
    stated = records.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in counts))
    own = stated.filter(pl.col("updated_at").is_null() & (pl.col("placed_by") != str(PlacedBy.CROSSWALK)))
    unit = ["source", "adm3_pcode", "reference_date"]
    differs = pl.any_horizontal(pl.col(name).drop_nulls().n_unique().over(unit) > 1 for name in counts)
    both = own.filter((pl.col("delivery_id").n_unique().over(unit) > 1) & differs).sort(*unit, "received_at")
    if both.is_empty():
        return
    one, other = both.unique("delivery_id", keep="first", maintain_order=True).head(2).rows(named=True)
    townships = both["adm3_pcode"].n_unique()
    figures = (f"{row['file_name']} row {row['row_number']}" for row in (one, other))
    raise Contradicted(
        f"{other['file_name']}: {' and '.join(figures)} give {one['adm3_pcode']} on {one['reference_date']} different "
        f"figures of one source, and {townships} townships stand in both files. If they are parts of a whole, put "
        f'them into one file with rows = "parts" in its sidecar; if one is the newer, deliver the older first and the '
        "newer in a run of its own, or state updated_at; if they are of two teams, say so by source in the sidecars",
        other["delivery_id"],
    )


def added_up(records: pl.DataFrame) -> list[str]:
    """What a run says of sums: per file how many rows are parts of how many townships, and how many are blank."""
    if "parts_count" not in records.columns:
        return []
    parts = records.filter(pl.col("parts_count") > 1).unique(_ROW)
    found = parts.group_by("file_name").agg(
        pl.len(), pl.col("adm3_pcode").n_unique().alias("townships"), pl.col("blank_part").sum().alias("blank")
    )
    return [
        f"{row['file_name']}: {row['len']} rows are parts and were added up in {row['townships']} townships"
        + (f"; {row['blank']} of them state no figure and add nothing" if row["blank"] else "")
        for row in found.sort("file_name").iter_rows(named=True)
    ]


def _totals(several: pl.DataFrame, day: str, counts: list[str], unit: list[str]) -> pl.DataFrame:
    """The rows that are totals of the others, as delivery_id and row_number. Raises Contradicted."""
    undeclared = several.filter(pl.col("_rows").ne_missing(PARTS))
    if undeclared.height:
        _refuse_undeclared(undeclared, day, counts, unit)
    _refuse_two_sources(several, day)
    found: list[tuple[str, int]] = []
    for (delivery_id,), delivery in several.group_by("delivery_id", maintain_order=True):
        groups = [_lines(group, counts) for _, group in delivery.group_by(unit, maintain_order=True)]
        numbers, trouble = total_rows(groups)
        if trouble:
            name = delivery["file_name"][0]
            shown = delivery.filter(pl.col("row_number").is_in(trouble.rows))
            where = f"{shown['_unit'][0]} on {shown[day][0]}"
            raise Contradicted(f"{name}: {where}: {trouble.said} ({_shown(shown, counts)}); {trouble.remedy}",
                               str(delivery_id))  # fmt: skip
        found += [(str(delivery_id), number) for number in numbers]
    return pl.DataFrame(found, schema={"delivery_id": pl.String, "row_number": pl.Int64}, orient="row")


def _lines(group: pl.DataFrame, counts: list[str]) -> list[Line]:
    places = ("_stated_code", "adm3_name", "adm2_name", "adm1_name", "longitude", "latitude")
    return [
        Line.of(row["row_number"], [row[name] for name in counts], {p: row[p] for p in places}, row["extra"],
                row["_updated"])
        for row in group.iter_rows(named=True)
    ]  # fmt: skip


def _refuse_undeclared(rows: pl.DataFrame, day: str, counts: list[str], unit: list[str]) -> None:
    """Raise Contradicted with the first two rows of one township and day that differ."""
    delivery = rows.filter(pl.col("delivery_id") == rows["delivery_id"][0])
    first = delivery.row(0, named=True)
    pair = delivery.filter(pl.all_horizontal(pl.col(c) == pl.lit(first[c]) for c in unit)).head(2)
    one, other = pair["row_number"].to_list()
    name = first["file_name"]
    townships = delivery["_unit"].n_unique()
    raise Contradicted(
        f"{name}: rows {one} and {other} both stand for {first['_unit']} on {first[day]} and differ "
        f"{_difference(pair, counts)} ({_shown(pair, counts)}); so do {delivery.height} rows in {townships} township"
        f"{'s' * (townships != 1)}. "
        f'If they are parts of it (camps, sexes, town and village), write rows = "parts" into {sidecar_of(name)} and '
        "they are added up; else leave one row a township and day",
        first["delivery_id"],
    )


def _refuse_two_sources(several: pl.DataFrame, day: str) -> None:
    """Figures of two sources are never added up: where the parts of a township name several, one would stand alone."""
    place = ["delivery_id", day, "_unit"]
    mixed = several.filter(pl.col("source").n_unique().over(place) > 1)
    if mixed.is_empty():
        return
    first = mixed.row(0, named=True)
    pair = mixed.filter(pl.all_horizontal(pl.col(c) == pl.lit(first[c]) for c in place)).unique(
        "source", maintain_order=True
    )
    one, other = pair.head(2)["source"].to_list()
    rows = " and ".join(str(n) for n in pair.head(2)["row_number"])
    raise Contradicted(
        f"{first['file_name']}: rows {rows}, parts of {first['_unit']} on {first[day]}, name two sources ({one!r} and "
        f"{other!r}); figures of two sources are never added up: deliver a file per source, or rename the column "
        "source if it only says where each part was heard of",
        first["delivery_id"],
    )


def _difference(pair: pl.DataFrame, counts: list[str]) -> str:
    """In which columns two rows differ, as far as they are named: "in idps_stock_persons and site"."""
    names = [*counts, "adm3_pcode", "adm3_name", "adm2_name", "adm1_name", "longitude", "latitude", "updated_at"]
    one, other = pair.select(names).rows()
    differing = [name for name, a, b in zip(names, one, other, strict=True) if a != b]
    first, second = (json.loads(text or "{}") for text in pair["extra"])
    differing += [name for name in {**first, **second} if first.get(name) != second.get(name)]
    return f"in {', '.join(differing)}" if differing else "in columns that are not used"


def _shown(rows: pl.DataFrame, counts: list[str]) -> str:
    """The figures of some rows: "row 2: idps_stock_persons 881; row 14: …"."""
    stated = [name for name in counts if rows[name].count()]
    return "; ".join(
        f"row {row['row_number']}: "
        + (", ".join(f"{name} {'blank' if row[name] is None else row[name]}" for name in stated) or "no figure")
        for row in rows.head(4).iter_rows(named=True)
    )
