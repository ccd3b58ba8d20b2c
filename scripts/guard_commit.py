"""What must never be committed: large files, and records of a real source. Run by the hooks on the files of a commit.

A file of records is refused wherever it lies but in data/sample and data/reference; a text file there too, where its
header is that of a source's export and no sidecar in data/sample says that its rows are invented.
"""

import csv
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from pipeline.declare.formats import recognise
from pipeline.sources import FORMATS

LARGEST = 800_000  # bytes; the sample's clashes have 661 thousand
RECORDS = {
    ".csv", ".tsv", ".xlsx", ".xls", ".ods", ".parquet", ".json", ".jsonl", ".zip", ".duckdb", ".db", ".sqlite",
    ".shp", ".dbf", ".gpkg", ".geojson", ".kml", ".kmz", ".fgb", ".gdb", ".arrow", ".feather",
}  # fmt: skip
MAY_HOLD = ("data/sample/", "data/reference/")
INVENTED = "data/sample/"
OWN = "canonical_"


def fault(path: Path, inside: str) -> str | None:
    """Why a file may not be committed, None where it may; `inside` is its path in the repository, with slashes."""
    size = path.stat().st_size
    if size > LARGEST:
        return f"{inside}: {size:,} bytes, more than {LARGEST:,}; keep it out of the repository"
    if path.suffix.lower() not in RECORDS:
        return None
    if not inside.startswith(MAY_HOLD):
        return f"{inside}: a file of records; a test makes its own, and no record of a real source is committed"
    known = None if inside.startswith(INVENTED) and _is_invented(path) else _source(path)
    return known and f"{inside}: has the header of {known}; no record of a real source is committed"


def _source(path: Path) -> str | None:
    """The format of a real source whose required columns stand in the first line of a text file."""
    if path.suffix.lower() not in {".csv", ".tsv"}:
        return None
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as handle:
        first = next(csv.reader(handle, delimiter="\t" if path.suffix.lower() == ".tsv" else ","), [])
    known = recognise(first, [one for one in FORMATS if not one.name.startswith(OWN)])
    return known.name if known else None


def _is_invented(path: Path) -> bool:
    """Whether the sidecar beside a file says so, in its source's name too."""
    sidecar = path.with_name(f"{path.name}.toml")
    said = tomllib.loads(sidecar.read_text(encoding="utf-8")) if sidecar.is_file() else {}
    return said.get("synthetic") is True and str(said.get("source", "")).startswith("SYNTHETIC")


def faults(files: Iterable[Path], root: Path) -> list[str]:
    """Every fault of the files that there are; a file that a commit removes is none."""
    found = (fault(path, path.resolve().relative_to(root).as_posix()) for path in files if path.is_file())
    return [text for text in found if text]


def main() -> int:
    found = faults(map(Path, sys.argv[1:]), Path(__file__).resolve().parents[1])
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
