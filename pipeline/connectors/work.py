"""What every connector works with: the home, the keys, what was asked for, a session, a place to say how it goes."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from pipeline.codes import Absence
from pipeline.connectors.http import Session
from pipeline.connectors.keys import Keys
from pipeline.connectors.manners import Limits
from pipeline.connectors.progress import Progress
from pipeline.methods import COUP
from pipeline.settings import MYANMAR, Home
from pipeline.sources import Source


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

    def session(self, hosts: tuple[str, ...], advice: Mapping[int, str] | None = None) -> Session:
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
