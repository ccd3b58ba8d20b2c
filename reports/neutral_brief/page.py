"""The neutral brief as files: brief.html, brief.pdf, the same as brief_my in Burmese, and data.csv: one document.

What stands around the figures of a brief: title, townships and map, dialogue table, codes, sources.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.neutral_brief.request import Material
from reports.draw.typeset import TEMPLATES, typeset
from reports.neutral_brief.data import Number, Part, as_csv
from reports.neutral_brief.events import by_month, events
from reports.neutral_brief.map import draw_places
from reports.neutral_brief.recent import recent
from reports.neutral_brief.state import CLASHLESS, clash_code, clash_meaning, control, displaced, known, rows, services
from reports.neutral_brief.words import count, of_dialogue, region, words
from reports.site.blocks import Board, Cell, Column, Grid, Lines, Picture, Place, Words
from reports.site.render import drawn, environment
from reports.text.catalogue import LANGUAGES, Both
from reports.text.fonts import font_css
from reports.text.values import NO_DATA, Value
from reports.text.wording import visible

if TYPE_CHECKING:
    from jinja2 import Environment

_CODES = {"clash": ("c2", "c1", *CLASHLESS.values()), "services": ("p2", "p1", "p0", "px")}
_MOST_FILES = 6  # checksums of one source in its row; a monthly series has many more


@dataclass(frozen=True)
class Document:
    """A whole brief. `marks` run across every picture and every page."""

    title: Both
    kicker: Both
    period: Both
    places: tuple[Place, ...]
    banners: tuple[Both, ...]
    about: tuple[Both, ...]
    marks: tuple[Both, ...]
    parts: tuple[Part, ...]
    disclaimer: Both
    day: date


def document(material: Material) -> Document:
    facts, asked = material.facts, material.asked
    stated = ((facts.synthetic, "synthetic"), (facts.schematic, "schematic"))
    marks = tuple(words(f"mark_{name}") for holds, name in stated if holds)
    places = _named(material, asked.codes)
    chart_mark = tuple(mark for mark in marks if mark == words("mark_synthetic"))
    return Document(
        title=words("title", number=len(places)) if len(places) > 1 else words("title_one"),
        kicker=words("kicker", release=facts.release_id),
        period=words("period", date_start=asked.start, date_end=asked.end),
        places=places,
        banners=tuple(words(name) for holds, name in stated if holds),
        about=(words("about"), words("about_unknown"), words("about_past"), *_how_chosen(material, places)),
        marks=marks,
        parts=(
            _map(material, places, marks), events(material, places, chart_mark), displaced(material, places),
            services(material, places), control(material, places), _dialogue(material), known(material, places),
            by_month(material, places), _terms(material), _sources(material),
        ),
        disclaimer=words("disclaimer"),
        day=facts.period_end,
    )  # fmt: skip


def _named(material: Material, codes: Sequence[str]) -> tuple[Place, ...]:
    named = {row["adm3_pcode"]: row for row in material.places.drop("geometry").to_dicts()}
    return tuple(Place(named[code]["adm3_name"], named[code]["adm3_name_my"], code) for code in codes)


def _how_chosen(material: Material, places: Sequence[Place]) -> tuple[Both, ...]:
    length = material.asked.chain_km
    if length is None:
        return (words("by_list"),)
    first, last = (Both(place.name, place.name_my) for place in (places[0], places[-1]))
    return (
        words("by_chain", township_first=first, township_last=last, number=round(length)),
        words("by_chain_note"),
    )


def _map(material: Material, places: Sequence[Place], marks: tuple[Both, ...]) -> Part:
    found, cuts, day = rows(material), material.cuts, material.state_day
    regions = dict(material.places.select("adm3_pcode", "state_region").iter_rows())
    table, figures = [], []
    for number, place in enumerate(places, 1):
        row = found.get(place.pcode)
        value = row["clashes_count"] if row else None
        code = clash_code(row)
        table.append((Value(words("value", number=number)), place, Value(region(regions[place.pcode])), count(value),
                      Value(words(f"code_{code}"), "code")))  # fmt: skip
        figures.append(Number("townships", place.pcode, "clashes_count", cuts.window_start, day, value, "clashes",
                              "" if value is not None else "not_known"))  # fmt: skip
    since = (
        words("c_clashes_window", date=cuts.window_start)
        if cuts.window_start
        else words("c_clashes_months", number=cuts.window_months or 12)
    )
    grid = Grid(
        words("cap_places", date=day),
        (
            Column(words("c_number"), True, 0.4), Column(words("c_township"), wide=2),
            Column(words("c_region"), wide=1.2),
            Column(since, True, 1.2), Column(words("c_clash_code"), wide=0.9),
        ),
        tuple(table),
    )  # fmt: skip
    panel, keys, wide = draw_places(material, {code: clash_code(row) for code, row in found.items()}, marks)
    picture = Picture(
        key="map",
        panels=(panel,),
        keys=keys,
        wide=wide,
        alt=words("alt_map", number_all=len(places)),
        caption=words("cap_map", number=len(material.neighbours), date=day),
        notes=(words("disclaimer"),),
        listed_as=words("neighbours_listed"),
        listed=_named(material, material.neighbours),
    )
    counts, counted = recent(material, places)
    sentences = (words("state_day", date=day), words("names_note"), words("recent_rule"))
    board = Board(sentences, (grid, counts), key="townships", heading=words("h_map"), pictures=(picture,))
    return Part(board, (*figures, *counted))


def _dialogue(material: Material) -> Part:
    """The one table that names parties, shortened from its source, which tells the year's end and no day."""
    heading = words("h_dialogue")
    if material.dialogue.is_empty():
        return Part(Board((words("dialogue_none"),), key="dialogue", heading=heading))
    day = material.dialogue["reference_date"].max()
    if not isinstance(day, date):
        raise TypeError("published.actor_dialogue bears no date")
    columns = ("counterpart", "actor", "bloc", "conflict_status", "dialogue_status")
    table = tuple(
        tuple(Value(of_dialogue(row[name]), "" if row[name] else NO_DATA) for name in columns)
        for row in material.dialogue.to_dicts()
    )
    widths = (0.8, 0.9, 0.7, 2, 2)
    head = tuple(Column(words(f"c_{name}"), wide=wide) for name, wide in zip(columns, widths, strict=True))
    grid = Grid(words("cap_dialogue", year=day.year), head, table)
    return Part(Board((words("dialogue_rule", year=day.year),), (grid,), key="dialogue", heading=heading))


