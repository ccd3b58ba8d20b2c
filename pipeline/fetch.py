"""What `township-index fetch` does: arguments to a query, one connector, what came of it in words."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from filelock import FileLock, Timeout

from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import COUP
from pipeline.declare.settings import MYANMAR, Home
from pipeline.fetching.download import Arrival
from pipeline.fetching.http import Limits
from pipeline.fetching.keys import read_keys
from pipeline.fetching.session import Asked, Progress, Work
from pipeline.sources import DOWNLOADS
from pipeline.sources.acled import fetch as acled
from pipeline.sources.boundaries import fetch as boundaries
from pipeline.sources.idmc import fetch as idmc
from pipeline.sources.ucdp import fetch as ucdp
from pipeline.storage import last_fetch

# The functions of the downloads that the sources declare.
CONNECTORS: dict[str, Callable[[Work], list[Arrival]]] = {
    "ucdp": ucdp.fetch,
    "acled": acled.fetch,
    "cod-ab": boundaries.cod_ab,
    "mimu": boundaries.mimu,
    "idmc": idmc.fetch,
}


def asked_for(source: str, start: str = "", end: str = "", since: str = "", version: str = "") -> Asked:
    """The query from the options' text. Raises UnusableInput for an unknown source, option or day."""
    if source not in DOWNLOADS:
        raise UnusableInput(f"fetch {source[:30]!r}: not a source; give one of {', '.join(DOWNLOADS)}")
    given = {"--from": start, "--to": end, "--since": since, "--version": version}
    # An option that says nothing to a source would be passed over in silence.
    options = DOWNLOADS[source].options
    useless = [name for name, text in given.items() if text and name not in options]
    if useless:
        takes = ", ".join(sorted(options)) or "no option but --home"
        raise UnusableInput(f"fetch {source}: {useless[0]} says nothing to this source; it takes {takes}")
    asked = Asked(versions=tuple(text.strip() for text in version.split(",") if text.strip()))
    for version_text in asked.versions:
        ucdp.covers(version_text)
    if start:
        asked = replace(asked, start=_day("--from", start))
    if end:
        asked = replace(asked, end=_day("--to", end))
    if asked.end and asked.end < asked.start:
        raise UnusableInput(f"--to {asked.end} lies before --from {asked.start}")
    if since:
        acled.seconds(since)
        if source == "idmc":
            since = str(_day("--since", since))
    return replace(asked, since=since)


def fetch(
    source: str,
    asked: Asked,
    place: Home,
    *,
    limits: Limits | None = None,
    quiet: bool = False,
    stand_in: str = "",
    sleep: Callable[[float], None] = time.sleep,
) -> list[Arrival]:
    """Run one connector into the home's inbox. `stand_in` is for tests alone (http.Session)."""
    keys = read_keys(place)
    lock = place.cache / "fetch" / f"{source}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=0), Progress(f"fetch {source}", quiet=quiet) as progress:
            work = Work(place, keys, asked, progress, limits or Limits(), stand_in, sleep)
            arrivals = CONNECTORS[source](work)
            last_fetch.note(place, source)
            return arrivals
    except Timeout:
        raise UnusableInput(f"{place.root}: another fetch of {source} is under way in this home; wait for it") from None
    except UnusableInput as error:
        # One place where no message can pass with a key in it, whoever wrote the message.
        raise type(error)(keys.redact(str(error))) from None


def tell(source: str, asked: Asked, place: Home, arrivals: list[Arrival], show: Callable[[str], None] = print) -> None:
    """What came, and what to type next."""
    for one in arrivals:
        if one.path is not None:
            size = f"{one.rows:,} rows" if one.rows is not None else f"{one.path.stat().st_size:,} bytes"
            pages = f" in {one.pages} pages" if one.pages else ""
            show(f"  {source}: {size}{pages} in {one.path}")
        elif not one.notes:
            show(f"  {source}: nothing new for {one.name}")
        for note in one.notes:
            show(f"    note: {note}")
    if not any(one.path for one in arrivals):
        show(f"{source}: nothing new; no file was written")
        return
    if asked.start > COUP:
        show(f"    note: only from {asked.start} on, so the file does not say that earlier months were quiet")
    if DOWNLOADS[source].note:
        show(f"    note: {DOWNLOADS[source].note}")
    show(f"next: township-index run --home {place.root}")


def _day(option: str, text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise UnusableInput(f"{option} {text[:30]!r} is not a day of the calendar; write YYYY-MM-DD") from None
    if day > datetime.now(MYANMAR).date():
        raise UnusableInput(f"{option} {text} lies in the future; give a day up to today")
    return day
