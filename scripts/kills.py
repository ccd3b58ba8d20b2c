"""A hundred kills at random moments: `latest` stays or is new and whole, the next command completes, nothing is left.

    python -m scripts.kills --out DIR [--runs 20] [--old 5] [--others 25] [--seed 1]

SIGKILL or SIGTERM, by a seeded die, hits a whole run, a run on a home that 0.1.0 or 0.4.0 left, `publish`, `releases
withdraw` and `prune --apply`. Runs are those of a small home with tables alone; kills of them follow one another in the
same home, and every so often a run goes to its end. Each kill of another command has a home of its own, where the same
command is given again. A process that ended before the signal came is no kill, and another is tried. What a kill of
each single step does: tests/unit/assets/killed_steps.py. That the second process of a run ends with it:
tests/integration/test_integration_second_run.py.
"""

import argparse
import hashlib
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipeline.declare.settings import Home
from pipeline.storage import deliveries, held, latest, release_folder, snapshots, withdrawals
from scripts.light_runs import Commands, Outcome
from tests.unit.assets import small_homes
from tests.unit.assets.small_homes import NEW, litter
from tests.unit.storage.test_storage_upgrade import VERSIONS, left_by

HELD = "2024-01-31-cccccccc"
NOW = datetime(2024, 3, 10, 3, tzinfo=UTC)
SIGNALS = (signal.SIGKILL, signal.SIGTERM)
ENDED = {-signal.SIGKILL, -signal.SIGTERM, 128 + signal.SIGTERM}
WHOLE_EVERY = 10  # kills of runs, after which one goes to its end
HEAD = "event_id,event_date,event_type,adm3_pcode\n"


@dataclass
class Tally:
    """Of one command: kills, what readers met after each, faults."""

    kills: int = 0
    missed: int = 0
    completed: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    signals: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        seen = ", ".join(f"{count} {what}" for what, count in sorted(self.seen.items()))
        signals = ", ".join(f"{count} {name}" for name, count in sorted(self.signals.items()))
        return (
            f"{self.kills} kills ({signals}; {self.missed} came too late and are not counted): {seen}; "
            f"{self.completed} commands after them completed; {len(self.faults)} faults"
        )


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder with a hash of what it holds."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def readers_meet(home: Home, name: str, before: dict[str, str]) -> str:
    """What `latest` names after a kill: `as before`, `new and whole`, or what is wrong with it."""
    now = latest.pointed(home)
    if now is None:
        return "NOTHING"
    folder = home.releases / now.release_id
    if now.release_id == name:
        return "as before" if contents(folder) == before else "CHANGED"
    return "NOT WHOLE" if release_folder.damaged(folder) else "new and whole"


class Killer:
    """Kills commands of a server at moments of a seeded die."""

    def __init__(self, out: Path, seed: int) -> None:
        self.out, self.dice = out, random.Random(seed)
        self.commands = Commands(out / "said")

    def once(self, tally: Tally, seconds: float, now: datetime | None, *argv: object) -> Outcome:
        """A command with a signal at a random moment of so many seconds; a kill, unless it had ended by then."""
        number, wait = self.dice.choice(SIGNALS), self.dice.uniform(0, seconds)
        until = time.monotonic() + wait
        outcome = self.commands(*argv, now=now, kill=(number, lambda: time.monotonic() >= until))
        if outcome.kill_missed or outcome.code not in ENDED:
            tally.missed += 1
        else:
            tally.kills += 1
            tally.signals[number.name] += 1
        return outcome

    def runs(self, tally: Tally, home: Home, count: int, seconds: float, change: Callable[[int], None]) -> None:
        """Kills of runs that follow one another; `change` puts another file into the inbox before each."""
        number = 0
        while tally.kills < count and tally.missed < count + 5:
            named = latest.pointed(home)
            name = named.release_id if named else ""
            before = contents(home.releases / name)
            change(number)
            number += 1
            kills = tally.kills
            outcome = self.once(tally, seconds, NOW, "run", "--home", home.root)
            found = readers_meet(home, name, before)
            if tally.kills > kills:
                tally.seen[found] += 1
            print(f"  run {number}: exit {outcome.code} after {outcome.seconds:.0f} s, latest {found}", flush=True)
            if found.isupper() or outcome.code not in {*ENDED, 0}:
                tally.faults.append(f"run {number}: exit {outcome.code}, {found}: {outcome.err[-800:]}")
            if tally.kills > kills and (tally.kills % WHOLE_EVERY == 0 or tally.kills == count):
                self.to_the_end(tally, home)

    def to_the_end(self, tally: Tally, home: Home) -> None:
        outcome = self.commands("run", "--home", home.root, now=NOW)
        now = latest.pointed(home)
        whole = now is not None and release_folder.damaged(home.releases / now.release_id) == []
        good = outcome.code == 0 and whole and not litter(home) and not deliveries.damaged(home)
        tally.completed += good
        print(f"  a run to its end: exit {outcome.code} in {outcome.seconds:.0f} s, litter {litter(home)}", flush=True)
        if not good:
            wrong = f"exit {outcome.code}, whole {whole}, litter {litter(home)}, {deliveries.damaged(home)}"
            tally.faults.append(f"the run after kill {tally.kills}: {wrong}: {outcome.err[-1500:]}")

    def others(self, tally: Tally, base: Path, count: int, does: "Task") -> None:
        """Kills of another command, each in a copy of the home `base`; then the same command again."""
        seconds = 0.0
        while tally.kills < count and tally.missed < 3 * count:
            home = Home(self.out / "home")
            shutil.rmtree(home.root, ignore_errors=True)
            shutil.copytree(base, home.root, symlinks=True)
            before = contents(home.releases / NEW)
            argv = (*does.argv, "--home", home.root)
            if not seconds:  # the first tells how long it takes
                seconds = self.commands(*argv, now=NOW).seconds
                if wrong := does.wrong(home):
                    tally.faults.append(f"without a kill: {wrong}")
                continue
            kills = tally.kills
            self.once(tally, seconds, NOW, *argv)
            found = readers_meet(home, NEW, before)
            if tally.kills > kills:
                tally.seen[found] += 1
            again = self.commands(*argv, now=NOW)
            wrong = does.wrong(home)
            if found.isupper() or wrong or litter(home) or again.code not in does.codes:
                said = f"{found}; {wrong}; litter {litter(home)}; exit {again.code}: {again.err[-800:]}"
                tally.faults.append(f"kill {tally.kills}: {said}")
            elif tally.kills > kills:
                tally.completed += 1


