"""The command `calibrate`: searches the cuts of a home's last release, says what they are worth, saves them if asked.

What `calibrate` says on the screen: margins, cuts, ties, and what none of it proves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.analysis.published_figures import LETHAL_ONLY_SOURCES, cut_off_days
from pipeline.calibration.margins import FiguresFile, read_figures
from pipeline.calibration.search import FIGURES, Search, margins_in_townships, search
from pipeline.declare.choice import Choice
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import inert
from pipeline.declare.methods import METHODS, FoundCut, Method, Provenance, method
from pipeline.declare.settings import MYANMAR, Home
from pipeline.declare.sources import family
from pipeline.sources import BY_KEY
from pipeline.storage import saved_methods
from pipeline.storage.disk import write_atomically
from pipeline.storage.warehouse import read_snapshot

TABLE = "published.township_index"


@dataclass(frozen=True)
class Wanted:
    """What was asked for: the figures, the base method, a name to save under and a file for the whole search."""

    figures: Path
    base: str
    save: str = ""
    may_replace: bool = False
    csv: Path | None = None


@dataclass(frozen=True)
class Published:
    """The last month of a home's release under one method, and what its manifest says of it."""

    index: pl.DataFrame
    release_id: str
    inputs_sha256: str
    source_key: str
    period_start: date
    period_end: date
    synthetic: bool


@dataclass(frozen=True)
class Outcome:
    """A finished calibration. `without` names cuts that were asked for and have no records."""

    base: Method
    home: Published
    figures: FiguresFile
    searches: tuple[Search, ...]
    without: tuple[str, ...]
    unused: tuple[str, ...]
    cut_offs: dict[str, date]


def run(place: Home, wanted: Wanted) -> None:
    """Search, print, and write what was asked for. Raises UnusableInput where something cannot be used."""
    if wanted.save:
        saved_methods.check_new(place, wanted.save, wanted.may_replace)
    base, figures = _base(place, wanted.base), read_figures(wanted.figures)
    outcome = calibrated(base, published(place, base), figures)
    print("\n".join(lines(outcome)))
    if wanted.csv is not None:
        text = inert(as_frame(outcome)).write_csv(line_terminator="\n")
        write_atomically(wanted.csv.resolve(), lambda part: part.write_text(text, encoding="utf-8", newline=""))
        print(f"\nThe whole search is written to {wanted.csv}")
    if wanted.save:
        found = {s.cut_name: (_choice(s, outcome), _found(s)) for s in outcome.searches}
        made = saved_methods.write(place, wanted.save, found, provenance(outcome))
        print(f"\nSaved as {place.methods / made.name}.toml; use it with: township-index run --method {made.name}")


def _base(place: Home, name: str) -> Method:
    """A shipped method; one that was calibrated before cannot be built upon."""
    if name in saved_methods.names(place):
        raise UnusableInput(f"--method {name!r} is itself calibrated; start from one of: {', '.join(METHODS)}")
    return method(name)


def published(place: Home, base: Method) -> Published:
    """What the home published last. Raises UnusableInput where there is nothing, or its two parts do not agree."""
    rows = read_snapshot(place.analysts_database, TABLE).filter(pl.col("method") == base.name)
    if rows.is_empty():
        raise UnusableInput(f"{place.analysts_database}: holds no rows of method {base.name}; run again to rebuild it")
    last = rows.filter(pl.col("month") == pl.col("month").max()).sort("adm3_pcode")
    path = place.latest / "manifest.json"
    try:
        stated: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        inputs = sorted(one["delivery_id"] for one in stated["inputs"])
        found = Published(
            last, stated["release_id"], hashlib.sha256("|".join(inputs).encode()).hexdigest(), stated["clash_source"],
            last["period_start"][0], last["period_end"][0], bool(stated["synthetic"]),
        )  # fmt: skip
        same = date.fromisoformat(stated["period_end"]) == found.period_end
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableInput(f"{path}: the last release cannot be read ({error}); run again to rebuild it") from error
    if not same:
        raise UnusableInput(
            f"{path}: the release ends on {stated['period_end']} and the analysts' database on {found.period_end}; "
            "run again so that both are of one run"
        )
    return found


