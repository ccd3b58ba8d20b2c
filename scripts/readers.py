"""Readers beside twenty publications, with Dagster's records in Postgres: no error, no half state.

    python -m scripts.readers --out DIR [--template HOME] [--publications 20] [--readers 3]

Debian's Postgres is started on a loopback port. One whole run of a small home publishes (with tables alone,
light_runs.py), or a copy of the template is taken, whose records of runs move to Postgres. Then releases that lie ready
are published one after the other by `publish`, every sixth is withdrawn, and `prune` looks at the records of runs.
Meanwhile each reader, a process of its own, reads in a loop: the database of the release that `latest` names, its
manifest and table, the analysts' database, the list and the feed, and the runs in Postgres. Each database states a
number, and holds rows whose sum must be that number. A release that is withdrawn while it is read moves away: whoever
finds that `latest` names another now reads that one, which is counted and no error.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import duckdb

from pipeline.declare.settings import POSTGRES_VARIABLE, Home
from pipeline.storage import held, latest, release_folder, snapshots
from pipeline.storage.held import Held
from scripts.kills import light
from scripts.light_runs import Commands
from tests.unit.assets.postgres_server import serving

ROWS = 50_000
FIRST = date(2024, 1, 1)
KNOWN = datetime(2024, 3, 10, 3, tzinfo=UTC)
WITHDRAWN_EVERY = 6


def database(path: Path, release: str, number: int) -> None:
    """A database that says whose it is, with rows whose sum is the number that it states."""
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE release AS SELECT ? AS release_id, ? AS stated", [release, number * ROWS])
        con.execute("CREATE TABLE figures AS SELECT ?::BIGINT AS value FROM range(?)", [number, ROWS])


def ready(home: Home, number: int) -> str:
    """A held release of a day of its own, with a database and an analysts' database of some megabytes."""
    day = FIRST + timedelta(days=number)
    name = f"{day}-{number:08x}"
    folder = release_folder.building_folder(home, name, home.held)
    (folder / "tables").mkdir()
    (folder / "api").mkdir()
    (folder / "tables" / "a.csv").write_text(f"release\n{name}\n", encoding="utf-8")
    (folder / "api" / "nation.json").write_text('{"months": []}', encoding="utf-8")
    database(folder / "township_index.duckdb", name, number)
    stated = {
        "release_id": name, "period_end": f"{day}", "as_of": f"{KNOWN:%Y-%m-%d}", "inputs": [], "synthetic": True,
        "created_at": (KNOWN + timedelta(minutes=number)).isoformat(), "notice": "", "method": "isp-2023",
        "profile": "public", "previous_release": None,
    }  # fmt: skip
    release_folder.finish(folder, {**stated, "outputs": release_folder.hashes(folder)})
    home.warehouse.mkdir(exist_ok=True)
    database(snapshots.part_of(home), name, number)
    snapshots.keep(home, snapshots.part_of(home), name)
    held.keep(home, folder, Held(name))
    return name


def _whole(path: Path) -> str:
    """The release that a database is of. Raises ValueError where its rows are not those that it states."""
    with duckdb.connect(str(path), read_only=True, config={"threads": 1}) as con:
        known = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        row = con.execute("SELECT release_id FROM release").fetchone()
        if "figures" in known:
            sums = con.execute("SELECT stated, (SELECT sum(value) FROM figures) FROM release").fetchone()
            if sums is None or sums[0] != sums[1]:
                raise ValueError(f"{path}: {sums}")
    if row is None:
        raise ValueError(f"{path}: it does not say whose it is")
    return str(row[0])


def _read_release(home: Home) -> str:
    folder = home.latest.resolve()
    try:
        named = {str(latest.read_manifest(folder)["release_id"]), _whole(folder / "township_index.duckdb"), folder.name}
        table = folder / "tables" / "a.csv"
        if table.exists():
            named.add(table.read_text(encoding="utf-8").split()[1])
    except (OSError, duckdb.IOException, ValueError):
        if home.latest.resolve() != folder:
            return "it moved on"  # withdrawn while it was read
        raise
    if len(named) != 1:
        raise ValueError(f"half a state: {named}")
    return "release"


def _read_analysts(home: Home) -> str:
    _whole(home.analysts_database)
    return "analysts' database"


