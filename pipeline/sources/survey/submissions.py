"""Exports of the public-service form from survey servers -> rows like those of a services file in our own columns.

KoboToolbox, ODK Central, Ona and SurveyCTO give the same form, which source.py declares. What the reviewers of a
server turned down is not counted (records/review.py).
"""

import polars as pl

from pipeline.declare.codes import SERVICE_ITEMS, Reason
from pipeline.declare.formats import PLACE_COLUMNS
from pipeline.records import parsing
from pipeline.records.parsing import with_columns_of
from pipeline.records.review import approved, beside, judged
from pipeline.records.rules import update_rule
from pipeline.records.triage import Rule, Triage, triage, unreadable
from pipeline.records.versions import newest

_CODE_IN_LABEL = r"\[([^\[\]]+)\]\s*$"


def submissions(raw: pl.DataFrame) -> Triage:
    """One row per submission, the newest version of each, as far as the team has not turned it down.

    The township stands as its P-code or as the form's label, which ends in the P-code in square brackets. An
    edited submission keeps its time, and where the server does not say when it was edited, the one received last
    holds. Each submission speaks for itself: its uuid is the speaker.
    """
    readable = unreadable(raw)
    label = parsing.text("adm3_pcode")
    frame = judged(readable.kept).with_columns(
        parsing.text("uuid").str.replace("^uuid:", "").alias("uuid"),
        pl.coalesce(label.str.extract(_CODE_IN_LABEL), label).alias("adm3_pcode"),
        _written_out("submission_time").alias("submission_time"),
        _written_out("survey_date").alias("survey_date"),
        beside("__system/updatedat").alias("_edited"),
    )
    edited = pl.when(parsing.moment("_edited").is_not_null()).then("_edited")
    frame = _with_first_id(frame).with_columns(
        pl.coalesce(edited, parsing.revision("submission_time")).alias("updated_at")
    )
    good = triage(frame, [Rule(pl.col("uuid").is_null(), Reason.MISSING_VALUE, "uuid"), update_rule("submission_time")])
    key = ["source_key", "uuid"]
    versions = newest(good.kept, key, ["survey_date", "adm3_pcode", *SERVICE_ITEMS, "_review"])
    counted = approved(versions)
    informants = with_columns_of(counted.kept, PLACE_COLUMNS).with_columns(pl.col("uuid").alias("speaker"))
    return Triage(informants, pl.concat([readable.set_aside, good.set_aside, counted.set_aside]))


def _with_first_id(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with what all versions of a submission share as their uuid: the first of its ids.

    KoboToolbox and Ona give an edited submission another uuid; its number on the server and its time stay.
    """
    number, time = beside("_id"), parsing.moment("submission_time", "date_format")
    numbered = pl.when(number.is_not_null() & time.is_not_null()).then(pl.concat_str(number, pl.lit("|"), time))
    named = frame.with_columns(
        pl.coalesce(beside("meta/rootuuid").str.replace("^uuid:", ""), pl.col("uuid")).alias("_own"),
        numbered.alias("_numbered"),
    )
    same_number = pl.col("_own").min().over("source_key", "_numbered")
    first = named.with_columns(
        pl.when(pl.col("_numbered").is_null()).then("_own").otherwise(same_number).alias("_first")
    )
    return first.with_columns(pl.col("_first").min().over("source_key", "_own").alias("uuid"))


def _written_out(column: str) -> pl.Expr:
    """SurveyCTO writes "Nov 2, 2023 3:04:05 PM" and "Nov 2, 2023"; which part is the day is plain, so it is read."""
    cell = pl.col(column).cast(pl.String)
    plain = cell.str.replace_all("\u202f", " ").str.strip_chars()
    time = plain.str.to_datetime("%b %d, %Y %I:%M:%S %p", strict=False).dt.strftime("%Y-%m-%dT%H:%M:%S")
    day = plain.str.to_date("%b %d, %Y", strict=False).dt.strftime("%Y-%m-%d")
    return pl.coalesce(time, day, cell)
