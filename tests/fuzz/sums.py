"""What became of a plant: the right sums, a refusal, or rows that the accounts name; anything else is a fault.

Not here: the plants (planted).
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from assets.trial import refuse_contradictions
from pipeline.declare.codes import Kind, Reason
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.ingest import inbox
from pipeline.records.placing import Gazetteer
from pipeline.records.triage import Triage
from pipeline.storage import deliveries
from tests.fuzz.invented import PointOf
from tests.fuzz.oracle import crash
from tests.fuzz.planted import Plant, Truth, plant
from tests.fuzz.records import TABLE_OF
from tests.fuzz.settle import make_records

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
# A row under one of these is said to be in the figures already, or not to belong there: it cannot explain a lack.
COUNTED_ELSEWHERE = [Reason.DUPLICATE_ROW, Reason.SUPERSEDED, Reason.TOTAL_OF_PARTS, Reason.NOT_CONFIRMED]
_FIGURES = {
    "canonical_displacement": ("idps_stock_persons", "idps_new_persons"),
    "canonical_population": ("population_persons",),
}


@dataclass
class Sums:
    """Plants by what became of them, and the faults: a plant and what is wrong."""

    right: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    accounted: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[Plant, str]] = field(default_factory=list)


def add_up(cases: list[Plant], folder: Path, gazetteer: Gazetteer, point_of: PointOf) -> Sums:
    """Every plant delivered into a home of its own, made into records, and held against its truth."""
    found = Sums()
    for number, case in enumerate(cases):
        own = folder / str(number)
        own.mkdir(parents=True)
        try:
            planted = plant(case, own, point_of)
            records = _delivered(planted.format, planted.files, Home(own / "home"), gazetteer)
        except UnusableInput:
            found.refused[case.sort] += 1
            continue
        except Exception as error:
            found.faults.append((case, crash(error)))
            continue
        sums = _sums(planted.format, records.kept)
        lacking = (planted.truth - sums).total()
        if sums == +planted.truth:
            found.right[case.sort] += 1
        elif not sums - planted.truth and planted.format not in _FIGURES and lacking <= _explained(records.set_aside):
            found.accounted[case.sort] += 1
        else:
            found.faults.append((case, f"planted {dict(planted.truth)}, found {dict(sums)}"))
    return found


def _delivered(name: str, files: list[tuple[Kind, Path]], home: Home, gazetteer: Gazetteer) -> Triage:
    """The records of files that are delivered one after the other, as a run would make them."""
    judged = inbox.judge(files, NOW)
    refuse_contradictions(home, judged)
    deliveries.keep(home, judged)
    standing = {delivery.delivery_id for delivery in deliveries.in_force(home)}
    each = {one.delivery.delivery_id: one for one in judged if one.delivery.delivery_id in standing}
    return make_records(name, list(each.values()), gazetteer)


def _sums(name: str, kept: pl.DataFrame) -> Truth:
    """Township and month -> people of its last day, or events."""
    day = TABLE_OF[Kind.CLASHES if name not in _FIGURES else Kind(name.removeprefix("canonical_"))][1]
    month = pl.col(day).dt.strftime("%Y-%m").alias("month")
    if name not in _FIGURES:
        counted = kept.group_by("adm3_pcode", month).len()
    else:
        people = pl.coalesce(*(pl.col(column) for column in _FIGURES[name])).sum()
        counted = kept.group_by("adm3_pcode", month).agg(people)
    return Counter({(code, when): count for code, when, count in counted.iter_rows() if count})


def _explained(set_aside: pl.DataFrame) -> int:
    return set_aside.filter(~pl.col("reason").is_in([str(reason) for reason in COUNTED_ELSEWHERE])).height
