"""What is sent to people: the kinds of notification, in the order in which they are sent, with their fixed words."""

from dataclasses import dataclass
from enum import StrEnum

from pipeline.declare.choice import Choice


class NotificationKind(StrEnum):
    """A target names the kinds that it wants by these words."""

    RUN_FAILED = "run_failed"
    CHECK_BLOCKED = "check_blocked"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ALERT = "alert"
    CHECK_WARNS = "check_warns"
    SOURCE_SILENT = "source_silent"
    DISK_SHORT = "disk_short"


@dataclass(frozen=True)
class Notification:
    """A kind: what it says, the subject of several findings, what to do, and how much it presses."""

    kind: NotificationKind
    about: str
    several: str  # with {count}
    remedy: str
    # How a channel marks it that can: failure, warning, success or info.
    weight: str


NOTIFICATIONS: tuple[Notification, ...] = (
    Notification(
        NotificationKind.RUN_FAILED,
        "a run or a download ended without a result, or a run was killed",
        "{count} runs failed",
        "Mend what is named and run again; `township-index doctor` looks at machine and home. The last release that "
        "was published is as it was.",
        "failure",
    ),
    Notification(
        NotificationKind.CHECK_BLOCKED,
        "a blocking check failed, so that nothing was published",
        "{count} blocking checks failed",
        "The last release is as it was. Rows with file, line and remedy: `township-index set-aside`; what each check "
        "means: docs/guides/when-it-fails.md.",
        "failure",
    ),
    Notification(
        NotificationKind.PUBLISHED,
        "a release was published, or is held until a person publishes it",
        "{count} releases",
        "Look at changes.html and quality.html of the release before you pass it on.",
        "success",
    ),
    Notification(
        NotificationKind.WITHDRAWN,
        "a release was withdrawn",
        "{count} releases were withdrawn",
        "Whoever has its figures should know: do not use them.",
        "warning",
    ),
    Notification(
        NotificationKind.ALERT,
        "a township has a new alert in the newest month",
        "{count} townships have a new alert",
        "What an alert is, and what it was worth: report/glossary.html and tables/scorecard.csv of the release.",
        "warning",
    ),
    Notification(
        NotificationKind.CHECK_WARNS,
        "a check warns that did not in the run before",
        "{count} checks warn that did not before",
        "The release was published and says so on quality.html. Rows with file, line and remedy: `township-index "
        "set-aside`.",
        "warning",
    ),
    Notification(
        NotificationKind.SOURCE_SILENT,
        "nothing came from a source for longer than its cadence",
        "{count} sources are silent",
        "Ask the source, or fetch it again; an empty newest month is then no calm one.",
        "warning",
    ),
    Notification(
        NotificationKind.DISK_SHORT,
        "the disk is nearly full, or will be within a month",
        "{count} disks are short",
        "`township-index prune` says what may go; `township-index status` says which folder takes the room.",
        "warning",
    ),
)  # fmt: skip

WAITING_DAYS = Choice(
    30, "A month: what a target could not take for so long stands in newer releases, and would be read as new."
)
REMEMBERED_DAYS = Choice(
    400, "More than a year after it was last true: a yearly source may be silent for so long and is named once."
)
SUBJECT_LENGTH = Choice(160, "Two lines of a phone; what is longer stands in full in the body.")
