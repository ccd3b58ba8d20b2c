"""Every map: townships of one look a class, borders, names and enlarged cities, laid over each other in one order.

`layers` draws the sheet; what differs is a `Style`: a township with a tooltip, as a link to its page or as a bare path
on paper, and how a name is written. Which look a township has is known elsewhere; the looks stand in symbology.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from reports.draw.projection import HEIGHT, TITLE_HEIGHT, WIDTH, Frame
from reports.draw.shapes import LOCATOR_WIDTH, Located, Shapes
from reports.draw.svg import (
    box,
    by_attributes,
    by_class,
    digits,
    opened_on_paper,
    outlined,
    over_paper,
    text,
    watermark,
)
from reports.draw.symbology import (
    HATCH,
    HOT_SPOTS,
    NOW_THEMES,
    PATTERNS,
    TEXTURES,
    THEMES,
    WITHHELD,
    Theme,
    hatching,
)
from reports.text.catalogue import Both, catalogue, joined, name_both, same, say
from reports.text.values import look_words, told
from reports.text.wording import visible

# Beside the islands of Tanintharyi the full words do not fit.
_SHORT = {"no_new_idps": "no new displacement", WITHHELD: "fewer than 10 people"}
_PITCH = 66  # an entry of the legend; in a file its words in English and, below them, in Burmese
_SMALL = 21  # size of the Burmese of a file
_WIDE = 16  # of a letter of the English of a file, with room to spare
# Where the words of the watermark stand on the country, down its length.
_MARKED = ((330, 420), (470, 640), (420, 930), (620, 1180), (560, 1500), (700, 1700))
_RING = 10  # units around a township of a locator that is too small to be seen
# Patterns of the live map's own, which zoom.js makes smaller as the sheet is enlarged; those of the legend stay.
_ZOOMED = "".join(f'<pattern id="zoomed-{name}" href="#{name}"/>' for name in TEXTURES)
_TOP = TITLE_HEIGHT - 10  # the heading of the live map stands on the page, not on the map

Classes = Mapping[str, str]  # P-code -> class or look


def map_css() -> str:
    """Looks of all maps, for the page's style sheet and for a map that stands alone."""
    rules = [
        ".map{font-family:'Noto Sans','Segoe UI',Arial,'Noto Sans Myanmar',sans-serif;background:#fff}",
        ".map .t{stroke:#565656;stroke-width:.7;stroke-linejoin:round}",
        ".map .b{fill:none;stroke:#1d1d1d;stroke-width:2.4;stroke-linejoin:round}",
        ".map .f{fill:none;stroke:#333;stroke-width:2}",
        ".map .s{font-size:23px;fill:#111;stroke:#fff;stroke-width:5;paint-order:stroke;stroke-linejoin:round;"
        "text-anchor:middle;pointer-events:none}",
        ".map .h{font-size:40px;font-weight:700;fill:#111}.map .d{font-size:28px;fill:#333}",
        ".map .l{font-size:28px;fill:#111}.map .y{fill:#333}",
        ".map .w{font-size:74px;font-weight:700;fill:#000;fill-opacity:.15;text-anchor:middle;pointer-events:none}",
        ".map .t use:hover{stroke:#000;stroke-width:3}",
    ]
    rules += [
        f".m-{theme.key} .k-{code}{{fill:{fill}}}"
        for theme in (*NOW_THEMES, *THEMES, HOT_SPOTS)
        for code, fill in theme.fills
    ]
    return "".join(rules)


@dataclass(frozen=True)
class Style:
    """What one kind of map makes of the same sheet.

    `townships` draws paths by P-code, whose ids begin with a letter; `name` and `city` write the name of a state and of
    an enlarged city; `borders` are drawn over the townships; `over` lies over the townships of a letter.
    """

    townships: Callable[[str, Mapping[str, str]], str]
    name: Callable[[str, int, int], str] = lambda name, x, y: ""
    city: Callable[[Frame], str] = lambda frame: ""
    borders: str = ""
    over: Callable[[str], str] = lambda letter: ""


