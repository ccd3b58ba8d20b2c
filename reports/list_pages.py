"""The lists: report/townships.html, report/regions.html and report/regions/<slug>.html.

Brings together the facts (regions.py), the rows of townships (lists.py) and the drawings; the words stand there and
in the templates.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from reports.bilingual import Both, day_both, month_both, say
from reports.charts import Series, draw_series
from reports.lists import SAVED, TownshipRow, lead, township_rows
from reports.looks import look_words, shown_looks
from reports.maps import THEMES, Theme
from reports.pages import TEMPLATES, Pages, drawn
from reports.recency import recency
from reports.region_maps import draw_region, region_shapes, shared_paths, theme_words
from reports.regions import Regions, overview
from reports.release import Release
from reports.slices import months, published
from reports.sparklines import draw_few_bars
from reports.spoken import vocabulary
from reports.state_regions import Unit, units
from reports.windows import MONTHLY, apart

Frames = Mapping[str, pl.DataFrame]


def write_lists(tables: Frames, release: Release, folder: Path) -> None:
    """Write the list of townships, the overview of states and regions, and one page for each of these."""
    script = (TEMPLATES / "table.js").read_text(encoding="utf-8")
    rows, recent = township_rows(tables, release), recency(tables, release)
    there = [one for name, one in units().items() if any(row.unit.name == name for row in rows)]
    pages, together = Pages(release, folder / "report"), overview(tables, release)
    words = {**vocabulary(cell for row in rows for cell in row.cells.values()), **{u.name: u.name_my for u in there}}
    marks = ((release.internal, "INTERNAL_"), (release.synthetic, "SYNTHETIC_"))
    pages.write(
        "townships.html.j2", "townships.html", script=script, rows=rows, units=there, saved=SAVED, recency=recent,
        month=month_both(months(tables, release.method)[-1]),
        lead=lead(rows), words=words,
        shown=say("Shown: {shown} of {all}", shown="{shown}", all=len(rows)),
        file_name="".join(mark for holds, mark in marks if holds) + f"township_index_{release.release_id}",
    )  # fmt: skip
    pages.write(
        "regions.html.j2", "regions.html", script=script, overview=together, recency=recent,
        words=vocabulary(cell for _, cells in together.rows for cell in cells),
        month=month_both(months(tables, release.method)[-1]),
    )  # fmt: skip
    _write_regions(tables, release, folder, rows, there, script)


def _write_regions(
    tables: Frames, release: Release, folder: Path, rows: Sequence[TownshipRow], there: Sequence[Unit], script: str
) -> None:
    pages = Pages(release, folder / "report" / "regions", root="../", with_maps=True)
    recent, regions = recency(tables, release), Regions(tables, release)
    shapes, cut = region_shapes(published(tables, "townships")), apart(tables, release, MONTHLY)
    hollow = max(recent["provisional"], int(len(regions.steps) - 1 in cut))
    for place, one in enumerate(there):
        own = {row.code: row for row in rows if row.unit is one}
        facts = regions.facts(one.name)
        words = vocabulary(cell for row in own.values() for cell in row.cells.values())
        maps = [
            {
                "svg": drawn(draw_region(shapes[one.name], own, theme, one.both, release.watermark)),
                "theme": theme,
                "title": theme_words(theme),
                "key": _key(own.values(), theme),
            }
            for theme in THEMES
            if theme.key != "chance"  # stands as a column of the table below
            and (theme.key != "control" or any(row.classes["control_look"] != "unknown" for row in own.values()))
        ]
        pages.write(
            "region.html.j2", f"{one.slug}.html", script=script, unit=one, facts=facts, maps=maps, words=words,
            paths=drawn(shared_paths(shapes[one.name])), month=month_both(regions.steps[-1]),
            rows=[(row, drawn(draw_few_bars(row.monthly, hollow))) for row in _ordered(own.values())],
            chart=drawn(draw_series(say("Clashes placed in a township of {region}, by month", region=one.both),
                                    regions.steps, [Series("clashes", facts.clashes)], recent["provisional"],
                                    cut, release.data_mark)),
            recency=recent, until=day_both(release.period_end), previous=there[place - 1] if place else None,
            following=there[place + 1] if place + 1 < len(there) else None,
        )  # fmt: skip


def _ordered(rows: Iterable[TownshipRow]) -> list[TownshipRow]:
    """By name, as readers look townships up."""
    return sorted(rows, key=lambda row: (row.name, row.code))


def _key(rows: Iterable[TownshipRow], theme: Theme) -> Sequence[tuple[str, Both, int]]:
    """The legend: (look, words, townships) of each class; weak evidence and withheld only where there are any."""
    counts = Counter(row.classes[theme.column] for row in rows)
    return [(look, look_words(look), counts[look]) for look in shown_looks(theme.fills, counts)]
