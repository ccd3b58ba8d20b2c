"""`township-index doctor`: is this machine and this home fit for a run, and what to do where it is not.

Looks and changes nothing. Not here: whether the data are plausible (expectations).
"""

from collections.abc import Iterator

from pipeline.doctor import home, machine
from pipeline.doctor.findings import NOTE, PROBLEM, Check
from pipeline.errors import UnusableInput
from pipeline.settings import Home

CHECKS: dict[str, Check] = {
    "python": machine.python, "packages": machine.packages, "disk": machine.space, "memory": machine.memory,
    "home": home.writable, "lock": home.lock, "deliveries": home.landings, "litter": home.litter,
    "databases": home.databases, "release": home.release, "boundaries": home.boundaries,
    "reference": home.reference, "corrections": home.corrections, "methods": home.methods, "inbox": home.inbox,
    "keys": machine.keys, "schedule": machine.schedule, "browser": machine.browser, "clock": machine.clock,
}  # fmt: skip


def examine(place: Home) -> Iterator[tuple[str, str, str]]:
    """(name, state, text) of every check in order. A check that cannot be made is a problem, never a traceback."""
    for name, check in CHECKS.items():
        try:
            found = list(check(place))
        except (UnusableInput, OSError, ValueError) as error:
            found = [(PROBLEM, str(error))]
        yield from ((name, state, text) for state, text in found)


def report(place: Home) -> int:
    """Print a line per finding and their number; returns how many problems there are."""
    states = []
    for name, state, text in examine(place):
        print(f"{state:8} {name}: {text}")
        states.append(state)
    problems, notes = states.count(PROBLEM), states.count(NOTE)
    print(f"{problems or 'no'} problem{'s' * (problems != 1)}, {notes} note{'s' * (notes != 1)}")
    return problems
