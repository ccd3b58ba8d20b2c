"""What the reviewers of a survey server said of a row: what they turned down or took out is not counted.

Files in this project's own columns carry such words too, where a team saved an export of its server under them.
"""

import re
from functools import cache

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.declare.frames import without
from pipeline.records import parsing
from pipeline.records.triage import Rule, Triage, triage

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
    if parsing.has_cells(frame, "extra") and frame["extra"].str.contains(_ANY).any():
        words += [_term(beside(name)) for name in STATUS_COLUMNS]
        words += [_term(beside(ONA_COLUMN)).replace(ONA_NUMBERS)]
        words += [pl.when(beside(*DELETED_COLUMNS).is_not_null()).then(pl.lit(DELETED))]
    turned_down = (pl.when(word.is_in([DELETED, *NOT_COUNTED])).then(word) for word in words)
    unknown = (pl.when(~word.is_in(COUNTED)).then(word) for word in words)
    return frame.with_columns(pl.coalesce(*turned_down, *unknown, pl.lit(None, dtype=pl.String)).alias("_review"))


def _term(cell: pl.Expr) -> pl.Expr:
    word = cell.str.to_lowercase().str.replace_all(r"[\s\-]+", "_")
    return pl.when(~word.is_in(parsing.MISSING_WORDS)).then(word)


@cache
def review_rules() -> tuple[Rule, ...]:
    """Rules on rows of `judged`."""
    word = pl.col("_review")
    known = (*COUNTED, *NOT_COUNTED)
    return (
        Rule(word == DELETED, Reason.DELETED, "validation_status", word, filled="_review"),
        Rule(word.is_in(NOT_COUNTED), Reason.NOT_APPROVED, "validation_status", word, filled="_review"),
        Rule(word.is_not_null(), Reason.UNKNOWN_TERM, "validation_status", word, known, filled="_review"),
    )


def reviewed(triaged: Triage) -> Triage:
    """Of rows without versions: those that were not turned down."""
    return approved(Triage(judged(triaged.kept), triaged.set_aside))


def approved(triaged: Triage) -> Triage:
    """Of rows of `judged`, of which no newer version exists: those that were not turned down."""
    result = triage(triaged.kept, review_rules())
    return Triage(without(result.kept, "_review"), pl.concat([triaged.set_aside, result.set_aside]))
