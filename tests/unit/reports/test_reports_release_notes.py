"""What changed, as Markdown for the data team: the month beside the one before, and values of the release before."""

from datetime import date

import polars as pl

from reports.files.release_changes import no_changes
from reports.release_notes import _MONTHLY, LISTED, change_notes, month_notes

NAMES = {"MMR001001": "Myitkyina"}


def changed(*rows: tuple[str | None, str, str | None, str | None, str]) -> pl.DataFrame:
    """Rows of (P-code, column, before, after, kind)."""
    columns = ("adm3_pcode", "column", "before", "after", "kind")
    same = {"table": "township_index", "method": "isp-2023", "month": "2023-12-01"}
    given = [same | dict(zip(columns, row, strict=True)) for row in rows]
    return pl.DataFrame(given, schema=dict.fromkeys(no_changes().columns, pl.String))


def test_the_month_stands_beside_the_one_before_and_unknown_is_no_zero():
    before = {"month": date(2023, 11, 1), "period_end": date(2023, 11, 30), **dict.fromkeys(_MONTHLY, 1303110)}
    now = {"month": date(2023, 12, 1), "period_end": date(2023, 12, 31), **dict.fromkeys(_MONTHLY)}
    text = month_notes([before, now])
    assert text.startswith("### December 2023, to 31 December 2023")
    assert text.count("| 1,303,110 | not known |") == len(_MONTHLY)
    assert "| not known | 1,303,110 |" in month_notes([before])


def test_another_class_is_named_and_the_rest_is_counted():
    rows = [("MMR001001", "security_class", "low", "high", "reclassified"), (None, "rows", "0", "330", "added")]
    text = change_notes(changed(*rows), NAMES, "2023-11-30-0123abcd", "")
    assert "Beside release 2023-11-30-0123abcd" in text
    assert "- 1 values in another class" in text and "- 1 values new" in text
    assert "| Myitkyina | 2023-12-01 | security_class | low | high |" in text


def test_a_long_list_ends_with_how_many_more():
    rows = [("MMR001001", "security_class", "low", "high", "reclassified")] * (LISTED + 5)
    assert "and 5 more, in changes.csv" in change_notes(changed(*rows), NAMES, "r1", "")


def test_nothing_to_compare_and_nothing_changed_are_said():
    assert "nothing is compared" in change_notes(no_changes(), NAMES, None, "nothing is compared.")
    assert "There is no earlier release" in change_notes(no_changes(), NAMES, None, "")
    assert "No class and no count" in change_notes(no_changes(), NAMES, "r1", "")
