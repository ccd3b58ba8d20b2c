"""report/pictures/: PNG pictures of the country, each state or region and the month, to send and for link previews.

1200 by 630 pixels in both languages, with day, source and release on each. Set by Typst from published tables alone.
Not here: the pages that name them (pages.py), and the picture that a reader saves of the live map (picture.js).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from reports.draw.maps import draw_wordless, place_words, swatch
from reports.draw.png import small
from reports.draw.projection import HEIGHT, TITLE_HEIGHT, WIDTH
from reports.draw.shapes import Shapes, make_shapes, region_shapes
from reports.draw.symbology import CLASHES_NOW, now_looks, shown_looks
from reports.draw.typeset import pictures
from reports.figures import FIGURES
from reports.months import is_part
from reports.release import Release, imprint, latest, mapped_townships, published, unit
from reports.site import signals
from reports.site.render import PICTURES, picture_file
from reports.text.catalogue import LANGUAGES, Both, day_both, in_words, month_both, say
from reports.text.values import look_words, number_both, signal_both
from reports.text.wording import visible

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
# Figures of the country and of a state or region, in the order of the picture.
_SHOWN = ("clashes_month_count", "clashes_3m_count", "signal_alert_count", "idps_persons")
_LISTED = 8  # townships on the picture of the month
_MONTHS = 24  # bars
_SOURCES = 150  # letters of the titles of sources


def write_pictures(tables: Frames, release: Release, folder: Path) -> None:
    """Write report/pictures/<name>.png and <name>_my.png: nation, month, and each state or region by its slug."""
    found = {"nation": _nation(tables, release), "month": _month(tables, release), **_regions(tables, release)}
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    data = {
        "title": say("Township conflict index for Myanmar"), "banner": _marks(release, " "),
        "watermark": imprint(release).mark, "foot": _foot(tables, release), "pictures": list(found.values()),
    }  # fmt: skip
    said = {
        "Title": f"{' '.join(release.banners)} Township conflict index for Myanmar".strip(),
        "Source": release.citation,
    }
    for language in LANGUAGES:
        pages = pictures("picture.typ", in_words({**data, "language": language}, language), release.period_end)
        for name, page in zip(found, small(pages, said), strict=True):
            (folder / picture_file(name).spoken(language)).write_bytes(page)


def _nation(tables: Frames, release: Release) -> dict[str, Any]:
    row = latest(tables, "national_summary", release.method).row(0, named=True)
    rows = mapped_townships(tables, release).drop("geometry").to_dicts()
    shapes = make_shapes(published(tables, "townships"))
    return _mapped(say("Myanmar"), row, rows, shapes, (WIDTH, HEIGHT - TITLE_HEIGHT))


def _regions(tables: Frames, release: Release) -> dict[str, dict[str, Any]]:
    rows = mapped_townships(tables, release).drop("geometry").partition_by("state_region", as_dict=True)
    summaries = {row["state_region"]: row for row in latest(tables, "region_summary", release.method).to_dicts()}
    found = {}
    for name, shapes in region_shapes(published(tables, "townships")).items():
        if name in summaries:
            size = shapes.width, shapes.height
            found[unit(name).slug] = _mapped(unit(name).both, summaries[name], rows[(name,)].to_dicts(), shapes, size)
    return found


def _mapped(
    title: Both, row: Row, townships: Iterable[Row], shapes: Shapes, size: tuple[int, int]
) -> dict[str, Any]:  # fmt: skip
    """A place: four figures of the month, and the map of the clashes of three months with its legend."""
    classes = {one["adm3_pcode"]: now_looks(one)[CLASHES_NOW.column] for one in townships}
    counts = Counter(classes.values())
    fills = dict(CLASHES_NOW.fills)
    return {
        "title": title, "when": _when(row), "note": _note(row), "rows": [], "bars": None,
        "figures": [[FIGURES[column].shown(row), say(FIGURES[column].words)] for column in _SHOWN],
        "shows": say(CLASHES_NOW.title),
        "legend": [{"svg": swatch(fills[look]), "words": _counted(look, counts[look])}
                   for look in shown_looks(CLASHES_NOW.fills, counts)],
        "map": {"svg": draw_wordless(shapes, classes, CLASHES_NOW), "width": size[0], "height": size[1]},
    }  # fmt: skip


def _counted(look: str, count: int) -> Both:
    words = look_words(look)
    return Both(f"{words.en} ({count})", f"{words.my} ({count})")


def _when(row: Row) -> Both:
    until = row["period_end"]
    month = month_both(row["month"])
    return say("{month}, to {day}", month=month, day=day_both(until)) if is_part(until) else month


def _note(row: Row) -> Both | str:
    return say("The month is provisional: the last weeks are under-reported.") if row["provisional"] else ""


def _month(tables: Frames, release: Release) -> dict[str, Any]:
    """The month: the townships with the strongest signals, beside the clashes of the country by month."""
    own = published(tables, "national_summary").filter(pl.col("method") == release.method).tail(_MONTHS).to_dicts()
    now = own[-1]
    listed = _standing_out(tables, release)
    return {
        "title": say("Townships that stand out"), "when": _when(now), "figures": [], "legend": [], "map": None,
        "shows": "", "rows": listed,
        "note": _note(now) if listed else say("No township stands out from its own past in this month."),
        "bars": _bars([(row["month"], row["clashes_month_count"]) for row in own]),
    }  # fmt: skip


def _standing_out(tables: Frames, release: Release) -> list[dict[str, Any]]:
    """The first of the page of the month, by its rule."""
    found = signals.standing(mapped_townships(tables, release).drop("geometry")).head(_LISTED)
    return [
        {
            "name": Both(visible(row["adm3_name"]), visible(row["adm3_name_my"] or row["adm3_name"])),
            "state": place_words(row["state_region"]), "signal": signal_both(row["signal"]),
            "count": number_both(row["clashes_month_count"]),
        }
        for row in found.to_dicts()
    ]  # fmt: skip


def _bars(values: Sequence[tuple[date, int | None]]) -> dict[str, Any]:
    known = [value for _, value in values if value is not None]
    return {
        "title": say("Clashes of the month, at least"), "values": [value for _, value in values],
        "first": month_both(values[0][0]), "last": month_both(values[-1][0]),
        "most": number_both(max(known)) if known else say("not known"),
    }  # fmt: skip


def _marks(release: Release, between: str) -> Both:
    """The warnings in one line: their first words alone, as long as they stand in capitals."""
    parts = imprint(release).marks
    return Both(between.join(one.en for one in parts), between.join(one.my for one in parts))


def _foot(tables: Frames, release: Release) -> Both:
    """Day, source and release, then whose shapes and names they are."""
    said = imprint(release)
    sources = "; ".join(said.sources)
    sources = sources if len(sources) <= _SOURCES else f"{sources[:_SOURCES]}…"
    source = say("Sources: {sources}.", sources=sources)
    until, own = day_both(release.period_end), release.release_id
    parts = (say("Data to {day}", day=until), say("release {release}", release=own), source, said.disclaimer)
    return Both(" · ".join(one.en for one in parts), " · ".join(one.my for one in parts))
