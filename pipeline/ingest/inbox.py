"""From an input folder to deliveries: which files to take, and what each of them holds."""

import difflib
import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from pipeline.declare.codes import Kind, Side
from pipeline.declare.errors import UnusableInput
from pipeline.declare.formats import AREA_FORMAT, BOUNDARY_FORMAT
from pipeline.declare.settings import Home, sidecar_path
from pipeline.ingest import archive
from pipeline.ingest.archive import GEODATABASE, Member, is_litter
from pipeline.ingest.sidecar import Sidecar, checked_words, read_sidecar
from pipeline.records.holders import side_of
from pipeline.sources import BY_NAME, own_key, source_of_format
from pipeline.storage.content_hash import content_hash
from pipeline.storage.deliveries import Judged, Landing, keep
from pipeline.storage.history import Delivery
from pipeline.storage.spilled_rows import Rows, batches

ARCHIVE_ENDINGS = {".zip", ".kmz"}
SHAPEFILE_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cst", ".cpg")
BOUNDARY_ENDINGS = {
    ".shp", ".gpkg", ".geojson", ".json", ".topojson", ".parquet", ".geoparquet", ".fgb", ".kml", GEODATABASE,
}  # fmt: skip
AREA_ENDINGS = {".geojson", ".gpkg", ".shp"}  # areas of control drawn on a map
IGNORED_ENDINGS = {".toml", ".md", ".part", ".tmp", ".crdownload"}
CHUNK_BYTES = 1 << 22
PART_OF_SHAPEFILE = {".dbf", ".shx", ".prj", ".cst", ".cpg", ".sbn", ".sbx", ".qix", ".xml", ".qpj", ".qmd"}


def find_files(folder: Path) -> list[tuple[Kind, Path]]:
    """The files to deliver in an input folder `DIR/<kind>/<file>`, in a stable order.

    Raises UnusableInput where the folder is absent or holds nothing that could be delivered, and for what would
    otherwise be passed over in silence: a misspelt folder, a folder in a folder, a sidecar of no file. A folder in
    `boundaries` is a geodatabase or an unpacked archive and comes as it is.
    """
    if not folder.is_dir():
        raise UnusableInput(f"{folder}: no such folder; give one with clashes/, boundaries/, displacement/ … inside")
    _refuse_misspelt_folders(folder)
    files = []
    for kind in Kind:
        for path in sorted((folder / kind).glob("*")) if (folder / kind).is_dir() else []:
            ending = path.suffix.lower()
            if is_litter(path.name):
                continue
            if not path.resolve().is_relative_to(folder.resolve()):
                raise UnusableInput(f"{kind}/{path.name}: a link that leaves the folder; copy the file in its place")
            if ending == ".toml" and not path.with_suffix("").exists():
                raise UnusableInput(
                    f"{kind}/{path.name}: a sidecar of no file; name it as the file beside it and .toml, "
                    "such as events.csv.toml"
                )
            if ending in IGNORED_ENDINGS or (kind in (Kind.BOUNDARIES, Kind.CONTROL) and ending in PART_OF_SHAPEFILE):
                continue
            if path.is_dir() and kind != Kind.BOUNDARIES:
                raise UnusableInput(f"{kind}/{path.name}: a folder; put the files themselves into {kind}/")
            files.append((kind, path))
    if not files:
        kinds = ", ".join(f"{kind}/" for kind in Kind)
        raise UnusableInput(f"{folder}: no file to deliver; put files into {kinds} below it")
    return files


def holds_files(folder: Path) -> bool:
    """Whether anything lies in an input folder but what file managers leave behind."""
    return any(not is_litter(path.name) for path in folder.glob("*/*"))


def deliver(home: Home, files: list[tuple[Kind, Path]], now: datetime) -> list[Landing]:
    """Read every file, then keep them for good: `judge` and `keep` in one."""
    return keep(home, judge(files, now))


def judge(files: list[tuple[Kind, Path]], now: datetime) -> list[Judged]:
    """Read every file before any is kept, so that a refused one leaves nothing behind; touches no home.

    `now` must carry a time zone. Raises UnusableInput where a file cannot be used.
    """
    if now.tzinfo is None:
        raise ValueError("the time of receipt must carry its time zone")
    judged: list[Judged] = []
    passed_over = archive.other_levels([path for kind, path in files if kind == Kind.BOUNDARIES])
    for kind, path in files:
        if kind == Kind.BOUNDARIES and path in passed_over:
            continue
        # A microsecond apart, so that files of one folder have an order among themselves.
        at = now + timedelta(microseconds=len(judged))
        if path.suffix.lower() in ARCHIVE_ENDINGS:
            judged += _judge_archive(kind, path, at)
        elif path.is_dir() and path.suffix.lower() != GEODATABASE:
            judged += _judge_members(kind, path, at, *archive.laid_out(path, kind, BOUNDARY_ENDINGS))
        else:
            judged.append(_judge(kind, path, at, read_sidecar(path)))
    if passed_over:
        said = f"not read beside the township layer: {', '.join(path.name for path in passed_over)}"
        at_first = next(n for n, one in enumerate(judged) if one.delivery.kind == Kind.BOUNDARIES)
        first = judged[at_first]
        noted = replace(first.delivery, notes=(*first.delivery.notes, said))
        judged[at_first] = Judged(noted, first.rows)
    return judged


