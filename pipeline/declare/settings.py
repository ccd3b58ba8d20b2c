"""Paths and environment, read once and frozen.

Every path of a run derives from the home, so that a test or a second instance uses its own.
"""

import atexit
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path

from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput

REPOSITORY = Path(__file__).resolve().parents[2]
REFERENCE = REPOSITORY / "data" / "reference"
SAMPLE = REPOSITORY / "data" / "sample"
# Myanmar's clock has no summer time: the day a file is received, and every day a user names, is a day there.
MYANMAR = timezone(timedelta(hours=6, minutes=30))
# When the daily schedule runs, Myanmar time: after the downloads of the night, before people come to work.
DAILY = "daily"  # the schedule of the main job, as Dagster knows it
DAILY_AT = time(5, 30)
HOME_VARIABLE = "TOWNSHIP_INDEX_HOME"
SCHEDULE_VARIABLE = "TOWNSHIP_INDEX_SCHEDULE"
PROFILE_VARIABLE = "TOWNSHIP_INDEX_PROFILE"
BASE_VARIABLE = "TOWNSHIP_INDEX_BASE_ADDRESS"
UI_HOSTS_VARIABLE = "TOWNSHIP_INDEX_UI_HOSTS"
POSTGRES_VARIABLE = "TOWNSHIP_INDEX_POSTGRES"
HOLD_VARIABLE = "TOWNSHIP_INDEX_HOLD"
NOTIFY_VARIABLE = "TOWNSHIP_INDEX_NOTIFY"
# What a release may be called: a name that is read from a file must not lead out of the folder.
RELEASE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# The address of a month's release, which is no release itself.
PERIOD_NAME = re.compile(r"\d{4}-\d{2}")
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/-]*)?")


@dataclass(frozen=True)
class Home:
    """The folder that holds one instance: inbox, deliveries, warehouse, releases, run records.

    Of the internal profile the releases and the working database are its own, so that no table with exact figures
    can find its way into a public release.
    """

    root: Path
    profile: Profile = Profile.PUBLIC

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
        return self.warehouse / ("work_internal.duckdb" if self._internal else "work.duckdb")

    @property
    def checks(self) -> Path:
        """The outcome of every suite of the last run, until the release collects it."""
        return self.warehouse / ("checks_internal" if self._internal else "checks")

    @property
    def analysts_database(self) -> Path:
        """The snapshot analysts read; replaced whole, never written in place, and by public runs alone."""
        return self.warehouse / "township_index.duckdb"

    @property
    def methods(self) -> Path:
        """Methods that were calibrated and saved here, one TOML file each."""
        return self.root / "methods"

    @property
    def published(self) -> Path:
        """The public releases, which may be handed to anyone."""
        return self.root / "published"

    @property
    def internal(self) -> Path:
        """The releases of the internal profile, which stay with the team."""
        return self.root / "internal"

    @property
    def releases(self) -> Path:
        """Where the releases of this profile lie."""
        return self.internal if self._internal else self.published

    @property
    def held(self) -> Path:
        """Releases that wait for `publish`, outside of what a host shows."""
        return self.root / ("held_internal" if self._internal else "held")

    @property
    def withdrawn(self) -> Path:
        """What withdrawn releases held, outside of what a host shows."""
        return self.root / ("withdrawn_internal" if self._internal else "withdrawn")

    @property
    def snapshots(self) -> Path:
        """Analysts' databases of releases that are held, and of the one that was `latest` before."""
        return self.warehouse / "snapshots"

    @property
    def pins(self) -> Path:
        """The names of the releases that `prune` keeps for ever, as a sorted JSON list."""
        return self.releases / "pins.json"

    @property
    def latest_link(self) -> Path:
        """The link to the newest release."""
        return self.releases / "latest"

    @property
    def latest_file(self) -> Path:
        """Names the newest release where the disk knows no links."""
        return self.releases / "latest.txt"

    @property
    def latest(self) -> Path:
        """The newest release of this profile: the link, or on a disk without links the folder that the file names."""
        if not self.latest_link.is_symlink() and self.latest_file.is_file():
            name = self.latest_file.read_text(encoding="utf-8", errors="replace").strip()
            if RELEASE_NAME.fullmatch(name):
                return self.releases / name
        return self.latest_link

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
    def logs(self) -> Path:
        """What runs said, in files that are bounded, and the table of runs."""
        return self.root / "logs"

    @property
    def health(self) -> Path:
        """How the home stood after the last run, for a monitor."""
        return self.root / "health.json"

    @property
    def notify_file(self) -> Path:
        """Who is sent which kinds of notification."""
        return self.root / "notify.toml"

    @property
    def notifications(self) -> Path:
        """How the last run ended, and what each target was sent."""
        return self.root / "notifications"

    @property
    def lock(self) -> Path:
        return self.root / "run.lock"

    @property
    def _internal(self) -> bool:
        return self.profile == Profile.INTERNAL


