"""The neutral brief: its words against the vocabulary and the deny list, its numbers, its files."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import neutral_phrases
import polars as pl
import pypdfium2
import pytest

from pipeline.declare.codes import Absence, EventClass
from pipeline.declare.sources import BOUNDARY_DISCLAIMER
from pipeline.neutral_brief.counts import event_counts
from pipeline.neutral_brief.request import Asked, Cuts, Facts, Material, spans
from reports.neutral_brief.events import Bar, bars
from reports.neutral_brief.page import as_data, document, write_neutral_brief
from reports.neutral_brief.state import displaced
from reports.neutral_brief.words import vocabulary, words
from reports.site.blocks import Grid, Picture
from reports.text.catalogue import Both
from reports.text.values import Value

CODES = ("MMR002001", "MMR002002", "MMR002003")
START, END = date(2023, 8, 29), date(2023, 11, 26)
HOSTILE = '<script>alert(1)</script>"><img src=x> #evil[x] \u202egpj'
FACTS = Facts("2023-11-26-0123abcd", False, False, "isp-2023", END, date(2023, 12, 5), "0.1.0+src.01234567")
STATE = {
    "period_start": [date(2021, 2, 1)] * 4,
    "adm3_pcode": [*CODES, "MMR014010"],
    "clashes_count": [49, 3, None, 0],
    "clashes_month_count": [2, 0, None, 0],
    "clashes_3m_count": [5, 1, None, 0],
    "clashes_12m_count": [20, 3, None, 0],
    "clashes_possible_count": [2, 0, None, 16],
    "fatalities_persons": [60, 2, None, 0],
    "fatalities_low_persons": [51, 2, None, 0],
    "fatalities_high_persons": [1121, 24, None, 0],
    "security_shown": ["high", "low", "no_data", "insufficient_evidence"],
    "idps_persons": [1230, None, None, 0],
    "idps_suppressed": [False, True, False, False],
    "idps_basis": ["new", "new", None, "new"],
    "idps_reference_date": [END, END, None, END],
    "services_known_count": [5, 3, 0, 5],
    "services_lost_score": [0.6, 0.38, None, 0.0],
    "services_lost_min": [0.6, 0.2, 0.0, 0.0],
    "services_lost_max": [0.6, 0.6, 1.0, 0.0],
    "services_class": ["severe", "lower", "insufficient_data", "not_in_conflict"],
    "control_by_security": ["lost", "held", "unknown", "held"],
    "control_by_administration": ["lost", "contested", "unknown", "held"],
    "control_by_observation": ["held", "contested", "unknown", "lost"],
    "evidence_points_count": [5, 3, 0, 6],
    "evidence_grade": ["A", "C", "D", "A"],
    "data_age_days": [6, 80, None, 0],
}


@pytest.fixture(scope="module")
def material(tables: dict[str, pl.DataFrame]) -> Material:
    """Three townships with everything, something and nothing known, and one neighbour."""
    rows = spans(START, END)
    found = pl.DataFrame(
        {
            "adm3_pcode": [CODES[0]] * 5 + [CODES[1]],
            "event_class": ["clash", "clash", "clash", "violence_against_civilians", "other", "clash"],
            "event_date": [date(2023, 11, day) for day in (1, 2, 3, 4, 5)] + [date(2022, 10, 9)],
            "events_count": [1] * 6,
        }
    )
    counts = event_counts(found, CODES, rows, [(date(2022, 9, 1), END)], Absence.ZERO, tuple(EventClass))
    dialogue = pl.DataFrame(
        {
            "counterpart": ["SAC", "SAC"], "actor": ["AA", "KNPP"], "bloc": ["FPNCC", None],
            "conflict_status": ["de facto ceasefire; no fighting", "a status that is new"],
            "dialogue_status": ["regular contact; some dialogue", "no contact"],
            "reference_date": [date(2021, 12, 31)] * 2,
        }
    )  # fmt: skip
    sources = pl.DataFrame(
        {
            "source": ["Events of a programme", "Township list"], "licence": ["CC BY 4.0", "CC BY-IGO"],
            "received_at": [date(2023, 12, 5), None], "first_date": [date(2022, 9, 3), None],
            "last_date": [END, None], "delivery_id": ["0123456789abcdef", None],
            "citation": ["A programme (2023). Events.", ""], "sha256": ["ab" * 32, None],
        }
    )  # fmt: skip
    return Material(
        asked=Asked(CODES, START, END), facts=FACTS, cuts=Cuts(4, 0.6, date(2021, 2, 1), None), spans=rows,
        events=counts, clash_source="Events of a programme", silence_is_zero=True, lethal_only=True,
        recorded=tuple(EventClass),
        provisional_from=date(2023, 11, 1), places=tables["townships"].sort("adm3_pcode"), neighbours=("MMR014010",),
        state=pl.DataFrame(STATE), state_day=END, sources=sources, dialogue=dialogue,
    )  # fmt: skip


@pytest.fixture(scope="module")
def others(material: Material) -> dict[str, Material]:
    """The same of an invented release along a chain, by a source of clashes alone; and of one township, by a source
    whose silence means nothing."""
    chained = replace(material.asked, chain_km=81.4)
    alone = replace(material.asked, codes=CODES[2:])
    rolling = replace(material.cuts, window_start=None, window_months=12, clashes=2)
    silent = event_counts(
        pl.DataFrame(schema={"adm3_pcode": pl.String, "event_class": pl.String, "event_date": pl.Date,
                             "events_count": pl.Int64}),
        CODES[2:], material.spans, [(date(2022, 9, 1), END)], Absence.UNKNOWN, tuple(EventClass),
    )  # fmt: skip
    return {
        "as it is": material,
        "invented": replace(material, asked=chained, facts=replace(FACTS, synthetic=True, schematic=True, as_of=None),
                            recorded=(EventClass.CLASH,)),
        "silent": replace(material, asked=alone, cuts=rolling, silence_is_zero=False, lethal_only=False,
                          provisional_from=None, events=silent, dialogue=material.dialogue.clear()),
    }  # fmt: skip


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory, font_cache: Path) -> Callable[..., Path]:
    """A brief's folder: of each material and language written once, unless it is wanted `anew`."""
    kept: list[tuple[Material, str, Path]] = []

    def made(material: Material, language: str = "both", *, anew: bool = False) -> Path:
        for known, spoken, folder in kept:
            if known is material and spoken == language and not anew:
                return folder
        folder = tmp_path_factory.mktemp("brief")
        write_neutral_brief(material, folder, language, font_cache)
        kept.append((material, language, folder))
        return folder

    return made


