"""The map of the page before any script runs: the Security Index of the last month, every township a link.

The script (templates/map.js) changes the classes of what is drawn here and nothing else.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl
from markupsafe import Markup, escape

from reports.draw.maps import watermark_over
from reports.draw.shapes import HEIGHT, TITLE_HEIGHT, WIDTH, Shapes
from reports.draw.symbology import Theme
from reports.figures import FIGURES
from reports.release import Release, published
from reports.site.map import (
    SHOWN,
    Looked,
    as_json,
    map_data,
    national_figures,
    place,
    readings,
    shown_themes,
    states_in_order,
    theme_title,
)
from reports.text.catalogue import Both, day_both, month_both, say
from reports.text.values import look_words
from reports.text.wording import visible

_TOP = TITLE_HEIGHT - 10  # the heading stands on the page, not on the map

MAP_SCRIPTS = ("zoom.js", "names.js", "map.js")  # templates; the last calls the others
# Patterns of the sheet's own, which zoom.js makes smaller as the sheet is enlarged; those of the legend stay.
_ZOOMED = "".join(f'<pattern id="zoomed-{name}" href="#{name}"/>' for name in ("hatch", "lines", "dots"))


def live_map(tables: Mapping[str, pl.DataFrame], release: Release, shapes: Shapes, looked: Looked) -> dict[str, Any]:
    """What map.html.j2 shows: drawing, legend with counts, figures of the last month, data for the script."""
    themes = shown_themes(looked)
    theme, month = themes[0], max(looked)
    counts = Counter(row[theme.column] for row in looked[month].values())
    row = (
        published(tables, "national_summary")
        .filter(pl.col("method") == release.method, pl.col("month") == month)
        .row(0, named=True)
    )
    return {
        "svg": draw_live(shapes, published(tables, "townships"), looked[month], theme, release.watermark),
        "themes": [(one.key, theme_title(one)) for one in themes],
        "theme": theme_title(theme), "key": theme.key,
        "legend": [(code, look_words(code), counts.get(code, 0)) for code, _ in theme.fills],
        "readings": readings(theme),
        "states": list(enumerate(map(place, states_in_order(published(tables, "townships"))))),
        "month": month_both(month), "last": len(looked) - 1, "first_month": month_both(min(looked)),
        "provisional": row["provisional"], "start": day_both(row["period_start"]), "end": day_both(row["period_end"]),
        "figures": [(FIGURES[column].words, _figure(pair))
                    for column, pair in zip(SHOWN, national_figures(row), strict=True)],
        "data": as_json(map_data(tables, release, shapes, looked)),
    }  # fmt: skip


def _figure(pair: list[str]) -> Both:
    value, total = pair
    shown: Both | str = say("not reported") if value == "-" else say("fewer than 10") if value == "f" else value
    if isinstance(shown, str):
        shown = Both(f"{int(shown):,}", f"{int(shown):,}")
    return say("{count} of {total}", count=shown, total=total) if total and value not in "-f" else shown


def draw_live(
    shapes: Shapes, places: pl.DataFrame, rows: Mapping[str, Mapping[str, str]], theme: Theme, watermark: str
) -> Markup:
    """The drawing, each township as <a class="k-…" data-code="…"> around its shape, on the map and in the insets.

    Without script the links work by pointer and the shapes have tooltips; the table of townships is there for the
    keyboard, so that nobody has to step through 330 links.
    """
    names = {row["adm3_pcode"]: row for row in places.drop("geometry").iter_rows(named=True)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" id="live-map" class="map live m-{theme.key}" '
        f'viewBox="0 {_TOP} {WIDTH} {HEIGHT - _TOP}" role="group" aria-labelledby="map-title" '
        'aria-describedby="map-keys">',
        f"<defs>{_ZOOMED}</defs>",
        f'<g id="map-sheet"><g class="t">{_links(shapes.paths, "p", names, rows, theme)}</g>'
        '<use href="#borders" class="b"/>',
        f'<g aria-hidden="true">{"".join(_name(*one) for one in shapes.labels)}</g>',
    ]
    parts += [f'<rect class="f" x="{x}" y="{y}" width="{w}" height="{h}"/>' for x, y, w, h in shapes.marks]
    parts.append('<use class="ring halo" href="#none"/><use class="ring" href="#none"/>')
    for frame, found in shapes.insets:
        box = f'x="{frame.x - 6}" y="{frame.y - 6}" width="{frame.width + 12}" height="{frame.height + 12}"'
        letter = frame.name[0].lower()
        enlarged = say(f"{frame.name}, enlarged")
        parts.append(
            f'<rect {box} fill="#fff"/><g class="t">{_links(found, letter, names, rows, theme)}</g>'
            f'<use class="ring halo in-{letter}" href="#none"/><use class="ring in-{letter}" href="#none"/>'
            f'<rect class="f" {box}/>{_text(enlarged, frame.x + frame.width // 2, frame.y + frame.height + 6, "1.4em")}'
        )
    # Outside of the sheet: it stays as it is over whatever part of the sheet is shown.
    return Markup("".join(parts) + "</g>" + watermark_over(watermark) + "</svg>")  # noqa: S704 - every word escaped here


def _links(
    paths: Mapping[str, str],
    prefix: str,
    names: Mapping[str, Mapping[str, Any]],
    rows: Mapping[str, Mapping[str, str]],
    theme: Theme,
) -> str:
    links = []
    for code in paths:
        row, look = names[code], rows[code][theme.column]
        state = place(row["state_region"])
        tip = say("{name} ({code}), {state}: {look}", name=_names(row), code=code, state=state, look=look_words(look))
        links.append(
            f'<a class="k-{escape(look)}" href="townships/{escape(code)}.html" data-code="{escape(code)}" '
            f'tabindex="-1"><title>{escape(tip)}</title><use href="#{prefix}-{escape(code)}"/></a>'
        )
    return "".join(links)


def _names(row: Mapping[str, Any]) -> Both:
    """The township's name in each script; the English one where there is no other."""
    english = visible(row["adm3_name"])
    return Both(english, visible(row["adm3_name_my"] or "") or english)


def _name(name: str, x: int, y: int) -> str:
    return _text(place(name), x, y)


def _text(words: Both, x: int, y: int, down: str = "0") -> str:
    """`down` is a distance in heights of the letters, which keep their size where the sheet is enlarged."""
    return f'<text class="s" x="{x}" y="{y}" dy="{down}">{escape(words)}</text>'
