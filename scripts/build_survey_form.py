"""Write the public-service form: `python scripts/build_survey_form.py [--out FILE]`.

Here: the XLSForm's sheets, from the declaration in pipeline/sources/survey/source.py and the township list. Not here:
what the questions are. The same bytes on every run.
"""

import argparse
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import xlsxwriter

from geo.townships import STATE_VARIANTS, reference
from pipeline.declare.settings import REFERENCE
from pipeline.sources.survey import source as survey

FORM = REFERENCE / "public_service_survey.xlsx"
MADE = datetime(2024, 1, 1)  # a fixed day, or no two files would be alike
WIDTHS = {"label": 50, "hint": 60, "constraint_message": 40}
LANGUAGES = (survey.ENGLISH, survey.BURMESE)

Row = dict[str, str]


def in_both(column: str, label: survey.Label | None) -> Row:
    if label is None:
        return {}
    return dict(zip((f"{column}::{language}" for language in LANGUAGES), (label.en, label.my), strict=True))


def questions() -> list[Row]:
    rows: list[Row] = [{"type": "note", "name": "privacy", **in_both("label", survey.PRIVACY)}]
    for group, label in survey.GROUPS.items():
        rows.append({"type": "begin group", "name": group, **in_both("label", label)})
        rows += [_question(question) for question in survey.QUESTIONS if question.group == group]
        rows.append({"type": "end group"})
    return rows


def _question(question: survey.Question) -> Row:
    return {
        "type": question.type,
        "name": question.name,
        **in_both("label", question.label),
        **in_both("hint", question.hint),
        "required": "yes",
        "choice_filter": question.filter,
        "constraint": question.constraint,
        **in_both("constraint_message", question.message),
    }


def choices() -> list[Row]:
    """Answers, kinds of informant, 18 units and 330 townships; a place's label ends in its P-code."""
    rows = [
        {"list_name": survey.ANSWER_LIST, "name": str(state), **in_both("label", label)}
        for state, label in survey.ANSWERS.items()
    ]
    rows += [
        {"list_name": survey.INFORMANT_LIST, "name": name, **in_both("label", label)}
        for name, label in survey.INFORMANTS.items()
    ]
    places = reference()
    for code, name in places.select("adm1_pcode", "adm1_name").unique().sort("adm1_pcode").iter_rows():
        label = survey.Label(f"{name} [{code}]", f"{STATE_VARIANTS[name][-1]} [{code}]")
        rows.append({"list_name": survey.UNIT_LIST, "name": code, **in_both("label", label)})
    for code, name, burmese, unit in places.select("adm3_pcode", "adm3_name", "adm3_name_my", "adm1_pcode").iter_rows():
        label = survey.Label(f"{name} [{code}]", f"{burmese} [{code}]")
        rows.append({"list_name": survey.TOWNSHIP_LIST, "name": code, "adm1": unit, **in_both("label", label)})
    return rows


def settings() -> list[Row]:
    return [
        {
            "form_title": survey.FORM_TITLE,
            "form_id": survey.FORM_ID,
            "version": survey.FORM_VERSION,
            "default_language": survey.ENGLISH,
        }
    ]


def build(path: Path) -> None:
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": survey.FORM_TITLE, "created": MADE})
        bold = book.add_format({"bold": True})
        for name, rows in (("survey", questions()), ("choices", choices()), ("settings", settings())):
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            header = _columns(rows)
            for position, column in enumerate(header):
                sheet.write_string(0, position, column, bold)
                sheet.set_column(position, position, WIDTHS.get(column.split("::")[0], 18))
            for line, row in enumerate(rows, start=1):
                for position, column in enumerate(header):
                    if row.get(column):
                        sheet.write_string(line, position, row[column])


def _columns(rows: Iterable[Row]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column, cell in row.items() if cell))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FORM)
    build(parser.parse_args().out)