def calibrated(base: Method, home: Published, figures: FiguresFile) -> Outcome:
    """The search for every cut that a stated figure decides. Raises UnusableInput where none can be found."""
    units = {figure: unit for group in FIGURES.values() for figure, (_, unit) in group.items()}
    printed = figures.printed(units)
    security = ", ".join(FIGURES["security_high"])
    if not set(printed) & set(FIGURES["security_high"]):
        raise UnusableInput(
            f"--to {figures.name}: none of its figures can be met by a cut of clashes; give at least one of {security}"
        )
    cuts = {
        "security_high": base.thresholds(home.source_key).security_high,
        "idps_high": base.idps_high,
        "services_severe": base.services_severe,
    }
    searches, without = [], []
    for name, choice in cuts.items():
        margins = margins_in_townships(name, printed, home.index.height)
        if margins:
            one = search(name, home.index, margins, choice.value, base.services_known_minimum.value)
            if one.candidates.is_empty():
                without.append(name)
            else:
                searches.append(one)
    if not searches:
        raise UnusableInput(
            f"release {home.release_id} holds no records for any index that {figures.name} has figures for; "
            "deliver them and run again"
        )
    days = cut_off_days(figures.rows)
    cut_offs = {figure: day for (figure, _), day in days.items() if figure in printed}
    unused = tuple(name for name in figures.rows["figure"] if name not in printed)
    return Outcome(base, home, figures, tuple(searches), tuple(without), unused, cut_offs)


def as_frame(outcome: Outcome) -> pl.DataFrame:
    """The whole search: one row per cut and candidate."""
    return pl.concat(s.candidates.select(pl.lit(s.cut_name).alias("cut"), pl.all()) for s in outcome.searches)


def provenance(outcome: Outcome) -> Provenance:
    home = outcome.home
    return Provenance(
        base=outcome.base.name,
        source_family=family(home.source_key),
        source_key=home.source_key,
        figures_file=outcome.figures.name,
        figures_sha256=outcome.figures.sha256,
        release_id=home.release_id,
        inputs_sha256=home.inputs_sha256,
        period_start=home.period_start,
        period_end=home.period_end,
        made_on=datetime.now(MYANMAR).date(),
        synthetic=home.synthetic,
        cuts=tuple(_found(s) for s in outcome.searches),
    )


def _found(one: Search) -> FoundCut:
    return FoundCut(
        one.cut_name,
        tuple((m.figure, m.townships) for m in one.margins),
        one.reached,
        one.chosen["loss_townships"],
        one.ranges("equally_good"),
        one.ranges("nearly_as_good"),
    )


def _choice(one: Search, outcome: Outcome) -> Choice:
    found = _found(one)
    kept = f"kept from {outcome.base.name}" if one.cut == one.base_cut else "found"
    return Choice(
        one.cut,
        f"Calibrated, {kept}: {found.loss_townships:.1f} townships in all from the published margins "
        f"({', '.join(figure for figure, _ in found.published)}), clashes of {outcome.home.source_key}, "
        f"{outcome.home.period_start} to {outcome.home.period_end}. Equally good: {found.equally_good}; nearly as "
        f"good, within the rounding of what was published: {found.nearly_as_good}.",
    )


TITLES = {
    "security_high": "Security Index: clashes in the window from which a township is high",
    "idps_high": "Humanitarian Crisis Index: displaced people from which a township is high",
    "services_severe": "Public Service Provision Index: share of services lost from which a township is severe",
}
_NEIGHBOURS_SHOWN = 3
_MEANING = (
    "The cuts are not unique: those listed as equally good fit exactly as well, and those listed as nearly as good "
    "would where the published figures were rounded.",
    "Published margins can be met by many methods: closeness to them proves nothing about the classes of single "
    "townships, nor that the publisher counted alike.",
)


def lines(outcome: Outcome) -> Iterator[str]:
    """The whole answer. Every number is of published rows; displaced people are rounded and small groups withheld."""
    home, base = outcome.home, outcome.base
    if home.synthetic:
        yield "*** SYNTHETIC DATA: every figure is invented; a cut found here means nothing elsewhere. ***"
    yield f"Calibration of {base.name} on {home.source_key}, {home.period_start} to {home.period_end}"
    yield f"Release   {home.release_id}"
    used = [margin.figure for s in outcome.searches for margin in s.margins]
    yield f"Figures   {outcome.figures.name}: {', '.join(used)}"
    if outcome.unused:
        yield f"Not used  {', '.join(outcome.unused)}"
    for one in outcome.searches:
        yield from _search(one)
    for name in outcome.without:
        yield f"\n{TITLES[name]}\n  no records in this release, so no cut was searched"
    yield "\nWhat this means"
    yield from (f"  - {text}" for text in (*_MEANING, *_limits(outcome)))


