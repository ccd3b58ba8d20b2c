"""Which cuts of a method come closest to published margins, and how many others do as well.

Works on published rows alone: displaced people as they are shown, so that no cut can give an exact figure away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from pipeline.declare.codes import SERVICE_ITEMS
from pipeline.declare.methods import ROUNDED_TO_PERSONS, SMALLEST_SHOWN_PERSONS

Unit = Literal["townships", "percent"]
# Cut -> the figures that it decides: whether townships at or above the cut are meant (else below it), and the unit.
FIGURES: dict[str, dict[str, tuple[bool, Unit]]] = {
    "security_high": {
        "security_high": (True, "townships"),
        "security_low": (False, "townships"),
        "effective_control_lost_share": (True, "percent"),
    },
    "idps_high": {"humanitarian_high": (True, "townships"), "humanitarian_low": (False, "townships")},
    "services_severe": {"services_severe": (True, "townships"), "services_lower": (False, "townships")},
}
# Cuts are searched in whole numbers; a service cut in tenths, since five items in halves move the bounds in tenths.
PER_ONE = {"security_high": 1, "idps_high": 1, "services_severe": 10}
# Of losses closer than this the difference is one of arithmetic.
_EQUAL = 1e-9


@dataclass(frozen=True)
class Margin:
    """A published figure in townships; `rounding` is half a unit of its last digit, 0 where townships are counted."""

    figure: str
    at_or_above: bool
    townships: float
    rounding: float = 0.0


@dataclass(frozen=True)
class Search:
    """All candidates for one cut with their loss, and the one chosen.

    `candidates`: cut_low and cut_high (any cut between them gives the same classes), high_count, low_count,
    stay_count (townships that would leave the upper class one candidate higher), join_count (that would join it one
    candidate lower), loss_townships, equally_good, nearly_as_good, chosen.
    """

    cut_name: str
    margins: tuple[Margin, ...]
    candidates: pl.DataFrame
    cut: float
    base_cut: float
    considered_count: int
    unknown_count: int

    @property
    def chosen(self) -> dict[str, float]:
        """The row of the chosen cut."""
        return self.candidates.row(by_predicate=pl.col("chosen"), named=True)

    @property
    def reached(self) -> tuple[tuple[str, float], ...]:
        """Figure -> townships that the chosen cut gives."""
        row = self.chosen
        return tuple((m.figure, row["high_count" if m.at_or_above else "low_count"]) for m in self.margins)

    def ranges(self, column: str) -> str:
        """The cuts for which a yes-or-no column holds, in words: neighbouring candidates as one range."""
        rows = self.candidates.with_row_index("at").filter(column)
        parts = []
        for block in np.split(np.arange(rows.height), np.flatnonzero(np.diff(rows["at"].to_numpy()) > 1) + 1):
            low, high = rows["cut_low"][int(block[0])], rows["cut_high"][int(block[-1])]
            parts.append(f"{low:,.10g}" if low == high else f"{low:,.10g} to {high:,.10g}")
        return "; ".join(parts)


def margins_in_townships(cut_name: str, figures: dict[str, str], townships_count: int) -> tuple[Margin, ...]:
    """The stated figures (name -> number as printed) that a cut decides; a share counts in townships of all.

    A per cent printed without decimals may be half a point off, which is 1.65 of 330 townships; with one decimal a
    tenth of that.
    """
    found = []
    for figure, (above, unit) in FIGURES[cut_name].items():
        if figure in figures:
            printed = figures[figure].strip()
            decimals = len(printed.partition(".")[2]) if "e" not in printed.casefold() else 0
            per_unit = townships_count / 100 if unit == "percent" else 1.0
            rounding = 0.5 * 10.0**-decimals * per_unit if unit == "percent" else 0.0
            found.append(Margin(figure, above, float(printed) * per_unit, rounding))
    return tuple(found)


def search(
    cut_name: str, index: pl.DataFrame, margins: Sequence[Margin], base_cut: float, known_minimum: float
) -> Search:
    """The cut whose classes lie closest to the margins, among all candidates.

    `index` holds the rows of published.township_index of one method and month; `base_cut` is the cut that the method
    has now and `known_minimum` the service items that must be known where the bounds do not decide. Loss is the sum
    of absolute differences in townships. Of equally good cuts the base's own is kept where it is one of them, else
    the roundest is taken, else the lowest. `candidates` has no row, and no cut is chosen, where nothing is recorded.
    """
    inside = index.filter(pl.col("in_conflict").fill_null(False))
    per_one = PER_ONE[cut_name]
    if cut_name == "security_high":
        found = _by_value(inside["clashes_count"].to_numpy())
        unknown = index["in_conflict"].null_count()
    elif cut_name == "idps_high":
        found = _displaced(inside)
        unknown = inside.filter(pl.col("idps_persons").is_null(), pl.col("idps_suppressed").not_()).height
    else:
        found = _services(inside, known_minimum)
        unknown = inside.filter(pl.col("services_known_count").fill_null(0) == 0).height
    weighed = _weighed(found, tuple(margins))
    cut = _chosen(weighed.filter("equally_good"), round(base_cut * per_one)) if weighed.height else 0
    marked = weighed.with_columns(
        (pl.col("cut_low", "cut_high") / per_one).round(1), chosen=pl.lit(cut).is_between("cut_low", "cut_high")
    )
    return Search(cut_name, tuple(margins), marked, cut / per_one, base_cut, inside.height, unknown)


def _frame(low: np.ndarray, high: np.ndarray, above: np.ndarray, below: np.ndarray) -> pl.DataFrame:
    """Candidates in order; of a candidate's own neighbours `stay` leave and `join` come with one step."""
    return pl.DataFrame(
        {
            "cut_low": low, "cut_high": high, "high_count": above, "low_count": below,
            "stay_count": above - np.append(above[1:], 0), "join_count": -np.diff(above, prepend=above[:1]),
        },
        schema=dict.fromkeys(
            ("cut_low", "cut_high", "high_count", "low_count", "stay_count", "join_count"), pl.Int64
        ),
    )  # fmt: skip


