"""When each delivery came into force and left it: what was known on a day, and on which days that changed.

Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from pipeline.declare.codes import Absence, Kind
from pipeline.declare.settings import MYANMAR


@dataclass(frozen=True)
class Delivery:
    """What a landing's sidecar holds. `received_at` is ISO 8601 in UTC."""

    delivery_id: str
    kind: Kind
    format: str
    file_name: str
    sha256: str
    rows_count: int
    received_at: str
    source: str
    source_key: str
    licence: str
    absence_means: Absence
    reference_date: str | None
    date_format: str | None
    coverage: str | None
    synthetic: bool
    notes: tuple[str, ...]
    covered_until: str | None = None
    primary: bool = False
    # What a fetch asked for and how far the source's own revisions went then: the next fetch asks from there.
    query: str | None = None
    revised_until: str | None = None
    # The sender's words for our terms, by column, as JSON: they become ours when records are made.
    values: str | None = None
    # How the sender means the rows: parts of a township; new displacement by period.
    rows: str | None = None
    new_is: str | None = None
    # Of a workbook the sheet that was read; None where that is every sheet, no workbook, or was not told.
    sheet: str | None = None
    id_scope: str | None = None
    release: str | None = None
    zero_means: str | None = None
    # The side of each holder that the file names, as JSON.
    holders: str | None = None

    @property
    def received(self) -> datetime:
        return datetime.fromisoformat(self.received_at)

    @property
    def received_day(self) -> date:
        """The day in Myanmar: an event of this morning there is not in the future."""
        return self.received.astimezone(MYANMAR).date()


@dataclass(frozen=True)
class Moment:
    """A delivery received again (`in_force`) or withdrawn."""

    at: datetime
    in_force: bool

    @property
    def day(self) -> date:
        return self.at.astimezone(MYANMAR).date()


@dataclass(frozen=True)
class History:
    """Every landing with its first receipt, and what happened to it later, in order of time."""

    deliveries: tuple[Delivery, ...]
    later: Mapping[tuple[Kind, str], tuple[Moment, ...]] = field(default_factory=dict)

    def _moments(self, delivery: Delivery) -> list[Moment]:
        later = self.later.get((delivery.kind, delivery.delivery_id), ())
        return sorted([Moment(delivery.received, True), *later], key=lambda moment: moment.at)

    def in_force(self, as_of: date | None = None) -> list[Delivery]:
        """The deliveries in force at the end of `as_of` in Myanmar (now, without it), oldest first.

        `received_at` is that of the newest receipt by then: the same content received again after it had left
        force counts from that receipt.
        """
        found: list[tuple[Delivery, bool]] = []
        for delivery in self.deliveries:
            moments = [m for m in self._moments(delivery) if as_of is None or m.day <= as_of]
            receipts = [m.at for m in moments if m.in_force]
            if receipts:
                again = replace(delivery, received_at=receipts[-1].isoformat(timespec="microseconds"))
                found.append((again, moments[-1].in_force))
        found.sort(key=lambda pair: (pair[0].received_at, pair[0].delivery_id))
        said_anew = _said_anew([delivery for delivery, _ in found])
        return [d for d, stands in found if stands and (d.kind, d.delivery_id) not in said_anew]

    def withdrawn(self) -> frozenset[str]:
        """The ids of the deliveries that were withdrawn and not received again since."""
        return frozenset(d.delivery_id for d in self.deliveries if not self._moments(d)[-1].in_force)

    def days(self, as_of: date | None = None) -> list[date]:
        """The days on which something was received or withdrawn, in order, up to `as_of`."""
        days = {moment.day for delivery in self.deliveries for moment in self._moments(delivery)}
        return sorted(day for day in days if as_of is None or day <= as_of)

    def of_source(self, kind: Kind, source_key: str) -> History:
        """The landings of a source, and those of the same files under another source: a later saying ends them."""
        files = {d.sha256 for d in self.deliveries if (d.kind, d.source_key) == (kind, source_key)}
        return History(tuple(d for d in self.deliveries if d.kind == kind and d.sha256 in files), self.later)


def takes_over(later: Delivery, earlier: Delivery) -> bool:
    """Whether a delivery says anew what an earlier one said: the last saying holds.

    That is the same file with another sidecar: the same rows under another reading. Each sheet of a workbook is a
    file of its own here; one whose sheet is not told (every sheet, or a landing of before sheets were told) stands
    for all of them. Where the numbers of a file mean nothing outside of it (`id_scope`), a file of the same name and
    source is its next version, and nothing of the version before may go on beside it.
    """
    if later.kind != earlier.kind or not (later.sheet is None or earlier.sheet in (None, later.sheet)):
        return False
    if later.sha256 == earlier.sha256:
        return True
    named = (later.source_key, later.file_name) == (earlier.source_key, earlier.file_name)
    return named and later.id_scope is not None and earlier.id_scope is not None


def _said_anew(in_time: list[Delivery]) -> set[tuple[Kind, str]]:
    """The deliveries that a later one takes over. Only those of one file, or of one name, can."""
    alike: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in in_time:
        alike.setdefault(("file", delivery.sha256), []).append(delivery)
        if delivery.id_scope is not None:
            alike.setdefault(("name", delivery.file_name), []).append(delivery)
    return {
        (earlier.kind, earlier.delivery_id)
        for group in alike.values()
        for n, earlier in enumerate(group)
        if any(takes_over(later, earlier) for later in group[n + 1 :])
    }


@dataclass(frozen=True)
class Edition:
    """A day at whose end the deliveries in force of the leading clash source differed from before."""

    day: date
    deliveries: tuple[Delivery, ...]

    @property
    def delivery_ids(self) -> tuple[str, ...]:
        return tuple(delivery.delivery_id for delivery in self.deliveries)

    @property
    def absence(self) -> Absence:
        """Zero only where every delivery says that its silence means zero."""
        return Absence.ZERO if {d.absence_means for d in self.deliveries} == {Absence.ZERO} else Absence.UNKNOWN

    @property
    def covered_until(self) -> date | None:
        """The last day that a sidecar of the edition says the source reports on."""
        return max((date.fromisoformat(d.covered_until) for d in self.deliveries if d.covered_until), default=None)


def editions(history: History, source_key: str, as_of: date | None, at_most: int) -> list[Edition]:
    """The newest editions of a clash source, oldest first; a day with nothing in force makes none.

    Walks back from the newest day and stops when it has enough: a home fed daily for years has many days.
    """
    newest_first = list(_changes(history.of_source(Kind.CLASHES, source_key), source_key, as_of, at_most))
    return newest_first[::-1]


def _changes(own: History, source_key: str, as_of: date | None, at_most: int) -> Iterator[Edition]:
    def known(day: date) -> Edition:
        return Edition(day, tuple(d for d in own.in_force(day) if d.source_key == source_key))

    days = own.days(as_of)[::-1]
    after = known(days[0]) if days else None
    given = 0
    for day in [*days[1:], None]:
        before = known(day) if day else None
        if after and after.deliveries and (before is None or before.delivery_ids != after.delivery_ids):
            yield after
            given += 1
            if given == at_most:
                return
        after = before
