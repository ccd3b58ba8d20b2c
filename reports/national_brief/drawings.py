"""The drawings of the national brief: which maps it has, its charts, and what lies over them in words.

Words lie over a drawing as text of the PDF (brief.typ), where Burmese is shaped and can be searched; a drawing holds
none, and says where on it each belongs, as shares of its width and height. Not here: how a map or a chart is drawn.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from reports.draw.charts import Series, draw_wordless
from reports.draw.projection import HEIGHT, TITLE_HEIGHT, WIDTH
from reports.draw.shapes import Shapes
from reports.draw.svg import by_attributes
from reports.draw.symbology import CLASHES_NOW, HATCH, SECURITY, Theme
from reports.text.catalogue import Both, say

# The brief's maps: those of the pages, with the same looks and fills.
MAPS: Mapping[str, Theme] = {theme.column: theme for theme in (CLASHES_NOW, SECURITY)}
_HEIGHT = HEIGHT - TITLE_HEIGHT  # the brief's titles stand above the map, not on it
# Looks of the parts of a chart; the second line is dashed.
_LOOKS = {
    "line line0": by_attributes(fill="none", stroke="#8a2f04", stroke_width="3"),
    "line line1": by_attributes(fill="none", stroke="#222", stroke_width="2.6", stroke_dasharray="9 5"),
    "dot0": by_attributes(fill="#222"), "dot1": by_attributes(fill="#222"),
    **{f"dot{rank} apart": by_attributes(fill="#fff", stroke="#222", stroke_width="1.8") for rank in (0, 1)},
    "grid": by_attributes(stroke="#c9c9c4"), "gap": by_attributes(fill=HATCH),
    "provisional": by_attributes(stroke="#333", stroke_width="1.6", stroke_dasharray="2 4"),
}  # fmt: skip


def map_words(shapes: Shapes) -> list[dict[str, Any]]:
    """The names on a map and their places: states and regions, and the two cities below their insets."""
    labels = [{"x": x / WIDTH, "y": (y - TITLE_HEIGHT) / _HEIGHT, "words": say(name)} for name, x, y in shapes.labels]
    for frame, _ in shapes.insets:
        labels.append({
            "x": (frame.x + frame.width / 2) / WIDTH, "y": (frame.y + frame.height + 24 - TITLE_HEIGHT) / _HEIGHT,
            "words": say("{city} (enlarged)", city=say(frame.name)),
        })  # fmt: skip
    return labels


def chart(
    title: Both, alt: Both, months: Sequence[date], lines: Sequence[Series], provisional: int, apart: Collection[int]
) -> dict[str, Any]:
    """A chart as its drawing and the places of its words.

    Months that no line knows are hatched; the last `provisional` stand behind a dotted line; each of `apart`
    (months.apart) is a ring of its own.
    """
    drawn = draw_wordless(months, lines, provisional, apart, _LOOKS.__getitem__)
    return {
        "title": title, "alt": alt, "svg": drawn["svg"],
        "ticks": [{"y": place, "words": words} for place, words in drawn["ticks"]],
        "years": [{"x": place, "words": words} for place, words in drawn["years"]],
        "edge": None if drawn["edge"] is None else {"x": drawn["edge"], "words": say("provisional from here")},
        "keys": [{"words": line.name, "dashed": rank > 0} for rank, line in enumerate(lines)],
        "gap": say("hatched: not reported") if drawn["missing"] else None,
        "part": say("ring: counted in part") if apart else None,
    }  # fmt: skip