def _by_value(counts: np.ndarray) -> pl.DataFrame:
    """Every whole number from 1 to the largest count; a township is high at or above the cut."""
    ordered = np.sort(counts.astype(np.int64))
    cuts = np.arange(1, (ordered[-1] if ordered.size else 0) + 1)
    below = np.searchsorted(ordered, cuts, side="left")
    return _frame(cuts, cuts, ordered.size - below, below)


def _displaced(inside: pl.DataFrame) -> pl.DataFrame:
    """The intervals between the shown figures in which every cut gives the same classes.

    A figure shown as 120 stands for 115 to 124, so cuts from 116 to 124 may part townships that look alike and are
    left out: the others give the classes of the exact figures too. Groups of 1 to 9 are withheld and are low at every
    cut; townships with none are neither high nor low.
    """
    shown = inside["idps_persons"].drop_nulls().to_numpy()
    half = ROUNDED_TO_PERSONS // 2
    small = int(inside["idps_suppressed"].fill_null(False).sum())
    ordered = np.sort(shown[shown >= SMALLEST_SHOWN_PERSONS].astype(np.int64))
    values = np.unique(ordered)
    high = np.maximum(values - half, SMALLEST_SHOWN_PERSONS)
    low = np.append(SMALLEST_SHOWN_PERSONS, values[:-1] + half)[: values.size]
    below = np.searchsorted(ordered, values, side="left")
    return _frame(low, high, ordered.size - below, below + small)


def _services(inside: pl.DataFrame, known_minimum: float) -> pl.DataFrame:
    """Cuts of 0.1 to 1.0: severe and lower as indices.services gives them, in whole numbers of halves and tenths."""
    items = len(SERVICE_ITEMS)
    known = inside["services_known_count"].fill_null(0).to_numpy().astype(np.int64)[:, None]
    lost = (inside["services_lost_min"].fill_null(0.0) * 2 * items).round().to_numpy().astype(np.int64)[:, None]
    if not known.any():
        return _frame(*([np.array([], dtype=np.int64)] * 4))
    tenths = np.arange(1, 11)
    # lost / (2 * items) >= tenths / 10, and the same for the most that may be lost and for the mean of known items
    surely, possibly = 10 * lost >= 2 * items * tenths, 10 * (lost + 2 * (items - known)) >= 2 * items * tenths
    by_mean = 10 * lost >= 2 * known * tenths
    open_case = possibly & ~surely & (known >= known_minimum)
    severe, lower = surely | (open_case & by_mean), ~possibly | (open_case & ~by_mean)
    return _frame(tenths, tenths, severe.sum(axis=0), lower.sum(axis=0))


def _weighed(candidates: pl.DataFrame, margins: tuple[Margin, ...]) -> pl.DataFrame:
    """Loss of every candidate, and which are equally or nearly as good as the best.

    Nearly as good: there are true values behind the printed, rounded margins for which the candidate would be at
    least as close as the best one is. |count - m| - |best - m| falls or rises throughout, so its least value lies at
    an end of what the rounding leaves open.
    """
    counts = [candidates["high_count" if m.at_or_above else "low_count"].to_numpy().astype(np.float64) for m in margins]
    loss = np.sum([np.abs(count - m.townships) for count, m in zip(counts, margins, strict=True)], axis=0)
    if candidates.is_empty():
        return candidates.with_columns(
            loss_townships=pl.lit(0.0), equally_good=pl.lit(False), nearly_as_good=pl.lit(False)
        )
    best = int(np.argmin(loss))
    apart = np.zeros(loss.size)
    for count, m in zip(counts, margins, strict=True):
        ends = [
            np.abs(count - end) - abs(count[best] - end) for end in (m.townships - m.rounding, m.townships + m.rounding)
        ]
        apart += np.minimum(*ends)
    return candidates.with_columns(
        loss_townships=pl.Series(loss),
        equally_good=pl.Series(loss <= loss[best] + _EQUAL),
        nearly_as_good=pl.Series(apart <= _EQUAL),
    )


def _chosen(good: pl.DataFrame, base: int) -> int:
    """Of the equally good cuts the base's own, else the roundest (a multiple of the largest step), else the lowest."""
    spans = list(good.select("cut_low", "cut_high").iter_rows())
    if any(low <= base <= high for low, high in spans):
        return base
    steps = sorted((digit * 10**power for power in range(8) for digit in (1, 5)), reverse=True)
    for step in steps:
        for low, high in spans:
            roundest = -(-low // step) * step
            if roundest <= high:
                return int(roundest)
    raise ValueError("no candidate is the best one")
