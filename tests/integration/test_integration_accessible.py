"""Every kind of page can be read by anyone: with a screen reader, on a telephone, on paper, in both languages.

The pages are found, not listed, so that a new one is looked at too. Not here: what a page says.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from integration_browser import Reader, opened
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.integration
LANGUAGES = ("en", "my")
SERIOUS = {"moderate", "serious", "critical"}
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
ACROSS = 1038  # and of A4 across, between margins of 11 mm
SHEET = {"width": 688, "height": 1016}  # what is left of A4 between margins of 14 mm, at 96 points to the inch
# Of a weak connection: about a minute at 200 kbit/s for the overview with its font, some seconds for a township.
INDEX_BYTES, PAGE_BYTES, TOWNSHIP_BYTES = 1_500_000, 2_000_000, 200_000


@pytest.fixture(scope="module")
def report(sample_home: Path) -> Path:
    return (sample_home / "published" / "latest").resolve() / "report"


@pytest.fixture(scope="module")
def window(launch: Callable[..., Browser]) -> Iterator[Reader]:
    """Of a browser that draws nothing on a screen, which is a fifth of its work: here pages are measured and printed.

    Nothing can be clicked in it, for that waits until a page is drawn.
    """
    browser = launch("--disable-threaded-compositing")
    with opened(browser) as found:
        yield found
    browser.close()


def kinds(report: Path) -> list[Path]:
    """Every page of the report itself, and one of each folder of pages alike: of Sagaing, whose name is long."""

    def order(page: Path) -> tuple[bool, str]:
        return not page.name.startswith(("sagaing", "MMR005")), page.name

    folders = sorted(p for p in report.iterdir() if p.name != "my" and any(p.glob("*.html")))
    alike = [min(folder.glob("*.html"), key=order) for folder in folders]
    found = [*sorted(report.glob("*.html")), *alike]
    assert len(found) >= 10
    return found


def test_no_page_shuts_anyone_out(report: Path, reader: Reader) -> None:
    """On a telephone what is wide scrolls in its own box, and each page begins with the search; on paper nothing is cut
    and tables carry their heads. axe-core finds nothing above minor impact; by day and at a reader's dark setting text
    keeps its contrast. One visit of each page for all of it: to load a page costs more than to look at it.

    axe-core looks at every kind of page in English; in Burmese, which is of the same templates and colours, at the
    first page and at one of each folder of pages that are alike.
    """
    page, faults, wide, cut, bare = reader.page, [], [], [], []
    for language in LANGUAGES:
        for path in kinds(report):
            name = path.relative_to(report).as_posix()
            page.goto("about:blank")  # or the page before would be laid out again for the telephone
            page.emulate_media(media="null", color_scheme="light")
            page.set_viewport_size(PHONE)
            reader.open(report / "my" / name if language == "my" else path)
            seen = page.evaluate(_ON_A_TELEPHONE, PHONE["width"])
            assert seen["language"] == language, name
            wide += [f"{name} ({language}): {seen['widest']}"] if seen["widest"] is not None else []
            assert seen["find"] + 24 <= PHONE["height"], f"{name}: no search in the first view"
            assert seen["seen"] == [True, True, False], f"{name}: the menu is behind its button"
            page.emulate_media(media="print")
            page.set_viewport_size(SHEET)
            paper = page.evaluate(_ON_PAPER)
            # Sections that ask for a sheet of their own across have its width.
            width = ACROSS if paper["across"] else SHEET["width"]
            cut += [f"{name} ({language}) needs {paper['needs']} of {width}"] if paper["needs"] > width else []
            bare += [f"{name} ({language}): {start}" for start in paper["bare"]]
            if language == "en" or name == "index.html" or path.parent != report:
                page.evaluate(_LEAVE_ONE_OF_EACH)
                page.emulate_media(media="null", color_scheme="dark")
                page.set_viewport_size(DESK)
                found = [("by night", _faults(page))]
                page.emulate_media(color_scheme="light")
                # The colours of both languages are the same.
                found += [("by day", page.evaluate(_COLOURS))] if language == "en" else []
                faults += [f"{name} ({language}, {when}): {fault}" for when, all_of in found for fault in all_of]
    assert (faults, wide, cut, bare) == ([], [], [], [])


def _faults(page: Page) -> list[str]:
    """What axe-core finds at a reader's dark setting."""
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 28)"
    page.evaluate(f"{Axe().axe_script}\n{_EACH_COLOUR_IS_READ_ONCE}")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false})")["violations"]
    places = {one["id"]: [" ".join(map(str, node["target"])) for node in one["nodes"]] for one in found
              if one["impact"] in SERIOUS}  # fmt: skip
    return [f"{rule}: {len(targets)} such as {targets[:4]}" for rule, targets in places.items()]


