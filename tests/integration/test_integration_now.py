"""Ten tasks of a reader with a phone, in both languages, in taps and seconds of script; one word for a signal.

The seconds are those that Chromium spent in scripts of the pages that a task opened, by its own account.
That no page scrolls sideways and each begins with the search is seen in test_integration_accessible.py.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from reports.text.values import signal_both

MOST_SCRIPT = 10.0  # seconds; on a machine that is not loaded a task takes less than one
PHONE = {"width": 390, "height": 844}
FOLDERS = {"en": "", "my": "my/"}


@pytest.fixture(scope="module")
def report(sample_home: Path) -> Path:
    return sample_home / "published" / "latest" / "report"


@dataclass
class Phone:
    """A reader's window of a phone that counts the taps."""

    page: Page
    account: CDPSession
    taps: int = 0

    def tap(self, place: Locator) -> None:
        place.click()
        self.taps += 1

    def find(self, field: str, typed: str, found: str) -> None:
        """Tap the field, type, tap the first line."""
        self.tap(self.page.locator(field))
        self.page.locator(field).type(typed)
        self.tap(self.page.locator(f"{found} li").first)

    def spent(self) -> float:
        told = self.account.send("Performance.getMetrics")["metrics"]
        return {one["name"]: one["value"] for one in told}["ScriptDuration"]

    @contextmanager
    def task(self, name: str) -> Iterator[None]:
        """At its end three taps and MOST_SCRIPT seconds of script must have been enough."""
        self.taps, before = 0, self.spent()
        yield
        spent = self.spent()
        spent -= before if before <= spent else 0  # of a page that the task led to all is its own
        print(f"{name}: {self.taps} taps, {spent:.2f} s of script")
        assert self.taps <= 3
        assert spent < MOST_SCRIPT


@pytest.fixture(params=["en", "my"])
def phone(request: pytest.FixtureRequest, report: Path, reader) -> Iterator[Phone]:
    """The first page of a language, with which the test's first task begins."""
    reader.page.set_viewport_size(PHONE)
    account = reader.page.context.new_cdp_session(reader.page)
    account.send("Performance.enable")
    own = Phone(reader.page, account)
    with own.task(request.node.name):
        reader.open(report / FOLDERS[request.param] / "index.html")
        yield own
    account.detach()


def in_first_view(place: Locator) -> bool:
    """Whether the first line of an element stands on the screen before anything is scrolled."""
    box = place.bounding_box()
    return box is not None and box["y"] + 24 <= PHONE["height"]


def test_is_my_township_getting_worse(phone: Phone) -> None:
    phone.find("#find", "Hpruso", "#found")
    phone.page.wait_for_url("**/townships/MMR002003.html")
    lead = phone.page.locator("#now .lead")
    assert in_first_view(lead) and re.search(r"\d", lead.inner_text())
    assert phone.page.locator("#months .bars").bounding_box()["width"] > 300


def test_which_ten_and_why(phone: Phone) -> None:
    phone.tap(phone.page.locator('#headline a[href="month.html"]'))
    rows = phone.page.locator(".ten li")
    assert 1 <= rows.count() <= 10
    assert all(re.search(r"\d", one) for one in rows.locator(".why p").all_inner_texts())


def test_what_stays_on_the_first_page_and_what_changed_since_the_last_month(
    phone: Phone, report: Path, tmp_path: Path
) -> None:
    """Four tasks of one visit. The first view says what changed; all of it is one page away."""
    assert in_first_view(phone.page.locator("#headline .lead"))
    with phone.task("how many people live in townships of class high"):
        _people_in_townships_of_class_high(phone, report)
    with phone.task("send this map to a colleague"):
        _send_this_map(phone, tmp_path)
    with phone.task("quote a figure with its citation"):
        _quote_a_figure(phone, report)
    with phone.task("what changed since the last month"):
        phone.tap(phone.page.locator("#menu-button"))
        phone.tap(phone.page.locator('#menu a[href="changes.html"]'))
        phone.page.wait_for_url("**/changes.html")


def _people_in_townships_of_class_high(phone: Phone, report: Path) -> None:
    phone.tap(phone.page.locator('#headline a[href="#figures"]'))
    tile = phone.page.locator("#figure-security-high")
    control = pl.read_parquet(report.parent / "tables/territorial_control.parquet").filter(
        pl.col("method") == "isp-2023", pl.col("scope") == "national", pl.col("basis") == "security_index",
        pl.col("measure") == "population",
    )  # fmt: skip
    people = control.sort("month").row(-1, named=True)["lost_value"]
    assert f"{people:,.0f}" in tile.inner_text()


