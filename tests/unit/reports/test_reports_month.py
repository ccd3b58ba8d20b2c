"""The page of the month and the sentence of a month: by hand, and honest where nothing stands out or is known."""

import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from reports.figures import FIGURES
from reports.months import Comparing, beside, national_rows
from reports.site import month, signals
from reports.site.evidence import without_records
from reports.site.inputs import age_both
from reports.site.overview import national, tiles
from reports.text.signals import month_words, quarter_words

STEPS = [date(2023, n, 1) for n in range(1, 7)]


@pytest.mark.parametrize(("counts", "words"), [
    ([9, 1, 0, 2, 3, 7], "7 clashes in June 2023, 3 in the month before; the most in a month since January 2023."),
    ([5, 1, 0, 2, 3, 7], "7 clashes in June 2023, 3 in the month before; the most since the records begin in "
                         "January 2023."),
    ([None, 1, 0, 2, 3, 7], "7 clashes in June 2023, 3 in the month before; the most since the records begin in "
                            "February 2023."),
    ([9, 1, 0, 9, 3, 7], "7 clashes in June 2023, 3 in the month before."),
    ([0, 0, 0, 0, 0, 1], "1 clash in June 2023, 0 in the month before; the most since the records begin in "
                         "January 2023."),
    ([1, 1, 1, 1, None, 2], "2 clashes in June 2023; the month before is not known."),
    ([1, 1, 1, 1, 4, 0], "No clash is recorded in June 2023, 4 in the month before."),
    ([1, 1, 3, 0, 0, 0], "No clash is recorded in June 2023; the last one in March 2023."),
    ([0, 0, 0, 0, 0, 0], "No clash is recorded in June 2023 or any month before."),
    ([1, 1, 1, 1, 1, None], "How many clashes there were in June 2023 is not known."),
])  # fmt: skip
def test_a_month_in_one_sentence(counts: list[int | None], words: str) -> None:
    said = month_words(STEPS, counts)
    assert said.en == words
    assert re.search("[\u1000-\u109f]", said.my)


def test_a_month_that_is_not_over_says_its_day() -> None:
    said = month_words(STEPS, [1, 1, 1, 1, 4, 2], date(2023, 6, 12)).en
    assert said == "2 clashes in June 2023 (to 12 June 2023 only), 4 in the month before."
    assert month_words(STEPS[:1], [3]).en.endswith("the month before is not known.")
    assert quarter_words(5, 2, date(2023, 6, 30)).en.startswith("5 clashes in the three months to 30 June 2023, 2 in")
    assert quarter_words(5, None, None) is None


def chosen(tables, **signal_of: tuple[str, int]) -> dict[str, pl.DataFrame]:
    """The townships named have a signal and the clashes of the last month; all others none."""
    index = tables["township_index"].with_columns(
        signal=pl.col("adm3_pcode").replace_strict({c: s for c, (s, _) in signal_of.items()}, default="none"),
        clashes_month_count=pl.col("adm3_pcode").replace_strict({c: n for c, (_, n) in signal_of.items()}, default=0),
    )
    return {**tables, "township_index": index}


def test_alerts_come_first_then_clashes_then_people(tables, release) -> None:
    people = tables["townships"].sort("population_persons", descending=True)["adm3_pcode"].to_list()
    few, many = people[-1], people[0]
    world = chosen(tables, **{few: ("alert", 2), many: ("onset", 90), people[1]: ("rise", 90), people[2]: ("fall", 99),
                              people[3]: ("alert", 3)})  # fmt: skip
    listed, found = month.standing(world, release)
    assert ([one.code for one in listed], found) == ([people[3], few, many, people[1]], 4)
    assert listed[0].signal_words.en == "alert"
    grid = signals.standing_out(world, release)
    assert grid and [row[0].townships[0][0] for row in grid.rows] == [one.code for one in listed], "one rule"
    many_alerts = chosen(tables, **dict.fromkeys(people[:14], ("alert", 5)))
    listed, found = month.standing(many_alerts, release)
    assert (len(listed), found) == (10, 14)


def test_nothing_stands_out_is_said_and_is_not_calm(tables, release) -> None:
    calm = chosen(tables)
    assert month.standing(calm, release) == ([], 0)
    said = month.summary_words(calm, release, 0, 0)
    assert len(said) == 1 and said[0].en.startswith("Nothing stands out in May 2021") and "not calm" in said[0].en
    assert signals.standing_out(calm, release) is None


