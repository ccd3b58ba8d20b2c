"""Words that stand on many pages, kept once in their common style sheet: 330 pages of labels are a third lighter.

A page's element keeps its English, and where its Burmese is the shared one its data-my is empty; language.js takes
the words from the sheet. The sheet is the one file that a page opened from a disk may load and read under its
policy: a script file or a JSON would need a wider one. Words of a single page stay in it, and a page that lost its
sheet stays English, never empty. Not here: the words themselves (bilingual.py).
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable

_PAIR = re.compile(r'<span class="en" lang="en">([^<]*)</span><span class="my" lang="my">([^<]*)</span>')
_TEXT = re.compile(r' data-my="([^"]+)"([^<>]*)>([^<]*)<')
_LABEL = re.compile(r'aria-label="([^"]*)" data-my-aria-label="([^"]+)"')
FEWEST = 8  # pages' worth of uses from which a phrase is shared


class SharedWords:
    """Pairs of the two languages as they stand in pages, escaped; an English of two translations is not shared."""

    def __init__(self, pages: Iterable[str]) -> None:
        used: Counter[tuple[str, str]] = Counter()
        for page in pages:
            used.update((match[1], match[2]) for match in _PAIR.finditer(page))
            used.update((match[3], match[1]) for match in _TEXT.finditer(page))
            used.update((match[1], match[2]) for match in _LABEL.finditer(page))
        translations = Counter(english for english, _ in {_plain(pair) for pair in used})
        self._pairs = frozenset(
            pair for pair, times in used.items() if times >= FEWEST and translations[html.unescape(pair[0])] == 1
        )

    def lighten(self, page: str) -> str:
        """The page without the Burmese that the sheet holds."""

        def pair(match: re.Match[str]) -> str:
            return f'<span data-my="">{match[1]}</span>' if match.groups() in self._pairs else match[0]

        def text(match: re.Match[str]) -> str:
            return f' data-my=""{match[2]}>{match[3]}<' if (match[3], match[1]) in self._pairs else match[0]

        def label(match: re.Match[str]) -> str:
            return f'aria-label="{match[1]}" data-my-aria-label=""' if match.groups() in self._pairs else match[0]

        return _LABEL.sub(label, _PAIR.sub(pair, _TEXT.sub(text, page)))

    def sheet(self) -> str:
        """A rule of style whose value is the words as JSON; nothing of it can end the rule or the sheet."""
        words = dict(sorted(map(_plain, self._pairs)))
        return ":root{--words:" + json.dumps(words, ensure_ascii=False, separators=(",", ":")) + "}\n"


def _plain(pair: tuple[str, str]) -> tuple[str, str]:
    return html.unescape(pair[0]), html.unescape(pair[1])
