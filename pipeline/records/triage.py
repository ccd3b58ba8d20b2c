"""Rows that pass every rule, and rows that do not with the first rule they break.

The set-aside frame has the columns of records.set_aside: which row, why, which column, what was found, and which
other columns of the row are at fault.

Rows in = rows used + rows set aside, per delivery; anything else raises. How much of each delivery was lost to
faults: what a run says of every file, and which files it does not go on with.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.declare.codes import NOT_FAULTS, REASON_REMEDY, Reason
from pipeline.declare.errors import AccountingError
from pipeline.declare.frames import without

SET_ASIDE = ("delivery_id", "file_name", "kind", "row_number", "reason", "column_name", "found")
FOUND_CHARACTERS = 80


@dataclass(frozen=True)
class Rule:
    """`broken` is true for a row to set aside; `column` names the cell to blame, if one is to blame.

    `known` are the terms that the column may hold: shown behind what was found, so that the sender can choose.
    `filled` and `unread` name columns: only a row with a cell in the one and none in the other can break the rule, so
    that it need not be asked of a frame without such cells. Most columns of most files are blank or read throughout.
    """

    broken: pl.Expr
    reason: Reason
    column: str | None = None
    found: pl.Expr | None = None
    known: tuple[str, ...] = ()
    filled: str | None = None
    unread: str | None = None

    def may_break(self, frame: pl.DataFrame) -> bool:
        some = self.filled is None or frame[self.filled].null_count() < frame.height
        return some and (self.unread is None or frame[self.unread].null_count() > 0)


@dataclass(frozen=True)
class Triage:
    kept: pl.DataFrame
    set_aside: pl.DataFrame


def triage(frame: pl.DataFrame, rules: Sequence[Rule]) -> Triage:
    """Split a frame by its rules; the first broken rule names the reason. A null condition does not break.

    `frame` carries delivery_id, file_name, kind and row_number.
    """
    if frame.is_empty():
        return Triage(frame, no_rows())
    # One beside the other and each a column: a condition within another is worked out anew at each step, which costs a
    # tiny frame more than all its rows. Most frames break no rule, and no more is asked of them.
    names = {position: f"_rule_{position}" for position, rule in enumerate(rules) if rule.may_break(frame)}
    if not names:
        return Triage(frame, no_rows())
    judged = frame.with_columns(rules[position].broken.alias(name) for position, name in names.items())
    met = [position for position, name in names.items() if judged[name].any()]
    if not met:
        return Triage(frame, no_rows())
    first = judged.select(pl.coalesce(pl.when(names[n]).then(pl.lit(n, pl.Int64)) for n in met)).to_series()
    parts = []
    for position in sorted(first.drop_nulls().unique()):
        rule, broken = rules[position], frame.filter(first == position)
        found = rule.found
        if found is None:
            found = pl.col(rule.column).cast(pl.String) if rule.column else pl.lit(None, dtype=pl.String)
        also = _also(rule, [rules[later] for later in met if later > position])
        parts.append(set_aside_rows(broken, rule.reason, rule.column, found, rule.known, also))
    return Triage(frame.filter(first.is_null()), pl.concat(parts))


def _also(broken: Rule, later: list[Rule]) -> pl.Expr | None:
    """The other cells of a row that break a rule, each with its first reason: a row is mended in one go.

    Only rules of the same step are known: a row that cannot be read is not placed, so its place is not judged.
    """
    columns: dict[str, pl.Expr] = {}
    for rule in later:
        if rule.column is not None and rule.column != broken.column:
            reason = pl.when(rule.broken.fill_null(False)).then(pl.lit(f"{rule.column}: {rule.reason}"))
            columns[rule.column] = pl.coalesce(columns[rule.column], reason) if rule.column in columns else reason
    if not columns:
        return None
    said = pl.concat_list(*columns.values()).list.drop_nulls().list.join(", ")
    return said.str.replace(r"^(.+)$", "; also ${1}").fill_null("")


def set_aside_rows(
    frame: pl.DataFrame,
    reason: Reason,
    column: str | None,
    found: pl.Expr,
    known: tuple[str, ...] = (),
    also: pl.Expr | None = None,
) -> pl.DataFrame:
    """Rows of a frame as set-aside rows, all for one reason; `known` and `also` are added to what was found.

    `known` are the terms that the column may hold, `also` the other faults of the row ("" for none).
    """
    if frame.is_empty():
        return no_rows()
    rows = frame.select(
        "delivery_id",
        "file_name",
        "kind",
        "row_number",
        pl.lit(str(reason)).alias("reason"),
        pl.lit(column, dtype=pl.String).alias("column_name"),
        found.str.slice(0, FOUND_CHARACTERS).alias("found"),
        *(() if also is None else (also.alias("_also"),)),
    )
    if not known and also is None:
        return rows
    shown = pl.col("found")
    stated = pl.when(shown.str.strip_chars() != "").then(shown).otherwise(pl.lit("blank"))
    if known:
        shown = stated = pl.concat_str(stated, pl.lit(f" (known: {', '.join(known)})"))
    if also is not None:
        shown = pl.when(pl.col("_also") == "").then(shown).otherwise(stated + pl.col("_also"))
    return rows.select(*SET_ASIDE[:-1], shown.alias("found"))


_NO_ROWS = pl.DataFrame(schema={c: pl.Int64 if c == "row_number" else pl.String for c in SET_ASIDE})


def no_rows() -> pl.DataFrame:
    return _NO_ROWS.clone()


def unreadable(frame: pl.DataFrame) -> Triage:
    """Lines that the reader could not take as a row: set aside with the reader's own reason."""
    if frame["problem"].null_count() == frame.height:
        return Triage(without(frame, "problem", "problem_found"), no_rows())
    broken = frame.filter(pl.col("problem").is_not_null())
    rows = broken.select(
        "delivery_id",
        "file_name",
        "kind",
        "row_number",
        pl.col("problem").alias("reason"),
        pl.lit(None, dtype=pl.String).alias("column_name"),
        pl.col("problem_found").alias("found"),
    )
    return Triage(without(frame.filter(pl.col("problem").is_null()), "problem", "problem_found"), rows)


