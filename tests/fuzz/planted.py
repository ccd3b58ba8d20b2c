"""Files whose right sums are known: parts, totals, versions, numbers used again, days with an offset.

A plant is drawn with its truth and written in an everyday shape, sometimes without the word in its sidecar that it
would need. What comes out must be the truth, or the file is refused, or the rows that lack stand in the accounts.
Not here: spoilt files (cells, structure, damage).
"""

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from geo.townships import reference
from pipeline.declare.codes import Kind
from pipeline.declare.settings import MYANMAR
from tests.fuzz.invented import PointOf

SORTS = ("sites", "sexes", "months", "versions", "numbers", "sheets", "candidates")
SHAPES = ("comma", "semicolon", "sep", "titles", "tab", "xlsx")
Truth = Counter[tuple[str, str]]  # (township, month) -> people at its last day, or clashes in it


@dataclass(frozen=True)
class Plant:
    """`repr` of a plant is all it takes to make its files again; `said`: whether the sidecar says what it must."""

    sort: str
    shape: str
    said: bool
    seed: int


@dataclass
class Planted:
    """The files in the order of their receipt, what must come of them, and the format of their records."""

    format: str
    truth: Truth
    files: list[tuple[Kind, Path]] = field(default_factory=list)


@dataclass(frozen=True)
class _Table:
    name: str
    header: list[str]
    rows: list[list[str]]
    sidecar: list[str]


def drawn(count: int, seed: int = 0) -> list[Plant]:
    """So many plants of every sort, the same for one seed; a third of them do not say what they must."""
    random = Random(seed)  # noqa: S311 - to be repeatable is the point
    return [
        Plant(sort, random.choice(SHAPES), at % 3 != 2, random.randrange(10**9))
        for sort in SORTS
        for at in range(count)
    ]


def plant(case: Plant, folder: Path, point_of: PointOf) -> Planted:
    """Write the files of a plant; `point_of` gives a point in a township."""
    random = Random(repr(case))  # noqa: S311 - to be repeatable is the point
    kind, known, truth, tables = _SORTS[case.sort](random, case.said, point_of)
    planted = Planted(known, truth)
    for table in tables:
        in_workbook = case.shape == "xlsx" or case.sort == "sheets"
        path = folder / f"{table.name}{'.xlsx' if in_workbook else '.csv'}"
        (_workbook if in_workbook else _text)(path, table, case.shape)
        if table.sidecar:
            path.with_name(path.name + ".toml").write_text("\n".join(table.sidecar), encoding="utf-8")
        planted.files.append((kind, path))
    return planted


def _townships(random: Random, most: int = 6) -> list[str]:
    return random.sample(reference()["adm3_pcode"].to_list(), random.randint(1, most))


def _day(random: Random) -> date:
    return date(2021, 2, 1) + timedelta(days=random.randrange(1000))


