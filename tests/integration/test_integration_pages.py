"""The report as a reader opens it in a browser: silent, offline, in both languages."""

from pathlib import Path

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="session")
def report(sample_home: Path) -> Path:
    return sample_home / "published" / "latest" / "report"


def test_language_switches_and_goes_along(report: Path, reader) -> None:
    page = reader.open(report / "index.html")
    page.get_by_role("button", name="မြန်မာ").click()
    expect(page.locator("html")).to_have_attribute("lang", "my")
    expect(page.locator("nav a").first).to_have_text("ခြုံငုံ", use_inner_text=True)
    page.locator("nav a", has_text="မြို့နယ်များ").first.click()
    page.wait_for_url("**/townships.html?*lang=my*")
    expect(page.locator("html")).to_have_attribute("lang", "my")
    assert page.evaluate("document.fonts.check('16px \"Noto Sans Myanmar\"', 'မြန်မာ')")


@pytest.mark.parametrize("home", ["sample_home", "real_home"])
def test_no_page_shows_tags_as_words(home: str, request: pytest.FixtureRequest) -> None:
    """Neither where all is known nor where most of it is not."""
    pages = (request.getfixturevalue(home) / "published" / "latest" / "report").rglob("*.html")
    told = [page.name for page in pages if "&lt;span" in page.read_text(encoding="utf-8")]
    assert told == []
