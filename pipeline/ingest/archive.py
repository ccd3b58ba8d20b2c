"""Zip deliveries: judged by their table of contents, unpacked into a temporary folder, each data file on its own.

A folder of boundary layers is laid out the same way, without unpacking.

Not here: workbooks, which are zip files with the ending .xlsx (excel); what a member holds (table, geo.boundaries).
"""

import errno
import lzma
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.ingest.delimited import SIZE_LIMIT_BYTES, check_size

NESTED_ENDINGS = {".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz", ".zst", ".kmz"}
PARTS = {".toml", ".dbf", ".shx", ".prj", ".cst", ".cpg", ".sbn", ".sbx", ".qix", ".xml", ".qpj", ".qmd"}
GEODATABASE = ".gdb"  # a folder of many files that is one layer file to its users
MEMBERS_LIMIT = 100  # without the files of geodatabases, which may be ten times as many
RATIO_LIMIT = 200  # text compresses some ten times, a file of nothing a thousand times
RATIO_FLOOR_BYTES = 1_000_000  # below it no ratio does harm, and a short table of blanks has a large one
CHUNK_BYTES = 1 << 20
# Words of file names by which the township layer is known where an archive holds the layers of every level.
TOWNSHIP_LAYERS = ("adm3", "admin3", "township")
_OTHER_LAYERS = re.compile(r"adm(?:in)?[_ -]?[01245](?!\d)|adm(?:in)?[_ -]?(?:lines|points|capitals)", re.IGNORECASE)
_LITTER = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon", "$recycle.bin")
_ABOUT = ("readme", "license", "licence", "metadata", "provenance", "codebook", "datapackage")


# What zipfile raises on damaged bytes, beside an OSError for a place before the file's start.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, NotImplementedError, RuntimeError,
    ValueError,
)  # fmt: skip


@contextmanager
def damage_refused(path: Path, remedy: str) -> Iterator[None]:
    """Turn whatever a damaged zip file raises into a refusal; a full disk stays what it is."""
    try:
        yield
    except _DAMAGE as error:
        raise UnusableInput(f"{path.name}: not a readable zip archive, or a damaged one ({error}); {remedy}") from error
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):
            raise
        raise UnusableInput(f"{path.name}: a damaged zip archive ({error}); {remedy}") from error


@dataclass(frozen=True)
class Member:
    """A data file of an archive: where it was unpacked to, and its path in the archive."""

    path: Path
    name: str


@contextmanager
def unpacked(path: Path, kind: Kind, endings: set[str]) -> Iterator[tuple[list[Member], tuple[str, ...]]]:
    """The data files of an archive and what is to be said of the rest, until the block ends.

    The temporary folder goes however the block ends; parts of a shapefile and sidecars lie beside their file.
    Raises UnusableInput before anything is taken out where the archive is a bomb, leaves its folder, holds links, is
    encrypted or nested, or has nothing of this kind in it.
    """
    contents = _judged(path)
    data, notes = _chosen(path, list(contents), kind, endings)
    with tempfile.TemporaryDirectory(prefix="township-index-") as folder:
        _extract(path, contents, Path(folder))
        yield [Member(Path(folder, name), name) for name in data], notes


def laid_out(folder: Path, kind: Kind, endings: set[str]) -> tuple[list[Member], tuple[str, ...]]:
    """The same for an unpacked folder, however deep its files lie. Raises UnusableInput as `unpacked` does."""
    inside = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in inside:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise UnusableInput(f"{folder.name}/{path.name}: a link that leaves the folder; copy the file in its place")
    names = [path.relative_to(folder).as_posix() for path in inside]
    data, notes = _chosen(folder, [name for name in names if not is_litter(name)], kind, endings)
    return [Member(folder / name, name) for name in data], notes


def other_levels(paths: list[Path]) -> list[Path]:
    """Of layer files side by side, those of other levels than the one whose name says that it holds townships."""
    other = [path for path in paths if _OTHER_LAYERS.search(path.name) and not _says_townships(path.name)]
    return other if any(_says_townships(path.name) for path in paths) else []


def _chosen(path: Path, contents: list[str], kind: Kind, endings: set[str]) -> tuple[list[str], tuple[str, ...]]:
    """Of the files in an archive or a folder those to read, and what is to be said of the rest."""
    layers = _with_geodatabases(contents) if kind == Kind.BOUNDARIES else contents
    data = [name for name in layers if PurePosixPath(name).suffix.lower() in endings and not _is_about(name)]
    # A text file beside tables is a note; alone it may be a table with tabs.
    data = [name for name in data if not name.lower().endswith(".txt")] or data
    data, notes = _township_layer(path, data) if kind == Kind.BOUNDARIES else (data, ())
    what = "folder" if path.is_dir() else "archive"
    if not data:
        held = ", ".join(map(repr, contents[:5])) or "nothing"
        raise UnusableInput(
            f"{path.name}: no {kind} file in the {what} ({', '.join(sorted(endings))}); it holds {held}"
        )
    for name in contents:
        if name.lower().endswith(".toml") and name[: -len(".toml")] not in layers:
            raise UnusableInput(f"{path.name}/{name}: a sidecar of no file; name it as the file beside it and .toml")
    unread = [name for name in layers if name not in data and not _is_part(name, data) and not _is_about(name)]
    if unread:
        notes = (*notes, f"{path.name}: not read: {', '.join(unread[:12])}" + (", …" if len(unread) > 12 else ""))
    return data, notes


