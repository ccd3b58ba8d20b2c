"""Event numbers that a team uses again for other events: such rows are no versions of one event.

A team's own numbers often start again at 1 in each file. Two rows of one number that differ in day and in place are
two events, unless both state when they were made (`updated_at`): then the later one is a correction. Ids of UCDP and
ACLED are unique by themselves and are never judged here.
"""

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.records import parsing
from pipeline.records.parsing import is_stated
from pipeline.records.triage import Triage, no_rows, set_aside_rows

NUMBERED_BY_TEAMS = "canonical_clashes"
APART_DEGREES = 0.05  # about five kilometres: points of one village differ by less
_OTHER = "_other"
_SEEN = ("event_date", "_code", "_name", "_state", "_lon", "_lat", "_made")


def readable_place() -> list[pl.Expr]:
    """Day and place of a row as they are compared: folded codes and names, numbers for points, the time of revision."""
    return [
        pl.when(is_stated("adm3_pcode")).then(pl.col("adm3_pcode").str.strip_chars().str.to_uppercase()).alias("_code"),
        parsing.term("adm3_name").alias("_name"),
        parsing.term("adm1_name").alias("_state"),
        pl.col("longitude").str.strip_chars().cast(pl.Float64, strict=False).alias("_lon"),
        pl.col("latitude").str.strip_chars().cast(pl.Float64, strict=False).alias("_lat"),
        parsing.moment("updated_at").alias("_made"),
    ]


def with_other(frame: pl.DataFrame, over: list[str]) -> pl.DataFrame:
    """Each row beside the one before it under the same key; nulls beside the first."""
    return frame.with_columns(pl.col(c).shift(1).over(over).alias(c + _OTHER) for c in (*_SEEN, "row_number"))


def is_another_event(other: str = _OTHER) -> pl.Expr:
    """Whether a row and the other differ in day and in place: in the code, else the name, else the point they give."""
    code, name, lon = (pl.col(c).is_not_null() & pl.col(c + other).is_not_null() for c in ("_code", "_name", "_lon"))
    states_differ = (pl.col("_state") != pl.col("_state" + other)).fill_null(False)
    far = pl.max_horizontal((pl.col(c) - pl.col(c + other)).abs() for c in ("_lon", "_lat")) > APART_DEGREES
    somewhere = pl.any_horizontal(pl.col(c).is_not_null() for c in ("_code", "_name", "_lon"))
    somewhere_else = pl.any_horizontal(pl.col(c + other).is_not_null() for c in ("_code", "_name", "_lon"))
    elsewhere = (
        pl.when(code)
        .then(pl.col("_code") != pl.col("_code" + other))
        .when(name)
        .then((pl.col("_name") != pl.col("_name" + other)) | states_differ)
        .when(lon)
        .then(far)
        .otherwise(somewhere & somewhere_else)  # given in forms that cannot be compared
    )
    return ((pl.col("event_date") != pl.col("event_date" + other)) & elsewhere).fill_null(False)


def is_told_revision(other: str = _OTHER) -> pl.Expr:
    """Whether both rows state when they were made, at different times: the sender says that it is a version."""
    return (pl.col("_made") != pl.col("_made" + other)).fill_null(False)


def without_reused(frame: pl.DataFrame, key: list[str]) -> Triage:
    """The rows but those whose number stands for several events: which of them it means cannot be told, so none counts.

    `frame` carries `_updated` and `_received`: each version is compared with the one before it.
    """
    teams = pl.col("source_key").str.starts_with(NUMBERED_BY_TEAMS)
    rows = frame.filter(teams & (pl.len().over(key) > 1) & ~pl.col("_deleted"))
    if rows.is_empty():
        return Triage(frame, no_rows())
    several = rows.select(*key, "_updated", "_received", "delivery_id", "event_date", "row_number", *readable_place())
    in_time = several.sort(*key, "_updated", "_received", "delivery_id", *_SEEN, nulls_last=False)
    broken = with_other(in_time, key).filter(is_another_event() & ~is_told_revision()).select(key).unique()
    aside = frame.join(broken, on=key, how="semi", maintain_order="left")
    kept = frame.join(broken, on=key, how="anti", maintain_order="left") if aside.height else frame
    return Triage(kept, set_aside_rows(aside, Reason.REUSED_NUMBER, key[-1], pl.col(key[-1])))