def _send_this_map(phone: Phone, tmp_path: Path) -> None:
    with phone.page.expect_download() as waiting:
        phone.tap(phone.page.locator("#map-save"))
    waiting.value.save_as(tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    phone.tap(phone.page.locator("#map-copy"))
    expect(phone.page.locator("#map-sent")).not_to_be_empty()


def _quote_a_figure(phone: Phone, report: Path) -> None:
    release = report.parent.resolve().name
    assert release in phone.page.locator("footer").inner_text(), "the sentence stands at the foot of every page"
    phone.tap(phone.page.locator("#cite summary"))
    told = phone.page.locator("#cite pre").all_inner_texts()
    assert len(told) == 2 and all(release in one for one in told)
    assert told[0].lstrip().startswith("@") and told[1].lstrip().startswith("TY  -")


def test_what_does_high_mean(phone: Phone) -> None:
    phone.tap(phone.page.locator("#menu-button"))
    phone.tap(phone.page.locator('#menu a[href="glossary.html"]'))
    phone.page.wait_for_url("**/glossary.html")
    assert re.search(r"\d+", phone.page.locator("#security dd").inner_text()), "the rule with its numbers"


def test_the_data_of_kachin_alone_and_events_over_time_in_a_region(phone: Phone, report: Path) -> None:
    """Two tasks, for which one goes the same way."""
    phone.find("#find", "Kachin", "#found")
    phone.page.wait_for_url("**/regions/kachin.html")
    assert phone.page.locator("svg.heat").bounding_box()["width"] > 300
    chart = phone.page.locator("#months .at-narrow svg")
    assert chart.is_visible() and not phone.page.locator("#months .at-wide svg").is_visible()
    link = phone.page.locator('nav.steps a[href$="regions/kachin.csv"]').first
    target = link.evaluate("one => one.href")
    assert Path(target.removeprefix("file://")).resolve() == (report.parent / "regions/kachin.csv").resolve()
    frame = pl.read_csv(report.parent / "regions/kachin.csv")
    assert set(frame["state_region"]) == {"Kachin"} and frame["month"].n_unique() == 34
    phone.taps += 1  # the link: a browser that opens a disk shows the file or saves it, as it is set
    brief = phone.page.locator('nav.steps a[href="kachin.pdf"]').evaluate("one => one.href")
    assert Path(brief.removeprefix("file://")).read_bytes().startswith(b"%PDF")


def test_two_townships_side_by_side(phone: Phone) -> None:
    page = phone.page
    phone.tap(page.locator('#headline a[href="compare.html"]'))
    for name in ("Loikaw", "Hpruso"):
        expect(page.locator("#compare-find")).to_be_visible()  # which the script shows, once it runs
        page.locator("#compare-find").focus()
        page.locator("#compare-find").type(name)
        phone.tap(page.locator("#compare-found li").first)
    expect(page).to_have_url(re.compile("#MMR002001,MMR002003$"))
    assert page.locator("#compare-bars svg").count() == 2
    ends = page.locator("#compare-bars .tick").all_text_contents()
    assert ends[:2] == ends[2:], "one scale"
    assert page.locator("#compare-table tbody tr").count() >= 10
    page.reload()
    assert page.locator("#compare-chosen li").count() == 2, "the address keeps them"
    page.locator("#compare-chosen button").first.click()
    expect(page).to_have_url(re.compile("#MMR002003$"))


def test_the_figures_of_the_comparison_are_those_of_the_tables(report: Path, reader) -> None:
    page = reader.open(report / "compare.html", "#MMR002003,kachin,no-such-place")
    index = pl.read_parquet(report.parent / "tables/township_index.parquet").filter(pl.col("method") == "isp-2023")
    row = index.filter(pl.col("adm3_pcode") == "MMR002003").sort("month").row(-1, named=True)
    cells = page.locator("#compare-table tbody tr").evaluate_all("rows => rows.map(row => row.cells[1].textContent)")
    assert cells[:4] == [f"{row[name]:,}" for name in ("clashes_month_count", "clashes_3m_count", "clashes_12m_count",
                                                       "clashes_count")]  # fmt: skip
    assert cells[4] == signal_both(row["signal"]).en
    assert page.locator("#compare-chosen li").count() == 2


def test_the_list_on_a_phone_is_cards_with_class_signal_and_clashes(report: Path, reader) -> None:
    reader.page.set_viewport_size(PHONE)
    page = reader.open(report / "townships.html")
    first = page.locator("#township-table tbody tr").first
    assert in_first_view(first)
    assert first.locator("td:visible").count() == 3
    assert first.bounding_box()["height"] < 90
    page.locator("#township-table thead button:visible").nth(2).click()
    assert "sort=" in page.url


def test_a_signal_is_one_word_on_every_page(report: Path) -> None:
    index = pl.read_parquet(report.parent / "tables/township_index.parquet").filter(
        pl.col("method") == "isp-2023", pl.col("month") == pl.col("month").max()
    )
    wanted = {code: signal_both(signal).en for code, signal in index.select("adm3_pcode", "signal").iter_rows()}
    listed = (report / "townships.html").read_text(encoding="utf-8")
    rows = dict(re.findall(r'<tr id="(MMR\d{6})".*?<td class="k k-signal[^>]*>([^<]*)', listed))
    assert rows == wanted
    for code, words in wanted.items():
        text = (report / f"townships/{code}.html").read_text(encoding="utf-8")
        assert re.search(r"Signal of the month: ([^–]*) –", text)[1] == words, code
    regions = "".join(path.read_text(encoding="utf-8") for path in (report / "regions").glob("*.html"))
    there = re.findall(r'<tr id="(MMR\d{6})"><th.*?<td[^>]*>[^<]*<td[^>]*>([^<]*)', regions)
    assert len(there) == 330 and dict(there) == wanted
    month = (report / "month.html").read_text(encoding="utf-8")
    for code, words in re.findall(r'<li id="(MMR\d{6})".*?<span class="sig">([^<]*)', month, re.DOTALL):
        assert words == wanted[code]
    overview = (report / "index.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="map-data">(.*?)</script>', overview, re.DOTALL)[1])
    theme = next(one for one in data["themes"] if one["key"] == "signal")
    seen = {own[0]: theme["looks"][int(look)]["words"]
            for own, look in zip(data["townships"], theme["months"][-1], strict=True)}  # fmt: skip
    differ = {code for code, words in seen.items() if words not in (wanted[code], "hosts displaced people")}
    assert {(seen[code], wanted[code]) for code in differ} <= {("unknown", "unknown")}
