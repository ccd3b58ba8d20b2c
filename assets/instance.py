"""Where Dagster keeps its records of a home: SQLite files in it, or Postgres where TOWNSHIP_INDEX_POSTGRES names one.

The one function that decides is `settle`; whatever opens an instance afterwards finds it written in
`HOME/dagster/dagster.yaml`. The address stays in the environment: a file of the home never holds its password.
"""

import os
import re
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pipeline.declare import settings
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home

SCHEME = "postgresql"
# SQLAlchemy 2.1 takes another driver than dagster-postgres brings where an address names none.
WITH_DRIVER = f"{SCHEME}+psycopg2://"
CONNECT_SECONDS = 10
# Written and removed here as the variable is set or not; what else stands in the file is its owner's.
POSTGRES = f"""# Written by township-index, because {settings.POSTGRES_VARIABLE} is set; removed when it is not.
storage:
  postgres:
    postgres_url:
      env: {settings.POSTGRES_VARIABLE}
"""


def quiet(place: Home) -> None:
    """Dagster's records live in the home; its logs go there and not over the user's screen.

    Linear algebra keeps to one thread: the matrices are small, and threads that wait for work take a core from the
    second process.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if note := settle(place):
        print(f"  note: {note}")
    os.environ["DAGSTER_HOME"] = str(settings.plain_folder(place.dagster))
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    warnings.filterwarnings("ignore")


def settle(place: Home) -> str:
    """Write the home's dagster.yaml for where records go from now on, and return what to tell about a move, else "".

    A move to Postgres takes along which schedules and sensors are on, with the cursors of the sensors. Records of runs
    stay where they are: they come back when the variable is unset. Raises UnusableInput where the database cannot be
    used, before anything is written.
    """
    url, config = _address(), place.dagster / "dagster.yaml"
    if url:
        reach(url)
        os.environ[settings.POSTGRES_VARIABLE] = url.replace(f"{SCHEME}://", WITH_DRIVER, 1)
    place.dagster.mkdir(parents=True, exist_ok=True)
    shipped = (settings.REPOSITORY / "dagster.yaml").read_text(encoding="utf-8")
    found = config.read_text(encoding="utf-8") if config.exists() else ""
    theirs = found.replace(POSTGRES, "") or shipped
    if url and re.search(r"(?m)^storage\s*:", theirs):
        raise UnusableInput(
            f"{config} names a storage of its own and {settings.POSTGRES_VARIABLE} is set too; remove `storage` from "
            "the file, or unset the variable"
        )
    wanted = f"{theirs.rstrip()}\n{POSTGRES}" if url else theirs
    if wanted == found:
        return ""
    moves = bool(url) and (place.dagster / "schedules" / "schedules.db").exists()
    states = _states(place) if moves else []
    _replace(config, wanted)
    if moves:
        return (
            f"records of runs go to Postgres from now on; {_carry(place, states)} settings of schedules and sensors "
            f"were taken along, runs of before stay in {place.dagster} and are shown when "
            f"{settings.POSTGRES_VARIABLE} is unset"
        )
    if POSTGRES in found:
        return f"records of runs stay in {place.dagster} from now on; those in Postgres stay there"
    return ""


def _address() -> str:
    """What the variable says, without the name of a driver; empty where it is not set."""
    return os.environ.get(settings.POSTGRES_VARIABLE, "").strip().replace(WITH_DRIVER, f"{SCHEME}://", 1)


def reach(url: str) -> None:
    """Raise UnusableInput where there is no driver, the address is none, or the database does not answer."""
    try:
        import dagster_postgres  # noqa: F401
        import psycopg2
    except ImportError as error:
        raise UnusableInput(
            f"{settings.POSTGRES_VARIABLE} is set, but its driver is not installed ({error.name}): run make install, "
            'or pip install "dagster-postgres>=0.29.27,<0.30" into this environment'
        ) from error
    remedy = (
        f"give {SCHEME}://USER:PASSWORD@HOST:PORT/DATABASE (% and what stands in addresses written as %XX), see "
        "that the database runs, or unset the variable"
    )
    if not url.startswith(f"{SCHEME}://"):
        raise UnusableInput(f"{settings.POSTGRES_VARIABLE} is no address that begins with {SCHEME}://; {remedy}")
    try:
        psycopg2.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg2.Error as error:
        cause = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise UnusableInput(
            f"{settings.POSTGRES_VARIABLE}: the database cannot be used ({_without_password(cause, url)}); {remedy}"
        ) from None


def _without_password(text: str, url: str) -> str:
    secret = urlsplit(url).password
    for one in filter(None, (url, secret, unquote(secret or ""))):
        text = text.replace(one, "…")
    return text


def told(place: Home, cause: str) -> str:
    """The sentence for a run whose record could not be written."""
    url = _address()
    where, remedy = (
        (settings.POSTGRES_VARIABLE, "see that the database runs and has room")
        if url
        else (str(place.dagster), "make room on the disk or mend its rights")
    )
    said = _without_password(cause, url) if url else cause
    return (
        f"{where}: the record of the run cannot be written ({said}); {remedy}, then run again; "
        "the last release is as it was"
    )


def _states(place: Home) -> list[Any]:
    """Which schedules and sensors were switched on or off, and how far each sensor has looked."""
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(settings.plain_folder(place.dagster))) as instance:
        return list(instance.all_instigator_state())


def _carry(place: Home, states: list[Any]) -> int:
    """Add states to the new instance where it has none of its own for the same schedule or sensor; how many."""
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(settings.plain_folder(place.dagster))) as instance:
        new = [
            one for one in states if instance.get_instigator_state(one.instigator_origin_id, one.selector_id) is None
        ]
        for one in new:
            instance.add_instigator_state(one)
    return len(new)


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole: another process may be reading it."""
    passing = path.with_name(f".{path.name}.{os.getpid()}.part")
    passing.write_text(text, encoding="utf-8")
    passing.replace(path)
