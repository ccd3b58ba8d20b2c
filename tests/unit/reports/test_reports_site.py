"""The pages: offline, inert, honest about what is missing."""

import base64
import hashlib
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from reports.site.evidence import comparison
from reports.site.map import write_maps
from reports.site.overview import national, since_words
from reports.site.pages import MENU
from reports.site.pages import PAGES as DECLARED
from reports.site.render import Pages, environment, is_web_address
from reports.text.wording import number, percent, persons, share, share_range, visible

PAGES = (
    "index",
    "month",
    "comparison",
    "townships",
    "regions",
    "regions/kachin",
    "changes",
    "uncertainty",
    "methods",
    "dictionary",
    "quality",
    "downloads",
    "townships/MMR001001",
    "townships/MMR001002",
)


class Tags(HTMLParser):
    """All start tags with their attributes, and the text outside style and script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(folder: Path, name: str) -> str:
    return (folder / f"report/{name}.html").read_text(encoding="utf-8")


def without_locator(tags: list) -> list:
    """The tags but the one picture that a township's page shows: a drawing of the release itself."""
    own = re.compile(r"(\.\./)+locators/[a-z0-9_-]+\.svg#MMR\d{6}")
    return [(tag, given) for tag, given in tags if not (tag == "img" and own.fullmatch(given.get("src") or ""))]


@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_is_inert(name: str, built_hostile: Path) -> None:
    tags = without_locator(Tags(page(built_hostile, name)).tags)
    two = name.startswith("townships") or name in {"regions", "regions/kachin"}
    assert sum(tag == "script" for tag, _ in tags) == (5 if name == "index" else 3 if two else 2)
    assert not any(tag in {"img", "iframe", "object", "embed", "b"} for tag, _ in tags)
    for tag, attributes in tags:
        if tag == "script" and "src" in attributes:  # files that many pages share
            own_scripts = {"page.js", "finder.js", *(["township.js"] if name.startswith("townships/") else [])}
            own_scripts |= {"region.js"} if name.startswith("regions/") else set()
            assert (attributes.pop("src") or "").removeprefix("../") in own_scripts
        assert not any(key.startswith("on") or key in {"style", "src", "srcdoc", "action"} for key in attributes), tag
        target = attributes.get("href") or "#"
        if tag == "link":
            shared = {"townships": "township.css", "regions": "region.css"}
            own = {"fonts.css", shared.get(name.partition("/")[0] if "/" in name else "", "fonts.css")}
            own.add("icon.svg")
            if attributes["rel"] == "alternate":  # the same page in either language
                assert target.endswith(f"{name.rsplit('/', 1)[-1]}.html")
            else:
                assert attributes["rel"] in {"stylesheet", "icon"} and target.removeprefix("../") in own
        assert ":" not in target or (tag == "a" and target.startswith(("https://", "http://"))), target
    assert "\u202e" not in page(built_hostile, name)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_loaded_from_anywhere(name: str, built: Path) -> None:
    text = page(built, name)
    for tag, attributes in without_locator(Tags(text).tags):
        assert tag not in {"img", "iframe", "base"}
        assert tag == "a" or not re.match(r"https?:", attributes.get("href") or "")
    assert not re.search(r"@import|url\((?!#)", text)


def test_a_chip_that_fills_its_cell_is_the_cell_and_one_beside_words_stays(built: Path) -> None:
    text = page(built, "townships/MMR001001")
    assert '<td class="chip chip-' in text and '<td colspan="2" class="chip chip-' in text
    assert not re.search(r'<td(?: colspan="\d+")?><span class="chip [^"]*">[^<]*</span>(?=\n|<t)', text)


@pytest.mark.parametrize("name", PAGES)
def test_policy_allows_this_style_and_script_only(name: str, built: Path) -> None:
    text = page(built, name)
    policy = next(a["content"] for t, a in Tags(text).tags if a.get("http-equiv") == "Content-Security-Policy") or ""
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        for body in re.findall(rf"<{tag}>(.*?)</{tag}>", text, flags=re.DOTALL):
            assert base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() in policy


def test_tables_are_semantic_and_the_page_is_small(built: Path) -> None:
    assert len(page(built, "index").encode()) < 1_500_000
    text = page(built, "townships")
    assert text.count("<table") == text.count("<caption")
    assert '<th scope="row">' in text
    assert text.count('<td lang="my">') == 330
    assert text.count('<tr id="MMR') == 330
    assert 'class="skip" href="#main"' in text


def test_missing_is_said(built: Path) -> None:
    text = page(built, "index")
    assert "<td></td>" not in text.replace(' class="n"', "")
    assert not re.search(r">(None|nan|null)<", text)


def since(tables, release) -> list[str]:
    return [sentence.en for sentence in since_words(tables, release)]


