"""What every month says of a township: the rows of its folded table, its series.

A class of event without a row in a month that the source covers had none reported; in a month that it does not cover
nothing is known. Not here: the drawings (sparklines.py), the latest month in detail (portraits.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from markupsafe import escape

from pipeline.codes import EventClass
from reports.bilingual import Both, label_both, say
from reports.chips import WITHHELD
from reports.looks import WEAK, looks
from reports.release import Release
from reports.slices import published
from reports.wording import NOT_REPORTED, persons

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
EVENTS = {str(kind): f"{kind}_events_count" for kind in EventClass}
DEATHS = "events_fatalities_persons"
_OWN = (
    "adm3_pcode", "month", "clashes_month_count", "idps_persons", "idps_suppressed", "idps_reference_date",
    "security_class", "security_score", "humanitarian_score", "services_score", "provisional", "evidence_grade",
)  # fmt: skip


@dataclass(frozen=True)
class History:
    """One township by month under the leading method, oldest first."""

    rows: tuple[Row, ...] = ()
    columns: Mapping[str, list[Any]] = field(default_factory=dict)

    def values(self, column: str) -> list[Any]:
        return self.columns.get(column, [])


def month_frame(tables: Frames, release: Release) -> pl.DataFrame:
    """One row per township and month of the leading method, with the events of each class beside it.

    Deaths are those of all classes, as far as the source gives them; a month without an event has none. A class that
    the source has no event of in any township is one that it does not record: not known, never zero.
    """
    index = published(tables, "township_index").filter(pl.col("method") == release.method).select(_OWN)
    events = published(tables, "township_month_events")
    wide = events.group_by("month", "adm3_pcode").agg(
        *(pl.col("events_count").filter(pl.col("event_class") == kind).sum().alias(name)
          for kind, name in EVENTS.items()),
        pl.when(pl.col("fatalities_persons").count() > 0).then(pl.col("fatalities_persons").sum()).alias(DEATHS),
        pl.lit(True).alias("has_events"),
    )  # fmt: skip
    recorded = {*events["event_class"].unique().to_list(), str(EventClass.CLASH)}
    unknown = [name for kind, name in EVENTS.items() if kind not in recorded]
    covered = pl.col("clashes_month_count").is_not_null()
    none = covered & pl.col("has_events").is_null()
    return (
        index.join(wide, on=["month", "adm3_pcode"], how="left", validate="1:1")
        .with_columns(pl.when(covered).then(pl.col(name).fill_null(0)).alias(name) for name in EVENTS.values())
        .with_columns(pl.when(none).then(0).when(covered).then(pl.col(DEATHS)).alias(DEATHS))
        .with_columns(pl.lit(None, pl.Int64).alias(name) for name in unknown)
        .drop("has_events", "clashes_month_count")
        .sort("adm3_pcode", "month")
    )


def histories(tables: Frames, release: Release) -> dict[str, History]:
    """P-code -> its history."""
    parts = month_frame(tables, release).partition_by("adm3_pcode", as_dict=True)
    return {str(key[0]): History(tuple(part.to_dicts()), part.to_dict(as_series=False)) for key, part in parts.items()}


_KEYS = ("clashes", "violence against civilians", "other events")


def event_keys(history: History) -> list[tuple[Both, bool]]:
    """The key of the bars, a kind of event each, and whether it is drawn: one without any figure is not reported."""
    found = []
    for words, column in zip(_KEYS, EVENTS.values(), strict=True):
        known = any(value is not None for value in history.values(column))
        found.append((say(words) if known else say("{kind}: not reported", kind=say(words)), known))
    return found


# The columns of the folded table as the file that a reader saves names them, in their order.
SAVED = ("month", *EVENTS.values(), DEATHS, "idps_persons", "security_class")


def month_rows(rows: tuple[Row, ...]) -> str:
    """The rows of the folded table, newest first, as HTML: numbers and words of our own, nothing of a source's.

    Built here and not in the template since 330 pages hold more than ten thousand of them, and without the end tags
    that HTML does not ask for. township.js saves the
    table as a file: a cell of class gap is empty there, and a class stands in the class of its cell.
    """
    missing = _cell("gap", say(NOT_REPORTED))
    withheld = _cell("chip-suppressed", say(WITHHELD))
    mark = f'<abbr title="provisional" data-my-title="{escape(say("provisional").my)}">*</abbr>'
    lines = []
    for row in reversed(rows):
        cells = [missing if row[name] is None else f"<td>{row[name]:,}" for name in (*EVENTS.values(), DEATHS)]
        people = persons(row["idps_persons"], row["idps_suppressed"])
        cells.append(missing if people == NOT_REPORTED else withheld if people == WITHHELD else f"<td>{people}")
        code = row["security_class"]
        weak = code is not None and looks(row)["security_look"] == WEAK
        look = f"chip-{code} chip-weak" if weak else f"chip-{code}"
        cells.append(missing if code is None else _cell(look, label_both(WEAK if weak else code)))
        start = f'<tr><th scope="row">{row["month"]:%Y-%m}{mark if row["provisional"] else ""}'
        lines.append(start + "".join(cells))
    return "\n".join(lines)


def _cell(look: str, words: Both) -> str:
    return f'<td class="{escape(look)}" data-my="{escape(words.my)}">{escape(words.en)}'
