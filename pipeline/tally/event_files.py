"""Event files of a disk or an object store -> the engine's frame of text under our names of the columns.

Which column means what is said by header and sidecar as for a file of the inbox (ingest/header.py). Files with one
header are read together; a file with another header or type is read by itself and added.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.ingest.cells import Grid
from pipeline.ingest.header import resolve
from pipeline.ingest.sidecar import Sidecar, checked_words, read_sidecar
from pipeline.sources import BY_NAME

ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
DELIMITERS = (",", ";", "\t", "|")
# Of the formats of clashes those with a row for each event.
FORMATS = ("canonical_clashes", "ucdp_ged", "acled")
_SAMPLE = 100  # rows looked at before all are read
_MEND = (
    "export it again, mend the quoting or the separator, or deliver the file to `township-index run`, which sets lines "
    "of another width aside"
)


@dataclass(frozen=True)
class EventFiles:
    """`frame` of the engine: the columns that are stated, as text; `paths` with the total of their bytes."""

    frame: Any
    format_name: str
    columns: tuple[str, ...]
    paths: tuple[str, ...]
    bytes_count: int
    is_text: bool


def stated(columns: Path | None) -> Sidecar:
    """What the file of --columns states, as a sidecar does; an empty one without it."""
    if columns is None:
        return Sidecar()
    if columns.suffix != ".toml" or not columns.is_file():
        raise UnusableInput(f"--columns {columns}: no such file with the ending .toml; write it as a file's sidecar")
    sidecar = read_sidecar(columns.with_suffix(""))
    if sidecar.id_scope:
        raise UnusableInput(
            f'{columns.name}: id_scope = "file" says that event numbers start again in each file; count each file by '
            "itself, or write numbers that are unique"
        )
    return sidecar


def read(daft: Any, named: Sequence[str], sidecar: Sidecar, said_in: str) -> EventFiles:
    """The events of all files that `named` names: files, folders, patterns, addresses of an object store.

    Raises UnusableInput for a name without a file, an ending that is not read, a header that fits no list of events,
    and files of different formats.
    """
    sizes = dict(_found(daft, named))
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for path in sorted(sizes):
        kind = ENDINGS[_ending(path)]
        groups.setdefault((kind, *_header(daft, path, kind)), []).append(path)
    frames, formats = [], {}
    for (kind, delimiter, header), paths in groups.items():
        frame, known = _ours(daft, _read(daft, paths, kind, delimiter, header), header, sidecar, paths[0], said_in)
        formats[known] = paths[0]
        frames.append(frame)
    if len(formats) > 1:
        told = "; ".join(f"{_shown(path)} is {name}" for name, path in formats.items())
        raise UnusableInput(f"the files are of several formats ({told}); count each format by itself")
    (format_name,) = formats
    columns = tuple(name for name in BY_NAME[format_name].columns if any(name in f.column_names for f in frames))
    whole = [_with_all(daft, frame, columns) for frame in frames]
    together = whole[0]
    for frame in whole[1:]:
        together = together.concat(frame)
    text = any(kind != "parquet" for kind, _, _ in groups)
    return EventFiles(together, format_name, columns, tuple(sorted(sizes)), sum(sizes.values()), text)


def first_broken(daft: Any, files: EventFiles) -> str | None:
    """The first file that cannot be read through, with what to do; None where each of them can."""
    for path in files.paths:
        kind = ENDINGS[_ending(path)]
        delimiter, header = _header(daft, path, kind)
        try:
            for _ in _read(daft, [path], kind, delimiter, header).iter_partitions():
                pass
        except daft.exceptions.DaftCoreException as error:
            return f"{_shown(path)}: cannot be read ({_cause(error)}); {_MEND}"
    return None


def _found(daft: Any, named: Sequence[str]) -> Iterator[tuple[str, int]]:
    for name in named:
        place = name
        if "://" not in name:
            path = Path(name)
            if path.is_dir():
                place = f"{path.resolve()}/**"
            elif not path.exists() and not set("*?[") & set(name):
                raise UnusableInput(f"{name}: no such file or folder")
            else:
                place = str(path.absolute())
        try:
            listed = daft.from_glob_path(place).to_pydict()
        except daft.exceptions.DaftCoreException as error:
            raise UnusableInput(
                f"{name}: no file was found there ({_cause(error)}); mend the address or the key"
            ) from error
        files = [(path, size or 0) for path, size in zip(listed["path"], listed["size"], strict=True)]
        whole = name in (place, f"file://{place}") or "://" in name
        kept = [(path, size) for path, size in files if _ending(path) in ENDINGS]
        if not kept or (len(kept) < len(files) and len(files) == 1 and whole):
            raise UnusableInput(
                f"{name}: holds no file with an ending that is read here ({', '.join(ENDINGS)}); save the events as "
                "CSV, Parquet or JSON lines"
            )
        yield from kept


def _ending(path: str) -> str:
    return Path(path.rpartition("/")[2]).suffix.lower()


def _header(daft: Any, path: str, kind: str) -> tuple[str, tuple[str, ...]]:
    """The delimiter of a text file, and the names of its columns."""
    try:
        if kind == "csv":
            for delimiter in DELIMITERS:
                names = daft.read_csv(path, delimiter=delimiter).column_names
                if len(names) > 1:
                    return delimiter, tuple(names)
            return ",", tuple(names)
        reader = daft.read_parquet if kind == "parquet" else daft.read_json
        return "", tuple(reader(path).column_names)
    except (daft.exceptions.DaftCoreException, ValueError) as error:
        raise UnusableInput(f"{_shown(path)}: cannot be read ({_cause(error)}); {_MEND}") from error


def _read(daft: Any, paths: list[str], kind: str, delimiter: str, header: tuple[str, ...]) -> Any:
    """The files as they are: text columns of CSV, typed ones of Parquet and JSON lines."""
    text = dict.fromkeys(header, daft.DataType.string())
    if kind == "csv":
        return daft.read_csv(paths, delimiter=delimiter, infer_schema=False, schema=text)
    if kind == "json":
        return daft.read_json(paths, infer_schema=False, schema=text)
    return daft.read_parquet(paths)


def _ours(daft: Any, frame: Any, header: tuple[str, ...], sidecar: Sidecar, path: str, said_in: str) -> tuple[Any, str]:
    """The frame under our names, as text, and its format. `said_in` is the name of the file of --columns."""
    names = list(header)
    sample = frame.limit(_SAMPLE).select(*(_text(daft, frame, name).alias(str(at)) for at, name in enumerate(names)))
    try:
        cells = pl.from_arrow(sample.to_arrow())
    except daft.exceptions.DaftCoreException as error:
        raise UnusableInput(f"{_shown(path)}: cannot be read ({_cause(error)}); {_MEND}") from error
    grid = Grid(names, pl.DataFrame(cells).cast(pl.String), pl.Series(range(2, len(cells) + 2)))
    try:
        ours, known, _ = resolve(grid, Kind.CLASHES, sidecar, _shown(path))
    except UnusableInput as error:
        raise UnusableInput(str(error).replace(f"{_shown(path)}.toml", said_in)) from error
    if known.name not in FORMATS:
        raise UnusableInput(
            f"{_shown(path)}: it is {known.name}, no list of events; deliver it to `township-index run`"
        )
    chosen = [_text(daft, frame, names[at]).alias(meant) for at, meant in known.match(ours).items()]
    words = [daft.lit(word).alias(column) for column, word in sidecar.every_row.items()]
    _check_words(sidecar, known.name, grid, ours, said_in)
    return frame.select(*chosen, *words), known.name


def _check_words(sidecar: Sidecar, format_name: str, grid: Grid, ours: list[str], said_in: str) -> None:
    """Raise UnusableInput for words of the sidecar that are no terms; which of them occur is not judged by a sample."""
    at = BY_NAME[format_name].match(ours)
    columns = {meant: grid.cells[str(position)] for position, meant in at.items()}
    nothing = pl.Series([None] * grid.height, dtype=pl.String)
    frame = pl.DataFrame({name: columns.get(name, nothing) for name in BY_NAME[format_name].columns})
    checked_words(sidecar, format_name, frame, said_in.removesuffix(".toml"))


def _text(daft: Any, frame: Any, name: str) -> Any:
    """A column as text: days as ISO writes them, which the engine's own cast does not."""
    column = daft.col(name)
    if frame.schema()[name].dtype == daft.DataType.date():
        return daft.functions.strftime(column, "%Y-%m-%d")
    return column.cast(daft.DataType.string())


def _with_all(daft: Any, frame: Any, columns: Sequence[str]) -> Any:
    nothing = daft.lit(None).cast(daft.DataType.string())
    return frame.select(*(daft.col(c) if c in frame.column_names else nothing.alias(c) for c in columns))


def _shown(path: str) -> str:
    """A path as a person writes it: that of a disk without the engine's prefix."""
    return path.removeprefix("file://")


def _cause(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
