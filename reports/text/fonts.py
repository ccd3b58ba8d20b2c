"""The fonts a release carries: both Noto families cut for the pages in two weights, and whole for the PDFs.

The fonts (SIL Open Font License) come as packages; only their files are used, none of their code. The pages take the
font from one style sheet as data, since browsers refuse a font file beside a page that was opened from a disk.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache as once
from importlib.metadata import version
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uharfbuzz

_LATIN, _MYANMAR = "fontpkg_noto_sans", "justmytype_intl_sea"
WEIGHT, BOLD = 400, 700  # a browser that has no bold face draws one by smearing, which closes Burmese letters
LICENCE = "Noto Sans and Noto Sans Myanmar, The Noto Project Authors, SIL Open Font License 1.1"
# Myanmar with both extensions, and the circle that carries a lone vowel sign
_BURMESE = [*range(0x1000, 0x10A0), *range(0xAA60, 0xAA80), *range(0xA9E0, 0xAA00), 0x20, 0x25CC]
# Of English and of names as sources write them, with the signs that the pages use.
_ENGLISH = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *range(0x2010, 0x2027),
    0x202F,
    0x2212,
    0x2264,
    0x2265,
]
_BOLD_BURMESE = [*range(0x1000, 0x1050), 0x20, 0x25CC]  # of headings, which are Burmese and in no other language
_USED = ("kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum")
# Family, weight, letters, and features of the font that are kept: none named keeps every shaping rule.
_FACES: tuple[tuple[str, int, list[int], tuple[str, ...]], ...] = (
    ("Noto Sans", WEIGHT, _ENGLISH, _USED), ("Noto Sans", BOLD, _ENGLISH, _USED),
    ("Noto Sans Myanmar", WEIGHT, _BURMESE, ()), ("Noto Sans Myanmar", BOLD, _BOLD_BURMESE, ()),
)  # fmt: skip


def _package(name: str) -> Path:
    """Folder of an installed package, found without running its code. Raises ImportError where it is missing."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"the font package {name} is not installed; run `make install`")
    return Path(spec.submodule_search_locations[0])


def font_folders() -> list[Path]:
    """The folders that hold Noto Sans and Noto Sans Myanmar."""
    return [_package(_LATIN) / "files", _package(_MYANMAR) / "fonts" / "ofl" / "notosansmyanmar"]


@once
def drawable_letters() -> frozenset[int]:
    """The code points that Noto Sans or Noto Sans Myanmar has, from the fonts' own tables."""
    from fontTools.ttLib import TTFont

    return frozenset(
        point for folder in font_folders() for path in sorted(folder.glob("*.ttf")) if "Italic" not in path.name
        for point in TTFont(path, lazy=True).getBestCmap()
    )  # fmt: skip


def burmese_font() -> Path:
    """The file of Noto Sans Myanmar, which holds every weight."""
    return next((_package(_MYANMAR) / "fonts" / "ofl" / "notosansmyanmar").glob("NotoSansMyanmar*.ttf"))


def _latin_font() -> Path:
    return next(path for path in sorted((_package(_LATIN) / "files").glob("*.ttf")) if "Italic" not in path.name)


def font_css(cache: Path | None = None) -> str:
    """The style sheet that embeds both fonts in two weights (about 115 kB); kept in `cache`."""
    made_from = f"{version('justmytype-intl-sea')} {version('fontpkg-noto-sans')} {version('uharfbuzz')} "
    made_from += f"{version('fonttools')} {_FACES}"
    name = f"fonts-{hashlib.sha256(made_from.encode()).hexdigest()[:12]}.css"
    if cache is not None and (kept := cache / name).is_file():
        return kept.read_text(encoding="utf-8")
    sources = {"Noto Sans": _latin_font(), "Noto Sans Myanmar": burmese_font()}
    faces = [
        f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:normal;src:url(data:font/woff2;base64,"
        f"{base64.b64encode(_cut(sources[family], letters, features, weight)).decode()}) format('woff2')}}\n"
        for family, weight, letters, features in _FACES
    ]
    css = f"/* {LICENCE} */\n{''.join(faces)}"
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        part = cache / f".{name}.part"
        part.write_text(css, encoding="utf-8")
        part.replace(cache / name)
    return css


def _cut(source: Path, letters: Sequence[int], features: Sequence[str], weight: int) -> bytes:
    """One weight with these letters as WOFF2 without times of day; no `features` keeps all of them."""
    import uharfbuzz as harfbuzz
    from fontTools.ttLib import TTFont

    face = harfbuzz.Face(harfbuzz.Blob.from_file_path(str(source)))
    wanted = harfbuzz.SubsetInput()
    wanted.unicode_set.update(letters)
    wanted.layout_feature_tag_set.clear()
    if features:
        wanted.layout_feature_tag_set.update(int.from_bytes(name.encode(), "big") for name in features)
    else:
        wanted.layout_feature_tag_set.invert()
    wanted.name_id_set.set({0, 1, 2, 13, 14})  # with the notice of the licence
    wanted.flags = harfbuzz.SubsetFlags.NO_HINTING
    for axis, value in (("wdth", 100), ("wght", weight)):
        wanted.pin_axis_location(face, axis, value)
    font = TTFont(BytesIO(harfbuzz.subset(face, wanted).blob.data), recalcTimestamp=False)
    font.flavor = "woff2"
    out = BytesIO()
    font.save(out)
    return out.getvalue()


@once
def _shaper() -> uharfbuzz.Font:
    import uharfbuzz as harfbuzz

    font = harfbuzz.Font(harfbuzz.Face(harfbuzz.Blob.from_file_path(str(burmese_font()))))
    font.set_variations({"wght": WEIGHT, "wdth": 100})
    return font


@once
def outline(words: str, size: float) -> str:
    """Burmese as the path data of one line that begins at 0, 0 on its base line; `size` in the drawing's units.

    For a drawing that leaves the report, since many machines have no font that could draw it. HarfBuzz puts the letters
    together as the font asks.
    """
    import uharfbuzz as harfbuzz
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen

    font, buffer = _shaper(), harfbuzz.Buffer()
    buffer.add_str(words)
    buffer.guess_segment_properties()
    harfbuzz.shape(font, buffer)
    scale, across, pen = size / font.face.upem, 0.0, SVGPathPen(None, ntos=_short)
    for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        left, up = (across + place.x_offset) * scale, place.y_offset * scale
        # A font counts upwards, a drawing downwards.
        font.draw_glyph_with_pen(glyph.codepoint, TransformPen(pen, (scale, 0, 0, -scale, left, -up)))
        across += place.x_advance
    return pen.getCommands()


def _short(value: float) -> str:
    return f"{round(value, 1) + 0.0:g}"  # a tenth of a unit; adding zero leaves no minus before it
