"""What a brief is asked for, from the text of a command: townships by code or name, and a period.

The rows of a timeline: calendar months, cut where the period cuts them, and the twelve months before. What a brief is
made from: the counts and published rows that may be shown, and nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

import polars as pl

from pipeline.declare.codes import EventClass
from pipeline.declare.errors import UnusableInput

MOST_TOWNSHIPS = 40  # more no longer fit a brief that people read together; the workbook holds all of them
DEFAULT_DAYS = 90
FEWEST_DAYS = 28  # a shorter period would tell of single days or weeks of one township
MOST_DAYS = 3 * 366


@dataclass(frozen=True)
class Wanted:
    """The options as text; "" is the default of each."""

    townships: str = ""
    corridor: str = ""
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Asked:
    """The townships in the order of the brief, the period with both its days, and the chain's length in km.

    `chain_km` is None where the townships were given as a list.
    """

    codes: tuple[str, ...]
    start: date
    end: date
    chain_km: float | None = None


def chosen(text: str, places: pl.DataFrame, option: str = "--townships") -> tuple[str, ...]:
    """P-codes of a comma-separated list of P-codes and exact English names, each once, sorted.

    Raises UnusableInput for nothing, too many, an unknown one (naming the nearest) or a name that two townships bear.
    """
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    if not wanted:
        raise UnusableInput(f"{option} names no township; give P-codes such as MMR010006, separated by commas")
    found = tuple(sorted({_one(part, places, option) for part in wanted}))
    require_few(found, option)
    return found


def ends(text: str, places: pl.DataFrame) -> tuple[str, str]:
    """Both ends of a corridor in the order given. Raises UnusableInput where there are not two."""
    wanted = [part.strip() for part in text.split(",") if part.strip()]
    if len(wanted) != 2:
        raise UnusableInput(f"--corridor takes two townships, such as MMR010006,MMR010021; found {len(wanted)}")
    first, last = (_one(part, places, "--corridor") for part in wanted)
    if first == last:
        raise UnusableInput(f"--corridor: both ends are {first}; give two townships, or one to --townships")
    return first, last


def require_few(codes: Sequence[str], option: str) -> None:
    if len(codes) > MOST_TOWNSHIPS:
        raise UnusableInput(
            f"{option} makes {len(codes)} townships; a brief holds at most {MOST_TOWNSHIPS}: give fewer, or take "
            "township_index.xlsx of the release"
        )


def _one(text: str, places: pl.DataFrame, option: str) -> str:
    codes = places["adm3_pcode"].to_list()
    if text.upper() in codes:
        return text.upper()
    named = places.filter(pl.col("adm3_name").str.to_lowercase() == text.lower()).sort("adm3_pcode")
    if named.height == 1:
        return str(named["adm3_pcode"][0])
    if named.height > 1:
        both = " or ".join(f"{code} ({state})" for code, state in named["adm3_pcode", "state_region"].iter_rows())
        raise UnusableInput(f"{option}: {named.height} townships are named {text!r}; give the P-code {both}")
    names = {name.lower(): name for name in places["adm3_name"].to_list()}
    near = get_close_matches(text.upper(), codes, 3, 0.7) or [
        names[name] for name in get_close_matches(text.lower(), list(names), 3, 0.6)
    ]
    hint = f"; the nearest: {', '.join(near)}" if near else "; the list stands in tables/townships.csv of the release"
    raise UnusableInput(f"{option}: {text!r} is neither a township's P-code nor its English name{hint}")


def period(start: str, end: str, covered_from: date, first_state: date, last: date) -> tuple[date, date]:
    """Both days of the period; by default the 90 days up to `last`, the last day of the release.

    `covered_from` is the first day the clash records reach back to, `first_state` the first day for which the release
    has figures of all kinds. Raises UnusableInput for what is no day, lies outside of these, or is too short or long.
    """
    stop = _day(end, "--to") or last
    begin = _day(start, "--from") or max(stop - timedelta(days=DEFAULT_DAYS - 1), covered_from)
    if begin > stop:
        raise UnusableInput(f"--from {begin} lies after --to {stop}; exchange them")
    if stop > last:
        raise UnusableInput(f"--to {stop} lies after {last}, the last day of the release; later days are not known")
    if stop < first_state:
        raise UnusableInput(f"--to {stop} lies before {first_state}, the end of the release's first month")
    if begin < covered_from:
        raise UnusableInput(f"--from {begin} lies before {covered_from}, where the clash records begin")
    days = (stop - begin).days + 1
    if days < FEWEST_DAYS:
        raise UnusableInput(
            f"the period {begin} to {stop} has {days} day(s); a brief shows nothing finer than a month, so give at "
            f"least {FEWEST_DAYS} days"
        )
    if days > MOST_DAYS:
        raise UnusableInput(f"the period {begin} to {stop} has {days} days; give at most {MOST_DAYS}")
    return begin, stop


def _day(text: str, option: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise UnusableInput(f"{option} {text!r} is not a day of the calendar; write YYYY-MM-DD") from error
    if len(text) != 10:  # 20231126 and 2023-W47-7 are ISO too, and misread by eye
        raise UnusableInput(f"{option} {text!r}: write YYYY-MM-DD")
    return found


SHORTEST_CUT_DAYS = 14  # fewer days of a month stand together with the month beside it: nothing is shown by the week


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both included, inside the period or before it."""

    start: date
    end: date
    in_period: bool

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def is_month(self) -> bool:
        """Whether it is one whole calendar month."""
        return self.start.day == 1 and self.end == month_end(self.start)


