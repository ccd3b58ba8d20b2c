"""What every scenario is made from: records, clash sources with the months they cover, and figures made once.

Not here: the scenarios (scenario_grid.py) and the classes they give (scenario_classes.py).
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from pipeline.codes import Absence, GeoPrecision
from pipeline.indices import humanitarian, services
from pipeline.indices.scenario_grid import Scenario
from pipeline.indices.security import by_month, classes, in_period
from pipeline.indices.windows import grid
from pipeline.methods import COUP

OFFICES = ("police_station", "gad_office")


@dataclass(frozen=True)
class ClashSource:
    """A clash source that was delivered: what its silence means, and the months it covers."""

    source_key: str
    absence: Absence
    first_month: date | None = None
    last_month: date | None = None
    uncovered: frozenset[str] = frozenset()  # townships that it says it does not report on

    def covers(self, month: date) -> bool:
        """From the coup to the month: one that starts later would count less in every window since the coup."""
        if self.first_month is None or self.last_month is None:
            return False
        return self.first_month <= COUP.replace(day=1) and month <= self.last_month


@dataclass(frozen=True)
class Records:
    """What the indices are made from; `sources` with the leading one first."""

    clashes: pl.DataFrame
    displacement: pl.DataFrame
    services: pl.DataFrame
    deliveries: pl.DataFrame
    townships: pl.DataFrame
    period_end: date
    sources: tuple[ClashSource, ...]

    @cached_property
    def alternatives(self) -> tuple[ClashSource, ...]:
        """The leading source, and the others as far as they cover any month from the coup on."""
        return (self.sources[0], *(one for one in self.sources[1:] if one.covers(COUP.replace(day=1))))

    @cached_property
    def precisions(self) -> frozenset[GeoPrecision]:
        """The precisions that each of these sources gives to some event."""
        found = self.clashes.group_by("source_key").agg(pl.col("geo_precision").unique())
        given = {key: {GeoPrecision(one) for one in values} for key, values in found.iter_rows()}
        return frozenset.intersection(*(frozenset(given.get(one.source_key, set())) for one in self.alternatives))


class Figures:
    """Counts, people and answers that scenarios are made from, as columns of one frame, each made once.

    A method returns the name of a column; it is named after the fields of the scenario's method that it depends on, so
    that scenarios, indices and methods share it. Rows are by month and township.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._columns: dict[str, pl.Series] = {}

    @property
    def frame(self) -> pl.DataFrame:
        return pl.DataFrame([series.alias(name) for name, series in self._columns.items()])

    def clashes(self, scenario: Scenario) -> str:
        """Clashes in the window; null where silence is unknown."""
        method, records, key = scenario.method, self._records, scenario.source_key
        name = f"clashes {method.counted_classes} {method.precision} {method.window_months} {key}"
        if name not in self._columns:
            (source,) = (one for one in records.sources if one.source_key == key)
            events = in_period(records.clashes, records.townships, method, records.period_end)
            monthly = by_month(events, method, key).select("adm3_pcode", "month", "clashes")
            frame = classes(
                monthly, records.townships, method, records.period_end, key, source.absence, source.uncovered
            )
            self._columns[name] = frame.sort("month", "adm3_pcode")["clashes_count"]
        return name

    def people(self, scenario: Scenario) -> str:
        """Displaced people in force by the first basis of the method that has a figure: the exact number."""
        method, records, days = scenario.method, self._records, scenario.method.displacement_stale_days.value
        name = f"people {method.idps_bases} {days}"
        if name not in self._columns:
            for basis in method.idps_bases:
                if f"persons_{basis} {days}" not in self._columns:
                    rows = grid(method, records.period_end, records.townships)
                    found = humanitarian.in_force(
                        records.displacement, records.deliveries, records.townships, rows, basis, days
                    ).sort("month", "adm3_pcode")
                    self._columns[f"persons_{basis} {days}"] = found[f"persons_{basis}"]
            held = pl.DataFrame(
                [self._columns[f"persons_{basis} {days}"].alias(f"persons_{basis}") for basis in method.idps_bases]
            )
            self._columns[name] = held.select(humanitarian.first_of(method.idps_bases, "persons")).to_series()
        return name

    def answers(self, scenario: Scenario, item: str) -> str:
        """Of the survey in force: services_known_count, lost_halves, police_station or gad_office."""
        method, records, days = scenario.method, self._records, scenario.method.services_stale_days.value
        name = f"{item} {days}"
        if name not in self._columns:
            rows = grid(method, records.period_end, records.townships)
            found = services.in_force(records.services, records.deliveries, rows, days).sort("month", "adm3_pcode")
            wanted = found.select(*OFFICES, *services.tallies())
            self._columns |= {f"{series.name} {days}": series for series in wanted}
        return name
