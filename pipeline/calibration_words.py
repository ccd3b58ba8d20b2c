"""What `calibrate` says on the screen: margins, cuts, ties, and what none of it proves.

Not here: the search (indices/calibration.py) and what is written to files (calibrating.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from pipeline.indices.calibration import Search
from pipeline.indices.comparison import LETHAL_ONLY_SOURCES
from pipeline.sources import SOURCES, family

if TYPE_CHECKING:
    from pipeline.calibrating import Outcome

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
    title = SOURCES[family(home.source_key)].title
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
