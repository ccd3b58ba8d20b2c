"""What must never come out comes out nowhere: not in a release of either profile, not on the screen, not in a log.

One home, run for the team and then for the public, on input in which every free cell holds a canary. What a sidecar
states as `source` and `licence`, and the names of the files, are published on purpose. Of the pages of townships
and of regions the first is written, in which every canary of the input stands; the others are of the same template.
The team's release has every kind of file. The public one, whose files are written by the same calls of tables that say
less, has its tables, databases, geodata and pages; no brief, picture, workbook or zip.
"""

import csv
import json
import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from integration_canaries import EXACT, FILE_COLUMN, GOOD, KEYS, SMALL, STEM, column_names, found_in, plant
from integration_homes import SMALL_END, Command, Outcome, Small, analysts_query, fingerprint, query
from shared_folders import once

from expectations.structure import SENSITIVE
from pipeline.declare.columns import COLUMNS
from pipeline.declare.database import ABOUT, DICTIONARY, VIEWS
from pipeline.declare.tables import Layer, layer
from reports.files.hxl import HXL_COLUMNS
from reports.files.release_changes import CHANGE_COLUMNS
from reports.release import MARK_COLUMNS

pytestmark = pytest.mark.integration
PUBLISHED = {table.name: table for table in layer(Layer.PUBLISHED)}
DATA = (".csv", ".parquet", ".geojson", ".gpkg", ".duckdb")
NAMES_OF_PLACES = {"adm3_name", "adm3_name_my", "adm2_name", "adm1_name", "file_name"}


@dataclass(frozen=True)
class Planted:
    """The home with what was said by its two runs, and what the first release was before the second run."""

    home: Path
    said: str
    internal_before: dict[str, str]

    @property
    def public(self) -> Path:
        return self.home / "published" / "latest"

    @property
    def internal(self) -> Path:
        return self.home / "internal" / "latest"


@pytest.fixture(scope="module")
def planted(session_root: Path, small_home: Small, command: Command) -> Planted:
    shapes = pl.read_parquet(small_home.home / "published" / "latest" / "tables" / "townships.parquet")

    def run(home: Path, shown: str, *args: object) -> Outcome:
        outcome = command("run", "--home", home, "--period-end", SMALL_END, *args, env=KEYS, shown=shown)
        outcome.published()
        return outcome

    def make(folder: Path) -> None:
        plant(folder / "in", shapes)
        outcomes = [run(folder / "home", "first pages", "--data", folder / "in", "--profile", "internal")]
        before = fingerprint(folder / "home" / "internal")
        assert not (folder / "home" / "published").exists(), "an internal run publishes nothing"
        assert not (folder / "home" / "warehouse" / "township_index.duckdb").exists()
        outcomes.append(run(folder / "home", "pages and geodata"))
        said = "".join(one.out + one.err for one in outcomes)
        (folder / "said.json").write_text(json.dumps([said, before]), encoding="utf-8")

    folder = once(session_root, "canaries", make)
    said, before = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    return Planted(folder / "home", said, before)


def test_the_canaries_went_in(planted: Planted) -> None:
    """Else the tests below would hold of a run that read none of it."""
    kept = ", ".join(f"(select count(*) from raw.{name}) as {name}" for name in GOOD)
    (counts,) = analysts_query(planted.home, f"select {kept}").to_dicts()
    assert [name for name, count in counts.items() if not count] == []
    for table in ("clashes", "displacement", "services", "control", "set_aside", "unallocated_events"):
        columns = analysts_query(planted.home, f"select * from records.{table}")
        text = repr(columns.select(pl.col(pl.String)).rows())
        assert STEM in text or table not in {"clashes", "set_aside"}, table
    sources = analysts_query(planted.home, "select distinct source_key from records.clashes")["source_key"].to_list()
    assert {"ucdp_ged", "acled"} <= {source.split(":")[0] for source in sources}, sources


@pytest.mark.parametrize("profile", ["public", "internal"])
def test_no_byte_of_a_release_holds_a_canary(planted: Planted, profile: str) -> None:
    release = planted.public if profile == "public" else planted.internal
    assert found_in(release.resolve()) == []


def test_neither_screen_nor_run_records_hold_a_canary(planted: Planted) -> None:
    # The name of a column that is not used is told on the screen, for the one who sent the file.
    assert STEM not in planted.said.replace(FILE_COLUMN, "")
    assert found_in(planted.home / "dagster") == []


def test_no_file_of_the_home_holds_a_key(planted: Planted) -> None:
    held = [p for p in planted.home.rglob("*") if p.is_file() and re.search(rf"{STEM}-key-\d".encode(), p.read_bytes())]
    assert held == []


