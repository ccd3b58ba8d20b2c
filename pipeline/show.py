"""One township of the latest release in the terminal, as `township-index show` prints it: now, months, what is behind.

Read from the release's own database, so that it says what an analyst finds there. Not here: whom a name means
(geo.lookup).
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

import polars as pl

from geo import lookup
from geo.townships import reference
from pipeline.declare.errors import UnusableInput
from pipeline.declare.indices import INDICES
from pipeline.declare.settings import Home
from pipeline.storage.warehouse import read_snapshot

MONTHS = 24
_WIDTH, _BAR = 100, 50
Row = Mapping[str, Any]


def show(place: Home, name: str, months: int, bars: str = "█") -> None:
    """Print the township that `name` means. Raises UnusableInput for none or several, and without a release."""
    code = township(name)
    database = place.latest.resolve() / "township_index.duckdb"
    series = read_snapshot(database, "main.series").filter(pl.col("adm3_pcode") == code).sort("month")
    (release,) = read_snapshot(database, "main.release").to_dicts()
    sentences = read_snapshot(database, "published.explanations").filter(
        pl.col("adm3_pcode") == code, pl.col("method") == release["method"]
    )
    told = dict(sentences.select("index_name", "explanation").rows())
    print("\n".join(lines(series.to_dicts(), release, told, months, bars)))


def township(name: str) -> str:
    """The P-code of a township by P-code, English or Burmese name, or another spelling.

    Raises UnusableInput, in one sentence with what to type instead, for a name that none or several bear.
    """
    found = lookup.found(name)
    if len(found) == 1:
        return found[0]
    if not found:
        near = lookup.near(name)
        hint = f"the nearest: {', '.join(near)}" if near else "the list stands in tables/townships.csv of a release"
        raise UnusableInput(f"{name!r} is neither the P-code nor a name of a township; {hint}")
    places = reference().filter(pl.col("adm3_pcode").is_in(found))
    both = " or ".join(f"{code} ({state})" for code, state in places.select("adm3_pcode", "state_region").rows())
    raise UnusableInput(f"{len(found)} townships are named {name!r}; give the P-code {both}")


def lines(
    series: Sequence[Row], release: Row, explanations: Mapping[str, str], months: int, bars: str = "█"
) -> Iterator[str]:
    """The text of a township; `series` are its rows of the view `series`, oldest first."""
    now = next((row for row in reversed(series) if not row["in_publication_lag"]), series[-1])
    yield f"{now['adm3_name']} ({now['adm3_name_my']}), {now['state_region']}: {now['adm3_pcode']}"
    yield f"Data to {now['period_end']}, release {release['release_id']}, method {release['method']}"
    if release["notice"]:
        yield from wrap(release["notice"], _WIDTH)
    yield ""
    yield from _now(now)
    yield ""
    yield f"Clashes by month{_marks(series)}"
    yield from _bars(series[-months:], bars)
    yield ""
    yield from _evidence(now, explanations)
    yield ""
    yield from wrap(f"Cite: {release['citation']} Licence: {_plain(release['licence'])}.", _WIDTH)


def _marks(series: Sequence[Row]) -> str:
    """What the marks before the bars mean, of those that stand there."""
    said = [
        words
        for column, words in (("provisional", "~ still under-reported"), ("in_publication_lag", "… still coming in"))
        if any(row[column] for row in series)
    ]
    return f" ({', '.join(said)})" if said else ""


def _now(now: Row) -> Iterator[str]:
    yield _fact(
        "clashes",
        f"{_number(now['clashes_month_count'])} in the month, {_number(now['clashes_3m_count'])} in three, "
        f"{_number(now['clashes_12m_count'])} in twelve",
    )
    yield _fact("signal", _words(now["signal"]))
    if now["expected_clashes_next_3m"] is not None:
        yield _fact(
            "next three months",
            f"{now['expected_clashes_next_3m']:.1f} clashes to expect, 90 % interval {now['interval_low']} to "
            f"{now['interval_high']}; the past carried on, no warning",
        )
    yield _fact("people", f"{_number(now['population_persons'])} live here")
    yield _fact("displaced", _displaced(now))
    for spec in INDICES:
        yield _fact(spec.title, _words(now[f"{spec.name}_shown"]))
    yield _fact("control, as recorded", _words(now["control_class"]))


def _displaced(now: Row) -> str:
    if now["idps_suppressed"]:
        return "fewer than 10 people, withheld"
    if now["idps_persons"] is None:
        return "not reported"
    return f"{_number(now['idps_persons'])} people ({now['idps_basis']}, {now['idps_reference_date']})"


def sign_of_bar() -> str:
    """The sign of a bar: a block where the terminal has one."""
    try:
        "█".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return "#"
    return "█"


def _bars(series: Sequence[Row], sign: str) -> Iterator[str]:
    """A bar a month, the longest of them for the most clashes; a month that is not known has none and says so."""
    most = max((row["clashes_month_count"] or 0 for row in series), default=0)
    for row in series:
        count = row["clashes_month_count"]
        mark = "…" if row["in_publication_lag"] else "~" if row["provisional"] else " "
        if count is None:
            yield f"  {row['month']:%Y-%m} {mark} not known"
            continue
        length = -(-count * _BAR // most) if most else 0
        yield f"  {row['month']:%Y-%m} {mark} {sign * length}{' ' if length else ''}{count:,}"


def _evidence(now: Row, explanations: Mapping[str, str]) -> Iterator[str]:
    parts = ", ".join(
        f"{words} {now[f'evidence_{what}']}"
        for what, words in (
            ("security", "clashes"), ("humanitarian", "displacement"), ("services", "services"), ("control", "control"),
        )
    )  # fmt: skip
    age = "no record of any kind" if now["data_age_days"] is None else f"newest record {now['data_age_days']} days old"
    yield f"Evidence {now['evidence_grade']} of A to D: {parts}; {age}"
    for spec in INDICES:
        if spec.name in explanations:
            yield from wrap(f"{spec.title}: {_plain(explanations[spec.name])}", _WIDTH, subsequent_indent="  ")


def _fact(name: str, words: str) -> str:
    return f"  {name[0].upper()}{name[1:]:<33} {words}"


def _number(value: int | None) -> str:
    return "not known" if value is None else f"{value:,}"


def _words(code: str | None) -> str:
    return "not known" if code is None else code.replace("_", " ")


def _plain(text: str) -> str:
    """Text of a source: nothing in it may steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
