"""Immutable landings: one Parquet file and one JSON sidecar per received file, named by content hash.

The deliveries are the truth, the database is a product. The hash is taken over the rows as a set, so a
file that is delivered again under another name or in another order of rows is the same delivery.
"""

import difflib
import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from pipeline.codes import Absence, Kind
from pipeline.errors import UnusableInput
from pipeline.readers.formats import BOUNDARY_FORMAT
from pipeline.readers.sidecar import Sidecar, read_sidecar
from pipeline.settings import MYANMAR, Home
from pipeline.sources import source_of_format

SHAPEFILE_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cst", ".cpg")
BOUNDARY_ENDINGS = {".shp", ".gpkg", ".geojson", ".json", ".parquet"}
IGNORED_ENDINGS = {".toml", ".md", ".part", ".tmp", ".crdownload"}
PART_OF_SHAPEFILE = {".dbf", ".shx", ".prj", ".cst", ".cpg", ".sbn", ".sbx", ".qix", ".xml"}


@dataclass(frozen=True)
class Delivery:
    """What a landing's sidecar holds. `received_at` is ISO 8601 in UTC."""

    delivery_id: str
    kind: Kind
    format: str
    file_name: str
    sha256: str
    rows_count: int
    received_at: str
    source: str
    source_key: str
    licence: str
    absence_means: Absence
    reference_date: str | None
    date_format: str | None
    coverage: str | None
    synthetic: bool
    notes: tuple[str, ...]
    covered_until: str | None = None

    @property
    def received(self) -> datetime:
        return datetime.fromisoformat(self.received_at)

    @property
    def received_day(self) -> date:
        """The day in Myanmar: an event of this morning there is not in the future."""
        return self.received.astimezone(MYANMAR).date()


@dataclass(frozen=True)
class Landing:
    """The outcome for one file: the delivery, and whether it was there before."""

    delivery: Delivery
    is_new: bool


@dataclass(frozen=True)
class Judged:
    """A file that was read and can be used, not yet kept."""

    delivery: Delivery
    frame: pl.DataFrame


def deliver(home: Home, files: list[tuple[Kind, Path]], now: datetime) -> list[Landing]:
    """Read every file, then keep them for good: `judge` and `keep` in one."""
    return keep(home, judge(files, now))


def judge(files: list[tuple[Kind, Path]], now: datetime) -> list[Judged]:
    """Read every file before any is kept, so that a refused one leaves nothing behind; touches no home.

    `now` must carry a time zone. Raises UnusableInput where a file cannot be used.
    """
    if now.tzinfo is None:
        raise ValueError("the time of receipt must carry its time zone")
    # A microsecond apart, so that files of one folder have an order among themselves.
    return [_judge(kind, path, now + timedelta(microseconds=n)) for n, (kind, path) in enumerate(files)]


def keep(home: Home, judged: list[Judged]) -> list[Landing]:
    """Keep files for good; the same content again changes nothing.

    Raises UnusableInput where invented and real records would mix; nothing is kept then.
    """
    known = in_force(home)
    landings: list[Landing] = []
    for one in judged:
        held = [*known, *(landing.delivery for landing in landings)]
        same = next((d for d in held if (d.kind, d.delivery_id) == (one.delivery.kind, one.delivery.delivery_id)), None)
        if same is None:
            _refuse_mixing(held, one.delivery)
        landings.append(Landing(same or one.delivery, same is None))
    for landing, one in zip(landings, judged, strict=True):
        if landing.is_new:
            _keep(home, one.delivery, one.frame)
    return landings


def _judge(kind: Kind, path: Path, now: datetime) -> Judged:
    sidecar = read_sidecar(path)
    format_name, frame, notes = _read(path, kind, sidecar)
    if format_name == "hpc_baseline" and sidecar.reference_date is None:
        raise UnusableInput(
            f"{path.name}: a baseline does not carry its day; write reference_date = YYYY-MM-DD into {path.name}.toml"
        )
    family = source_of_format(_source_key(format_name, frame))
    delivery = Delivery(
        delivery_id=content_hash(frame, f"{kind}|{format_name}|{sidecar.meaning()}"),
        kind=kind,
        format=format_name,
        file_name=path.name,
        sha256=_file_hash(path),
        rows_count=frame.height,
        received_at=now.astimezone(UTC).isoformat(timespec="microseconds"),
        source=sidecar.source or family.title,
        source_key=family.key if family.key != "canonical" else format_name,
        licence=sidecar.licence or family.licence,
        absence_means=sidecar.absence_means or family.absence_means,
        reference_date=sidecar.reference_date.isoformat() if sidecar.reference_date else None,
        date_format=sidecar.date_format,
        coverage=sidecar.coverage,
        synthetic=sidecar.synthetic,
        notes=(*sidecar.notes, *notes),
        covered_until=sidecar.covered_until.isoformat() if sidecar.covered_until else None,
    )
    return Judged(delivery, frame)


