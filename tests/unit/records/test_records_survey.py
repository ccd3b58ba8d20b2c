"""The public-service form and its exports: by name or label, in either language, without any mapping."""

import csv
import json
import runpy
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from pyxform.xls2xform import convert
from records_frames import ANSWER, reported, rows_of

from geo.townships import reference
from pipeline.declare.codes import SERVICE_ITEMS, Kind, Reason, ServiceState
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REPOSITORY
from pipeline.ingest.sidecar import Sidecar
from pipeline.ingest.table import read_table
from pipeline.records.parsing import with_delivery
from pipeline.records.triage import Triage
from pipeline.sources.survey import source as survey
from pipeline.storage.deliveries import as_frame
from pipeline.storage.history import Delivery

SCRIPT = runpy.run_path(str(REPOSITORY / "scripts" / "build_survey_form.py"))
FORM: Path = SCRIPT["FORM"]
DAYS = ("2024-06-01T08:00:00+00:00", "2024-06-02T08:00:00+00:00")
STATES = ("yes", "partial", "no", "unknown", "yes")


def made(*frames: pl.DataFrame) -> Triage:
    return reported("services", survey_services=pl.concat(frames))


def test_the_committed_form_is_what_the_script_builds(tmp_path: Path) -> None:
    SCRIPT["build"](tmp_path / "form.xlsx")
    assert (tmp_path / "form.xlsx").read_bytes() == FORM.read_bytes()


def test_the_form_converts_and_offers_every_township_once() -> None:
    result = convert(xlsform=str(FORM), validate=False)
    assert result.warnings == []
    for name in ("survey_date", "adm1_pcode", "adm3_pcode", "informant_kind", *SERVICE_ITEMS):
        assert f"<{name}/>" in result.xform
    sheet = openpyxl.load_workbook(FORM, read_only=True)["choices"]
    header, *lines = sheet.iter_rows(values_only=True)
    choices = [dict(zip(header, line, strict=True)) for line in lines]
    towns = [one for one in choices if one["list_name"] == "township"]
    assert [(t["name"], t["adm1"]) for t in towns] == reference().select("adm3_pcode", "adm1_pcode").rows()
    units = {one["name"] for one in choices if one["list_name"] == "unit"}
    assert units == set(reference()["adm1_pcode"])
    for one in (*towns, *(c for c in choices if c["list_name"] == "unit")):
        assert one[f"label::{survey.ENGLISH}"].endswith(f" [{one['name']}]")
        assert one[f"label::{survey.BURMESE}"].endswith(f" [{one['name']}]")


def test_no_two_questions_or_answers_share_a_spelling() -> None:
    spelled = [spelling for question in survey.QUESTIONS for spelling in survey.spellings(question)]
    assert len(spelled) == len(set(spelled))
    assert len(survey.ANSWER_LABELS) == 2 * len(ServiceState)
    assert {question.name for question in survey.QUESTIONS} >= set(SERVICE_ITEMS)


def export(path: Path, language: str, separator: str) -> pl.DataFrame:
    """One submission as a server writes it, read from a file by the real reader."""
    cells = {}
    for question in survey.QUESTIONS:
        group = survey.GROUPS[question.group]
        name = question.name if language == "xml" else getattr(question.label, language)
        outer = question.group if language == "xml" else getattr(group, language)
        header = f"{outer}{separator}{name}" if separator else name
        cell = {"survey_date": "2023-01-01", "adm3_pcode": "MMR001001", "adm1_pcode": "MMR001"}.get(question.name, "")
        if question.name in SERVICE_ITEMS:
            state = ServiceState(STATES[SERVICE_ITEMS.index(question.name)])
            cell = str(state).upper() if language == "xml" else getattr(survey.ANSWERS[state], language)
        elif question.name == "adm3_pcode" and language != "xml":
            cell = {"en": "Myitkyina [MMR001001]", "my": "မြစ်ကြီးနား [MMR001001]"}[language]
        cells[header] = cell
    odk = separator == "-"
    server = (
        {
            "SubmissionDate": "2023-01-02T03:04:05.678Z",
            "meta-instanceID": "uuid:u1",
            "KEY": "uuid:u1",
            "ReviewState": "",
        }
        if odk
        else {"_id": "5", "_uuid": "u1", "_submission_time": "2023-01-02T03:04:05", "_validation_status": "Approved"}
    )
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*cells, *server])
        writer.writeheader()
        writer.writerow(cells | server)
    return delivered(path)


def delivered(path: Path) -> pl.DataFrame:
    """The rows of an export as a run gives them to the records."""
    table = read_table(path, Kind.SERVICES, Sidecar())
    assert table.format == "survey_services"
    delivery = Delivery(
        "d1", Kind.SERVICES, table.format, path.name, "", 1, "2024-06-01T08:00:00.000000+00:00", "a team",
        "survey_services", "", "unknown", None, None, None, False, (),  # type: ignore[arg-type]
    )  # fmt: skip
    return with_delivery(table.frame.with_columns(pl.lit("d1").alias("delivery_id")), as_frame([delivery]))


GROUPED = {"place": {"survey_date": "2023-01-01", "adm3_pcode": "MMR001001"}, "services": {"electricity": "no"}}


