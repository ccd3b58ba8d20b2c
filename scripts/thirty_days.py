"""Thirty simulated days of one home: what happens, what people are sent, what `status` says each morning.

    python -m scripts.thirty_days --out DIR

Files arrive and are revised, one is broken, a run is killed, a check fails, the mail server is away, a release is
held, the disk is nearly full, a source falls silent, a release is withdrawn. Each is a real command on invented
records, in a fork with its clock set (light_runs.py). A mail server and a webhook on the loopback address receive what
is sent. Each day has the subjects that it must bring, worked out by hand; the command ends with 1 where others came, or
one twice.
On days on which nothing arrives the hourly sensor's work is done by `notify`.
"""

import argparse
import csv
import io
import json
import re
import shutil
import signal
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pipeline.declare.settings import MYANMAR, Home
from pipeline.sources import BY_NAME
from pipeline.storage import latest
from scripts.light_runs import Commands, Outcome
from tests.unit.notifications.receivers import Received, mail_server, webhook

FIRST, LEADING = date(2021, 6, 1), date(2021, 4, 20)
ROOM, SHORT = 50_000_000_000, 600_000_000  # bytes free on an ordinary day, and on the day the disk is nearly full
MAIL_AWAY = {17, 18}
PLACES = (("Kachin", "Myitkyina"), ("Kachin", "Waingmaw"), ("Kayah", "Loikaw"), ("Kayin", "Hpa-An"))
BROKEN = "event_id,event_date,event_type\nE1,2021-06-05,clash\n"


def exported(until: date, burst: int = 0, revised: bool = False) -> str:
    """An export of invented events to a day: two a month in each place since 2020, and late reports of a burst.

    The burst lies in Loikaw in the month that leads on all thirty days, for younger ones lie in the publication lag.
    `revised`: the first event has other fatalities and a later time stamp.
    """
    months = (date(year, month, 1) for year in (2020, 2021) for month in range(1, 13))
    days = [day for first in months for day in (first, first.replace(day=15)) if day <= until]
    found = [(place, day) for day in days for place in PLACES]
    found += [(PLACES[2], LEADING + timedelta(days=n % 8)) for n in range(burst)]
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(BY_NAME["acled"].columns), restval="", lineterminator="\n")
    writer.writeheader()
    for n, ((state, township), day) in enumerate(found):
        change = {"fatalities": "9", "timestamp": "1650000000"} if revised and n == 0 else {}
        writer.writerow({
            "event_id_cnty": f"MMR{n}", "event_date": f"{day}", "time_precision": "1", "event_type": "Battles",
            "actor1": "Invented Battalion", "actor2": "Invented Battalion", "iso": "104", "country": "Myanmar",
            "admin1": state, "admin3": township, "location": "Invented place", "geo_precision": "2",
            "fatalities": "1", "timestamp": "1640000000", **change,
        })  # fmt: skip
    return stream.getvalue()


def displaced(day: date, persons: int, code: str = "MMR001001") -> str:
    return f"reference_date,adm3_pcode,idps_new_persons\n{day},{code},{persons}\n"


def surveyed(day: date, answer: str) -> str:
    return f"survey_date,adm3_pcode,police_station,gad_office\n{day},MMR001001,{answer},{answer}\n"


@dataclass
class Stage:
    """The home with its commands and receivers, and the clock of the day."""

    place: Home
    commands: Commands
    mail: Received
    hook: Received
    env: dict[str, str]
    day: int = 0
    free: int = ROOM

    @property
    def today(self) -> date:
        return FIRST + timedelta(days=self.day - 1)

    def at(self, hour: int, minute: int = 0) -> datetime:
        """A time of the day in Myanmar."""
        moment = datetime(self.today.year, self.today.month, self.today.day, hour, minute, tzinfo=MYANMAR)
        return moment.astimezone(UTC)

    def call(self, *argv: object, hour: int = 5, minute: int = 30, kill: Callable[[], bool] | None = None) -> Outcome:
        given = (*argv, "--home", self.place.root)
        asked = (signal.SIGKILL, kill) if kill else None
        return self.commands(*given, env=self.env, now=self.at(hour, minute), free=self.free, kill=asked)

    def arrives(self, kind: str, name: str, text: str, sidecar: str = "") -> None:
        folder = self.place.inbox / kind
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
        if sidecar:
            (folder / f"{name}.toml").write_text(sidecar, encoding="utf-8")

    def export(self, burst: int = 0, revised: bool = False) -> None:
        self.clear("clashes")
        self.arrives("clashes", f"export-{self.day}.csv", exported(self.today - timedelta(days=1), burst, revised))

    def displacement(self, persons: int, code: str = "MMR001001") -> None:
        self.clear("displacement")
        text = displaced(self.today - timedelta(days=1), persons, code)
        self.arrives("displacement", f"displaced-{self.day}.csv", text, 'coverage = "one township"\n')

    def survey(self, answer: str) -> None:
        self.clear("services")
        text = surveyed(self.today - timedelta(days=1), answer)
        self.arrives("services", f"survey-{self.day}.csv", text, 'coverage = "one township"\n')

    def clear(self, kind: str) -> None:
        shutil.rmtree(self.place.inbox / kind, ignore_errors=True)

    def run(self, *options: str) -> Outcome:
        return self.call("run", *options)

    def newest(self) -> str:
        named = latest.pointed(self.place)
        return named.release_id if named else ""


