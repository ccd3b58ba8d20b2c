"""Candidate matches: events of two sources that may be the same clash, each event in one pair at most.

Candidates only: same township, few days apart, parties not at odds; nobody has read both reports. Events are
compared, never merged.
"""

from collections.abc import Iterator
from datetime import date
from itertools import combinations, groupby
from operator import itemgetter

import polars as pl

from pipeline.declare.actors import AGAINST_REPLACED_BY, AGAINST_THE_STATE, PARTIES
from pipeline.declare.frames import empty
from pipeline.declare.methods import CHANCE_DAYS, COUP, ISP_2023, MATCH_DAYS
from pipeline.indices.frames import conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.security import counted

TABLE = "indices.event_matches"
Taken = tuple[int, int, int]  # level, position in a, position in b
_CELL = ["adm3_pcode", "day", "parties"]
_STEP = len(PARTIES) + 1  # so that a day apart always weighs more than any number of shared parties


def compared(clashes: pl.DataFrame, period_end: date | None = None) -> pl.DataFrame:
    """The clashes that sources are compared by, of every source: counted, placed, from the coup to the period's end.

    The same for every method: all count the same classes and precisions, only their windows differ.
    """
    events = counted(clashes, ISP_2023).filter(pl.col("event_date") >= COUP)
    return events if period_end is None else events.filter(pl.col("event_date") <= period_end)


def each_event(events: pl.DataFrame) -> pl.DataFrame:
    """A row for every event: a record of several (`events_count`) is repeated, with a number behind its id."""
    if events.is_empty() or events["events_count"].max() == 1:
        return events
    several = pl.when(pl.col("events_count") > 1).then(pl.concat_str("event_id", pl.lit("/"), "_number"))
    return (
        events.with_columns(pl.int_ranges(1, pl.col("events_count") + 1).alias("_number"))
        .explode("_number")
        .with_columns(pl.coalesce(several, "event_id").alias("event_id"), pl.lit(1, pl.Int64).alias("events_count"))
        .drop("_number")
    )


def events_by_source(events: pl.DataFrame) -> dict[str, int]:
    """How many events each source holds."""
    return dict(events.group_by("source_key").agg(pl.col("events_count").sum()).iter_rows())


def source_pairs(events: pl.DataFrame) -> list[tuple[str, str]]:
    """Every two sources that hold an event, in alphabetical order."""
    return list(combinations(events["source_key"].unique().sort().to_list(), 2))


def event_matches(clashes: pl.DataFrame, period_end: date) -> pl.DataFrame:
    """indices.event_matches: for every two sources the pairs of events that may be the same.

    Within MATCH_DAYS by their first days, and with a party in common unless one event names none that is known. Pairs
    are taken greedily: the nearest days first, then the most parties in common, then the event ids. What is taken does
    not depend on the order of the rows, nor on which source is the first.
    """
    events = compared(clashes, period_end)
    pairs = source_pairs(events)
    if not pairs:
        return empty(TABLE)
    of = _by_source(each_event(events))
    return conform(pl.concat(_pair(of[a], of[b], a, b) for a, b in pairs), TABLE)


def matched_by_chance(events: pl.DataFrame, a: str, b: str) -> int:
    """How many pairs the same rule finds where none can be the same event: those of `b` stand CHANCE_DAYS later.

    An upper guide: true pairs leave fewer events to be matched by chance.
    """
    of = _by_source(events.filter(pl.col("source_key").is_in([a, b])))
    if a not in of or b not in of:
        return 0
    return _pair(of[a], of[b].with_columns(pl.col("day") + int(CHANCE_DAYS.value)), a, b).height


def parties(names: pl.Series) -> pl.Series:
    """For each name the parties it stands for, one bit each; 0 where none is known."""
    text = (
        pl.col("name").str.normalize("NFKC").str.to_lowercase().str.replace_all(".", "", literal=True)
        .str.replace_all(AGAINST_THE_STATE, AGAINST_REPLACED_BY).fill_null("")
    )  # fmt: skip
    bits = [pl.when(text.str.contains(p.pattern)).then(1 << n).otherwise(0) for n, p in enumerate(PARTIES)]
    return names.alias("name").to_frame().select(pl.sum_horizontal(bits).cast(pl.Int64).alias("parties")).to_series()


