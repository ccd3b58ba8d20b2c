"""The brief's map: its townships by number and their neighbours, in the colours of the national map."""

from collections import Counter
from collections.abc import Mapping

import polars as pl

from pipeline.neutral_brief.request import Material
from reports.draw.maps import Numbered, draw_numbered, swatch
from reports.draw.projection import filled
from reports.draw.shapes import excerpt
from reports.draw.symbology import SECURITY
from reports.neutral_brief.state import clash_code, clash_meaning
from reports.neutral_brief.words import words
from reports.site.blocks import Key, Panel
from reports.text.catalogue import Both

_WIDTH, _HEIGHTS = 640, (240, 640)
_PAD = 0.04
_ON_PAPER = 0.58  # height of the drawing as a part of the width of a page's text
_OUTSIDE = "#d5dce2"  # of townships that are in no count here: on white they would read as C0, no clash
# The national map's colours, by the code that stands for what is shown.
FILLS = {clash_code({"security_shown": code}): fill for code, fill in SECURITY.fills}


def draw_places(
    material: Material, codes: Mapping[str, str], mark: tuple[Both, ...]
) -> tuple[Panel, tuple[Key, ...], float]:
    """The map, its key, and its part of the width of a printed page; `codes` by P-code."""
    import shapely

    chosen = material.asked.codes
    both = {*chosen, *material.neighbours}
    shown = material.places.filter(pl.col("adm3_pcode").is_in(sorted(both)))
    bounds = shapely.total_bounds(shapely.from_wkb(shown["geometry"].to_numpy()))
    frame = filled("brief", bounds, _WIDTH, _HEIGHTS, _PAD)
    found = excerpt(material.places, frame)
    numbers = {code: words("value", number=number).en for number, code in enumerate(chosen, 1)}
    townships = [
        Numbered(path, at, FILLS[codes.get(code, "cx")] if code in both else _OUTSIDE,
                 2 if code in numbers else 1 if code in both else 0, numbers.get(code, ""))
        for code, (path, at) in sorted(found.items())
    ]  # fmt: skip
    drawn = draw_numbered(frame, townships, 20 if len(chosen) <= 15 else 14, [one.en for one in mark])
    counts = Counter(codes.get(code, "cx") for code in both)
    keys = [
        Key(swatch(fill, f"key-{code}"),
            words("legend_entry", label=clash_meaning(code, material.cuts), number=counts.get(code, 0)))
        for code, fill in FILLS.items()
    ]  # fmt: skip
    keys.append(Key(swatch(_OUTSIDE, "", "#bbb"), words("legend_other")))
    # Title and map stand on the first page together.
    return Panel(drawn), tuple(keys), min(0.85, _ON_PAPER * _WIDTH / frame.height)
