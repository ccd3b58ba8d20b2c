"""A million canonical clash rows from file to placed records: seconds and rate of each stage.

Run as `python -m benchmarks.million FOLDER [ROWS]`; leaves the file in FOLDER/input and prints one JSON line.
The rows are SYNTHETIC: codes, names and points of the reference list, dates and actors drawn from a seeded generator.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl

from geo.townships import reference
from pipeline.declare.codes import Kind

SEED = 20231126
FIRST, DAYS = date(2021, 2, 1), 1029
T = TypeVar("T")


def write_rows(path: Path, count: int, first: int = 0, updated: date | None = None) -> None:
    """Two fifths by P-code, three tenths by name with state, three tenths by a point near the township's label.

    Numbers of events begin at `first`; `updated` is the day of these versions of them, where it is stated.
    """
    rng = np.random.default_rng(SEED + first)
    listed = reference()
    which = pl.Series(rng.integers(0, listed.height, count))
    how = pl.Series("how", rng.choice(["code", "name", "point"], count, p=[0.4, 0.3, 0.3]))
    towns = listed.select("adm3_pcode", "adm3_name", "adm1_name", "label_lon", "label_lat")[which]
    frame = towns.with_columns(
        how,
        pl.Series("event_id", [f"S{n:07d}" for n in range(first, first + count)]),
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
        *([pl.lit(updated).alias("updated_at")] if updated else []),
    ).write_csv(path)
    path.with_name(path.name + ".toml").write_text('source = "SYNTHETIC benchmark"\nsynthetic = true\n', "utf-8")


def measure(folder: Path, count: int) -> dict[str, object]:
    """Seconds of every stage, and what became of the rows."""
    from assets.gazetteer import gazetteer
    from pipeline.declare import settings
    from pipeline.declare.frames import raw_columns
    from pipeline.ingest import inbox
    from pipeline.records import triage
    from pipeline.records.clashes import current_clashes
    from pipeline.records.events import canonical_events
    from pipeline.records.parsing import with_delivery
    from pipeline.storage import deliveries
    from pipeline.storage.warehouse import Warehouse

    path = folder / "input" / "clashes" / "synthetic.csv"
    path.parent.mkdir(parents=True)
    write_rows(path, count)
    place = settings.home(folder / "home")
    place.warehouse.mkdir(parents=True)
    seconds: dict[str, float] = {}

    def timed(name: str, work: Callable[..., T], *arguments: Any) -> T:
        started = time.perf_counter()
        done = work(*arguments)
        seconds[name] = time.perf_counter() - started
        return done

    known_places = timed("draw shapes", gazetteer, place.root, "")
    timed("build grid", known_places.locate, pl.DataFrame({"longitude": [96.1] * 60_000, "latitude": [16.8] * 60_000}))
    judged = timed("read and hash", inbox.judge, [(Kind.CLASHES, path)], datetime.now(UTC))
    landing = timed("land", deliveries.keep, place, judged)[0].delivery
    del judged
    warehouse = Warehouse(place.work_database)
    warehouse.open()
    landed = timed("read landing", deliveries.read_delivery, place, landing)
    mirror = landed.with_columns(pl.lit(landing.delivery_id).alias("delivery_id")).select(
        list(raw_columns("canonical_clashes"))
    )
    timed("write mirror", warehouse.write, "raw.canonical_clashes", mirror)
    del landed, mirror
    raw = with_delivery(timed("read mirror", warehouse.read, "raw.canonical_clashes"), deliveries.as_frame([landing]))
    events = timed("type", canonical_events, raw)
    rows = raw.select("delivery_id", "row_number")
    del raw
    result = timed("version and place", current_clashes, [events], known_places)
    used = result.records.select("delivery_id", "row_number", pl.col("event_date").alias("day"))
    timed("account", triage.accounts, rows, used, result.set_aside, "clashes")
    timed("write records", warehouse.write, "records.clashes", result.records)
    warehouse.close()
    return {
        "rows": count,
        "placed": result.records.height,
        "set_aside": result.set_aside.height,
        "seconds": seconds,
        "megabytes": path.stat().st_size / 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)))
