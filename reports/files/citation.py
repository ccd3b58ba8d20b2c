"""How a release is cited: CITATION.cff for the data set, and the same as BibTeX and RIS for pages.

The year is that of the day of knowledge, else of the last day of the data: there is no clock behind it. An address
stands in it only where the run was told one (TOWNSHIP_INDEX_BASE_ADDRESS).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reports.release import Release, licence
from reports.text.wording import visible

CFF = "CITATION.cff"
TITLE = "Township conflict index for Myanmar"
AUTHORS = "The Township Conflict Index contributors"
ABSTRACT = (
    "Clashes, displacement, public services and control for the 330 townships of Myanmar, by month: three indices with "
    "their classes, how sure each figure is and how old its evidence. Counts are floors: what no source reports is not "
    "in them, and a missing report is never a zero."
)
# Names of licences that the Citation File Format knows (SPDX) among those of reports/release.py.
_SPDX = {"CC0-1.0", "CC-BY-4.0"}


@dataclass(frozen=True)
class Citation:
    """One release as the three formats cite it; its title says whether it is invented, or internal."""

    release_id: str
    title: str
    released: date
    note: str
    address: str

    @property
    def bibtex(self) -> str:
        fields = {
            "title": self.title, "year": str(self.released.year), "version": self.release_id, "note": self.note,
            "url": self.address,
        }  # fmt: skip
        own = [f"  {name} = {{{_inert(value)}}}" for name, value in fields.items() if value]
        # Braces of its own keep the name of a body from being split into a person's.
        lines = [f"@misc{{township-conflict-index-{self.release_id}", f"  author = {{{{{AUTHORS}}}}}", *own]
        return ",\n".join(lines) + "\n}"

    @property
    def ris(self) -> str:
        tags = (
            ("TY", "DATA"), ("AU", AUTHORS), ("TI", self.title), ("PY", str(self.released.year)),
            ("DA", f"{self.released:%Y/%m/%d}"), ("ET", self.release_id), ("N1", self.note), ("UR", self.address),
        )  # fmt: skip
        return "\n".join([*(f"{tag}  - {value}" for tag, value in tags if value), "ER  - "])


def _inert(value: str) -> str:
    """The text without what would end a field of BibTeX, and with its signs written as such."""
    return re.sub(r"([%&#_$])", r"\\\1", re.sub(r"[{}\\]", "", value))


def citation(release: Release) -> Citation:
    marks = (" [SYNTHETIC DATA]" * release.synthetic, " [INTERNAL]" * release.internal)
    return Citation(
        release_id=release.release_id,
        title="".join((TITLE, *marks)),
        released=release.as_of or release.period_end,
        note=f"Data to {release.period_end.isoformat()}, method {release.method}. Licence: {_licence(release)}.",
        address=release.address_of(""),
    )


def _licence(release: Release) -> str:
    return " ".join(visible(licence(release)["title"]).split())


def cff(release: Release) -> str:
    """CITATION.cff 1.2.0 as YAML; each value is written as JSON, which YAML reads as it stands."""
    own, terms = citation(release), licence(release)
    fields: dict[str, object] = {
        "cff-version": "1.2.0",
        "message": "If you use these data, cite the release and name every source listed in datapackage.json.",
        "type": "dataset",
        "title": own.title,
        "abstract": " ".join((*release.banners, ABSTRACT, own.note)),
        "authors": [{"name": AUTHORS}],
        "version": release.release_id,
        "date-released": own.released.isoformat(),
        "keywords": ["Myanmar", "conflict", "displacement", "public services", "townships"],
        "identifiers": [{"type": "other", "value": release.release_id, "description": "Id of the release"}],
    }
    if terms["name"] in _SPDX:
        fields["license"] = terms["name"]
    if own.address:
        fields["url"] = own.address
    return "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in fields.items())


def write_cff(release: Release, folder: Path) -> None:
    """Write CITATION.cff at the root of the release."""
    (folder / CFF).write_bytes(cff(release).encode("utf-8"))
