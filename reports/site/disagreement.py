"""Where the bases of control agree and disagree, in words.
The bases are set beside each other, never merged.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.declare.codes import ControlState
from reports.release import Release, latest
from reports.site.blocks import Board, Grid
from reports.text.wording import label, number

Frames = Mapping[str, pl.DataFrame]


def disagreement(tables: Frames, release: Release) -> Board:
    """The section on the bases of control: how many townships they see alike, and which states stand against which."""
    rows = latest(tables, "control_disagreement", release.method).filter(pl.col("townships_count") > 0).to_dicts()
    if not rows:
        return Board(("The bases of control were not compared in this release.",))
    pairs = list(dict.fromkeys((row["basis_a"], row["basis_b"]) for row in rows))
    counted = {pair: _counts([row for row in rows if (row["basis_a"], row["basis_b"]) == pair]) for pair in pairs}
    grids = [
        Grid(
            "Townships by pair of bases",
            (("Bases", False), ("Alike", True), ("Different", True), ("Known on one only", True), ("On neither", True)),
            tuple((_pair(*pair), *(number(count) for count in counted[pair])) for pair in pairs),
        )
    ]
    apart = [row for row in rows if _known(row) == 2 and row["state_a"] != row["state_b"]]
    if apart:
        grids.append(
            Grid(
                "States that stand against each other",
                (("Bases", False), ("The first says", False), ("The second says", False), ("Townships", True),
                 ("Area, km²", True), ("People", True)),
                tuple(
                    (_pair(row["basis_a"], row["basis_b"]), label(row["state_a"]), label(row["state_b"]),
                     number(row["townships_count"]), number(round(row["area_km2"])), number(row["population_persons"]))
                    for row in apart
                ),
            )
        )  # fmt: skip
    return Board(tuple(_words(pair, counted[pair]) for pair in pairs), tuple(grids), ("control_disagreement",))


def _known(row: Mapping[str, Any]) -> int:
    return sum(row[state] != ControlState.UNKNOWN for state in ("state_a", "state_b"))


def _counts(rows: list[dict[str, Any]]) -> tuple[int, int, int, int]:
    """Townships alike, different, known on one basis only, and known on neither."""
    alike = sum(row["townships_count"] for row in rows if _known(row) == 2 and row["state_a"] == row["state_b"])
    both = sum(row["townships_count"] for row in rows if _known(row) == 2)
    one = sum(row["townships_count"] for row in rows if _known(row) == 1)
    return alike, both - alike, one, sum(row["townships_count"] for row in rows) - both - one


def _pair(first: str, second: str) -> str:
    return f"{label(first)}; {label(second)}"


def _words(pair: tuple[str, str], counts: tuple[int, int, int, int]) -> str:
    alike, different, _, _ = counts
    first, second = (label(basis)[0].lower() + label(basis)[1:] for basis in pair)
    if not alike + different:
        return f"No township is known both {first} and {second}."
    return (
        f"Of {number(alike + different)} townships known both {first} and {second}, {number(different)} are seen "
        "differently."
    )
