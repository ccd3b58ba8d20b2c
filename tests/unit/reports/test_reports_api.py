"""api/: what the schemas beside it say, from the declared columns, and nothing that a release must not hold."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from reports.files.api import SCHEMAS, as_lines, nation, schemas, townships, write_api
from reports.release import Release, published

KINDS = {"nation": "nation.json", "regions": "regions.json", "townships": "townships.json"}


@pytest.fixture(scope="module")
def api(tables, release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("api")
    write_api(tables, release, folder)
    return folder / "api"


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def faults(api: Path, kind: str, content: Any) -> list[str]:
    schema = read(api.parent / SCHEMAS[kind])
    Draft202012Validator.check_schema(schema)
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    return [error.message for error in checker.iter_errors(content)]


@pytest.mark.parametrize("kind", KINDS)
def test_each_file_is_as_its_schema_says(api: Path, kind: str) -> None:
    assert faults(api, kind, read(api / KINDS[kind])) == []


def test_each_township_has_a_file_as_its_schema_says(api: Path, tables, release: Release) -> None:
    listed = read(api / "townships.json")["townships"]
    assert [one["file"] for one in listed] == sorted(f"townships/{p.name}" for p in (api / "townships").iterdir())
    assert len(listed) == 330
    for one in listed[::40]:
        assert faults(api, "township", read(api / one["file"])) == []
    own = published(tables, "township_index").filter(
        pl.col("method") == release.method, pl.col("adm3_pcode") == "MMR001001"
    )
    found = read(api / "townships" / "MMR001001.json")["months"]
    assert [row["clashes_month_count"] for row in found] == own["clashes_month_count"].to_list()
    assert [row["month"] for row in found] == [day.isoformat() for day in own["month"]]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("signal", "panic", "is not one of"),
        ("clashes_month_count", "3", "is not of type"),
        ("clashes_month_count", -1, "less than the minimum"),
        ("month", "December", "is not a 'date'"),
        ("idps_suppressed", None, "is not of type"),
        ("latitude", 16.8, "Additional properties"),
    ],
)
def test_the_schema_refuses_what_is_wrong(api: Path, column: str, value: object, words: str) -> None:
    content = read(api / "townships" / "MMR001001.json")
    content["months"][0][column] = value
    (fault,) = faults(api, "township", content)
    assert words in fault


def test_a_missing_value_is_null_and_a_withheld_one_too(tables, release: Release, tmp_path: Path) -> None:
    index = tables["township_index"].with_columns(idps_persons=pl.lit(None, pl.Int64), idps_suppressed=pl.lit(True))
    write_api({**tables, "township_index": index}, release, tmp_path)
    row = read(tmp_path / "api/townships/MMR001001.json")["months"][0]
    assert (row["idps_persons"], row["idps_suppressed"]) == (None, True)


def test_a_township_without_an_index_row_has_no_months(tables, release: Release, tmp_path: Path) -> None:
    index = tables["township_index"].filter(pl.col("adm3_pcode") != "MMR001001")
    write_api({**tables, "township_index": index}, release, tmp_path)
    content = read(tmp_path / "api/townships/MMR001001.json")
    assert content["months"] == []
    assert faults(tmp_path / "api", "township", content) == []


def test_every_file_says_what_it_is_from(tables, release: Release) -> None:
    invented = replace(release, synthetic=True, schematic=True)
    found = nation(tables, invented)
    assert found["synthetic"] is True
    assert found["notice"].startswith("SYNTHETIC DATA: ")
    assert (found["release_id"], found["method"], found["as_of"]) == (release.release_id, "isp-2023", "2023-12-05")
    assert found["licence"] == "CC BY 4.0"
    assert all(schema["description"].startswith("SYNTHETIC DATA") for schema in schemas(invented).values())


def test_names_hold_no_character_that_redirects_text(tables, release: Release) -> None:
    hostile = tables["townships"].with_columns(adm3_name=pl.lit("abc\u202egpj"))
    assert {one["adm3_name"] for one in townships({**tables, "townships": hostile}, release)["townships"]} == {"abcgpj"}


def test_lines_are_json_whatever_they_hold() -> None:
    content = {"a": [], "b": [1, {"c": "\n\"'</script>"}], "d": None, "e": "က"}
    assert json.loads(as_lines(content)) == content
    assert as_lines({"rows": [{"x": 1}, {"x": 2}]}) == '{\n"rows":[\n{"x":1},\n{"x":2}\n]\n}\n'