# What a colour's text means axe-core works out anew for every element and each that lies under it: most of its time.
_EACH_COLOUR_IS_READ_ONCE = """
(() => {
  const Color = axe.commons.color.Color, parse = Color.prototype.parseString, known = new Map();
  Color.prototype.parseString = function (text) {
    if (!known.has(text)) { known.set(text, new Color(parse.call(this, text))); }
    const {r, g, b, alpha} = known.get(text);
    return Object.assign(this, {r, g, b, alpha});
  };
})()"""
# Once axe-core has looked at a page it is there, and looks at its colours alone.
_COLOURS = """async () => {
  const found = await axe.run(
    document, {resultTypes: ["violations"], preload: false, runOnly: {type: "rule", values: ["color-contrast"]}});
  return [getComputedStyle(document.body).backgroundColor === "rgb(20, 24, 28)" ? "it is still night" : ""].concat(
    found.violations.map(one => one.nodes.map(node => node.target.join(" ")).slice(0, 4).join(", "))).filter(Boolean);
}"""
# Rows of a long table, lines of a list, the methods' rules and shapes of a drawing are alike, and each costs axe-core a
# hundredth of a second: those stay in which something stands that stood in none before.
_LEAVE_ONE_OF_EACH = """() => {
  const seen = new Set(), alike = "tbody > tr, li, article, svg a, svg use, svg rect, svg path, svg text, svg line";
  document.querySelectorAll(alike).forEach(one => {
    const kinds = [one, ...one.querySelectorAll("*")].map(e => [e.parentElement.tagName, e.tagName].concat(
      ["class", "style", "lang"].map(name => e.getAttribute(name))).join(" "));
    if (kinds.every(kind => seen.has(kind))) { one.remove(); }
    kinds.forEach(kind => seen.add(kind));
  });
}"""
_ON_A_TELEPHONE = """width => {
  document.querySelectorAll("details").forEach(one => { one.open = true; });
  const wide = document.documentElement.scrollWidth > width;
  return {
    language: document.documentElement.lang,
    widest: wide ? [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll")
        && e.getBoundingClientRect().right > width + 1 && e.getBoundingClientRect().width)
        .slice(0, 4).map(e => e.tagName + "." + e.getAttribute("class") + ": " + e.textContent.trim().slice(0, 40))
      : null,
    find: document.getElementById("find").getBoundingClientRect().y,
    seen: ["find", "menu-button", "menu"].map(
      id => document.getElementById(id).checkVisibility({visibilityProperty: true})),
  };
}"""
_ON_PAPER = """() => ({
  needs: document.documentElement.scrollWidth,
  across: document.querySelector("section.wide, section.alone") !== null,
  bare: [...document.querySelectorAll("table")].filter(
    t => !t.tHead || getComputedStyle(t.tHead).display !== "table-header-group").map(t => t.textContent.slice(0, 60)),
})"""


