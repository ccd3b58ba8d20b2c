"""Every table that is computed: the functions that make them, in the order of a run.

A function stands where its arithmetic does; to publish a table, write one with `@makes` and name it in `MADE` of its
module.
"""

from collections.abc import Iterable
from itertools import chain

from pipeline.analysis import (
    changes,
    concordance,
    displacement,
    event_matching,
    publication,
    published_figures,
    rates,
    reliability,
    revisions,
    scorecard,
    sensitivity,
    signs,
    spatial,
)
from pipeline.declare.tables import TABLES, Layer, layer
from pipeline.indices import (
    control,
    explanations,
    humanitarian,
    security,
    services,
    signals,
    summaries,
    towns,
    township_index,
)
from pipeline.indices.run_context import Made

# In this order where no table needs another.
_SUBJECTS = (
    security,
    humanitarian,
    services,
    control,
    signals,
    event_matching,
    publication,
    township_index,
    spatial,
    scorecard,
    summaries,
    towns,
    displacement,
    signs,
    revisions,
    published_figures,
    concordance,
    reliability,
    rates,
    changes,
    sensitivity,
    explanations,
)
_ALL: tuple[Made, ...] = tuple(one for subject in _SUBJECTS for one in subject.MADE)


def in_order(those: Iterable[Made]) -> tuple[Made, ...]:
    """The functions, each after those that make what it reads and what its tables are checked against.

    What the second process computes comes as early as can be, so that the other tables are made meanwhile. Raises
    ValueError where tables need each other.
    """
    early = sorted(those, key=lambda one: not one.second_process)
    ordered: list[Made] = []

    def place(one: Made, waiting: tuple[Made, ...]) -> None:
        if one in waiting:
            raise ValueError(f"{one.tables[0]} needs itself, by what it reads or is checked against")
        needed = {*one.reads, *chain.from_iterable(one.checked_against.values())} - {*one.tables}
        for other in early:
            if needed.intersection(other.tables):
                place(other, (*waiting, one))
        if one not in ordered:
            ordered.append(one)

    for one in early:
        place(one, ())
    return tuple(ordered)


def _of_layer(name: Layer) -> tuple[Made, ...]:
    return in_order(one for one in _ALL if TABLES[one.tables[0]].layer == name)


INDICES, PUBLISHED = _of_layer(Layer.INDICES), _of_layer(Layer.PUBLISHED)


def made_by(table: str) -> Made:
    """The function that makes a table of the layers indices and published, by the table's full name."""
    return next(one for one in (*INDICES, *PUBLISHED) if table in one.tables)


def _check() -> None:
    """Raise ValueError where a declared table is made by no function."""
    found = {table for one in _ALL for table in one.tables}
    missing = {one.full_name for name in (Layer.INDICES, Layer.PUBLISHED) for one in layer(name)} - found
    if missing:
        raise ValueError(
            f"no function makes {', '.join(sorted(missing))}: "
            "name the one with @makes in MADE of its module, and the module in pipeline/analysis/tables.py"
        )


_check()
