"""Findings to every target that wants them: nothing twice; what a target cannot take waits for the next occasion."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.declare.settings import Home
from pipeline.notifications import ledger as ledgers
from pipeline.notifications.findings import Finding
from pipeline.notifications.ledger import Account, Ledger
from pipeline.notifications.messages import Message, compose
from pipeline.notifications.sending import Outcome, send
from pipeline.storage.targets import Target

Send = Callable[[Target, Message], Outcome]


@dataclass(frozen=True)
class Due:
    """What one target is to be sent, in order."""

    target: Target
    messages: tuple[Message, ...]


def due(targets: Iterable[Target], findings: Sequence[Finding], ledger: Ledger) -> tuple[Due, ...]:
    """What each target is to be sent now. Pure: nothing is sent, nothing is noted."""
    return tuple(Due(one, compose(_wanted(one, findings, ledger))) for one in targets)


def _wanted(target: Target, findings: Sequence[Finding], ledger: Ledger) -> tuple[Finding, ...]:
    account = ledger.get(target.identity, Account())
    return tuple(one for one in account.due(findings) if one.kind in target.kinds)


def deliver(place: Home, targets: Sequence[Target], findings: Sequence[Finding], today: date) -> list[str]:
    """Send what is due and note it; a line a target of what went and what did not. A target that fails is a line.

    Each message is noted as soon as it was taken. Raises UnusableInput where the ledger is damaged or held, and OSError
    where it cannot be written.
    """
    with ledgers.held(place):
        known = [one.identity for one in targets]
        ledger: Ledger = ledgers.without_strangers(ledgers.read(place), known)
        said = []
        for one in due(targets, findings, ledger):
            ledger, line = _to(place, one, findings, ledger, today)
            said += [line] if line else []
        ledgers.write(place, ledger)
    return said


def _to(
    place: Home, one: Due, findings: Sequence[Finding], ledger: Ledger, today: date, by: Send = send
) -> tuple[Ledger, str]:
    """The ledger after one target, and the line about it. Where nobody answers its turn ends."""
    identity, why = one.target.identity, ""
    left = {f.key: f for f in _wanted(one.target, findings, ledger)}
    true_now = [f.key for f in findings]
    went = 0
    for message in one.messages:
        outcome = by(one.target, message)
        if not outcome.went:
            why = outcome.why
            if not outcome.answered:
                break
            continue
        went += 1
        for key in message.keys:
            left.pop(key)
        account = ledger.get(identity, Account()).after(message.keys, left.values(), true_now, today)
        ledger = ledgers.with_account(ledger, identity, account)
        ledgers.write(place, ledger)
    account = ledger.get(identity, Account()).after((), left.values(), true_now, today)
    return ledgers.with_account(ledger, identity, account), _line(one, went, why)


def _line(one: Due, went: int, why: str) -> str:
    if not one.messages:
        return ""
    sent = f"{went} message{'s' * (went != 1)} sent"
    if not why:
        return f"notify: {one.target}: {sent}"
    waits = len(one.messages) - went
    return f"notify: {one.target}: {sent}, {waits} not: {why}; tried again at the next occasion"
