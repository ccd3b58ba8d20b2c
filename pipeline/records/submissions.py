"""Exports of the public-service form from KoboToolbox or ODK -> rows like those of a canonical services file.

The form itself is declared in pipeline/survey.py. Not here: what the answers mean (reports.py).
"""

import polars as pl

from pipeline.codes import SERVICE_ITEMS, Reason
from pipeline.records import values
from pipeline.records.rules import update_rule
from pipeline.records.triage import Rule, Triage, triage, unreadable
from pipeline.records.versions import newest

# A submission that nobody has judged yet counts; one on hold, with issues, rejected or not approved does not.
UNJUDGED_OR_APPROVED = ("approved", "validation_status_approved", "received", "edited")
_CODE_IN_LABEL = r"\[([^\[\]]+)\]\s*$"


def submissions(raw: pl.DataFrame) -> Triage:
    """One row per submission, the newest version of each, as far as the team has not turned it down.

    The township stands as its P-code or as the form's label, which ends in the P-code in square brackets. An
    edited submission keeps its id and its time, so between exports the one received last holds.
    """
    readable = unreadable(raw)
    label = values.text("adm3_pcode")
    frame = readable.kept.with_columns(
        values.text("uuid").str.replace("^uuid:", "").alias("uuid"),
        pl.coalesce(label.str.extract(_CODE_IN_LABEL), label).alias("adm3_pcode"),
        values.revision("submission_time").alias("updated_at"),
        values.term("validation_status").alias("_status"),
    )
    good = triage(frame, [Rule(pl.col("uuid").is_null(), Reason.MISSING_VALUE, "uuid"), update_rule("submission_time")])
    key = ["source_key", "uuid"]
    versions = newest(
        good.kept,
        key,
        ["survey_date", "adm3_pcode", *SERVICE_ITEMS, "_status"],
    )
    refused = ~pl.col("_status").is_in(list(UNJUDGED_OR_APPROVED))
    approved = triage(versions.kept, [Rule(refused, Reason.NOT_APPROVED, "validation_status")])
    aside = [readable.set_aside, good.set_aside, versions.set_aside, approved.set_aside]
    return Triage(approved.kept, pl.concat(aside))