def _judge_archive(kind: Kind, path: Path, now: datetime) -> list[Judged]:
    from pipeline.ingest.table import TABLE_ENDINGS

    endings = {Kind.BOUNDARIES: BOUNDARY_ENDINGS, Kind.CONTROL: TABLE_ENDINGS | AREA_ENDINGS}.get(kind, TABLE_ENDINGS)
    with archive.unpacked(path, kind, endings) as (members, said):
        return _judge_members(kind, path, now, members, said)


def _judge_members(kind: Kind, path: Path, now: datetime, members: list[Member], said: tuple[str, ...]) -> list[Judged]:
    """Every data file of an archive or folder as a delivery of its own.

    The sidecar of the whole speaks for those without one.
    """
    common = read_sidecar(path)
    judged: list[Judged] = []
    for n, member in enumerate(members):
        name = f"{path.name}/{member.name}"
        own = sidecar_path(member.path).exists()
        try:
            sidecar = read_sidecar(member.path) if own else common
            one = _judge(kind, member.path, now + timedelta(microseconds=n), sidecar)
        except UnusableInput as error:
            # The reader knows the unpacked file only; the sender knows the archive.
            text = str(error).replace(str(member.path), member.path.name)
            if not own:
                text = text.replace(f"{member.path.name}.toml", f"{path.name}.toml")
            rest = text.removeprefix(member.path.name)
            raise UnusableInput(f"{name}{rest}" if rest != text else f"{name}: {text}") from error
        notes = (*(said if n == 0 else ()), *one.delivery.notes)
        judged.append(Judged(replace(one.delivery, file_name=name, notes=notes), one.rows))
    return judged


def _judge(kind: Kind, path: Path, now: datetime, sidecar: Sidecar) -> Judged:
    if sidecar.holder and path.suffix.lower() not in AREA_ENDINGS:
        sidecar = replace(sidecar, columns={"holder": sidecar.holder, **sidecar.columns})
    format_name, rows, notes, sheet = _read(path, kind, sidecar)
    known = BY_NAME.get(format_name)
    if known and known.undated and sidecar.reference_date is None:
        raise UnusableInput(
            f"{path.name}: a baseline does not carry its day; write reference_date = YYYY-MM-DD into {path.name}.toml"
        )
    if sidecar.primary and kind != Kind.CLASHES:
        raise UnusableInput(
            f"{path.name}: primary = true says which clash source leads and means nothing for {kind}; remove the line "
            f"from {path.name}.toml"
        )
    _refuse_meanings(path, kind, format_name, rows, sidecar)
    family = source_of_format(_source_key(format_name, rows))
    delivery = Delivery(
        delivery_id=content_hash(rows, f"{kind}|{format_name}|{sidecar.meaning()}"),
        kind=kind,
        format=format_name,
        file_name=path.name,
        sha256=_file_hash(path),
        rows_count=rows.height,
        received_at=now.astimezone(UTC).isoformat(timespec="microseconds"),
        source=sidecar.source or family.title,
        source_key=own_key(family.key if family.key != "canonical" else format_name, sidecar.source or ""),
        licence=sidecar.licence or family.licence,
        absence_means=sidecar.absence_means or family.absence_means,
        reference_date=sidecar.reference_date.isoformat() if sidecar.reference_date else None,
        date_format=sidecar.date_format,
        coverage=sidecar.coverage,
        synthetic=sidecar.synthetic,
        notes=(*sidecar.notes, *notes, *checked_words(sidecar, format_name, rows, path.name)),
        covered_until=sidecar.covered_until.isoformat() if sidecar.covered_until else None,
        primary=sidecar.primary,
        query=sidecar.query,
        revised_until=sidecar.revised_until,
        values=sidecar.words(),
        rows=sidecar.rows,
        new_is=sidecar.new_is,
        sheet=sheet,
        id_scope=sidecar.id_scope,
        release=sidecar.release,
        zero_means=sidecar.zero_means,
        holders=sidecar.sides(),
    )
    return Judged(delivery, rows)


