"""What a township's page begins with: the clashes of now, their signal, what is to be expected, what stands behind it.

Each takes a row of township.py. Every sentence comes with its number, and says what it is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.declare.codes import UNREACHED, SecurityClass, Signal
from reports.months import is_part
from reports.release import Release, published
from reports.site.blocks import chip
from reports.site.township_rows import History, Shown, spans
from reports.text.catalogue import Both, day_both, label_both, month_both, say
from reports.text.shown import shown_meaning
from reports.text.signals import clashes_both, counted_both, meaning_both, month_words
from reports.text.values import chance_both, number_both, persons_both, rate_both, signal_both

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
Alerts = Sequence[tuple[date, bool | None]]  # month, whether a quarter confirmed it
QUARTER, YEAR = 3, 12  # months


@dataclass(frozen=True)
class Now:
    """`lead` is what the page begins with; `sentences` follow below the months."""

    lead: Both
    sentences: tuple[Both, ...]


def past_alerts(tables: Frames, release: Release) -> dict[str, list[tuple[date, bool | None]]]:
    """P-code -> its alerts of the twelve months before the last, newest first."""
    changes = published(tables, "township_changes").filter(pl.col("method") == release.method)
    last = changes["month"].max()
    own = changes.filter(
        pl.col("is_alert"), pl.col("month") < last, pl.col("month") >= pl.lit(last).dt.offset_by(f"-{YEAR}mo")
    )
    found: dict[str, list[tuple[date, bool | None]]] = {}
    for code, month, confirmed in own.select("adm3_pcode", "month", "alert_confirmed").reverse().iter_rows():
        found.setdefault(code, []).append((month, confirmed))
    return found


def now(row: Row, alerts: Alerts = (), history: History | None = None, clashes: Sequence[int | None] = ()) -> Now:
    """The section of a township; `clashes` are those of each month of its `history`."""
    day = day_both(row["period_end"])
    before = {name: row[f"quarter_{name}"] for name in ("clashes_3m_count", "clashes_12m_count")}
    meaning = shown_meaning(row["security_shown"])
    counted = counted_both(row, before, day, say("here"))
    return Now(
        lead(row, history, clashes) if history and history.rows else counted,
        (*([meaning] if meaning else []), *([counted] if history and history.rows else []), *_signal(row),
         *_alerts(alerts), *expected(row)),
    )  # fmt: skip


def lead(row: Row, history: History, clashes: Sequence[int | None]) -> Both:
    """What happened this month beside before, since when the class holds, and who is displaced."""
    steps = [one["month"] for one in history.rows]
    end = row["period_end"]
    said = [month_words(steps, clashes, end if end is not None and is_part(end) else None)]
    shown = history.values("security_shown")
    if shown[-1] in (SecurityClass.HIGH, SecurityClass.LOW):
        at = next((place for place in reversed(range(len(shown))) if shown[place] != shown[-1]), -1) + 1
        said.append(say("Security Index: {name} since {month}.", name=label_both(shown[-1]),
                        month=month_both(steps[at])))  # fmt: skip
    if row["idps_reference_date"] is None or (row["idps_persons"] is None and not row["idps_suppressed"]):
        said.append(say("How many people are displaced is not reported."))
    else:
        said.append(say("Displaced people: {people}, reported on {day}.",
                        people=persons_both(row["idps_persons"], row["idps_suppressed"]),
                        day=day_both(row["idps_reference_date"])))  # fmt: skip
    return spans(said, " ")


def recent(row: Row) -> Shown:
    """The three counts of now in one cell."""
    counts = [row[f"clashes_{name}_count"] for name in ("month", "3m", "12m")]
    if all(count is None for count in counts):
        return chip(None)
    return say("{month}; {quarter}; {year}", **dict(zip(("month", "quarter", "year"), map(number_both, counts),
                                                        strict=True)))  # fmt: skip


def _signal(row: Row) -> list[Both]:
    """The signal and what it means; of an alert the chance that it is false, and whether a quarter confirms it."""
    code = row["signal"]
    said = [say("Signal of the month: {signal} – {meaning}.", signal=signal_both(code), meaning=meaning_both(code))]
    if code == Signal.ALERT and row["clashes_month_count"] is not None:
        said.append(say("{now} in the month; the most in any of the twelve before: {most}.",
                        now=clashes_both(row["clashes_month_count"]),
                        most=number_both(row["clashes_year_maximum_count"])))  # fmt: skip
        said.append(say("A month like the year before would be an alert by chance {chance} of the time: that is the "
                        "chance of a false one.", chance=chance_both(row["alert_false_probability"])))  # fmt: skip
        said.append(say(_CONFIRMED[row["alert_confirmed"]]))
    return said


_CONFIRMED: Mapping[bool | None, str] = {
    True: "A rise of the three months confirms it.",
    False: "No rise of three months confirmed it.",
    None: "Whether a rise of three months confirms it will be known within two months.",
}


def _alerts(alerts: Alerts) -> list[Both]:
    """The alerts of the twelve months before, each with whether it was confirmed later."""
    if not alerts:
        return []
    told = [say(_LATER[confirmed], month=month_both(month)) for month, confirmed in alerts]
    return [say("Alerts of the twelve months before: {alerts}.",
                alerts=Both("; ".join(one.en for one in told), "; ".join(one.my for one in told)))]  # fmt: skip


_LATER: Mapping[bool | None, str] = {
    True: "{month} (confirmed later)", False: "{month} (not confirmed)", None: "{month} (not yet known)",
}  # fmt: skip


def has_outlook(row: Row) -> bool:
    """Whether the page says what is to be expected: not where nothing tells what a count of none means."""
    return row["expected_clashes_next_3m"] is not None and row["security_shown"] not in UNREACHED


def expected(row: Row) -> list[Both]:
    """What the current intensity says of the next three months, and what it is not."""
    if not has_outlook(row):
        return [say("What is to be expected in the next three months is not said here: too few reports come from the "
                    "township.")]  # fmt: skip
    return [
        say("In the next three months {expected} clashes are to be expected in the records (90 % interval {low} to "
            "{high}). Chance of any: {any}; of four or more: {four}.",
            expected=rate_both(row["expected_clashes_next_3m"]), low=row["interval_low"], high=row["interval_high"],
            any=chance_both(row["any_probability"]),
            four=chance_both(row["four_or_more_probability"])),
        say("This carries the past months on. It is no warning and no all-clear: it knows of no offensive and no "
            "ceasefire, and of nothing that is not recorded."),
    ]  # fmt: skip