def _search(one: Search) -> Iterator[str]:
    best = one.chosen
    yield f"\n{TITLES[one.cut_name]}"
    beside = f"; {one.unknown_count} {_unknown(one)}" if one.unknown_count else ""
    yield f"  {one.considered_count} townships in conflict{beside}"
    yield f"  {'figure':32}{'published':>12}{'at this cut':>13}"
    for margin, (_, reached) in zip(one.margins, one.reached, strict=True):
        note = "  (a share, in townships)" if margin.rounding else ""
        yield f"  {margin.figure:32}{margin.townships:>12,.1f}{reached:>13,.0f}{note}"
    state = "the method has it now" if one.cut == one.base_cut else f"the method has {one.base_cut:,.10g} now"
    yield f"  cut found        {one.cut:,.10g} ({state}); loss {best['loss_townships']:.1f} townships in all"
    if one.cut_name == "idps_high" and one.cut % 100:
        yield "                   no round number fits as well: written as it was found"
    yield f"  equally good     {one.ranges('equally_good')}"
    yield f"  nearly as good   {one.ranges('nearly_as_good')}"
    yield (
        f"  one step away    {best['stay_count']} townships would leave the upper class one step higher, "
        f"{best['join_count']} would join it one step lower"
    )
    yield f"  {'cut':>24}{'upper class':>13}{'lower class':>13}{'loss':>9}"
    at = one.candidates["chosen"].arg_true()[0]
    first = max(0, at - _NEIGHBOURS_SHOWN)
    for row in one.candidates.slice(first, at + _NEIGHBOURS_SHOWN + 1 - first).iter_rows(named=True):
        low, high = f"{row['cut_low']:,.10g}", f"{row['cut_high']:,.10g}"
        mark = "  <- found" if row["chosen"] else "  as good" if row["equally_good"] else ""
        yield (
            f"  {low if low == high else f'{low} to {high}':>24}{row['high_count']:>13,}{row['low_count']:>13,}"
            f"{row['loss_townships']:>9.1f}{mark}"
        )


def _unknown(one: Search) -> str:
    return {
        "security_high": "more may be: no source covers them",
        "idps_high": "of them have no displacement figure",
        "services_severe": "of them have no service item known",
    }[one.cut_name]


def _limits(outcome: Outcome) -> Iterator[str]:
    """What holds of this home and these figures alone; what keeps them from meaning the same begins with warning."""
    home = outcome.home
    title = BY_KEY[family(home.source_key)].title
    yield (
        f"A cut holds for this source ({title}) and this period only; it does not carry over to another source, to a "
        "longer period or to another window."
    )
    if family(home.source_key) in LETHAL_ONLY_SOURCES:
        yield (
            "warning: this source holds only events in which somebody died by some estimate; its cut lies far below "
            "that of a source of all clashes"
        )
    by_day: dict[str, list[str]] = {}
    for figure, day in outcome.cut_offs.items():
        if day != home.period_end:
            by_day.setdefault(str(day), []).append(figure)
    for until, figures in sorted(by_day.items()):
        yield (
            f"warning: the published figures count to {until} and this release to {home.period_end} "
            f"({', '.join(figures)}); run with --period-end {until} and calibrate again"
        )
    if outcome.base.window_months is not None:
        yield (
            f"warning: {outcome.base.name} counts {outcome.base.window_months} months only; make sure that the "
            "published figures do so too"
        )
    for one in outcome.searches:
        if one.cut_name == "idps_high":
            stock = home.index.filter("in_conflict", pl.col("idps_basis") == "stock").height
            if stock:
                yield (
                    f"warning: in {stock} townships the displacement figure is stock, which includes older displacement"
                )
            yield (
                "Displaced people are taken as published: rounded to ten, groups of 1 to 9 withheld. Cuts within five "
                "of a shown figure are left out, so that the classes are those of the exact figures too"
            )
        if one.cut_name != "security_high" and one.unknown_count:
            yield (
                f"warning: {one.unknown_count} of {one.considered_count} townships in conflict have no record for "
                f"{one.cut_name}; a cut that makes up for them is too low"
            )
