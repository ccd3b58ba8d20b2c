"""report/brief.pdf and brief_my.pdf: the national brief on two A4 pages, in English and in Burmese.

Not here: how a PDF is set (typesetting.py), what the pages of the site say (views.py).
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from reports.release import Release
from reports.typesetting import typeset
from reports.views import headline


def write_brief(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write report/brief.pdf and report/brief_my.pdf."""
    target = folder / "report"
    target.mkdir(parents=True, exist_ok=True)
    for language, name in (("en", "brief.pdf"), ("my", "brief_my.pdf")):
        data = {"language": language, "banners": list(release.banners), "headline": headline(tables, release)}
        (target / name).write_bytes(typeset("brief.typ", data, release.period_end))