def _by_source(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """For each source event_id, adm3_pcode, day (a number) and the parties of both actors, by event id."""
    names = pl.concat([events["actor1"].alias("name"), events["actor2"].alias("name")]).unique()
    bits = names.to_frame().with_columns(parties(names))
    for actor in ("actor1", "actor2"):
        own = bits.rename({"name": actor, "parties": f"_{actor}"})
        events = events.join(own, on=actor, how="left", validate="m:1", nulls_equal=True)
    known = events.select(
        "source_key", "event_id", "adm3_pcode", pl.col("event_date").to_physical().cast(pl.Int64).alias("day"),
        (pl.col("_actor1") | pl.col("_actor2")).alias("parties"),
    ).sort("source_key", "event_id")  # fmt: skip
    return {key: known.filter(pl.col("source_key") == key) for key in known["source_key"].unique()}


def _pair(a: pl.DataFrame, b: pl.DataFrame, key_a: str, key_b: str) -> pl.DataFrame:
    """The matches of two sources; both frames are sorted by event id.

    Events of one source that share township, day and parties are alike but for their ids, so events of `a` are held
    against such cells of `b` and not against its events: ten thousand events of one day must not make a hundred
    million pairs.
    """
    a = a.with_row_index("a")
    # Positions in `b` are in the order of ids; a cell is a stretch of `by_cell`, so its events come by id too.
    by_cell = b.with_row_index("b").sort(*_CELL, "b")
    cells = (
        by_cell.with_row_index("start")
        .group_by(_CELL, maintain_order=True)
        .agg(pl.col("start").first(), pl.len().alias("events"))
        .with_row_index("cell")
    )
    reach = int(MATCH_DAYS.value)
    shifts = pl.DataFrame({"shift": range(-reach, reach + 1)}, schema={"shift": pl.Int64})
    shared = (pl.col("parties") & pl.col("parties_b")).bitwise_count_ones().cast(pl.Int64)
    options = (
        a.join(shifts, how="cross")
        .with_columns(pl.col("day") + pl.col("shift"))
        .join(cells.rename({"parties": "parties_b"}), on=["adm3_pcode", "day"], how="inner")
        .filter((shared > 0) | (pl.col("parties") == 0) | (pl.col("parties_b") == 0))
        .select((pl.col("shift").abs() * _STEP - shared).alias("level"), "a", "cell")
        .sort("level", "a", "cell")
    )
    taken = list(_greedy(options, cells["start"].to_list(), cells["events"].to_list(), by_cell["b"].to_list()))
    found = pl.DataFrame(taken, schema={"level": pl.Int64, "a": pl.Int64, "b": pl.Int64}, orient="row")
    apart = (pl.col("level") + _STEP - 1) // _STEP
    return found.select(
        pl.lit(key_a).alias("source_a"),
        a["event_id"].gather(found["a"]).alias("event_id_a"),
        pl.lit(key_b).alias("source_b"),
        b["event_id"].gather(found["b"]).alias("event_id_b"),
        a["adm3_pcode"].gather(found["a"]).alias("adm3_pcode"),
        apart.alias("days_apart"),
        (pl.col("level") < apart * _STEP).alias("actors_agree"),
    )


def _greedy(options: pl.DataFrame, start: list[int], events: list[int], by_cell: list[int]) -> Iterator[Taken]:
    """Each pair taken, from the options (level, a, cell of b) in their order.

    Within a level each event of `a`, by id, takes the free event of `b` with the smallest id that its cells offer. A
    cell gives its events in the order of ids, so a pointer per cell says which is free.
    """
    free, end = list(start), [first + count for first, count in zip(start, events, strict=True)]
    used: set[int] = set()
    offers = zip(*(options[name].to_list() for name in ("level", "a", "cell")), strict=True)
    for (level, a), same in groupby(offers, key=itemgetter(0, 1)):
        if a in used:
            continue
        open_cells = [cell for _, _, cell in same if free[cell] < end[cell]]
        if not open_cells:
            continue
        cell = open_cells[0] if len(open_cells) == 1 else min(open_cells, key=lambda cell: by_cell[free[cell]])
        used.add(a)
        yield level, a, by_cell[free[cell]]
        free[cell] += 1


@makes("indices.event_matches", reads=("records.clashes",), between_sources=("records.clashes",))
def event_matches_table(run: RunContext, clashes: pl.DataFrame) -> pl.DataFrame:
    """Clashes of two sources that may be the same; no row where one source was delivered."""
    return event_matches(clashes, run.last_day)


MADE = (event_matches_table,)
