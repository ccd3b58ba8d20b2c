"""The brief's sections on displacement, services, control, and what is known: the state at the end of the period.
Which words stand for a class, and why, is told in words.py.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.declare.codes import IndexName, NoClass
from pipeline.neutral_brief.request import Cuts, Material
from reports.draw.symbology import severity
from reports.neutral_brief.data import Number, Part
from reports.neutral_brief.words import count, on_day, words
from reports.site.blocks import Board, Cell, Column, Grid, Place
from reports.text.catalogue import Both
from reports.text.values import NO_DATA, WITHHELD, Value

Row = Mapping[str, Any]
_COUNTED = ("c0", "c1", "c2")
_TOWNSHIP = Column(words("c_township"), wide=1.8)


def rows(material: Material) -> dict[str, Row]:
    """The row of each township in the release, by P-code; a township without one has none."""
    return {row["adm3_pcode"]: row for row in material.state.to_dicts()}


# Why a township has no class -> its code: no clash in the records is four different things.
CLASHLESS = {
    NoClass.REPORTED_QUIET.value: "c0",
    NoClass.HOSTING_DISPLACED.value: "cd",
    NoClass.INSUFFICIENT_EVIDENCE.value: "ce",
    NoClass.SILENT.value: "cs",
    NoClass.NO_DATA.value: "cx",
}


def clash_code(row: Row | None) -> str:
    """The code of what is shown of the clashes: by the class, or why there is none."""
    shown = row["security_shown"] if row else None
    return CLASHLESS.get(shown or NoClass.NO_DATA.value) or f"c{severity(IndexName.SECURITY, shown)}"


def _code(letter: str, index: IndexName, row: Row | None) -> str:
    """The letter with how heavy the class is, from 0 (not in conflict) on, or x where that is not known."""
    heavy = severity(index, row[f"{index}_class"]) if row else None
    return f"{letter}{'x' if heavy is None else heavy}"


def clash_meaning(code: str, cuts: Cuts) -> Both:
    """What a C code stands for, with the cut of this source."""
    if code == "c2":
        return words("clash_c2", number=cuts.clashes)
    if code == "c1":
        return words("clash_c1_one") if cuts.clashes <= 2 else words("clash_c1", number=cuts.clashes - 1)
    return words(f"clash_{code}")


def _reporting(key: str, known: Sequence[bool]) -> Both:
    return words(key, number_known=sum(known), number_all=len(known))


def displaced(material: Material, places: Sequence[Place]) -> Part:
    found = rows(material)
    table, figures, reported = [], [], []
    sums: dict[str, list[int]] = {}
    for place in places:
        row = found.get(place.pcode) or {}
        value, small = row.get("idps_persons"), bool(row.get("idps_suppressed"))
        day = row.get("idps_reference_date")
        basis = row.get("idps_basis") if value is not None or small else None
        reported.append(value is not None or small)
        if small:
            cell, state = Value(words("fewer_than_10"), WITHHELD), "fewer_than_10"
        elif value is None:
            cell, state = Value(words("not_reported"), NO_DATA), "not_reported"
        else:
            cell, state = count(value), ""
            sums.setdefault(str(basis), []).append(value)
        table.append((place, cell, _basis(basis), on_day(day if reported[-1] else None)))
        figures.append(Number("displacement", place.pcode, f"idps_{basis or 'unknown'}_persons",
                              None, day if reported[-1] else None, value, "persons", state))  # fmt: skip
    grids = [
        Grid(
            words("cap_displaced", date=material.state_day),
            (
                _TOWNSHIP, Column(words("c_people"), True, 1.2), Column(words("c_basis"), wide=1.8),
                Column(words("c_report_day"), wide=1.2),
            ),
            tuple(table),
        )
    ]  # fmt: skip
    if sums:
        grids.append(
            Grid(
                words("cap_displaced_sum"),
                (
                    Column(words("c_basis"), wide=2), Column(words("c_people"), True, 1),
                    Column(words("c_reporting"), True, 1),
                ),
                tuple(
                    (
                        _basis(basis), count(sum(sums[basis])),
                        Value(words("value_of", number_known=len(sums[basis]), number_all=len(places))),
                    )
                    for basis in sorted(sums)
                ),
            )
        )  # fmt: skip
        figures += [
            Number("displacement", "", f"idps_{basis}_persons", None, material.state_day, sum(own), "persons",
                   f"sum_of_{len(own)}_of_{len(places)}")
            for basis, own in sorted(sums.items())
        ]  # fmt: skip
    sentences = (_reporting("displaced_reporting", reported), words("displaced_rule"))
    return Part(Board(sentences, tuple(grids), key="displacement", heading=words("h_displaced")), tuple(figures))


def _basis(code: str | None) -> Value:
    return Value(words(f"basis_{code}")) if code else Value(words("not_reported"), NO_DATA)


def services(material: Material, places: Sequence[Place]) -> Part:
    found = rows(material)
    table, figures, known = [], [], []
    for place in places:
        row = found.get(place.pcode) or {}
        items = row.get("services_known_count") or 0
        low, high = row.get("services_lost_min", 0.0), row.get("services_lost_max", 1.0)
        score = row.get("services_lost_score")
        code = _code("p", IndexName.SERVICES, row)
        known.append(items > 0)
        bounds = Value(words("value_bounds", share_low=low, share_high=high)) if items else Value(
            words("not_known"), NO_DATA
        )  # fmt: skip
        table.append(
            (place, count(items), count(5 - items), _share(score), bounds, Value(words(f"code_{code}"), "code"))
        )
        day = material.state_day
        figures += [
            Number("services", place.pcode, "services_known_count", None, day, items, "of 5 items"),
            Number("services", place.pcode, "services_not_available_share", None, day, score, "share",
                   "" if score is not None else "not_known"),
        ]  # fmt: skip
        if items:
            figures += [
                Number("services", place.pcode, "services_not_available_share_min", None, day, low, "share"),
                Number("services", place.pcode, "services_not_available_share_max", None, day, high, "share"),
            ]
    grid = Grid(
        words("cap_services", date=material.state_day),
        (
            _TOWNSHIP, Column(words("c_items"), True, 0.9), Column(words("c_items_unknown"), True, 0.9),
            Column(words("c_not_available"), True, 1.2), Column(words("c_bounds"), True, 1.1),
            Column(words("c_services_code"), wide=0.8),
        ),
        tuple(table),
    )  # fmt: skip
    sentences = (_reporting("services_reporting", known), words("services_rule"), words("access_none"))
    return Part(Board(sentences, (grid,), key="services", heading=words("h_services")), tuple(figures))


def _share(value: float | None) -> Value:
    return Value(words("not_known"), NO_DATA) if value is None else Value(words("value_share", share=value))


def control(material: Material, places: Sequence[Place]) -> Part:
    """Three bases in three columns; no column is derived from another and none is called control as such."""
    found = rows(material)
    bases = (
        ("by_clashes", "control_by_security"), ("by_offices", "control_by_administration"),
        ("by_records", "control_by_observation"),
    )  # fmt: skip
    table: list[tuple[Cell, ...]] = []
    for place in places:
        row = found.get(place.pcode)
        states = [(basis, row[column] if row else "unknown") for basis, column in bases]
        if clash_code(row) not in _COUNTED:  # without a record nothing is below the cut
            states[0] = (bases[0][0], "unknown")
        table.append(
            (
                place,
                *(Value(words(f"{basis}_{state}"), NO_DATA if state == "unknown" else "") for basis, state in states),
            )
        )
    grid = Grid(
        words("cap_control", date=material.state_day),
        (_TOWNSHIP, *(Column(words(f"c_{basis}"), wide=1.5) for basis, _ in bases)),
        tuple(table),
    )
    recorded = [_recorded(found.get(place.pcode)) for place in places]
    sentences = (_reporting("control_reporting", recorded), words("control_rule"))
    figure = Number("control", "", "control_recorded_townships_count", None, material.state_day, sum(recorded),
                    "townships")  # fmt: skip
    return Part(Board(sentences, (grid,), key="control", heading=words("h_control")), (figure,))


def _recorded(row: Row | None) -> bool:
    return bool(row) and row["control_by_observation"] != "unknown"  # type: ignore[index]


def known(material: Material, places: Sequence[Place]) -> Part:
    found = rows(material)
    table, figures = [], []
    for place in places:
        row = found.get(place.pcode) or {}
        age, points, items = row.get("data_age_days"), row.get("evidence_points_count"), row.get("services_known_count")
        grade = row.get("evidence_grade")
        day = row.get("idps_reference_date")
        table.append((
            place,
            _or(row.get("clashes_count") is not None, words("counted"), "not_known"),
            _or(day is not None, words("reported_on", date=day) if day else words("not_reported"), "not_reported"),
            _or(bool(items), words("items_known", number=items or 0), "not_known"),
            _or(_recorded(row), words("recorded"), "not_known"),
            _or(grade is not None, words("value_grade", grade=grade or "D", number=points or 0), "not_known"),
            count(age),
        ))  # fmt: skip
        figures += [
            Number("known", place.pcode, "evidence_points_count", None, material.state_day, points, "of 6 points",
                   f"grade_{grade}" if grade else "not_known"),
            Number("known", place.pcode, "data_age_days", None, material.state_day, age, "days",
                   "" if age is not None else "not_known"),
        ]  # fmt: skip
    grid = Grid(
        words("cap_known", date=material.state_day),
        (
            _TOWNSHIP, Column(words("c_clash"), wide=0.9), Column(words("c_displacement"), wide=1.3),
            Column(words("c_services"), wide=1.2), Column(words("c_control"), wide=1),
            Column(words("c_evidence"), wide=0.9),
            Column(words("c_age"), True, 0.9),
        ),
        tuple(table),
    )  # fmt: skip
    sentences = (words("about_unknown"), words("known_rule"))
    return Part(Board(sentences, (grid,), key="known", heading=words("h_known")), tuple(figures))


def _or(holds: bool, said: Both, missing: str) -> Value:
    return Value(said) if holds else Value(words(missing), NO_DATA)
