"""Provisional and unfinished months: said in words, marked in charts, never drawn as a fall."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from reports.draw.charts import Series, draw_series
from reports.release import Release
from reports.site.inputs import recency

MONTHS = [date(2023, 8, 1), date(2023, 9, 1), date(2023, 10, 1), date(2023, 11, 1)]


def said(tables: dict[str, pl.DataFrame], release: Release, provisional: list[bool], end: date) -> dict[str, Any]:
    """The national table of four months, the last ending on a day."""
    own = tables["national_summary"].filter(method=release.method).head(4).sort("month")
    own = own.with_columns(month=pl.Series(MONTHS), period_end=pl.lit(end), provisional=pl.Series(provisional))
    return recency({**tables, "national_summary": own}, release)


def test_in_words(tables: dict[str, pl.DataFrame], release: Release) -> None:
    two = said(tables, release, [False, False, True, True], date(2023, 11, 26))
    assert two["words"].en == "October 2023 to November 2023 are provisional: the last weeks are under-reported."
    assert (two["provisional"], two["part"], two["until"].en) == (2, True, "26 November 2023")
    one = said(tables, release, [False, False, False, True], date(2023, 11, 30))
    assert one["words"].en == "November 2023 is provisional: the last weeks are under-reported."
    assert not one["part"]
    none = said(tables, release, [False] * 4, date(2023, 11, 30))
    assert (none["words"], none["latest"], none["provisional"]) == (None, None, 0)


def test_an_unfinished_month_stands_apart_from_the_line() -> None:
    line = Series("clashes", (5.0, 6.0, 7.0, 1.0))
    whole, part = (draw_series("t", MONTHS, [line], 2, cut) for cut in ((), {3}))
    paths = [re.findall(r'class="line line0" d="([^"]+)"', svg)[0] for svg in (whole, part)]
    assert [len(re.findall(r"-?[\d.]+", path)) // 2 for path in paths] == [4, 3], "points of x and y"
    assert "circle" not in whole
    assert part.count("<circle") == 1
    assert "clashes (part of the month)" in part
    assert "in November 2023 (part of the month)" in part
    for svg in (whole, part):
        assert "provisional from here" in svg
        assert "Provisional from October 2023" in svg
    assert "rovisional" not in draw_series("t", MONTHS, [line])


def test_one_month_alone_can_be_drawn() -> None:
    svg = draw_series("t", MONTHS[:1], [Series("clashes", (5.0,))], 1, {0})
    assert svg.count("<circle") == 1


def test_the_page_carries_the_mark(built: Path) -> None:
    page = (built / "report" / "index.html").read_text(encoding="utf-8")
    assert "provisional: the last weeks are under-reported" in page
    assert "tables/revisions.csv" in (built / "report" / "changes.html").read_text(encoding="utf-8")
    township = (built / "report" / "townships" / "MMR001001.html").read_text(encoding="utf-8")
    assert "Behind the dashed line months are provisional." in township