def _terms(material: Material) -> Part:
    cuts = material.cuts
    codes = [(code, clash_meaning(code, cuts)) for code in _CODES["clash"]]
    codes += [
        (code, words(f"services_{code}", share=cuts.services_share) if code in ("p1", "p2") else
         words(f"services_{code}")) for code in _CODES["services"]
    ]  # fmt: skip
    grid = Grid(
        words("cap_terms"),
        (Column(words("c_code"), wide=0.5), Column(words("c_meaning"), wide=4)),
        tuple((Value(words(f"code_{code}"), "code"), Value(meaning)) for code, meaning in codes),
    )
    index = material.state["period_start"].min()
    window = [words("term_window", date_start=index, date_end=material.state_day)] if isinstance(index, date) else []
    sentences = (
        words("terms_rule"), words("term_clash"), words("term_civilians"), words("term_other"), *window,
        words("term_cut", number=cuts.clashes),
    )  # fmt: skip
    return Part(Board(sentences, (grid,), key="terms", heading=words("h_terms")))


def _sources(material: Material) -> Part:
    """Every source with licence, citation, days and checksums; on a page of its own, to be handed on with the rest."""
    grouped = material.sources.with_columns(pl.col("citation").fill_null("")).group_by(
        "source", "licence", "citation", maintain_order=True
    ).agg(
        pl.col("received_at").max(), pl.col("first_date").min(), pl.col("last_date").max(),
        pl.col("sha256").drop_nulls()
    )  # fmt: skip
    table = []
    for row in grouped.to_dicts():
        first = [Value(words("value_source", source=row["source"]))]
        if row["citation"]:
            first.append(Value(words("value_citation", citation=row["citation"])))
        table.append((first, row))
    grid = Grid(
        words("cap_sources"),
        (
            Column(words("c_source"), wide=3), Column(words("c_licence"), wide=1), Column(words("c_received"), wide=1),
            Column(words("c_records"), wide=1.3), Column(words("c_checksum"), wide=1.5),
        ),
        tuple(
            (Lines(tuple(first)), Value(words("value_licence", licence=row["licence"])),
             Value(words("value_date", date=row["received_at"]) if row["received_at"] else words("reference_list")),
             _dates(row), Lines(_checksums(row["sha256"])))
            for first, row in table
        ),
    )  # fmt: skip
    facts = material.facts
    sentences = (
        words("release_facts", release=facts.release_id, date=facts.period_end, release_method=facts.method,
              release_code=facts.code_version),
        words("release_as_of", date=facts.as_of) if facts.as_of else words("release_all"),
        words("csv_note"),
    )  # fmt: skip
    return Part(Board(sentences, (grid,), key="sources", heading=words("h_sources"), alone=True))


def _dates(row: dict[str, Any]) -> Value:
    first, last = row["first_date"], row["last_date"]
    if first is None or last is None:
        return Value(words("undated"), NO_DATA)
    if first == last:
        return Value(words("value_date", date=first))
    return Value(words("value_dates", date_start=first, date_end=last))


