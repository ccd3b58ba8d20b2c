"""The sections of a township's page: every figure under every method, and who says how it is worded."""

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from pipeline.declare.codes import UNREACHED, Controller, ControlState, IndexName
from pipeline.declare.indices import BY_CUT
from reports.site.blocks import chip, class_chip, element, figure
from reports.site.township_records import (
    deaths,
    displacement_change,
    displacement_class,
    evidence,
    population_share,
    possible,
    services_class,
    step,
)
from reports.site.township_rows import (
    Shown,
    bounds,
    displaced,
    earlier_class,
    exact,
    grade,
    items,
    kept,
    likely,
    lost,
    month_change,
    moved_by,
    rank,
    rates,
    score,
    spot,
    window,
)
from reports.text.catalogue import Both, day_both, label_both, say
from reports.text.wording import NOT_KNOWN, number, yes_no

Row = Mapping[str, Any]
Line = tuple[str, Callable[[Row], Shown], bool]  # words of the catalogue, the figure, whether a column of numbers


def _of(column: str, wording: Callable[[Any], str]) -> Callable[[Row], Shown]:
    return lambda row: figure(wording(row[column]))


def _class(index: str) -> Callable[[Row], Shown]:
    return lambda row: class_chip(row, index)


def _in_conflict(row: Row) -> Shown:
    """Yes or no; where no clash is known and nothing reports quiet it is neither."""
    return chip(row["security_shown"]) if row["security_shown"] in UNREACHED else figure(yes_no(row["in_conflict"]))


def _chip(column: str) -> Callable[[Row], Shown]:
    return lambda row: chip(row[column])


def _reached(wording: Callable[[Row], Shown]) -> Callable[[Row], Shown]:
    """The figure where a count of clashes says something; elsewhere none stands beside the refusal of a class."""
    return lambda row: figure(NOT_KNOWN) if row["security_shown"] in UNREACHED else wording(row)


def heavy(row: Row) -> Shown:
    """Class high by clashes, which the published figures call control lost; no fighting is not held by anyone."""
    state = row["control_by_security"]
    if state in (None, ControlState.UNKNOWN) or row["security_shown"] in UNREACHED:
        return figure(NOT_KNOWN)
    return say("yes") if state == ControlState.LOST else say("no")


def _score(index: IndexName) -> Line:
    return ("Score, 0 to 100", lambda row: score(row[f"{index}_score"]), True)


def _earlier(index: IndexName) -> Line:
    return ("Class one month before; 12 months before", earlier_class(index), False)


def _scenarios(index: IndexName) -> tuple[Line, Line]:
    return (("The class in other scenarios", kept(index), False),
            ("Single choices that give another class", moved_by(index), False))  # fmt: skip


# Lines about what would change a class: none stands where there is no class.
_TESTED = ("The class in other scenarios", "Single choices that give another class", "Score, 0 to 100")


def surveys(row: Row) -> Shown:
    """How many surveys the services could rest on; none in words, since the services are then unknown and not zero."""
    return _records(row["services_records_count"])


def control_records(row: Row) -> Shown:
    """How many control records the controller could rest on; the newest may leave it open who that is."""
    count = row["control_records_count"]
    if count and row["control_class"] == Controller.UNKNOWN:
        return say("{n}; the newest names no controller", n=number(count))
    return _records(count)


def _records(count: int | None) -> Shown:
    return chip(None) if count is None else say("none in force") if count == 0 else number(count)


