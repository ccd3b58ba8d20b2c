"""When each download last went well, in `HOME/notifications`: what fails on since then is the same failure."""

from datetime import UTC, datetime
from pathlib import Path

from pipeline.declare.settings import Home
from pipeline.storage.disk import write_atomically


def job_of(source: str) -> str:
    """The name under which a download of a source is told, that of its job in Dagster."""
    return f"fetch_{source.replace('-', '_')}"


def _note(home: Home, job: str) -> Path:
    return home.notifications / f"{job}.txt"


def note(home: Home, source: str) -> None:
    """Note that a download of a source goes well now."""
    home.notifications.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_atomically(_note(home, job_of(source)), lambda part: part.write_text(f"{now}\n", encoding="utf-8"))


def went_well_at(home: Home, job: str) -> str:
    """The time of the last download that went well, as text; empty where none is noted."""
    try:
        return _note(home, job).read_text(encoding="utf-8").strip()
    except OSError:
        return ""
