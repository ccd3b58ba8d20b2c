"""The spans of repeated rows of one source, kept beside the working database and lengthened by each new delivery.

They are a product of the landings: what is kept under a name that no longer fits is never read and is made again. The
name is a hash over the code that reads rows and, one delivery after the other, over each one's content and all that
is said of it; so a file stands for just these deliveries in this order.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

import polars as pl

from pipeline.declare.settings import Home
from pipeline.records.repeated_rows import Read, extended, no_spans
from pipeline.sources import source_of_format
from pipeline.storage.disk import write_atomically
from pipeline.storage.history import Delivery

FOLDER = "repeated_rows"
FORMATS = ("canonical_clashes", "acled")  # of sources whose files grow; UCDP's releases stand for their own days
KEPT = 3  # files of one source: today's, and those of an earlier knowledge date
_PACKAGE = Path(__file__).resolve().parents[1]
_READERS = ("declare", "records", "sources", "storage/repeated_rows.py")


@cache
def code_that_reads() -> str:
    """A hash over the modules that decide how a row is read, and over the version of the library they use."""
    digest = hashlib.sha256(pl.__version__.encode())
    for name in _READERS:
        root = _PACKAGE / name
        for path in [root] if root.is_file() else sorted(root.rglob("*.py")):
            digest.update(str(path.relative_to(_PACKAGE)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def reading(delivery: Delivery) -> tuple[str | None, ...]:
    """All that is said of a delivery on which the reading of one of its rows depends, beside the day of its receipt."""
    return (
        delivery.format, delivery.kind, delivery.source, delivery.source_key, delivery.date_format, delivery.values,
        delivery.rows, delivery.new_is, delivery.id_scope, delivery.zero_means, delivery.holders,
    )  # fmt: skip


def _goes_on(before: Delivery, after: Delivery) -> bool:
    return reading(before) == reading(after) and after.id_scope is None


def names(deliveries: Sequence[Delivery], code: str) -> list[str]:
    """The name of the spans of the first delivery, of the first two, and so on; first that of none."""
    found = [hashlib.sha256(code.encode()).hexdigest()]
    for one in deliveries:
        said = repr((one.delivery_id, one.received_at, one.rows_count, reading(one)))
        found.append(hashlib.sha256(f"{found[-1]}|{said}".encode()).hexdigest())
    return found


def may_repeat(deliveries: Sequence[Delivery]) -> bool:
    """Whether spans of these deliveries of one source can stand for their rows.

    Not where the source ends candidates by its releases, nor where the days that deliveries stand for are not in the
    order of their receipt or not stated by all: then the last of equal rows need not be the newest version.
    """
    if not deliveries or deliveries[0].format not in FORMATS:
        return False
    if source_of_format(deliveries[0].format).final_status:
        return False
    days = [one.reference_date or "" for one in deliveries]
    return days == sorted(days) and (all(days) or not any(days))


def spans_of(
    home: Home,
    deliveries: Sequence[Delivery],
    raw: Callable[[Delivery], pl.DataFrame],
    read: Callable[[Delivery], Read],
) -> pl.DataFrame:
    """The spans of deliveries of one source and format, oldest first: columns of `no_spans`.

    `raw` gives the rows of a delivery as it landed, `read` the function that reads them. Only deliveries that no kept
    file knows are opened.
    """
    form = deliveries[0].format
    folder = home.warehouse / FOLDER
    own = hashlib.sha256(f"{form}|{deliveries[0].source_key}".encode()).hexdigest()[:8]
    known = names(deliveries, code_that_reads())
    paths = [folder / f"{own}-{name[:32]}.parquet" for name in known]
    start, spans = next(
        ((n, found) for n in range(len(deliveries), 0, -1) if (found := _kept(paths[n], form)) is not None),
        (0, no_spans(form)),
    )
    for n in range(start, len(deliveries)):
        one = deliveries[n]
        goes_on = n > 0 and _goes_on(deliveries[n - 1], one)
        spans = extended(spans, raw(one), n, read(one), goes_on=goes_on)
    if start < len(deliveries):
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(paths[-1], lambda part: spans.write_parquet(part, compression="zstd"))
        _sweep(folder.glob(f"{own}-*.parquet"), paths[-1])
    return spans


def _kept(path: Path, format_name: str) -> pl.DataFrame | None:
    """The spans of a file; None where there is none or it was damaged."""
    if not path.is_file():
        return None
    try:
        found = pl.read_parquet(path, glob=False, hive_partitioning=False)
    except (OSError, pl.exceptions.PolarsError):
        return None
    expected = no_spans(format_name)
    return found if found.schema == expected.schema else None


def _sweep(paths: Iterable[Path], newest: Path) -> None:
    """Remove all but the newest files of a source."""
    older = sorted((p for p in paths if p != newest), key=lambda p: (p.stat().st_mtime_ns, p.name), reverse=True)
    for path in older[KEPT - 1 :]:
        path.unlink(missing_ok=True)
