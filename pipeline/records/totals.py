"""Which row of a township is the total of the others: "Total" beside "Urban" and "Rural", a township above its camps.

A total counted beside its parts doubles the people. A row that says it is a total and is their sum is one; what says
so and is not, or is one and does not say so, is for the sender to tell. Plain Python: groups are a few rows each.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

# A cell that says "total" or "all", in English or Burmese; longer texts are remarks.
_LONGEST = 40
_WORDS = re.compile(
    r"(?i)^(grand|sub)?[ _-]?totals?\b|\btotals?$|^(over)?all$|^sum$|^combined$|^both$"
    r"|^(all|both) (sexes|genders|ages|age groups|areas|sites|camps|locations|residences?|types|groups|categories|"
    r"households|people|persons|populations?)$"
    r"|^(m|male|males|men) ?(\+|/|and|&) ?(f|female|females|women)$|^urban ?(\+|/|and|&) ?rural$"
    r"|^စုစုပေါင်း|စုစုပေါင်း$|^အားလုံး$|^ပေါင်း$|^နှစ်မျိုးလုံး$"
)
_NUMBER = re.compile(r"^[-+]?[\d,.\s]+%?$")
_OWN_ROWS = "take it out of the file, or write total into a column of its row that names the parts"


@dataclass(frozen=True)
class Line:
    """A row of a township: its figures, the cells that name it, and when it was revised."""

    number: int
    figures: tuple[int | None, ...]
    cells: tuple[tuple[str, str], ...]
    updated: datetime | None

    @classmethod
    def of(
        cls,
        number: int,
        figures: Iterable[int | None],
        places: dict[str, str | None],
        extra: str | None,
        updated: datetime | None,
    ) -> "Line":
        others = {f"extra {name}": str(text) for name, text in json.loads(extra or "{}").items()}
        cells = {name: text for name, text in places.items() if text} | others
        named = [(name, " ".join(text.split())) for name, text in cells.items() if not name.startswith("extra ")]
        named += [
            (name, " ".join(text.split()))
            for name, text in others.items()
            if text.strip() and not _NUMBER.match(text.strip())
        ]
        return cls(number, tuple(figures), tuple(named), updated)


@dataclass(frozen=True)
class Trouble:
    """Rows that cannot be told to be parts or totals, what is wrong with them and what to do."""

    rows: tuple[int, ...]
    said: str
    remedy: str


def total_rows(groups: list[list[Line]]) -> tuple[list[int], Trouble | None]:
    """The numbers of the rows that are totals, among groups of rows of one township and day; or what is in doubt."""
    totals: list[int] = []
    unmarked: list[tuple[int, ...]] = []
    eligible = 0
    for lines in groups:
        trouble = _versions(lines)
        if trouble:
            return [], trouble
        found, trouble = _labelled(lines)
        if trouble:
            return [], trouble
        totals += found
        rest = [line for line in lines if line.number not in found]
        nameless = _nameless(rest)
        if nameless:
            return [], nameless
        if len(rest) > 2 and _positive(rest) > 2:
            eligible += 1
            hidden = next((line for line in rest if _is_sum(line, [o for o in rest if o is not line])), None)
            if hidden:
                unmarked.append((hidden.number, *(o.number for o in rest if o is not hidden)))
    # One township's camps may add up to another by chance; townships in general do not.
    if unmarked and 2 * len(unmarked) > eligible:
        rows = unmarked[0]
        return [], Trouble(
            rows,
            f"row {rows[0]} equals the sum of the others, as a row does in {len(unmarked)} of {eligible} townships "
            "with three rows or more: it looks like their total and would count twice",
            f"if it is, {_OWN_ROWS}",
        )
    return totals, None


def _versions(lines: list[Line]) -> Trouble | None:
    """Rows of one name that were revised at different times: two parts, or one before and after its revision."""
    by_name: dict[tuple[tuple[str, str], ...], Line] = {}
    for line in lines:
        other = by_name.setdefault(line.cells, line)
        if other.updated and line.updated and other.updated != line.updated:
            return Trouble(
                (other.number, line.number),
                f"rows {other.number} and {line.number} bear the same names and differ in updated_at: two parts, or "
                "one before and after it was revised",
                "leave only the newest of them, or give each part its name in a column of the file",
            )
    return None


def _labelled(lines: list[Line]) -> tuple[list[int], Trouble | None]:
    """The rows whose cells say that they are totals and whose figures are the sum of the rows they stand for."""
    named = [dict(line.cells) for line in lines]
    columns = {column for cells in named for column in cells}
    # A word that stands in every row ("all ages") tells none of them apart.
    telling = {c for c in columns if not all(_says_total(cells.get(c)) for cells in named)}
    says = [{c for c, text in cells.items() if c in telling and _says_total(text)} for cells in named]
    marked = [line for line, own in zip(lines, says, strict=True) if own]
    parts = [(line, cells) for line, cells, own in zip(lines, named, says, strict=True) if not own]
    for line, cells, own in zip(lines, named, says, strict=True):
        if not own:
            continue
        alike = {c: text for c, text in cells.items() if c not in own}
        scope = [part for part, theirs in parts if all(theirs.get(c) == text for c, text in alike.items())]
        if not any(_is_sum(line, some, rounded=True) for some in ([part for part, _ in parts], scope) if some):
            word = next(cells[c] for c in sorted(own))
            return [], Trouble(
                (line.number, *(part.number for part, _ in parts)),
                f"row {line.number} says {word!r} and is not the sum of the rows beside it",
                "mend the figures, or leave either the total or its parts",
            )
    return [line.number for line in marked], None


def _nameless(lines: list[Line]) -> Trouble | None:
    """A row without a name beside named ones that equals their sum: the township above its camps."""
    names = [{c for c, _ in line.cells} for line in lines]
    if len(lines) < 2:
        return None
    for line, own in zip(lines, names, strict=True):
        others = [other for other in lines if other is not line]
        by_others = set.intersection(*(n for other, n in zip(lines, names, strict=True) if other is not line))
        if by_others - own and any(line.figures) and _is_sum(line, others):
            return Trouble(
                (line.number, *(other.number for other in others)),
                f"row {line.number} has no name where the others have one and equals their sum: it looks like their "
                "total and would count twice",
                f"if it is, {_OWN_ROWS}; else name it",
            )
    return None


def _says_total(text: str | None) -> bool:
    return text is not None and len(text) <= _LONGEST and bool(_WORDS.search(text))


def _positive(lines: list[Line]) -> int:
    return sum(1 for line in lines if any(line.figures))


def _is_sum(line: Line, others: list[Line], *, rounded: bool = False) -> bool:
    """Whether every stated figure of a row is the sum of the others', to what rounding each of them may leave."""
    slack = (len(others) + 1) // 2 if rounded else 0
    for position, figure in enumerate(line.figures):
        stated = [f for other in others if (f := other.figures[position]) is not None]
        if figure is None:
            continue
        if not stated or abs(figure - sum(stated)) > slack:
            return False
    return rounded or any(line.figures)