def _refuse_meanings(path: Path, kind: Kind, format_name: str, rows: Rows, sidecar: Sidecar) -> None:
    """Refuse a sidecar that says of rows what rows of their kind cannot be."""
    counted = kind in (Kind.DISPLACEMENT, Kind.POPULATION) and not BY_NAME[format_name].flows
    if (sidecar.holder or sidecar.holders) and kind != Kind.CONTROL:
        raise UnusableInput(
            f"{path.name}: {'holder' if sidecar.holder else '[holders]'} says who holds an area or a town and means "
            f"nothing for {kind}; remove it from {path.name}.toml"
        )
    if sidecar.rows and not counted:
        what = "IDMC's updates, whose movements are added up as they are" if kind == Kind.DISPLACEMENT else kind
        raise UnusableInput(
            f'{path.name}: rows = "parts" adds up people of displacement and population and means nothing for {what}; '
            f"remove the line from {path.name}.toml"
        )
    new = "idps_new_persons"
    if sidecar.new_is and not (kind == Kind.DISPLACEMENT and _holds(rows, new)):
        raise UnusableInput(
            f"{path.name}: new_is says what the column {new} of displacement holds, and this file has none; remove the "
            f"line from {path.name}.toml, or map the column in [columns]"
        )
    if sidecar.zero_means and kind != Kind.DISPLACEMENT:
        raise UnusableInput(
            f'{path.name}: zero_means = "unknown" says that a figure of no displaced people was not reported and means '
            f"nothing for {kind}; remove the line from {path.name}.toml"
        )
    if sidecar.id_scope and format_name != "canonical_clashes":
        raise UnusableInput(
            f'{path.name}: id_scope = "file" says that event numbers start again in each file and means nothing for '
            f"{format_name}; remove the line from {path.name}.toml"
        )
    if sidecar.release and format_name != "ucdp_ged":
        raise UnusableInput(
            f"{path.name}: release says which of UCDP's releases a file is and means nothing for {format_name}; remove "
            f"the line from {path.name}.toml"
        )


def _holds(rows: Rows, column: str) -> bool:
    """Whether there is such a column and any of its cells is stated."""
    return column in rows.columns and any(batch[column].count() for batch in batches(rows, [column]))


def _read(path: Path, kind: Kind, sidecar: Sidecar) -> tuple[str, Rows, tuple[str, ...], str | None]:
    if kind == Kind.BOUNDARIES:
        from geo import boundaries

        if path.suffix.lower() not in BOUNDARY_ENDINGS:
            raise UnusableInput(f"{path.name}: boundaries come as {', '.join(sorted(BOUNDARY_ENDINGS))}")
        read = boundaries.read(path, columns=sidecar.columns)
        names = [c for c in read.mirror.columns if c != "geometry_wkb"]
        attributes = read.mirror.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number"),
            read.codes.alias("adm3_pcode"),
            pl.struct(names).struct.json_encode().alias("attributes"),
        )
        frame = attributes.join(read.frame, on="adm3_pcode", how="left", validate="1:1", maintain_order="left")
        return BOUNDARY_FORMAT, frame, read.notes, None
    if kind == Kind.CONTROL and path.suffix.lower() in AREA_ENDINGS:
        return AREA_FORMAT, *_read_areas(path, sidecar), None
    from pipeline.ingest.table import read_table

    table = read_table(path, kind, sidecar)
    return table.format, table.rows, table.notes, table.sheet


def _read_areas(path: Path, sidecar: Sidecar) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Areas drawn on a map, each with its holder; only of holders that have a side is the shape taken."""
    from geo import held_areas

    if not sidecar.holder or sidecar.reference_date is None:
        raise UnusableInput(
            f'{path.name}: areas drawn on a map need holder = "COLUMN", the column that names the holder of each, and '
            f"reference_date = YYYY-MM-DD, the day they show, in {path.name}.toml"
        )

    def wanted(holder: str) -> bool:
        return side_of(holder, sidecar.holders) not in (None, Side.IGNORE.value)

    read = held_areas.read(path, sidecar.holder, wanted)
    met = {holder for holder in read.frame["holder"].drop_nulls() if side_of(holder, sidecar.holders)}
    if not met:
        named = ", ".join(repr(holder) for holder in read.frame["holder"].drop_nulls().unique().sort()[:5])
        raise UnusableInput(
            f"{path.name}: no holder has a side; name them in [holders] of {path.name}.toml, such as {named}, as "
            f"{', '.join(Side)}"
        )
    numbered = read.frame.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number"), "holder", "geometry"
    )
    return numbered, read.notes


def _source_key(format_name: str, rows: Rows) -> str:
    if format_name == AREA_FORMAT:
        return "canonical_control"
    if format_name != BOUNDARY_FORMAT:
        return format_name
    attributes = next(batches(rows, ["attributes"]))["attributes"]
    first = (attributes.first() or "") if attributes.len() else ""
    return "mimu" if '"TS_PCODE"' in str(first).upper() else "cod_ab"


def _file_hash(path: Path) -> str:
    digest = hashlib.sha256()
    parts = [path]
    if path.suffix.lower() == ".shp":
        sides = [part for part in path.parent.iterdir() if part.stem == path.stem]
        parts = [part for ending in SHAPEFILE_PARTS for part in sorted(sides) if part.suffix.lower() == ending]
    elif path.is_dir():
        parts = sorted(part for part in path.rglob("*") if part.is_file())
    for part in parts:
        with part.open("rb") as handle:
            while chunk := handle.read(CHUNK_BYTES):
                digest.update(chunk)
    return digest.hexdigest()


def _refuse_misspelt_folders(folder: Path) -> None:
    for path in sorted(p for p in folder.iterdir() if p.is_dir() and p.name not in tuple(Kind)):
        close = difflib.get_close_matches(path.name.casefold(), tuple(Kind), n=1, cutoff=0.8)
        if close:
            raise UnusableInput(f"{path}: not a folder that is read; rename it to {close[0]}/")
