"""The report as a reader opens it in a browser: silent, offline, in both languages."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

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
    page.locator("nav a", has_text="မြို့နယ်များ").first.click()
    page.wait_for_url("**/report/my/townships.html")
    expect(page.locator("html")).to_have_attribute("lang", "my")
    reader.open(report / "townships.html", "?lang=my&region=Kachin#MMR001001")
    page.wait_for_url("**/report/my/townships.html?region=Kachin#MMR001001")
    page.locator("#language [data-language=en]").click()
    page.wait_for_url("**/report/townships.html?region=Kachin#MMR001001")
    reader.open(report / "my" / "index.html")
    assert page.evaluate("document.fonts.check('16px \"Noto Sans Myanmar\"', 'မြန်မာ')")


@pytest.mark.parametrize("home", ["sample_home", "real_home"])
def test_no_page_shows_tags_as_words(home: str, request: pytest.FixtureRequest) -> None:
    """Neither where all is known nor where most of it is not."""
    pages = (request.getfixturevalue(home) / "published" / "latest" / "report").rglob("*.html")
    told = [page.name for page in pages if re.search("&lt;span|[\x02-\x04]", page.read_text(encoding="utf-8"))]
    assert told == []


class _Links(HTMLParser):
    """Links and ids of a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.ids: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links |= {value for name, value in attrs if name in {"href", "src"} and value}
        self.ids |= {value for name, value in attrs if name == "id" and value}


def test_every_link_of_either_language_leads_somewhere(report: Path) -> None:
    """Pages, anchors, tables, maps and briefs; and every page stands in both languages, in its own."""
    report = report.resolve()
    pages = {page: _Links(page) for page in sorted(report.rglob("*.html"))}
    english = {page.relative_to(report) for page in pages if "my" not in page.relative_to(report).parts}
    assert {page.relative_to(report / "my") for page in pages if report / "my" in page.parents} == english
    broken = []
    for page, read in pages.items():
        for link in read.links:
            file, _, anchor = link.partition("#")
            target = (page.parent / unquote(file.partition("?")[0])).resolve() if file else page.resolve()
            known = (
                pages.get(report.resolve() / target.relative_to(report.resolve()))
                if report.resolve() in target.parents
                else None
            )
            compared = not file and re.fullmatch(r"(MMR\d{6},?)+", anchor)  # compare.js reads it
            of_map = not file and page.name == "index.html"
            if link.startswith(("http", "data:")) or of_map or compared:
                continue
            if not target.is_file() and not target.name.endswith((".duckdb", "datapackage.json")):
                broken.append(f"{page.relative_to(report)}: {link}")
            elif known and anchor and "=" not in anchor and target.name != "compare.html" and anchor not in known.ids:
                broken.append(f"{page.relative_to(report)}: {link} has no such place")
    assert broken == []


def test_each_page_says_its_language(report: Path) -> None:
    for page in report.rglob("*.html"):
        language = "my" if report / "my" in page.parents else "en"
        text = page.read_text(encoding="utf-8")
        assert f'<html lang="{language}">' in text and text.count('<link rel="alternate" hreflang=') == 2, page
        title = re.search("<title>(.*?)</title>", text)[1]
        assert bool(re.search("[\u1000-\u109f]", title)) == (language == "my"), f"{page}: {title}"
