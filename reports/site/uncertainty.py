"""How sure the figures are, in words: class probabilities, the interval of the share lost, bounds of the services.

What the classes depend on, in words: the choices of the method, and the townships that hang on one of them.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.declare.codes import Basis, IndexName, Measure, SecurityClass
from pipeline.declare.methods import SERVICES_TURNING_STEP
from reports.draw.maps import shared_defs
from reports.draw.shapes import make_shapes
from reports.release import Release, latest, latest_townships, published
from reports.site import control, reliability, scorecard, spatial
from reports.site.blocks import Board, Cell, Grid, places
from reports.site.inputs import Context, Inputs
from reports.site.map import hot_spot_map
from reports.site.render import drawn
from reports.text.catalogue import say
from reports.text.wording import (
    NOT_KNOWN,
    UNSETTLED_FROM,
    UNSETTLED_TO,
    choice_words,
    known,
    label,
    number,
    percent,
    percent_interval,
    rate,
    settings,
    share,
    unsettled_count,
)

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


def _probability_words(index: pl.DataFrame) -> str:
    chance = index["security_high_probability"].drop_nulls().to_list()
    if not chance:
        return "No clash source covers the townships: how sure a class of the Security Index is cannot be told."
    return (
        f"For {number(unsettled_count(chance))} of {number(len(chance))} townships it is open whether another record "
        "of the same months, as selective as this one, would also put them into class high: the probability lies "
        "between 5 and 95 %. It says nothing of the months to come, and nothing of what no record would hold."
    )


def _expected_words(national: Mapping[str, Any]) -> list[str]:
    expected, low, high = (national[f"security_high_{end}"] for end in ("expected", "low", "high"))
    if expected is None or low is None or high is None:
        return []
    return [
        f"{number(national['security_high_count'])} townships are of class high by the records. Another record "
        f"of the same kind would likely give {number(round(low))} to {number(round(high))}, {number(round(expected))} "
        "in the middle (95 % interval).",
        "The interval need not hold the number by the classes: a township just at the cut counts as high in full, "
        "though another record is about as likely to put it below. It leaves out other cuts and what was not "
        "reported or was put in the wrong township.",
    ]


def _unknown_words(index: pl.DataFrame) -> list[str]:
    """What the ends of the intervals do with townships of unknown count: that width is not chance."""
    unknown = index["clashes_count"].null_count()
    if unknown in (0, index.height):
        return []
    return [
        f"Townships of unknown count ({number(unknown)}) are below the cut at the lower end of these intervals, above "
        "it at the upper end and in no expected figure: that part of the width is not chance but what is not known."
    ]


def _services_words(national: Mapping[str, Any]) -> str:
    low, high = national["services_severe_low"], national["services_severe_high"]
    if low is None or high is None:
        return "How many townships could have a severe loss of services, if unknown answers were known, is not known."
    severe = known(national, "services_severe_count")
    bounds = (
        f"If every unknown answer were the best there would be {number(low)}, if every one were the worst "
        f"{number(high)}."
    )
    if severe is None:
        return f"No township has enough answers on services for a class. {bounds}"
    certain, likely = (national[f"services_severe_{kind}_count"] for kind in ("certain", "likely"))
    return (
        f"{number(certain)} townships have a severe loss of services whatever the unknown answers are; {number(likely)}"
        f" more are likely to, by the mean of the items known. {bounds}{_turning_words(national)}"
    )


def _turning_words(national: Mapping[str, Any]) -> str:
    """How much worse those who do not report would have to be, to change the national figure."""
    needed, times = national["services_severe_turning_share"], national["services_severe_turning_ratio"]
    if needed is None:
        return ""
    beside = "" if times is None else f", {rate(times)} times the share among those that have a class"
    return (
        f" To move the country's share of severe up by {100 * SERVICES_TURNING_STEP.value:.0f} percentage points, "
        f"{share(needed)} of the townships without a class would have to be severe{beside}."
    )


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
                _NO_CLASH if code == SecurityClass.NOT_IN_CONFLICT else label(code),
                *(number(found.get((code, words), 0)) for words in _BANDS),
            )
            for code in codes
        ),
    )


def _shares_lost(tables: Frames, release: Release) -> Grid:
    rows = latest(tables, "territorial_control", release.method).filter(
        pl.col("scope") == "national", pl.col("basis") == str(Basis.SECURITY_INDEX)
    )
    found = {row["measure"]: row for row in rows.to_dicts()}
    return Grid(
        "Townships with heavy fighting since 2021 (ISP's measure of control lost): by the records, and by another "
        "record",
        (("Measured in", False), ("By the records", True), ("Another record, with 95 % interval", True)),
        tuple(
            (label(measure), share(found.get(measure, {}).get("lost_share")), _interval(found.get(measure, {})))
            for measure in Measure
        ),
    )


def _interval(row: Mapping[str, Any]) -> str:
    ends = [row[name] for name in ("lost_expected_share", "lost_interval_low", "lost_interval_high")]
    words = percent_interval(*ends)
    return words if words == NOT_KNOWN else f"{words} %"


_SHOWN = 12  # townships listed for an index


def depends(tables: Frames, release: Release) -> Board:
    """The section "What it depends on": each choice, and what its alternatives move, one at a time."""
    frame = published(tables, "sensitivity").filter(pl.col("method") == release.method)
    if frame.is_empty():
        return Board(("No scenarios were computed for this release.",))
    classes = latest_townships(tables, release)
    order = pl.Enum([str(index) for index in IndexName])
    frame = frame.sort(pl.col("index_name").cast(order), -pl.col("townships_moved_count"), "choice")
    rows = tuple(
        (
            label(row["index_name"]), choice_words(row["choice"]), number(row["alternatives_count"]),
            number(row["townships_moved_count"]), settings(row["townships_moved_by"]),
            _range(row["control_share_low"], row["control_share_high"]),
        )
        for row in frame.to_dicts()
        if _has_data(classes, row["index_name"])  # else its choices move no class: the sentence says so
    )  # fmt: skip
    return Board(
        (
            "A scenario is another choice of the method that could be made in good faith. A choice that drops most of "
            "the clashes and keeps the cut is none.",
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


def _leading_choice(frame: pl.DataFrame, index: str, has_data: bool) -> str:
    """Which choice moves most townships of an index; the frame is sorted by what the choices move.

    Without records of the index they move only between not in conflict and insufficient data: no class depends on it.
    """
    own = frame.filter(pl.col("index_name") == index)
    if own.is_empty():
        return f"{label(index)}: no scenarios were computed."
    if not has_data:
        said = "no township has a class; its choices only take townships into the conflict or out of it."
        return f"{label(index)}: {said}"
    first = own.row(0, named=True)
    scenarios = f"{number(first['scenarios_count'])} scenarios"
    if not first["townships_moved_count"]:
        return f"{label(index)}: no single change of a choice moves a township ({scenarios})."
    return (
        f"{label(index)}: the choice of {choice_words(first['choice'])} moves most, "
        f"{number(first['townships_moved_count'])} townships with “{settings(first['townships_moved_by'])}” "
        f"({scenarios}).{_spread(first)}"
    )


def _spread(row: Mapping[str, Any]) -> str:
    low, high = row["control_share_low"], row["control_share_high"]
    if low is None or high is None:
        return ""
    return f" With it the share of townships with heavy fighting lies at {_range(low, high)} %."


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "no share"
    return percent(low) if percent(low) == percent(high) else f"{percent(low)} to {percent(high)}"


def hangs(tables: Frames, release: Release) -> Board:
    """The section on the townships whose class is kept in the fewest scenarios, index by index."""
    kept = latest(tables, "robustness", release.method)
    if kept.is_empty():
        return Board(("No scenarios were computed for this release.",))
    index = latest_townships(tables, release).select(
        "adm3_pcode", "adm3_name", "state_region", *(f"{name}_class" for name in IndexName)
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
                places([(row["adm3_pcode"], row["adm3_name"])], 1), row["state_region"], label(name),
                label(row[f"{name}_class"]), kept_share(row[column]),
                settings(row[f"{name}_changed_by"]),
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


def _hanging(frame: pl.DataFrame, name: str) -> str:
    if not _has_data(frame, name):
        return f"{label(name)}: no township has a class that could hang on a choice."
    kept = frame[f"{name}_kept_share"]
    return (
        f"{label(name)}: {number(int((kept == 1).sum()))} of {number(kept.count())} townships that could change keep "
        f"their class in every scenario, {number(int((kept < 0.5).sum()))} in fewer than half."
    )


def kept_share(value: float | None) -> str:
    """Whole per cent that never reads as all or none where it is not."""
    if value is None:
        return NOT_KNOWN
    if 0 < value < 1:
        return f"{min(max(round(100 * value), 1), 99)} %"
    return f"{100 * value:.0f} %"


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
