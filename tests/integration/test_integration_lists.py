"""The lists in a browser, opened from a disk: filters, order, links, the saved rows, both languages."""

import csv
import re
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect

SHOWN = "tbody tr:not([hidden])"
CLASHES = "Clashes since 2021 (at least)"


@pytest.fixture(scope="session")
def report(sample_home: Path) -> Path:
    return sample_home / "published" / "latest" / "report"


def codes(page: Page) -> list[str]:
    return page.locator(f"#township-table {SHOWN}").evaluate_all("rows => rows.map(row => row.id)")


def lists(page: Page, wanted: list[str]) -> None:
    """The table comes to show these townships, in this order."""
    expect(page.locator(f"#township-table {SHOWN}")).to_have_count(len(wanted))
    assert codes(page) == wanted


def index_of(report: Path) -> pl.DataFrame:
    """The index rows that the list shows."""
    frame = pl.read_csv(report.parent / "tables/township_index.csv", infer_schema=False)
    return frame.filter(pl.col("method") == "isp-2023", pl.col("month") == pl.col("month").max())


def column(report: Path, heading: str) -> int:
    """The number that the address gives to the column of this heading."""
    head = (report / "townships.html").read_text(encoding="utf-8").partition("<thead>")[2].partition("<tbody>")[0]
    return 1 + re.findall(r"<th\b[^>]*>([^<]*)", head).index(heading)


def class_words(page: Page, report: Path) -> set[str]:
    """What the shown cells of signals and classes say."""
    wanted = [column(report, heading) for heading in ("Signal", "Security since 2021", "Humanitarian", "Services")]
    cells = ", ".join(f"#township-table {SHOWN} > :nth-child({number})" for number in wanted)
    return {text.strip() for text in page.locator(cells).all_text_contents()}


def test_filters_words_and_order_in_one_visit(report: Path, reader) -> None:
    page = reader.open(report / "townships.html")
    _filters_count_and_stay_in_the_address(page, report)
    page = reader.open(report / "townships.html", "?" + page.url.partition("?")[2])
    lists(page, _low_in_nay_pyi_taw(report))
    page.get_by_role("button", name="Show all").click()
    expect(page.locator(f"#township-table {SHOWN}")).to_have_count(330)
    expect(page).to_have_url(re.compile(r"townships\.html$"))
    _text_finds_names_in_both_scripts_and_p_codes(page)
    page.get_by_label("Name or P-code").fill("")
    _order_has_missing_last_and_ties_by_p_code(page, report)


def _low_in_nay_pyi_taw(report: Path) -> list[str]:
    here = index_of(report).filter(pl.col("state_region") == "Nay Pyi Taw", pl.col("security_shown") == "low")
    return here["adm3_pcode"].to_list()


def _filters_count_and_stay_in_the_address(page: Page, report: Path) -> None:
    assert len(codes(page)) == 330
    page.get_by_label("State or region").select_option("Nay Pyi Taw")
    wanted = index_of(report).filter(pl.col("state_region") == "Nay Pyi Taw")
    lists(page, wanted["adm3_pcode"].to_list())
    expect(page.locator("#shown")).to_have_text("Shown: 8 of 330 · State or region: Nay Pyi Taw", use_inner_text=True)
    page.locator("[data-filter=security]").select_option("low")
    lists(page, _low_in_nay_pyi_taw(report))
    expect(page).to_have_url(re.compile(re.escape("townships.html?region=Nay+Pyi+Taw&security=low") + "$"))


def _text_finds_names_in_both_scripts_and_p_codes(page: Page) -> None:
    for typed in ("myitkyina", "မြစ်ကြီးနား", "mmr001001"):
        page.get_by_label("Name or P-code").fill(typed)
        lists(page, ["MMR001001"])
        page.get_by_label("Name or P-code").fill("no such place")
        lists(page, [])
    expect(page.locator("#shown")).to_contain_text("Shown: 0 of 330")


def _order_has_missing_last_and_ties_by_p_code(page: Page, report: Path) -> None:
    frame = index_of(report).with_columns(number=pl.col("idps_persons").cast(pl.Int64))
    head = page.locator("th", has_text="Displaced people")
    for descending in (True, False):
        head.get_by_role("button").click()
        expect(head).to_have_attribute("aria-sort", "descending" if descending else "ascending")
        order = frame.sort("number", "adm3_pcode", descending=[descending, False], nulls_last=True)
        assert codes(page) == order["adm3_pcode"].to_list()
    expect(page).to_have_url(re.compile(rf"\?sort={column(report, 'Displaced people')}$"))
    page.locator("th", has_text="Security since 2021").get_by_role("button").click()
    ranks = {"high": 0, "low": 1, "reported_quiet": 2}
    classes = dict(frame.select("adm3_pcode", "security_shown").iter_rows())
    found = [ranks.get(classes[code], 9) for code in codes(page)]
    assert found == sorted(found)
    assert set(found) == {0, 1, 2, 9}, "each class, and townships without one"