def _keep(home: Home, delivery: Delivery, frame: pl.DataFrame) -> None:
    folder = home.deliveries / delivery.kind
    folder.mkdir(parents=True, exist_ok=True)
    rows = folder / f"{delivery.delivery_id}.parquet"
    write_atomically(rows, lambda part: frame.write_parquet(part, compression="zstd"))
    text = json.dumps(asdict(delivery), ensure_ascii=False, indent=1, sort_keys=True)
    # The sidecar comes last: a landing without one is litter of a killed run.
    write_atomically(rows.with_suffix(".json"), lambda part: part.write_text(text, encoding="utf-8"))


def find_files(folder: Path) -> list[tuple[Kind, Path]]:
    """The files to deliver in an input folder `DIR/<kind>/<file>`, in a stable order.

    Raises UnusableInput where the folder is absent or holds nothing that could be delivered, and for what would
    otherwise be passed over in silence: a misspelt folder, a folder in a folder, a sidecar of no file.
    """
    if not folder.is_dir():
        raise UnusableInput(f"{folder}: no such folder; give one with clashes/, boundaries/, displacement/ … inside")
    _refuse_misspelt_folders(folder)
    files = []
    for kind in Kind:
        for path in sorted((folder / kind).glob("*")) if (folder / kind).is_dir() else []:
            ending = path.suffix.lower()
            if path.name.startswith((".", "~$")):
                continue
            if not path.resolve().is_relative_to(folder.resolve()):
                raise UnusableInput(f"{kind}/{path.name}: a link that leaves the folder; copy the file in its place")
            if ending == ".toml" and not path.with_suffix("").exists():
                raise UnusableInput(
                    f"{kind}/{path.name}: a sidecar of no file; name it as the file beside it and .toml, "
                    "such as events.csv.toml"
                )
            if ending in IGNORED_ENDINGS or (kind == Kind.BOUNDARIES and ending in PART_OF_SHAPEFILE):
                continue
            if path.is_dir():
                raise UnusableInput(f"{kind}/{path.name}: a folder; put the files themselves into {kind}/")
            files.append((kind, path))
    if not files:
        kinds = ", ".join(f"{kind}/" for kind in Kind)
        raise UnusableInput(f"{folder}: no file to deliver; put files into {kinds} below it")
    return files


def _refuse_misspelt_folders(folder: Path) -> None:
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and p.name not in tuple(Kind)):
        close = difflib.get_close_matches(path.name.casefold(), tuple(Kind), n=1, cutoff=0.8)
        if close:
            raise UnusableInput(f"{path}: not a folder that is read; rename it to {close[0]}/")


def in_force(home: Home, as_of: date | None = None) -> list[Delivery]:
    """The deliveries known by the end of `as_of` in Myanmar, oldest first; all of them without it."""
    found = [_load(path) for path in sorted(home.deliveries.glob("*/*.json"))]
    if as_of is not None:
        found = [delivery for delivery in found if delivery.received_day <= as_of]
    return sorted(found, key=lambda delivery: (delivery.received_at, delivery.delivery_id))


def read_delivery(home: Home, delivery: Delivery) -> pl.DataFrame:
    """The landed rows. Raises UnusableInput where the landing was damaged after the fact."""
    path = home.deliveries / delivery.kind / f"{delivery.delivery_id}.parquet"
    try:
        # The home's path may hold what Polars would take for a pattern or a partition.
        frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
        if frame.height != delivery.rows_count:
            raise ValueError(f"{frame.height} rows for {delivery.rows_count}")
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise UnusableInput(
            f"{path.name}: the landing of {delivery.file_name} is damaged or gone ({error}); remove "
            f"{path.stem}.json beside it and deliver the file again"
        ) from error
    return frame


