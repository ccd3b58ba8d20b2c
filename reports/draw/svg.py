"""Parts that charts and maps share as SVG: the opening, a text in both languages, a watermark, how a part looks.

A page looks a part up in its style sheet; a drawing for paper carries its looks in itself. What is drawn is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import escape

from reports.text.catalogue import Both
from reports.text.fonts import outline

Look = Callable[[str], str]  # the name of a part -> the attributes that it is drawn with
Place = tuple[float, float]


def by_class(part: str) -> str:
    """The look of a part on a page: its name as a class of the style sheet. A part without a name has none."""
    return f'class="{part}"' if part else ""


def labelled(words: Both) -> str:
    """What the drawing says to who does not see it."""
    return f'role="img" aria-label="{escape(words)}"'


def opened(kind: str, width: float, height: float, attributes: str) -> str:
    """The start of a drawing inside a page; `attributes` say what it is (labelled)."""
    return f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" {attributes}>'


def text(words: Both, x: float, y: float, attributes: str) -> str:
    """A text of which the page keeps one language."""
    return f'<text {attributes} x="{x:g}" y="{y:g}">{escape(words)}</text>'


def outlined(words: str, x: float, y: float, size: float, attributes: str) -> str:
    """Burmese as one path with itself as title, for a drawing that is opened where no font can draw it."""
    return (
        f'<path {attributes} transform="translate({x:g} {y:g})" d="{outline(words, size)}">'
        f'<title lang="my">{escape(words)}</title></path>'
    )


def watermark(words: Sequence[str], places: Sequence[Place], turn: int, attributes: str) -> str:
    """The words of a release's watermark in turn at the places, so that a drawing cut out of its page still says them.

    `turn` is an angle in degrees. Nothing where there are no words: data and shapes are real.
    """
    if not words:
        return ""
    turned = f" rotate({turn})" if turn else ""
    texts = "".join(
        f'<text {attributes} transform="translate({x:g} {y:g}){turned}">{escape(words[n % len(words)])}</text>'
        for n, (x, y) in enumerate(places)
    )
    return f'<g aria-hidden="true">{texts}</g>'


def box(x: float, y: float, width: float, height: float, attributes: str) -> str:
    return f'<rect {attributes} x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"/>'


_LETTERS = "Noto Sans, sans-serif"


def opened_on_paper(width: float, height: float, labelled_by: str) -> str:
    """The start of a drawing that stands in a page and in a PDF alike: white, with the letters that it needs."""
    ground = box(0, 0, width, height, by_attributes(fill="#fff"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-labelledby="{labelled_by}" font-family="{_LETTERS}">{ground}'
    )


def by_attributes(**values: str) -> str:
    """Attributes as they are written, e.g. stroke_width="2"."""
    return " ".join(f'{name.replace("_", "-")}="{value}"' for name, value in values.items())


def digits(said: str, x: float, y: float, size: float, **more: str) -> str:
    """A number in the middle over a place, the same in both languages, with the looks of a drawing for paper."""
    looks = by_attributes(font_size=f"{size:g}", fill="#111", text_anchor="middle", **more)
    return f'<text x="{x:.1f}" y="{y:.1f}" {looks}>{escape(said)}</text>'


def over_paper(words: Sequence[str], width: float, height: float, every: float, size: float) -> str:
    """The watermark of a drawing for paper: a word left and right in turn, one to each `every` units of height."""
    places = [
        (round(width * (0.7 if n % 2 else 0.3)), round(min(every * (n + 0.6), height * 0.75)))
        for n in range(max(1, round(height / every)))
    ]
    looks = by_attributes(font_size=f"{size:g}", font_weight="700", fill="#000", fill_opacity="0.13",
                          text_anchor="middle")  # fmt: skip
    return watermark(words, places, -12, looks)