def _checksums(sums: Sequence[str]) -> tuple[Value, ...]:
    own = [one for one in sums if one]
    if not own:
        return (Value(words("reference_list")),)
    if len(own) > _MOST_FILES:
        return (Value(words("files_more", number=len(own))),)
    return tuple(Value(words("value_checksum", checksum=one)) for one in own)


BOTH = "both"
ASKED = (*LANGUAGES, BOTH)  # what a brief can be asked for in
_NAMES = {"en": "brief", "my": "brief_my"}


def write_neutral_brief(material: Material, folder: Path, language: str, cache: Path | None = None) -> list[Path]:
    """Write the files of a brief into `folder` and return their paths; `language` is "en", "my" or "both"."""
    if language not in ASKED:
        raise ValueError(f"a brief is written in {', '.join(ASKED)}, not in {language!r}")
    made, files = document(material), []
    for spoken in LANGUAGES if language == BOTH else (language,):
        files += [folder / f"{_NAMES[spoken]}.html", folder / f"{_NAMES[spoken]}.pdf"]
        text = page(made, spoken, font_css(cache), alone=language != BOTH)
        files[-2].write_text(text, encoding="utf-8", newline="\n")
        files[-1].write_bytes(typeset("neutral.typ", as_data(made, spoken), made.day))
    files.append(folder / "data.csv")
    files[-1].write_text(as_csv(material, made.parts), encoding="utf-8", newline="")
    return files


def page(made: Document, language: str, font: str, *, alone: bool = True) -> str:
    """The page as one text with its style and font in it; nothing is loaded.

    Where it is not `alone` it leads to the page in the other language beside it, and nowhere else.
    """
    style = font + (TEMPLATES / "neutral.css").read_text(encoding="utf-8")
    return _environment(language).get_template("neutral.html.j2").render(
        made=made, language=language, style=drawn(style), policy=_policy(style),
        pages=[] if alone else [(one, f"{name}.html") for one, name in _NAMES.items()],
    )  # fmt: skip


@cache
def _environment(language: str) -> Environment:
    """One for all briefs in a language: their template is compiled once."""
    env = environment()
    env.globals["say"] = words
    env.filters["w"] = lambda both: both.spoken(language)
    env.filters["drawn"] = drawn
    env.tests["place"] = lambda value: isinstance(value, Place)
    env.tests["lines"] = lambda value: isinstance(value, Lines)
    return env


def _policy(style: str) -> str:
    """Stricter than the site's: a file that is passed on has no other file to take its style from, and no script."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; font-src data:; base-uri 'none'; form-action 'none'"


def as_data(made: Document, language: str) -> dict[str, Any]:
    """The document for neutral.typ in one language: texts and drawings, nothing that is read as markup."""

    def spoken(both: Words | None) -> str:
        if not isinstance(both, Both):
            raise TypeError(f"{both!r} is no phrase of the vocabulary")
        return visible(both.spoken(language))

    def cell(value: Cell) -> dict[str, Any]:
        if isinstance(value, Place):
            return {"kind": "place", **_place(value)}
        if isinstance(value, Lines):
            return {"kind": "lines", "lines": [spoken(line.words) for line in value.lines]}
        if not isinstance(value, Value):
            raise TypeError(f"a cell of the neutral brief cannot be {value!r}")
        return {"kind": "cell", "text": spoken(value.words), "look": value.look}

    def grid(one: Grid) -> dict[str, Any]:
        return {
            "caption": spoken(one.caption),
            "columns": [{"text": spoken(c.words), "wide": c.wide, "number": c.is_number} for c in one.columns],
            "rows": [[cell(value) for value in row] for row in one.rows],
        }

    def picture(one: Picture) -> dict[str, Any]:
        return {
            "panels": [{"svg": p.svg, "title": spoken(p.title) if p.title else ""} for p in one.panels],
            "keys": [{"svg": k.svg, "text": spoken(k.words)} for k in one.keys],
            "alt": spoken(one.alt), "caption": spoken(one.caption),
            "notes": [spoken(note) for note in one.notes], "wide": one.wide,
            "listed_as": spoken(one.listed_as) if one.listed_as else "", "listed": [_place(p) for p in one.listed],
        }  # fmt: skip

    return {
        "language": language, "title": spoken(made.title), "kicker": spoken(made.kicker),
        "period": spoken(made.period), "places": [_place(place) for place in made.places],
        "banners": [spoken(one) for one in made.banners], "about": [spoken(one) for one in made.about],
        "marks": [spoken(one) for one in made.marks],
        "sections": [
            {
                "heading": spoken(part.section.heading), "alone": part.section.alone,
                "sentences": [spoken(one) for one in part.section.sentences],
                "pictures": [picture(one) for one in part.section.pictures],
                "grids": [grid(one) for one in part.section.grids],
            }
            for part in made.parts
        ],
    }  # fmt: skip


def _place(place: Place) -> dict[str, str]:
    return {"name": visible(place.name), "name_my": visible(place.name_my), "pcode": place.pcode}
