"""PNG pictures made small: their colours as a palette of at most 48, and words that say what they are from.

Typst writes each pixel in four bytes. Our pictures have few colours: the edges of letters and shapes are most of them,
and 48 are as good to the eye at a quarter of the size. The same pictures give the same bytes.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO

_COLOURS = 48
_WHITE = 255  # an octree takes the mean of what is nearly white for it
_LEVEL = 6  # of zlib


def small(pictures: Sequence[bytes], said: Mapping[str, str]) -> list[bytes]:
    """The PNG pictures as indexed PNG; `said` are keywords of the specification (Title, Source) and words, of each.

    Opacity is left out. Raises OSError for what is no PNG picture, or a part of one.
    """
    return [_indexed(picture, said) for picture in pictures]


def _indexed(picture: bytes, said: Mapping[str, str]) -> bytes:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    for keyword, text in said.items():
        words.add_itxt(keyword, text)
    with Image.open(BytesIO(picture), formats=["PNG"]) as image:
        # By an octree, which keeps the fill of a class to the eye, and without dots of two: an edge stays an edge.
        few = image.convert("RGB").quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.putpalette(bytes(_WHITE if part >= _WHITE - 1 else part for part in few.getpalette() or ()))
    out = BytesIO()
    few.save(out, "PNG", compress_level=_LEVEL, pnginfo=words)
    return out.getvalue()