def content_hash(frame: pl.DataFrame, context: str) -> str:
    """The first 16 hex digits of a SHA-256 over the rows as a set, whatever their order and line numbers."""
    columns = sorted(set(frame.columns) - {"row_number"})
    cells = [
        (pl.col(c).bin.encode("hex") if frame.schema[c] == pl.Binary else pl.col(c).cast(pl.String)).fill_null("\x00")
        for c in columns
    ]
    lines = frame.select(pl.concat_str(cells, separator="\x1f")).to_series().sort()
    digest = hashlib.sha256(f"{context}|{columns}".encode())
    for chunk in range(0, lines.len(), 50_000):
        digest.update("\x1e".join(lines.slice(chunk, 50_000).to_list()).encode())
    return digest.hexdigest()[:16]


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Write to a temporary name beside it, sync, rename: a reader sees the whole file or none."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        write(part)
        with part.open("rb+") as handle:
            os.fsync(handle.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sweep_litter(home: Home) -> None:
    """Remove what a killed run left behind: partial files and landings without their sidecar."""
    for part in home.deliveries.glob("*/.*.part"):
        part.unlink(missing_ok=True)
    for landed in home.deliveries.glob("*/*.parquet"):
        if not landed.with_suffix(".json").exists():
            landed.unlink(missing_ok=True)


def _read(path: Path, kind: Kind, sidecar: Sidecar) -> tuple[str, pl.DataFrame, tuple[str, ...]]:
    if kind == Kind.BOUNDARIES:
        from geo import boundaries
        from geo.townships import normalise_pcode

        if path.suffix.lower() not in BOUNDARY_ENDINGS:
            raise UnusableInput(f"{path.name}: boundaries come as {', '.join(sorted(BOUNDARY_ENDINGS))}")
        read = boundaries.read(path)
        code = next(c for c in read.mirror.columns if c.casefold() in boundaries.CODE_COLUMNS)
        names = [c for c in read.mirror.columns if c != "geometry_wkb"]
        attributes = read.mirror.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number"),
            normalise_pcode(pl.col(code)).alias("adm3_pcode"),
            pl.struct(names).struct.json_encode().alias("attributes"),
        )
        frame = attributes.join(read.frame, on="adm3_pcode", how="left", validate="1:1", maintain_order="left")
        return BOUNDARY_FORMAT, frame, read.notes
    from pipeline.readers.table import read_table

    table = read_table(path, kind, sidecar)
    return table.format, table.frame, table.notes


def _source_key(format_name: str, frame: pl.DataFrame) -> str:
    if format_name != BOUNDARY_FORMAT:
        return format_name
    first = (frame["attributes"].first() or "") if frame.height else ""
    return "mimu" if '"TS_PCODE"' in str(first).upper() else "cod_ab"


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    parts = [path]
    if path.suffix.lower() == ".shp":
        parts = [p for p in (path.with_suffix(ending) for ending in SHAPEFILE_PARTS) if p.exists()]
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()


def _load(path: Path) -> Delivery:
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        stated |= {"kind": Kind(stated["kind"]), "absence_means": Absence(stated["absence_means"])}
        return Delivery(**{**stated, "notes": tuple(stated["notes"])})
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableInput(f"{path}: the landing's sidecar is damaged ({error}); deliver the file again") from error


def _refuse_mixing(held: list[Delivery], delivery: Delivery) -> None:
    """Invented and real records never share a home: their release would be neither."""
    for other in held:
        if other.synthetic != delivery.synthetic and Kind.BOUNDARIES not in (other.kind, delivery.kind):
            raise UnusableInput(
                f"{delivery.file_name}: {'synthetic' if delivery.synthetic else 'real'} records cannot join a home "
                f"that holds {'synthetic' if other.synthetic else 'real'} ones ({other.file_name}); use another --home"
            )


def as_frame(deliveries: list[Delivery]) -> pl.DataFrame:
    """One row per delivery with what the records steps need; `received_at` is a date, `received` orders them."""
    text = pl.String
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "delivery_id": text, "kind": text, "format": text, "source": text, "source_key": text, "licence": text,
        "file_name": text, "sha256": text, "received": text, "reference_date": text, "absence_means": text,
        "rows_count": pl.Int64, "date_format": text, "coverage": text,
    }  # fmt: skip
    rows = [
        {**{name: getattr(d, name, None) for name in schema}, "received": d.received_at, "kind": str(d.kind),
         "absence_means": str(d.absence_means)}
        for d in deliveries
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    days = pl.Series("received_at", [delivery.received_day for delivery in deliveries], dtype=pl.Date)
    return frame.with_columns(pl.col("reference_date").str.to_date(), days)
