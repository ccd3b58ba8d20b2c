"""The neutral brief as files: brief.html (one file), brief.pdf, brief_my.pdf and data.csv, all from one document.

Not here: what the brief says (neutral_frame.py and the sections it gathers), where the files go (assets/briefs.py).
"""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.briefs.material import Material
from pipeline.frames import inert
from reports.bilingual import Both
from reports.fonts import font_css
from reports.neutral_blocks import Cell, Cells, Figure, Grid, Part, Picture, Place
from reports.neutral_frame import Document, document
from reports.neutral_words import words
from reports.pages import TEMPLATES, drawn, environment
from reports.typesetting import typeset
from reports.wording import visible

LANGUAGES = ("en", "my", "both")
_PDFS = {"en": "brief.pdf", "my": "brief_my.pdf"}


def write_neutral_brief(material: Material, folder: Path, language: str, cache: Path | None = None) -> list[Path]:
    """Write the files of a brief into `folder` and return their paths; `language` is "en", "my" or "both"."""
    if language not in LANGUAGES:
        raise ValueError(f"a brief is written in {', '.join(LANGUAGES)}, not in {language!r}")
    made, files = document(material), [folder / "brief.html"]
    files[0].write_text(page(made, language, font_css(cache)), encoding="utf-8", newline="\n")
    for spoken, name in _PDFS.items():
        if language in (spoken, "both"):
            files.append(folder / name)
            files[-1].write_bytes(typeset("neutral.typ", as_data(made, spoken), made.day))
    files.append(folder / "data.csv")
    files[-1].write_text(as_csv(material, made.parts), encoding="utf-8", newline="")
    return files


def page(made: Document, language: str, font: str) -> str:
    """The page as one text with its style, script and font in it; nothing is loaded, nothing leads elsewhere."""
    script = (TEMPLATES / "language.js").read_text(encoding="utf-8") if language == "both" else ""
    style = font + (TEMPLATES / "neutral.css").read_text(encoding="utf-8")
    env = environment()
    env.globals["say"] = words
    env.filters["w"] = lambda both: _in_page(both, language)
    env.filters["drawn"] = drawn
    env.tests["place"] = lambda value: isinstance(value, Place)
    env.tests["cells"] = lambda value: isinstance(value, Cells)
    return env.get_template("neutral.html.j2").render(
        made=made, language=language, style=drawn(style), script=drawn(script), policy=_policy(style, script)
    )


def _in_page(both: Both, language: str) -> Any:
    """Both languages as spans of which the page shows one; the same text in both needs none."""
    if language != "both":
        return both.spoken(language)
    return both.en if both.en == both.my else both


def _policy(style: str, script: str) -> str:
    """Stricter than the site's: a file that is passed on has no other file to take its style from."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    scripts = f" script-src {digest(script)};" if script else ""
    return (
        f"default-src 'none'; style-src {digest(style)};{scripts} font-src data:; base-uri 'none'; form-action 'none'"
    )


def as_data(made: Document, language: str) -> dict[str, Any]:
    """The document for neutral.typ in one language: texts and drawings, nothing that is read as markup."""

    def spoken(both: Both) -> str:
        return visible(both.spoken(language))

    def cell(value: Cell | Cells | Place) -> dict[str, Any]:
        if isinstance(value, Place):
            return {"kind": "place", **_place(value)}
        if isinstance(value, Cells):
            return {"kind": "lines", "lines": [spoken(line.words) for line in value.lines]}
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


def as_csv(material: Material, parts: Sequence[Part]) -> str:
    """Every number of the brief, one a row, in the order of the sections; text that a spreadsheet would run is inert.

    `state` says why a value is blank: not_reported, not_known, not_covered, fewer_than_10.
    """
    names = dict(material.places.select("adm3_pcode", "adm3_name").iter_rows())
    found: list[Figure] = [figure for part in parts for figure in part.figures]
    facts = material.facts
    frame = pl.DataFrame(
        {
            "section": [one.section for one in found],
            "adm3_pcode": [one.adm3_pcode or None for one in found],
            "adm3_name": [names.get(one.adm3_pcode) for one in found],
            "item": [one.item for one in found],
            "period_start": [one.period_start for one in found],
            "period_end": [one.period_end for one in found],
            "value": ["" if one.value is None else f"{one.value:.10g}" for one in found],
            "unit": [one.unit for one in found],
            "state": [one.state for one in found],
        },
        schema_overrides={"period_start": pl.Date, "period_end": pl.Date},
    ).with_columns(release_id=pl.lit(facts.release_id), synthetic=pl.lit(facts.synthetic))
    return inert(frame).write_csv(line_terminator="\n")
