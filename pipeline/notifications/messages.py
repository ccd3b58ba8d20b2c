"""Findings -> messages: one a kind, with one subject line and a plain body. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.declare.notifications import NOTIFICATIONS, SUBJECT_LENGTH, Notification, NotificationKind
from pipeline.notifications.findings import Finding

TITLE = "Township index"
# Of more findings than these the rest is counted: a message is read, a table is looked up.
LISTED_AT_MOST = 60
_BLANK = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Message:
    """What one target is sent at once; `keys` are those of the findings in it."""

    kind: NotificationKind | None  # None: a test
    keys: tuple[str, ...]
    subject: str
    body: str
    weight: str


TEST = Message(
    None,
    (),
    f"{TITLE}: a test message",
    "This is what `township-index notify --test` sends. Nothing happened, and nothing is to be done.\n",
    "info",
)


def compose(findings: Iterable[Finding]) -> tuple[Message, ...]:
    """One message a kind that has a finding, in the order of NOTIFICATIONS; a key counts once."""
    once = {one.key: one for one in findings}
    by_kind = {declared: [one for one in once.values() if one.kind == declared.kind] for declared in NOTIFICATIONS}
    return tuple(_message(declared, found) for declared, found in by_kind.items() if found)


def _message(declared: Notification, found: list[Finding]) -> Message:
    marks = ", ".join(dict.fromkeys(one.marks for one in found if one.marks))
    head = f"{TITLE}, {marks}" if marks else TITLE
    what = found[0].title if len(found) == 1 else f"{declared.several.format(count=len(found))}: {_names(found)}"
    return Message(
        declared.kind, tuple(one.key for one in found), one_line(f"{head}: {what}"), _body(declared, found),
        declared.weight,
    )  # fmt: skip


def _names(found: list[Finding]) -> str:
    return ", ".join(one.title for one in found)


def one_line(text: str) -> str:
    """Text as a subject: no line break that a mail would take for a header, and not longer than a reader sees."""
    plain = _BLANK.sub(" ", _CONTROL.sub(" ", text)).strip()
    longest = int(SUBJECT_LENGTH.value)
    return plain if len(plain) <= longest else plain[: longest - 1].rstrip() + "…"


def _body(declared: Notification, found: list[Finding]) -> str:
    about = dict.fromkeys(line for one in found for line in one.about)
    blocks = ["\n".join(about)] if about else []
    shown = found[:LISTED_AT_MOST]
    listed = "\n".join("\n".join((one.title, *(f"  {line}" for line in one.lines))) for one in shown)
    more = len(found) - len(shown)
    blocks += [listed + (f"\nand {more} more" if more else ""), declared.remedy]
    return _CONTROL.sub(" ", "\n\n".join(blocks)) + "\n"
