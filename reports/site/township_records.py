"""What the records say of a township, certain and possible: deaths, displacement, services, signs, control, evidence.

Each takes a row of township.py or the rows of a table that has several for a township.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.declare.codes import UNREACHED, Controller, ServicesCertainty
from pipeline.declare.methods import Method
from reports.release import Release, published
from reports.site.blocks import chip, figure
from reports.site.township_rows import Shown, spans
from reports.text.catalogue import Both, day_both, label_both, say
from reports.text.values import number_both, persons_both, share_both
from reports.text.wording import NOT_KNOWN, visible

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]


def possible(row: Row) -> Shown:
    """How many more clashes may lie here: of a road, a district or a place of several townships."""
    count = row["clashes_possible_count"]
    return chip(None) if count is None else say("up to {n} more", n=number_both(count))


def deaths(row: Row) -> Shown:
    """The best estimate with the lowest and the highest of the source."""
    best, low, high = (row[f"fatalities{end}_persons"] for end in ("", "_low", "_high"))
    if best is None:
        return chip(None)
    if low is None or high is None:
        return number_both(best)
    return say("{value} ({low} to {high})", value=number_both(best), low=number_both(low), high=number_both(high))


def step(row: Row) -> Shown:
    """The step of intensity by the clashes that it stands for; `step_breaks` of the row are those of its method."""
    at, breaks = row["security_step"], row.get("step_breaks") or ()
    if at is None or not breaks or row["security_shown"] in UNREACHED:
        return figure(NOT_KNOWN)
    if at == 0:
        return say("{step}: no clash", step=at)
    low = [1, *breaks][at - 1]
    if at == len(breaks) + 1:
        return say("{step}: {low} clashes or more", step=at, low=low)
    high = breaks[at - 1] - 1
    return say("{step}: {low} to {high} clashes", step=at, low=low, high=high) if high > low else say(
        "{step}: {low} clashes", step=at, low=low
    )  # fmt: skip


def step_breaks(release: Release, method: str, clash_source: str | None) -> tuple[int, ...]:
    """From so many clashes on a step begins; none for a method that the run did not compute."""
    spec: Method | None = release.spec(method)
    if spec is None:
        return ()
    return tuple(int(choice.value) for choice in spec.thresholds(clash_source or "default").security_steps)


# Word of a class by number and share -> what it means; "none" is another word among hot spots.
_DISPLACED = {
    "high": "high, by number or by share of the people",
    "low": "low: some people",
    "none": "none: a report counts none",
    "insufficient_data": "not known: no report in force",
}
_CHANGED = {
    "rise": "more than the month before",
    "fall": "fewer than the month before",
    "unchanged": "unchanged: the same figure as the month before",
    "first_figure": "the first figure",
    "other_basis": "another basis than the month before: no comparison",
    "lapsed": "no figure any more: the report is too old",
    "no_figure": "no figure",
    "no_comparison": "no comparison",
}


def displacement_class(row: Row) -> Shown:
    return _worded(_DISPLACED, row["displacement_class"])


def displacement_change(row: Row) -> Shown:
    return _worded(_CHANGED, row["displacement_change"])


def _worded(words: Mapping[str, str], code: str | None) -> Shown:
    return chip(None) if code is None else say(words[code])


def population_share(row: Row) -> Shown:
    return figure(NOT_KNOWN) if row["idps_population_share"] is None else share_both(row["idps_population_share"])


def services_class(row: Row) -> Shown:
    """The class that holds whatever is unknown leads; one by the mean of the known items is marked likely."""
    shown = chip(row["services_shown"])
    if row["services_certainty"] is None:
        return shown
    certain = row["services_certainty"] == ServicesCertainty.CERTAIN
    return shown + " " + (say("certain, whatever is unknown") if certain else say("likely, by the known items"))


def evidence(what: str) -> Callable[[Row], Shown]:
    """The grade of what is said of one subject."""

    def words(row: Row) -> Shown:
        return chip(None) if row[f"evidence_{what}"] is None else str(row[f"evidence_{what}"])

    return words


def controlled(row: Row) -> list[Both]:
    """Who controls the township as observed, with the day and source of the record; towns by count alone."""
    if row["control_date"] is None:
        said = [say("Who controls the township: no record in force, so it is not known.")]
    else:
        said = [say("As observed on {day}: {who}, by {source}.", day=day_both(row["control_date"]),
                    who=label_both(row["controller"]), source=visible(row["control_source"] or ""))]  # fmt: skip
        parts = [(label_both(code), row[f"{code}_share"]) for code in Controller]
        known = [say("{name} {share}", name=name, share=share_both(value)) for name, value in parts if value]
        if known:
            said.append(say("Shares of its area: {shares}.", shares=spans(known)))
    if row["conflicting_records_count"]:
        said.append(say("Records of that day contradict each other: {n}.", n=row["conflicting_records_count"]))
    if row["towns_recorded_count"]:
        said.append(say("Of its towns with a recorded change of hands {n} of {total} are in other hands than the "
                        "state's.", n=row["towns_lost_count"], total=row["towns_recorded_count"]))  # fmt: skip
    return said


def grouped(tables: Frames, name: str) -> dict[str, list[Row]]:
    """P-code -> its rows of a table that has several for a township, up to the end of the period."""
    found: dict[str, list[Row]] = {}
    for row in published(tables, name).filter(~pl.col("after_period").fill_null(False)).to_dicts():
        found.setdefault(row["adm3_pcode"], []).append(row)
    return found


def series(rows: Sequence[Row]) -> list[tuple[Both, Both, Both]]:
    """Day, stock and new displacement of each day reported, newest first: two series that are never added."""
    return [
        (day_both(row["reference_date"]), _people(row, "stock"), _people(row, "new")) for row in reversed(rows)
    ]  # fmt: skip


def _people(row: Row, kind: str) -> Both:
    return persons_both(row[f"idps_{kind}_persons"], row[f"idps_{kind}_suppressed"])


ITEMS = {
    "police_station": "police station", "gad_office": "administration office (GAD)", "electricity": "electricity",
    "water_supply": "water supply", "salaries": "salaries", "communications": "communications",
}  # fmt: skip
_SIGN_BASES = {
    "statement": "stated", "lights_by_year": "light at night, by year", "lights_by_month": "light at night, by month",
}  # fmt: skip
_DIRECTIONS = {"loss": "loss", "none": "no loss"}
_STRENGTHS = {"strong": "strong", "moderate": "moderate", "weak": "weak"}


def signs(rows: Sequence[Row]) -> list[tuple[Both, Both, Both, str]]:
    """Item, what the sign says and how strongly, its days, its source: the newest of each item, basis and source."""
    newest: dict[tuple[str, ...], Row] = {}
    for row in sorted(rows, key=lambda one: one["from_date"]):
        newest[row["service_item"], row["sign_basis"], row["source"]] = row
    found = []
    for row in newest.values():
        said = say("{direction}, {strength} ({basis})", direction=say(_DIRECTIONS[row["sign_direction"]]),
                   strength=say(_STRENGTHS[row["sign_strength"]]),
                   basis=say(_SIGN_BASES[row["sign_basis"]]))  # fmt: skip
        days = (say("since {day}", day=day_both(row["from_date"])) if row["until_date"] is None else
                say("{low} to {high}", low=day_both(row["from_date"]), high=day_both(row["until_date"])))  # fmt: skip
        found.append((say(ITEMS[row["service_item"]]), said, days, row["source"]))
    return found
