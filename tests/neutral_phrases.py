"""Holds a rendered brief to its vocabulary: every text must be a phrase of the file with values of allowed kinds.

Written apart from reports/neutral_brief/words.py on purpose: it reads the same file and nothing else of the renderer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).parent.parent / "data" / "reference" / "labels" / "my.po"
CONTEXT = "neutral brief: "
_EN = "January|February|March|April|May|June|July|August|September|October|November|December"
_MY = "ဇန်နဝါရီ|ဖေဖော်ဝါရီ|မတ်|ဧပြီ|မေ|ဇွန်|ဇူလိုင်|ဩဂုတ်|စက်တင်ဘာ|အောက်တိုဘာ|နိုဝင်ဘာ|ဒီဇင်ဘာ"
KINDS = {
    "number": r"\d{1,3}(?:,\d{3})*(?:\.\d)?",
    "share": r"(?:0\.\d{1,2}|1\.0)",
    "year": r"(?:19|20)\d\d",
    "date": rf"(?:[123]?\d (?:{_EN}) \d{{4}}|\d{{4}} ခုနှစ် (?:{_MY})လ [123]?\d ရက်)",
    "month": rf"(?:(?:{_EN}) \d{{4}}|\d{{4}} ခုနှစ် (?:{_MY})လ)",
    "pcode": r"MMR\d{6}",
    "grade": "[A-D]",
    "checksum": "[0-9a-f]{64}",
}
# Adjectives, blame, advice, and the sides: in no phrase, and in no text of a brief outside the dialogue table.
DENIED = re.compile(
    r"\b(sever\w+|heav\w+|brutal\w*|intens\w+|fierce\w*|deadly|massive|serious\w*|worst?|worse\w*|alarming|tragic\w*|"
    r"dramatic\w*|major|critical\w*|robust\w*|attack\w*|kill\w*|forc(?:e|es|ed|ing)|massacr\w+|murder\w*|blam\w+|fault|"
    r"guilt\w*|responsib\w+|perpetrat\w+|aggress\w+|terroris\w+|recommend\w*|should|must|ought|urge\w*|need to|"
    r"regime|junta|military council|rebel\w*|insurgen\w*|resistance|SAC|NUG|PDFs?|Tatmadaw|KIA|KNU|AA|TNLA|MNDAA|"
    r"high|low|lost|held)\b",
    re.IGNORECASE,
)
_EXEMPT = ("in force",)  # "a record in force" says that it counts, nothing about anybody


@cache
def vocabulary() -> dict[str, tuple[str, str]]:
    """Key -> a phrase in both languages. Not to be changed."""
    with CATALOGUE.open("rb") as stream:
        phrases = [one for one in read_po(stream) if (one.context or "").startswith(CONTEXT)]
    return {one.context.removeprefix(CONTEXT): (one.id, one.string) for one in phrases}


def denied(text: str) -> list[str]:
    for words in _EXEMPT:
        text = text.replace(words, "")
    return [found.group() for found in DENIED.finditer(text)]


class _Texts(HTMLParser):
    """Text nodes, and the attributes that are spoken, of a page without its script and style."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"script", "style"}
        self.found += [
            value for name, value in attrs if value and name in {"aria-label", "alt", "title", "placeholder"}
        ]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._hidden:
            self.found.append(" ".join(data.split()))


def texts(html: str) -> list[str]:
    reader = _Texts()
    reader.feed(html)
    return reader.found


@dataclass(frozen=True)
class Allowed:
    """The values that may fill a placeholder of open kinds: exactly those of the material, none besides."""

    townships: frozenset[str]
    sources: frozenset[str]  # titles, licences, citations
    releases: frozenset[str]  # release id, method, code version
    dialogue: frozenset[str]

    @cache  # noqa: B019 - two or three of them, and to compile one takes a second
    def pattern(self) -> re.Pattern[str]:
        """Any phrase of the vocabulary, filled; or a township's name."""
        phrases = vocabulary()
        labels = [text for key, pair in phrases.items() if key.startswith(("clash_c", "services_p")) for text in pair]
        kinds = {
            **KINDS,
            "township": _any(self.townships),
            "source": _any(self.sources),
            "licence": _any(self.sources),
            "citation": _any(self.sources),
            "release": _any(self.releases),
            "dialogue": _any(self.dialogue),
        }
        kinds["label"] = "(?:" + "|".join(_filled(text, kinds) for text in labels) + ")"
        every = [_filled(text, kinds) for pair in phrases.values() for text in pair]
        return re.compile("|".join([*every, kinds["township"], kinds["pcode"]]))

    def strangers(self, found: Iterable[str]) -> list[str]:
        """The texts that no phrase makes."""
        return sorted({text for text in found if not self.pattern().fullmatch(text)})


def _any(values: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(" ".join(value.split())) for value in sorted(values, key=len, reverse=True)) + ")"


def _filled(phrase: str, kinds: dict[str, str]) -> str:
    parts = re.split(r"\{(\w+)\}", phrase)
    return "".join(kinds[part.partition("_")[0]] if n % 2 else re.escape(part) for n, part in enumerate(parts))


def left_over(pages: Iterable[str], known: Iterable[str]) -> list[str]:
    """The words of four letters or more that a PDF says beyond the known strings; no sentence is without one.

    The pages are joined, so that a paragraph over two pages is whole again. Letters of Burmese are left out: a PDF
    gives stacked ones back twice. That they are phrases too is seen in the data that the PDF is set from.
    """
    told = "".join(re.sub(r"\d+/\d+$", "", _tight(page)) for page in pages)
    for text in sorted({_tight(one) for one in known} - {""}, key=lambda one: (one.isdigit(), -len(one), one)):
        told = told.replace(text, "\0")
    return re.findall(r"[A-Za-z]{4,}", told)


def _tight(text: str) -> str:
    return re.sub(r"[\s\u200b\u00ad\ufffe\u0002\u1000-\u109f]+", "", text)
