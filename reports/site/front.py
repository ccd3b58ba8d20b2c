"""The first page of a release and that of the folder of releases: what a host shows where no page was named.

Both stand outside of report/: index.html in English and index_my.html in Burmese, without a script, with links to what
lies beside them alone. Not here: the pages of the report, which follow from pages.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from reports.draw.typeset import TEMPLATES
from reports.files.api import NATION, REGIONS, TOWNSHIPS
from reports.files.citation import CFF
from reports.files.feed import FEED, RELEASES, Issue, as_json, feed, releases
from reports.files.zips import PARQUET, SITE
from reports.release import Release, imprint
from reports.site.render import BURMESE, HERE, content_policy, drawn, shared_environment
from reports.text.catalogue import Both, catalogue, day_both, in_language, same, say

NAMES: Mapping[str, str] = {"en": "index.html", "my": "index_my.html"}
# (address, words) of a release's doors; those to read, then those to compute with.
_READ: tuple[tuple[str, str], ...] = (
    ("report/index.html", "The report in English"),
    (f"report/{BURMESE}/index.html", "The report in Burmese"),
    ("report/brief.pdf", "The brief in English"),
    ("report/brief_my.pdf", "The brief in Burmese"),
)
_FILES: tuple[tuple[str, str], ...] = (
    ("report/downloads.html", "All files, with size and how to read them"),
    ("township_index.xlsx", "Workbook: tables, notes and dictionary"),
    ("township_index.duckdb", "All published tables with a comment on every column"),
    (PARQUET, "All tables as Parquet in one file"),
    (SITE, "The report as one file, to carry and open without a network"),
    (NATION, "The country by month, for programs (JSON)"),
    (REGIONS, "States and regions by month, for programs (JSON)"),
    (TOWNSHIPS, "The list of townships with a file of months for each (JSON)"),
    ("datapackage.json", "Schema, units, licences, sources and hashes (Data Package v2)"),
    ("manifest.json", "Release, inputs and outputs with their checksums (SHA-256)"),
    (CFF, "How to cite the release, for programs (CFF)"),
)


@dataclass(frozen=True)
class Row:
    """A release in the list: its name, the day its data end, the day of knowledge, whether `latest` names it.

    `withdrawn` says when and why it is no longer good; None where it is.
    """

    release_id: str
    until: Both
    known: Both
    newest: bool
    page: str
    withdrawn: Both | None = None


def write_both(folder: Path, context: Mapping[str, Any], template: str = "front.html.j2") -> None:
    """Both languages of a page outside of the report, each put in place in one rename: nobody meets half a page."""
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "night.css"))
    languages = (("en", "English", NAMES["en"]), ("my", "မြန်မာ", NAMES["my"]))
    text = shared_environment().get_template(template).render(
        style=drawn(style), policy=content_policy(style, []), languages=languages, here=HERE, **context
    )  # fmt: skip
    for language, name in NAMES.items():
        put(folder / name, in_language(text, language))


def put(path: Path, text: str) -> None:
    """Write a file in one rename."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(text.encode("utf-8"))
    part.replace(path)


def write_front(release: Release, folder: Path) -> None:
    """index.html and index_my.html at the root of a release."""
    said = imprint(release)
    write_both(folder, {
        "marks": said.marks, "root": "",
        "prefix": "INTERNAL: " * release.internal + "SYNTHETIC: " * release.synthetic,
        "heading": say("Township conflict index for Myanmar"),
        "facts": said.facts, "licence": said.licence, "citation": release.citation, "disclaimer": said.disclaimer,
        "read": [(address, say(words)) for address, words in _READ],
        "files": [(address, say(words)) for address, words in _FILES], "rows": [],
        "up": "" if release.internal else "../index.html",
    })  # fmt: skip


def write_list(issues: Sequence[Issue], latest: str, periods: Mapping[str, str], base: str, folder: Path) -> None:
    """Write the first pages of the folder that the releases lie in, releases.json and feed.xml; nothing without any.

    `issues` are in the order of the list, `periods` names the release of each month, `base` is the address of the
    folder or empty. Links of the pages name the folders of releases and never `latest`, which a host may drop.
    """
    if not issues:
        return
    put(folder / RELEASES, as_json(releases(issues, latest, periods, base)))
    put(folder / FEED, feed(issues, base))
    rows = [
        Row(one.release_id, _day(one.period_end), _day(one.as_of) if one.as_of else say("not known"),
            one.release_id == latest, f"{one.release_id}/{_page(one)}", None if one.good else _withdrawn(one))
        for one in issues
    ]  # fmt: skip
    good = [one for one in issues if one.good]
    newest = next((one for one in good if one.release_id == latest), (good or issues)[0])
    none_left = [] if good else [say("Every release was withdrawn. No figure published so far should be used.")]
    write_both(folder, {
        "marks": [*none_left, *_sentences(newest.notice)], "prefix": "SYNTHETIC: " if newest.synthetic else "",
        "root": f"{newest.release_id}/", "heading": say("Releases of the township conflict index for Myanmar"),
        "facts": [], "licence": [], "citation": "", "disclaimer": "", "up": "",
        "read": [(f"{newest.release_id}/{address}", say(words)) for address, words in _READ] if good else [],
        "files": [(RELEASES, say("The list of releases, for programs (JSON)")),
                  (FEED, say("News of each release (Atom feed)"))],
        "rows": rows,
    })  # fmt: skip


def _sentences(notice: str) -> list[Both]:
    """The warnings of a manifest one by one, each in both languages where the catalogue has it."""
    found = re.split(r"(?<=\.) (?=[A-Z]{4,}[ A-Z]*:)", notice) if notice else []
    return [say(words) if words in catalogue() else same(words) for words in found]


def _withdrawn(one: Issue) -> Both:
    return say("withdrawn on {day}: {why}", day=_day(one.withdrawn_at[:10]), why=one.withdrawn_why)


def _page(one: Issue) -> str:
    return NAMES["en"] if NAMES["en"] in one.outputs else "report/index.html"


def _day(text: str) -> Both:
    return day_both(date.fromisoformat(text))
