"""site.zip and data-parquet.zip: the report, and all Parquet tables, each as one file to carry or to host.

The same files give the same bytes: sorted names, the last day of the data as the time of each, the same rights.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from reports.files.citation import CFF
from reports.release import Release

SITE, PARQUET = "site.zip", "data-parquet.zip"
_LEVEL = 4  # of zlib: 6 takes twice as long for one part in twenty
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# These are compressed already: to do it again takes time and saves nothing.
_COMPRESSED = {".parquet", ".png", ".pdf", ".zip"}
_RIGHTS = 0o644 << 16
_UNIX = 3


def write_zip(target: Path, folder: Path, files: Iterable[Path], day: date, comment: str = "") -> None:
    """Write the files of `folder`, under their paths in it, into a zip; `day` is the time of each."""
    with zipfile.ZipFile(target, "w") as packed:
        packed.comment = comment.encode("utf-8")
        for path in sorted(files):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (day.year, day.month, day.day, 0, 0, 0))
            entry.external_attr, entry.create_system = _RIGHTS, _UNIX
            entry.compress_type = _PLAIN[path.suffix not in _COMPRESSED]
            packed.writestr(entry, path.read_bytes(), compresslevel=_LEVEL)


def write_zips(release: Release, folder: Path) -> None:
    """Write both at the root of the release, from the files that stand there; each holds CITATION.cff too.

    The warnings of the release are the comment of the zip.
    """
    said = " ".join(release.banners)
    about = [path for path in (folder / CFF, folder / "INTERNAL.txt") if path.is_file()]
    pages = [path for path in (folder / "report").rglob("*") if path.is_file()]
    parquet = list((folder / "tables").glob("*.parquet"))
    for name, files in ((SITE, pages), (PARQUET, parquet)):
        write_zip(folder / name, folder, [*about, *files], release.period_end, said)