def month_end(day: date) -> date:
    return _next_month(day) - timedelta(days=1)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def spans(start: date, end: date) -> tuple[Span, ...]:
    """The context and then the period, without a gap.

    The context begins with the twelfth calendar month before that of `start`, and ends the day before `start`.
    """
    before = date(start.year - 1, start.month, 1)
    return (*_cut(before, start - timedelta(days=1), False), *_cut(start, end, True))


def _cut(start: date, end: date, in_period: bool) -> tuple[Span, ...]:
    """The months from `start` to `end`; a short piece at either end is joined to the month beside it."""
    pieces, day = [], start
    while day <= end:
        stop = min(month_end(day), end)
        pieces.append(Span(day, stop, in_period))
        day = stop + timedelta(days=1)
    if len(pieces) > 1 and pieces[0].days < SHORTEST_CUT_DAYS:
        pieces[:2] = [Span(pieces[0].start, pieces[1].end, in_period)]
    if len(pieces) > 1 and pieces[-1].days < SHORTEST_CUT_DAYS:
        pieces[-2:] = [Span(pieces[-2].start, pieces[-1].end, in_period)]
    return tuple(pieces)


@dataclass(frozen=True)
class Facts:
    """What the release says of itself."""

    release_id: str
    synthetic: bool
    schematic: bool
    method: str
    period_end: date
    as_of: date | None
    code_version: str


@dataclass(frozen=True)
class Cuts:
    """The numbers of the method that the codes of a brief are explained with."""

    clashes: int
    services_share: float
    window_start: date | None  # None where the window rolls
    window_months: int | None


@dataclass(frozen=True)
class Material:
    """`places` holds all townships with their polygons; `state` one row of published.township_index for each township.

    `state_day` is the last day the rows of `state` stand for: never later than the period. `events` is as
    counts.event_counts makes it. `sources` has one row per delivery in force, with its checksum. `dialogue` is
    published.actor_dialogue.
    """

    asked: Asked
    facts: Facts
    cuts: Cuts
    spans: tuple[Span, ...]
    events: pl.DataFrame
    clash_source: str
    silence_is_zero: bool
    lethal_only: bool  # the source holds events with deaths alone
    recorded: tuple[EventClass, ...]  # classes that the source has an event of somewhere; others are not known
    provisional_from: date | None  # first day of the period's provisional months, which the source still adds to
    places: pl.DataFrame
    neighbours: tuple[str, ...]
    state: pl.DataFrame
    state_day: date
    sources: pl.DataFrame
    dialogue: pl.DataFrame
