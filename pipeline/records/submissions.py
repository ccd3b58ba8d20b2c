"""Exports of the public-service form from survey servers -> rows like those of a canonical services file.

KoboToolbox, ODK Central, Ona and SurveyCTO give the same form. The form itself is declared in
pipeline/declare/survey.py.

What the reviewers of a survey server said of a submission: what they turned down or took out is not counted.
"""

import re

import polars as pl

from pipeline.declare.codes import SERVICE_ITEMS, Reason
from pipeline.records import parsing
from pipeline.records.rules import update_rule
from pipeline.records.triage import Rule, Triage, triage, unreadable
from pipeline.records.versions import newest

# KoboToolbox (a text, or an object in JSON), ODK Central (CSV, OData) and SurveyCTO; "/" stands for any separator.
STATUS_COLUMNS = (
    "_validation_status", "_validation_status/uid", "_validation_status/label", "reviewstate", "__system/reviewstate",
    "review_status",
)  # fmt: skip
ONA_COLUMN = "_review_status"
ONA_NUMBERS = {"1": "approved", "2": "rejected", "3": "pending"}  # its interface gives numbers, its exports words
DELETED_COLUMNS, DELETED = ("deleteddate", "__system/deletedat"), "deleted"
COUNTED = (
    "approved", "accepted", "validation_status_approved", "received", "edited", "pending", "none", "new", "submitted",
    "awaiting_review", "not_reviewed", "unreviewed",
)  # fmt: skip
NOT_COUNTED = (
    "not_approved", "validation_status_not_approved", "rejected", "on_hold", "validation_status_on_hold", "hasissues",
    "has_issues",
)  # fmt: skip
# One look tells whether a row has any of these columns: most files have none.
_ANY = r"(?i)review_?state|review_status|validation_status|deleteddate|deletedat"


def beside(*names: str) -> pl.Expr:
    """The first filled cell of these columns among those that the format does not know; null without one."""
    found = []
    for name in names:
        spelled = "[/.:-]".join(re.escape(part) for part in name.split("/"))
        cell = pl.col("extra").str.extract(rf'(?i)"{spelled}": "((?:[^"\\]|\\.)*)"')
        found.append(pl.when(cell.str.strip_chars() != "").then(cell.str.strip_chars()))
    return pl.coalesce(found)


def judged(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with `_review`: the word that turned the row down or that nobody knows; null for one that counts."""
    words = [parsing.term("validation_status")] if "validation_status" in frame.columns else []
    if frame["extra"].str.contains(_ANY).any():
        words += [_term(beside(name)) for name in STATUS_COLUMNS]
        words += [_term(beside(ONA_COLUMN)).replace(ONA_NUMBERS)]
        words += [pl.when(beside(*DELETED_COLUMNS).is_not_null()).then(pl.lit(DELETED))]
    turned_down = (pl.when(word.is_in([DELETED, *NOT_COUNTED])).then(word) for word in words)
    unknown = (pl.when(~word.is_in(COUNTED)).then(word) for word in words)
    return frame.with_columns(pl.coalesce(*turned_down, *unknown, pl.lit(None, dtype=pl.String)).alias("_review"))


def _term(cell: pl.Expr) -> pl.Expr:
    word = cell.str.to_lowercase().str.replace_all(r"[\s\-]+", "_")
    return pl.when(~word.is_in(parsing.MISSING_WORDS)).then(word)


def review_rules() -> list[Rule]:
    """Rules on rows of `judged`."""
    word = pl.col("_review")
    return [
        Rule(word == DELETED, Reason.DELETED, "validation_status", word),
        Rule(word.is_in(NOT_COUNTED), Reason.NOT_APPROVED, "validation_status", word),
        Rule(word.is_not_null(), Reason.UNKNOWN_TERM, "validation_status", word, (*COUNTED, *NOT_COUNTED)),
    ]


def reviewed(triaged: Triage) -> Triage:
    """Of rows without versions: those that were not turned down."""
    return approved(Triage(judged(triaged.kept), triaged.set_aside))


def approved(triaged: Triage) -> Triage:
    """Of rows of `judged`, of which no newer version exists: those that were not turned down."""
    result = triage(triaged.kept, review_rules())
    return Triage(result.kept.drop("_review"), pl.concat([triaged.set_aside, result.set_aside]))


_CODE_IN_LABEL = r"\[([^\[\]]+)\]\s*$"


def submissions(raw: pl.DataFrame) -> Triage:
    """One row per submission, the newest version of each, as far as the team has not turned it down.

    The township stands as its P-code or as the form's label, which ends in the P-code in square brackets. An
    edited submission keeps its time, and where the server does not say when it was edited, the one received last
    holds.
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
    return Triage(counted.kept, pl.concat([readable.set_aside, good.set_aside, counted.set_aside]))


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