def allowed(material: Material) -> neutral_phrases.Allowed:
    named = material.places.select("adm3_name", "adm3_name_my").rows()
    sources = [text for column in ("source", "licence", "citation") for text in material.sources[column] if text]
    cells = [text for row in material.dialogue.drop("reference_date").rows() for text in row if text]
    return neutral_phrases.Allowed(
        townships=frozenset(name for pair in named for name in pair),
        sources=frozenset([*sources, material.clash_source]),
        releases=frozenset([material.facts.release_id, material.facts.method, material.facts.code_version]),
        dialogue=frozenset(cells or ["none"]),
    )


def leaves(value: object) -> list[str]:
    """Every text of a PDF's data; of a drawing its text nodes."""
    if isinstance(value, str):
        return neutral_phrases.texts(value) if value.startswith("<svg") else [value] if value else []
    if isinstance(value, dict):
        return [text for key, one in value.items() if key not in {"language", "kind", "look"} for text in leaves(one)]
    return [text for one in value for text in leaves(one)] if isinstance(value, list) else []


@pytest.mark.parametrize("name", ["as it is", "invented", "silent"])
def test_every_text_of_page_and_pdf_is_of_the_vocabulary(name, others, write):
    given = others[name]
    rules, folder = allowed(given), write(given)
    for file in ("brief.html", "brief_my.html"):
        page = neutral_phrases.texts((folder / file).read_text(encoding="utf-8"))
        assert len(page) > 100
        assert rules.strangers(page) == []
    for language, file in (("en", "brief.pdf"), ("my", "brief_my.pdf")):
        said = leaves(as_data(document(given), language))
        assert rules.strangers(said) == []
        with pypdfium2.PdfDocument(folder / file) as pdf:
            pages = [pdf[n].get_textpage().get_text_range() for n in range(len(pdf))]
        found = neutral_phrases.left_over(pages, said)
        # digits of a chart can lie between the letters of the watermark over it
        assert [word for word in found if given.facts.synthetic and word not in "SYNTHETICDATASCHEMATICSHAPES"] == []
        assert given.facts.synthetic or found == []


def test_a_text_of_ones_own_is_noticed(material, write):
    rules = allowed(material)
    page = (write(material) / "brief.html").read_text(encoding="utf-8")
    for planted in ("Fighting was fierce.", "12 clashes, which is many", "counted by hand", "Zootown"):
        assert rules.strangers(neutral_phrases.texts(page.replace(">counted<", f">{planted}<", 1))) == [planted]
    said = leaves(as_data(document(material), "en"))
    assert neutral_phrases.left_over(["not known Fighting was fierce 1 / 2"], said) == ["Fightingwasfierce"]


