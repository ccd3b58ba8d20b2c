"""What the workbook says around its tables: the rows of the cover and of the notes.

Not here: how they are laid out (workbook.py), the words of columns and tables (pipeline/columns.py, tables.py).
"""

from collections.abc import Sequence

from pipeline.sources import BOUNDARY_DISCLAIMER, CITED
from reports.bilingual import say
from reports.dictionary import table_rows
from reports.release import Release
from reports.terms import licence
from reports.wording import day


def _label(english: str) -> str:
    """A label of the cover in both languages, one under the other: a cell cannot be switched."""
    words = say(english)
    return f"{words.en}\n{words.my}"


def cover_rows(release: Release) -> list[tuple[str, str]]:
    """Label and text of each line of the cover, below title and banners."""
    method = release.spec(release.method)
    as_of = "everything received" if release.as_of is None else f"{day(release.as_of)}"
    return [
        (_label("Release identifier"), release.release_id),
        (_label("Data up to"), day(release.period_end)),
        (_label("Received until"), as_of),
        (_label("Method"), f"{release.method}: {method.title}" if method else release.method),
        (_label("Version of the code"), release.code_version),
        (_label("How to cite this workbook"), release.citation),
        (_label("Licence of the whole"), licence(release)["title"]),
        (_label("Boundaries and names"), BOUNDARY_DISCLAIMER),
        (_label("How to read the figures"), "Counts are floors: what no source reports is not in them. An empty cell "
         "is a value that is missing; it is never a zero. The sheet Notes says more; the meaning of each column stands "
         "on the sheet Dictionary."),
        *((_label("Source of records"), f"{title}. Licence: {terms}. {words}")
          for title, terms, words in release.generated_from),
        *((_label("Quoted in a table"), f"{one.citation} Licence: {one.licence}. Sheet: {', '.join(one.tables)}.")
          for one in CITED),
        *((_label("Note on the release"), note) for note in release.notes),
    ]  # fmt: skip


def note_rows(release: Release, empty: Sequence[str]) -> list[tuple[str, str]]:
    """How to read the sheets, then the caveats of tables and methods; `empty` are the tables that have no sheet."""
    reading = [
        ("Empty cell", "Not reported or not known; never zero. Columns of numbers hold numbers only and columns of "
         "dates dates only, so no shorthand such as [x] stands in them: an empty cell is what others write [x]."),
        ("Zero", "Counted and found to be none. What zero means of each column stands on the sheet Dictionary."),
        ("Suppressed figures", "Displaced people of fewer than 10 in a township are withheld: idps_persons is empty "
         "and idps_suppressed is TRUE, which others write [c]. Empty where idps_suppressed is FALSE, the figure "
         "was not reported."
         if not release.internal else
         "This is an internal workbook: figures of displaced people are exact and nothing is withheld."),
        ("Insufficient data", "The class insufficient_data: the township is in conflict and the records do not suffice "
         "to class it. It is neither a low class nor a zero."),
        ("Not in conflict", "The class not_in_conflict is a state of its own, outside the scale of the classes."),
        ("Provisional", "TRUE: the last months of a source are still under-reported; a fall there may be none."),
        ("Latest month", "Sheets that hold the latest month only say so on the sheet Contents, with the file that "
         "holds the whole series."),
        ("Names", "Township names in English and Burmese stand beside each P-code, also where the table itself has "
         "the P-code only. P-codes are text."),
        ("Empty tables", f"Without a sheet, because they are empty in this release: {', '.join(empty)}." if empty else
         "Every table of the workbook has rows in this release."),
    ]  # fmt: skip
    tables = [
        (f"Table {name}", f"{grain[0].upper()}{grain[1:]}. {caveats}".strip())
        for name, grain, _, caveats in table_rows()
    ]
    methods = [
        (f"Method {method.name}", words) for method in release.methods for words in (method.title, *method.caveats)
    ]
    return [*reading, *tables, *methods]
