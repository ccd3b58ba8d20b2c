"""The interactive map in a browser: every state of it says what the published table says of that month."""

import csv
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

MONTHS = ("2021-02", "2022-06", "2023-11")
# Map -> the column of the published tables that it shows, in the order of the page: those of now, those since 2021.
NOW = {"quarter": "clashes_3m_count", "signal": "signal", "year": "clashes_12m_count",
       "expected": "expected_clashes_next_3m"}  # fmt: skip
SINCE = {"security": "security_shown", "humanitarian": "humanitarian_shown", "services": "services_shown",
         "control": "control_class", "chance": "security_high_probability"}  # fmt: skip
THEMES = {**NOW, **SINCE}
# Map of steps -> (from which figure on, look), from the heaviest; the least is shown only where something reports.
STEPS = {
    "quarter": ((10, "quarter_10"), (4, "quarter_4"), (2, "quarter_2"), (1, "quarter_1"), (0, "quarter_0")),
    "year": ((25, "year_25"), (10, "year_10"), (4, "year_4"), (1, "year_1"), (0, "year_0")),
    "expected": ((8, "next_8"), (4, "next_4"), (2, "next_2"), (0.5, "next_half"), (0, "next_0")),
}
QUARTER_NOW = "Clashes of the last 3 months, November 2023"
UNREACHED = ("silent", "hosting_displaced", "insufficient_evidence", "no_data")


@pytest.fixture(scope="module")
def latest(sample_home: Path) -> Path:
    return sample_home / "published" / "latest"


@pytest.fixture(scope="module")
def index(latest: Path) -> Path:
    return latest / "report" / "index.html"


@pytest.fixture(scope="module")
def table(latest: Path) -> list[dict[str, str]]:
    """The rows of the leading method in the months looked at, each with what the township may expect."""
    with (latest / "tables" / "current_intensity.csv").open(encoding="utf-8", newline="") as stream:
        ahead = {(r["month"], r["adm3_pcode"]): r for r in csv.DictReader(stream) if r["month"][:7] in MONTHS}
    nothing = dict.fromkeys(("expected_clashes_next_3m", "interval_low", "interval_high"), "")
    with (latest / "tables" / "township_index.csv").open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if r["method"] == "isp-2023" and r["month"][:7] in MONTHS]
    return [{**nothing, **ahead.get((r["month"], r["adm3_pcode"]), {}), **r} for r in rows]


def expected(row: dict[str, str], theme: str) -> str:
    """The look of a row, written down anew from the words of the legend."""
    value, shown = row[THEMES[theme]], row["security_shown"]
    if theme in STEPS:
        if value == "":
            return shown if shown in UNREACHED else "no_data"
        look = next(look for start, look in STEPS[theme] if float(value) >= start)
        return shown if look == STEPS[theme][-1][1] and shown in UNREACHED else look
    if theme == "signal" and value == "none":
        return "hosting_displaced" if shown == "hosting_displaced" else "no_signal"
    if theme == "chance":
        if value == "":
            return "no_data" if shown == "no_data" else "insufficient_evidence"
        chance = float(value)
        return next(
            name
            for holds, name in (
                (chance < 0.05, "chance_under_5"), (chance < 0.5, "chance_5_50"),
                (chance <= 0.95, "chance_50_95"), (True, "chance_over_95"),
            ) if holds
        )  # fmt: skip
    return value


def looks_of(table: list[dict[str, str]], month: str, theme: str) -> dict[str, str]:
    looks = {row["adm3_pcode"]: expected(row, theme) for row in table if row["month"].startswith(month)}
    assert len(looks) == 330
    return looks


def drawn(page: Page) -> dict[str, set[str]]:
    """P-code -> looks of its shapes, on the map and in the insets."""
    found: dict[str, set[str]] = {}
    for code, look in page.locator("#live-map a").evaluate_all(
        "all => all.map(a => [a.getAttribute('data-code'), a.getAttribute('class')])"
    ):
        found.setdefault(code, set()).add(look)
    return found


