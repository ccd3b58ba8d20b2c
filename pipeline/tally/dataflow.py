"""Counts events on Daft: all rows of an event come into one part, each part is counted, the parts are added.

The engine reads, distributes and adds; what a row means is the records' business (counting.py). Parts are made by a
hash of the event's number, so that its versions meet wherever the files hold them.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.choice import Choice
from pipeline.declare.errors import UnusableInput
from pipeline.sources import BY_NAME
from pipeline.tally.buckets import Buckets
from pipeline.tally.counting import Kernel, Sum, counted
from pipeline.tally.event_files import EventFiles, first_broken

LOG = logging.getLogger(__name__)
ENGINES = ("native", "ray")
WORKERS_START_SECONDS = 600
PART_BYTES = Choice(
    24 << 20,
    "Some 200,000 rows of events as text: enough for the kernel to work on whole columns, few enough that the parts "
    "in work at one time need little memory.",
)
BUCKETS_OF_PART = Choice(
    8,
    "How many rows a file holds is known when it has been read. Buckets of an eighth of a part are put together to "
    "parts of the size that is meant, also where a file holds eight times as many rows as its bytes let expect.",
)
MOST_BUCKETS = Choice(
    4096, "With more, the pieces of a bucket are so short that writing them costs more than counting."
)
ATTEMPTS = Choice(
    3, "A worker lost is mended by counting again; a cluster that loses one each time has a fault of its own."
)
PARQUET_RATIO = Choice(7, "Bytes of events as text for one in Parquet, measured on invented rows.")
REMEDY = "run `make scale` in the repository once, then `.venv-scale/bin/township-index tally …`; nothing else needs it"


def engine(name: str, address: str) -> Any:
    """The module daft, ready to work on one machine or on a Ray cluster. Raises UnusableInput without the extra."""
    if name not in ENGINES:
        raise UnusableInput(f"--engine {name}: use one of {', '.join(ENGINES)}")
    if address and name != "ray":
        raise UnusableInput("--address is that of a Ray cluster; write --engine ray beside it, or leave it out")
    # Neither of them tells its makers that it was used.
    os.environ |= {"DO_NOT_TRACK": "true", "DAFT_ANALYTICS_ENABLED": "0", "RAY_USAGE_STATS_ENABLED": "0"}
    os.environ["DAFT_RUNNER"] = name
    if address and _has_token():
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    os.environ.setdefault("DAFT_PROGRESS_BAR", "0")
    try:
        import daft
        import daft.functions

        if name == "ray":
            import ray
    except ImportError as error:
        raise UnusableInput(f"the extra `scale` is not installed here: {REMEDY}") from error
    if name == "native":
        return daft
    try:
        ray.init(address=address or None, ignore_reinit_error=True, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise UnusableInput(
            f"--address {address or 'local'}: no Ray cluster answers there ({str(error).splitlines()[0][:200]}); start "
            "one with `ray start --head`, or leave the address out"
        ) from error
    # A busy machine takes minutes to import what a worker needs.
    daft.set_runner_ray(noop_if_initialized=True, worker_startup_timeout=WORKERS_START_SECONDS)
    return daft


def _has_token() -> bool:
    """Whether this machine holds the token that a Ray cluster asks for; Ray itself looks only where it is told to."""
    named = os.environ.get("RAY_AUTH_TOKEN_PATH", "")
    place = Path(named) if named else Path.home() / ".ray" / "auth_token"
    return bool(os.environ.get("RAY_AUTH_TOKEN")) or place.is_file()


def counts(daft: Any, files: EventFiles, kernel: Kernel, engine_name: str, folder: Path) -> pl.DataFrame:
    """What `counted` says of all rows; see there. `folder` takes the rows meanwhile where one machine counts.

    A cluster that loses a worker may lose rows with it that are on their way to another: then all are counted again by
    those that are left. Raises UnusableInput for a file that cannot be read through and for a cluster that loses
    workers again and again.
    """
    parts = _here if engine_name == "native" else _on_cluster
    for left in reversed(range(int(ATTEMPTS.value))):
        said = Sum()
        try:
            for part in parts(daft, files, kernel, folder):
                said.add(part)
            return said.whole()
        except daft.exceptions.DaftCoreException as error:
            broken = first_broken(daft, files)
            if broken is not None:
                raise UnusableInput(broken) from error
            raise
        except Exception as error:
            if engine_name != "ray" or not _lost_a_worker(error):
                raise
            if not left:
                raise UnusableInput(
                    f"the cluster lost a worker in each of {ATTEMPTS.value} attempts to count "
                    f"({type(error).__name__}); see with `ray status` whether they have memory enough, then count "
                    "again. Nothing was written"
                ) from error
            LOG.warning("a worker of the cluster was lost while it counted; all rows are counted again")
    raise AssertionError("the last attempt returns or raises")


def _lost_a_worker(error: BaseException) -> bool:
    """Whether a process or machine of the Ray cluster has ended, and not what was run on it failed."""
    from ray import exceptions

    lost = (exceptions.ObjectLostError, exceptions.RayActorError, exceptions.WorkerCrashedError,
            exceptions.NodeDiedError, exceptions.LocalRayletDiedError)  # fmt: skip
    return isinstance(error, lost) or isinstance(getattr(error, "cause", None), lost)


def _parts(files: EventFiles) -> int:
    """Into how many parts the rows are laid, as far as the bytes of the files let expect."""
    size = files.bytes_count * (1 if files.is_text else PARQUET_RATIO.value)
    return max(1, ceil(size / PART_BYTES.value))


def _here(daft: Any, files: EventFiles, kernel: Kernel, folder: Path) -> Iterator[pl.DataFrame]:
    """On one machine: the rows are read once, in batches, and laid by on the disk; then part after part is counted."""
    buckets = min(_parts(files) * BUCKETS_OF_PART.value, MOST_BUCKETS.value)
    frame = files.frame.with_column("_bucket", _same_for_versions(daft, files) % buckets)
    with Buckets(folder) as laid:
        for batch in frame.to_arrow_iter(results_buffer_size=1):
            laid.add(pl.DataFrame(pl.from_arrow(batch)))
        laid.write()
        for rows in laid.parts(int(PART_BYTES.value)):
            yield counted(rows, kernel)


def _on_cluster(daft: Any, files: EventFiles, kernel: Kernel, folder: Path) -> Iterator[pl.DataFrame]:
    """On a cluster, which holds all rows at once: its workers count the parts. Nothing is written to `folder`."""
    frame = files.frame.with_column("_part", _same_for_versions(daft, files) % _parts(files))
    count = _on_parts(daft, files.columns, kernel)
    made = frame.groupby("_part").map_groups(count(*(daft.col(name) for name in files.columns)).alias("_counted"))
    for batch in made.select("_counted").to_arrow_iter():
        yield pl.DataFrame(pl.from_arrow(batch)).unnest("_counted")


def _same_for_versions(daft: Any, files: EventFiles) -> Any:
    """A number that is the same for all spellings of an event's number that the records take for one."""
    (key,) = BY_NAME[files.format_name].key
    plain = daft.functions.regexp_replace(daft.col(key), r"\.0*\s*$", "")
    return daft.functions.regexp_replace(plain, r"[^\p{L}\p{N}]", "").fill_null("").hash()


def _on_parts(daft: Any, columns: Sequence[str], kernel: Kernel) -> Any:
    text, whole = daft.DataType.string(), daft.DataType.int64()
    shape = daft.DataType.struct({
        "reason": text, "event_date": daft.DataType.date(), "adm3_pcode": text, "event_type": text,
        "geo_precision": text, "rows_count": whole, "events_count": whole, "fatalities": whole, "known_count": whole,
    })  # fmt: skip

    def on_part(*cells: Any) -> Any:
        rows = pl.DataFrame({name: pl.from_arrow(cell.to_arrow()) for name, cell in zip(columns, cells, strict=True)})
        made = counted(rows.cast(dict.fromkeys(columns, pl.String)), kernel).to_struct("_counted")
        return daft.Series.from_arrow(made.to_arrow(compat_level=pl.CompatLevel.oldest()))

    return daft.func.batch(return_dtype=shape)(on_part)
