"""The brief's map: its townships by number and their neighbours, in the colours of the national map."""

from collections import Counter
from collections.abc import Mapping
from math import cos, radians

import polars as pl

from pipeline.declare.codes import SecurityClass
from pipeline.neutral_brief.request import Material
from reports.draw.shapes import Frame, excerpt
from reports.draw.symbology import HATCH, NONE, SECURITY
from reports.neutral_brief.events import digits, hatch, marks, opened, swatch
from reports.neutral_brief.state import clash_code, clash_meaning
from reports.neutral_brief.words import words
from reports.site.blocks import Key, Panel
from reports.text.catalogue import Both

_WIDTH, _TALLEST = 640, 640
_PAD = 0.04
_ON_PAPER = 0.58  # height of the drawing as a part of the width of a page's text
_OUTSIDE = "#d5dce2"  # of townships that are in no count here: on white they would read as C0, no clash
# The national map's colours, by the code that stands for the class; C0 is a count of none and no more.
_COLOURS = {**dict(SECURITY.fills), SecurityClass.NOT_IN_CONFLICT: NONE, SecurityClass.INSUFFICIENT_DATA: HATCH}
FILLS = {
    clash_code({"security_class": code}): "hatch" if _COLOURS[code] == HATCH else _COLOURS[code]
    for code in SecurityClass
}


def _frame(shown: pl.DataFrame) -> Frame:
    """The smallest rectangle around the townships, with a margin, as wide as the drawing or as tall as a page bears."""
    import shapely

    west, south, east, north = (float(v) for v in shapely.total_bounds(shapely.from_wkb(shown["geometry"].to_numpy())))
    pad = _PAD * max(east - west, north - south)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    ratio = (north - south) / ((east - west) * cos(radians((south + north) / 2)))
    height = max(240, min(_TALLEST, round(_WIDTH * ratio)))
    # What the drawing has to spare is filled with the country around, not left white.
    if ratio > height / _WIDTH:
        more = (north - south) * _WIDTH / height / cos(radians((south + north) / 2)) - (east - west)
        west, east = west - more / 2, east + more / 2
    elif ratio < height / _WIDTH:
        more = (east - west) * cos(radians((south + north) / 2)) * height / _WIDTH - (north - south)
        south, north = south - more / 2, north + more / 2
    return Frame("brief", (west, south, east, north), 0, 0, _WIDTH, height)


def draw_places(
    material: Material, codes: Mapping[str, str], mark: tuple[Both, ...]
) -> tuple[Panel, tuple[Key, ...], float]:
    """The map, its key, and its part of the width of a printed page; `codes` by P-code."""
    chosen = material.asked.codes
    both = {*chosen, *material.neighbours}
    frame = _frame(material.places.filter(pl.col("adm3_pcode").is_in(sorted(both))))
    found = excerpt(material.places, frame)
    size = 20 if len(chosen) <= 15 else 14
    parts = [opened(_WIDTH, frame.height, "map-alt"), hatch("unknown")]
    # The others first, then neighbours, then the brief's own: thick outlines lie on top.
    for code in sorted(found, key=lambda code: (code in chosen, code in both, code)):
        fill = FILLS[codes.get(code, "cx")] if code in both else _OUTSIDE
        fill = "url(#unknown)" if fill == "hatch" else fill
        line, width = ("#111", 3) if code in chosen else ("#444", 1) if code in both else ("#fff", 0.8)
        parts.append(
            f'<path d="{found[code][0]}" fill="{fill}" stroke="{line}" stroke-width="{width}" stroke-linejoin="round"/>'
        )
    for number, code in enumerate(chosen, 1):
        if code in found:
            x, y = found[code][1]
            halo = {"font_weight": "700", "stroke": "#fff", "stroke_width": "4", "paint_order": "stroke"}
            parts.append(digits(x, y + size / 3, words("value", number=number), size, **halo))
    parts.append(f'<rect x="1" y="1" width="{_WIDTH - 2}" height="{frame.height - 2}" fill="none" stroke="#333"/>')
    parts.append(marks(mark, _WIDTH, frame.height, 130, 34) + "</svg>")
    counts = Counter(codes.get(code, "cx") for code in both)
    keys = [
        Key(swatch(fill, f"key-{code}"),
            words("legend_entry", label=clash_meaning(code, material.cuts), number=counts.get(code, 0)))
        for code, fill in FILLS.items()
    ]  # fmt: skip
    keys.append(Key(swatch(_OUTSIDE, "", "#bbb"), words("legend_other")))
    # Title and map stand on the first page together.
    return Panel("".join(parts)), tuple(keys), min(0.85, _ON_PAPER * _WIDTH / frame.height)
