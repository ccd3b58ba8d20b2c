"""Setting a PDF or a picture: a Typst template in templates/ and the data it shows, never text that is read as markup.

All words reach the template as JSON in `sys.inputs.data`, so no record can become a command.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.text.fonts import drawable_letters, font_folders
from reports.text.wording import visible

if TYPE_CHECKING:
    from typst import Compiler

TEMPLATES = Path(__file__).parents[1] / "templates"  # of pages too
_OWN = threading.local()  # a compiler sets one document at a time
_PAGES = re.compile(rb"/Type\s*/Pages\s*/Count (\d+)")
UNKNOWN_LETTER = "?"  # for a letter that neither font has: a box would be read as nothing at all
# Letters beside those that both languages use; only these are looked up, for reading a font's table takes a while.
_UNUSUAL = re.compile(
    "[^ -~\u00a1-\u00ac\u00ae-\u017f\u1000-\u109f\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u2212]"
)


def _compiler() -> Compiler:
    """One compiler a thread for all PDFs of a run: it keeps the fonts, and sees no font of the machine."""
    from typst import Compiler

    if not hasattr(_OWN, "compiler"):
        _OWN.compiler = Compiler(root=TEMPLATES, font_paths=font_folders(), ignore_system_fonts=True)
    found: Compiler = _OWN.compiler
    return found


def typeset(template: str, data: Mapping[str, Any], day: date) -> bytes:
    """The PDF of templates/<template> for `data`; `day` is its date, so that the same data give the same bytes.

    Tagged, by PDF/UA-1: Typst refuses a document without title, language or alt texts. Letters that neither font
    has are replaced, since it would refuse those too. Raises typst.TypstError for a fault of the template.
    """
    pdf = _compiler().compile(
        input=(TEMPLATES / template).read_bytes(), format="pdf", sys_inputs=_inputs(data), timestamp=_second(day),
        pdf_standards=["ua-1"],
    )  # fmt: skip
    if not isinstance(pdf, bytes):
        raise TypeError(f"{template} was not set as one PDF")
    return pdf


def typeset_to_fit(template: str, data: Mapping[str, Any], day: date, ways: int, pages: int) -> bytes:
    """As `typeset`, in the first of so many `ways` that takes no more than so many pages, else in what comes after.

    The template reads the number of the way, from 0, as `data.way`; `ways` itself must always fit. To set a page and
    count is a third of the work of a template that measures first. Raises ValueError where a page too many is left.
    """
    for way in range(ways + 1):
        pdf = typeset(template, {**data, "way": way}, day)
        if page_count(pdf) <= pages:
            return pdf
    raise ValueError(f"{template} takes more than {pages} pages in every way")


def page_count(pdf: bytes) -> int:
    """The pages of a PDF that Typst has set, whose first object is the tree of all. Raises ValueError for another."""
    found = _PAGES.search(pdf)
    if found is None:
        raise ValueError("this is no PDF of Typst: its pages are not counted")
    return int(found[1])


def pictures(template: str, data: Mapping[str, Any], day: date) -> list[bytes]:
    """Every page of templates/<template> for `data` as a PNG picture, two pixels a point."""
    found = _compiler().compile(
        input=(TEMPLATES / template).read_bytes(), format="png", ppi=2 * 72, sys_inputs=_inputs(data),
        timestamp=_second(day),
    )  # fmt: skip
    return [found] if isinstance(found, bytes) else [page for page in found or [] if page]


def _inputs(data: Mapping[str, Any]) -> dict[str, str]:
    return {"data": json.dumps(settable(data), ensure_ascii=False)}


def _second(day: date) -> int:
    """The start of a day in seconds since 1970."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400


def settable(value: Any) -> Any:
    """The same data with every text in letters that the two fonts can draw, and without invisible characters."""
    if isinstance(value, str):
        return _UNUSUAL.sub(_drawable, visible(value))
    if isinstance(value, Mapping):
        return {key: settable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [settable(one) for one in value]
    return value


def _drawable(letter: re.Match[str]) -> str:
    if letter[0].isspace():
        return " "
    return letter[0] if ord(letter[0]) in drawable_letters() else UNKNOWN_LETTER