def test_on_paper_no_sheet_is_blank_and_every_one_has_the_heads(report: Path, reader: Reader) -> None:
    blank = []
    reader.page.emulate_media(media="print")
    printed = (report / "index.html", report / "townships.html", min((report / "townships").glob("*.html")))
    for path in printed:
        page = reader.open(path)
        page.evaluate(_LEAVE_SOME_SHEETS)
        with pypdfium2.PdfDocument(page.pdf(format="A4", print_background=True)) as document:
            texts = [sheet.get_textpage().get_text_range().strip() for sheet in document]
            drawn = [sum(1 for _ in sheet.get_objects(max_depth=2)) for sheet in document]
        sheets = enumerate(zip(texts, drawn, strict=True), start=1)
        blank += [f"{path.name}: sheet {n}" for n, (text, objects) in sheets if len(text) < 20 and objects < 20]
        assert path.name != "index.html" or len(texts) <= 6, "the overview fits on six sheets"
        rows = [text for text in texts if len(re.findall(r"MMR\d{6}", text)) > 10]
        if path.name == "townships.html" and rows:
            heads = page.evaluate(_HEADS)
            assert len(rows) > 3
            assert [n for n, text in enumerate(rows) if not all(head in text for head in heads)] == []
    assert blank == []


# A third of the longest table fills several sheets too, in a third of the time.
_LEAVE_SOME_SHEETS = """() => document.querySelectorAll("tbody").forEach(
  body => [...body.rows].slice(120).forEach(row => row.remove()))"""
# The first words of the first columns of the longest table: words that are broken over two lines are left out.
_HEADS = """() => [...document.querySelectorAll("table")].sort((a, b) => b.rows.length - a.rows.length)[0]
  .tHead.rows[0].innerText.split(/\\s+/).filter(word => word.length > 4).slice(0, 2)"""


def test_pages_are_light(report: Path) -> None:
    font = (report / "fonts.css").stat().st_size
    heavy = {
        path.relative_to(report).as_posix(): path.stat().st_size
        for path in sorted(report.rglob("*.html"))
        if path.stat().st_size + (font if path.name == "index.html" else 0) > _most(path, report)
    }
    assert heavy == {}


def _most(path: Path, report: Path) -> int:
    if path.name == "index.html":
        return INDEX_BYTES
    return PAGE_BYTES if path.parent in {report, report / "my"} else TOWNSHIP_BYTES


def test_every_link_leads_somewhere(report: Path) -> None:
    """Pages, tables and anchors, on all pages; what leads out of the release is a web address of a source."""
    broken, outside = set(), set()
    for path in sorted(report.rglob("*.html")):
        for link in _links(path):
            parts = urlsplit(link)
            if parts.scheme:
                outside.add(parts.scheme)
                continue
            target = _target(path.parent, parts.path) if parts.path else path
            if target is None:
                broken.add(f"{path.relative_to(report)}: {link}: no such file")
            elif not target.is_relative_to(report.parent):
                broken.add(f"{path.relative_to(report)}: {link}: leads out of the release")
            elif target.suffix == ".html" and not _leads(target, unquote(parts.fragment)):
                broken.add(f"{path.relative_to(report)}: {link}: no such anchor")
    assert sorted(broken)[:20] == []
    assert outside <= {"https", "http", "mailto", "data"}


# Of our own pages, whose attributes stand in double quotes: a parser would take ten times as long for 350 of them.
_HREF = re.compile(r'\s(?:href|src)="([^"]*)"')
_ID = re.compile(r'\s(?:id|name)="([^"]*)"')


@cache
def _target(folder: Path, link: str) -> Path | None:
    target = (folder / unquote(link)).resolve()
    return target if target.is_file() else None


def _links(path: Path) -> set[str]:
    return {link.replace("&amp;", "&") for link in _HREF.findall(path.read_text(encoding="utf-8"))} - {""}


def _leads(target: Path, fragment: str) -> bool:
    """Whether a page has the anchor; a view of the map (map.js) names townships and sets nothing that is a place."""
    if target.name == "compare.html" and fragment.startswith("MMR"):  # what is compared (compare.js)
        return all((target.parent / f"townships/{code}.html").is_file() for code in fragment.split(",") if code)
    views = re.fullmatch(r"township=(MMR\d{6})", fragment) if target.name == "index.html" else None
    nowhere = fragment in {"", "none"}  # "none" is what the map's empty highlight draws
    return nowhere or (f"p-{views[1]}" if views else fragment) in _anchors(target)


@cache
def _anchors(path: Path) -> frozenset[str]:
    return frozenset(_ID.findall(path.read_text(encoding="utf-8")))
