"""The two sheets of the workbook that a person opens first: "This month" and "Clashes by month".

Of the leading method alone. A count that is not known is an empty grey cell; none is a white cell with a zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import polars as pl

from pipeline.declare.columns import COLUMNS
from pipeline.declare.database import ordered
from pipeline.declare.indices import INDICES
from reports.draw.symbology import INDEX_THEMES, SIGNALS
from reports.files.series import newest

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

THIS_MONTH, BY_MONTH = "This month", "Clashes by month"
TITLES = {
    THIS_MONTH: "The 330 townships in the newest month, leading method: clashes of now, signal, what is shown, people",
    BY_MONTH: "Clashes of each township by month; grey: not known",
}
NAMES = ("adm3_pcode", "adm3_name", "adm3_name_my", "state_region")
COLUMNS_NOW = (
    *NAMES, "month", "clashes_month_count", "clashes_3m_count", "clashes_12m_count", "signal",
    "expected_clashes_next_3m", "population_persons", "idps_persons", *(spec.shown for spec in INDICES),
    "control_class", "evidence_grade", "data_age_days", "provisional",
)  # fmt: skip
_COUNT = "clashes_month_count"
# Breaks of the colours of a month's clashes: none, as many as make a map's middle step of three months, its highest.
_MIDDLE, _MOST = 4, 25
_COLOURS = ("#FFFFFF", "#F2B070", "#8A2F04")
_NOT_KNOWN, _LIGHT_TEXT, _DARK_TEXT = "#D9D9D9", "#FFFFFF", "#1A1A1A"


def this_month(series: pl.DataFrame) -> pl.DataFrame:
    """The newest month, the heaviest signal and then the most clashes first."""
    weight = pl.col("signal").replace_strict(
        {word: place for place, word in enumerate(ordered(COLUMNS["signal"]))}, default=-1, return_dtype=pl.Int64
    )
    rows = newest(series).sort(
        weight, "clashes_3m_count", "adm3_pcode", descending=[True, True, False], nulls_last=True
    )
    return rows.select(COLUMNS_NOW)


def by_month(series: pl.DataFrame) -> pl.DataFrame:
    """One row per township, one column per month (2021-02, ...)."""
    named = series.select(*NAMES, pl.col("month").dt.strftime("%Y-%m"), _COUNT)
    return named.pivot("month", index=NAMES, values=_COUNT, maintain_order=True).sort("adm3_pcode")


def colour_this_month(book: Workbook, sheet: Worksheet, frame: pl.DataFrame) -> None:
    """Cells of the shown classes and of the signal in the colours of the maps, where these are plain ones."""
    for theme, column in [*((theme, f"{index}_shown") for index, theme in INDEX_THEMES.items()), (SIGNALS, "signal")]:
        place = frame.columns.index(column)
        for code, fill in theme.fills:
            if fill.startswith("#"):
                sheet.conditional_format(1, place, max(frame.height, 1), place, {
                    "type": "cell", "criteria": "==", "value": f'"{code}"',
                    "format": book.add_format({"bg_color": fill, "font_color": _readable(fill)}),
                })  # fmt: skip


def _readable(fill: str) -> str:
    """Black or white, whichever is told apart from the colour (mean of its parts above one half: black)."""
    parts = [int(fill[at : at + 2], 16) for at in (1, 3, 5)]
    return _DARK_TEXT if sum(parts) / 3 > 127 else _LIGHT_TEXT


def fill_by_month(
    book: Workbook, sheet: Worksheet, frame: pl.DataFrame, look: Callable[[str], object], header: object
) -> None:
    """Header in row 1, a township a row; the more clashes, the darker."""
    last = max(frame.height, 1)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, frame.width - 1)
    for place, name in enumerate(frame.columns):
        sheet.set_column(place, place, 18 if name in NAMES else 8, look(name))
        sheet.write_string(0, place, name, header)
        write = sheet.write_string if name in NAMES else sheet.write_number
        for row, value in enumerate(frame[name].to_list(), start=1):
            if value is not None:
                write(row, place, value)
    first = len(NAMES)
    grey = book.add_format({"bg_color": _NOT_KNOWN})
    sheet.conditional_format(1, first, last, frame.width - 1, {"type": "blanks", "format": grey, "stop_if_true": True})
    low, middle, high = _COLOURS
    sheet.conditional_format(1, first, last, frame.width - 1, {
        "type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num", "min_value": 0,
        "mid_value": _MIDDLE, "max_value": _MOST, "min_color": low, "mid_color": middle, "max_color": high,
    })  # fmt: skip