def test_every_column_of_every_file_is_declared(planted: Planted) -> None:
    """And none of them could hold a place finer than a township, a person, an actor of an event or free text."""
    declared = {column for table in PUBLISHED.values() for column in table.columns}
    allowed = declared | {column for column, _, _ in HXL_COLUMNS} | {
        "notice", "fid", "geom", "geometry", "bbox", *(column.name for column in (*CHANGE_COLUMNS, *MARK_COLUMNS)),
    }  # fmt: skip
    main = {column.name for one in (*ABOUT, *VIEWS) for column in one.columns}
    for release in (planted.public, planted.internal):
        files = [p for p in release.resolve().rglob("*") if p.suffix in DATA]
        assert len(files) > 50
        for path in files:
            columns = column_names(path)
            assert columns, path.name
            beside = main if path.suffix == ".duckdb" or path.parent.name == "regions" else set()
            assert columns <= allowed | beside, f"{path.name}: {columns - allowed}"
            if path.stem != "actor_dialogue" and path.suffix != ".duckdb":
                assert {c.casefold() for c in columns} & SENSITIVE == set(), path.name
            told = {column.name for column in DICTIONARY.columns} if path.suffix == ".duckdb" else set()
            assert {c for c in columns if c.endswith("_name")} - {"index_name"} - told <= NAMES_OF_PLACES | {
                "admin1_name", "admin2_name", "admin3_name"
            }, path.name  # fmt: skip


def test_public_holds_no_exact_figure_after_an_internal_run(planted: Planted) -> None:
    figures = {}
    for release in (planted.public, planted.internal):
        index = pl.read_parquet(release / "tables" / "township_index.parquet")
        figures[release] = set(index["idps_persons"].drop_nulls())
    assert {*SMALL, EXACT} <= figures[planted.internal]
    assert [n for n in figures[planted.public] if n % 10] == []
    exact = re.compile(rf"(?<![\d.,a-f]){EXACT}(?![\d.,a-f])|{EXACT:,}".encode())
    told = [p.name for p in planted.public.resolve().rglob("*") if p.is_file() and exact.search(p.read_bytes())]
    assert told == []
    assert any(exact.search(p.read_bytes()) for p in (planted.internal / "report" / "townships").glob("*.html"))
    for table, column in [(n, c) for n, t in PUBLISHED.items() for c in t.columns if c == "idps_persons"]:
        for frame in (
            pl.read_parquet(planted.public / "tables" / f"{table}.parquet"),
            query(planted.public / "township_index.duckdb", f"select * from published.{table}"),
            query(planted.home / "warehouse" / "township_index.duckdb", f"select * from published.{table}"),
        ):
            assert frame.filter(pl.col(column) % 10 != 0).is_empty(), table


def test_classes_and_all_other_figures_are_the_same_in_both_profiles(planted: Planted) -> None:
    # Figures of displaced people, what is computed from them, and the word that stands for a withheld one.
    disclosed = {
        "idps_persons", "idps_suppressed", "idps_per_100000_persons", "idps_population_share", "humanitarian_shown",
        *PUBLISHED["displacement_series"].columns[2:],
    }  # fmt: skip
    for name in PUBLISHED:
        public, internal = (
            pl.read_parquet(r / "tables" / f"{name}.parquet").drop(disclosed, strict=False)
            for r in (planted.public, planted.internal)
        )
        assert public.equals(internal, null_equal=True), name


def test_neither_profile_overwrites_the_other(planted: Planted) -> None:
    assert fingerprint(planted.home / "internal") == planted.internal_before
    assert planted.public.resolve().name + "-internal" == planted.internal.resolve().name
    for folder, one in ((planted.home / "published", planted.public), (planted.home / "internal", planted.internal)):
        whole = [p.name for p in folder.iterdir() if p.is_dir() and not p.is_symlink()]
        assert whole == [one.resolve().name]
    assert not (planted.home / "internal" / "index.html").exists(), "an internal release is not to be hosted"


def test_every_file_of_an_internal_release_says_so(planted: Planted) -> None:
    """But the CSV tables, which have no place for it, the font, and the list of checks, which holds no figure."""
    release = planted.internal.resolve()
    silent = {"checks.json", "changes.csv", "report/fonts.css", *(f"tables/{name}.csv" for name in PUBLISHED)}
    # Scripts of many pages and the icon hold no figure.
    silent |= {f"report/{name}" for name in ("page.js", "township.js", "region.js", "icon.svg")}
    marked = {line.split(":")[0] for line in found_in_text(release, b"INTERNAL")}
    every = {p.relative_to(release).as_posix() for p in release.rglob("*") if p.is_file()}
    assert every - marked - silent == set()
    for page in release.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "<title>INTERNAL: " in text
        assert 'class="banner"' in text
    for drawing in (p for p in release.rglob("*.svg") if p.name != "icon.svg"):
        mark = "INTERNAL</text>" if drawing.parent.name == "locators" else 'class="w"'  # there as outlines
        assert mark in drawing.read_text(encoding="utf-8"), drawing.name
    with (release / "township_index_hxl.csv").open(encoding="utf-8", newline="") as stream:
        header, tags, *rows = csv.reader(stream)
    assert (header[-1], tags[-1]) == ("notice", "#meta+notice")
    assert all(row[-1].startswith("INTERNAL") for row in rows)
    comments = "select comment from duckdb_tables() where schema_name = 'published'"
    assert all(c.startswith("INTERNAL") for c in query(release / "township_index.duckdb", comments)["comment"])
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["profile"], manifest["notice"][:8]) == ("internal", "INTERNAL")
    told = [p for p in planted.public.resolve().rglob("*") if p.is_file() and b"INTERNAL:" in p.read_bytes()]
    assert told == []


def found_in_text(folder: Path, needle: bytes) -> list[str]:
    from integration_canaries import opened

    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return [f"{p.relative_to(folder).as_posix()}:" for p in files if any(needle in part for part in opened(p))]


def test_columns_say_what_is_published_as_it_was_sent() -> None:
    assert "published" in COLUMNS["file_name"].comment
