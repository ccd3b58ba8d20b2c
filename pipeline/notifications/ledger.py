"""What each target was sent, and what it could not take and still waits: `HOME/notifications/ledger.json`.

A finding counts as sent when the target took it. Between that moment and the next line here a killed process may send
it again; it is never lost.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.declare.errors import UnusableInput
from pipeline.declare.notifications import REMEMBERED_DAYS, WAITING_DAYS
from pipeline.declare.settings import Home
from pipeline.notifications.findings import Finding, finding
from pipeline.storage.disk import write_atomically

LOCK_SECONDS = 120  # longer than a handful of targets take that do not answer


@dataclass(frozen=True)
class Waiting:
    """A finding that a target could not take, and the day on which it was first tried."""

    finding: Finding
    since: date


@dataclass(frozen=True)
class Account:
    """Of one target: the keys it was sent, each with the day it was last true, and what waits for it."""

    sent: Mapping[str, date] = field(default_factory=dict)
    waiting: tuple[Waiting, ...] = ()

    def knows(self, key: str) -> bool:
        """Whether a finding was sent or waits."""
        return key in self.sent or any(one.finding.key == key for one in self.waiting)

    def due(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """What is to be sent now: what waits, then what is new; nothing that was sent."""
        both = (*(one.finding for one in self.waiting), *findings)
        return tuple({one.key: one for one in both if one.key not in self.sent}.values())

    def after(self, sent: Iterable[str], unsent: Iterable[Finding], true_now: Iterable[str], today: date) -> "Account":
        """The account when `sent` was taken and `unsent` was not; `true_now` keeps what was sent before in mind."""
        days = {key: (today if key in set(true_now) else day) for key, day in self.sent.items()}
        days |= dict.fromkeys(sent, today)
        forgotten = today - timedelta(days=REMEMBERED_DAYS.value)
        first = {one.finding.key: one.since for one in self.waiting}
        waits = (Waiting(one, first.get(one.key, today)) for one in unsent)
        return Account(
            {key: day for key, day in days.items() if day >= forgotten},
            tuple(one for one in waits if one.since + timedelta(days=WAITING_DAYS.value) >= today),
        )


Ledger = Mapping[str, Account]  # by the identity of the target


def _path(place: Home) -> Path:
    return place.notifications / "ledger.json"


def read(place: Home) -> dict[str, Account]:
    """Raises UnusableInput where the file is damaged."""
    path = _path(place)
    if not path.exists():
        return {}
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        return {
            identity: Account(
                {str(key): date.fromisoformat(day) for key, day in one["sent"].items()},
                tuple(Waiting(finding(w["finding"]), date.fromisoformat(w["since"])) for w in one["waiting"]),
            )
            for identity, one in stated.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableInput(
            f"{path}: the list of what was sent is damaged ({error}); remove it: then what is still true may be sent "
            "once more"
        ) from error


def write(place: Home, ledger: Ledger) -> None:
    """Write it whole or not at all."""
    text = {
        identity: {
            "sent": {key: day.isoformat() for key, day in sorted(account.sent.items())},
            "waiting": [{"finding": w.finding.as_dict(), "since": w.since.isoformat()} for w in account.waiting],
        }
        for identity, account in sorted(ledger.items())
    }
    place.notifications.mkdir(parents=True, exist_ok=True)
    write_atomically(
        _path(place), lambda part: part.write_text(json.dumps(text, ensure_ascii=False, indent=1) + "\n", "utf-8")
    )


def with_account(ledger: Ledger, identity: str, account: Account) -> dict[str, Account]:
    return {**ledger, identity: account}


def without_strangers(ledger: Ledger, known: Iterable[str]) -> dict[str, Account]:
    """Of a target that is no longer configured nothing waits; what it was sent stays in mind, as it may come back."""
    own = set(known)
    return {i: account if i in own else replace(account, waiting=()) for i, account in ledger.items()}


@contextmanager
def held(place: Home) -> Iterator[None]:
    """One process at a time sends for a home, so that a run and a sensor never send the same.

    Raises UnusableInput where another one sends for longer than LOCK_SECONDS.
    """
    place.notifications.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(place.notifications / "ledger.lock", timeout=LOCK_SECONDS):
            yield
    except Timeout as error:
        raise UnusableInput(
            f"{place.notifications}: another process sends for this home; what is due is sent at the next occasion"
        ) from error
