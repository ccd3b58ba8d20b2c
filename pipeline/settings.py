"""Paths and environment, read once and frozen.

Every path of a run derives from the home, so that a test or a second instance uses its own.
"""

import os
from dataclasses import dataclass
from datetime import timedelta, timezone
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
REFERENCE = REPOSITORY / "data" / "reference"
SAMPLE = REPOSITORY / "data" / "sample"
# Myanmar's clock has no summer time: the day a file is received, and every day a user names, is a day there.
MYANMAR = timezone(timedelta(hours=6, minutes=30))
HOME_VARIABLE = "TOWNSHIP_INDEX_HOME"
SCHEDULE_VARIABLE = "TOWNSHIP_INDEX_SCHEDULE"


@dataclass(frozen=True)
class Home:
    """The folder that holds one instance: inbox, deliveries, warehouse, releases, run records."""

    root: Path

    @property
    def inbox(self) -> Path:
        return self.root / "inbox"

    @property
    def deliveries(self) -> Path:
        return self.root / "deliveries"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def work_database(self) -> Path:
        """Opened by the pipeline alone."""
        return self.warehouse / "work.duckdb"

    @property
    def analysts_database(self) -> Path:
        """The snapshot analysts read; replaced whole, never written in place."""
        return self.warehouse / "township_index.duckdb"

    @property
    def methods(self) -> Path:
        """Methods that were calibrated and saved here, one TOML file each."""
        return self.root / "methods"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def latest(self) -> Path:
        return self.published / "latest"

    @property
    def briefs(self) -> Path:
        """Neutral briefs, one folder each."""
        return self.root / "briefs"

    @property
    def cache(self) -> Path:
        """What can be computed again at any time."""
        return self.warehouse / "cache"

    @property
    def dagster(self) -> Path:
        return self.root / "dagster"

    @property
    def lock(self) -> Path:
        return self.root / "run.lock"


def home(root: str | os.PathLike[str] | None = None) -> Home:
    """The home named by the argument, else by TOWNSHIP_INDEX_HOME, else the repository's data/."""
    chosen = root or os.environ.get(HOME_VARIABLE) or REPOSITORY / "data"
    return Home(Path(chosen).expanduser().resolve())


def schedules_enabled() -> bool:
    """Schedules and sensors run only where the environment asks for them."""
    return os.environ.get(SCHEDULE_VARIABLE, "").strip().lower() in {"1", "true", "yes", "on"}
