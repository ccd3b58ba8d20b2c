"""What a run costs after a year of daily deliveries: `python -m benchmarks.year FOLDER [EDITIONS ...] [--whole]`.

Fills FOLDER/home-N with N deliveries of one growing file of clashes, each received a day after the one before it, and
measures what a run makes of them: the CPU seconds and the peak memory of the raw tables and records, or with `--whole`
of the whole command. The rows are SYNTHETIC: the file of day k holds every event up to day k, about 13,000 on the last
day, and one event in fifty is revised at some day of the year.
"""

import argparse
import io
import os
import resource
import shutil
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.measure import run as measured
from geo.townships import reference

SEED, EVENTS, DAYS = 2023, 13_000, 1_029
FIRST, FIRST_RECEIPT = date(2021, 2, 1), datetime(2022, 11, 27, 6, tzinfo=UTC)
YEAR = 365
STEPS = "--steps"


def events() -> pl.DataFrame:
    """Every event with the day from which on it is known, and the day of its revision in the year (null without)."""
    rng = np.random.default_rng(SEED)
    towns = reference().select("adm3_pcode", "adm3_name", "adm1_name")[pl.Series(rng.integers(0, 330, EVENTS))]
    day = np.sort(rng.integers(0, DAYS, EVENTS))
    revised = np.where(rng.random(EVENTS) < 0.02, rng.integers(1, YEAR, EVENTS), YEAR + 1)
    return towns.with_columns(
        pl.Series("event_id", [f"Y{n:06d}" for n in range(EVENTS)]),
        pl.Series("_day", day),
        pl.Series("_revised", revised),
        pl.Series(
            "event_type", rng.choice(["clash", "violence_against_civilians", "other"], EVENTS, p=[0.7, 0.2, 0.1])
        ),
        pl.Series("fatalities", rng.poisson(1.2, EVENTS)),
        pl.Series("actor1", rng.choice(["Military Forces of Myanmar", "People's Defence Force", "KNLA"], EVENTS)),
        pl.Series("actor2", rng.choice(["Military Forces of Myanmar", "Civilians", ""], EVENTS)),
    )


def file_of(known: pl.DataFrame, edition: int) -> bytes:
    """The CSV of one edition, counted from 1: what had happened by then, revisions made."""
    last = DAYS - YEAR + edition - 1
    frame = known.filter(pl.col("_day") <= last).select(
        "event_id",
        (pl.lit(FIRST) + pl.duration(days=pl.col("_day"))).alias("event_date"),
        "event_type",
        "adm3_pcode",
        pl.col("fatalities") + (pl.col("_revised") <= edition).cast(pl.Int64),
        "actor1",
        "actor2",
    )
    out = io.BytesIO()
    frame.write_csv(out)
    return out.getvalue()


def fill(home: Path, count: int) -> float:
    """Deliver the newest `count` of a year's editions to a home, as the command would, without a run; CPU seconds."""
    from pipeline.declare import settings
    from pipeline.declare.codes import Kind
    from pipeline.ingest import inbox

    place, known = settings.home(home), events()
    folder = home.with_name(f"{home.name}-files")
    folder.mkdir(parents=True)
    path = folder / "clashes.csv"
    path.with_name("clashes.csv.toml").write_text('source = "SYNTHETIC benchmark"\nsynthetic = true\n', "utf-8")
    started = time.process_time()
    for edition in range(YEAR - count + 1, YEAR + 1):
        path.write_bytes(file_of(known, edition))
        inbox.deliver(place, [(Kind.CLASHES, path)], FIRST_RECEIPT + timedelta(days=edition))
    shutil.rmtree(folder)
    return time.process_time() - started


def steps(home: Path) -> None:
    """Raw tables and records of a home, in this process: the steps whose cost depends on how much was delivered."""
    from dagster import materialize

    from assets import raw, records, worker
    from assets.context import IndexRun

    materialize([*raw.ASSETS, *records.ASSETS], resources={"run": IndexRun(home=str(home))})
    worker.finish()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("editions", type=int, nargs="*", default=[1, 60, 180, YEAR])
    parser.add_argument("--whole", action="store_true", help="the whole command, not its first steps alone")
    parser.add_argument(STEPS, action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.steps:
        steps(arguments.folder)
        return 0
    command = str(Path(sys.executable).with_name("township-index"))
    print("editions    CPU s   peak MB    wall s   of it: delivering the last, CPU s a file (mean)")
    for count in arguments.editions:
        home = arguments.folder / f"home-{count}"
        spent = 0.0 if home.exists() else fill(home, count)
        words = (
            [command, "run", "--home", str(home)]
            if arguments.whole
            else [sys.executable, "-m", "benchmarks.year", str(home), STEPS]
        )
        done = measured(words, {**os.environ, "TOWNSHIP_INDEX_HOME": str(home)}, arguments.folder / f"log-{count}")
        if done.exit_code:
            print((arguments.folder / f"log-{count}").read_text()[-3000:])
            return 1
        print(f"{count:8}{done.cpu:9.1f}{done.peak:10.0f}{done.wall:10.1f}{spent / count:22.2f}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"delivering itself: peak {peak:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