def first_export(stage: Stage) -> Outcome:
    stage.export()
    return stage.run()


def revised_export(stage: Stage) -> Outcome:
    stage.export(revised=True)
    return stage.run()


def displacement(stage: Stage) -> Outcome:
    stage.displacement(1_000 + stage.day)
    return stage.run()


def broken_file(stage: Stage) -> Outcome:
    stage.arrives("clashes", "own.csv", BROKEN)
    return stage.run()


def burst(stage: Stage) -> Outcome:
    stage.export(burst=40, revised=True)
    return stage.run()


def fetch(stage: Stage) -> Outcome:
    return stage.call("fetch", "acled")


def killed_run(stage: Stage) -> Outcome:
    """SIGKILL once its records are made."""
    stage.displacement(2_000)
    done = stage.place.checks / "records.clashes.json"
    before = done.stat().st_mtime_ns
    return stage.call("run", kill=lambda: done.exists() and done.stat().st_mtime_ns != before)


def run_again(stage: Stage) -> Outcome:
    return stage.run()


def impossible_figure(stage: Stage) -> Outcome:
    """More displaced people than a township of some hundred inhabitants has."""
    stage.displacement(90_000, "MMR013032")
    return stage.run()


def taken_out(stage: Stage) -> Outcome:
    """The delivery of the impossible figure is withdrawn, a good one follows."""
    found = (json.loads(path.read_text("utf-8")) for path in (stage.place.deliveries / "displacement").glob("*.json"))
    (wrong,) = (one["delivery_id"] for one in found if one["file_name"] == "displaced-17.csv")
    stage.call("withdraw", wrong, hour=5)
    stage.displacement(3_000)
    return stage.run()


def held(stage: Stage) -> Outcome:
    stage.survey("yes")
    return stage.run("--hold")


def published(stage: Stage) -> Outcome:
    (waiting,) = (path.name for path in stage.place.held.iterdir() if path.is_dir())
    return stage.call("publish", waiting)


def short_disk(stage: Stage) -> Outcome:
    stage.free = SHORT
    stage.survey("partial")
    return stage.run()


def room_again(stage: Stage) -> Outcome:
    stage.free = ROOM
    return stage.call("prune", "--apply")


def survey(stage: Stage) -> Outcome:
    stage.survey("no")
    return stage.run()


def withdrawn(stage: Stage) -> Outcome:
    return stage.call("releases", "withdraw", stage.newest(), "--why", "A survey was read wrongly")


def late_export(stage: Stage) -> Outcome:
    stage.export(burst=60, revised=True)
    return stage.run()


def nothing(stage: Stage) -> Outcome:
    return stage.call("notify", hour=6)


