"""Which months stand apart from a line: the rows say it, by their window and the first record of their source."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.codes import IndexName
from pipeline.declare.methods import METHODS
from pipeline.indices.windows import months
from reports.months import MONTHLY, apart
from reports.release import Release, units
from reports.site import townships
from reports.site.inputs import recency
from reports.site.overview import tiles
from reports.site.township import cards, nothing_known
from reports.site.township_rows import History

CUMULATIVE, ROLLING = "isp-2023", "rolling-12m"
WHOLE, CUT = date(2021, 5, 31), date(2021, 5, 20)
SOURCE = "own_source"


def with_windows(tables, end: date, first_record: date | None = date(1990, 1, 3)) -> dict[str, pl.DataFrame]:
    """The invented tables with the windows that the methods have for a period to `end`, and one clash delivery."""
    own = pl.concat(months(METHODS[name], end).with_columns(method=pl.lit(name)) for name in METHODS)
    placed = {
        name: tables[name].drop("period_start", "period_end").join(own, on=["method", "month"], validate="m:1")
        .select(tables[name].columns) for name in ("national_summary", "region_summary", "township_index")
    }  # fmt: skip
    placed["national_summary"] = placed["national_summary"].with_columns(clash_source=pl.lit(SOURCE))
    delivery = (
        tables["deliveries"]
        .head(1)
        .with_columns(kind=pl.lit("clashes"), source_key=pl.lit(SOURCE), first_date=pl.lit(first_record, pl.Date))
    )
    return {**tables, **placed, "deliveries": delivery}


@pytest.fixture
def rolling(release: Release) -> Release:
    return replace(release, method=ROLLING)


@pytest.mark.parametrize(
    ("method", "end", "column", "expected"),
    [
        (ROLLING, CUT, "in_conflict_count", {3}),
        (ROLLING, CUT, "control_lost_area_share", {3}),
        (ROLLING, WHOLE, "in_conflict_count", set()),
        (CUMULATIVE, CUT, "in_conflict_count", set()),  # a window that only grows is compared with what it holds
        (CUMULATIVE, CUT, MONTHLY, {3}),
        (ROLLING, CUT, MONTHLY, {3}),
        (CUMULATIVE, WHOLE, MONTHLY, set()),
        (ROLLING, CUT, "idps_persons", set()),  # a stock of people has no window
    ],
)
def test_a_cut_month_stands_apart_where_its_window_moved_on(tables, release, method, end, column, expected) -> None:
    assert apart(with_windows(tables, end), replace(release, method=method), column) == expected


def test_windows_before_the_first_record_stand_apart(tables, release, rolling) -> None:
    """The windows of February to May 2021 begin in March to June 2020: records from May on cover the last two."""
    own = with_windows(tables, WHOLE, date(2020, 5, 17))
    assert apart(own, rolling, "in_conflict_count") == {0, 1}
    assert apart(own, rolling, MONTHLY) == set(), "each of the months themselves is covered"
    assert apart(own, release, "in_conflict_count") == set(), "cumulative windows all begin on one day"
    assert apart(with_windows(tables, CUT, None), rolling, "in_conflict_count") == {3}, "no delivery tells of a day"


def test_tiles_break_where_charts_do_and_the_page_says_why(tables, release, rolling) -> None:
    own = with_windows(tables, CUT)
    frame = own["national_summary"].with_columns(in_conflict_count=pl.lit(50), idps_persons=pl.lit(900))
    own["national_summary"] = frame
    for who, steps in ((rolling, 2), (release, 3)):
        drawn = {tile.key: str(tile.line) for tile in tiles(own, who)}
        path = {key: re.findall(r'class="go" d="([^"]*)"', line)[0] for key, line in drawn.items()}
        assert path["in-conflict"].count(" 0") == steps, who.method
        assert path["displaced"].count(" 0") == 3, who.method
    assert recency(own, rolling)["apart"] and not recency(own, release)["apart"]


def test_pages_of_a_cut_month_say_so(
    tables, rolling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_some
) -> None:
    own = with_windows(tables, CUT)
    own["national_summary"] = own["national_summary"].with_columns(
        in_conflict_count=pl.lit(50), idps_persons=pl.lit(9), provisional=pl.lit(False)
    )
    write_some(own, rolling, tmp_path, {"index.html", "changes.html"})
    told = "A dot apart from a line: not every day of its window could be counted."
    index, changes = ((tmp_path / f"report/{name}.html").read_text(encoding="utf-8") for name in ("index", "changes"))
    assert told in index and told in changes
    drawn = re.findall(r'<div class="at-wide"><svg class="chart".*?</svg>', changes, re.DOTALL)
    first = [re.findall(r'class="line line0" d="([^"]*)"', svg)[0].count(" ") // 2 for svg in (drawn[0], drawn[3])]
    assert first == [2, 3], "in conflict breaks before the last month, displaced people do not"

    monkeypatch.setattr(townships, "units", lambda: {"Yangon": units()["Yangon"]})
    write_some(own, rolling, tmp_path, {"regions/{unit.slug}.html"})
    region = (tmp_path / "report/regions/yangon.html").read_text(encoding="utf-8")
    assert 'class="p"' in region, "the bar of a month that is not over is hollow"


def test_of_a_townships_scores_security_alone_breaks() -> None:
    scores = {f"{index}_score": [10.0, 20.0, 30.0, 40.0] for index in IndexName}
    found = cards(nothing_known(), {}, History((), scores), 0, "", {3})
    assert {card.key: str(card.spark).count("<circle") for card in found} == dict.fromkeys(IndexName, 1)
    steps = {card.key: len(re.findall(r'class="line" d="[^"]*"', str(card.spark))[0].split()) for card in found}
    assert steps[IndexName.SECURITY] < steps[IndexName.SERVICES] == steps[IndexName.HUMANITARIAN]
