"""Months whose reports are still coming in lead no page; they are said apart, and the tables hold them."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from reports.publication_lag import arrived, coming, coming_words, township_words, up_to_leading
from reports.release import Release, latest, latest_of_all_methods, leading_month
from reports.site.inputs import Inputs
from reports.site.month import page

Tables = dict[str, pl.DataFrame]


def lagging(tables: Tables, *months: date) -> Tables:
    """The tables with these months in the publication lag."""
    return {
        name: frame.with_columns(in_publication_lag=pl.col("month").is_in(months))
        if "in_publication_lag" in frame.columns else frame
        for name, frame in tables.items()
    }  # fmt: skip


@pytest.fixture(scope="module")
def months(tables: Tables, release: Release) -> list[date]:
    return tables["national_summary"].filter(method=release.method)["month"].sort().to_list()


def test_the_last_month_that_is_old_enough_leads(tables: Tables, release: Release, months: list[date]) -> None:
    two = lagging(tables, *months[-2:])
    assert leading_month(two, release.method) == months[-3]
    assert latest(two, "township_index", release.method)["month"].unique().to_list() == [months[-3]]
    assert latest_of_all_methods(two, "township_index")["month"].unique().to_list() == [months[-3]]
    assert leading_month(lagging(tables), release.method) == months[-1]
    assert leading_month(lagging(tables, *months), release.method) == months[-1], "something has to be shown"


def test_each_method_has_its_own_leading_month(tables: Tables, release: Release, months: list[date]) -> None:
    (other,) = {one for one in tables["national_summary"]["method"] if one != release.method}
    lags = (pl.col("method") == other) & (pl.col("month") == months[-1])
    mixed = {
        name: frame.with_columns(in_publication_lag=lags) if "in_publication_lag" in frame.columns else frame
        for name, frame in tables.items()
    }
    for method, month in ((release.method, months[-1]), (other, months[-2]), (release.method, months[-1])):
        assert leading_month(mixed, method) == month
        assert latest(mixed, "township_index", method)["month"].unique().to_list() == [month]
        assert latest(mixed, "township_index", method)["method"].unique().to_list() == [method]


def test_pages_are_made_of_the_months_up_to_it(tables: Tables, release: Release, months: list[date]) -> None:
    led, until = up_to_leading(lagging(tables, months[-1]), release)
    for name in ("national_summary", "township_index", "township_changes", "current_intensity", "region_summary"):
        assert led[name]["month"].max() == months[-2], name
    assert led["townships"].equals(tables["townships"])
    ends = tables["national_summary"].filter(method=release.method, month=months[-2])["period_end"].item()
    assert (until, until.release_id) == (replace(release, period_end=ends), release.release_id)
    same = lagging(tables)
    assert up_to_leading(same, release) == (same, release)


def test_the_others_are_said_with_their_counts_so_far(tables: Tables, release: Release, months: list[date]) -> None:
    clashes = pl.when(pl.col("month") == months[-1]).then(pl.lit(None)).otherwise(7)
    counted = {
        **tables, "national_summary": tables["national_summary"].with_columns(clashes_month_count=clashes),
        "township_index": tables["township_index"].with_columns(clashes_month_count=clashes),
    }  # fmt: skip
    found = coming(lagging(counted, *months[-2:]), release)
    assert [(one.month, one.clashes) for one in found] == [(months[-2], 7), (months[-1], None)]
    for words in (coming_words(found), township_words(found, "MMR001001")):
        assert words is not None
        assert words.en.startswith(
            f"Still coming in: {months[-2]:%B %Y} (7 clashes so far), {months[-1]:%B %Y} (not known). Reports of"
        )
        assert words.my
    assert coming(lagging(counted), release) == []
    assert coming_words([]) is None


def test_the_page_of_the_month_leads_with_it_and_names_the_others(
    tables: Tables, release: Release, months: list[date]
) -> None:
    lag = lagging(tables, months[-1])
    led, until = up_to_leading(lag, release)
    (context,) = page(Inputs(led, until, None, (), None, coming(lag, release)))  # type: ignore[arg-type]
    assert context["month"].en == f"{months[-2]:%B %Y}"
    assert f"Still coming in: {months[-1]:%B %Y}" in context["recency"]["words"].en


def edition(day: date, month: date, clashes: int | None) -> dict[str, Any]:
    return {"method": "isp-2023", "edition_date": day, "month": month, "clashes_month_count": clashes}


def test_how_late_reports_come_is_measured_by_the_editions(tables: Tables, release: Release) -> None:
    july, august = date(2023, 7, 1), date(2023, 8, 1)
    rows = [
        edition(date(2023, 8, 5), july, 40), edition(date(2023, 8, 25), july, 75),
        edition(date(2023, 12, 5), july, 100), edition(date(2023, 9, 20), august, 60),
        edition(date(2023, 12, 5), august, 50),
    ]  # fmt: skip
    schema = tables["revisions"].schema
    frame = pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)
    # July is known to 40 of 100 after a week and to 75 after four; August, from which events were taken out, wholly.
    assert arrived({"revisions": frame}, release) == [
        (7, 1, 0.4), (14, 1, 0.4), (28, 2, 125 / 150), (60, 2, 125 / 150), (90, 2, 125 / 150),
    ]  # fmt: skip
    assert arrived({"revisions": frame.filter(edition_date=date(2023, 12, 5))}, release) == []