R = "release .* was published"
# Day -> what happens, the exit code, the subjects that come, as patterns behind "Township index: ".
DAYS: dict[int, tuple[str, Callable[[Stage], Outcome], int, tuple[str, ...]]] = {
    1: ("an export of ACLED arrives", first_export, 0, (R, ".* checks warn .*")),
    3: ("it is revised", revised_export, 0, (R,)),
    5: ("figures of displaced people arrive", displacement, 0, (R, ".* warns?.*")),
    7: ("a file without places arrives", broken_file, 2, ("the run failed: .*own.csv.*",)),
    8: ("it lies there still", run_again, 2, ()),
    9: ("a whole export, with late reports of a burst in one township", burst, 0, (R, r"Loikaw \(MMR002001\)")),
    11: ("a fetch by hand fails for want of a key", fetch, 2, ("fetch_acled failed: .*",)),
    12: ("it fails again", fetch, 2, ()),
    13: ("a run is killed; status finds it", killed_run, -9, ("the run failed: the process ended before .*",)),
    15: ("the run is made again", run_again, 0, (R,)),
    17: ("more displaced people than inhabitants; the mail server is away", impossible_figure, 1,
         ("records.displacement: idps_within_population failed",)),
    18: ("the run is made again", run_again, 1, ()),
    19: ("that delivery is withdrawn, a good file arrives; the mail server is back", taken_out, 0, (R,)),
    20: ("a run is held", held, 0, ("release .* is held",)),
    21: ("it is published", published, 0, (R,)),
    22: ("a survey arrives, the disk is nearly full", short_disk, 0, (R, "the disk is nearly full: .*")),
    23: ("prune --apply, and room is made", room_again, 0, ()),
    24: ("nothing arrives", nothing, 0, (".*: nothing for 15 days",)),
    25: ("a survey arrives", survey, 0, (R,)),
    26: ("that release is withdrawn", withdrawn, 0, ("release .* was withdrawn: A survey was read wrongly",)),
    27: ("an export arrives again", late_export, 0, (R,)),
    29: ("prune --apply", room_again, 0, ()),
}  # fmt: skip


def mornings(stage: Stage) -> Iterator[str]:
    """A block of lines a day; the last lines are faults, where there are any."""
    told: list[str] = []
    faults: list[str] = []
    for day in range(1, 31):
        stage.day = day
        stage.mail.refuses = day in MAIL_AWAY
        what, does, code, patterns = DAYS.get(day, ("nothing arrives", nothing, 0, ()))
        outcome = does(stage)
        status = stage.call("status", hour=8)
        came = stage.hook.subjects[len(told) :]
        told += came
        wanted = [re.compile(rf"Township index: {pattern}", re.DOTALL) for pattern in patterns]
        right = len(came) == len(wanted) and all(p.fullmatch(c) for p, c in zip(wanted, came, strict=True))
        if outcome.code != code or not right:
            faults.append(f"day {day}: exit {outcome.code} for {code}, {came} for {list(patterns)}")
            faults.append(textwrap.indent(f"{outcome.out[-1500:]}\n{outcome.err[-1500:]}", "    "))
        yield f"day {day:2}  {stage.today}  {what}: exit {outcome.code} ({outcome.seconds:.0f} s)"
        yield from (f"          webhook: {one.removeprefix('Township index: ')[:150]}" for one in came)
        state = status.out.strip().rpartition("\n\n")[2].splitlines() or ["nothing was said"]
        yield f"          status: exit {status.code}, {state[0]}"
        yield from (f"            {line[:140]}" for line in state[1:])
    yield from _account(stage, faults)


def _account(stage: Stage, faults: list[str]) -> Iterator[str]:
    mails, posts = [[str(m["Subject"]) for m in stage.mail.mails], [p["title"] for p in stage.hook.posts]]
    bodies = [(p["title"], p["message"]) for p in stage.hook.posts]
    faults += [f"sent twice: {title}" for (title, _), count in Counter(bodies).items() if count > 1]
    if sorted(mails) != sorted(posts):
        faults.append(f"mail and webhook differ: {Counter(mails) - Counter(posts)} {Counter(posts) - Counter(mails)}")
    yield f"\n{len(posts)} messages to the webhook, {len(mails)} by mail. By mail, in order:"
    yield from (f"  {one.removeprefix('Township index: ')[:150]}" for one in mails)
    yield f"releases: {', '.join(one.release_id for one in latest.standing(stage.place)[0])}; latest {stage.newest()}"
    yield "\n".join(["FAULTS", *faults]) if faults else "every day brought what it must, and nothing came twice"


def simulate(out: Path) -> Iterator[str]:
    place = Home(out / "home")
    place.root.mkdir(parents=True)
    commands = Commands(out / "said")
    try:
        with mail_server() as mail, webhook() as hook:
            place.notify_file.write_text(
                f'[[targets]]\nurl = "mailto://127.0.0.1:{mail.port}?from=i@example.org&to=t@example.org&mode=insecure"\n'
                f'[[targets]]\nurl = "json://127.0.0.1:{hook.port}/x"\n'
            )
            place.notify_file.chmod(0o600)
            yield from mornings(Stage(place, commands, mail, hook, {}))
    finally:
        commands.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder that takes the home; must not be there")
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True)
    last = ""
    for line in simulate(asked.out.resolve()):
        print(line, flush=True)
        last = line
    return 1 if last.startswith("FAULTS") else 0


if __name__ == "__main__":
    raise SystemExit(main())
