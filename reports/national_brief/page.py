"""report/brief.pdf and brief_my.pdf: the national brief on two A4 pages, in English and in Burmese.

Gathers what the two pages show (now.py, changes.py) with its limits and sources, and
says it in one language at a time.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.sources import BOUNDARY_DISCLAIMER
from reports.draw.maps import draw_wordless
from reports.draw.shapes import make_shapes
from reports.draw.typeset import typeset
from reports.months import is_part
from reports.national_brief.changes import change_rows, charts, moves, signals
from reports.national_brief.drawings import MAPS, map_words
from reports.national_brief.now import (
    classes_of,
    control_rows,
    displacement_words,
    headline_rows,
    lead,
    legend,
    map_alt,
    standing_rows,
)
from reports.release import Release, imprint, latest, published
from reports.site.month import standing
from reports.text.catalogue import Both, day_both, in_words, month_both, say

PAGES = 2
_SOURCES = 9
_LONGEST = 170  # characters of a source's line or of a note
_LOST = (
    "Heavy fighting (class high) is ISP's measure of control lost, not who controls a place; by administration: police "
    "and GAD offices both closed; by observation: control recorded. Shares in per cent."
)
_LIMITS = (
    "Figures are floors: what no source reports is not in them.",
    "Not reported and insufficient data never mean zero, and a quiet township on the map is not a safe one.",
    "No fighting is not the same as control: areas under ceasefire, or held by others without fighting, show no "
    "clashes.",
    "The intervals say what another record of the same kind would give: other cuts, wrong places and missing reports "
    "are not in them, nor the months to come.",
    "The three bases of control answer different questions and are never added; classes exist only inside conflict.",
    "Nothing here says why something happened or what holds inside a township; no offensive can be foreseen.",
)


def write_brief(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write report/brief.pdf and report/brief_my.pdf."""
    target = folder / "report"
    target.mkdir(parents=True, exist_ok=True)
    data = brief_data(tables, release)
    for language, name in (("en", "brief.pdf"), ("my", "brief_my.pdf")):
        words = in_words({**data, "language": language}, language)
        (target / name).write_bytes(typeset("brief.typ", words, release.period_end))


def brief_data(tables: Mapping[str, pl.DataFrame], release: Release) -> dict[str, Any]:
    """Everything the two pages show, in both languages."""
    row = latest(tables, "national_summary", release.method).row(0, named=True)
    warned = imprint(release)
    watermark = warned.mark
    header, control = control_rows(tables, release)
    listed, found = standing(tables, release)
    change_header, changes = change_rows(tables, release)
    return {
        "title": say("Township conflict index for Myanmar"),
        "kind": say("National brief, {month}", month=month_both(row["month"])),
        "when": when(row, release),
        "banners": list(warned.marks),
        "watermark": watermark,
        "lead": lead(tables, release, len(listed), found),
        "standing": standing_rows(listed),
        "standing_header": [say(words) for words in ("Township", "Signal of the month", "People", "Displaced people")],
        "headings": {
            "standing": say("Townships that stand out"),
            "now": say("The figures"),
            "control": say("Control, and townships with heavy fighting"),
            "changes": say("What changed"),
            "moves": say("Townships in another class than the month before"),
            "limits": say("What the figures do not say"), "signals": say("Signals of the month"),
            "sources": say("Sources, licences and citation"),
        },
        "maps": _maps(tables, release, watermark),
        "headline": headline_rows(tables, release),
        "headline_header": [say("Figure of the country"), say("Number"), say("How sure, or of how many")],
        "displacement": displacement_words(tables, release),
        "control": {"header": header, "rows": control},
        "control_words": say(_LOST),
        "changes": {"header": change_header, "rows": changes},
        "moves": moves(tables, release),
        "moves_header": [say("Index"), say("Class before, class now"), say("Number"), say("Which")],
        "signals": signals(tables, release),
        "charts": charts(tables, release, watermark),
        "limits": [say(words) for words in _LIMITS],
        "sources": sources(release),
        "closing": closing(release),
        "foot": say("release {release}", release=release.release_id),
        "pages": [say("Page {page} of {pages}", page=page, pages=PAGES) for page in range(1, PAGES + 1)],
    }  # fmt: skip


def when(row: Mapping[str, Any], release: Release) -> list[Both]:
    """Up to which day, known when, and whether the month is over and settled."""
    until = day_both(row["period_end"])
    lines = [
        say("Data to {until}; what was received by {as_of} is in it.", until=until, as_of=day_both(release.as_of))
        if release.as_of
        else say("Data to {until}; everything received is in it.", until=until)
    ]
    if is_part(row["period_end"]):
        lines.append(say("The month is not over: its own counts are of part of it."))
    if row["provisional"]:
        lines.append(say("The month is provisional: the last weeks are under-reported."))
    return lines


def _maps(tables: Mapping[str, pl.DataFrame], release: Release, watermark: Both) -> list[dict[str, Any]]:
    """The clashes of three months, and beside it the Security Index since 2021."""
    shapes = make_shapes(published(tables, "townships"))
    found = []
    for column, theme in MAPS.items():
        classes = classes_of(tables, release, column)
        found.append({
            "title": say(theme.title), "svg": draw_wordless(shapes, classes, theme), "legend": legend(classes, column),
            "alt": map_alt(classes, column, watermark), "labels": map_words(shapes),
        })  # fmt: skip
    return found


def sources(release: Release) -> dict[str, Any]:
    """The sources in force, and for each number of lines shown the words for the rest."""
    lines = [
        _short(f"{title} ({licence}). {citation}") for title, licence, citation in release.generated_from[:_SOURCES]
    ]
    count = len(release.generated_from)
    rests = [
        say("and {count} more sources, in the report", count=count - shown) if count > shown else ""
        for shown in range(len(lines) + 1)
    ]
    return {"lines": lines, "rests": rests}


def closing(release: Release) -> list[Any]:
    """Method, citation and disclaimer; what is cited stays as it must be cited."""
    return [
        say("Method {method}, code version {version}.", method=release.method, version=release.code_version),
        say("Cite as: {citation}", citation=release.citation),
        say(BOUNDARY_DISCLAIMER),
        say("The pages of the report and tables/*.csv hold every figure, its meaning and its method."),
    ]  # fmt: skip


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