def legend(page: Page) -> dict[str, int]:
    script = "rows => rows.map(r => [r.querySelector('g').getAttribute('class').slice(2), +r.lastChild.textContent])"
    return dict(page.locator("#map-legend tr").evaluate_all(script))


def told(page: Page) -> list[tuple[str, str]]:
    """The lines of the note on a township: what, and the figure."""
    script = "all => all.map(one => [one.textContent, one.nextElementSibling.textContent])"
    return [(words, figure) for words, figure in page.locator("#map-tip dt").evaluate_all(script)]


def test_the_maps_stand_in_two_groups_and_that_of_the_quarter_is_shown_first(index: Path, latest: Path, reader) -> None:
    """Beside it the figures of the month are those of the national table, and a name of two townships finds both."""
    page = reader.open(index)
    groups = page.locator("#map-controls fieldset")
    shown = [(group.locator("legend").inner_text(), group.locator("input").evaluate_all("all => all.map(i => i.value)"))
             for group in groups.all()]  # fmt: skip
    assert shown == [("What the map shows: Now", [*NOW]), ("What the map shows: Since February 2021", [*SINCE])]
    expect(page.locator("input[name=map-theme]:checked")).to_have_value("quarter")
    expect(page.locator("#map-title")).to_contain_text(QUARTER_NOW, use_inner_text=True)
    _tells_the_figures_of_the_month(page, latest)
    _offers_both_of_one_name(page)