def test_the_page_holds_what_the_list_needs(built: Path) -> None:
    text = (built / "report/month.html").read_text(encoding="utf-8")
    rows = re.findall(r'<li id="(MMR\d{6})" class="sig-(\w+)">(.*?)</dl>', text, re.DOTALL)
    assert 0 < len(rows) <= 10
    assert [signal for _, signal, _ in rows] == sorted((s for _, s, _ in rows), key=lambda one: one != "alert")
    for code, _, row in rows:
        assert f'href="townships/{code}.html"' in row and 'lang="my"' in row and "<svg" in row
        assert "People" in row and "Grade of evidence" in row


@pytest.mark.parametrize(("days", "age"), [("130", "about 4 months"), ("1,100", "about 3 years"),
                                           ("1,064", "about 2 years and 11 months")])  # fmt: skip
def test_the_age_is_that_of_the_failed_check(days: str, age: str) -> None:
    check = {"rule": "clashes_recent", "passed": False, "note": f"Days. The max is {days}; expected at most 120."}
    said = age_both([{"rule": "other", "passed": False, "note": ""}, check])
    assert said and f"is {age} old" in said.en
    assert age_both([{**check, "passed": True}]) is None and age_both([]) is None
    unread = age_both([{**check, "note": "x"}])
    assert unread and "is old." in unread.en


def test_how_many_live_there_as_a_person_says_it() -> None:
    assert signals._one_in(10, 52).en == "about one in 5 people of the country"
    assert signals._one_in(40, 52).en == "most people of the country (77 %)"
    assert signals._one_in(None, 52).en == signals._one_in(0, 52).en == "a part of the people that is not known"


def test_no_arrow_stands_beside_what_can_only_rise(tables, release) -> None:
    """Totals since a fixed day have none on any surface; in a window that moves on they have one."""
    may = pl.col("month") == date(2021, 5, 1)
    totals = [name for name, figure in FIGURES.items() if figure.is_total]
    assert {"clashes_count", "in_conflict_count", "security_high_count"} < set(totals)
    raised = [pl.when(may).then(0.9 if "share" in name else 90).otherwise(0.1 if "share" in name else 10).alias(name)
              for name in totals]  # fmt: skip
    summary = tables["national_summary"].with_columns(
        period_start=pl.lit(date(2021, 2, 1)), period_end=pl.col("month").dt.month_end(),
        clashes_month_count=pl.when(may).then(4).otherwise(9),
    ).with_columns(raised)  # fmt: skip
    world = {**tables, "national_summary": summary}
    now, before, _ = beside(national_rows(world, release))
    said = {name: Comparing(world, release).change(FIGURES[name], now, before).both.en for name in FIGURES}
    assert not any(set("▲▼■") & set(said[name]) for name in totals)
    assert said["clashes_count"] == "+80 up" and said["clashes_month_count"] == "▼ −5 down"
    shown = {tile.key: tile.moves[0][1].en for tile in tiles(world, release)}
    assert shown["clashes"] == "+80 up" and "▲" not in shown["in-conflict"] + shown["lost"]
    rows = {row["words"].en: row["changes"][0].en for group in national(world, release)["groups"]
            for row in group["rows"]}  # fmt: skip
    assert "+80 up" in rows.values() and not any("▲ +80" in one for one in rows.values())
    moving = {**world, "national_summary": summary.with_columns(period_start=pl.col("month"))}
    assert Comparing(moving, release).change(FIGURES["clashes_count"], now, before).both.en == "▲ +80 up"


def test_an_index_without_records_says_how_to_add_them(tables, release) -> None:
    nothing = tables["township_index"].with_columns(
        services_known_count=pl.lit(0), idps_persons=pl.lit(None, pl.Int64), idps_suppressed=pl.lit(False)
    )
    said = without_records({**tables, "township_index": nothing}, release)
    assert set(said) == {"humanitarian", "services"}
    assert "into the folder services of the inbox" in said["services"].en
    assert without_records(tables, release) == {}


def test_the_first_page_names_no_organisation(built: Path, tables) -> None:
    page, apart = ((built / f"report/{name}.html").read_text(encoding="utf-8") for name in ("index", "comparison"))
    assert 'id="dialogue"' in apart and 'id="comparison"' in apart
    assert 'id="dialogue"' not in page and 'id="comparison"' not in page
    order = [
        page.index(mark) for mark in ('class="lead"', 'id="month-figures"', 'id="maps"', 'id="now"', 'id="figures"')
    ]
    assert order == sorted(order)
