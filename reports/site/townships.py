"""The townships as rows of a table: every cell worded in both languages, with what it sorts by.

Used by the list of all townships and by the pages of states and regions. Not here: HTML, the rows' order on the page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.declare.codes import UNREACHED, Signal
from pipeline.declare.frames import inert
from reports.draw.symbology import ARROWS, INDEX_THEMES, looks
from reports.release import Release, Unit, latest, latest_townships, months, published, unit, units
from reports.site.inputs import Context, Inputs
from reports.text.catalogue import Both, label_both, month_both, say
from reports.text.values import (
    NO_DATA,
    THIN,
    ZERO,
    Value,
    chance_cell,
    class_cell,
    expected_cell,
    number_cell,
    persons_cell,
    rate_both,
    signal_both,
    signal_cell,
)
from reports.text.wording import number

Frames = Mapping[str, pl.DataFrame]
SPARK_MONTHS = 12
# What the saved list holds: columns of township_index, those first that are alike in all rows of a release.
SAVED = (
    "method", "month", "period_end", "adm3_pcode", "adm3_name", "state_region", "signal", "clashes_month_count",
    "clashes_3m_count", "clashes_12m_count", "clashes_count", "security_step", "security_shown",
    "security_score", "security_high_probability", "idps_persons", "idps_suppressed", "idps_basis",
    "humanitarian_shown", "services_known_count", "services_shown", "evidence_grade", "data_age_days",
)  # fmt: skip
_ALIKE = 3
_EXPECTED = ("expected_clashes_next_3m", "interval_low", "interval_high")
_BESIDE = {
    "township_rates": ("clashes_per_1000_km2",),
    "township_changes": ("clashes_previous_month_count", "change_class"),
}


@dataclass(frozen=True)
class TownshipRow:
    """`line` is the township's row of the saved list; `monthly` its clashes of the last months, oldest first."""

    code: str
    name: str
    name_my: str
    unit: Unit
    classes: Mapping[str, str]  # column -> look on a map
    cells: Mapping[str, Value]
    line: str
    monthly: tuple[int | None, ...]


def township_rows(tables: Frames, release: Release) -> list[TownshipRow]:
    """All townships in the order of their P-codes; one without an index row has no data in any cell."""
    frame = latest_townships(tables, release)
    for name, columns in _BESIDE.items():
        beside = latest(tables, name, release.method).select("adm3_pcode", *columns)
        frame = frame.join(beside, on="adm3_pcode", how="left", validate="1:1")
    expected = latest(tables, "current_intensity", release.method).select("adm3_pcode", *_EXPECTED)
    frame = frame.join(expected, on="adm3_pcode", how="left", validate="1:1").sort("adm3_pcode")
    lines = _lines(frame)
    monthly = _monthly(tables, release)
    return [
        TownshipRow(
            code=row["adm3_pcode"], name=row["adm3_name"], name_my=row["adm3_name_my"],
            unit=unit(row["state_region"]), classes=looks(row), cells=_cells(row), line=line,
            monthly=monthly.get(row["adm3_pcode"], (None,) * SPARK_MONTHS),
        )
        for row, line in zip(frame.drop("geometry").to_dicts(), lines, strict=True)
    ]  # fmt: skip


def lead(rows: Sequence[TownshipRow]) -> str:
    """What all lines begin with (method, month, end of the period): the page holds it once."""
    starts = {",".join(row.line.split(",")[:_ALIKE]) + "," for row in rows}
    return starts.pop() if len(starts) == 1 else ""


def _lines(frame: pl.DataFrame) -> list[str]:
    """Each row as one line of CSV, inert in a spreadsheet, each value as in tables/township_index.csv."""
    end = "\x1e"  # a line's own end, since a name in quotes may hold that of a file
    text = inert(frame.select(SAVED)).write_csv(
        include_header=False, line_terminator=end, null_value="", date_format="%Y-%m-%d"
    )
    return text.split(end)[:-1]


