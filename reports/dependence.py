"""What the classes depend on, in words: the choices of the method, and the townships that hang on one of them.

Not here: how sure the counts themselves are (sureness.py); the choices and why each is defensible (methods page).
"""

from collections.abc import Mapping

import polars as pl

from pipeline.codes import IndexName, SecurityClass
from reports.bilingual import say
from reports.boards import Board, Cell, Grid, places
from reports.release import Release
from reports.slices import latest, latest_townships, published
from reports.wording import NOT_KNOWN, choice_words, decimals, label, number, percent, settings

Frames = Mapping[str, pl.DataFrame]
_SHOWN = 12  # townships listed for an index


def depends(tables: Frames, release: Release) -> Board:
    """The section "What it depends on": each choice, what it moves, and how much of the spread it explains."""
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
            _range(row["control_share_low"], row["control_share_high"]), _part(row["control_sobol_first"]),
            _part(row["control_sobol_total"]), _part(row["rank_sobol_total"]),
            _part(row["moved_sobol_total"]),
        )
        for row in frame.to_dicts()
        if _has_data(classes, row["index_name"])  # else its choices move no class: the sentence says so
    )  # fmt: skip
    return Board(
        tuple(_leading_choice(frame, str(index), _has_data(classes, str(index))) for index in IndexName),
        (
            Grid(
                "One choice changed at a time, and its part in the spread over all combinations (Sobol indices: alone, "
                "and in any part; “no spread” stands also where the quantity is unknown under some combination)",
                (
                    ("Index", False), ("Choice", False), ("Alternatives", True), ("Townships moved", True),
                    ("By", False), ("Control lost, per cent", True), ("Control share: alone", True),
                    ("Control share: in any part", True), ("Ranks: in any part", True),
                    ("Classes: in any part", True),
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
        f"({scenarios})."
    )


def _part(value: float | None) -> str:
    """A Sobol index; there is none where the quantity does not vary, or is unknown under some combination."""
    return "no spread" if value is None else decimals(value)


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
                settings(row[f"{name}_changed_by"], "only together"),
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
        f"{label(name)}: {number(int((kept == 1).sum()))} of {number(kept.len())} townships keep their class in every "
        f"scenario, {number(int((kept < 0.5).sum()))} in fewer than half."
    )


def kept_share(value: float | None) -> str:
    """Whole per cent that never reads as all or none where it is not."""
    if value is None:
        return NOT_KNOWN
    if 0 < value < 1:
        return f"{min(max(round(100 * value), 1), 99)} %"
    return f"{100 * value:.0f} %"
