"""The names by which every page finds a township, a state or a region: one file that all pages load."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from reports.draw.typeset import TEMPLATES
from reports.release import Release, published, unit
from reports.site.map import inert, states_in_order
from reports.site.render import compact
from reports.text.catalogue import say
from reports.text.wording import visible

NAME = "finder.js"
# What a field that finds says, in both languages: once here, not in each of some hundred pages.
_WORDS: Mapping[str, str] = MappingProxyType({
    "field": "name in English or Burmese, or P-code",
    "list": "Townships found",
    "found": "{count} townships found",
    "none": "No township of that name or P-code",
    "more": "and {count} more: type on",
})  # fmt: skip


def names(tables: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """Townships as [P-code, name, Burmese name, place of the region], regions as [name, Burmese name, file name]."""
    places = published(tables, "townships").drop("geometry")
    states = states_in_order(places)
    return {
        "townships": [
            [row["adm3_pcode"], visible(row["adm3_name"]), visible(row["adm3_name_my"] or ""),
             states.index(row["state_region"])]
            for row in places.to_dicts()
        ],
        "regions": [[one.name, one.name_my, one.slug] for one in map(unit, states)],
    }  # fmt: skip


def words() -> dict[str, dict[str, str]]:
    """Language -> the words of a field, with {count} to be filled in."""
    phrases = {key: say(text, count="{count}") if "{count}" in text else say(text) for key, text in _WORDS.items()}
    return {
        "en": {key: one.en for key, one in phrases.items()},
        "my": {key: one.my for key, one in phrases.items()},
    }


def as_script(name: str, data: Mapping[str, Any]) -> str:
    """A script that sets one name to data without words of a language."""
    return f"var {name}={inert(data, 'en')};\n"


def write_names(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write report/finder.js: the names, and what finds them."""
    script = compact((TEMPLATES / NAME).read_text(encoding="utf-8"))
    mark = f"// {release.watermark}\n" if release.watermark else ""
    data = as_script("TOWNSHIP_NAMES", names(tables)) + as_script("FINDER_WORDS", words())
    (folder / NAME).write_bytes(f"{mark}{data}{script}\n".encode())
