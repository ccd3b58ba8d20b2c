"""The brief's map: its townships by number, their neighbours, by the code of clashes with the national map's colours.

Not here: how polygons become paths (shapes.py), what a code means (neutral_state.py).
"""

from collections import Counter
from collections.abc import Mapping
from math import cos, radians

import polars as pl

from pipeline.briefs.material import Material
from reports.bilingual import Both
from reports.maps import THEMES
from reports.neutral_blocks import Drawing, Speak
from reports.neutral_chart import FONTS, HATCH, marks, text
from reports.neutral_state import clash_meaning
from reports.neutral_words import words
from reports.shapes import Frame, excerpt

_WIDTH, _TALLEST, _LEGEND = 900, 900, 168
_PAD = 0.04
# The national map's colours, by the class that the code stands for.
_OF_CLASS = dict(next(theme for theme in THEMES if theme.key == "security").fills)
FILLS = {"c2": _OF_CLASS["high"], "c1": _OF_CLASS["low"], "c0": _OF_CLASS["not_in_conflict"], "cx": "url(#unknown)"}


def _frame(shown: pl.DataFrame) -> Frame:
    """The smallest rectangle around the townships, with a margin, as wide as the drawing or as tall as a page bears."""
    import shapely

    west, south, east, north = (float(v) for v in shapely.total_bounds(shapely.from_wkb(shown["geometry"].to_numpy())))
    pad = _PAD * max(east - west, north - south)
    west, south, east, north = west - pad, south - pad, east + pad, north + pad
    ratio = (north - south) / ((east - west) * cos(radians((south + north) / 2)))
    height = max(300, min(_TALLEST, round(_WIDTH * ratio)))
    # What the drawing has to spare is filled with the country around, not left white.
    if ratio > height / _WIDTH:
        more = (north - south) * _WIDTH / height / cos(radians((south + north) / 2)) - (east - west)
        west, east = west - more / 2, east + more / 2
    elif ratio < height / _WIDTH:
        more = (east - west) * cos(radians((south + north) / 2)) * height / _WIDTH - (north - south)
        south, north = south - more / 2, north + more / 2
    return Frame("brief", (west, south, east, north), 0, 0, _WIDTH, height)


def draw_places(material: Material, codes: Mapping[str, str], mark: tuple[Both, ...]) -> Drawing:
    """A function that draws the map with the words of one language, or of both; `codes` by P-code."""
    chosen = material.asked.codes
    both = {*chosen, *material.neighbours}
    frame = _frame(material.places.filter(pl.col("adm3_pcode").is_in(sorted(both))))
    found = excerpt(material.places, frame)
    named = {
        row["adm3_pcode"]: Both(row["adm3_name"], row["adm3_name_my"])
        for row in material.places.select("adm3_pcode", "adm3_name", "adm3_name_my").to_dicts()
    }
    size = 22 if len(chosen) <= 15 else 17

    def draw(speak: Speak) -> str:
        height = frame.height + _LEGEND
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
            f'aria-labelledby="map-alt" font-family="{FONTS}"><defs>{HATCH.format("unknown")}</defs>'
            f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
        ]
        # The others first, then neighbours, then the brief's own: thick outlines lie on top.
        for code in sorted(found, key=lambda code: (code in chosen, code in both, code)):
            fill = FILLS[codes.get(code, "cx")] if code in both else "#fff"
            line, width = ("#111", 4) if code in chosen else ("#444", 1.2) if code in both else ("#bbb", 1)
            tip = ""
            if code in both:
                meaning = clash_meaning(codes.get(code, "cx"), material.cuts)
                tip = f"<title>{speak(words('tip', township=named[code], pcode=code, label=meaning))}</title>"
            parts.append(
                f'<path d="{found[code][0]}" fill="{fill}" stroke="{line}" stroke-width="{width}" '
                f'stroke-linejoin="round">{tip}</path>'
            )
        for number, code in enumerate(chosen, 1):
            if code in found:
                x, y = found[code][1]
                said = speak(words("value", number=number))
                parts.append(
                    text(x, y + size / 3, said, size, text_anchor="middle", font_weight="700", stroke="#fff",
                         stroke_width="5", paint_order="stroke")
                )  # fmt: skip
        parts.append(f'<rect x="1" y="1" width="{_WIDTH - 2}" height="{frame.height - 2}" fill="none" stroke="#333"/>')
        parts.append(marks([speak(one) for one in mark], _WIDTH, frame.height, 170))
        counts = Counter(codes.get(code, "cx") for code in both)
        parts.append(_legend(frame.height, counts, material, speak))
        return "".join(parts) + "</svg>"

    return draw


def _legend(top: int, counts: Mapping[str, int], material: Material, speak: Speak) -> str:
    parts = [text(4, top + 26, speak(words("key_townships")), 17, font_weight="700")]
    for n, (code, fill) in enumerate(FILLS.items()):
        x, y = 4 + 450 * (n // 2), top + 40 + 36 * (n % 2)
        entry = words("legend_entry", label=clash_meaning(code, material.cuts), number=counts.get(code, 0))
        parts.append(f'<rect x="{x}" y="{y}" width="32" height="22" fill="{fill}" stroke="#333"/>')
        parts.append(text(x + 42, y + 17, speak(entry), 17))
    y = top + 114
    parts.append(f'<rect x="4" y="{y}" width="32" height="22" fill="#fff" stroke="#bbb"/>')
    parts.append(text(46, y + 17, speak(words("legend_other")), 17))
    return "".join(parts)
