"""What the page of a state or region begins with: its clashes of now, the signals of its townships, towns by holder."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from pipeline.declare.codes import UNREACHED, Controller, NoClass, Signal
from reports.draw.heat import Strip
from reports.draw.symbology import NOTHING, month_look
from reports.release import Release, latest, months, published
from reports.site.township_records import step_breaks
from reports.site.township_rows import spans
from reports.text.catalogue import Both, day_both, label_both, month_both, name_both, say
from reports.text.signals import counted_both
from reports.text.values import NO_DATA, Value, number_both, number_cell, rate_both, signal_both
from reports.text.wording import visible

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
TOWNS_MONTHS = 12
# Signals that name their townships; of the others the number is enough.
_NAMED = (Signal.ALERT, Signal.RISE, Signal.ONSET, Signal.FALL, Signal.LULL)
_COUNTED = (Signal.NONE, Signal.UNKNOWN)
_NO_CLASS = (NoClass.REPORTED_QUIET, NoClass.HOSTING_DISPLACED, NoClass.INSUFFICIENT_EVIDENCE, NoClass.SILENT,
             NoClass.NO_DATA)  # fmt: skip
HOLDERS = (Controller.RESISTANCE, Controller.OTHER, Controller.CONTESTED, Controller.STATE)


class RegionsNow:
    """Now in every state and region; the tables are read once for all of them."""

    def __init__(self, tables: Frames, release: Release) -> None:
        own = latest(tables, "township_index", release.method).join(
            latest(tables, "current_intensity", release.method), on=["month", "adm3_pcode"], how="left", validate="1:1"
        )
        burmese = published(tables, "townships").select("adm3_pcode", "adm3_name_my")
        own = own.join(burmese, on="adm3_pcode", how="left", validate="1:1")
        self._townships: dict[str, list[Row]] = {}
        for row in own.sort("adm3_name", "adm3_pcode").to_dicts():
            self._townships.setdefault(row["state_region"], []).append(row)
        source = latest(tables, "national_summary", release.method)["clash_source"].item()
        self._breaks = step_breaks(release, release.method, source)
        self._towns = _towns(tables)

    def sentences(self, name: Both, row: Row, before: Row | None) -> tuple[Both, ...]:
        """`row` and `before` are of region_summary: the last month and three months earlier."""
        own = self._townships.get(row["state_region"], [])
        return (
            counted_both(row, before, day_both(row["period_end"]), say("in {region}", region=name)),
            *_signals(row, own), *_expected(own), *self._steps(row), *_without_class(own),
        )  # fmt: skip

    def cells(self) -> dict[str, tuple[Value, Value, Value]]:
        """P-code -> clashes of three months, signal, clashes to expect with their interval."""
        return {row["adm3_pcode"]: _cells(row) for rows in self._townships.values() for row in rows}

    def towns(self, state_region: str) -> list[tuple[Both, tuple[Value, ...]]]:
        """Month and towns by who took them last, newest first; empty where no such record was delivered."""
        return self._towns.get(state_region, [])

    def _steps(self, row: Row) -> list[Both]:
        """Townships by the clashes of the window."""
        counts = [row[f"security_step_{step}_count"] for step in range(len(self._breaks) + 2)]
        if not self._breaks or any(count is None for count in counts):
            return []
        lows = [1, *self._breaks]
        parts = [say("no clash: {n}", n=counts[0])]
        parts += [say("{low} to {high}: {n}", low=low, high=high - 1, n=count)
                  for low, high, count in zip(lows, self._breaks, counts[1:], strict=False)]  # fmt: skip
        parts.append(say("{low} or more: {n}", low=lows[-1], n=counts[-1]))
        return [say("Townships by their clashes since {day}: {counts}.", day=day_both(row["period_start"]),
                    counts=spans(parts))]  # fmt: skip


def _signals(row: Row, own: Sequence[Row]) -> list[Both]:
    """The signals of the month with their townships, and how many alerts chance alone would give."""
    parts = []
    for code in _NAMED:
        names = [Both(visible(one["adm3_name"]), visible(one["adm3_name_my"] or one["adm3_name"]))
                 for one in own if one["signal"] == code]  # fmt: skip
        if names:
            parts.append(say("{signal}: {n} ({names})", signal=signal_both(code), n=len(names),
                             names=spans(names, ", ")))  # fmt: skip
    for code in _COUNTED:
        parts.append(say("{signal}: {n}", signal=signal_both(code), n=number_both(row[f"signal_{code}_count"])))
    said = [say("Signals of the month, townships: {signals}.", signals=spans(parts))]
    if row["signal_alert_count"]:
        said.append(say("By chance alone {n} alerts would come.", n=rate_both(row["alerts_false_expected"])))
    return said


def _expected(own: Sequence[Row]) -> list[Both]:
    """The sum of what is to be expected; an interval of a sum is not computed, so none stands here."""
    known = [row["expected_clashes_next_3m"] for row in own if row["expected_clashes_next_3m"] is not None]
    if not known:
        return []
    return [
        say(
            "In the next three months {n} clashes are to be expected in the records of its townships together, if "
            "the past months go on. No offensive and no ceasefire is foreseen by that.",
            n=rate_both(sum(known)),
        )
    ]


def _without_class(own: Sequence[Row]) -> list[Both]:
    """Why townships have no class of security: what is not known is not calm."""
    counts = [(code, sum(row["security_shown"] == code for row in own)) for code in _NO_CLASS]
    parts = [say("{signal}: {n}", signal=label_both(str(code)), n=count) for code, count in counts if count]
    if not parts:
        return []
    return [say("Townships without a recorded clash: {counts}. That is not calm: what nobody records is not known.",
                counts=spans(parts))]  # fmt: skip


def strips(tables: Frames, release: Release) -> dict[str, list[Strip]]:
    """State or region -> a strip of months of each of its townships, those with the most clashes of now on top."""
    steps = months(tables, release.method)
    places = published(tables, "townships").select("adm3_pcode", "adm3_name", "adm3_name_my", "state_region")
    own = published(tables, "township_index").filter(pl.col("method") == release.method)
    found: dict[str, dict[date, tuple[Row, str]]] = {}
    wanted = ("adm3_pcode", "month", "clashes_month_count", "security_shown", "clashes_3m_count", "clashes_12m_count")
    for row in own.select(wanted).to_dicts():
        look = month_look(row["clashes_month_count"], row["security_shown"])
        found.setdefault(row["adm3_pcode"], {})[row["month"]] = (row, look)

    def heaviest(place: Row) -> tuple[int, int, str]:
        row = found.get(place["adm3_pcode"], {}).get(steps[-1], ({}, ""))[0]
        return -(row.get("clashes_3m_count") or 0), -(row.get("clashes_12m_count") or 0), place["adm3_pcode"]

    told: dict[str, list[Strip]] = {}
    for place in sorted(places.to_dicts(), key=heaviest):
        own_months = found.get(place["adm3_pcode"], {})
        name = name_both(place["adm3_name"], place["adm3_name_my"])
        told.setdefault(place["state_region"], []).append(
            Strip(name, tuple(own_months[step][1] if step in own_months else NOTHING for step in steps))
        )
    return told


def _cells(row: Row) -> tuple[Value, Value, Value]:
    signal = Value(signal_both(row["signal"]), NO_DATA if row["signal"] in (None, Signal.UNKNOWN) else "")
    if row["expected_clashes_next_3m"] is None or row["security_shown"] in UNREACHED:
        return number_cell(row["clashes_3m_count"]), signal, Value(say("not known"), NO_DATA)
    ahead = say("{value} ({low} to {high})", value=rate_both(row["expected_clashes_next_3m"]),
                low=row["interval_low"], high=row["interval_high"])  # fmt: skip
    return number_cell(row["clashes_3m_count"]), signal, Value(ahead, "", f"{row['expected_clashes_next_3m']:.4g}")


def _towns(tables: Frames) -> dict[str, list[tuple[Both, tuple[Value, ...]]]]:
    found: dict[str, dict[date, dict[str, int]]] = {}
    for row in published(tables, "town_control").to_dicts():
        found.setdefault(row["scope"], {}).setdefault(row["month"], {})[row["controller"]] = row["towns_count"]
    return {
        scope: [(month_both(month), tuple(number_cell(months[month].get(str(one), 0)) for one in HOLDERS))
                for month in sorted(months, reverse=True)[:TOWNS_MONTHS]]
        for scope, months in found.items()
    }  # fmt: skip
