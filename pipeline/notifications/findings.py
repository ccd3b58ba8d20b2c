"""What a run left that a person should know: one finding a rule, a source, a release, a township.

Pure: values in, findings out. The words of a failure and of a rule are those that the command prints. A finding's key
says what it is about and since when, so that the same finding of another run has the same key.

Not here: who is told, and whether somebody was told before.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.declare.codes import Severity, Signal
from pipeline.declare.notifications import NotificationKind
from pipeline.declare.settings import MYANMAR
from pipeline.storage.freshness import SourceAge
from pipeline.storage.runs import Run, moment

Rule = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """`title` is one line; `lines` follow it; `about` is said once above the findings that share it."""

    kind: NotificationKind
    key: str
    title: str
    lines: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    marks: str = ""  # what stands in the subject, such as SYNTHETIC

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind), "key": self.key, "title": self.title, "lines": list(self.lines),
            "about": list(self.about), "marks": self.marks,
        }  # fmt: skip


def finding(stated: Mapping[str, Any]) -> Finding:
    """The finding that `as_dict` wrote. Raises KeyError, TypeError or ValueError where it did not."""
    return Finding(
        NotificationKind(stated["kind"]), str(stated["key"]), str(stated["title"]), tuple(map(str, stated["lines"])),
        tuple(map(str, stated["about"])), str(stated["marks"]),
    )  # fmt: skip


@dataclass(frozen=True)
class Published:
    """What a release says of itself, from its manifest, its checks and two of its tables.

    `alerts` is P-code -> name of the townships with an alert in the leading month of the leading method; None where the
    tables do not say, as in a release of an older version.
    """

    release_id: str
    period_end: str
    as_of: str
    notice: str
    internal: bool
    moved_latest: bool
    rules: tuple[Rule, ...]
    month: date | None
    alerts: Mapping[str, str] | None
    alerts_by_chance: float | None
    held: bool = False


def rule_line(rule: Rule) -> str:
    """A failed rule in one line, as the command's log and a message say it."""
    examples = f"; {', '.join(rule['examples'])}" if rule["examples"] else ""
    return f"{rule['severity']}: {rule['rule']}: {rule['note']} ({rule['failed_count']} failed{examples})"


def of_failure(
    job: str, said: str, rules: Sequence[Rule], files: Mapping[str, str], about: tuple[str, ...], since: str
) -> tuple[Finding, ...]:
    """One finding a failed blocking rule; where none failed, one of the run, with `said` as the command prints it.

    `files` names the file of each delivery id; `since` is when a run last went well: what fails again after that is
    a new finding, what fails on is the same.
    """
    blocked = [rule for rule in rules if rule["severity"] == Severity.CRITICAL]
    if not blocked:
        first, *rest = said.strip().splitlines() or ["no cause was given"]
        key = f"{NotificationKind.RUN_FAILED}:{job}:{_digest(said)}:{since}"
        return (Finding(NotificationKind.RUN_FAILED, key, f"{job} failed: {first}", tuple(rest), about),)
    return tuple(
        _of_rule(NotificationKind.CHECK_BLOCKED, rule, files, (*about, said), since, "failed") for rule in blocked
    )


def of_killed(runs: Iterable[Run], about: tuple[str, ...]) -> tuple[Finding, ...]:
    """The runs that never said how they ended; each once, whoever finds it first."""
    return tuple(
        Finding(
            NotificationKind.RUN_FAILED,
            f"{NotificationKind.RUN_FAILED}:killed:{run.run_id}",
            f"the run failed: {run.message}",
            (
                f"It began at {_when(run.started_at)} by {run.started_by}, profile {run.profile}.",
                "What it had published by then stands; the next run clears what it left unfinished.",
            ),
            about,
        )
        for run in runs
    )


def _when(at: str) -> str:
    found = moment(at)
    return f"{found.astimezone(MYANMAR):%Y-%m-%d %H:%M} (Myanmar)" if found else "an unknown time"


def of_warnings(
    made: Published, before: Published | None, files: Mapping[str, str], about: tuple[str, ...]
) -> tuple[Finding, ...]:
    """The rules that warn in a release and did not in the one before; all of them where there was none before."""
    known = {(rule["table"], rule["rule"]) for rule in _failed(before.rules)} if before else set()
    since = before.release_id if before else "first"
    found = (
        _of_rule(NotificationKind.CHECK_WARNS, rule, files, about, since, "warns", internal=made.internal)
        for rule in _failed(made.rules)
        if (rule["table"], rule["rule"]) not in known
    )
    return tuple(found)


def _failed(rules: Iterable[Rule]) -> list[Rule]:
    return [rule for rule in rules if not rule["passed"]]


def _of_rule(
    kind: NotificationKind, rule: Rule, files: Mapping[str, str], about: tuple[str, ...], since: str, verb: str,
    internal: bool = False,
) -> Finding:  # fmt: skip
    """Of an internal release the note stays out: it may hold an exact figure of displaced people."""
    shown = {**rule, "note": "see quality.html of the internal release"} if internal else rule
    named = dict.fromkeys(word for example in rule["examples"] for word in str(example).split() if word in files)
    return Finding(
        kind,
        f"{kind}:{rule['table']}:{rule['rule']}:{since}",
        f"{rule['table']}: {rule['rule']} {verb}",
        (
            rule_line(shown),
            *([rule["remedy"]] if rule.get("remedy") else []),
            *(f"{word} is {files[word]}; its rows: township-index set-aside --delivery {word}" for word in named),
        ),
        about,
    )


