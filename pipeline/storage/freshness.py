"""How long each source has been silent, beside the cadence that it declares; and how old the newest release is.

Pure: from the deliveries in force and a day. The number of days stands in each source's declaration
(`silent_after_days`), and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.declare.choice import Choice
from pipeline.declare.sources import family
from pipeline.sources import BY_KEY
from pipeline.storage.history import Delivery

# Age of the newest release at which it is called old.
RELEASE_DAYS_BY_HAND = Choice(35, "A month and some days: by hand a run is made monthly.")
RELEASE_DAYS_BY_SCHEDULE = Choice(2, "Two days: the schedule runs every morning, so that one was missed.")


@dataclass(frozen=True)
class SourceAge:
    """A source with deliveries in force, and how many days ago its newest one was received."""

    source_key: str
    title: str
    cadence: str
    newest: Delivery
    days: int
    silent_after_days: int | None  # None: it comes when it comes

    @property
    def is_silent(self) -> bool:
        return self.silent_after_days is not None and self.days > self.silent_after_days


def source_ages(in_force: Sequence[Delivery], today: date) -> tuple[SourceAge, ...]:
    """One entry per source key, in the order of the keys.

    Counted from the receipt, in Myanmar's days: it is the next file that is waited for, whatever its records' dates.
    A team's own source takes the cadence of its family.
    """
    newest: dict[str, Delivery] = {}
    for delivery in sorted(in_force, key=lambda one: (one.received, one.delivery_id)):
        newest[delivery.source_key] = delivery
    return tuple(_age(key, newest[key], today) for key in sorted(newest))


def _age(key: str, newest: Delivery, today: date) -> SourceAge:
    declared = BY_KEY.get(family(key))
    limit = declared.silent_after_days if declared else None
    return SourceAge(
        source_key=key,
        title=newest.source,
        cadence=declared.cadence if declared else "not declared",
        newest=newest,
        days=(today - newest.received_day).days,
        silent_after_days=int(limit.value) if limit else None,
    )


def release_days(scheduled: bool) -> int:
    """The age in days beyond which the newest release is old, with the schedule switched on or without."""
    return int((RELEASE_DAYS_BY_SCHEDULE if scheduled else RELEASE_DAYS_BY_HAND).value)
