"""What a release says about itself.

Which rows of the published tables a report shows: one method, the latest month, the months of a series. What stands
at the foot of every page: state of knowledge, sources, licence, method, release, in both languages. The 15 states and
regions as the report names them: Burmese name, and the name of the page. File names made from names of places, one
rule for every page that links to another. What must travel with a file that leaves its release: its id, whether it is
invented, the licence, whom to cite.
"""

import csv
import re
import weakref
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar

import polars as pl

from pipeline.declare.columns import Column
from pipeline.declare.methods import METHODS, Method
from pipeline.declare.settings import REFERENCE
from pipeline.declare.sources import BOUNDARY_DISCLAIMER, UNKNOWN_STRICTNESS, family, strictness
from pipeline.declare.tables import TABLES, Layer, Table, layer
from pipeline.sources import BY_KEY
from reports.text.catalogue import Both, catalogue, day_both, same, say
from reports.text.wording import visible


@dataclass(frozen=True)
class Release:
    """Facts on the release that no table holds; there is no clock behind any of them.

    `generated_from` holds (source title, licence, citation) of every source in force. `as_of` is the
    day of knowledge: deliveries received later were left out; None means that all were used.
    `schematic` says that township boundaries are approximations that must not be measured.
    `methods` are those the run computed: the shipped ones and a saved one where it was asked for.
    `base_address` is where published/ will be read from, ending in a slash; empty where nobody said.
    """

    release_id: str
    synthetic: bool
    schematic: bool
    method: str
    period_end: date
    as_of: date | None
    generated_from: tuple[tuple[str, str, str], ...]
    code_version: str
    methods: tuple[Method, ...] = tuple(METHODS.values())
    internal: bool = False  # made with --profile internal: for the team's own use, never to be passed on
    base_address: str = ""

    def spec(self, name: str) -> Method | None:
        """The method of that name; None where the tables hold rows of one that the run did not compute."""
        return next((method for method in self.methods if method.name == name), None)

    def address_of(self, path: str) -> str:
        """The address of a file of this release; empty where nobody said where it will be read from."""
        return f"{self.base_address}{self.release_id}/{path}" if self.base_address and not self.internal else ""

    @property
    def confidential(self) -> str:
        """The sentence that must stand in every file of an internal release that can hold one; empty in a public."""
        said = "INTERNAL: exact figures of displaced people, for the team's own use. Not to be passed on."
        return said if self.internal else ""

    @property
    def banners(self) -> tuple[str, ...]:
        """Sentences that must stand on top of everything made from this release."""
        lines = []
        if self.confidential:
            lines.append(self.confidential)
        if self.synthetic:
            lines.append("SYNTHETIC DATA: every figure is invented to show how the release works.")
        if self.schematic:
            lines.append("SCHEMATIC SHAPES: township outlines are approximate and must not be measured.")
        return tuple(lines)

    @property
    def watermark(self) -> str:
        """The words printed across every map; empty where both data and shapes are real."""
        marks = (
            (self.internal, "INTERNAL"), (self.synthetic, "SYNTHETIC DATA"), (self.schematic, "SCHEMATIC SHAPES"),
        )  # fmt: skip
        return " · ".join(words for holds, words in marks if holds)

    @property
    def data_mark(self) -> str:
        """The words across figures of data: what is said of the shapes is not true of them."""
        return " · ".join(word for word in self.watermark.split(" · ") if word and word != "SCHEMATIC SHAPES")

    @property
    def citation(self) -> str:
        invented = " [SYNTHETIC DATA]" if self.synthetic else ""
        return (
            f"Township conflict index for Myanmar{invented}, release {self.release_id}, "
            f"data to {self.period_end.isoformat()}, method {self.method}."
        )


_TYPES: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "DATE": pl.Date(),
    "BOOLEAN": pl.Boolean(),
    "BLOB": pl.Binary(),
}


def declared(name: str) -> Table:
    """The declaration of a published table."""
    return TABLES[f"{Layer.PUBLISHED}.{name}"]


def published_names() -> tuple[str, ...]:
    return tuple(table.name for table in layer(Layer.PUBLISHED))


# What pages ask for a thousand times, as long as the table is there that it was made from.
_KEPT: dict[Hashable, tuple[weakref.ref[pl.DataFrame], Any]] = {}
_Made = TypeVar("_Made")


def _kept(frame: pl.DataFrame, asked: Hashable, make: Callable[[], _Made]) -> _Made:
    """What `make` gave when it was first `asked` for of this very table."""
    key = (id(frame), asked)
    kept = _KEPT.get(key)
    if kept is None or kept[0]() is not frame:
        kept = _KEPT[key] = weakref.ref(frame, lambda _: _KEPT.pop(key, None)), make()
    found: _Made = kept[1]
    return found