def _monthly(tables: Frames, release: Release) -> dict[str, tuple[int | None, ...]]:
    """P-code -> clashes of the last months; None for a month before the first or without a count."""
    steps: list[date | None] = list(months(tables, release.method)[-SPARK_MONTHS:])
    padded = [None] * (SPARK_MONTHS - len(steps)) + steps
    own = published(tables, "township_index").filter(
        pl.col("method") == release.method, pl.col("month").is_in([step for step in steps if step])
    )
    found: dict[str, dict[date, int | None]] = {}
    for code, month, count in own.select("adm3_pcode", "month", "clashes_month_count").iter_rows():
        found.setdefault(code, {})[month] = count
    return {code: tuple(by_month.get(step) if step else None for step in padded) for code, by_month in found.items()}


def _cells(row: Mapping[str, Any]) -> dict[str, Value]:
    grade = row["evidence_grade"]
    basis = {"new": say("new"), "stock": say("stock")}.get(row["idps_basis"] or "")
    return {
        "security": class_cell(row["security_shown"]),
        "score": number_cell(row["security_score"]),
        "chance": chance_cell(row["security_high_probability"]),
        "humanitarian": class_cell(row["humanitarian_shown"]),
        "services": class_cell(row["services_shown"]),
        "signal": signal_cell(row["signal"]),
        "quarter": _thin(number_cell(row["clashes_3m_count"]), row),
        "year": _thin(number_cell(row["clashes_12m_count"]), row),
        "expected": _thin(expected_cell(*(row[name] for name in _EXPECTED)), row),
        "step": _step(row["security_step"], row["security_shown"]),
        "clashes": _thin(number_cell(row["clashes_count"]), row),
        "rate": number_cell(row["clashes_per_1000_km2"], rate_both),
        "change": change_cell(row["change_class"], row["clashes_month_count"], row["clashes_previous_month_count"]),
        "idps": persons_cell(row["idps_persons"], row["idps_suppressed"], basis),
        "known": number_cell(row["services_known_count"]),
        "grade": Value(say("not reported"), NO_DATA) if grade is None else Value(Both(grade, grade)),
        "age": _age(row["data_age_days"]),
    }


def _thin(cell: Value, row: Mapping[str, Any]) -> Value:
    """A count of none looks like too little evidence where nothing says that it means anything."""
    unreached = row["security_shown"] in UNREACHED and cell.look in ("", ZERO)
    return Value(cell.words, THIN, cell.order) if unreached else cell


def _step(step: int | None, shown: str | None) -> Value:
    """The step of intensity; none is no step where the evidence does not reach."""
    if step is None or (step == 0 and shown in UNREACHED):
        return Value(say("not known"), NO_DATA)
    return number_cell(step)


def _age(days: int | None) -> Value:
    """Days; none since the newest record is not a zero that means "nothing there"."""
    cell = number_cell(days)
    return Value(cell.words, "" if cell.look == ZERO else cell.look, cell.order)


def change_cell(code: str | None, now: int | None, before: int | None) -> Value:
    """Arrow, both counts and the word: a month that is cut is compared by its days, so a difference would mislead."""
    if code is None or code not in ARROWS or now is None or before is None:
        return Value(say("no comparison"), NO_DATA)
    figures, word = f"{ARROWS[code]} {number(before)} → {number(now)}", label_both(code)
    return Value(Both(f"{figures} {word.en}", f"{figures} {word.my}"), "", str(now - before))


def with_townships(rows: Sequence[TownshipRow]) -> list[Unit]:
    """States and regions that have a township, in their order."""
    found = {row.unit.name for row in rows}
    return [one for name, one in units().items() if name in found]


def page(inputs: Inputs) -> list[Context]:
    """townships.html: all townships as one table."""
    tables, release = inputs.tables, inputs.release
    rows = township_rows(tables, release)
    there = with_townships(rows)
    marks = ((release.internal, "INTERNAL_"), (release.synthetic, "SYNTHETIC_"))
    return [{
        "rows": rows, "units": there, "saved": SAVED, "recency": inputs.recent,
        "month": month_both(months(tables, release.method)[-1]), "lead": lead(rows),
        "signals": [(kind.value, signal_both(kind)) for kind in Signal],
        "classes": {index: theme.coded for index, theme in INDEX_THEMES.items()},
        "shown": say("Shown: {shown} of {all}", shown="{shown}", all=len(rows)),
        "file_name": "".join(mark for holds, mark in marks if holds) + f"township_index_{release.release_id}",
    }]  # fmt: skip
