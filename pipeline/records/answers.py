"""Several records of one township and day, of services or control: which of them stand, and which contradict.

An answer is no count: two of a day are never added up. What their sender has replaced, what stands twice and, for
control, what a record of higher confidence outweighs is set aside for that reason. The others stand side by side, and
those of equal standing that contradict each other are counted: which of them came first, stands higher in its file or
comes before in the alphabet says nothing about a township.
"""

from collections.abc import Iterator

import polars as pl

from pipeline.declare.codes import CONTROL_SHARES, PlacedBy, Reason
from pipeline.declare.frames import is_outdated, without
from pipeline.records import parsing
from pipeline.records.triage import Rule, Triage, triage

UNKNOWN = "unknown"
# A record without a stated confidence counts as one of low confidence.
CONFIDENCE_RANKS = {"high": 3, "h": 3, "medium": 2, "moderate": 2, "med": 2, "m": 2, "low": 1, "l": 1}
CONFLICTS = "conflicting_records_count"
_LINE = ["delivery_id", "row_number"]
# Columns beside the answers that tell two statements of one speaker apart.
_TELLING = ("informant_kind", "until_date")


def standing(
    frame: pl.DataFrame, day: str, answers: list[str], confidence: str | None = None, about: tuple[str, ...] = ()
) -> Triage:
    """The rows that stand, each with the number of records of its township and day that contradict each other.

    `frame` has been placed; `answers` are its coded columns, a single one where `confidence` names a column that
    decides. Rows of one `speaker` (its source, or one submission of a form) about one place and day are statements
    of the same: the later revision holds where every delivery states its revisions, else the later receipt. Equal
    rows of one speaker are one. An old code that leads to a township is a part of it and a place of its own, and so
    is each `town` where the frame has that column. `about` names columns that say what a statement is about, where a
    row of another subject is another statement.
    """
    town = [pl.lit(" "), pl.col("town")] if "town" in frame.columns else []
    part = pl.col("placed_by") == str(PlacedBy.CROSSWALK)
    rows = frame.with_columns(
        pl.concat_str(pl.when(part).then("_stated_code").otherwise("adm3_pcode"), *town).alias("_unit"),
        part.alias("_part"),
        parsing.moment("updated_at", "date_format").alias("_updated"),
        parsing.moment_text("updated_at", "date_format").alias("updated_at"),
    ).sort(_LINE)
    aside = []
    for rule in _rules(rows.columns, [day, *about], answers, confidence):
        result = triage(rows, [rule])
        rows = result.kept
        aside.append(result.set_aside.unique(_LINE, maintain_order=True))  # an old code's row stands once a successor
    subject = [day, *about, *(["town"] if town else [])]
    judged = rows.with_columns(_conflicts(subject, answers).alias(CONFLICTS))
    kept = without(judged, "_unit", "_part", "_updated")
    return Triage(kept, pl.concat(aside))


def _rules(columns: list[str], about: list[str], answers: list[str], confidence: str | None) -> Iterator[Rule]:
    """One after the other: each asks only the rows that those before it left."""
    said = [*about, "_unit", "speaker"]
    latest = pl.col("_updated").max().over(said)
    for older in (
        is_outdated(said),
        pl.col("received") < pl.col("received").max().over(said),
        latest.is_not_null() & (pl.col("_updated").is_null() | (pl.col("_updated") < latest)),
    ):
        yield Rule(older, Reason.SUPERSEDED, "adm3_pcode", pl.col("_unit"))
    content = [*said, *answers, *(name for name in (confidence, *_TELLING, *CONTROL_SHARES) if name in columns)]
    line = pl.concat_str("delivery_id", pl.lit("|"), "row_number")
    yield Rule(line != line.first().over(content), Reason.DUPLICATE_ROW, "adm3_pcode", pl.col("_unit"))
    if confidence:
        (answer,) = answers
        found = pl.concat_str(pl.col(answer), pl.lit(", confidence "), parsing.text(confidence).fill_null("not stated"))
        yield Rule(_outweighed([*about, "_unit"], answer, confidence), Reason.OUTWEIGHED, answer, found)


def _outweighed(place: list[str], answer: str, confidence: str) -> pl.Expr:
    """Whether another record of the day has higher confidence and says otherwise, or names what this leaves unknown.

    A word that is no known confidence can be weighed against nothing: its record stands beside the others.
    """
    named = pl.col(answer) != UNKNOWN
    stated = parsing.term(confidence).fill_null("low")
    rank = pl.when(named).then(stated.replace_strict(CONFIDENCE_RANKS, default=None, return_dtype=pl.Int64))
    # The best confidence in this answer against the best of the day: to be outweighed is to say otherwise.
    return (rank.max().over([*place, answer]) < rank.max().over(place)) | (~named & named.any().over(place))


def _conflicts(about: list[str], answers: list[str]) -> pl.Expr:
    """How many of a township's records of a day take part in a contradiction; 0 where there is none.

    An unknown answer contradicts nothing: two informants who know different things complete each other.
    """
    place = [*about, "adm3_pcode", "_part"]
    sides = (
        (pl.col(answer) != UNKNOWN) & (pl.col(answer).filter(pl.col(answer) != UNKNOWN).n_unique().over(place) > 1)
        for answer in answers
    )
    return pl.any_horizontal(sides).cast(pl.Int64).sum().over(place)
