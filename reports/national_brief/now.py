"""The first page of the national brief in words: the figures of the last month, how sure they are, control lost.

Every value is in both languages; what is not known is said.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from pipeline.declare.codes import NATIONAL, Basis, ShareMeasure
from reports.draw.maps import swatch
from reports.draw.symbology import ARROWS, looks, now_looks, shown_looks
from reports.figures import FIGURES
from reports.national_brief.drawings import MAPS
from reports.release import Release, latest, mapped_townships
from reports.site.control import bases
from reports.site.month import Standing, summary_words
from reports.site.signals import leading
from reports.text.catalogue import Both, day_both, label_both, say
from reports.text.values import look_words, number_both, percent_both, share_both
from reports.text.wording import known, number, unsettled_count

Frames = Mapping[str, pl.DataFrame]
Missing = dict[str, Any]  # words that stand where a figure would: set apart in the PDF
_BASES = {"new": "newly displaced since 1 February 2021", "stock": "displaced at the reference date"}


def figure(value: float | None) -> str | Missing:
    """A count in digits, or the words that it is not known."""
    return {"words": say("not known"), "missing": True} if value is None else number(value)


def what(column: str) -> Both:
    """The words of a national figure that stand alone."""
    return say(FIGURES[column].words)


def lead(tables: Frames, release: Release, listed: int, found: int) -> list[Both]:
    """Three sentences of now: the month and who lives there, the three months, and how many townships stand out."""
    said = [without_arrows(one) for one in leading(tables, release)]
    quarter = said[-2:-1] if len(said) > 2 else []  # the last two are of three and of twelve months
    return [said[0], *quarter, *summary_words(tables, release, listed, found)[:1]]


def without_arrows(words: Both) -> Both:
    """A sentence for print: neither font has the arrows of the pages, and the words beside them say the same."""
    return Both(*(re.sub(f"[{''.join(ARROWS.values())}] ?", "", one) for one in (words.en, words.my)))


def standing_rows(listed: Sequence[Standing]) -> list[dict[str, Any]]:
    """The rows of the page of the month: place, signal and why, people, displaced people."""
    return [
        {
            "en": one.name, "my": one.name_my, "place": one.unit.both, "signal": one.signal_words, "why": one.why,
            "people": one.people, "displaced": one.displaced,
        }
        for one in listed
    ]  # fmt: skip


def headline_rows(tables: Frames, release: Release) -> list[list[Any]]:
    """Rows of (what, figure, how sure or of how many) of what the months since the start have left."""
    row = latest(tables, "national_summary", release.method).row(0, named=True)
    total = number(row["townships_count"])
    chances = latest(tables, "township_index", release.method)["security_high_probability"].drop_nulls()
    open_count = unsettled_count(chances.to_list()) if chances.len() else None
    in_conflict = row["in_conflict_count"]
    return [
        [what("in_conflict_count"), figure(in_conflict),
         "" if in_conflict is None
         else say("of {total} ({share})", total=total, share=share_both(row["in_conflict_share"]))],
        [say("By the pattern of the counts, clashes reached at least"), figure(_whole(row["in_conflict_estimate"])),
         _interval(_whole(row["in_conflict_estimate_low"]), _whole(row["in_conflict_estimate_high"]))],
        [say("Townships with heavy fighting (class high)"), figure(row["security_high_count"]), _again(row)],
        [say("Class left open: another record could say otherwise"), figure(open_count),
         say("probability of high between 5 and 95 %")],
        [what("clashes_count"), figure(row["clashes_count"]),
         say("from {start} to {end}", start=day_both(row["period_start"]), end=day_both(row["period_end"]))],
        [what("clashes_unallocated_count"), figure(row["clashes_unallocated_count"]),
         say("{count} of them have candidate townships", count=number_both(row["clashes_possible_count"]))],
        [say("Deaths in these clashes, best estimate"), figure(row["fatalities_persons"]), _deaths(row)],
        [what("idps_persons"), persons_figure(row["idps_persons"]),
         say("{count} of {total} townships reporting", count=number(row["idps_reporting_count"]), total=total)],
        [what("humanitarian_high_count"), figure(known(row, "humanitarian_high_count")),
         say("insufficient data: {count}", count=number(row["humanitarian_insufficient_count"]))],
        [what("services_severe_count"), figure(known(row, "services_severe_count")), _bounds(row)],
    ]  # fmt: skip


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _again(row: Mapping[str, Any]) -> Both | str:
    low, high = row["security_high_low"], row["security_high_high"]
    if low is None or high is None:
        return say("95 % interval not known")
    return say("another record of the same kind would likely give {low} to {high}", low=number(round(low)),
               high=number(round(high)))  # fmt: skip


def _deaths(row: Mapping[str, Any]) -> Both | str:
    low, high = row["fatalities_low_persons"], row["fatalities_high_persons"]
    return "" if low is None or high is None else say("low {low}, high {high}", low=number(low), high=number(high))


def persons_figure(value: float | None) -> Any:
    """People in digits, or the words that they are withheld or not reported."""
    if value is not None and 0 < value < 10:
        return {"words": say("fewer than 10"), "missing": True}
    return {"words": say("not reported"), "missing": True} if value is None else number(value)


def _interval(low: float | None, high: float | None) -> Both | str:
    if low is None or high is None:
        return say("95 % interval not known")
    return say("95 % interval {low} to {high}", low=number(low), high=number(high))


def _bounds(row: Mapping[str, Any]) -> Both:
    low, high = row["services_severe_low"], row["services_severe_high"]
    if low is None or high is None:
        return say("bounds not known")
    return say("{low} to {high}, as unknown answers are best or worst", low=number(low), high=number(high))


def displacement_words(tables: Frames, release: Release) -> Both:
    """Which displacement the figures are, and of which days: new and stock mean different things."""
    index = latest(tables, "township_index", release.method)
    found = index["idps_basis"].drop_nulls().value_counts().sort("idps_basis")
    days = index["idps_reference_date"].drop_nulls()
    if found.is_empty() or days.is_empty():
        return say("No displacement figure is in force: how many people are displaced is not reported, not zero.")
    parts = [
        say("{basis}: {count} townships", basis=say(_BASES[basis]) if basis in _BASES else basis, count=number(count))
        for basis, count in found.iter_rows()
    ]
    listed = Both("; ".join(part.en for part in parts), "၊ ".join(part.my for part in parts))
    first, last = day_both(days.min()), day_both(days.max())  # type: ignore[arg-type]
    if first == last:
        return say(
            "Displaced people: {parts}; reports of {first}. Later returns and flights are not in them.",
            parts=listed, first=first,
        )  # fmt: skip
    return say(
        "Displaced people: {parts}; reports of {first} to {last}. Later returns and flights are not in them.",
        parts=listed, first=first, last=last,
    )  # fmt: skip


def control_rows(tables: Frames, release: Release) -> tuple[list[Any], list[list[Any]]]:
    """Header and rows of the share of control lost: a row a basis, the expected share below, a column a measure."""
    rows = latest(tables, "territorial_control", release.method).filter(pl.col("scope") == NATIONAL).to_dicts()
    found = {(row["basis"], row["measure"]): row for row in rows}
    known_ones = {measure for (_, measure), row in found.items() if row["lost_share"] is not None}
    measures = [one for one in ShareMeasure if one in known_ones or one != ShareMeasure.EXACT_AREA]
    header = [say("Lost, or heavy fighting, share of"), *(label_both(measure) for measure in measures)]
    body: list[list[Any]] = []
    for basis in bases(tables, release):
        own = [found.get((basis, measure), {}) for measure in measures]
        body.append([label_both(basis), *(_share(row.get("lost_share")) for row in own)])
        if basis == str(Basis.SECURITY_INDEX):
            names = ("lost_expected_share", "lost_interval_low", "lost_interval_high")
            body.append(
                [say("by another record of the same kind, 95 % interval"), *(_three(row, names) for row in own)]
            )
        elif any(row.get("lost_share") is not None for row in own):
            body.append([say("if none, or all, of what may be lost were lost"), *(_range(row) for row in own)])
    return header, body


def _share(value: float | None) -> Any:
    return (
        {"words": say("not known"), "missing": True} if value is None else say("{value} %", value=percent_both(value))
    )


def _three(row: Mapping[str, Any], names: tuple[str, str, str]) -> Any:
    value, low, high = (row.get(name) for name in names)
    if value is None or low is None or high is None:
        return {"words": say("not known"), "missing": True}
    return f"{100 * value:.1f} ({100 * low:.1f}–{100 * high:.1f})"


def _range(row: Mapping[str, Any]) -> Any:
    low, high = row.get("lost_low"), row.get("lost_high")
    if low is None or high is None:
        return {"words": say("not known"), "missing": True}
    return f"{100 * low:.1f}–{100 * high:.1f}"


def classes_of(tables: Frames, release: Release, column: str) -> dict[str, str]:
    """The look of each township on the map, as on the pages' maps; one without an index row has insufficient data."""
    rows = mapped_townships(tables, release).drop("geometry").iter_rows(named=True)
    return {row["adm3_pcode"]: {**looks(row), **now_looks(row)}[column] for row in rows}


def legend(classes: Mapping[str, str], column: str) -> list[dict[str, Any]]:
    """Every class with its look, words and number of townships, in the words of the pages' legends."""
    counts = Counter(classes.values())
    fills = dict(MAPS[column].fills)
    return [
        {"svg": swatch(fills[code]),
         "words": say("{look}: {count}", look=look_words(code), count=number(counts[code]))}
        for code in shown_looks(MAPS[column].fills, counts)
    ]  # fmt: skip


def map_alt(classes: Mapping[str, str], column: str, watermark: Both) -> Both:
    """What the map shows, for a reader who cannot see it."""
    entries = [entry["words"] for entry in legend(classes, column)]
    listed = Both("; ".join(entry.en for entry in entries), "၊ ".join(entry.my for entry in entries))
    said = say(
        "Map of {count} townships of Myanmar by class of the {index}: {classes}.",
        count=number(len(classes)), index=say(MAPS[column].title), classes=listed,
    )  # fmt: skip
    return Both(f"{said.en} {watermark.en}".strip(), f"{said.my} {watermark.my}".strip())
