"""The fonts of the pages: two families in two weights, light enough, the same bytes; Burmese as outlines."""

import re
from base64 import b64decode
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from fontTools.ttLib import TTFont

from reports.text.fonts import font_css, outline


def faces(css: str) -> dict[tuple[str, int], TTFont]:
    found = re.findall(r"font-family:'([^']+)';font-weight:(\d+);[^(]*\(data:font/woff2;base64,([^)]+)\)", css)
    return {(family, int(weight)): TTFont(BytesIO(b64decode(data))) for family, weight, data in found}


def test_both_scripts_come_in_two_weights_so_that_no_bold_is_smeared(font_cache: Path) -> None:
    css = font_css(font_cache)
    found = faces(css)
    assert set(found) == {(family, weight) for family in ("Noto Sans", "Noto Sans Myanmar") for weight in (400, 700)}
    for weight in (400, 700):
        assert {ord(letter) for letter in "Aé–−²"} <= set(found["Noto Sans", weight].getBestCmap())
        assert {ord(letter) for letter in "မြန်မာစာ"} <= set(found["Noto Sans Myanmar", weight].getBestCmap())
        assert found["Noto Sans", weight]["OS/2"].usWeightClass == weight
        assert "GSUB" in found["Noto Sans Myanmar", weight], "without its rules no Burmese word is put together"
    assert len(css) < 125_000
    assert [path.read_text(encoding="utf-8") for path in font_cache.glob("*.css")] == [css], "kept"


def test_a_longer_word_is_a_longer_outline() -> None:
    lines = [outline(words, 20) for words in ("မြန်", "မြန်မာ", "မြန်မာနိုင်ငံ")]
    assert all(len(one) < len(other) for one, other in pairwise(lines))
    numbers = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", lines[0])]
    assert all(-25 <= one <= 60 for one in numbers), "near the base line, a few letters wide"
    assert "-0 " not in lines[2]