def layers(shapes: Shapes, style: Style) -> str:
    """The sheet from the ground up: townships, borders, names, and the enlarged cities beside where they lie."""
    names = "".join(style.name(*one) for one in shapes.labels)
    parts = [style.townships("p", shapes.paths), style.borders, f'<g aria-hidden="true">{names}</g>' if names else ""]
    parts += [box(*mark, by_class("f")) for mark in shapes.marks]
    parts.append(style.over(""))
    for frame, found in shapes.insets:
        x, y = frame.x - shapes.rim, frame.y - shapes.rim
        width, height = frame.width + 2 * shapes.rim, frame.height + 2 * shapes.rim
        letter = _letter(frame)
        parts += [
            box(x, y, width, height, by_attributes(fill="#fff")), style.townships(letter, found), style.over(letter),
            box(x, y, width, height, by_class("f")), style.city(frame),
        ]  # fmt: skip
    return "".join(parts)


def _letter(frame: Frame) -> str:
    return frame.name[0].lower()


def by_look(order: Sequence[str], classes: Classes, codes: Collection[str], one: Callable[[str], str]) -> str:
    """The townships of each class together, classes in the order given and others after them."""
    groups: dict[str, list[str]] = {code: [] for code in order}
    for code in codes:
        groups.setdefault(classes[code], []).append(one(code))
    return "".join(f'<g class="t k-{escape(look)}">{"".join(drawn)}</g>' for look, drawn in groups.items() if drawn)


def shared_defs(shapes: Shapes) -> str:
    """Every path once; the maps of a page point at them."""
    paths = [f'<path id="p-{escape(code)}" d="{path}"/>' for code, path in shapes.paths.items()]
    for frame, found in shapes.insets:
        paths += [f'<path id="{_letter(frame)}-{escape(code)}" d="{path}"/>' for code, path in found.items()]
    paths += [f'<path id="{name}" d="{path}"/>'
              for name, path in (("borders", shapes.borders), ("around", shapes.around)) if path]  # fmt: skip
    return f"<defs>{PATTERNS}{''.join(paths)}</defs>"


def _use(letter: str, code: str, tip: Both | None = None) -> str:
    href = f'<use href="#{letter}-{escape(code)}"'
    return f"{href}><title>{escape(tip)}</title></use>" if tip else f"{href}/>"


def _link(address: str, tip: Both, inside: str, attributes: str = "") -> str:
    """A township as a link; left out of the order of the tab key, for a table beside the map holds the same links."""
    return f'<a {attributes}href="{escape(address)}" tabindex="-1"><title>{escape(tip)}</title>{inside}</a>'


def _tip(row: Mapping[str, str], code: str, look: str) -> Both:
    name, state = name_both(row["adm3_name"], row.get("adm3_name_my")), told(visible(row["state_region"]))
    return say("{name} ({code}), {state}: {look}", name=name, code=code, state=state, look=look_words(look))


def _over_country(words: str) -> str:
    """The release's watermark across a whole sheet; nothing where both data and shapes are real."""
    marks = words.split(" · ") if words else []
    return watermark(marks, _MARKED[: 3 * len(marks)], -32, by_class("w"))


def _legend_words(code: str, count: int) -> Both:
    look = Both(
        _SHORT.get(code, look_words(code).en), (say("fewer than 10") if code == WITHHELD else look_words(code)).my
    )
    return say("{look} ({count})", look=look, count=count)


def _legend(theme: Theme, counts: Mapping[str, int], alone: bool) -> str:
    """Of a page in its language; of a file in both, the Burmese as outlines."""
    top = HEIGHT - _PITCH * len(theme.fills) - 20
    lines = [_written(say("Townships"), 20, top - 24, "d", alone)]
    for place, (code, _) in enumerate(theme.fills):
        y = top + _PITCH * place
        swatch = f'<rect x="20" y="{y}" width="46" height="32" stroke="#333" stroke-width="1.5"/>'
        lines.append(f'<g class="k-{code}">{swatch}</g>')
        lines.append(_written(_legend_words(code, counts.get(code, 0)), 80, y + 24, "l", alone, below=28))
    return "".join(lines)