@cache
def plain_folder(folder: Path) -> Path:
    """A way to a folder without a question mark, for Dagster's records, which read one as the start of a query.

    A link in a folder for passing files leads to it, until this process ends.
    """
    if "?" not in str(folder):
        return folder
    way = Path(tempfile.mkdtemp(prefix="township-index-"))
    atexit.register(shutil.rmtree, way, ignore_errors=True)
    (way / "home").symlink_to(folder, target_is_directory=True)
    return way / "home"


def home(root: str | os.PathLike[str] | None = None, profile: Profile = Profile.PUBLIC) -> Home:
    """The home named by the argument, else by TOWNSHIP_INDEX_HOME, else the repository's data/."""
    chosen = root or os.environ.get(HOME_VARIABLE) or REPOSITORY / "data"
    return Home(Path(chosen).expanduser().resolve(), profile)


def profile(chosen: str = "") -> Profile:
    """The profile named by the argument, else by TOWNSHIP_INDEX_PROFILE, else public.

    Raises UnusableInput for any other word: a mistyped profile must not become one of the two in silence.
    """
    word, said_by = (
        (chosen, "--profile") if chosen else (os.environ.get(PROFILE_VARIABLE, "").strip(), PROFILE_VARIABLE)
    )
    if word and word not in tuple(Profile):
        raise UnusableInput(f"{said_by} {word!r} is no profile; choose one of: {', '.join(Profile)}")
    return Profile(word or Profile.PUBLIC)


def base_address() -> str:
    """Where `published/` will be read from, ending in a slash, as TOWNSHIP_INDEX_BASE_ADDRESS says; else empty.

    Raises UnusableInput for what is no address of a folder: it would stand in every page and in the feed.
    """
    stated = os.environ.get(BASE_VARIABLE, "").strip()
    if stated and not _ADDRESS.fullmatch(stated):
        raise UnusableInput(
            f"{BASE_VARIABLE} {stated!r} is no address of a folder; give one such as https://example.org/index/ "
            "(letters, digits and . _ ~ - / alone), or leave it unset"
        )
    return stated if not stated or stated.endswith("/") else f"{stated}/"


def schedules_enabled() -> bool:
    """Schedules and sensors run only where the environment asks for them."""
    return _switched_on(SCHEDULE_VARIABLE)


def hold_enabled() -> bool:
    """Whether every run of this environment, that of the schedule too, waits for a person before it is published."""
    return _switched_on(HOLD_VARIABLE)


def _switched_on(variable: str) -> bool:
    return os.environ.get(variable, "").strip().lower() in {"1", "true", "yes", "on"}


def next_daily(now: datetime) -> datetime:
    """When the daily schedule runs next."""
    local = now.astimezone(MYANMAR)
    today = datetime.combine(local.date(), DAILY_AT, MYANMAR)
    return today if local < today else today + timedelta(days=1)


def sidecar_path(file: Path) -> Path:
    """Where the sender says what a file is: `<file>.toml` beside it."""
    return file.with_name(file.name + ".toml")
