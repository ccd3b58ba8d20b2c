"""How a source is declared: provider, licence, citation, cadence, what absence means, its formats, its download.

The sources themselves stand in pipeline/sources/, a folder each. A delivery's sidecar may state its own source,
licence, reference date and meaning of absence; what it does not state is taken from the source.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.declare.choice import Choice
from pipeline.declare.codes import Absence, EventClass
from pipeline.declare.formats import FileFormat


@dataclass(frozen=True)
class Download:
    """How `township-index fetch` reaches a source. `hosts` are the only addresses, each with the start of its path."""

    name: str  # what the command, the asset and the schedule call it
    about: str  # what is downloaded, in a sentence
    hosts: tuple[str, ...]
    daily_at: str  # when its schedule asks, Myanmar time: before the main run at 05:30, minutes apart from the others
    options: tuple[str, ...] = ()  # options of the command that say anything to it
    keys: tuple[str, ...] = ()  # names in the environment that it may read
    note: str = ""  # what is said after each download


@dataclass(frozen=True)
class Source:
    """A source of records or of shapes. Thresholds are not here: they belong to the methods (methods.py)."""

    key: str
    title: str
    provider: str
    licence: str
    citation: str
    cadence: str
    absence_means: Absence
    absence_why: str
    rows_may_be_passed_on: bool
    url: str = ""
    # Days after its newest receipt from which the source is called silent; none where it comes when it comes.
    silent_after_days: Choice | None = None
    # Days before the day up to which a clash source is known in which its months are still under-reported.
    provisional_days: int = 0
    provisional_why: str = ""
    # `code_status` of a row that is final: only rows of another status (candidates) make a month provisional.
    final_status: str = ""
    # Classes of event that its coding can hold at all: of another class its silence says nothing.
    event_classes: tuple[EventClass, ...] = tuple(EventClass)
    lethal_only: bool = False  # holds only events with deaths: counts far below those of sources with all clashes
    caveat: str = ""  # what a reader must know of its figures; stands behind the citation
    formats: tuple[FileFormat, ...] = ()  # none for shapes and for the lists that this repository ships
    # Window of a shipped method -> how far one step moves the security cut of this source; none: as for any other.
    security_steps: Mapping[str, Choice] = field(default_factory=dict)
    download: Download | None = None  # none for what comes as a file only
    split_by_team: bool = False  # deliveries come from many teams: each that states its name is a source of its own

    @property
    def statement(self) -> str:
        return f"{self.citation} {self.caveat}".strip()

    def key_of_team(self, stated: str) -> str:
        """The key of a delivery of this source whose sidecar states the name `stated`, "" where it states none.

        Two teams number their events alike, so with one key they would be added up and replace each other's events.
        A delivery that states no name carries the source's title and keeps the source's key.
        """
        if not self.split_by_team or stated.strip() in ("", self.title):
            return self.key
        return f"{self.key}:{_slug(stated)}"


@dataclass(frozen=True)
class Cited:
    """A publication that a reference table quotes: no delivery, so it has no cadence and no meaning of absence."""

    title: str
    provider: str
    licence: str
    citation: str
    tables: tuple[str, ...]  # published tables that hold what is quoted
    url: str = ""


_QUOTED = "not stated; single figures quoted with attribution"

CITED: tuple[Cited, ...] = (
    Cited("ISP-Myanmar, OnPoint 19", "Institute for Strategy and Policy - Myanmar", _QUOTED,
          "Institute for Strategy and Policy - Myanmar (ISP-Myanmar), OnPoint No. 19, December 2023: figures of the "
          "three township indices.", ("comparison",), "https://ispmyanmar.com/"),
    Cited("ISP-Myanmar, Mapping No. 26", "Institute for Strategy and Policy - Myanmar", _QUOTED,
          "Institute for Strategy and Policy - Myanmar (ISP-Myanmar), Mapping No. 26, data to 26 November 2023.",
          ("comparison",), "https://ispmyanmar.com/mp-26/"),
    Cited("Conflict and dialogue mapping, late 2021", "a Track Two paper on Myanmar of 2021",
          "not stated; facts in short words, with attribution",
          "Table 1, Conflict and Dialogue Mapping, of a Track Two paper on Myanmar of 2021, in short words; the paper "
          "names no day.", ("actor_dialogue",)),
    Cited("SAC-M, Effective Control in Myanmar", "Special Advisory Council for Myanmar (SAC-M)", _QUOTED,
          "Special Advisory Council for Myanmar (SAC-M), Effective Control in Myanmar, 2022 and the update of 2024.",
          ("comparison",)),
    Cited("BNI, Myanmar Peace Monitor", "Burma News International (BNI)", _QUOTED,
          "Burma News International (BNI), Myanmar Peace Monitor, townships with fighting, December 2023.",
          ("comparison",)),
)  # fmt: skip

BOUNDARY_DISCLAIMER = (
    "The boundaries and names shown and the designations used on this map do not imply official endorsement "
    "or acceptance by anyone."
)

_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
_SLUG_LENGTH = 40


def family(source_key: str) -> str:
    """The family of a source, which thresholds, licences and `lethal_only` are stated for: the part before ":"."""
    return source_key.partition(":")[0]


def _slug(name: str) -> str:
    """An ASCII name that is stable and, but for case and separators, different for different names.

    What a slug cannot hold (Burmese, accents, signs, a long name) stands in eight digits of its hash.
    """
    plain = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", name)).casefold().split())
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    short = words[:_SLUG_LENGTH].strip("-")
    if short == words and not re.search(r"[^a-z0-9 _.,;:/()'\"-]", plain) and words:
        return words
    digest = hashlib.sha256(plain.encode()).hexdigest()[:8]
    return f"{short}-{digest}" if short else digest


# Licences by how much they ask of whoever passes the content on, the least first: (how the text begins, rank).
# Attribution (CC BY) asks less than its IGO port, which adds terms on disputes; share-alike, non-commercial and
# terms of use ask more. What is not stated, or begins like none of these, may forbid anything.
_STRICTNESS: tuple[tuple[str, int], ...] = (
    ("CC0", 0), ("MIT", 1), ("CC BY 4.0", 2), ("CC BY-IGO", 3), ("CC BY 3.0 IGO", 3), ("CC BY-SA", 4), ("CC BY-NC", 5),
    ("ACLED terms of use", 6), ("IDMC terms of use", 6),
)  # fmt: skip
UNKNOWN_STRICTNESS = 7


def strictness(licence: str) -> int:
    """How much a licence asks, for the strictest of a release's sources; UNKNOWN_STRICTNESS where it is not known."""
    return next((rank for start, rank in _STRICTNESS if licence.startswith(start)), UNKNOWN_STRICTNESS)
