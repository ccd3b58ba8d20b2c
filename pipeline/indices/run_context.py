"""What a table is made with: the context of a run, and the tables that its function names and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from pipeline.declare.codes import Absence, Profile
from pipeline.declare.corrections import Correction
from pipeline.declare.methods import COUP, Method
from pipeline.declare.tables import TABLES


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
class RunContext:
    """What a run was asked for and what was known when it ran; the same for every table of it.

    `sources` are the clash sources in force, the leading one first. `deliveries` has one row per delivery in force,
    `editions` one per edition of the leading source that is known, the newest last.
    """

    methods: tuple[Method, ...]
    last_day: date
    profile: Profile
    sources: tuple[ClashSource, ...]
    settled_until: date | None
    deliveries: pl.DataFrame
    editions: pl.DataFrame
    corrections: tuple[Correction, ...]
    published_figures: pl.DataFrame
    actor_dialogue: pl.DataFrame

    @property
    def clash_source(self) -> str:
        """The key of the leading source of clashes; the others are never added. Empty without one."""
        return self.sources[0].source_key if self.sources else ""

    @property
    def clash_absence(self) -> Absence:
        return self.sources[0].absence if self.sources else Absence.UNKNOWN

    @property
    def uncovered(self) -> frozenset[str]:
        return self.sources[0].uncovered if self.sources else frozenset()

    def each(self, make: Callable[[Method], pl.DataFrame]) -> pl.DataFrame:
        """What `make` gives for each method of the run, one below the other."""
        return pl.concat(make(method) for method in self.methods)


@dataclass(frozen=True)
class Made:
    """How some tables are made: by `make(context, *reads)`, which gives one frame, or one a table.

    `checked_against` are the tables that each one's rules look at besides; `sentence(context, *reads)` is said when
    they are made. Where `second_process` is set the caller goes on meanwhile. `between_sources` are those of the reads
    that compare sources of clashes event by event: without a second source they are given empty.
    """

    tables: tuple[str, ...]
    reads: tuple[str, ...]
    make: Callable[..., Any]
    checked_against: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentence: Callable[..., str] | None = None
    second_process: bool = False
    between_sources: tuple[str, ...] = ()

    def frames(self, context: RunContext, *read: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """Table -> its frame, from the frames of `reads` in their order."""
        made = self.make(context, *read)
        return dict(zip(self.tables, [made] if isinstance(made, pl.DataFrame) else made, strict=True))


def makes(
    *tables: str,
    reads: tuple[str, ...],
    checked_against: tuple[str, ...] | Mapping[str, tuple[str, ...]] = (),
    sentence: Callable[..., str] | None = None,
    second_process: bool = False,
    between_sources: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Made]:
    """Decorator: the function makes these tables of the frames that it names, in this order, and of nothing else.

    The lineage that Dagster shows is what `reads` says. Raises ValueError for a table that is not declared, or that it
    compares sources by and does not read.
    """
    against = checked_against if isinstance(checked_against, Mapping) else dict.fromkeys(tables, checked_against)
    if not set(between_sources) <= set(reads):
        raise ValueError(f"{tables[0]} compares sources by a table that it does not read")
    unknown = {*tables, *(name for name in (*reads, *sum(against.values(), ())) if "raw." not in name)} - set(TABLES)
    if unknown:
        raise ValueError(f"no such table: {', '.join(sorted(unknown))}")

    def made(function: Callable[..., Any]) -> Made:
        return Made(tables, reads, function, against, sentence, second_process, between_sources)

    return made