FIGURE = "What the class is made from"
# Anchor, heading, tables with the numbers, lines
SECTIONS: tuple[tuple[str, str, tuple[str, ...], tuple[Line, ...]], ...] = (
    ("security", "Conflict and Security Index",
     ("township_index", "township_changes", "township_rates", "hot_spots", "robustness", "explanations"), (
        ("Window", window, False),
        ("In conflict", _in_conflict, False),
        ("Class", _class("security"), False),
        _score(IndexName.SECURITY),
        ("Chance that a second record would also say high", lambda row: likely(row["security_high_probability"]), True),
        *_scenarios(IndexName.SECURITY),
        ("Clashes in the window, certain", _of("clashes_count", number), True),
        ("Clashes that may have happened here besides", possible, True),
        ("Step of intensity, 0 to 4", step, False),
        ("Deaths in these events, best estimate (lowest to highest)", deaths, True),
        ("Rank by clashes, 1 the most, with 95 % interval", _reached(rank), True),
        ("Clashes per 1,000 km²", _reached(rates("clashes_per_1000_km2")), True),
        ("Clashes per 100,000 people", _reached(rates("clashes_per_100000_persons")), True),
        ("Hot or cold spot", _reached(spot), False),
        ("Clashes of the month, beside the month before", month_change, False),
        _earlier(IndexName.SECURITY),
    )),
    ("humanitarian", "Humanitarian Crisis Index", ("township_index", "township_rates", "robustness", "explanations"), (
        ("Class", _class("humanitarian"), False),
        _score(IndexName.HUMANITARIAN),
        *_scenarios(IndexName.HUMANITARIAN),
        ("Displaced people", displaced, True),
        ("Displaced people: which", lambda row: _basis(row["idps_basis"]), False),
        ("Displaced people: day of the report", lambda row: day_of(row["idps_reference_date"]), False),
        ("Displaced people as a share of the population", population_share, True),
        ("Class by number and share, in and out of conflict", displacement_class, False),
        ("The figure, beside the month before", displacement_change, False),
        _earlier(IndexName.HUMANITARIAN),
    )),
    ("services", "Public Service Provision Index", ("township_index", "robustness", "explanations"), (
        ("Class, if unknown items are best to worst", bounds, False),
        ("Class", services_class, False),
        ("Services lost, if unknown items are best to worst", lost, True),
        ("Service items known", items, True),
        _score(IndexName.SERVICES),
        *_scenarios(IndexName.SERVICES),
        _earlier(IndexName.SERVICES),
    )),
    *((str(spec.name), spec.title, ("township_index", "robustness", "explanations"), (
        ("Class", _class(spec.name), False),
        (FIGURE, _of(spec.quantity, number), True),
        _score(spec.name),
        *_scenarios(spec.name),
        _earlier(spec.name),
    )) for spec in BY_CUT),
    ("control", "Control, on three bases", ("township_control", "township_index", "territorial_control"), (
        ("By observed control records", _chip("control_by_observation"), False),
        ("By administration (police and GAD both closed)", _chip("control_by_administration"), False),
        ("Heavy fighting in the window (ISP's measure of control lost)", heavy, False),
    )),
    ("evidence", "Evidence", ("township_index", "township_month_events", "deliveries"), (
        ("Evidence on clashes, A strong to D weak", evidence("security"), False),
        ("Evidence on displacement, A strong to D weak", evidence("humanitarian"), False),
        ("Evidence on services, A strong to D weak", evidence("services"), False),
        ("Evidence on control, A strong to D weak", evidence("control"), False),
        ("All evidence, A strong to D weak", grade, False),
        ("Age of the newest record, days", _of("data_age_days", number), True),
        ("Clashes located exactly", exact, True),
        ("Service surveys in force", surveys, True),
        ("Control records in force", control_records, True),
    )),
)  # fmt: skip


def day_of(value: Any) -> Shown:
    return day_both(value) if value else chip(None)


def _basis(code: str | None) -> Shown:
    return chip(None) if code is None else label_both(code)


def sections(rows: Mapping[str, Row]) -> list[dict[str, Any]]:
    """The sections with a cell for every method, in the order of the rows."""
    return [
        {
            "key": key,
            "heading": say(heading),
            "files": files,
            "lines": [
                _line(say(words), [wording(row) for row in rows.values()], numeric)
                for words, wording, numeric in lines
                if words not in _TESTED or any(row[f"{key}_kept_share"] is not None for row in rows.values())
            ],
        }
        for key, heading, files, lines in SECTIONS
    ]


def _line(words: Both, cells: list[Shown], numeric: bool) -> Markup:
    """A row of the table; where all methods say the same it is said once, across their columns."""
    look = "n" if numeric else ""
    if len(cells) > 1 and all(cell == cells[0] for cell in cells):
        return element("th", words) + element("td", cells[0], look, f'colspan="{len(cells)}"')
    return element("th", words) + Markup().join(element("td", cell, look) for cell in cells)