@dataclass(frozen=True)
class Task:
    """A command, the exit codes it may end with when it is given again, and what is wrong where it is not done."""

    argv: tuple[str, ...]
    codes: frozenset[int]
    wrong: Callable[[Home], str]


def _published(home: Home) -> str:
    named, analysts = latest.pointed(home), snapshots.release_of(home.analysts_database)
    done = named is not None and named.release_id == HELD and analysts == HELD and not held.is_one(home, HELD)
    return "" if done else f"latest is {named}, analysts read {analysts}"


def _withdrawn(home: Home) -> str:
    named, analysts = latest.pointed(home), snapshots.release_of(home.analysts_database)
    gone = withdrawals.of(home, NEW) is not None and not withdrawals.begun(home)
    done = gone and named is not None and named.release_id == analysts != NEW
    return "" if done else f"latest is {named}, analysts read {analysts}, withdrawn {gone}"


def _pruned(home: Home) -> str:
    found = {one.release_id for one in latest.standing(home)[0]}
    listed = (home.releases / "releases.json").read_text("utf-8")
    wrong = [name for name in found if f'"{name}"' not in listed]
    return f"{len(found)} stand, not listed {wrong}" if len(found) != STAY or wrong else ""


# Again, what was completed by the second command or before the kill came: published or withdrawn already is exit 2.
TASKS = {
    "publish": Task(("publish", HELD), frozenset({0, 2}), _published),
    "withdraw": Task(("releases", "withdraw", NEW, "--why", "wrong"), frozenset({0, 2}), _withdrawn),
    "prune": Task(("prune", "--apply"), frozenset({0}), _pruned),
}
DAILY, STAY = 24, 3


def small(root: Path) -> Home:
    """A home with NEW as latest, OLD before it, one held, and many releases made in December of which one stays."""
    home = small_homes.two(root)
    for n in range(DAILY):
        day = date(2023, 12, 1) + timedelta(days=n)
        small_homes.publish(home, f"2023-10-{n + 1:02}-dddddddd", date(2023, 10, n + 1), day, newest=False)
    small_homes.hold(home, HELD, date(2024, 1, 31))
    return home


def light(root: Path) -> Home:
    """A home whose runs take a few seconds: four months of invented clashes in its inbox."""
    put(Home(root), 0)
    return Home(root)


def put(home: Home, number: int) -> None:
    """A file of events with one event more than the file before."""
    folder = home.inbox / "clashes"
    folder.mkdir(parents=True, exist_ok=True)
    days = [date(2021, 2, 1) + timedelta(days=n) for n in range(0, 100 + number)]
    rows = "".join(f"K{n},{day},clash,MMR00{1 + n % 3}001\n" for n, day in enumerate(days))
    (folder / "events.csv").write_text(HEAD + rows, encoding="utf-8")


def kill_all(out: Path, runs: int, old: int, others: int, seed: int) -> Iterator[tuple[str, Tally]]:
    killer = Killer(out, seed)
    try:
        base = small(out / "small").root
        for name, task in TASKS.items():
            tally = Tally()
            killer.others(tally, base, others, task)
            yield name, tally
        home, tally = light(out / "light"), Tally()
        first = killer.commands("run", "--home", home.root, now=NOW)
        if first.code:
            raise SystemExit(f"the first run failed: {first.err[-2000:]}")
        killer.runs(tally, home, runs, 0.9 * first.seconds, lambda n: put(home, n + 1))
        yield "run", tally
        for number, version in enumerate(VERSIONS):
            tally = Tally()
            count = old // len(VERSIONS) + (number < old % len(VERSIONS))
            left = left_by(version, out / f"home of {version.name}")
            killer.runs(tally, left, count, 0.9 * first.seconds, lambda _: None)
            yield f"run on a home of {version.name}", tally
    finally:
        killer.commands.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder that takes the homes; must not be there")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--old", type=int, default=5, help="kills of runs on a home of an older version")
    parser.add_argument("--others", type=int, default=25, help="kills of each other command")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True)
    kills, faults = 0, 0
    for name, tally in kill_all(asked.out.resolve(), asked.runs, asked.old, asked.others, asked.seed):
        print(f"{name}: {tally}", *(f"  {fault}" for fault in tally.faults), sep="\n", flush=True)
        kills, faults = kills + tally.kills, faults + len(tally.faults)
    print(f"{kills} kills, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
