"""The glossary and the guide: few terms, each meaning said once, cuts of the method in force."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.declare.codes import HumanitarianClass, IndexName, NoClass, SecurityClass, ServicesClass, Signal
from pipeline.declare.columns import COLUMNS
from pipeline.declare.indices import BY_CUT, BY_INDEX
from pipeline.declare.methods import METHODS
from reports.draw.symbology import CLASHES_NOW, SECURITY, SIGNALS
from reports.text import glossary
from reports.text.glossary import MOST, class_rules, legend_words, terms
from reports.text.shown import shown_meaning
from reports.text.signals import meaning_both

SINCE_2021, LAST_YEAR = METHODS["isp-2023"], METHODS["rolling-12m"]


def test_there_are_at_most_25_terms_each_with_a_place_and_columns_that_exist() -> None:
    found = terms(SINCE_2021, "ucdp_ged")
    assert len(found) <= MOST
    assert len({term.key for term in found}) == len(found)
    assert len({term.meaning.en for term in found}) == len(found), "no meaning stands twice"
    assert {column for term in found for column in term.columns} <= set(COLUMNS)
    assert all(re.fullmatch(r"[a-z0-9-]+", term.key) for term in found)


def test_classes_come_with_the_cuts_of_the_method_and_source() -> None:
    rules = class_rules(SINCE_2021, "ucdp_ged")
    assert rules[IndexName.SECURITY, SecurityClass.HIGH].en == "4 or more clashes since February 2021"
    assert rules[IndexName.SECURITY, SecurityClass.LOW].en == "1 to 3 clashes since February 2021"
    assert rules[IndexName.HUMANITARIAN, HumanitarianClass.HIGH].en == "10,000 displaced people or more, in conflict"
    assert rules[IndexName.SERVICES, ServicesClass.SEVERE].en == "60 % or more of five services lost, in conflict"
    own = class_rules(SINCE_2021, None)[IndexName.SECURITY, SecurityClass.HIGH]
    assert own.en == "10 or more clashes since February 2021", "another source has other cuts"
    year = class_rules(LAST_YEAR, "ucdp_ged")[IndexName.SECURITY, SecurityClass.HIGH]
    assert year.en.endswith(" clashes in the last 12 months")
    assert class_rules(None, "ucdp_ged") == {}


def test_an_index_by_one_cut_says_what_its_figure_must_be(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = replace(BY_INDEX[IndexName.SERVICES], cut="idps_high", title="Invented")
    monkeypatch.setattr(glossary, "BY_CUT", (spec,))
    rules = class_rules(SINCE_2021, "ucdp_ged")
    assert rules[IndexName.SERVICES, ServicesClass.SEVERE].en == "a figure of 10,000 or more, in conflict"
    assert rules[IndexName.SERVICES, ServicesClass.LOWER].en == "a figure below 10,000, in conflict"


@pytest.mark.parametrize(("cut", "low"), [(1, None), (2, "1 clash since February 2021")])
def test_with_a_cut_of_one_clash_no_township_is_low(cut: int, low: str | None) -> None:
    own = SINCE_2021.security["default"]
    changed = replace(own, security_high=replace(own.security_high, value=cut))
    rules = class_rules(replace(SINCE_2021, security={"default": changed}), None)
    found = rules.get((IndexName.SECURITY, SecurityClass.LOW))
    assert (found.en if found else None) == low
    assert len(terms(replace(SINCE_2021, security={"default": changed}), None)) <= MOST


def test_meanings_are_those_of_signals_and_of_places_without_a_class() -> None:
    found = {term.key: term.meaning.en for term in terms(SINCE_2021, None)}
    for signal in set(Signal) - {Signal.UNKNOWN}:
        assert found[str(signal)].rstrip(".").lower() == meaning_both(signal).en.lower()
    for code in NoClass:
        meaning = shown_meaning(code)
        assert meaning is not None and found[code.replace("_", "-")] == meaning.en


@pytest.mark.parametrize(
    ("theme", "look", "words"),
    [
        (SECURITY, "high", "high: 4 or more clashes since February 2021"),
        (SECURITY, "silent", "silent: nobody reports"),
        (SIGNALS, "lull", "lull: none in three months after a year with twelve or more"),
        (CLASHES_NOW, "quarter_4", "4 to 9 clashes"),
    ],
)
def test_a_legend_says_the_rule_where_there_is_one(theme, look: str, words: str) -> None:
    assert legend_words(theme, look, class_rules(SINCE_2021, "ucdp_ged")).en == words


def test_both_pages_and_summaries_are_written(built: Path) -> None:
    report = built / "report"
    glossary = (report / "glossary.html").read_text(encoding="utf-8")
    assert glossary.count("<dfn>") == len(terms(SINCE_2021, None))
    for name in ("methods", "quality", "dictionary"):
        page = (report / f"{name}.html").read_text(encoding="utf-8")
        summary = re.sub(
            r"<[^>]+>", " ", page[page.index('id="summary"') :].partition("</section>")[0].partition(">")[2]
        )
        # An index that is made by one cut has a clause more.
        assert 30 < len(summary.split()) <= 200 + 12 * len(BY_CUT), name
        burmese = (report / "my" / f"{name}.html").read_text(encoding="utf-8")
        assert '<p class="note">' in burmese and '<p class="note">' not in page, "what stays English is said there"
    for path in ("guide.html", "glossary.html"):
        assert "မြန်မာစာဖတ်သူတစ်ဦးက မစစ်ဆေးရသေးပါ" in (report / "my" / path).read_text(encoding="utf-8")