def of_sources(ages: Iterable[SourceAge], about: tuple[str, ...]) -> tuple[Finding, ...]:
    """The sources that are silent for longer than their cadence; once for each silence."""
    return tuple(
        Finding(
            NotificationKind.SOURCE_SILENT,
            f"{NotificationKind.SOURCE_SILENT}:{age.source_key}:{age.newest.delivery_id}:{age.newest.received_day}",
            f"{age.title}: nothing for {age.days} days",
            (
                f"The newest file, {age.newest.kind}/{age.newest.file_name}, was received on "
                f"{age.newest.received_day}, {age.days} days ago.",
                f"Cadence of the source: {age.cadence}; silent after {age.silent_after_days} days.",
            ),
            about,
        )
        for age in ages
        if age.is_silent
    )


def of_disk(since: str | None, told: str, about: tuple[str, ...]) -> tuple[Finding, ...]:
    """That the disk is short, once until it no longer was; `since` is None where it is not, `told` the outlook."""
    if since is None:
        return ()
    kind = NotificationKind.DISK_SHORT
    return (Finding(kind, f"{kind}:{since}", f"the disk is nearly full: {told}", (), about),)


def of_publication(made: Published, about: tuple[str, ...]) -> Finding:
    """That a release was published, and whether `latest` moved to it; or that it is held, and how it is published."""
    failed = [f"{rule['table']}: {rule['rule']}" for rule in _failed(made.rules)]
    warn = f"{len(failed)} warn: {', '.join(failed)}" if failed else "none warns"
    moved = "latest moved to it." if made.moved_latest else "latest stays where it was: this is an older edition."
    profile = " --profile internal" if made.internal else ""
    if made.held:
        moved = (
            f"Nothing was published. To publish it: township-index publish {made.release_id}{profile}; to drop it: "
            f'township-index releases withdraw {made.release_id}{profile} --why "…"'
        )
    kind = f"{NotificationKind.PUBLISHED}:{'internal:' if made.internal else ''}{'held:' if made.held else ''}"
    return Finding(
        NotificationKind.PUBLISHED,
        f"{kind}{made.release_id}",
        f"release {made.release_id} {'is held' if made.held else 'was published'}",
        (
            f"Period to {made.period_end}, known by {made.as_of}. {moved}",
            f"{len(made.rules)} rules were checked, {warn}.",
        ),
        about,
    )


def of_withdrawal(release: str, why: str, notes: Sequence[str], about: tuple[str, ...]) -> Finding:
    """That a release was withdrawn and why, and what changed with it."""
    key = f"{NotificationKind.WITHDRAWN}:{release}"
    return Finding(NotificationKind.WITHDRAWN, key, f"release {release} was withdrawn: {why}", tuple(notes), about)


def of_alerts(made: Published, before: Published | None, about: tuple[str, ...]) -> tuple[Finding, ...]:
    """The townships with an alert in the leading month that had none for that month in the release before.

    Named by township and P-code alone, with the number of new alerts and how many a month has by chance: no site, no
    group, no coordinate is known here.
    """
    if made.alerts is None or made.month is None:
        return ()
    known = set(before.alerts or ()) if before and before.month == made.month else set()
    new = {code: name for code, name in sorted(made.alerts.items()) if code not in known}
    head = (*about, *_counted(len(new), len(made.alerts), made.month, made.alerts_by_chance))
    return tuple(
        Finding(
            NotificationKind.ALERT,
            f"{NotificationKind.ALERT}:{'internal:' if made.internal else ''}{code}:{made.month:%Y-%m}",
            f"{name} ({code})",
            (),
            head,
        )
        for code, name in new.items()
    )


def _counted(new: int, all_of_month: int, month: date, by_chance: float | None) -> tuple[str, ...]:
    chance = "not known" if by_chance is None else f"about {by_chance:.1f}"
    return (
        f"{month:%B %Y}: {new} new of {all_of_month} alerts; {chance} would come by chance alone, if every township's "
        "rate of clashes stayed that of the year before.",
    )


def alerts_of(index: pl.DataFrame, method: str) -> tuple[date, dict[str, str]] | None:
    """The leading month of `published.township_index` for a method, and P-code -> name of its alerts; None if empty.

    A month of the publication lag tells nobody of an alert. `index` of an older version knows of no lag.
    """
    own = index.filter(pl.col("method") == method)
    if "in_publication_lag" in own.columns:
        own = own.filter(~pl.col("in_publication_lag"))
    month = own["month"].max()
    if not isinstance(month, date):
        return None
    now = own.filter((pl.col("month") == month) & (pl.col("signal") == str(Signal.ALERT))).sort("adm3_pcode")
    return month, dict(zip(now["adm3_pcode"], now["adm3_name"], strict=True))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
