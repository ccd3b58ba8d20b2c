"""Known errors of the sources, as data: what an entry of `corrections.toml` holds, and when a run must follow it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.declare.codes import CorrectionAction as Action
from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.sources import of_kind

Day = date  # a field of an entry bears the name of the type


@dataclass(frozen=True)
class Correction:
    """One entry. `date` to `until` are the knowledge dates it holds on; past `expires` it must be renewed.

    `match` names columns of the raw mirror and the exact text that each holds in the row(s) to mend; `was` is what
    `column` holds there (None where an entry that sets rows aside names no column); `rows` how many rows of one
    delivery that is. An acknowledgement has `adm3_pcode` and `reference_date` instead, or the `delivery` whose loss of
    most rows is accepted.
    """

    id: str
    kind: Kind
    action: Action
    reason: str
    date: Day
    until: Day | None
    expires: Day
    shared: bool  # stands in the repository's file, where others reviewed it
    where: str  # file and entry, for messages
    format: str = ""
    source: str = ""
    match: tuple[tuple[str, str], ...] = ()
    column: str | None = None
    was: str | None = None
    becomes: str | None = None
    rows: int = 1
    adm3_pcode: str = ""
    reference_date: Day | None = None
    delivery: str = ""

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats whose rows it may concern."""
        return (self.format,) if self.format else tuple(known.name for known in of_kind(self.kind))

    def fits(self, kind: str, format_name: str, source: str, source_key: str) -> bool:
        """Whether a delivery may hold the row(s) that it means."""
        if kind != self.kind:
            return False
        return (not self.format or format_name == self.format) and (
            not self.source or self.source in (source, source_key)
        )

    def sentence(self, rows_count: int) -> str:
        """What a run says of it."""
        what = {
            Action.REPLACE: f"{self.column} {self.was!r} -> {self.becomes!r}",
            Action.SET_ASIDE: "set aside",
            Action.ACKNOWLEDGE: f"accepted as set aside: delivery {self.delivery}"
            if self.delivery
            else f"accepted above the population: {self.adm3_pcode}, {self.reference_date}",
        }[self.action]
        return f"correction {self.id}: {rows_count} row{'s' * (rows_count != 1)}, {what} ({self.reason})"

    @property
    def content(self) -> str:
        """What of it changes records, as one stable text: part of a release's identity."""
        stated = repr((self.id, str(self.kind), str(self.action), self.format, self.source, self.match, self.column,
                     self.was, self.becomes, self.rows, self.adm3_pcode, self.reference_date, self.reason, self.date,
                     self.until, self.expires, self.shared))  # fmt: skip
        # Added only where stated, so that entries of before keep their content.
        return f"{stated}|{self.delivery}" if self.delivery else stated


def in_force(corrections: Iterable[Correction], as_of: date | None, known: date) -> tuple[Correction, ...]:
    """The entries that hold for what was known on the day `known`, an earlier edition's being left as it was.

    `as_of` is the day asked for; without one every entry is known. Raises UnusableInput for an expired one.
    """
    holding = [c for c in corrections if (as_of is None or c.date <= as_of) and (c.until is None or known <= c.until)]
    for entry in holding:
        if known > entry.expires:
            raise UnusableInput(
                f"{entry.where}: correction {entry.id} expired on {entry.expires} and the records reach to {known}; "
                "look whether the source still has the error, then renew expires, or end it with "
                f"until = {entry.expires} (or remove it)"
            )
    return tuple(holding)


def refuse_future(corrections: Iterable[Correction], today: date) -> None:
    """Raise UnusableInput for an entry that begins after `today`: nobody can know it yet."""
    for entry in corrections:
        for key, day in (("date", entry.date), ("until", entry.until)):
            if day is not None and day > today:
                raise UnusableInput(f"{entry.where}: {key} {day} lies in the future; give a day up to today")


def known_by(corrections: Iterable[Correction], as_of: date | None, received: date) -> date:
    """The day of knowledge of a run: of the newest delivery, correction or end of one, whichever came last."""
    corrections = list(corrections)
    days = [c.date for c in corrections] + [c.until + timedelta(days=1) for c in corrections if c.until]
    return max([received, *(day for day in days if as_of is None or day <= as_of)])
