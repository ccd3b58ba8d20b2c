"""The public-service form and its exports: by name or label, in either language, without any mapping."""

import csv
import runpy
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from pyxform.xls2xform import convert
from records_frames import ANSWER, gazetteer, rows_of

from geo.townships import reference
from pipeline import survey
from pipeline.codes import SERVICE_ITEMS, Kind, Reason, ServiceState
from pipeline.deliveries import Delivery, as_frame
from pipeline.readers.sidecar import Sidecar
from pipeline.readers.table import read_table
from pipeline.records import reports
from pipeline.records.inputs import with_delivery
from pipeline.records.triage import Triage
from pipeline.settings import REPOSITORY

SCRIPT = runpy.run_path(str(REPOSITORY / "scripts" / "build_survey_form.py"))
FORM: Path = SCRIPT["FORM"]
DAYS = ("2024-06-01T08:00:00+00:00", "2024-06-02T08:00:00+00:00")
STATES = ("yes", "partial", "no", "unknown", "yes")


def made(*frames: pl.DataFrame) -> Triage:
    return reports.services(rows_of("canonical_services", []), pl.concat(frames), gazetteer())


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
    table = read_table(path, Kind.SERVICES, Sidecar())
    assert table.format == "survey_services"
    delivery = Delivery(
        "d1", Kind.SERVICES, table.format, path.name, "", 1, "2024-06-01T08:00:00.000000+00:00", "a team",
        "survey_services", "", "unknown", None, None, None, False, (),  # type: ignore[arg-type]
    )  # fmt: skip
    return with_delivery(table.frame.with_columns(pl.lit("d1").alias("delivery_id")), as_frame([delivery]))


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