def test_saved_rows_are_the_shown_ones_of_the_published_table(report: Path, reader, tmp_path: Path) -> None:
    page = reader.open(report / "townships.html", f"?region=kachin&sort=-{column(report, CLASHES)}")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save these rows as CSV").press("Enter")
    assert saving.value.suggested_filename.startswith("SYNTHETIC_township_index_2023-11-26-")
    saving.value.save_as(tmp_path / "saved.csv")
    with (tmp_path / "saved.csv").open(encoding="utf-8", newline="") as stream:
        saved = list(csv.DictReader(stream))
    assert [row["adm3_pcode"] for row in saved] == codes(page)
    published = {row["adm3_pcode"]: row for row in index_of(report).to_dicts()}
    for row in saved:
        assert row == {name: published[row["adm3_pcode"]][name] or "" for name in row}


def test_a_deep_link_orders_and_marks_its_township_whatever_the_filter(report: Path, reader) -> None:
    page = reader.open(report / "townships.html", f"?sort=-{column(report, CLASHES)}&region=Shan#MMR001001")
    row = page.locator("#MMR001001")
    assert row.is_visible()
    assert row.locator("th").evaluate("cell => getComputedStyle(cell).backgroundColor") == "rgb(253, 243, 196)"
    assert page.locator("#shown").inner_text().startswith("Shown: 56 of 330")
    counts = dict(index_of(report).select("adm3_pcode", pl.col("clashes_count").cast(pl.Int64)).iter_rows())
    clashes = [counts[code] for code in codes(page)]
    assert len(clashes) == 56 and clashes == sorted(clashes, reverse=True)


def test_cells_switch_language_and_sort_the_same(report: Path, reader) -> None:
    page = reader.open(report / "townships.html", f"?lang=my&region=Kachin&sort={column(report, 'Humanitarian')}")
    burmese = codes(page)
    expect(page.locator("#MMR001002 td").nth(2)).to_have_text("ကချင်ပြည်နယ်", use_inner_text=True)
    assert page.locator("#shown").inner_text().startswith("330 ခုအနက် 18 ခု")
    said = class_words(page, report)
    page.locator("#language [data-language=en]").click()
    page.wait_for_url("**/report/townships.html?*")
    english = class_words(page, report)
    assert "quiet, as reported" in english and not english & said, "no class stands in English among the Burmese"
    expect(page.locator("#MMR001002 td").nth(2)).to_have_text("Kachin", use_inner_text=True)
    assert codes(page) == burmese


def test_from_the_regions_to_the_filtered_list(report: Path, reader) -> None:
    page = reader.open(report / "regions.html")
    page.locator("th", has_text="Townships").first.get_by_role("button").click()
    assert page.locator("tbody tr").first.get_attribute("id") == "shan"
    assert page.locator("tfoot th").inner_text() == "Myanmar", "the national row stays last"
    page.locator("#language [data-language=my]").click()
    page.locator("tbody a", has_text="Kayah").click()
    expect(page.locator("html")).to_have_attribute("lang", "my")
    page.locator('a[href="../townships.html?region=Kayah"]').click()
    page.wait_for_url("**/townships.html?*")
    expect(page.locator("html")).to_have_attribute("lang", "my")
    expect(page.locator(f"#township-table {SHOWN}")).to_have_count(7)
    assert "/report/my/" in page.url and "region=Kayah" in page.url.partition("?")[2].split("&")


def test_on_a_phone_and_on_paper_the_page_keeps_its_width(report: Path, reader) -> None:
    for name in ("townships", "regions", "regions/sagaing"):
        reader.page.set_viewport_size({"width": 390, "height": 800})
        page = reader.open(report / f"{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") == 390, name
    page.emulate_media(media="print")
    assert page.locator("thead").last.evaluate("head => getComputedStyle(head).display") == "table-header-group"
    assert page.locator("tbody tr").last.evaluate("row => getComputedStyle(row).breakInside") == "avoid"


@pytest.mark.parametrize("home", ["sample_home", "real_home"])
def test_subtotals_add_up_and_region_pages_are_small(home: str, request: pytest.FixtureRequest) -> None:
    report = request.getfixturevalue(home) / "published" / "latest" / "report"
    text = (report / "regions.html").read_text(encoding="utf-8")
    assert "Each count adds up to the national row" in text and "do not add up to" not in text.split("<footer>")[0]
    pages = sorted((report / "regions").glob("*.html"))
    assert len(pages) == (15 if home == "sample_home" else 1), "of the real records the first of each kind is written"
    assert max(page.stat().st_size for page in pages) < 200_000
