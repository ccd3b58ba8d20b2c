"""The report as a reader opens it in a browser: silent, offline, in both languages."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="session")
def report(sample_home: Path) -> Path:
    return sample_home / "published" / "latest" / "report"


def test_language_switches_and_goes_along(report: Path, reader) -> None:
    page = reader.open(report / "index.html")
    page.locator("#language [data-language=my]").click()
    expect(page.locator("html")).to_have_attribute("lang", "my")
    expect(page.locator("nav a").first).to_have_text("ခြုံငုံ", use_inner_text=True)
    assert page.evaluate("document.fonts.check('16px \"Noto Sans Myanmar\"', 'မြန်မာ')")
    page.locator("nav a", has_text="မြို့နယ်များ").first.click()
    page.wait_for_url("**/report/my/townships.html")
    expect(page.locator("html")).to_have_attribute("lang", "my")
    reader.open(report / "regions.html", "?lang=my&sort=2#kachin")
    page.wait_for_url("**/report/my/regions.html?sort=2#kachin")
    page.locator("#language [data-language=en]").click()
    page.wait_for_url("**/report/regions.html?sort=2#kachin")


@pytest.mark.parametrize("home", ["sample_home", "real_home"])
def test_no_page_shows_tags_as_words(home: str, request: pytest.FixtureRequest) -> None:
    """Neither where all is known nor where most of it is not."""
    pages = (request.getfixturevalue(home) / "published" / "latest" / "report").rglob("*.html")
    told = [page.name for page in pages if re.search("&lt;span|[\x02-\x04]", page.read_text(encoding="utf-8"))]
    assert told == []


def test_every_page_stands_in_both_languages(report: Path) -> None:
    """That every link of either leads somewhere is seen in test_integration_accessible.py."""
    pages = {page.relative_to(report) for page in report.rglob("*.html")}
    english = {page for page in pages if "my" not in page.parts}
    assert {page.relative_to("my") for page in pages - english} == english


def test_each_page_says_its_language(report: Path) -> None:
    for page in report.rglob("*.html"):
        language = "my" if report / "my" in page.parents else "en"
        text = page.read_text(encoding="utf-8")
        assert f'<html lang="{language}">' in text and text.count('<link rel="alternate" hreflang=') == 2, page
        title = re.search("<title>(.*?)</title>", text)[1]
        assert bool(re.search("[\u1000-\u109f]", title)) == (language == "my"), f"{page}: {title}"
