"""The fonts a release carries: Noto Sans Myanmar cut for the pages, and both Noto families for the PDFs.

The fonts (SIL Open Font License) come as packages; only their files are used, none of their code. The pages take the
font from one style sheet as data, since browsers refuse a font file beside a page that was opened from a disk.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache as once
from importlib.metadata import version
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

_LATIN, _MYANMAR = "fontpkg_noto_sans", "justmytype_intl_sea"
FAMILY = "Noto Sans Myanmar"
LICENCE = "Noto Sans and Noto Sans Myanmar, The Noto Project Authors, SIL Open Font License 1.1"
# Myanmar with both extensions, and the circle that carries a lone vowel sign
_LETTERS = [*range(0x1000, 0x10A0), *range(0xAA60, 0xAA80), *range(0xA9E0, 0xAA00), 0x20, 0x25CC]


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


def font_css(cache: Path | None = None) -> str:
    """The style sheet that embeds the Burmese font (about 50 kB); kept in `cache`."""
    source = next((_package(_MYANMAR) / "fonts" / "ofl" / "notosansmyanmar").glob("NotoSansMyanmar*.ttf"))
    made_from = f"{version('justmytype-intl-sea')} {version('uharfbuzz')} {version('fonttools')} {len(_LETTERS)}"
    name = f"burmese-{hashlib.sha256(made_from.encode()).hexdigest()[:12]}.css"
    if cache is not None and (kept := cache / name).is_file():
        return kept.read_text(encoding="utf-8")
    data = base64.b64encode(_cut(source)).decode()
    css = (
        f"/* {LICENCE} */\n@font-face{{font-family:'{FAMILY}';font-weight:400;font-style:normal;"
        f"src:url(data:font/woff2;base64,{data}) format('woff2')}}\n"
    )
    if cache is not None:
        cache.mkdir(parents=True, exist_ok=True)
        part = cache / f".{name}.part"
        part.write_text(css, encoding="utf-8")
        part.replace(cache / name)
    return css


def _cut(source: Path) -> bytes:
    """The regular weight with the Burmese letters and every shaping rule, as WOFF2 without times of day."""
    import uharfbuzz as harfbuzz
    from fontTools.ttLib import TTFont

    face = harfbuzz.Face(harfbuzz.Blob.from_file_path(str(source)))
    wanted = harfbuzz.SubsetInput()
    wanted.unicode_set.update(_LETTERS)
    wanted.layout_feature_tag_set.clear()
    wanted.layout_feature_tag_set.invert()  # every feature
    wanted.name_id_set.set({0, 1, 2, 13, 14})  # with the notice of the licence
    wanted.flags = harfbuzz.SubsetFlags.NO_HINTING
    for axis, value in (("wdth", 100), ("wght", 400)):
        wanted.pin_axis_location(face, axis, value)
    font = TTFont(BytesIO(harfbuzz.subset(face, wanted).blob.data), recalcTimestamp=False)
    font.flavor = "woff2"
    out = BytesIO()
    font.save(out)
    return out.getvalue()
