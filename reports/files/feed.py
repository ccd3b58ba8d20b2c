"""What lies beside the releases: releases.json, the list of them for programs, and feed.xml, the same as Atom.

Made from the manifests of the releases and from nothing else, so that it can be made again at any time: no clock but
the time at which each release was made, no id that depends on where they lie. Ids are UUIDs of the release's name,
which is a hash of what went in. Links are relative, so that any static host serves them; with a base address they are
whole, as feed readers like them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from reports.files.api import NATION
from reports.files.citation import AUTHORS, TITLE
from reports.files.zips import PARQUET, SITE
from reports.text.wording import visible

RELEASES, FEED = "releases.json", "feed.xml"
# Of this data set; changing it would give every release of every feed another id.
_OWN = UUID("6b0f4a5e-2f0c-5d57-9a5e-3c5f0f6d1a10")
_ATOM = "http://www.w3.org/2005/Atom"
# What releases.json names of each release, by path in it.
_FILES: Mapping[str, str] = {
    "report": "report/index.html", "report_my": "report/my/index.html", "brief": "report/brief.pdf",
    "brief_my": "report/brief_my.pdf", "database": "township_index.duckdb", "workbook": "township_index.xlsx",
    "datapackage": "datapackage.json", "manifest": "manifest.json", "nation": NATION, "site": SITE, "parquet": PARQUET,
}  # fmt: skip


@dataclass(frozen=True)
class Issue:
    """One release as its manifest says; `month` is the last month of its api/nation.json, None where there is none.

    `withdrawn_at` is the time since which it is no longer good, empty where it is, and `withdrawn_why` the reason.
    """

    release_id: str
    period_end: str
    as_of: str
    created_at: str
    method: str
    synthetic: bool
    notice: str
    outputs: tuple[str, ...]
    month: Mapping[str, Any] | None = None
    withdrawn_at: str = ""
    withdrawn_why: str = ""

    @property
    def good(self) -> bool:
        """Whether its figures may be used."""
        return not self.withdrawn_at

    @property
    def updated(self) -> str:
        """When something was last said of it."""
        return max(self.created_at, self.withdrawn_at)

    @property
    def period(self) -> str:
        """The month of the last day, e.g. 2023-12."""
        return self.period_end[:7]

    @property
    def title(self) -> str:
        invented = " [SYNTHETIC DATA]" if self.synthetic else ""
        withdrawn = "" if self.good else "WITHDRAWN: "
        return f"{withdrawn}{TITLE}{invented}: data to {self.period_end}"

    @property
    def summary(self) -> str:
        """What the release says of its last month, in plain words; a figure that is not known is said.

        Of a withdrawn one only that, when and why.
        """
        if not self.good:
            return f"{_withdrawn_on(self.withdrawn_at)} {_sentence(self.withdrawn_why)} Its figures must not be used."
        known = f"What was known by {self.as_of}." if self.as_of else "Everything received was used."
        return " ".join(part for part in (self.notice, *_figures(self.month), known, "Counts are floors.") if part)


def _figures(month: Mapping[str, Any] | None) -> list[str]:
    if month is None:
        return []
    clashes, alerts = month.get("clashes_month_count"), month.get("signal_alert_count")
    return [
        f"Clashes of {str(month['month'])[:7]}, at least: {_count(clashes)}.",
        f"Townships with an alert: {_count(alerts)}.",
    ]


def _withdrawn_on(at: str) -> str:
    return f"Withdrawn on {at[:10]}. Reason:"


def _count(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else "not known"


def issue(manifest: Mapping[str, Any], month: Mapping[str, Any] | None = None) -> Issue:
    """The release of a manifest. Raises KeyError where it does not say its id or period."""
    period_end = str(manifest["period_end"])
    withdrawn = manifest.get("withdrawn") or {}
    return Issue(
        release_id=str(manifest["release_id"]),
        period_end=period_end,
        as_of=str(manifest.get("as_of") or ""),
        created_at=str(manifest.get("created_at") or f"{period_end}T00:00:00+00:00"),
        method=str(manifest.get("method", "")),
        synthetic=bool(manifest.get("synthetic", False)),
        notice=visible(str(manifest.get("notice", ""))),
        outputs=tuple(manifest.get("outputs", ())),
        month=None if withdrawn else month,
        withdrawn_at=str(withdrawn.get("at", "")),
        withdrawn_why=visible(str(withdrawn.get("why", ""))),
    )


def _sentence(text: str) -> str:
    """A reason as a sentence of its own, as somebody typed it."""
    return text if not text or text.endswith((".", "!", "?", "။")) else f"{text}."


def releases(issues: Sequence[Issue], latest: str, periods: Mapping[str, str], base: str = "") -> dict[str, Any]:
    """releases.json: the newest edition first; addresses from the folder that it lies in, or whole with a base."""
    return {
        "title": TITLE,
        "latest": latest or None,
        "periods": dict(sorted(periods.items(), reverse=True)),
        "releases": [_listed(one, latest, base) for one in issues],
    }


def _listed(one: Issue, latest: str, base: str) -> dict[str, Any]:
    at = f"{base}{one.release_id}/"
    there = {"manifest.json", *(one.outputs if one.good else ())}
    files = {name: f"{at}{path}" for name, path in _FILES.items() if path in there}
    return {
        "release_id": one.release_id,
        "is_latest": one.release_id == latest,
        "period_end": one.period_end,
        "as_of": one.as_of or None,
        "created_at": one.created_at,
        "method": one.method,
        "synthetic": one.synthetic,
        "notice": one.notice,
        "withdrawn": None if one.good else {"at": one.withdrawn_at, "why": one.withdrawn_why},
        "address": at,
        "files": files,
    }


def feed(issues: Sequence[Issue], base: str = "") -> str:
    """feed.xml: Atom 1.0 (RFC 4287), an entry a release, the newest edition first.

    Without any release there is no time to give, and so no feed: ValueError.
    """
    if not issues:
        raise ValueError("there is no release to make a feed of")
    kind = "synthetic" if issues[0].synthetic else "real"
    root = Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _element(root, "id", f"urn:uuid:{uuid5(_OWN, f'feed {kind}')}")
    _element(root, "title", TITLE + (" [SYNTHETIC DATA]" if issues[0].synthetic else ""))
    _element(root, "updated", max(one.updated for one in issues))
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": f"{base}index.html"})
    if base:
        SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{base}{FEED}"})
    _element(SubElement(root, "author"), "name", AUTHORS)
    for one in issues:
        entry = SubElement(root, "entry")
        _element(entry, "id", f"urn:uuid:{uuid5(_OWN, one.release_id)}")
        _element(entry, "title", one.title)
        _element(entry, "updated", one.updated)
        page = f"{base}{one.release_id}/{'index.html' if 'index.html' in one.outputs else _FILES['report']}"
        SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": page})
        _element(entry, "summary", one.summary)
    indent(root, "")
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _element(parent: Element, name: str, words: str) -> None:
    SubElement(parent, name).text = words


def as_json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
