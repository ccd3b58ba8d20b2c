"""The methods page in a browser: short on a screen, every fold opened by a link into it, and whole on paper."""

from pathlib import Path

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Browser, expect

MOST_PIXELS, MOST_SHEETS = 10_000, 22  # on a phone, on A4; unfolded and set large it was 95,000 and 41


@pytest.fixture(scope="module")
def report(sample_home: Path) -> Path:
    return sample_home / "published" / "latest" / "report"


def test_links_open_the_folds_that_they_lead_into(report: Path, reader) -> None:
    page = reader.open(report / "methods.html")
    folds = page.locator("details")
    assert page.locator("details[open]").count() == 0 < folds.count()
    page.locator("nav.toc a[href='#rates']").click()
    fold = page.locator("#rates > details")
    expect(fold).to_have_attribute("open", "")
    assert page.locator("details[open]").count() == 1, "no other fold is opened"
    fold.locator("summary").click()
    expect(fold).not_to_have_attribute("open", "")
    page.locator("nav.toc a[href='#rates']").click()
    expect(fold).to_have_attribute("open", "")

    page.locator("nav.toc a[href='#computed']").click()
    page.locator("#computed a[href='#shift-of-ranks']").first.click()
    expect(page.locator("#shift-of-ranks")).to_be_in_viewport()
    assert reader.open(report / "methods.html", "?lang=my#lull").locator("#lull").is_visible()
    expect(page.locator("#lull")).to_be_in_viewport()
    assert "ပုံသေနည်း" in page.locator("#rates summary").inner_text()


def test_it_is_short_on_a_phone_and_whole_on_paper(report: Path, reader, tmp_path: Path) -> None:
    page = reader.open(report / "methods.html")
    page.set_viewport_size({"width": 390, "height": 844})
    for language in ("en", "my"):
        page.locator(f"#language [data-language={language}]").click()
        page.wait_for_load_state()
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert page.evaluate("document.documentElement.scrollHeight") < MOST_PIXELS
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.pdf(path=tmp_path / "methods.pdf", prefer_css_page_size=True)
    paper = pdfium.PdfDocument(tmp_path / "methods.pdf")
    said = " ".join(" ".join(sheet.get_textpage().get_text_range() for sheet in paper).split())
    assert len(paper) <= MOST_SHEETS
    for inside in ("perfunctory", "Lull", "INFORM Severity", "local_morans_p_value"):
        assert inside in said, inside


def test_without_script_every_fold_can_be_opened(report: Path, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(f"{(report / 'methods.html').resolve().as_uri()}#rates")
    page.locator("#rates summary").click()
    assert page.locator("#rates article").first.is_visible()
    context.close()


def test_the_looks_of_a_regions_legend_are_four(report: Path, reader) -> None:
    """The map's own swatches once took the grounds of all others away."""
    page = reader.open(report / "regions" / "yangon.html")
    looks = page.locator(".looks .swatch").evaluate_all(
        "all => all.map(one => getComputedStyle(one).background + getComputedStyle(one).backgroundSize)"
    )
    assert len(looks) == len(set(looks)) == 4
