"""What must travel with a file that leaves its release: its id, whether it is invented, the licence, whom to cite.

The licence is that of all sources together: where they differ, no single one of them may be claimed for the whole.
Not here: what each source asks for (pipeline/sources.py).
"""

import polars as pl

from pipeline.columns import Column
from reports.release import Release

_OPEN = {
    "CC0-1.0": ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    "CC BY 4.0": ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
    "CC BY-IGO": ("CC-BY-3.0-IGO", "https://creativecommons.org/licenses/by/3.0/igo/"),
}
# Words of licences that ask for attribution and nothing more.
_ATTRIBUTION = ("CC BY", "MIT", "attribution to MIMU")

# Columns that files which travel alone hold beside those of the tables.
MARK_COLUMNS: tuple[Column, ...] = (
    Column("release_id", "VARCHAR", "Release that the file belongs to"),
    Column("synthetic", "BOOLEAN", "Whether every figure is invented to show how the release works"),
)


def marked(frame: pl.DataFrame, release: Release) -> pl.DataFrame:
    """The frame with MARK_COLUMNS behind its own."""
    return frame.with_columns(pl.lit(release.release_id).alias("release_id"), synthetic=pl.lit(release.synthetic))


def licence_entry(words: str) -> dict[str, str]:
    """One source's licence as a data package names it; `other-closed` where the words promise nothing open."""
    for known, (name, path) in _OPEN.items():
        if words == known or words.startswith(f"{known} ("):
            return {"name": name, "path": path, "title": words}
    kind = "other-at" if words.startswith(_ATTRIBUTION) else "other-closed"
    return {"name": kind, "title": words or "not stated"}


def licence(release: Release) -> dict[str, str]:
    """The licence of the whole: the one of all sources, else `other` with the words of each.

    `other-closed` as soon as one source is not open (a data package's reader takes a list of licences for a choice
    among them, so there is one entry).
    """
    entries = {words: licence_entry(words) for words in sorted({words for _, words, _ in release.generated_from})}
    names = {entry["name"] for entry in entries.values()}
    if len(entries) == 1:
        return next(iter(entries.values()))
    if not entries:
        return {"name": "other-closed", "title": "not stated"}
    titles = "; ".join(entry["title"] for entry in entries.values())
    return {
        "name": "other-closed" if "other-closed" in names else "other-at",
        "title": f"The terms of all sources hold together: {titles}",
    }


def notice(release: Release) -> str:
    """Banners, citation and licence in one line, for the description of a file."""
    return " ".join((*release.banners, f"{release.citation} Licence: {licence(release)['title']}."))