def test_what_the_window_holds_states_its_days_and_its_denominator(tables, release) -> None:
    summary = tables["national_summary"].with_columns(
        in_conflict_count=pl.lit(221), townships_count=pl.lit(330), in_conflict_share=pl.lit(221 / 330),
        in_conflict_estimate=pl.lit(None, pl.Float64), period_start=pl.lit(date(2021, 2, 1)),
    )  # fmt: skip
    first, *_ = since({**tables, "national_summary": summary}, release)
    assert first.startswith("221 of 330 townships (67 %) have had at least one deadly clash from 1 February 2021 to ")
    unknown = summary.with_columns(clashes_count=pl.lit(None), idps_persons=pl.lit(None))
    _, clashes, idps = since({**tables, "national_summary": unknown}, release)
    assert clashes.startswith("The number of clashes")
    assert idps == "No displacement figure was reported."


def test_national_table_has_change_and_the_other_method(tables, release, make) -> None:
    table = national(tables, release)
    assert [other["name"] for other in table["others"]] == ["rolling-12m"]
    assert table["before"].en == "April 2021"
    assert table["year"].en == "no month a year earlier"
    first_month = national(make(1), release)
    assert first_month["before"].en == "no earlier month"
    assert [change.en for change in first_month["groups"][0]["rows"][0]["changes"]] == ["no comparison"] * 2
    year = national(make(13), release)
    assert year["year"].en == "February 2021"
    assert year["groups"][0]["rows"][0]["changes"][1].en != "no comparison"


def test_comparison_says_what_cannot_be_computed(tables) -> None:
    frame = tables["comparison"].with_columns(our_value=pl.lit(None), difference=pl.lit(None))
    assert {row["ours"] for row in comparison({**tables, "comparison": frame})} == {"not computable"}


def test_control_map_only_where_control_is_known(tables, release, tmp_path: Path, write_some) -> None:
    unknown = tables["township_index"].with_columns(control_class=pl.lit("unknown"))
    write_some({**tables, "township_index": unknown}, release, tmp_path, {"index.html", "quality.html"})
    write_maps({**tables, "township_index": unknown}, release, tmp_path / "report/maps")
    assert 'value="control"' not in page(tmp_path, "index")
    assert not (tmp_path / "report/maps/control.svg").exists()
    assert (tmp_path / "report/maps/security.svg").exists()
    assert "were not handed to this page" in page(tmp_path, "quality")


def test_failed_checks_are_shown(built: Path) -> None:
    text = page(built, "quality")
    assert "1 of 2 checks passed" in text
    first, folded = text.split('<details class="long">')
    assert "1 of 2" in first
    assert first.count('class="failed"') == 2, "what did not hold comes first, alone, and its table is marked"
    assert folded.count('<th scope="row">') > first.count('<th scope="row">') > 0


def test_web_addresses_and_templates_are_strict() -> None:
    assert is_web_address("https://example.org/a")
    for bad in ("javascript:alert(1)", "data:text/html,x", "//x", 'https://x" onload=', "file:///x", None):
        assert not is_web_address(bad)
    assert environment().from_string("{{ x }}").render(x=None) == "not reported"
    assert environment().from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"


def test_words_for_numbers() -> None:
    assert (number(12238), number(None), number(0), number(1.25)) == ("12,238", "not reported", "0", "1.2")
    assert (persons(0), persons(7), persons(10), persons(None)) == ("0", "fewer than 10", "10", "not reported")
    assert (share(0.666), share(0.001), share(0.0), share(None)) == ("67 %", "under 1 %", "0 %", "not reported")
    assert (share_range(0.1, 0.3), share_range(0.1, 0.1), share_range(None, 1)) == (
        "10 to 30 %",
        "10 %",
        "not reported",
    )
    assert (share(0.9951), share(1.0), share_range(0.004, 0.3)) == ("over 99 %", "100 %", "under 1 % to 30 %")
    assert (percent(0.0004), percent(0.0), percent(0.442)) == ("under 0.1", "0.0", "44.2")
    assert visible("a\u202eb\u200bc") == "abc"


def test_a_page_cannot_leave_its_folder(release, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a page"):
        Pages(release, tmp_path).write("quality.html.j2", "../x.html", checks=[], deliveries=[])


def test_what_is_written_and_the_menu_follow_from_the_declared_pages(built: Path) -> None:
    alone = {page.address for page in DECLARED if "{" not in page.address}
    assert {path.name for path in (built / "report").glob("*.html")} == alone
    assert {page.address.partition("/")[0] for page in DECLARED} - alone == {"regions", "townships"}
    nav = re.search(r"<nav [^>]*>(.*?)</nav>", page(built, "methods"), re.DOTALL)
    assert nav and tuple(re.findall(r'href="([^"]+)"', nav[1])) == tuple(address for address, _ in MENU)
    assert {address for address, _ in MENU} == {*alone, "brief.pdf"}


def test_a_page_is_a_module_and_a_template_of_one_name() -> None:
    for one in DECLARED:
        module = one.contexts.__module__.removeprefix("reports.site.")
        assert (one.template, one.contexts.__name__) == (f"{module}.html.j2", "page"), one.address


def test_a_township_has_a_page_with_both_methods(built: Path) -> None:
    text = page(built, "townships/MMR001001")
    assert "<th>isp-2023" in text and "<th>rolling-12m" in text
    assert 'href="../townships.html#MMR001001"' in text


def test_templates_in_text_are_not_run(built_hostile: Path) -> None:
    assert "{{ 7 * 7 }}" in page(built_hostile, "index")
