"""A township's page in a browser: its sections, both languages, and the file that a reader saves from it."""

import csv
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import Page, expect

CODE = "MMR002003"
SECTIONS = ("security", "humanitarian", "services", "control", "evidence", "months", "neighbours", "downloads")


@pytest.fixture(scope="module")
def release(sample_home: Path) -> Path:
    return sample_home / "published" / "latest"


def saved(page: Page, folder: Path) -> tuple[str, list[dict[str, str]]]:
    """Name and rows of the file behind the button."""
    with page.expect_download() as found:
        page.locator("#save-months").click()
    path = folder / "saved.csv"
    found.value.save_as(path)
    with path.open(encoding="utf-8", newline="") as stream:
        return found.value.suggested_filename, list(csv.DictReader(stream))


def published(release: Path) -> list[dict[str, str]]:
    """The same file put together from the release's own tables."""
    index = pl.read_parquet(release / "tables/township_index.parquet").filter(
        pl.col("adm3_pcode") == CODE, pl.col("method") == "isp-2023"
    )
    events = pl.read_parquet(release / "tables/township_month_events.parquet").filter(pl.col("adm3_pcode") == CODE)
    rows = []
    for row in index.sort("month").to_dicts():
        own = events.filter(pl.col("month") == row["month"])
        counts = dict(own.select("event_class", "events_count").iter_rows())
        deaths = own["fatalities_persons"].drop_nulls()
        rows.append({
            "adm3_pcode": CODE, "month": row["month"].isoformat(),
            **{f"{kind}_events_count": str(counts.get(kind, 0))
               for kind in ("clash", "violence_against_civilians", "other")},
            "events_fatalities_persons": str(deaths.sum()) if deaths.len() or own.is_empty() else "",
            "idps_persons": "" if row["idps_persons"] is None else str(row["idps_persons"]),
            "security_shown": row["security_shown"], "provisional": str(row["provisional"]).lower(),
            "note": "SYNTHETIC DATA",
        })  # fmt: skip
    return rows


def test_the_page_in_both_languages_and_its_file(release: Path, reader, tmp_path: Path) -> None:
    page = reader.open(release / f"report/townships/{CODE}.html", "#months")
    assert page.locator("#months-table").get_attribute("open") is not None, "a link to the months opens them"
    for section in SECTIONS:
        assert page.locator(f"main section#{section}").is_visible()
    assert page.locator("h1").inner_text() == "Hpruso ဖရူဆို"
    page.locator("nav.toc a[href='#neighbours']").click()
    page.wait_for_url("**#neighbours")

    expected = published(release)
    assert len(expected) == 34
    assert any(row["events_fatalities_persons"] == "" for row in expected), "the case of deaths not given is in it"
    name, rows = saved(page, tmp_path)
    assert name == f"SYNTHETIC-{CODE}-{release.resolve().name}.csv"
    assert rows == expected

    english = page.locator("main").inner_text()
    page.locator("#language [data-language=my]").click()
    expect(page.locator(".card .class .chip").first).to_have_text("မြင့်", use_inner_text=True)
    assert page.locator("h1").inner_text() == "ဖရူဆို Hpruso", "both names in either language, the page's own first"
    page.locator("#security summary").click()
    assert page.locator("#security table tbody th").first.inner_text() == "ရေတွက်သည့်ကာလ"
    assert page.locator(".bars").get_attribute("aria-label").startswith("မြို့နယ်")
    assert saved(page, tmp_path) == (name, rows), "the file is the same in either language"
    page.locator("a[rel=next]").click()
    page.wait_for_url("**/report/my/townships/MMR*.html")
    expect(page.locator("html")).to_have_attribute("lang", "my")
    page.go_back()
    page.locator("#language [data-language=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.locator("main").inner_text().replace("\xa0", " ")[:400] == english.replace("\xa0", " ")[:400]


def test_a_township_prints_on_two_sheets(release: Path, reader, tmp_path: Path) -> None:
    from pypdfium2 import PdfDocument

    page = reader.open(release / f"report/townships/{CODE}.html")
    for language in ("en", "my"):
        page.locator(f"#language [data-language={language}]").click()
        page.wait_for_load_state()
        expect(page.locator("html")).to_have_attribute("lang", language)
        path = tmp_path / f"{language}.pdf"
        page.pdf(path=path, prefer_css_page_size=True)
        document = PdfDocument(path)
        assert len(document) <= 2
        document.close()