ROW = ["delivery_id", "row_number"]


def accounts(
    rows: pl.DataFrame,
    records: pl.DataFrame,
    set_aside: pl.DataFrame,
    what: str,
    repeated: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Per delivery: rows_count, rows_used_count, rows_set_aside_count, first_date and last_date of the used.

    And rows_contradicted_count where `records` has point_distance_km: rows used although their own point denies their
    place. `rows` is every line that came in, `records` what was made of them with its `day` (null where undated),
    `set_aside` the rest; each has the columns delivery_id and row_number. `repeated` (columns of
    records.repeated_rows) counts rows that are in none of these: they came in and were set aside. Raises
    AccountingError when a row is lost, invented or counted twice.
    """
    came, used, aside = rows[ROW].unique(), records[ROW].unique(), set_aside[ROW]
    told = pl.concat([used, aside])
    once = rows.height == came.height == told.height
    if not once or not came.join(told, on=ROW, how="anti").is_empty():
        faults = {
            "came in twice": rows.height - came.height,
            "set aside twice": aside.height - aside.n_unique(),
            "used and set aside at once": used.join(aside, on=ROW, how="semi").height,
            "lost": came.join(told, on=ROW, how="anti").height,
            "invented": told.join(came, on=ROW, how="anti").height,
        }
        raise AccountingError(
            f"{what}: {came.height} rows came in, {used.height} used, {aside.height} set aside; "
            + ", ".join(f"{count} {fault}" for fault, count in faults.items() if count)
        )
    days = records.group_by("delivery_id").agg(
        pl.col("day").min().alias("first_date"), pl.col("day").max().alias("last_date")
    )
    denied = pl.col("point_distance_km").is_not_null() if "point_distance_km" in records.columns else pl.lit(False)
    counts = {
        "rows_count": came, "rows_used_count": used, "rows_set_aside_count": aside,
        "rows_contradicted_count": records.filter(denied)[ROW].unique(),
    }  # fmt: skip
    of = enumerate(counts.values())
    together = pl.concat(frame.select("delivery_id", pl.lit(n, pl.Int8).alias("_of")) for n, frame in of)
    each = together.group_by("delivery_id").agg(
        (pl.col("_of") == n).sum().cast(pl.Int64).alias(name) for n, name in enumerate(counts)
    )
    counted = each.join(days, on="delivery_id", how="left", validate="1:1")
    if repeated is not None:
        more = repeated.group_by("delivery_id").agg(pl.col("rows_count").sum().alias("_more"))
        counted = counted.join(more, on="delivery_id", how="full", coalesce=True, validate="1:1").with_columns(
            pl.col(name).fill_null(0) + pl.col("_more").fill_null(0) for name in ("rows_count", "rows_set_aside_count")
        )
    zeros = ("rows_used_count", "rows_set_aside_count", "rows_contradicted_count")
    return counted.drop("_more", strict=False).with_columns(pl.col(zeros).fill_null(0)).sort("delivery_id")


def accounts_together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """What `accounts` gives of different rows of the same deliveries, as one row each."""
    counts = ("rows_count", "rows_used_count", "rows_set_aside_count", "rows_contradicted_count")
    whole = (
        pl.concat(parts)
        .group_by("delivery_id")
        .agg(pl.col(counts).sum(), pl.col("first_date").min(), pl.col("last_date").max())
    )
    return whole.select(parts[0].columns).sort("delivery_id")


def by_reason(set_aside: pl.DataFrame, repeated: pl.DataFrame | None = None) -> pl.DataFrame:
    """delivery_id, reason, rows_count of the rows of records.set_aside and records.repeated_rows together."""
    counts = set_aside.group_by("delivery_id", "reason").agg(pl.len().cast(pl.Int64).alias("rows_count"))
    more = [] if repeated is None else [repeated.select(counts.columns)]
    return pl.concat([counts, *more]).group_by("delivery_id", "reason").agg(pl.col("rows_count").sum())


MOST_SHARE = 0.5  # of a file lost to faults: what is left of it may be any part of what it says
_COUNTRY_COLUMNS = ("country", "country_id", "iso", "iso3")
ALL_TOLD = 10  # deliveries; of more than so many, only those of the last landing and those with faults are told


def faults(set_aside: pl.DataFrame) -> pl.DataFrame:
    """The rows of records.set_aside that are faulty: not by a rule of the method, nor openly of another country."""
    abroad = (pl.col("reason") == str(Reason.OUTSIDE_COUNTRY)) & pl.col("column_name").is_in(_COUNTRY_COLUMNS)
    return set_aside.filter(~pl.col("reason").is_in([str(r) for r in NOT_FAULTS]), ~abroad.fill_null(False))


def shares(accounts: pl.DataFrame, set_aside: pl.DataFrame, repeated: pl.DataFrame | None = None) -> pl.DataFrame:
    """`accounts` with `faults_count` and `fault_share`, of the rows that came in."""
    counts = (
        by_reason(faults(set_aside), _faulty(repeated))
        .group_by("delivery_id")
        .agg(pl.col("rows_count").sum().alias("faults_count"))
    )
    joined = accounts.join(counts, on="delivery_id", how="left", validate="1:1", maintain_order="left")
    count = pl.col("faults_count").fill_null(0)
    return joined.with_columns(count, (count / pl.col("rows_count")).fill_nan(None).alias("fault_share"))


def _faulty(repeated: pl.DataFrame | None) -> pl.DataFrame | None:
    return None if repeated is None else repeated.filter(~pl.col("reason").is_in([str(r) for r in NOT_FAULTS]))


def told(
    judged: pl.DataFrame, set_aside: pl.DataFrame, landed_last: Collection[str], repeated: pl.DataFrame | None = None
) -> Iterator[str]:
    """A line for each delivery: rows, used, set aside by reason. `judged` is of `shares`."""
    counts = by_reason(set_aside, repeated).sort("rows_count", "reason", descending=[True, False])
    every = judged.height <= ALL_TOLD
    for row in judged.sort("kind", "file_name", "delivery_id").iter_rows(named=True):
        if not (every or row["faults_count"] or row["delivery_id"] in landed_last):
            continue
        own = counts.filter(pl.col("delivery_id") == row["delivery_id"])
        why = ", ".join(f"{count:,} {reason}" for reason, count in own.select("reason", "rows_count").iter_rows())
        yield (
            f"{row['kind']}/{row['file_name']}: {row['rows_count']:,} rows, {row['rows_used_count']:,} used, "
            f"{row['rows_set_aside_count']:,} set aside{f' ({why})' if why else ''}"
        )


def mostly_lost(judged: pl.DataFrame, accepted: Collection[str]) -> pl.DataFrame:
    """The deliveries that lost more than half of their rows to faults and are not accepted."""
    return judged.filter(pl.col("fault_share") > MOST_SHARE, ~pl.col("delivery_id").is_in(list(accepted)))


def why_lost(lost: pl.DataFrame, set_aside: pl.DataFrame, repeated: pl.DataFrame | None = None) -> Iterator[str]:
    """What is wrong with each of `mostly_lost` and what to do: the file, the share, the main reason, its remedy."""
    faulty = by_reason(faults(set_aside), _faulty(repeated))
    for row in lost.iter_rows(named=True):
        own = faulty.filter(pl.col("delivery_id") == row["delivery_id"]).select("reason", "rows_count")
        reason, count = own.sort("rows_count", "reason", descending=[True, False]).row(0)
        yield (
            f"{row['kind']}/{row['file_name']}: {row['faults_count']:,} of {row['rows_count']:,} rows "
            f"({row['fault_share']:.0%}) cannot be used, {count:,} of them as {reason}: "
            f"{REASON_REMEDY[Reason(reason)]} "
            f"Mend the file or its sidecar and deliver it again, after `township-index withdraw {row['delivery_id']}` "
            "where the file itself has changed; or accept the loss in HOME/corrections.toml with "
            f'action = "acknowledge", kind = "{row["kind"]}", delivery = "{row["delivery_id"]}"'
        )