def test_no_phrase_blames_judges_or_advises(others, write):
    judged = {key: neutral_phrases.denied(text) for key, (text, _) in neutral_phrases.vocabulary().items()
              if not key.startswith("dialogue_")}  # fmt: skip
    assert {key: found for key, found in judged.items() if found} == {}
    for text in ("a severe loss", "X attacked Y", "people should leave", "the SAC", "class high"):
        assert neutral_phrases.denied(text) != []
    for given in others.values():
        page = (write(given) / "brief.html").read_text(encoding="utf-8")
        outside = re.sub(r'<section id="dialogue".*?</section>', "", page, flags=re.DOTALL)
        assert [neutral_phrases.denied(text) for text in neutral_phrases.texts(outside)
                if neutral_phrases.denied(text)] == []  # fmt: skip


def test_the_vocabulary_is_whole_and_all_of_it_is_used():
    phrases = neutral_phrases.vocabulary()
    assert set(phrases) == set(vocabulary())
    worded = {en: my for en, my in phrases.values() if re.search("[a-z]{3}", re.sub(r"\{\w+\}", "", en))}
    assert [en for en, my in worded.items() if not re.search("[\u1000-\u109f]", my)] == ["English"]
    assert words("disclaimer").en == BOUNDARY_DISCLAIMER
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(Path("reports/neutral_brief").glob("*.py")))
    code += Path("reports/templates/neutral.html.j2").read_text(encoding="utf-8")
    made = ("region_", "dialogue_", "c_", "by_", "code_", "clash_", "services_", "basis_", "mark_", "events_no_")
    assert [key for key in phrases if f'"{key}"' not in code and not key.startswith(made)] == []


def test_a_phrase_takes_only_values_of_its_kinds():
    assert words("title", number=12345).en == "Neutral brief: records on 12,345 townships"
    assert words("value_share", share=0.38) == Both("0.38", "0.38")
    with pytest.raises(KeyError):
        words("a sentence of my own")
    for key, value in (("number", "many"), ("number", True)):
        with pytest.raises(ValueError, match="no number"):
            words("title", **{key: value})
    with pytest.raises(ValueError, match="takes"):
        words("title", number=1, word="severe")
    with pytest.raises(ValueError, match="no release"):
        words("kicker", release="was attacked")
    with pytest.raises(ValueError, match="no share"):
        words("value_share", share=1.2)


def grid(material: Material, section: str, number: int = 0) -> Grid:
    return next(p.section for p in document(material).parts if p.section.key == section).grids[number]


def said(one: Grid) -> list[list[str]]:
    return [[cell.words.en for cell in row if isinstance(cell, Value)] for row in one.rows]


def test_numbers_zeros_gaps_and_small_figures_read_as_what_they_are(material):
    assert said(grid(material, "townships")) == [
        ["1", "Kayah", "49", "C2"], ["2", "Kayah", "3", "C1"], ["3", "Kayah", "not known", "CX"],
    ]  # fmt: skip
    months = said(grid(material, "events"))
    assert months[0] == ["August 2022", "before the period", "not covered", "not covered", "not covered"]
    assert months[2] == ["October 2022", "before the period", "1", "0", "0"]
    assert months[-1] == ["1 November 2023 to 26 November 2023", "period", "3", "1", "1"]
    assert said(grid(material, "events", 1))[1] == ["0", "0", "0", "not known", "not known", "not known"]
    assert said(grid(material, "displacement")) == [
        ["1,230", "newly displaced since 1 February 2021", "26 November 2023"],
        ["fewer than 10", "newly displaced since 1 February 2021", "26 November 2023"],
        ["not reported", "not reported", "not reported"],
    ]
    assert said(grid(material, "displacement", 1)) == [["newly displaced since 1 February 2021", "1,230", "1 of 3"]]
    assert said(grid(material, "services")) == [
        ["5", "0", "0.6", "0.6 to 0.6", "P2"], ["3", "2", "0.38", "0.2 to 0.6", "P1"],
        ["0", "5", "not known", "not known", "PX"],
    ]  # fmt: skip
    assert said(grid(material, "control"))[0] == [
        "at or above the cut (C2)", "police station and administration office closed",
        "recorded with the central administration",
    ]  # fmt: skip


def test_a_class_that_the_source_never_records_is_no_row_of_zeros(material):
    events = material.events.with_columns(
        events_count=pl.when(pl.col("event_class") != "other").then("events_count")
    )  # fmt: skip
    lacking = replace(material, recorded=(EventClass.CLASH, EventClass.VIOLENCE_AGAINST_CIVILIANS), events=events)
    told = next(p.section for p in document(lacking).parts if p.section.key == "events").sentences
    assert words("events_no_other") in told
    assert said(grid(lacking, "events"))[2] == ["October 2022", "before the period", "1", "0", "not known"]
    assert said(grid(lacking, "events", 1))[1][2] == "not known"


