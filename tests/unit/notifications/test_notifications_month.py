"""Three weeks of mornings of a home: what its mail and its webhook received, in order, and nothing twice."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from homes import delivery, put_release, rule
from receivers import mail_server, webhook

from pipeline.declare.notifications import NotificationKind
from pipeline.declare.settings import MYANMAR, Home
from pipeline.notifications import findings, last_run
from pipeline.notifications.delivery import deliver
from pipeline.storage.targets import Target

FIRST = datetime(2030, 4, 1, 0, 0, tzinfo=UTC)
REFUSED = 'clashes/a.csv, row 7: event_date "31.02" is no day; mend it and deliver the file again'
RELEASES = range(1, 22)
BROKEN = {6: REFUSED, 7: REFUSED, 8: "the disk is full", 20: REFUSED}  # day -> what the run says
BLOCKED = {15}
WARNS = {3, 4, 5, 12, 13}  # a rule warns, holds again, and warns once more
ALERTS = {1: ["MMR002001"], 10: ["MMR002001", "MMR002004"], 11: ["MMR002001", "MMR002004"]}
MAIL_AWAY = {10, 11, 12}


def put_delivery(place: Home, at: datetime) -> None:
    """A file of a source with a cadence of 14 days."""
    one = delivery("d1", "acled", at.isoformat())
    folder = place.deliveries / "clashes"
    folder.mkdir(parents=True)
    (folder / "d1.json").write_text(json.dumps(asdict(one)))


def morning(place: Home, day: int, now: datetime) -> tuple[findings.Finding, ...]:
    """What the run of a day leaves and has to say."""
    before = last_run.read(place)
    if day in BROKEN or day in BLOCKED:
        rules = [rule("kept", severity="critical")] if day in BLOCKED else []
        since = before.went_well_at if before else ""
        said = BROKEN.get(day, "nothing was published: run: kept: 2 failed")
        run = last_run.failed(before, findings.of_failure("the run", said, rules, {}, (), since), now)
    else:
        alerts = ALERTS[max(d for d in ALERTS if d <= day)]
        name = f"2030-04-{day:02}"
        put_release(place, name, [rule("late")] if day in WARNS else [], alerts, created_at=now.isoformat())
        run = last_run.published(place, before, name, now)
    last_run.write(place, run)
    return last_run.findings_of(place, run, now)


def expected() -> list[str]:
    """Worked out by hand: the failure of the sixth goes on for a day, that of the twentieth is a new one."""
    found = []
    for day in RELEASES:
        found += {
            6: [f"the run failed: {REFUSED}"], 8: ["the run failed: the disk is full"], 15: ["run: kept failed"],
            20: [f"the run failed: {REFUSED}"],
        }.get(day, [])  # fmt: skip
        if day not in {6, 7, 8, 15, 20}:
            found.append(f"release 2030-04-{day:02} was published")
        found += {
            1: ["Loikaw (MMR002001)"], 3: ["run: late warns"], 10: ["Shadaw (MMR002004)"], 12: ["run: late warns"],
            16: ["The source acled: nothing for 15 days"],
        }.get(day, [])  # fmt: skip
    return [f"Township index: {one}" for one in found]


def test_three_weeks_are_told_in_order_and_nothing_twice(tmp_path: Path):
    place = Home(tmp_path)
    put_delivery(place, FIRST)
    with mail_server() as mail, webhook() as hook:
        targets = (
            Target("target 1", f"mailto://127.0.0.1:{mail.port}?from=i@example.org&to=t@example.org&mode=insecure"),
            Target("target 2", f"json://127.0.0.1:{hook.port}/x"),
        )
        for day in RELEASES:
            now = FIRST + timedelta(days=day - 1)
            mail.refuses = day in MAIL_AWAY
            found = morning(place, day, now)
            for _ in range(2):  # a run, and whoever looks at it again
                deliver(place, targets, found, now.astimezone(MYANMAR).date())
    assert hook.subjects == expected()
    waited, on = (expected().index(f"Township index: release 2030-04-{day} was published") for day in (10, 14))
    late = [one.removesuffix("…") for one in mail.subjects[waited : waited + 3]]
    several = ", ".join(f"release 2030-04-{day} was published" for day in (10, 11, 12, 13))
    assert f"Township index: 4 releases: {several}".startswith(late[0])
    assert late[1:] == ["Township index: Shadaw (MMR002004)", "Township index: run: late warns"]
    told = [*mail.subjects[:waited], *mail.subjects[waited + 3 :]]
    assert told == [*expected()[:waited], *expected()[on:]], "what waited came once, on the thirteenth"


def test_a_run_and_a_sensor_at_the_same_moment_send_once(tmp_path: Path):
    one = findings.Finding(NotificationKind.PUBLISHED, "published:a", "release a was published")
    with webhook() as hook:
        target = Target("target 1", f"json://127.0.0.1:{hook.port}/x")
        with ThreadPoolExecutor(4) as several:
            said = list(several.map(lambda _: deliver(Home(tmp_path), (target,), [one], FIRST.date()), range(4)))
    assert len(hook.posts) == 1
    assert sorted(map(len, said)) == [0, 0, 0, 1]
