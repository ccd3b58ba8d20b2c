"""Which source of clashes leads: sources are never summed, one is counted and the others are compared with it.

The same choice whatever the order of rows or of arrival.

What the stated coverage of a clash source's deliveries leaves open: silence outside of it is unknown, never calm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from geo.areas import covered
from geo.townships import codes
from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import CLASH_SOURCE_ORDER
from pipeline.declare.sources import family
from pipeline.storage.history import Delivery


@dataclass(frozen=True)
class Standing:
    """A source of clashes that was delivered: its name as stated, and its clashes that the methods count."""

    source_key: str
    name: str
    clashes_count: int

    def __str__(self) -> str:
        # A single file of a family carries the family's title; the key says which source that is.
        return f"{self.name} ({self.source_key}), {self.clashes_count:,} clashes"


@dataclass(frozen=True)
class Lead:
    """The leading source and the others, most clashes first; `marked` where a sidecar names it as the primary one."""

    first: Standing | None
    others: tuple[Standing, ...] = ()
    marked: bool = False

    @property
    def source_key(self) -> str:
        """Empty where no source of clashes was delivered."""
        return self.first.source_key if self.first else ""

    @property
    def source_keys(self) -> tuple[str, ...]:
        """The keys of all sources, the leading one first; one empty key where none was delivered."""
        return (self.source_key, *(other.source_key for other in self.others))

    @property
    def rivals(self) -> tuple[Standing, ...]:
        """The others of the leading source's own family, among which only counts have decided."""
        return tuple(other for other in self.others if family(other.source_key) == family(self.source_key))

    @property
    def sentence(self) -> str:
        """One line for the run: who leads, who is not added."""
        if self.first is None:
            return "No source of clashes was delivered"
        beside = "; ".join(str(other) for other in self.others)
        return f"Primary clash source: {self.first}" + (f". Compared, not added: {beside}" if beside else "")


def marked_primary(deliveries: Sequence[Delivery]) -> str:
    """The key of the source that a sidecar marks `primary = true`; empty without one.

    One marked delivery speaks for all of its source. Raises UnusableInput, naming all, where several sources are
    marked: which of them is meant cannot be known.
    """
    marked = {d.source_key: f"{d.source!r} ({d.file_name})" for d in _clash_deliveries(deliveries) if d.primary}
    if len(marked) > 1:
        raise UnusableInput(
            f"{len(marked)} sources of clashes are marked primary = true: "
            f"{' and '.join(marked[key] for key in sorted(marked))}; only one can lead: remove the line from the "
            "sidecars of the others and deliver their files again, or withdraw them"
        )
    return next(iter(marked), "")


def leading_source(deliveries: Sequence[Delivery], clashes_counts: Mapping[str, int]) -> Lead:
    """The source whose clashes are counted.

    The one marked primary, whatever its family: its sender has said so. Else the first family of CLASH_SOURCE_ORDER,
    and in it the source with most clashes in `clashes_counts` (by source key), ties by name. A list of deletions is
    no source of clashes.
    """
    names: dict[str, str] = {}
    for delivery in _clash_deliveries(deliveries):
        names[delivery.source_key] = min(names.get(delivery.source_key, delivery.source), delivery.source)
    standings = sorted(
        (Standing(key, name, clashes_counts.get(key, 0)) for key, name in names.items()),
        key=lambda standing: (-standing.clashes_count, standing.name, standing.source_key),
    )
    marked = marked_primary(deliveries)
    chosen = [s for s in standings if s.source_key == marked] or [
        s for name in CLASH_SOURCE_ORDER for s in standings if family(s.source_key) == name
    ]
    if not chosen:
        return Lead(None)
    return Lead(chosen[0], tuple(s for s in standings if s != chosen[0]), bool(marked))


def _clash_deliveries(deliveries: Sequence[Delivery]) -> list[Delivery]:
    return [d for d in deliveries if d.kind == Kind.CLASHES and not d.format.endswith("_deleted")]


def uncovered(deliveries: Sequence[Delivery]) -> frozenset[str]:
    """The townships whose silence is unknown: left out by the stated coverage of any delivery of one source.

    A count since the coup needs every part of it, so a township is covered where each delivery covers it. A delivery
    without a stated coverage leaves none out, one whose coverage cannot be told leaves all out.
    """
    every = frozenset(codes())
    return every - every.intersection(*(_named(delivery) for delivery in deliveries))


def sentences(deliveries: Sequence[Delivery]) -> Iterator[str]:
    """One line for each stated coverage: how it was understood, and what to write where it was not."""
    for text in sorted({d.coverage for d in deliveries if d.coverage}):
        files = ", ".join(sorted({d.file_name for d in deliveries if d.coverage == text}))
        named = covered(text)
        if named is None:
            yield (
                f"coverage {text!r} of {files} names no whole states, regions, districts or townships: every township "
                'without a clash is unknown, not calm. Name them, such as coverage = "Kachin, Sagaing", for townships '
                "without a clash to count as calm"
            )
        else:
            yield f"coverage {text!r} of {files} is {len(named)} townships: outside of it no clash is unknown, not calm"


def _named(delivery: Delivery) -> frozenset[str]:
    """The townships that a delivery covers."""
    if not delivery.coverage:
        return frozenset(codes())
    return covered(delivery.coverage) or frozenset()