def test_townships_outside_the_brief_do_not_look_like_those_without_a_clash(material):
    keys = {key.words.en: key.svg for key in grid_picture(material).keys}
    outside, none = keys["Not in this brief"], next(svg for said_, svg in keys.items() if said_.startswith("C0"))
    grey = [int(re.search(r'fill="#(..)', svg)[1], 16) for svg in (outside, none)]
    assert grey[1] - grey[0] > 25


def grid_picture(material: Material) -> Picture:
    return next(p.section for p in document(material).parts if p.section.key == "townships").pictures[0]


def test_years_on_the_axis_are_not_written_over_each_other():
    wanted = {date(2021, 12, 15): ["2021", "2022", "2023"], date(2021, 6, 1): ["2020", "2021", "2022", "2023"]}
    for start, years in wanted.items():
        panels, _ = bars([(words("c_clash"), [Bar(span, 1) for span in spans(start, date(2023, 5, 20))])], ())
        found = [(float(x), year) for x, year in re.findall(r'<text x="([\d.]+)"[^>]*>(20\d\d)</text>', panels[0].svg)]
        assert [year for _, year in found] == years
        assert all(later - earlier > 30 for (earlier, _), (later, _) in pairwise(found))


def test_sums_are_of_the_shown_figures_and_bases_are_not_added(material):
    state = material.state.with_columns(
        idps_persons=pl.Series([1230, 40, 20, 0]), idps_suppressed=False,
        idps_basis=pl.Series(["new", "stock", "new", "new"]),
    )  # fmt: skip
    part = displaced(replace(material, state=state), document(material).places)
    assert [row[1:] for row in said(part.section.grids[1])] == [["1,250", "2 of 3"], ["40", "1 of 3"]]


def test_the_csv_holds_every_number_with_its_days(material, write):
    with (write(material) / "data.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(io.StringIO(stream.read())))
    clash = [r for r in rows if r["item"] == "clash_count" and r["adm3_pcode"] == CODES[0] and r["section"] == "months"]
    assert sum(int(row["value"] or 0) for row in clash) == 3
    assert {row["state"] for row in clash if not row["value"]} == {"not_covered"}
    assert [(r["value"], r["state"]) for r in rows if r["section"] == "displacement"] == [
        ("1230", ""), ("", "fewer_than_10"), ("", "not_reported"), ("1230", "sum_of_1_of_3"),
    ]  # fmt: skip
    assert all(row["release_id"] == FACTS.release_id for row in rows)


def test_one_file_by_language_and_the_same_bytes_again(material, others, write):
    names = sorted(path.name for path in write(material, "my").iterdir())
    assert names == ["brief_my.html", "brief_my.pdf", "data.csv"]
    page = (write(material, "my") / "brief_my.html").read_text(encoding="utf-8")
    assert '<html lang="my">' in page
    assert "<script" not in page
    first, second = write(others["invented"]), write(others["invented"], anew=True)
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
    html = (first / "brief.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="([^"]*)"', html) == ["brief.html", "brief_my.html"] * 2
    assert not re.findall(r'src="|<[^>]* (?:on\w+|style)="|@import|https?://(?!www\.w3\.org/2000/svg)', html)
    assert "style-src &#39;sha256-" in html
    assert len(html) < 600_000
    assert html.count("SYNTHETIC DATA") > 5
    with pypdfium2.PdfDocument(first / "brief.pdf") as pdf:
        text = [pdf[n].get_textpage().get_text_range() for n in range(len(pdf))]
        assert all("SYNTHETIC DATA" in one for one in text)
        assert "10. Sources" in text[-1]
        assert "9. Terms and codes" not in text[-1]
        assert (
            pdf.is_tagged() if hasattr(pdf, "is_tagged") else b"/StructTreeRoot" in (first / "brief.pdf").read_bytes()
        )


def test_hostile_names_and_sources_stay_text(material, write):
    places = material.places.with_columns(adm3_name=pl.lit(HOSTILE), adm3_name_my=pl.lit(HOSTILE))
    sources = material.sources.with_columns(source=pl.lit(HOSTILE), licence=pl.lit(HOSTILE), citation=pl.lit(HOSTILE))
    dialogue = material.dialogue.with_columns(actor=pl.lit(HOSTILE))
    folder = write(replace(material, places=places, sources=sources, dialogue=dialogue), "en")
    page = (folder / "brief.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "\u202e" not in page
    with pypdfium2.PdfDocument(folder / "brief.pdf") as pdf:
        assert "#evil[x]" in pdf[0].get_textpage().get_text_range()
