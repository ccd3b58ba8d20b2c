"""datapackage.json: every file with its hash, and data that Frictionless finds as the schemas say."""

import csv
import hashlib
import json
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from frictionless import Package, Resource

from reports.files.metadata import datapackage
from reports.release import Release, licence


@pytest.fixture(scope="module")
def package(built: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((built / "datapackage.json").read_text(encoding="utf-8"))
    return found


def test_every_file_is_described_with_its_hash(built: Path, package) -> None:
    names = [resource["name"] for resource in package["resources"]]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and " " not in name for name in names)
    for resource in package["resources"]:
        content = (built / resource["path"]).read_bytes()
        assert resource["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert resource.get("bytes", len(content)) == len(content)
        if resource["format"] == "csv":
            with (built / resource["path"]).open(encoding="utf-8", newline="") as file:
                assert next(csv.reader(file)) == [field["name"] for field in resource["schema"]["fields"]]
        if "primaryKey" in resource.get("schema", {}):
            assert set(resource["schema"]["primaryKey"]) <= {f["name"] for f in resource["schema"]["fields"]}
    described = {resource["path"] for resource in package["resources"]}
    # Pages, pictures and the file of each township stand in the manifest alone.
    pages = {".html", ".svg", ".css", ".js", ".png"}
    data = {p.relative_to(built).as_posix() for p in built.rglob("*") if p.suffix not in pages}
    files = {path for path in data if (built / path).is_file() and not path.startswith("api/townships/")}
    files -= {"datapackage.json"}
    assert files - described == set()


def test_units_bounds_and_keys_stand_in_the_schemas(package) -> None:
    index = next(r for r in package["resources"] if r["name"] == "township_index")
    fields = {field["name"]: field for field in index["schema"]["fields"]}
    assert fields["security_score"]["constraints"] == {"minimum": 0, "maximum": 100}
    assert fields["adm3_pcode"]["constraints"] == {"required": True, "pattern": r"^MMR\d{6}$"}
    assert fields["security_class"]["constraints"]["enum"][0] == "high"
    assert fields["idps_persons"]["unit"] == "persons"
    assert index["schema"]["foreignKeys"][0]["reference"]["resource"] == "townships"


ROWS = 15  # of each table: enough to meet every column filled and empty
# Of the files of states and regions, all of one schema, two; of the Parquet files those with missing numbers, dates and
# a geometry: the rows are those of the CSV files.
PATHS = ("[!r]*.csv", "regions/kay*.csv", "tables/t*_c*.parquet", "geo/*.*json", "*.pdf")


def test_frictionless_accepts_the_descriptor_and_the_data(built: Path, package) -> None:
    wanted = [r for r in package["resources"] if any(fnmatch(r["path"], path) for path in PATHS)]
    assert all(any(fnmatch(r["path"], path) for r in wanted) for path in PATHS)
    report = Package.from_descriptor({**package, "resources": wanted}, basepath=str(built)).validate(limit_rows=ROWS)
    assert len(report.tasks) == len(wanted)
    found = [*report.errors, *(error for task in report.tasks for error in task.errors)]
    assert [f"{error.type}: {error.message}" for error in found] == []


@pytest.mark.parametrize(
    ("line", "found", "fault"),
    [
        ("MMR001001", "MMR00100X", "constraint"),
        ("MMR001001", "MMR001002", "primary-key"),
        (",Myitkyina,", ",,", "constraint"),
        (",6226.7,", ",many,", "type"),
    ],
)
def test_frictionless_sees_what_is_wrong(
    built: Path, tmp_path: Path, package, line: str, found: str, fault: str
) -> None:
    text = (built / "tables/townships.csv").read_text(encoding="utf-8")
    assert line in text
    (tmp_path / "townships.csv").write_text(text.replace(line, found, 1), encoding="utf-8")
    schema = next(r for r in package["resources"] if r["name"] == "townships")["schema"]
    report = Resource.from_descriptor(
        {"name": "t", "path": "townships.csv", "schema": schema}, basepath=str(tmp_path)
    ).validate()
    assert {e.type.removesuffix("-error") for e in report.tasks[0].errors} == {fault}


def test_sources_hold_what_the_reference_tables_quote(package) -> None:
    titles = [source["title"] for source in package["sources"]]
    assert titles[0] == "Events of a programme"
    assert {"ISP-Myanmar, OnPoint 19", "SAC-M, Effective Control in Myanmar"} <= set(titles)
    assert all(source["licence"] and source["citation"] for source in package["sources"])
    dialogue = next(r for r in package["resources"] if r["name"] == "actor_dialogue")
    assert [source["title"] for source in dialogue["sources"]] == ["Conflict and dialogue mapping, late 2021"]


def test_every_published_source_of_the_comparison_is_cited(package) -> None:
    figures = pl.read_csv(Path(__file__).parents[3] / "data/reference/published_figures.csv")
    cited = " ".join(source["citation"] for source in package["sources"])
    for name in figures["source"].unique():
        words = name.replace("Mapping No. 26", "Mapping").split()
        assert words[0].split("-")[0] in cited, name


@pytest.mark.parametrize(
    ("licences", "name"),
    [
        (["CC BY 4.0"], "CC-BY-4.0"),
        (["CC BY 4.0", "CC BY 4.0"], "CC-BY-4.0"),
        (["CC BY 4.0", "CC BY-IGO"], "other-at"),
        (["CC BY 4.0", "ACLED terms of use: aggregated use with attribution, event rows may not be passed on"],
         "other-closed"),
        (["not stated"], "other-closed"),
        ([], "other-closed"),
    ],
)  # fmt: skip
def test_the_licence_is_never_opener_than_that_of_every_source(release: Release, licences, name: str) -> None:
    found = licence(replace(release, generated_from=tuple((f"s{i}", words, "") for i, words in enumerate(licences))))
    assert found["name"] == name
    assert all(words in found["title"] for words in licences)
    assert ("path" in found) is (name == "CC-BY-4.0")


def test_the_database_is_named_without_a_hash(tables, release: Release, built: Path) -> None:
    resources = {r["name"]: r for r in datapackage(tables, release, built, database=True)["resources"]}
    assert resources["database"]["path"] == "township_index.duckdb"
    assert "hash" not in resources["database"]
    assert "manifest.json" in resources["database"]["description"]


def test_it_needs_the_files(tables, release: Release, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        datapackage(tables, release, tmp_path)
