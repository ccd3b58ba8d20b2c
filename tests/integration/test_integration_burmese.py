"""The Burmese pages are Burmese: how many Latin letters they show outside names, codes and units, kind by kind.

Measured by scripts/latin_letters.py, which says what counts as a name. What stays English says so in Burmese.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts.latin_letters import Letters, kinds, letters, names

pytestmark = pytest.mark.integration
MOST = 0.02  # of the letters of a page
# Pages for experts whose longer texts stay English, and what has a section of that kind.
STAY_ENGLISH = {"methods", "quality", "dictionary", "comparison"}
IN_PART = {"downloads": 0.55}  # what each table holds, and how to read it
NOTE = "မြန်မာစာဖတ်သူတစ်ဦးက မစစ်ဆေးရသေးပါ"  # not yet read by a native reader


@pytest.fixture(scope="module")
def pages(sample_home: Path) -> Mapping[str, tuple[Path, Letters]]:
    release = (sample_home / "published" / "latest").resolve()
    named = names(release)
    return {
        kind: (path, letters(path.read_text(encoding="utf-8"), named))
        for kind, path in kinds(release / "report").items()
    }


def test_little_english_is_left_on_burmese_pages(pages: Mapping[str, tuple[Path, Letters]]) -> None:
    wanted = {"index", "month", "townships", "changes", "uncertainty", "guide", "glossary", "townships/", "regions/"}
    assert wanted <= set(pages)
    over = {
        kind: (round(found.share, 3), found.words.most_common(12))
        for kind, (_, found) in pages.items()
        if kind not in STAY_ENGLISH and found.share > IN_PART.get(kind, MOST)
    }
    assert over == {}


def test_what_stays_english_says_so_and_every_page_that_no_native_has_read_it(
    pages: Mapping[str, tuple[Path, Letters]],
) -> None:
    texts = {kind: path.read_text(encoding="utf-8") for kind, (path, _) in pages.items()}
    assert [kind for kind, text in texts.items() if NOTE not in text] == []
    assert [kind for kind in STAY_ENGLISH if texts[kind].count('class="note"') < 2] == []


def test_latin_letters_are_told_from_names_codes_and_hidden_text() -> None:
    named = names()
    page = """<head><title>Hidden</title></head><p>မြန်မာ Loikaw (MMR002001) 5 km² UCDP clashes_count a.csv isp-2023
    <span translate="no">Somebody's own title</span><script>var x</script><svg><title>tip</title></svg>
    <tr><td>to be seen<td hidden>B</table>"""
    assert dict(letters(page, named).words) == {"to": 1, "be": 1, "seen": 1}
    assert letters("<p>မြန်မာ</p>", named).share == 0
    assert letters("<p>English</p>", names()).share == 0, "the name of the language itself"
    assert letters("<p>words</p>", named).share == 1