def _written(day: date, random: Random) -> str:
    """A day as programs export it: plain, at midnight, or as the moment of its midnight in Myanmar or in UTC."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=MYANMAR)
    return random.choice(
        (
            day.isoformat(),
            day.isoformat(),
            f"{day} 00:00:00",
            midnight.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            midnight.astimezone(UTC).isoformat(),
            (midnight + timedelta(hours=random.randrange(24))).isoformat(),
        )
    )


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


_Drawn = tuple[Kind, str, Truth, list[_Table]]


def _sites(random: Random, said: bool, point_of: PointOf) -> _Drawn:
    """A list of camps, some of equal size, some rows twice, now and then with a line that adds a township up."""
    truth: Truth = Counter()
    day, rows = _day(random), []
    with_total = random.random() < 0.4
    for code in _townships(random):
        sites = [random.choice((40, 120, 900, random.randrange(1, 5000))) for _ in range(random.choice((1, 2, 3, 9)))]
        truth[code, _month(day)] = sum(sites)
        own = [[f"Camp {code}-{at}", code, day.isoformat(), str(people)] for at, people in enumerate(sites)]
        if random.random() < 0.3:
            own.append(list(random.choice(own)))
        if with_total and len(sites) > 1:
            own.append(["Total", code, day.isoformat(), str(sum(sites))])
        rows += own
    random.shuffle(rows)
    header = ["site", "adm3_pcode", "reference_date", "idps_stock_persons"]
    stated = ['rows = "parts"'] if said else []
    return Kind.DISPLACEMENT, "canonical_displacement", truth, [_Table("camps", header, rows, stated)]


def _sexes(random: Random, said: bool, point_of: PointOf) -> _Drawn:
    """Men and women, or town and village, with or without the line of both."""
    truth: Truth = Counter()
    one, other, both = random.choice((("Male", "Female", "Both sexes"), ("Urban", "Rural", "Total"), ("M", "F", "Sum")))
    with_both, day, rows = random.random() < 0.6, _day(random), []
    for code in _townships(random, 12):
        first, second = random.randrange(1000, 90_000), random.randrange(1000, 90_000)
        truth[code, _month(day)] = first + second
        rows += [[code, day.isoformat(), one, str(first)], [code, day.isoformat(), other, str(second)]]
        if with_both:
            rows.append([code, day.isoformat(), both, str(first + second)])
    random.shuffle(rows)
    header = ["adm3_pcode", "reference_date", "group", "population_persons"]
    stated = ['rows = "parts"'] if said else []
    return Kind.POPULATION, "canonical_population", truth, [_Table("population", header, rows, stated)]


def _months(random: Random, said: bool, point_of: PointOf) -> _Drawn:
    """New displacement month by month, in one file or a file a month."""
    truth: Truth = Counter()
    parts: list[list[list[str]]] = [[] for _ in range(4)]
    for code in _townships(random):
        figures = random.sample(range(1, 5000), 4)
        if not said and figures == sorted(figures):
            figures.reverse()  # figures that rise could as well be running totals, and nobody could tell
        for at, people in enumerate(figures):
            parts[at].append([code, f"2023-0{at + 5}-28", str(people)])
            truth[code, f"2023-0{at + 5}"] = sum(figures[: at + 1])
    header = ["adm3_pcode", "reference_date", "idps_new_persons"]
    stated = ['source = "Monthly list"', *(['new_is = "period"'] if said else [])]
    if said and random.random() < 0.5:
        tables = [_Table(f"new-{at}", header, rows, stated) for at, rows in enumerate(parts)]
    else:
        tables = [_Table("new", header, [row for rows in parts for row in rows], stated)]
    return Kind.DISPLACEMENT, "canonical_displacement", truth, tables


_INCIDENT = ["event_id", "event_date", "event_type", "adm3_pcode", "updated_at"]


def _versions(random: Random, said: bool, point_of: PointOf) -> _Drawn:
    """Incidents, some corrected later with the time of their correction, in one file or in a second one."""
    truth: Truth = Counter()
    first, later = [], []
    for number in range(random.randint(1, 30)):
        code, day = random.choice(_townships(random)), _day(random)
        row = [f"e{number}", _written(day, random), "clash", code, "2024-01-01T08:00:00Z"]
        first.append(row)
        if random.random() < 0.3:
            code = random.choice(_townships(random)) if random.random() < 0.5 else code
            day = day if random.random() < 0.7 else _day(random)
            later.append([f"e{number}", _written(day, random), "clash", code, "2024-02-01T08:00:00Z"])
        truth[code, _month(day)] += 1
    random.shuffle(first)
    stated = ['source = "Our monitors"']
    tables = [_Table("a", _INCIDENT, first, stated), _Table("b", _INCIDENT, later, stated)]
    if not later or random.random() < 0.5:
        tables = [_Table("a", _INCIDENT, [*first, *later], stated)]
    return Kind.CLASHES, "canonical_clashes", truth, tables


def _numbers(random: Random, said: bool, point_of: PointOf) -> _Drawn:
    """Sheets of incidents whose numbers begin again at 1."""
    truth: Truth = Counter()
    tables = []
    stated = ['source = "Our monitors"', *(['id_scope = "file"'] if said else [])]
    for month in range(5, 5 + random.randint(2, 4)):
        rows = []
        for number in range(1, random.randint(2, 30)):
            code = random.choice(_townships(random))
            day = date(2023, month, random.randint(1, 28))
            rows.append([str(number), day.isoformat(), "clash", code])
            truth[code, _month(day)] += 1
        tables.append(_Table(f"month-{month}", _INCIDENT[:4], rows, stated))
    return Kind.CLASHES, "canonical_clashes", truth, tables


def _sheets(random: Random, said: bool, point_of: PointOf) -> _Drawn:
    """One workbook with a sheet a month; each table here is written as a sheet of it (see `_workbook`)."""
    truth: Truth = Counter()
    rows = []
    for number in range(random.randint(2, 40)):
        code, day = random.choice(_townships(random)), _day(random)
        rows.append([f"e{number}", day.isoformat(), "clash", code])
        truth[code, _month(day)] += 1
    stated = ['source = "Our monitors"', *(['sheets = "all"'] if said else [])]
    return Kind.CLASHES, "canonical_clashes", truth, [_Table("year", _INCIDENT[:4], rows, stated)]


_UCDP = ["id", "code_status", "type_of_violence", "where_prec", "where_coordinates", "adm_1", "latitude", "longitude",
         "date_prec", "date_start", "date_end", "best", "country_id", "year", "adm_2"]  # fmt: skip


def _candidates(random: Random, said: bool, point_of: PointOf) -> _Drawn:
    """Candidate events of a year and its yearly release, which lacks some and moves others; any order, any name."""
    truth: Truth = Counter()
    places = dict(reference().select("adm3_pcode", "adm1_name").iter_rows())
    candidates, vetted = [], []

    def row(number: int, code: str, day: date, status: str) -> list[str]:
        longitude, latitude = map(str, point_of(code))
        return [
            f"{500000 + number}.0", status, "1", "1", "a village", places[code], latitude,
            longitude, "1", f"{day} 00:00:00.000", f"{day} 00:00:00.000", "1", "775", str(day.year), "",
        ]  # fmt: skip

    for number in range(random.randint(12, 40)):
        # The release reaches from January to December, as a yearly release does.
        day = date(2023, number % 12 + 1, random.randint(1, 28))
        code = random.choice(_townships(random))
        confirmed = number < 12 or random.random() < 0.6
        if random.random() < 0.8:
            candidates.append(
                row(number, code, day, random.choice(("Clear", "Check deaths", "Check type of violence")))
            )
        if confirmed:
            moved = random.choice(_townships(random)) if random.random() < 0.2 else code
            vetted.append(row(number, moved, day, "Clear"))
            truth[moved, _month(day)] += 1
    if all(row[1] == "Clear" for row in candidates):
        candidates.append(row(99, random.choice(_townships(random)), date(2023, 6, 6), "Check deaths"))
    names = random.choice((("a", "b"), ("z", "b"), ("monthly_2023", "final_2023"), ("1_candidate", "2_yearly")))
    tables = [_Table(names[0], _UCDP, candidates, []), _Table(names[1], _UCDP, vetted, [])]
    random.shuffle(tables)
    return Kind.CLASHES, "ucdp_ged", truth, tables


_SORTS: dict[str, Callable[[Random, bool, PointOf], _Drawn]] = {
    "sites": _sites, "sexes": _sexes, "months": _months, "versions": _versions, "numbers": _numbers, "sheets": _sheets,
    "candidates": _candidates,
}  # fmt: skip


def _text(path: Path, table: _Table, shape: str) -> None:
    delimiter = {"semicolon": ";", "sep": ";", "tab": "\t"}.get(shape, ",")
    out = io.StringIO()
    if shape == "sep":
        out.write(f"sep={delimiter}\r\n")
    if shape == "titles":
        out.write("Monthly overview\r\n\r\nas reported, figures not final\r\n")
    csv.writer(out, delimiter=delimiter).writerows([table.header, *table.rows])
    path.write_text(out.getvalue(), encoding="utf-8-sig" if shape == "sep" else "utf-8")


def _workbook(path: Path, table: _Table, shape: str) -> None:
    """One sheet; or a sheet for every year of the events where the file is a year book of sheets."""
    import xlsxwriter

    pages = {"data": table.rows}
    if table.name == "year":
        pages = {}
        for row in table.rows:
            pages.setdefault(row[1][:4], []).append(row)
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in pages.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate([table.header, *rows]):
                sheet.write_row(at, 0, [int(cell) if at and cell.isdecimal() else cell for cell in row])
