"""Many cases, some at a time: each file judged alone, then the records of a batch together, as in a run.

Not here: what must hold (oracle), what is printed (__main__).
"""

import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from pipeline.records.placing import Gazetteer
from tests.fuzz.cases import Case, smaller
from tests.fuzz.invented import PointOf
from tests.fuzz.oracle import Tally, examine
from tests.fuzz.settle import settle

BATCH = 150  # records of so many files cost little more than those of one


@dataclass(frozen=True)
class Ground:
    """Where cases are tried: a folder that is emptied again, and what is known of places."""

    folder: Path
    gazetteer: Gazetteer
    point_of: PointOf


@dataclass(frozen=True)
class Fault:
    """What is wrong, and the cases that show it: one, unless it takes several files together."""

    what: str
    cases: tuple[Case, ...]

    @property
    def sort(self) -> str:
        """Faults that differ only in figures and in quoted text are of one sort."""
        return re.sub(r"'[^']*'|\d+", "…", self.what)[:120]


def try_all(cases: list[Case], ground: Ground, tally: Tally, running: Path | None = None) -> list[Fault]:
    """All cases in batches; `running` is a file that always holds the batch under way, for a process that dies."""
    found: list[Fault] = []
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        if running:
            running.write_text("\n".join(map(repr, batch)), encoding="utf-8")
        found += try_batch(batch, ground, tally)
    return found


def try_batch(batch: Iterable[Case], ground: Ground, tally: Tally) -> list[Fault]:
    """Every file of a batch, then their records together."""
    examined, found = [], []
    for number, case in zip(count(), batch):
        own = ground.folder / str(number)
        own.mkdir(parents=True)
        one = examine(case, own, ground.point_of)
        tally.add(one)
        examined.append(one)
        found += [Fault(what, (case,)) for what in one.faults]
    together = settle(examined, ground.gazetteer, tally)
    if together:  # which file is it?
        alone = [Fault(what, (one.case,)) for one in examined for what in settle([one], ground.gazetteer, Tally())]
        found += alone or [Fault(what, tuple(one.case for one in examined)) for what in together]
    shutil.rmtree(ground.folder)
    return found


def smallest(fault: Fault, ground: Ground) -> Fault:
    """The same sort of fault from a simpler case, tried step by step; the fault itself where none is simpler."""
    if len(fault.cases) > 1:
        return fault
    for case in smaller(fault.cases[0]):
        same = [other for other in try_batch([case], ground, Tally()) if other.sort == fault.sort]
        if same:
            return smallest(same[0], ground)
    return fault
