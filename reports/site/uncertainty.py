"""How sure the figures are, in words: class probabilities, the interval of the share lost, bounds of the services.

What the classes depend on, in words: the choices of the method, and the townships that hang on one of them.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.declare.codes import NATIONAL, Basis, IndexName, Measure, SecurityClass
from pipeline.declare.methods import SERVICES_TURNING_STEP
from reports.draw.maps import shared_defs
from reports.draw.shapes import make_shapes
from reports.release import Release, latest, latest_townships, published
from reports.site import control, reliability, scorecard, spatial
from reports.site.blocks import Board, Cell, Grid, places
from reports.site.inputs import Context, Inputs
from reports.site.map import hot_spot_map
from reports.site.render import drawn
from reports.text.catalogue import Both, joined, label_both, same, say
from reports.text.values import (
    choice_both,
    percent_interval_both,
    percent_range_both,
    rate_both,
    settings_both,
    share_both,
)
from reports.text.wording import NOT_KNOWN, UNSETTLED_FROM, UNSETTLED_TO, known, number, unsettled_count

Frames = Mapping[str, pl.DataFrame]
_NO_CLASH = "no clash known"  # quiet and of too weak an evidence together, which maps and lists tell apart
_BANDS = ("below 5 %", "5 to 50 %", "50 to 95 %", "above 95 %", "not known")


def how_sure(tables: Frames, release: Release) -> Board:
    """The section "How sure" of the report page."""
    index = latest(tables, "township_index", release.method)
    national = latest(tables, "national_summary", release.method).row(0, named=True)
    return Board(
        sentences=(
            _probability_words(index),
            *_expected_words(national),
            *_unknown_words(index),
            _services_words(national),
        ),
        grids=(_bands(index), _shares_lost(tables, release)),
        files=("township_index", "territorial_control", "national_summary"),
    )


def _probability_words(index: pl.DataFrame) -> Both:
    chance = index["security_high_probability"].drop_nulls().to_list()
    if not chance:
        return say(
            "No source of clashes covers the townships: how sure a class of the Security Index is, is not known."
        )
    return say(
        "{open} of {all} townships may be of class high or not: the probability lies between 5 and 95 %. It is the "
        "chance that another record of the same months, as selective as this one, would also say high. It says nothing "
        "of the months to come, and nothing of what no record would hold.",
        open=number(unsettled_count(chance)), all=number(len(chance)),
    )  # fmt: skip


def _expected_words(national: Mapping[str, Any]) -> list[Both]:
    expected, low, high = (national[f"security_high_{end}"] for end in ("expected", "low", "high"))
    if expected is None or low is None or high is None:
        return []
    return [
        say("{count} townships are of class high by the records. Another record of the same kind would likely give "
            "{low} to {high}, {expected} in the middle (95 % interval).",
            count=number(national["security_high_count"]), low=number(round(low)), high=number(round(high)),
            expected=number(round(expected))),
        say("The number by the records can lie outside of this interval. A township just at the cut counts in full, "
            "though another record is about as likely to put it below. Other cuts, wrong places and missing reports "
            "are not in the interval."),
    ]  # fmt: skip


def _unknown_words(index: pl.DataFrame) -> list[Both]:
    """What the ends of the intervals do with townships of unknown count: that width is not chance."""
    unknown = index["clashes_count"].null_count()
    if unknown in (0, index.height):
        return []
    return [
        say("For {count} townships the number of clashes is not known. The lower end of these intervals puts them "
            "below the cut, the upper end above it; the middle leaves them out. That part of the width is missing "
            "knowledge, not chance.", count=number(unknown))
    ]  # fmt: skip


def _services_words(national: Mapping[str, Any]) -> Both:
    low, high = national["services_severe_low"], national["services_severe_high"]
    if low is None or high is None:
        return say("How many townships could have a severe loss of services is not known.")
    severe = known(national, "services_severe_count")
    bounds = say("With the best answers to all open questions there would be {low}, with the worst {high}.",
                 low=number(low), high=number(high))  # fmt: skip
    if severe is None:
        return joined(" ", (say("No township has enough answers on services for a class."), bounds))
    certain, likely = (national[f"services_severe_{kind}_count"] for kind in ("certain", "likely"))
    said = say("{certain} townships have a severe loss of services whatever the open answers are; {likely} more are "
               "likely to have one, by the mean of the items known.",
               certain=number(certain), likely=number(likely))  # fmt: skip
    return joined(" ", (said, bounds, *_turning_words(national)))


def _turning_words(national: Mapping[str, Any]) -> list[Both]:
    """How much worse those who do not report would have to be, to change the national figure."""
    needed, times = national["services_severe_turning_share"], national["services_severe_turning_ratio"]
    if needed is None:
        return []
    said = [
        say("The country's share of severe would rise by {points} percentage points if {needed} of the townships "
            "without a class were severe.",
            points=f"{100 * SERVICES_TURNING_STEP.value:.0f}", needed=share_both(needed))
    ]  # fmt: skip
    if times is not None:
        said.append(say("That is {times} times the share among townships with a class.", times=rate_both(times)))
    return said


def _bands(index: pl.DataFrame) -> Grid:
    """Townships by class and band of the probability; a class far from its band is one that chance may have made."""
    chance = pl.col("security_high_probability")
    band = (
        pl.when(chance.is_null()).then(pl.lit(_BANDS[4]))
        .when(chance < UNSETTLED_FROM).then(pl.lit(_BANDS[0]))
        .when(chance < 0.5).then(pl.lit(_BANDS[1]))
        .when(chance <= UNSETTLED_TO).then(pl.lit(_BANDS[2]))
        .otherwise(pl.lit(_BANDS[3]))
    )  # fmt: skip
    counted = index.group_by("security_class", band.alias("band")).len()
    found = {(code, words): count for code, words, count in counted.iter_rows()}
    codes = [code for code in SecurityClass if any((code, words) in found for words in _BANDS)]
    return Grid(
        "Townships by class of the Security Index and the chance that another record of the same kind would say high",
        (("Class by the count", False), *((words, True) for words in _BANDS)),
        tuple(
            (
                say(_NO_CLASH) if code == SecurityClass.NOT_IN_CONFLICT else label_both(code),
                *(number(found.get((code, words), 0)) for words in _BANDS),
            )
            for code in codes
        ),
    )


def _shares_lost(tables: Frames, release: Release) -> Grid:
    rows = latest(tables, "territorial_control", release.method).filter(
        pl.col("scope") == NATIONAL, pl.col("basis") == str(Basis.SECURITY_INDEX)
    )
    found = {row["measure"]: row for row in rows.to_dicts()}
    return Grid(
        "Townships with heavy fighting since 2021 (ISP's measure of control lost): by the records, and by another "
        "record",
        (("Measured in", False), ("By the records", True), ("Another record, with 95 % interval", True)),
        tuple(
            (
                label_both(measure),
                share_both(found.get(measure, {}).get("lost_share")),
                _interval(found.get(measure, {})),
            )
            for measure in Measure
        ),
    )


def _interval(row: Mapping[str, Any]) -> Both:
    ends = ("lost_expected_share", "lost_interval_low", "lost_interval_high")
    return percent_interval_both(*(row.get(name) for name in ends))


_SHOWN = 12  # townships listed for an index


def depends(tables: Frames, release: Release) -> Board:
    """The section "What it depends on": each choice, and what its alternatives move, one at a time."""
    frame = published(tables, "sensitivity").filter(pl.col("method") == release.method)
    if frame.is_empty():
        return Board((say("No scenarios were computed for this release."),))
    classes = latest_townships(tables, release)
    order = pl.Enum([str(index) for index in IndexName])
    frame = frame.sort(pl.col("index_name").cast(order), -pl.col("townships_moved_count"), "choice")
    rows = tuple(
        (
            label_both(row["index_name"]), choice_both(row["choice"]), number(row["alternatives_count"]),
            number(row["townships_moved_count"]), settings_both(row["townships_moved_by"], row["choice"]),
            _range(row["control_share_low"], row["control_share_high"]),
        )
        for row in frame.to_dicts()
        if _has_data(classes, row["index_name"])  # else its choices move no class: the sentence says so
    )  # fmt: skip
    return Board(
        (
            say("A scenario computes the classes with another choice of the method that could also be defended. One "
                "that drops most of the clashes and keeps the cut is not among them."),
            *(_leading_choice(frame, str(index), _has_data(classes, str(index))) for index in IndexName),
        ),
        (
            Grid(
                "One choice changed at a time",
                (
                    ("Index", False), ("Choice", False), ("Alternatives", True), ("Townships moved", True),
                    ("By", False), ("Heavy fighting, % of townships", True),
                ),
                rows,
            ),
        ),
        ("sensitivity", "scenarios"),
    )  # fmt: skip


def _leading_choice(frame: pl.DataFrame, index: str, has_data: bool) -> Both:
    """Which choice moves most townships of an index; the frame is sorted by what the choices move.

    Without records of the index they move only between not in conflict and insufficient data: no class depends on it.
    """
    own = frame.filter(pl.col("index_name") == index)
    if own.is_empty():
        return say("{index}: no scenarios were computed.", index=label_both(index))
    if not has_data:
        return say("{index}: no township has a class; its choices only take townships into the conflict or out of it.",
                   index=label_both(index))  # fmt: skip
    first = own.row(0, named=True)
    scenarios = number(first["scenarios_count"])
    if not first["townships_moved_count"]:
        return say("{index}: no single other choice gives a township another class ({count} scenarios).",
                   index=label_both(index), count=scenarios)  # fmt: skip
    said = say(
        "{index}: most depends on the choice “{choice}”. With “{setting}” {moved} townships are of another class "
        "({count} scenarios).",
        index=label_both(index), choice=choice_both(first["choice"]), moved=number(first["townships_moved_count"]),
        setting=settings_both(first["townships_moved_by"], first["choice"]), count=scenarios,
    )  # fmt: skip
    return joined(" ", (said, *_spread(first)))


def _spread(row: Mapping[str, Any]) -> list[Both]:
    low, high = row["control_share_low"], row["control_share_high"]
    if low is None or high is None:
        return []
    return [say("The share of townships with heavy fighting is then {share} %.", share=_range(low, high))]


def _range(low: float | None, high: float | None) -> Both:
    return say("no share") if low is None or high is None else percent_range_both(low, high)


def hangs(tables: Frames, release: Release) -> Board:
    """The section on the townships whose class is kept in the fewest scenarios, index by index."""
    kept = latest(tables, "robustness", release.method)
    if kept.is_empty():
        return Board((say("No scenarios were computed for this release."),))
    index = latest_townships(tables, release).select(
        "adm3_pcode", "adm3_name", "adm3_name_my", "state_region", *(f"{name}_class" for name in IndexName)
    )
    frame = kept.join(index, on="adm3_pcode", how="inner", validate="1:1")
    rows: list[tuple[Cell, ...]] = []
    for name in IndexName:
        column = f"{name}_kept_share"
        if not _has_data(frame, name):
            continue
        lowest = frame.filter(pl.col(column) < 1).sort(column, "adm3_pcode").head(_SHOWN)
        rows += [
            (
                places([(row["adm3_pcode"], row["adm3_name"], row["adm3_name_my"])], 1), row["state_region"],
                label_both(name), label_both(row[f"{name}_class"]), kept_share(row[column]),
                settings_both(row[f"{name}_changed_by"]),
            )
            for row in lowest.to_dicts()
        ]  # fmt: skip
    header = (
        ("Township", False), ("State or region", False), ("Index", False), ("Class", False),
        ("Keeps it in", True), ("Single changes that give another class", False),
    )  # fmt: skip
    caption = say(
        "The {shown} townships of each index that keep their class in the smallest share of scenarios", shown=_SHOWN
    )
    grids = (Grid(caption, header, tuple(rows)),) if rows else ()
    return Board(tuple(_hanging(frame, str(name)) for name in IndexName), grids, ("robustness",))


def _has_data(frame: pl.DataFrame, name: str) -> bool:
    """Whether any township has a class of its own; else classes change only as the conflict does."""
    none = [str(SecurityClass.INSUFFICIENT_DATA), str(SecurityClass.NOT_IN_CONFLICT)]  # of all three indices
    return not frame[f"{name}_class"].is_in(none).all()


def _hanging(frame: pl.DataFrame, name: str) -> Both:
    if not _has_data(frame, name):
        return say("{index}: no township has a class that could depend on a choice.", index=label_both(name))
    kept = frame[f"{name}_kept_share"]
    return say(
        "{index}: of {all} townships whose class could change, {always} keep it in every scenario and {seldom} in "
        "fewer than half.", index=label_both(name), all=number(kept.count()), always=number(int((kept == 1).sum())),
        seldom=number(int((kept < 0.5).sum())),
    )  # fmt: skip


def kept_share(value: float | None) -> Both:
    """Whole per cent that never reads as all or none where it is not."""
    if value is None:
        return say(NOT_KNOWN)
    if 0 < value < 1:
        return same(f"{min(max(round(100 * value), 1), 99)} %")
    return same(f"{100 * value:.0f} %")


def page(inputs: Inputs) -> list[Context]:
    """uncertainty.html: how far the figures carry."""
    tables, release = inputs.tables, inputs.release
    return [{
        "defs": drawn(shared_defs(make_shapes(published(tables, "townships")))),
        "sections": _sections(tables, release), "hot_spots": hot_spot_map(tables, release),
    }]  # fmt: skip


def _sections(tables: Mapping[str, pl.DataFrame], release: Release) -> list[dict[str, Any]]:
    """The sections in the order of the page: anchor, heading and board."""
    return [
        {"key": "scorecard", "title": "What its statements were worth", "board": scorecard.board(tables, release)},
        {"key": "sure", "title": "How sure", "board": how_sure(tables, release)},
        {"key": "reliability", "title": "What a second record says", "board": reliability.board(tables)},
        {"key": "depends", "title": "What it depends on", "board": depends(tables, release)},
        {"key": "hangs", "title": "Which townships hang on a choice", "board": hangs(tables, release)},
        {"key": "clusters", "title": "Where it clusters", "board": spatial.clusters(tables, release)},
        {"key": "bases", "title": "Where the bases of control disagree", "board": control.differences(tables, release)},
    ]