def published(tables: Mapping[str, pl.DataFrame], name: str, by_key: bool = True) -> pl.DataFrame:
    """A published table with its declared columns and types, sorted by its key or left in its own order.

    Raises ValueError naming the table and the columns that are missing.
    """
    if name not in tables:
        raise ValueError(f"published table {name!r} was not handed to the reports; they need it to be built")
    return _kept(tables[name], (name, by_key), lambda: _typed(tables[name], name, by_key))


def _typed(frame: pl.DataFrame, name: str, by_key: bool) -> pl.DataFrame:
    table = declared(name)
    missing = [column for column in table.columns if column not in frame.columns]
    if missing:
        raise ValueError(
            f"published table {name!r} lacks {len(missing)} declared column(s): {', '.join(missing[:5])}; "
            "build it with the columns that pipeline/declare/tables declares"
        )
    typed = frame.select(pl.col(spec.name).cast(_TYPES[spec.type]) for spec in table.specs)
    return typed.sort(table.key) if by_key else typed


def months(tables: Mapping[str, pl.DataFrame], method: str) -> list[date]:
    """Months of a method in order; ValueError where there is none, since nothing could be shown."""
    found = published(tables, "national_summary").filter(pl.col("method") == method)["month"].to_list()
    if not found:
        raise ValueError(f"national_summary holds no row of method {method!r}; the release has nothing to show")
    return list(found)


def leading_month(tables: Mapping[str, pl.DataFrame], method: str) -> date:
    """The last month that is not in the publication lag; the last of all where each is in it."""
    national = published(tables, "national_summary")

    def found() -> date:
        old = national.filter(pl.col("method") == method, ~pl.col("in_publication_lag"))["month"].to_list()
        last: date = max(old, default=months(tables, method)[-1])
        return last

    return _kept(national, ("leading month", method), found)


def latest(tables: Mapping[str, pl.DataFrame], name: str, method: str) -> pl.DataFrame:
    """The rows of one method in its leading month.

    A table without methods, such as `current_intensity`, is the same for each.
    """
    frame, month = published(tables, name), leading_month(tables, method)
    own = [pl.col("month") == month, *([pl.col("method") == method] if "method" in frame.columns else [])]
    return _kept(frame, (month, method), lambda: frame.filter(*own))


def leading_source(tables: Mapping[str, pl.DataFrame], method: str) -> str | None:
    """Key of the source whose clashes are counted; None where none covers the country."""
    key: str | None = latest(tables, "national_summary", method)["clash_source"].item()
    return key


def is_lethal_only(tables: Mapping[str, pl.DataFrame], method: str) -> bool:
    """Whether the leading source of clashes records only events in which people died."""
    key = leading_source(tables, method)
    source = BY_KEY.get(family(key)) if key else None
    return source is not None and source.lethal_only


def latest_of_all_methods(tables: Mapping[str, pl.DataFrame], name: str) -> pl.DataFrame:
    """The rows of the last month of the table that is not in the publication lag, or else of the last; every method."""
    frame = published(tables, name)
    found = published(tables, "national_summary")
    old = found.filter(~pl.col("in_publication_lag"))
    return frame.filter(pl.col("month") == pl.lit((old if old.height else found)["month"].max()))


def latest_townships(tables: Mapping[str, pl.DataFrame], release: Release) -> pl.DataFrame:
    """All townships, each with its index row of the latest month: places first, then figures.

    A left join from the list of townships: one without an index row stays visible with nulls.
    """
    index = latest(tables, "township_index", release.method)
    places = published(tables, "townships")
    repeated = [column for column in index.columns if column in places.columns and column != "adm3_pcode"]
    return places.join(index.drop(repeated), on="adm3_pcode", how="left", validate="1:1").sort("adm3_pcode")


def mapped_townships(tables: Mapping[str, pl.DataFrame], release: Release) -> pl.DataFrame:
    """`latest_townships` with the columns of other tables that a map is made from."""
    frame = latest_townships(tables, release)
    for table in (one for one in layer(Layer.PUBLISHED) if one.mapped):
        other = latest(tables, table.name, release.method).select("adm3_pcode", *table.mapped)
        frame = frame.join(other, on="adm3_pcode", how="left", validate="1:1")
    return frame.sort("adm3_pcode")


