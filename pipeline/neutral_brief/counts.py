"""Events by township, class and span of days; what no record covers is missing, never zero.

Events leave this module as counts alone: no day, place, party or text of an event goes on.

The chain of neighbouring townships between two ends with the least sum of distances between centres.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from heapq import heappop, heappush
from math import asin, cos, radians, sin, sqrt

import polars as pl

from pipeline.declare.codes import Absence, EventClass
from pipeline.declare.errors import UnusableInput
from pipeline.neutral_brief.request import Span, month_end

Days = tuple[date, date]


def covered(deliveries: pl.DataFrame, last_day: date) -> tuple[Days, ...]:
    """The stretches of days that the deliveries of the leading source reach over, joined where they touch.

    Each runs from the first day of the month of its first record to the last day of the month of its last one; the
    newest reaches to `last_day`, to which the release was checked to be covered. A month that no delivery reaches, as
    where one of a monthly series was never received, is thereby a gap and not quiet.
    """
    dated = deliveries.drop_nulls(["first_date", "last_date"]).sort("first_date", "last_date")
    found: list[Days] = []
    for first, last in dated.select("first_date", "last_date").iter_rows():
        start, stop = first.replace(day=1), month_end(last)
        if found and (start - found[-1][1]).days <= 1:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    if found:
        newest = max(range(len(found)), key=lambda place: found[place][1])
        found[newest] = (found[newest][0], max(found[newest][1], last_day))
    return tuple(found)


def is_covered(span: Span, stretches: Sequence[Days]) -> bool:
    """Whether one stretch reaches over the whole span: a month known in part is not a month known."""
    return any(first <= span.start and span.end <= last for first, last in stretches)


def recorded_classes(events: pl.DataFrame) -> tuple[EventClass, ...]:
    """The classes that a source records, from all of its events in the country.

    A class without one event anywhere, in all the years, is one that the source (or an export of some of its types)
    does not hold: UCDP has no other events, and a file of battles no violence against civilians. Of such a class
    silence says nothing. Clashes are what the source was delivered for.
    """
    held = {*events["event_class"].unique().to_list(), str(EventClass.CLASH)}
    return tuple(one for one in EventClass if str(one) in held)


def event_counts(
    events: pl.DataFrame,
    codes: Sequence[str],
    spans: Sequence[Span],
    stretches: Sequence[Days],
    absence: Absence,
    recorded: Collection[EventClass],
) -> pl.DataFrame:
    """One row per township, class and span: adm3_pcode, event_class, period_start, period_end, in_period, covered,
    events_count.

    `events` are those of the leading source; each counts in the span of its first day. Without an event the count is
    zero where the source's silence means so, it records the class and the span is covered, else null.
    """
    calendar = pl.DataFrame(
        {
            "period_start": [one.start for one in spans],
            "period_end": [one.end for one in spans],
            "in_period": [one.in_period for one in spans],
            "covered": [is_covered(one, stretches) for one in spans],
        },
        schema={"period_start": pl.Date, "period_end": pl.Date, "in_period": pl.Boolean, "covered": pl.Boolean},
    )
    grid = (
        pl.DataFrame({"adm3_pcode": list(codes)}, schema={"adm3_pcode": pl.String})
        .join(pl.DataFrame({"event_class": [str(one) for one in EventClass]}), how="cross")
        .join(calendar, how="cross")
    )
    own = events.filter(pl.col("adm3_pcode").is_in(list(codes))).select(
        "adm3_pcode", "event_class", "event_date", "events_count"
    )
    starts = calendar.select("period_start", "period_end").sort("period_start")
    tally = (
        own.sort("event_date")
        .join_asof(starts, left_on="event_date", right_on="period_start", strategy="backward")
        .filter(pl.col("event_date") <= pl.col("period_end"))
        .group_by("adm3_pcode", "event_class", "period_start")
        .agg(pl.col("events_count").sum().alias("found"))
    )
    says_zero = pl.col("event_class").is_in([str(one) for one in recorded]) & pl.lit(absence == Absence.ZERO)
    silence = pl.when(says_zero).then(pl.lit(0, pl.Int64))
    return (
        grid.join(tally, on=["adm3_pcode", "event_class", "period_start"], how="left", validate="1:1")
        .with_columns(events_count=pl.when("covered").then(pl.coalesce("found", silence)))
        .drop("found")
        .sort("adm3_pcode", "event_class", "period_start")
    )


def totals(counts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Sums of the known counts by some columns: events_count, known_count (how many were known) and rows_count.

    `events_count` is null where none is known.
    """
    known = pl.col("events_count").count()
    return (
        counts.group_by(list(by), maintain_order=True)
        .agg(
            events_count=pl.when(known > 0).then(pl.col("events_count").sum()),
            known_count=known.cast(pl.Int64),
            rows_count=pl.len().cast(pl.Int64),
        )
        .sort(list(by))
    )


EARTH_KM = 6371.0088  # mean radius (IUGG)
Point = tuple[float, float]  # longitude, latitude in degrees


def distance_km(one: Point, other: Point) -> float:
    """Great-circle distance (haversine), in whole metres so that equal chains compare as equal on every machine."""
    (x1, y1), (x2, y2) = ((radians(x), radians(y)) for x, y in (one, other))
    half = sin((y2 - y1) / 2) ** 2 + cos(y1) * cos(y2) * sin((x2 - x1) / 2) ** 2
    return round(2 * EARTH_KM * asin(min(1.0, sqrt(half))), 3)


def chain(
    first: str, last: str, neighbours: Iterable[tuple[str, str]], centres: Mapping[str, Point]
) -> tuple[tuple[str, ...], float]:
    """The chain from `first` to `last` and its length in km (Dijkstra); of equal ones the first by P-codes.

    `neighbours` holds each pair both ways. Raises UnusableInput where no chain joins the two.
    """
    beside: dict[str, set[str]] = {}
    for one, other in neighbours:
        beside.setdefault(one, set()).add(other)
    waiting: list[tuple[int, tuple[str, ...]]] = [(0, (first,))]
    settled: set[str] = set()
    while waiting:
        metres, path = heappop(waiting)
        here = path[-1]
        if here == last:
            return path, metres / 1000
        if here in settled:
            continue
        settled.add(here)
        for other in beside.get(here, ()):
            if other not in settled:
                step = round(distance_km(centres[here], centres[other]) * 1000)
                heappush(waiting, (metres + step, (*path, other)))
    raise UnusableInput(f"--corridor: no chain of neighbouring townships joins {first} and {last} in this release")
