"""Homes with small invented releases, whole by their manifests, and an analysts' database that says whose it is."""

from datetime import date
from pathlib import Path

import duckdb

from pipeline.declare.settings import Home
from pipeline.storage import held, release_folder, snapshots
from pipeline.storage.held import Held

JUNE, NOVEMBER, DECEMBER = date(2023, 6, 30), date(2023, 11, 30), date(2023, 12, 31)
KNOWN = date(2024, 2, 20)
OLD, NEW = "2023-11-30-aaaaaaaa", "2023-12-31-bbbbbbbb"
FIGURE = "4242"  # stands in every file of a release, so that a test can look whether any is left


def release(home: Home, name: str, period_end: date, known: date = KNOWN, within: Path | None = None) -> Path:
    """A finished folder that is not yet in place."""
    folder = release_folder.building_folder(home, name, within)
    for file in ("index.html", "index_my.html", "report/index.html", "report/my/townships/MMR001001.html",
                 "report/fonts.css", "api/nation.json", "api/townships/MMR001001.json", "api/nation.schema.json",
                 "tables/a.csv", "checks.json"):  # fmt: skip
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(f'{{"months": [{{"month": "2023-12-01", "clashes_month_count": {FIGURE}}}]}}')
    (folder / "report/fonts.css").write_text("/* fonts */")
    database(folder / "township_index.duckdb", name)
    stated = {
        "release_id": name, "period_end": f"{period_end}", "as_of": f"{known}", "inputs": [{"delivery_id": "d1"}],
        "created_at": f"{known}T01:02:03+00:00", "synthetic": True, "notice": "", "method": "isp-2023",
        "profile": str(home.profile),
    }  # fmt: skip
    release_folder.finish(folder, {**stated, "outputs": release_folder.hashes(folder)})
    return folder


def database(path: Path, release_id: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE release AS SELECT ? AS release_id", [release_id])


def publish(home: Home, name: str, period_end: date, known: date = KNOWN, newest: bool = True) -> Path:
    """As a run does, the analysts' database too."""
    folder = release_folder.put_in_place(home, release(home, name, period_end, known), name, newest)
    if newest:
        database(snapshots.part_of(home), name)
        snapshots.to_analysts(home, snapshots.part_of(home), name)
    return folder


def hold(home: Home, name: str, period_end: date, known: date = KNOWN, **asked: bool) -> Path:
    database(snapshots.part_of(home), name)
    snapshots.keep(home, snapshots.part_of(home), name)
    return held.keep(home, release(home, name, period_end, known, home.held), Held(name, **asked))


def two(root: Path) -> Home:
    """A home in which NEW is latest and OLD was before."""
    home = Home(root)
    publish(home, OLD, NOVEMBER)
    publish(home, NEW, DECEMBER)
    return home


def litter(home: Home) -> list[str]:
    patterns = (".building-*", ".old-*", ".latest-*", ".*.part", "*.part", ".*.link", "*.wal")
    return sorted(path.relative_to(home.root).as_posix() for one in patterns for path in home.root.rglob(one))