@dataclass(frozen=True)
class Imprint:
    """`marks` are the release's warnings and `mark` their words alone, `facts` stand in one line, `sources` are titles
    as delivered.
    """

    marks: tuple[Both, ...]
    mark: Both
    disclaimer: Both
    facts: tuple[Both, ...]
    sources: tuple[str, ...]
    licence: tuple[Both, ...]
    citation: str


def _translated(sentence: str) -> Both:
    """A fixed sentence that is declared elsewhere; a warning must be shown even where its Burmese is wanting."""
    return say(sentence) if sentence in catalogue() else same(sentence)


def _marked(words: str) -> Both:
    parts = [_translated(one) for one in words.split(" · ") if one]
    return Both(" · ".join(one.en for one in parts), " · ".join(one.my for one in parts))


def imprint(release: Release) -> Imprint:
    known = (
        say("Everything received was used")
        if release.as_of is None
        else say("As of {day}: what was received later is left out", day=day_both(release.as_of))
    )
    return Imprint(
        marks=tuple(map(_translated, release.banners)),
        mark=_marked(release.watermark),
        disclaimer=_translated(BOUNDARY_DISCLAIMER),
        facts=(
            say("Data to {day}", day=day_both(release.period_end)), known,
            say("Method {method}", method=release.method),
            say("Code version {version}", version=release.code_version),
            say("release {release}", release=release.release_id),
        ),
        sources=tuple(dict.fromkeys(visible(title) for title, _, _ in release.generated_from)),
        licence=tuple(_licence(release)),
        citation=release.citation,
    )  # fmt: skip


def _licence(release: Release) -> list[Both]:
    """The strictest terms among the sources; what is not known comes first, for it may forbid anything."""
    stated = [(visible(title), visible(licence)) for title, licence, _ in release.generated_from]
    unknown = dict.fromkeys(title for title, licence in stated if strictness(licence) == UNKNOWN_STRICTNESS)
    ranks = [strictness(licence) for _, licence in stated if strictness(licence) != UNKNOWN_STRICTNESS]
    said = []
    if unknown:
        said.append(say("The terms of {sources} are not known to this project: ask whoever delivered it before passing "
                        "anything of this release on.", sources="; ".join(unknown)))  # fmt: skip
    if ranks:
        strictest = (licence for _, licence in stated if strictness(licence) == max(ranks))
        words = dict.fromkeys(licence.partition(" (")[0] for licence in strictest)  # without "(as COD-AB)"
        said.append(say("Licence of the content: that of the strictest source, {licence}; every source is to be named.",
                        licence="; ".join(words)))  # fmt: skip
    return said or [say("No source states a licence: do not pass anything of this release on.")]


@dataclass(frozen=True)
class Unit:
    """A state, a region or the union territory. `name` is the value of the column state_region."""

    name: str
    slug: str
    kind: str
    name_my: str

    @property
    def both(self) -> Both:
        return Both(self.name, self.name_my)


@cache
def units() -> Mapping[str, Unit]:
    """Name -> unit, in alphabetical order of the names."""
    with (REFERENCE / "state_regions.csv").open(encoding="utf-8", newline="") as stream:
        rows = [Unit(r["state_region"], r["slug"], r["kind"], r["name_my"]) for r in csv.DictReader(stream)]
    return MappingProxyType({row.name: row for row in sorted(rows, key=lambda row: row.name)})


def unit(name: str) -> Unit:
    """The unit of that name. Raises ValueError for one that is not declared: its page would have no address."""
    if name not in units():
        raise ValueError(
            f"{name!r} is none of the {len(units())} states and regions of data/reference/state_regions.csv; "
            "add it there with its slug and its Burmese name"
        )
    return units()[name]


def region_slug(name: str) -> str:
    """The file name of a state or region without its ending: lower case, spaces to hyphens.

    Raises ValueError for a name that could leave the folder: pages are named after it.
    """
    slug = re.sub(r"\s+", "-", name.strip().lower())
    if not re.fullmatch(r"[a-z0-9_-]+", slug):
        raise ValueError(f"{name!r} cannot be the file name of a region's page; letters, digits, spaces and - only")
    return slug


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


def facts(release: Release) -> dict[str, str]:
    """What a file says of itself as text by name: it is sent on without the rest of its release."""
    return {
        "release_id": release.release_id,
        "period_end": release.period_end.isoformat(),
        "as_of": "" if release.as_of is None else release.as_of.isoformat(),
        "method": release.method,
        "synthetic": "true" if release.synthetic else "false",
        "notice": " ".join(release.banners),
        "citation": release.citation,
        "licence": licence(release)["title"],
        "boundaries": BOUNDARY_DISCLAIMER,
        "code_version": release.code_version,
    }