def _with_geodatabases(contents: list[str]) -> list[str]:
    """The files, those of a geodatabase as the folder that they make up."""
    named: dict[str, None] = {}
    for name in contents:
        parts = PurePosixPath(name).parts
        depth = next((n for n, part in enumerate(parts[:-1], 1) if part.lower().endswith(GEODATABASE)), len(parts))
        named[PurePosixPath(*parts[:depth]).as_posix()] = None
    return list(named)


def _judged(path: Path) -> dict[str, zipfile.ZipInfo]:
    """The files of the archive by their path in it, without folders and what file managers leave behind."""
    check_size(path)
    with damage_refused(path, "pack it again"), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
    loose = sum(f"{GEODATABASE}/" not in member.filename.lower() for member in members)
    if loose > MEMBERS_LIMIT or len(members) > 10 * MEMBERS_LIMIT:
        raise UnusableInput(
            f"{path.name}: {len(members)} members, over the limit of {MEMBERS_LIMIT}; split the archive"
        )
    contents: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        name = _checked_name(path, member)
        if member.is_dir() or is_litter(name):
            continue
        if member.flag_bits & 0x1:
            raise UnusableInput(f"{path.name}: {name!r} in it is encrypted; pack it without a password")
        if PurePosixPath(name).suffix.lower() in NESTED_ENDINGS:
            raise UnusableInput(f"{path.name}: {name!r} in it is an archive of its own; pack its files directly")
        if name in contents:
            raise UnusableInput(f"{path.name}: holds {name!r} twice; which one is meant cannot be known")
        contents[name] = member
    expanded, packed = sum(m.file_size for m in members), max(1, sum(m.compress_size for m in members))
    if expanded > SIZE_LIMIT_BYTES or (expanded > RATIO_FLOOR_BYTES and expanded / packed > RATIO_LIMIT):
        raise UnusableInput(f"{path.name}: expands to {expanded:,} bytes from {packed:,}; refused as a zip bomb")
    return contents


def _checked_name(path: Path, member: zipfile.ZipInfo) -> str:
    # A NUL ends a name for zipfile: the name as it stands in the archive is judged, too.
    name = member.filename.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if (
        name.startswith("/") or ".." in parts or name[1:2] == ":" or not parts or "\x00" in member.orig_filename
        or not name.isprintable()
    ):  # fmt: skip
        raise UnusableInput(f"{path.name}: the archive holds the path {member.orig_filename!r}; refused")
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnusableInput(f"{path.name}: {name!r} in it is a link or device, not a file; pack the file itself")
    return PurePosixPath(name).as_posix()


def _extract(path: Path, contents: dict[str, zipfile.ZipInfo], folder: Path) -> None:
    """Write the files out, counting real bytes: a member may be larger than it says."""
    written = 0
    with damage_refused(path, "pack it again"), zipfile.ZipFile(path) as archive:
        for name, member in contents.items():
            size = 0
            with archive.open(member) as source, _created(path, folder / name) as sink:
                while chunk := source.read(CHUNK_BYTES):
                    size += len(chunk)
                    written += len(chunk)
                    if size > member.file_size or written > SIZE_LIMIT_BYTES:
                        raise UnusableInput(f"{path.name}: {name!r} in it is larger than it says; refused as a bomb")
                    sink.write(chunk)


def _created(path: Path, target: Path) -> BinaryIO:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        return target.open("xb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise UnusableInput(f"{path.name}: two members in it stand in each other's place; pack it again") from error


def _township_layer(path: Path, layers: list[str]) -> tuple[list[str], tuple[str, ...]]:
    """Of the layers of several levels, the one whose file name says that it holds townships."""
    named = [name for name in layers if _says_townships(PurePosixPath(name).name)]
    if len(layers) < 2 or len(named) != 1:
        return layers, ()
    return named, (f"{path.name}: of {len(layers)} layers read {named[0]}, whose name says townships",)


def _says_townships(name: str) -> bool:
    return any(word in name.lower() for word in TOWNSHIP_LAYERS)


def _is_part(name: str, data: list[str]) -> bool:
    """Whether a member goes with a data file: a part of its shapefile, or its sidecar."""
    at = PurePosixPath(name)
    if at.suffix.lower() not in PARTS:
        return False
    return any(at.with_suffix("") in (PurePosixPath(d).with_suffix(""), PurePosixPath(d)) for d in data)


def _is_about(name: str) -> bool:
    at = PurePosixPath(name)
    return at.suffix.lower() == ".md" or at.name.lower().startswith(_ABOUT)


def is_litter(name: str) -> bool:
    """Whether a path is what file managers and office programs leave beside files, and nobody's delivery.

    Thumbs.db, desktop.ini, .DS_Store, __MACOSX/, ._copies of AppleDouble, locks such as ~$book.xlsx and .~lock.x#.
    """
    parts = PurePosixPath(name).parts
    last = parts[-1].lower() if parts else ""
    return "__MACOSX" in parts or last.startswith((".", "~$")) or last.rstrip() in _LITTER
