"""The whole job on a million clash rows and more: seconds and peak memory of each step.

Run as `python -m benchmarks.million FOLDER [ROWS ...]`; leaves files and homes in FOLDER. A step is charged with what
happened since the step before it ended: the first with reading and landing. Memory is of both processes together. The
rows are SYNTHETIC: codes, names and points of the reference list, dates and actors drawn from a seeded generator.
"""

import json
import os
import sys
import time
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.measure import run
from geo.townships import reference

SEED = 20231126
FIRST, DAYS = date(2021, 2, 1), 1029


def write_rows(path: Path, count: int) -> None:
    """Two fifths by P-code, three tenths by name with state, three tenths by a point near the township's label."""
    rng = np.random.default_rng(SEED)
    listed = reference()
    which = pl.Series(rng.integers(0, listed.height, count))
    how = pl.Series("how", rng.choice(["code", "name", "point"], count, p=[0.4, 0.3, 0.3]))
    towns = listed.select("adm3_pcode", "adm3_name", "adm1_name", "label_lon", "label_lat")[which]
    frame = towns.with_columns(
        how,
        pl.Series("event_id", [f"S{n:07d}" for n in range(count)]),
        pl.Series("_day", rng.integers(0, DAYS, count)),
        pl.Series("event_type", rng.choice(["clash", "violence_against_civilians", "other"], count, p=[0.7, 0.2, 0.1])),
        pl.Series("fatalities", rng.poisson(1.2, count)).cast(pl.String),
        pl.Series("actor1", rng.choice(["Military Forces of Myanmar", "People's Defence Force", "KNLA"], count)),
        pl.Series("actor2", rng.choice(["Military Forces of Myanmar", "Civilians", ""], count)),
        pl.Series("_dx", rng.normal(0, 0.01, count)),
        pl.Series("_dy", rng.normal(0, 0.01, count)),
    )
    point = pl.col("how") == "point"
    frame.select(
        "event_id",
        (pl.lit(FIRST) + pl.duration(days=pl.col("_day"))).alias("event_date"),
        "event_type",
        pl.when(pl.col("how") == "code").then("adm3_pcode").alias("adm3_pcode"),
        pl.when(pl.col("how") == "name").then("adm3_name").alias("adm3_name"),
        pl.when(pl.col("how") == "name").then("adm1_name").alias("adm1_name"),
        pl.when(point).then((pl.col("label_lon") + pl.col("_dx")).round(5)).alias("longitude"),
        pl.when(point).then((pl.col("label_lat") + pl.col("_dy")).round(5)).alias("latitude"),
        "fatalities",
        "actor1",
        "actor2",
    ).write_csv(path)
    path.with_name(path.name + ".toml").write_text('source = "SYNTHETIC benchmark"\nsynthetic = true\n', "utf-8")


def measure(folder: Path, count: int) -> dict[str, Any]:
    """The whole job on so many rows: seconds and peak memory of each step, and of all."""
    path = folder / "input" / "clashes" / "synthetic.csv"
    path.parent.mkdir(parents=True)
    write_rows(path, count)
    home, seen = folder / "home", [(time.time(), 0.0)]
    command = [str(Path(sys.executable).with_name("township-index")), "run", "--data", str(folder / "input")]
    job = run([*command, "--home", str(home)], dict(os.environ), folder / "log", seen)
    if job.exit_code:
        raise SystemExit(f"{count:,} rows: exit code {job.exit_code}\n{(folder / 'log').read_text()[-2000:]}")
    lines = (home / "logs" / "township_index.jsonl").read_text("utf-8").splitlines()
    said = [(datetime.fromisoformat(line["time"]).timestamp(), line["step"]) for line in map(json.loads, lines)]
    steps, begin = {}, seen[0][0]
    for name, group in groupby((one for one in said if one[1]), key=itemgetter(1)):
        end = max(at for at, _ in group)
        memory = max((mb for at, mb in seen if begin <= at <= end), default=0.0)
        steps[name], begin = (end - begin, memory), end
    return {
        "rows": count, "megabytes": path.stat().st_size / 1e6, "seconds": job.wall, "cpu": job.cpu, "peak": job.peak,
        "steps": steps,
    }  # fmt: skip


def main() -> None:
    """Prints a table for each number of rows, and one JSON line of all."""
    folder, counts = Path(sys.argv[1]), [int(text) for text in sys.argv[2:]] or [1_000_000]
    found = []
    for count in counts:
        found.append(measure(folder / str(count), count))
        print(f"{count:,} rows, {found[-1]['megabytes']:.0f} MB CSV")
        for name, (seconds, memory) in found[-1]["steps"].items():
            print(f"  {name:<24}  {seconds:8.1f} s  {memory:8.0f} MB")
        print(f"  {'all':<24}  {found[-1]['seconds']:8.1f} s  {found[-1]['peak']:8.0f} MB", flush=True)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
