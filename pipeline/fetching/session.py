"""What every connector works with: the home, the keys, what was asked for, a session, a place to say how it goes.

How far a fetch is: a bar on a terminal, plain lines elsewhere.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pipeline.declare.codes import Absence
from pipeline.declare.methods import COUP
from pipeline.declare.settings import MYANMAR, Home
from pipeline.declare.sources import Source
from pipeline.fetching.http import Limits, Session
from pipeline.fetching.keys import Keys

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Progress:
    """Steps of one fetch. `quiet` is for callers that report themselves."""

    def __init__(self, title: str, *, quiet: bool = False, terminal: bool | None = None) -> None:
        self._title, self._quiet = title, quiet
        self._terminal = sys.stdout.isatty() if terminal is None else terminal
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._terminal and not self._quiet:
            from rich.progress import Progress as Bar

            self._bar = Bar(transient=True)
            self._task = self._bar.add_task(self._title, total=None)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, what: str, done: int, total: int | None = None) -> None:
        """`done` of `total` steps, where the source says how many there are."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=f"{self._title}: {what}", completed=done, total=total)
        elif not self._quiet:
            print(f"  {what}", flush=True)


@dataclass(frozen=True)
class Asked:
    """What the user asked for; events from the coup on and without end where nothing is said."""

    start: date = COUP
    end: date | None = None
    since: str = ""
    versions: tuple[str, ...] = ()

    @property
    def period(self) -> str:
        """As it stands in a file's name."""
        return f"from_{self.start}" + (f"_to_{self.end}" if self.end else "")

    @property
    def absence(self) -> Absence | None:
        """A part of the period says nothing of the rest: its silence about earlier months is not zero."""
        return Absence.UNKNOWN if self.start > COUP else None


@dataclass(frozen=True)
class Work:
    place: Home
    keys: Keys
    asked: Asked
    progress: Progress
    limits: Limits = field(default_factory=Limits)
    stand_in: str = ""
    sleep: Callable[[float], None] = time.sleep

    @property
    def today(self) -> date:
        return datetime.now(UTC).astimezone(MYANMAR).date()

    def session(self, source: Source, advice: Mapping[int, str] | None = None) -> Session:
        """A session with the hosts that the source declares and no other. Raises ValueError where it declares none."""
        if source.download is None:
            raise ValueError(f"no download is declared for {source.key}")
        hosts = source.download.hosts
        return Session(hosts, self.keys, limits=self.limits, advice=advice, stand_in=self.stand_in, sleep=self.sleep)

    def facts(self, source: Source, *, url: str, query: str, **more: str | date | None) -> dict[str, str | date | None]:
        """A sidecar's lines. `url` must be the public address without a query string that holds a key."""
        stated: dict[str, str | date | None] = {
            "source": source.title,
            "licence": source.licence,
            "access_date": self.today,
            "url": url,
            "query": query,
            "absence_means": str(source.absence_means),
        }
        return stated | {key: value for key, value in more.items() if value is not None}