def _tells_the_figures_of_the_month(page: Page, latest: Path) -> None:
    with (latest / "tables" / "national_summary.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["method"] == "isp-2023"]
    for row in (rows[-1], rows[-2]):
        shown = [words.strip() for words in page.locator("#map-figures dd").all_inner_texts()]
        assert shown == [
            f"{int(row['clashes_month_count']):,}",
            f"{int(row['clashes_3m_count']):,}",
            f"{row['signal_alert_count']} of {row['townships_count']}",
            f"{row['in_conflict_count']} of {row['townships_count']}",
            f"{int(row['idps_persons']):,}",
        ]
        page.get_by_role("button", name="Month before").click()


def _offers_both_of_one_name(page: Page) -> None:
    field = page.get_by_role("combobox", name="Find a township on the map")
    field.press_sequentially("minhla")
    assert page.locator("#map-found li").count() == 2
    field.press("ArrowDown")
    expect(page.locator("#map-found li").nth(1)).to_have_attribute("aria-selected", "true")
    field.fill("zzz")
    expect(page.locator("#map-found-said")).to_contain_text("No township of that name")
    assert field.get_attribute("aria-activedescendant") is None


def test_every_month_and_index_shows_what_the_table_says(index: Path, table, still) -> None:
    page = still.open(index)
    keys = page.evaluate("JSON.parse(document.getElementById('map-data').textContent).months.map(m => m.key)")
    for month in MONTHS:
        page.locator("#map-slider").fill(str(keys.index(month)))
        for theme in THEMES:
            page.locator(f"input[value={theme}]").evaluate("radio => radio.click()")
            looks = looks_of(table, month, theme)
            assert drawn(page) == {code: {f"k-{look}"} for code, look in looks.items()}, (month, theme)
            counted = legend(page)
            assert sum(counted.values()) == 330
            assert {look: n for look, n in counted.items() if n} == Counter(looks.values()), (month, theme)


def test_a_township_is_found_and_its_page_opened(index: Path, still) -> None:
    page = still.open(index)
    field = page.get_by_role("combobox", name="Find a township on the map")
    for typed, code in (
        ("မြစ်ကြီးနား", "MMR001001"), ("  hpa an Township", "MMR003001"), ("mmr013018", "MMR013018"),
        ("Mitkina", "MMR001001"),
    ):  # fmt: skip
        field.fill("")
        field.press_sequentially(typed)
        expect(field).to_have_attribute("aria-expanded", "true")
        expect(page.locator(f"#{field.get_attribute('aria-activedescendant')}")).to_contain_text(code)
        field.press("Enter")
        expect(page.locator("#map-tip")).to_contain_text(code)
        assert page.evaluate("document.activeElement.getAttribute('data-code')") == code
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/townships/{code}.html")


def test_the_keyboard_alone_goes_through_the_map(index: Path, reader) -> None:
    page = reader.open(index)
    page.locator("#map-play").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.hasAttribute('data-code')"):
            break
    first = page.evaluate("document.activeElement.getAttribute('data-code')")
    expect(page.locator("#map-tip")).to_be_visible()
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.getAttribute('data-code')")
    assert second != first
    assert page.locator("#live-map .ring").first.get_attribute("href") == f"#p-{second}"
    assert page.locator('#live-map a[tabindex="0"]').count() == 1
    page.keyboard.press("Escape")
    expect(page.locator("#map-tip")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/townships/{second}.html")


def test_a_link_brings_back_what_was_shown_and_stays_up_to_date(index: Path, table, still) -> None:
    page = still.open(index, "#map=humanitarian&month=2022-06&township=MMR001001")
    expect(page.locator("#map-title")).to_contain_text("Humanitarian Crisis Index, June 2022", use_inner_text=True)
    expect(page.locator("#map-tip")).to_contain_text("Myitkyina မြစ်ကြီးနား")
    row = next(r for r in table if r["adm3_pcode"] == "MMR001001" and r["month"].startswith("2022-06"))
    lines = dict(told(page))
    assert lines["Clashes since 1 February 2021, at least"] == row["clashes_count"]
    assert lines["Clashes in June 2022, at least"] == row["clashes_month_count"]
    assert lines["Clashes of the last 3 months"] == row["clashes_3m_count"]
    assert lines["Displaced people, at least"] == f"{int(row['idps_persons']):,}"
    assert lines["Evidence grade (A strong, D weak)"] == row["evidence_grade"]
    page.get_by_role("button", name="Month after").click()
    page.locator("input[value=security]").check()
    page.wait_for_url("**/index.html#map=security&month=2022-07&township=MMR001001&view=*")
    page = still.open(index, "?lang=en#map=<b>&month=9999-99&township=../x")
    expect(page.locator("#map-title")).to_contain_text(QUARTER_NOW, use_inner_text=True)
    page = still.open(index, "?lang=my#month=2022-06&township=MMR001001")
    expect(page.locator("#live-map")).to_have_class("map live m-quarter")
    expect(page.locator("#map-slider")).to_have_value("16")


def first_line(legend_words: dict[str, str], row: dict[str, str], theme: str) -> str:
    """The figure with which a note begins: a number as it stands, a class in the legend's words, with its rule."""
    look, value = expected(row, theme), row[THEMES[theme]]
    if theme == "quarter" and look.startswith("quarter"):
        return value
    if theme == "expected":
        said = f"{float(value):.1f}" if float(value) >= 0.05 else "<0.1"
        return f"{said} (90 % interval {row['interval_low']} to {row['interval_high']})"
    if theme == "chance":
        if value == "":
            return "not known"
        chance = float(value)
        return "under 1 %" if chance < 0.01 else "over 99 %" if chance > 0.99 else f"{100 * chance:.0f} %"
    return legend_words[look]


# The title and the legend's words by look, once another map was chosen.
_SHOWN_BY = """radio => {
  radio.click();
  const rows = [...document.querySelectorAll("#map-legend tr")];
  return [document.querySelector("#map-title .map-shows").innerText, rows.map(
    row => [row.querySelector("g").getAttribute("class").slice(2), row.querySelector("th").innerText])];
}"""


def test_a_note_begins_with_what_the_map_shows(index: Path, table, still) -> None:
    rows = {row["adm3_pcode"]: row for row in table if row["month"].startswith("2023-11")}
    silent = next(code for code, row in rows.items() if row["security_shown"] == "silent")
    for code in ("MMR001001", "MMR013018", silent):
        still.page.goto("about:blank")
        page = still.open(index, f"#map=quarter&month=2023-11&township={code}&view=1")
        expect(page.locator("#map-tip")).to_contain_text(code)
        for theme in THEMES:
            # The note stays open, as under a pointer that rests on it.
            title, words = page.locator(f"input[value={theme}]").evaluate(_SHOWN_BY)
            lines, said = told(page), first_line(dict(words), rows[code], theme)
            assert lines[0][0] == title and (said == lines[0][1] or said.startswith(f"{lines[0][1]}: ")), (code, theme)
            assert len({words for words, _ in lines}) == len(lines), "no line twice"


def test_both_languages_and_the_months_play(index: Path, reader) -> None:
    page = reader.open(index, "?lang=my#map=services&month=2023-10&township=MMR001001")
    expect(page.locator("#map-title")).to_contain_text("2023 ခုနှစ် အောက်တိုဘာလ")
    assert page.locator("#map-slider").get_attribute("aria-valuetext") == "2023 ခုနှစ် အောက်တိုဘာလ"
    assert page.locator("#map-tip a").get_attribute("href") == "townships/MMR001001.html"
    page.locator("#map-play").click()
    expect(page.locator("#map-play")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#map-slider")).to_have_value("33")
    expect(page.locator("#map-play")).to_have_attribute("aria-pressed", "false")
    # Whoever leaves at once takes the month along.
    page.evaluate("""() => {
        const slider = document.querySelector("#map-slider");
        slider.value = "30";
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        document.querySelector("#language [data-language=en]").click();
    }""")
    page.wait_for_url("**/report/index.html#map=services&month=2023-08&township=MMR001001&view=*")
    expect(page.locator("#map-title")).to_contain_text("August 2023")
    assert page.locator("#map-slider").get_attribute("aria-valuetext") == "August 2023"


def test_the_first_tap_tells_and_the_second_goes(index: Path, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, offline=True)
    page = context.new_page()
    page.goto(index.resolve().as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shape = page.locator('#live-map a[data-code="MMR001004"]').first
    shape.tap()
    expect(page.locator("#map-tip")).to_contain_text("MMR001004")
    assert page.url.split("#")[0].endswith("index.html")
    shape.tap()
    page.wait_for_url("**/townships/MMR001004.html")
    context.close()


def test_without_script_the_last_month_and_the_files_are_there(index: Path, table, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, offline=True)
    page = context.new_page()
    page.goto(index.resolve().as_uri())
    expect(page.locator("#map-controls")).to_be_hidden()
    assert len(page.locator("#live-map a").all()) >= 330
    assert page.locator("#live-map").get_attribute("class") == "map live m-quarter"
    looks = looks_of(table, "2023-11", "quarter")
    assert drawn(page) == {code: {f"k-{look}"} for code, look in looks.items()}
    counted = {look: n for look, n in legend(page).items() if n}
    assert counted == Counter(looks.values())
    files = [link.get_attribute("href") or "" for link in page.locator("#map-static a").all()]
    assert [name for name in files if not (index.parent / name).is_file()] == []
    assert len(files) == len(THEMES)
    assert page.locator("#live-map .w").count() > 0, "the sample's map is marked as invented"
    context.close()


def test_the_map_prints_as_shown_on_one_page(index: Path, reader, tmp_path: Path) -> None:
    """In Burmese, whose lines are longer and higher, on the map with the longest legend; the part that is seen."""
    page = reader.open(index, "?lang=my#map=humanitarian&month=2022-06&view=6,380,900")
    expect(page.locator("#map-title")).to_contain_text("2022")
    page.pdf(path=tmp_path / "page.pdf", format="A4", print_background=True)
    sheets = pypdfium2.PdfDocument(tmp_path / "page.pdf")
    texts = [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in sheets]
    held = [text for text in texts if "SYNTHETIC DATA SCHEMATIC SHAPES" in text]
    assert len(held) == 1, "the watermark of the one map"
    written = held[0].replace(" ", "")  # readers of PDF find blanks between Burmese words here and there
    for words in ("2022", "330", "township_index.csv", "မည်သူကမျှ", "6ဆ"):
        assert words in written, "heading, figures, legend's files and disclaimer stand on the page of the map"