def _read_list(home: Home) -> str:
    listed = json.loads((home.published / "releases.json").read_text(encoding="utf-8"))
    ElementTree.fromstring((home.published / "feed.xml").read_text(encoding="utf-8"))  # noqa: S314 (our own file)
    names = [one["release_id"] for one in listed["releases"]]
    if len(set(names)) != len(names):
        raise ValueError(f"a release is listed twice: {names}")
    return "list and feed"


def _read_runs(home: Home) -> str:
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(home.dagster)) as instance:
        for record in instance.get_run_records(limit=5):
            instance.all_logs(record.dagster_run.run_id)
        return type(instance.event_log_storage).__name__


def read(home: Home, stop: Path) -> None:
    """Read until the file `stop` is there; prints that it begins, then how often each was read, and the errors."""
    import dagster  # noqa: F401 (it takes seconds, and is waited for)

    reads: tuple[Callable[[Home], str], ...] = (_read_release, _read_analysts, _read_list)
    counts: Counter[str] = Counter()
    errors: list[str] = []
    next_runs = 0.0
    print("reading", flush=True)
    while not stop.exists():
        wanted = [*reads, *([_read_runs] if time.monotonic() >= next_runs else [])]
        if len(wanted) > len(reads):
            next_runs = time.monotonic() + 15
        for one in wanted:
            try:
                counts[one(home)] += 1
            except Exception as error:
                errors.append(f"{one.__name__}: {type(error).__name__}: {error}"[:500])
    print(json.dumps({"reads": counts, "errors": errors}))


def publications(out: Path, template: Path | None, count: int, readers: int) -> int:
    home, stop, begins = Home(out / "home"), out / "stop", "run"
    if template:
        shutil.copytree(template, home.root, symlinks=True)
        begins = "prune"
    else:
        light(home.root)
    commands = Commands(out / "said")
    with serving() as server:
        env = {POSTGRES_VARIABLE: server.url}
        first = commands(begins, "--home", home.root, env=env, now=KNOWN)
        if first.code:
            raise SystemExit(first.err)
        print(f"{begins} on Postgres: exit {first.code}, {first.seconds:.0f} s", flush=True)
        names = [ready(home, number) for number in range(1, count + 1)]
        reading = [
            subprocess.Popen(  # noqa: S603 (this program again)
                [sys.executable, "-m", "scripts.readers", "--out", str(home.root), "--until", str(stop)],
                stdout=subprocess.PIPE, text=True,
                env={**os.environ, POSTGRES_VARIABLE: server.url.replace("postgresql:", "postgresql+psycopg2:")},
            )
            for _ in range(readers)
        ]  # fmt: skip
        for one in reading:
            if one.stdout is None or not one.stdout.readline():
                raise SystemExit("a reader did not start")
        wrong = 0
        began = time.monotonic()
        for number, name in enumerate(names, start=2):
            asked = [("publish", name)]
            if number % WITHDRAWN_EVERY == 0:
                asked += [("releases", "withdraw", name, "--why", "wrong"), ("prune",)]
            for one in asked:
                done = commands(*one, "--home", home.root, env=env, now=KNOWN + timedelta(hours=number))
                wrong += done.code != 0
                if done.code:
                    print(f"{' '.join(one)}: exit {done.code}: {done.err[-600:]}", flush=True)
        spent = time.monotonic() - began
        stop.touch()
        found = [json.loads(one.communicate(timeout=120)[0]) for one in reading]
        commands.close()
    total: Counter[str] = sum((Counter(one["reads"]) for one in found), Counter())
    errors = [error for one in found for error in one["errors"]]
    gone = sum(number % WITHDRAWN_EVERY == 0 for number in range(2, count + 2))
    print(f"{count} publications, {gone} withdrawals in {spent:.0f} s; {readers} readers:")
    print("\n".join(f"  {number:6,} reads of {what}" for what, number in sorted(total.items())))
    print(f"{len(errors)} errors", *errors[:20], sep="\n  ")
    return 1 if errors or wrong or min(total.values(), default=0) == 0 else 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder that takes the home; must not be there")
    parser.add_argument("--template", type=Path, help="a home with a release; only read; default: a run makes one")
    parser.add_argument("--publications", type=int, default=20)
    parser.add_argument("--readers", type=int, default=3)
    parser.add_argument("--until", type=Path, help="be a reader of the home --out until this file is there")
    asked = parser.parse_args(arguments)
    if asked.until:
        read(Home(asked.out), asked.until)
        return 0
    asked.out.mkdir(parents=True)
    return publications(asked.out.resolve(), asked.template, asked.publications, asked.readers)


if __name__ == "__main__":
    raise SystemExit(main())
