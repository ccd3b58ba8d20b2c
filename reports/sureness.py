"""How sure the figures are, in words: class probabilities, the interval of the share lost, bounds of the services.

Not here: what other choices of the method would change (dependence.py); the figures themselves (pipeline.indices).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.codes import Basis, Measure, SecurityClass
from reports.boards import Board, Grid
from reports.release import Release
from reports.slices import latest
from reports.wording import (
    NOT_KNOWN,
    UNSETTLED_FROM,
    UNSETTLED_TO,
    known,
    label,
    number,
    percent_interval,
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
        f"For {number(unsettled_count(chance))} of {number(len(chance))} townships counting alone leaves it open "
        "whether the rate of clashes is at or above the cut for high: the probability lies between 5 and 95 %."
    )


def _expected_words(national: Mapping[str, Any]) -> list[str]:
    expected, low, high = (national[f"security_high_{end}"] for end in ("expected", "low", "high"))
    if expected is None or low is None or high is None:
        return []
    return [
        f"{number(national['security_high_count'])} townships are of class high by their counts; by the probabilities "
        f"{number(expected)} are to be expected at or above the cut, with a 95 % interval of {number(low)} to "
        f"{number(high)}.",
        "These intervals are of the rates behind the counts. They need not hold the number or the share by the "
        "classes: a township just at the cut counts as high in full, though its rate is about as likely to lie below "
        "it. They leave out other cuts and what was not reported or was put in the wrong township.",
    ]


def _unknown_words(index: pl.DataFrame) -> list[str]:
    """What the ends of the intervals do with townships of unknown count: that width is not chance."""
    unknown = index["security_high_probability"].null_count()
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
    now = "No township has enough answers on services for a class" if severe is None else (
        f"{number(severe)} townships have a severe loss of services by the answers at hand")  # fmt: skip
    return (
        f"{now}. If every unknown answer were the best there would be {number(low)}, if every one were the worst "
        f"{number(high)}."
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
        "Townships by class of the Security Index and probability that their rate is at or above the cut",
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
        "Control lost by the Security Index: by the classes, and with the chance in the counts",
        (("Measured in", False), ("Lost by the classes", True), ("Expected, with 95 % interval", True)),
        tuple(
            (label(measure), share(found.get(measure, {}).get("lost_share")), _interval(found.get(measure, {})))
            for measure in Measure
        ),
    )


def _interval(row: Mapping[str, Any]) -> str:
    ends = [row[name] for name in ("lost_expected_share", "lost_interval_low", "lost_interval_high")]
    words = percent_interval(*ends)
    return words if words == NOT_KNOWN else f"{words} %"
