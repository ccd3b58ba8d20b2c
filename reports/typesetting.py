"""Setting a PDF: a Typst template in templates/ and the data it shows, never text that is read as markup.

All words reach the template as JSON in `sys.inputs.data`, so no record can become a command. Not here: what a brief
says (brief.py and neutral_brief.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from reports.fonts import font_folders
from reports.pages import TEMPLATES

if TYPE_CHECKING:
    from typst import Compiler


@cache
def _compiler() -> Compiler:
    """One compiler for all PDFs of a run: it keeps the fonts, and sees no font of the machine."""
    from typst import Compiler

    return Compiler(root=TEMPLATES, font_paths=font_folders(), ignore_system_fonts=True)


def typeset(template: str, data: Mapping[str, Any], day: date) -> bytes:
    """The PDF of templates/<template> for `data`; `day` is its date, so that the same data give the same bytes.

    Raises typst.TypstError for a fault of the template.
    """
    pdf = _compiler().compile(
        input=(TEMPLATES / template).read_bytes(),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=day.toordinal() * 86_400 - date(1970, 1, 1).toordinal() * 86_400,
    )
    if not isinstance(pdf, bytes):
        raise TypeError(f"{template} was not set as one PDF")
    return pdf
