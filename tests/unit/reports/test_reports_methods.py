"""The methods page: everything that was declared can be reached from it, and it reads in order."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare import methods as declared
from pipeline.declare.choice import Choice
from pipeline.declare.choices import Alternative, alternatives, inside, named_choices, named_rules, of_methods
from pipeline.declare.columns import COLUMNS
from pipeline.declare.methods import METHODS
from pipeline.declare.tables import FORMULAS, Formula, Layer, layer
from pipeline.sources import SOURCES
from reports.site import methods
from reports.site.methods import anchor, computed_columns, method_context

# Numbers that no formula makes: taken over from a record or a reference, or rows that were counted.
TAKEN_OVER = {
    "area_km2", "population_persons",  # reference list and census projection
    "published_value",  # the publisher's
    "rows_count", "rows_used_count", "rows_set_aside_count", "rows_contradicted_count",  # counted deliveries
    "townships_count",  # counted, by what stands beside
}  # fmt: skip


@pytest.fixture(scope="module")
def page(built: Path) -> str:
    return (built / "report/methods.html").read_text(encoding="utf-8")


def ids(text: str) -> set[str]:
    return set(re.findall(r' id="([^"]+)"', text))


def words(text: str) -> str:
    """The text as a reader sees it."""
    plain = re.sub(r"<[^>]+>", " ", text)
    for entity, sign in (("&#39;", "'"), ("&#34;", '"'), ("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&")):
        plain = plain.replace(entity, sign)
    return " ".join(plain.split())


def test_every_choice_of_every_method_is_on_the_page(page: str) -> None:
    said = words(page)
    for method in METHODS.values():
        for name, choice in inside(method.name, method):
            assert " ".join(choice.why.split()) in said, name
    for one in named_choices():
        assert " ".join(one.choice.why.split()) in said, one.name


def test_every_choice_of_the_methods_module_is_found() -> None:
    listed = {id(one.choice) for one in named_choices()} | of_methods()
    forgotten = [n for n, v in vars(declared).items() if isinstance(v, Choice) and id(v) not in listed]
    assert forgotten == []
    assert {"MATCH_DAYS", "EDITIONS_SHOWN"} <= {one.name for one in named_choices()}


def test_choices_are_found_wherever_they_lie_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = Choice(7, "Seven, because a week has so many days.")
    monkeypatch.setattr(declared, "PLANTED", {"family": (chosen,)}, raising=False)
    monkeypatch.setattr(declared, "PLANTED_AGAIN", chosen, raising=False)
    monkeypatch.setattr(declared, "PLANTED_RULE", "A rule in words.", raising=False)
    assert [one.name for one in named_choices() if one.choice is chosen] == ["PLANTED, family, 1"]
    assert "A rule in words." in [one.text for one in named_rules()]


def test_the_rule_of_the_grade_is_on_the_page(page: str) -> None:
    grade = next(one.text for one in named_rules() if one.name == "GRADE_RULE")
    assert " ".join(grade.split()) in words(page)


def test_every_formula_has_its_place_and_its_columns_lead_to_the_dictionary(page: str, built: Path) -> None:
    known = ids((built / "report/dictionary.html").read_text(encoding="utf-8"))
    anchors, said = ids(page), words(page)
    for topic, group in FORMULAS.items():
        assert anchor(topic) in anchors
        for formula in group:
            assert anchor(formula.title) in anchors, formula.title
            for text in (formula.formula, formula.why, formula.limits, formula.reference):
                assert " ".join(text.split()) in said, formula.title
    assert set(re.findall(r'href="dictionary\.html#([^"]+)"', page)) <= known


def test_titles_of_formulas_give_one_anchor_each() -> None:
    titles = [anchor(one.title) for group in FORMULAS.values() for one in group]
    assert sorted(titles) == sorted(set(titles)), "two formulas would share an anchor"
    assert not set(titles) & {anchor(topic) for topic in FORMULAS}


def test_every_computed_number_has_a_formula() -> None:
    waiting = [topic for topic, group in FORMULAS.items() if not group]
    without = {one["name"] for one in computed_columns() if not one["formulas"]} - TAKEN_OVER
    if waiting:
        pytest.xfail(f"no formulas yet for {', '.join(waiting)}; without one: {', '.join(sorted(without))}")
    assert without == set()


def test_what_is_taken_over_is_named_for_a_reason() -> None:
    numbers = {c for t in layer(Layer.PUBLISHED) for c in t.columns if COLUMNS[c].type in ("BIGINT", "DOUBLE")}
    assert numbers >= TAKEN_OVER, "an exception that is no published number any more"


def test_a_new_formula_appears_with_its_column(
    tables: dict[str, pl.DataFrame], release, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = Formula("A planted rule", ("township_index.security_score",), "Twice two.", "To see it.")
    monkeypatch.setitem(FORMULAS, "Planted topic", (planted,))
    shown = method_context(tables, release)
    assert [one["title"] for one in shown["topics"]][-1] == "Planted topic"
    score = next(one for one in shown["computed"] if one["name"] == "security_score")
    assert ("a-planted-rule", "A planted rule") in score["formulas"]


def test_alternatives_are_shown_where_scenarios_are_declared(
    tables: dict[str, pl.DataFrame], release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        methods, "alternatives", lambda: [Alternative("security", "severe_cut", "0.5", "Half of them.")]
    )
    assert method_context(tables, release)["alternatives"] == [
        {"index": "Security Index", "choice": "severe cut", "name": "0.5", "why": "Half of them."}
    ]
    assert all(one.why for one in alternatives())


def test_links_within_the_page_arrive(page: str) -> None:
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids(page)


@pytest.mark.parametrize("name", ["index", "methods", "townships/MMR001001"])
def test_headings_are_in_order_and_tables_have_captions(name: str, built: Path) -> None:
    text = (built / f"report/{name}.html").read_text(encoding="utf-8")
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert text.count("<table") == text.count("<caption>")
    if not name.startswith("townships/"):  # there are 660 of these, and their tables have one row or column of heads
        assert all("scope=" in tag for tag in re.findall(r"<th[ >][^>]*", text))
    found = re.findall(r' id="([^"]+)"', text)
    assert sorted(found) == sorted(set(found)), "an id stands twice"


def test_every_source_says_what_its_silence_means(page: str) -> None:
    for source in SOURCES:
        assert " ".join(source.absence_why.split()) in words(page)


def test_peers_end_with_this_release(page: str) -> None:
    table = page[page.index('<section id="peers">') :]
    rows = re.findall(r'<tr><th scope="row">([^<]+)', table[: table.index("</section>")])
    assert len(rows) == len(methods.peers()) + 1
    assert rows[-1] == "This release"


def test_ours_states_the_cuts_of_the_leading_source() -> None:
    row = methods.ours(METHODS["isp-2023"], "ucdp_ged", 2023)
    assert "security high from 4 clashes, displacement high from 10,000 people" in row["rule"]
    assert "security high from 10 clashes" in methods.ours(METHODS["isp-2023"], None, 2023)["rule"]


def test_a_broken_table_of_peers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "peer_definitions.csv").write_text("peer,year\nA,2020\n", encoding="utf-8")
    monkeypatch.setattr(methods, "REFERENCE", tmp_path)
    with pytest.raises(ValueError, match="must hold peer, year, unit_of_analysis"):
        methods.peers()


def test_a_release_of_another_method_has_no_row_of_ours(tables: dict[str, pl.DataFrame], release) -> None:
    renamed = {
        name: frame.with_columns(method=pl.col("method").replace("isp-2023", "own")) if "method" in frame.columns
        else frame for name, frame in tables.items()
    }  # fmt: skip
    shown = method_context(renamed, replace(release, method="own"))
    assert len(shown["peers"]) == len(methods.peers())