def _written(words: Both, x: int, y: int, look: str, alone: bool, below: int = 0) -> str:
    """Words of a page; of a file the English with the Burmese `below` it, at 0 behind it on the same line."""
    if not alone:
        return text(words, x, y, by_class(look))
    left = x if below else x + _WIDE * len(words.en) + 12
    return text(same(words.en), x, y, by_class(look)) + outlined(words.my, left, y + below, _SMALL, by_class("y"))


def draw_map(
    shapes: Shapes,
    rows: Mapping[str, Mapping[str, str]],
    theme: Theme,
    when: Both,
    mark: str,
    *,
    alone: bool = False,
) -> str:
    """One map of the country with its title and legend, for a page that keeps one language of it.

    `alone` makes it a file of its own in both languages, with paths, looks and the outlines of its Burmese. `rows`
    holds names, state and the classes by P-code, all filled.
    """
    classes = {code: row[theme.column] for code, row in rows.items()}
    counts = Counter(classes.values())
    said = joined(", ", (say("{look} {count}", look=look_words(code), count=counts.get(code, 0))
                         for code, _ in theme.fills))  # fmt: skip
    title = say("{map}, {when}.", map=say(theme.title), when=when)
    described = say("Map of {count} townships of Myanmar by class: {classes}.", count=len(rows), classes=said)
    title, described = (same(words.en) if alone else words for words in (title, described))
    warning = f" {mark}." if mark else ""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map m-{theme.key}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{theme.key}-title {theme.key}-desc">',
        f'<title id="{theme.key}-title">{escape(title)}{escape(warning)}</title>',
        f'<desc id="{theme.key}-desc">{escape(described)}</desc>',
    ]
    if alone:
        parts.append(f"<style>{map_css()}</style>{shared_defs(shapes)}")
        parts.append(box(0, 0, WIDTH, HEIGHT, by_attributes(fill="#fff")))

    def spoken(words: Both) -> Both:
        return same(words.en) if alone else words

    style = Style(
        townships=lambda letter, paths: by_look(
            [code for code, _ in theme.fills], classes, paths,
            lambda code: _use(letter, code, spoken(_tip(rows[code], code, classes[code])))),
        name=lambda name, x, y: text(spoken(place_words(name)), x, y, by_class("s")),
        city=lambda frame: text(spoken(say("{name} (enlarged)", name=place_words(frame.name))),
                                frame.x + frame.width // 2, frame.y + frame.height + 38, by_class("s")),
        borders='<use href="#borders" class="b"/>',
    )  # fmt: skip
    parts.append(text(spoken(say(theme.title)), 20, 52, by_class("h")))
    parts.append(text(spoken(when), 20, 92, by_class("d")))
    if alone:
        parts.append(outlined(say(theme.title).my, 40 + _WIDE * len(when.en), 92, 23, by_class("y")))
    return "".join([*parts, layers(shapes, style), _legend(theme, counts, alone), _over_country(mark), "</svg>"])


def place_words(name: str) -> Both:
    """A state or region in both languages where the catalogue knows it, else as it stands."""
    return say(name) if name in catalogue() else same(visible(name))


def draw_live(
    shapes: Shapes, names: Mapping[str, Mapping[str, str]], classes: Classes, theme: Theme, mark: str
) -> Markup:
    """The map that readers work with, before any script runs; map.js changes the classes of what is drawn here.

    Each township is <a class="k-…" data-code="…"> around its shape, on the map and in the insets. Without script the
    links work by pointer and the shapes have tooltips. `names` holds adm3_name, adm3_name_my and
    state_region by P-code.
    """

    def link(letter: str, code: str) -> str:
        look = classes[code]
        own = f'class="k-{escape(look)}" data-code="{escape(code)}" '
        return _link(f"townships/{code}.html", _tip(names[code], code, look), _use(letter, code), own)

    def ring(letter: str) -> str:
        where = f" in-{letter}" if letter else ""
        return f'<use class="ring halo{where}" href="#none"/><use class="ring{where}" href="#none"/>'

    style = Style(
        townships=lambda letter, paths: f'<g class="t">{"".join(link(letter, code) for code in paths)}</g>',
        name=lambda name, x, y: _placed(place_words(name), x, y),
        city=lambda frame: _placed(say(f"{frame.name}, enlarged"), frame.x + frame.width // 2,
                                   frame.y + frame.height + 6, "1.4em"),
        borders='<use href="#borders" class="b"/>',
        over=ring,
    )  # fmt: skip
    return Markup(  # noqa: S704 - every word escaped here
        f'<svg xmlns="http://www.w3.org/2000/svg" id="live-map" class="map live m-{theme.key}" '
        f'viewBox="0 {_TOP} {WIDTH} {HEIGHT - _TOP}" role="group" aria-labelledby="map-title" '
        f'aria-describedby="map-keys"><defs>{_ZOOMED}</defs><g id="map-sheet">{layers(shapes, style)}</g>'
        # Outside of the sheet: it stays as it is over whatever part of the sheet is shown.
        f"{_over_country(mark)}</svg>"
    )


def _placed(words: Both, x: int, y: int, down: str = "0") -> str:
    """`down` is a distance in heights of the letters, which keep their size where the sheet is enlarged."""
    return text(words, x, y, f'class="s" dy="{down}"')


def theme_words(theme: Theme) -> Both:
    """The title of a small map."""
    return say("Control, as recorded") if theme.key == "control" else say(theme.title)


def draw_region(
    shapes: Shapes, classes: Classes, names: Mapping[str, str], theme: Theme, place: Both, mark: str
) -> str:
    """One state or region: its townships by class, each a link, what lies around it pale.

    `names` are in both scripts, as readers of either page look it up. A township is linked where it is drawn largest.
    """
    title = theme_words(theme)
    larger = {code for _, found in shapes.insets for code in found}

    def link(letter: str, code: str) -> str:
        if letter == "p" and code in larger:
            return _use(letter, code)
        tip = say("{place}: {look}", place=visible(names[code]), look=look_words(classes[code]))
        return _link(f"../townships/{code}.html", tip, _use(letter, code))

    style = Style(
        townships=lambda letter, paths: by_look(
            [code for code, _ in theme.fills], classes, paths, lambda code: link(letter, code)),
        city=lambda frame: text(say("{name} (enlarged)", name=frame.name), frame.x, frame.y - 7, by_class("e")),
    )  # fmt: skip
    marks = mark.split(" · ") if mark else []
    step = shapes.height / (2 * len(marks) + 1)
    down = [(shapes.width // 2, round(step * (place + 1))) for place in range(2 * len(marks))]
    looks = f"{by_class('v')} {by_attributes(font_size=str(max(round(shapes.width / 15), 16)))}"
    return (
        f'<svg class="map region m-{theme.key}" viewBox="0 0 {shapes.width} {shapes.height}" role="group" '
        f'aria-label="{escape(say("{map}, {place}", map=title, place=place))}"><use href="#around" class="around"/>'
        f"{layers(shapes, style)}{watermark(marks, down, -24, looks)}</svg>"
    )


_LOCATOR_LOOKS = (
    "path{fill:#edf0f2;stroke:#9aa4ad;stroke-width:.7;stroke-linejoin:round}[id],circle{display:none}"
    "[id]{fill:#17324d;stroke:#17324d;stroke-width:1}circle{fill:none;stroke:#b1500a;stroke-width:2.5}"
    ":target,:target+circle{display:inline}"
    "text{font:700 12px sans-serif;fill:#000;fill-opacity:.4;text-anchor:middle}"
)


def draw_locators(townships: Mapping[str, Located], mark: str) -> str:
    """The townships of one sheet as a file: the one whose P-code stands behind # in its address is dark.

    The pages of the townships show it as a picture, so that the outlines of a state stand once and not in each page.
    """
    marks = mark.split(" · ") if mark else []
    first = next(iter(townships.values()))
    height = first.height
    down = [(LOCATOR_WIDTH // 2, height // 2 + 15 * place) for place in range(len(marks))]
    paths = "".join(
        f'<path id="{code}" d="{one.here}"/>'
        + (f'<circle cx="{one.ring[0]}" cy="{one.ring[1]}" r="{_RING}"/>' if one.ring else "")
        for code, one in townships.items()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LOCATOR_WIDTH} {height}">'
        f"<style>{_LOCATOR_LOOKS}</style>"
        f'<path d="{first.land}"/>{paths}{watermark(marks, down, 0, "")}</svg>\n'
    )


def draw_wordless(shapes: Shapes, classes: Classes, theme: Theme) -> str:
    """The country or one state and the enlarged cities for paper: looks and paths in itself, without a word or a title.

    What lies around a state is pale. Lines are as thick beside a state as beside the country.
    """
    looks = "".join(f".k-{code}{{fill:{fill}}}" for code, fill in theme.fills)
    whole = shapes.height == HEIGHT
    top, thin = (TITLE_HEIGHT, 1.0) if whole else (0, 0.6)

    def townships(letter: str, paths: Mapping[str, str]) -> str:
        return by_look([code for code, _ in theme.fills], classes, paths, lambda code: f'<path d="{paths[code]}"/>')

    borders = f'<path class="b" d="{shapes.borders}"/>' if shapes.borders else ""
    around = f'<path {by_attributes(fill="#efefec", stroke="#d5d5d0")} d="{shapes.around}"/>' if shapes.around else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top} {shapes.width} {shapes.height - top}"><style>'
        f".t{{stroke:#565656;stroke-width:{thin:g};stroke-linejoin:round}}"
        ".b{fill:none;stroke:#1d1d1d;stroke-width:2.8}"
        f".f{{fill:none;stroke:#333;stroke-width:2.4}}{looks}</style><defs>{PATTERNS}</defs>"
        f"{around}{layers(shapes, Style(townships, borders=borders))}</svg>"
    )


@dataclass(frozen=True)
class Numbered:
    """A township of a map by numbers. `rank` 0 is outside of what is shown, 1 a neighbour, 2 one of its own."""

    path: str
    at: tuple[int, int]
    fill: str
    rank: int
    number: str = ""


_OUTLINES = (("#fff", 0.8), ("#444", 1), ("#111", 3))  # by rank: thick outlines lie on top


def draw_numbered(frame: Frame, townships: Sequence[Numbered], letters: float, mark: Sequence[str]) -> str:
    """Townships by number and their neighbours, for a page and a PDF alike; `letters` is the size of the numbers."""
    gap = "unknown"
    parts = [opened_on_paper(frame.width, frame.height, "map-alt"), f"<defs>{hatching(gap)}</defs>"]
    for one in sorted(townships, key=lambda one: one.rank):
        stroke, width = _OUTLINES[one.rank]
        looks = by_attributes(fill=f"url(#{gap})" if one.fill == HATCH else one.fill, stroke=stroke,
                              stroke_width=f"{width:g}", stroke_linejoin="round")  # fmt: skip
        parts.append(f'<path {looks} d="{one.path}"/>')
    halo = {"font_weight": "700", "stroke": "#fff", "stroke_width": "4", "paint_order": "stroke"}
    parts += [
        digits(one.number, one.at[0], one.at[1] + letters / 3, letters, **halo) for one in townships if one.number
    ]
    parts.append(box(1, 1, frame.width - 2, frame.height - 2, by_attributes(fill="none", stroke="#333")))
    return "".join([*parts, over_paper(mark, frame.width, frame.height, 130, 34), "</svg>"])


def swatch(fill: str, name: str = "", line: str = "#333") -> str:
    """A little rectangle for a legend; `name` is that of its hatching where it stands in a page among others."""
    own = name and fill == HATCH
    patterns = hatching(name) if own else PATTERNS if fill.startswith("url(") else ""
    looks = by_attributes(fill=f"url(#{name})" if own else fill, stroke=line)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 22" aria-hidden="true">'
        f"{f'<defs>{patterns}</defs>' if patterns else ''}{box(1, 1, 34, 20, looks)}</svg>"
    )
