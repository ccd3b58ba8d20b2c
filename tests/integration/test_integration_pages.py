"""The report as a reader opens it in a browser: silent, offline, in both languages."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def report(sample_home: Path) -> Path:
    return sample_home / "published" / "latest" / "report"


def test_language_switches_and_goes_along(report: Path, reader) -> None:
    page = reader.open(report / "index.html")
    page.get_by_role("button", name="မြန်မာ").click()
    assert page.locator("html").get_attribute("lang") == "my"
    assert page.locator("nav a").first.inner_text() == "ခြုံငုံ"
    page.locator("nav a", has_text="မြို့နယ်များ").first.click()
    page.wait_for_function("document.documentElement.lang === 'my'")
    assert "lang=my" in page.url
    assert page.evaluate("document.fonts.check('16px \"Noto Sans Myanmar\"', 'မြန်မာ')")
