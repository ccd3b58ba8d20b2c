"""What `township-index notify` does: send what is due, send a test, or show what would be sent."""

import os
import sys
from datetime import UTC, datetime

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import MYANMAR, NOTIFY_VARIABLE, Home
from pipeline.notifications import delivery, last_run, ledger
from pipeline.notifications.findings import Finding
from pipeline.notifications.messages import TEST, compose
from pipeline.notifications.sending import send
from pipeline.storage.targets import Target, read_targets


def targets_of(place: Home) -> tuple[Target, ...]:
    """Raises UnusableInput where nobody is to be told, saying how somebody is."""
    found = read_targets(place, os.environ)
    if not found:
        raise UnusableInput(
            f'nobody is to be told: put a target into {place.notify_file} ([[targets]] with url = "…") or addresses '
            f"into {NOTIFY_VARIABLE}"
        )
    if place.notify_file.exists() and place.notify_file.stat().st_mode & 0o077:
        print(
            f"warning: {place.notify_file} holds passwords and can be read by others; run `chmod 600 "
            f"{place.notify_file}`",
            file=sys.stderr,
        )
    return found


def test(place: Home) -> bool:
    """Send a test message to each target and print a line for each; whether all took it."""
    outcomes = [send(one, TEST) for one in targets_of(place)]
    for outcome in outcomes:
        print(f"{outcome.target}: {'sent' if outcome.went else f'not sent: {outcome.why}'}")
    return all(outcome.went for outcome in outcomes)


def show(place: Home) -> None:
    """Print what would be sent to whom; nothing is sent and nothing is noted."""
    targets, findings = read_targets(place, os.environ), _findings(place)
    if not targets:
        print("no target is set; this is what the last run has to say:\n")
        for message in compose(findings):
            print(f"Subject: {message.subject}\n\n{message.body}")
    for one in delivery.due(targets, findings, ledger.read(place)):
        print(f"{one.target}: {len(one.messages) or 'nothing'} to send")
        for message in one.messages:
            print(f"\nSubject: {message.subject}\n\n{message.body}")


def send_due(place: Home) -> None:
    """Send what the last run has to say and nobody was sent yet, and what waits; print a line a target."""
    found = targets_of(place)
    said = delivery.deliver(place, found, _findings(place), datetime.now(MYANMAR).date())
    print("\n".join(said) if said else "nothing is due")


def _findings(place: Home) -> tuple[Finding, ...]:
    return last_run.findings_of(place, last_run.of_home(place), datetime.now(UTC))