@pytest.mark.parametrize(
    ("status", "counted"),
    [({}, True), ({"uid": "validation_status_approved", "label": "Approved"}, True),
     ({"uid": "validation_status_not_approved", "label": "Not Approved"}, False),
     ({"uid": "validation_status_on_hold", "label": "On Hold"}, False)],
)  # fmt: skip
def test_the_status_of_review_may_be_an_object(tmp_path: Path, status: dict[str, str], counted: bool) -> None:
    flat = {f"{group}/{name}": cell for group, cells in GROUPED.items() for name, cell in cells.items()}
    row = flat | {"_uuid": "u1", "_submission_time": "2023-01-02T03:04:05", "_validation_status": status, "_tags": []}
    (tmp_path / "kobo.json").write_text(json.dumps({"count": 1, "next": None, "results": [row]}), encoding="utf-8")
    result = made(delivered(tmp_path / "kobo.json"))
    assert result.kept.height == counted
    assert result.set_aside["reason"].to_list() == ([] if counted else [Reason.NOT_APPROVED])


@pytest.mark.parametrize(("state", "reason"), [(None, None), ("approved", None), ("rejected", Reason.NOT_APPROVED)])
def test_an_answer_of_odata_is_read_with_its_groups_and_its_review(
    tmp_path: Path, state: str | None, reason: Reason | None
) -> None:
    system = {"submissionDate": "2023-01-02T03:04:05.678Z", "reviewState": state, "deletedAt": None}
    row = GROUPED | {"__id": "uuid:u1", "meta": {"instanceID": "uuid:u1"}, "__system": system}
    whole = {"@odata.context": "https://odk.example.org/$metadata#Submissions", "value": [row]}
    (tmp_path / "odk.json").write_text(json.dumps(whole), encoding="utf-8")
    result = made(delivered(tmp_path / "odk.json"))
    assert result.kept.select("adm3_pcode", "electricity").rows() == ([] if reason else [("MMR001001", "no")])
    assert result.set_aside["reason"].to_list() == ([reason] if reason else [])


_VERSIONS = "survey_date,adm3_pcode,electricity,services/electricity,services/electricity,_uuid,_submission_time\n"


def test_versions_of_a_form_are_one_column_where_no_row_fills_two(tmp_path: Path) -> None:
    (tmp_path / "all.csv").write_text(
        f"{_VERSIONS}2023-01-01,MMR001001,no,,,u1,2023-01-02\n2023-01-01,MMR001002,,yes,,u2,2023-01-02\n"
        "2023-01-01,MMR001003,,,partial,u3,2023-01-02\n2023-01-01,MMR001004,no,no,,u4,2023-01-02\n"
        "2023-01-01,MMR001005,,,,u5,2023-01-02\n",
        encoding="utf-8",
    )
    kept = made(delivered(tmp_path / "all.csv")).kept.sort("adm3_pcode")
    assert kept["electricity"].to_list() == ["no", "yes", "partial", "no", "unknown"]


def test_versions_of_a_form_that_differ_in_a_row_are_refused(tmp_path: Path) -> None:
    rows = "2023-01-01,MMR001001,no,,,u1,2023-01-02\n2023-01-01,MMR001002,no,yes,,u2,2023-01-02\n"
    (tmp_path / "all.csv").write_text(_VERSIONS + rows, encoding="utf-8")
    with pytest.raises(UnusableInput, match=r"all\.csv, line 3: 'electricity' \(column 3\) and .* mean electricity"):
        delivered(tmp_path / "all.csv")


def test_ids_are_no_versions_of_a_form(tmp_path: Path) -> None:
    text = "survey_date,adm3_pcode,electricity,_uuid,KEY,_submission_time\n2023-01-01,MMR001001,no,u1,,2023-01-02\n"
    (tmp_path / "two.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UnusableInput, match="both mean uuid"):
        delivered(tmp_path / "two.csv")


@pytest.mark.parametrize("language", ["xml", "en", "my"])
@pytest.mark.parametrize("separator", ["", "/", "-"])
def test_an_export_is_read_as_it_is(tmp_path: Path, language: str, separator: str) -> None:
    result = made(export(tmp_path / "export.csv", language, separator))
    assert result.set_aside.is_empty(), result.set_aside
    assert result.kept.select("adm3_pcode", *SERVICE_ITEMS).rows() == [("MMR001001", *STATES)]
    assert result.kept.item(0, "updated_at").startswith("2023-01-02T03:04:05")
    assert result.kept.item(0, "geo_precision") == "township"


@pytest.mark.parametrize("status", ["", "Approved", "validation_status_approved", "received", "edited"])
def test_what_nobody_turned_down_counts(status: str) -> None:
    assert made(rows_of("survey_services", [ANSWER | {"validation_status": status}])).kept.height == 1


def test_an_edited_submission_replaces_itself_also_in_another_township() -> None:
    old = rows_of("survey_services", [ANSWER], "d1", DAYS[0])
    moved = rows_of("survey_services", [ANSWER | {"adm3_pcode": "Waingmaw [MMR001002]"}], "d2", DAYS[1])
    result = made(old, moved)
    assert result.kept["adm3_pcode"].to_list() == ["MMR001002"]
    assert result.set_aside["reason"].to_list() == [Reason.SUPERSEDED]
    rejected = rows_of("survey_services", [ANSWER | {"validation_status": "rejected"}], "d2", DAYS[1])
    assert made(old, rejected).kept.is_empty(), "an answer turned down later goes out"
