"""The interactive map of the overview: what its page shows, and what its script knows of every month, packed.

Published tables only, so nothing that is withheld there can be had back here.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from pipeline.declare.codes import Controller, IndexName, NoClass, Signal
from reports.draw.maps import draw_live, draw_map, place_words
from reports.draw.shapes import Shapes, make_shapes
from reports.draw.symbology import (
    CHANCES,
    HOT_SPOTS,
    NEXT,
    NO_SIGNAL,
    NOTHING,
    NOW_COLUMNS,
    NOW_THEMES,
    QUARTER,
    THEMES,
    WEAK,
    WITHHELD,
    YEAR,
    Theme,
    looks,
    now_looks,
)
from reports.figures import FIGURES, Unit
from reports.release import Release, leading_source, mapped_townships, months, published
from reports.site import spatial
from reports.site.render import drawn
from reports.text.catalogue import Both, day_both, in_words, month_both, say
from reports.text.glossary import Rules, class_rules, legend_words
from reports.text.values import look_words
from reports.text.wording import chance, known, persons, visible

if TYPE_CHECKING:
    import numpy as np
    from markupsafe import Markup
    from numpy.typing import NDArray

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
Looked = Mapping[date, Mapping[str, Mapping[str, str]]]  # month, P-code, column of a map: the look
# National figures below the map.
SHOWN = ("clashes_month_count", "clashes_3m_count", "signal_alert_count", "in_conflict_count", "idps_persons")
MISSING, FEWER = "-", "f"
EXPECTED = ("expected_clashes_next_3m", "interval_low", "interval_high")
# Phrases that the script puts together; each stands in the catalogue.
_PHRASES = (
    "not reported", "not known", "fewer than 10", "under 1 %", "over 99 %", "{count} days old", "no record of any kind",
    "Clashes since {start}, at least", "Clashes in {month}, at least",
    "Clashes of the last 3 months", "Clashes to expect in the next 3 months", "Signal of the month",
    "{count} (90 % interval {low} to {high})", "Displaced people, at least",
    "Probability of class high on security", "Evidence grade (A strong, D weak)", "Newest record used",
    "Open the page of this township", "as of {day}", "{count} of {total}",
    "Clashes are counted from {start} to {end}.", "provisional: the last weeks are under-reported", "Play", "Pause",
    "newly displaced since 1 February 2021", "displaced at the reference date",
    "The whole country is shown.", "A part, enlarged {count} times",
)  # fmt: skip

# How to read what is no class of the scale: one sentence a look, shown only on the maps that have it.
READINGS: dict[str, str] = {
    NoClass.HOSTING_DISPLACED: "Rings: no clash is known, and displaced people live there.",
    NoClass.REPORTED_QUIET: "Near white: no clash, and records of another kind report from the township.",
    WEAK: "Grey with lines: insufficient evidence. There are too few records for a class, or events that may be "
    "clashes there.",
    NoClass.SILENT: "Grey with ticks: no clash is known, and nobody reports. That is not calm.",
    NOTHING: "Hatched: no data, which is not zero.",
    QUARTER[0][0]: "Near white: the leading source recorded no clash in these months, where it did before.",
    YEAR[0][0]: "Near white: the leading source recorded no clash in these months, where it did before.",
    NEXT[0][0]: "Expected are clashes as they are recorded and placed; no offensive can be foreseen.",
    Signal.ALERT: "Alert: the month is above every month of the year before, and unlikely at its rate.",
    Signal.RISE: "Rise: three months are above the year before, beyond chance. Fall: below it.",
    Signal.ONSET: "Onset: the first clash after six months without one.",
    Signal.LULL: "Lull: none in three months after a year with twelve or more.",
    NO_SIGNAL: "No signal: the month is like the township's own past, much or little fighting.",
    Signal.UNKNOWN: "Hatched: it cannot be told, which says nothing either way.",
    WITHHELD: "Dotted: the figure is 1 to 9 people and withheld, so that no small group can be told.",
    CHANCES[-1]: "The chance that another record of the same months, as selective as this one, would put the township "
    "into class high. It says nothing of the months to come.",
}


def shown_themes(looked: Looked) -> list[Theme]:
    """The maps that have something to show, those of now first; control without any record has nothing."""
    return _themes(any(row["control_look"] != "unknown" for rows in looked.values() for row in rows.values()))


def _themes(control_is_known: bool) -> list[Theme]:
    return [theme for theme in (*NOW_THEMES, *THEMES) if theme.key != "control" or control_is_known]


def states_in_order(places: pl.DataFrame) -> list[str]:
    """States and regions in the order in which the page numbers them."""
    return sorted(set(places["state_region"].to_list()))


def theme_title(theme: Theme) -> Both:
    return say(theme.title)


def readings(theme: Theme) -> list[Both]:
    return [say(READINGS[code]) for code, _ in theme.fills if code in READINGS]


def live_map(tables: Frames, release: Release, shapes: Shapes, looked: Looked) -> dict[str, Any]:
    """What map.html.j2 shows: drawing, legend with counts, figures of the last month, data for the script."""
    themes, rules = shown_themes(looked), _rules(tables, release)
    theme, month = themes[0], max(looked)
    classes = {code: row[theme.column] for code, row in looked[month].items()}
    counts = Counter(classes.values())
    places = published(tables, "townships").drop("geometry")
    row = (
        published(tables, "national_summary")
        .filter(pl.col("method") == release.method, pl.col("month") == month)
        .row(0, named=True)
    )
    return {
        "svg": draw_live(shapes, {one["adm3_pcode"]: one for one in places.to_dicts()}, classes, theme,
                         release.watermark),
        "groups": _in_groups(themes), "themes": [(one.key, theme_title(one)) for one in themes],
        "theme": theme_title(theme), "key": theme.key,
        "legend": [(code, legend_words(theme, code, rules), counts.get(code, 0)) for code, _ in theme.fills],
        "readings": readings(theme),
        "states": list(enumerate(map(place_words, states_in_order(places)))),
        "month": month_both(month), "last": len(looked) - 1, "first_month": month_both(min(looked)),
        "provisional": row["provisional"], "start": day_both(row["period_start"]), "end": day_both(row["period_end"]),
        "figures": [(FIGURES[column].words, _figure(pair))
                    for column, pair in zip(SHOWN, national_figures(row), strict=True)],
        "data": as_json(map_data(tables, release, shapes, looked)),
    }  # fmt: skip


def _in_groups(themes: list[Theme]) -> list[tuple[Both, list[tuple[str, Both]]]]:
    """What the maps are of: now, and since 2021."""
    return [
        (words, [(one.key, theme_title(one)) for one in themes if (one in NOW_THEMES) == is_now])
        for words, is_now in ((say("Now"), True), (say("Since February 2021"), False))
    ]


def _figure(pair: list[str]) -> Both:
    value, total = pair
    shown: Both | str = say("not reported") if value == "-" else say("fewer than 10") if value == "f" else value
    if isinstance(shown, str):
        shown = Both(f"{int(shown):,}", f"{int(shown):,}")
    return say("{count} of {total}", count=shown, total=total) if total and value not in "-f" else shown


def all_looks(tables: Frames, release: Release) -> dict[date, dict[str, dict[str, str]]]:
    """Month -> P-code -> look by column; every township in every month, one without a row as insufficient data."""
    codes, nothing = published(tables, "townships")["adm3_pcode"].to_list(), {**looks({}), **now_looks({})}
    found = {month: dict.fromkeys(codes, nothing) for month in months(tables, release.method)}
    for row in _index(tables, release).iter_rows(named=True):
        if row["month"] in found and row["adm3_pcode"] in found[row["month"]]:
            found[row["month"]][row["adm3_pcode"]] = {**looks(row), **now_looks(row)}
    return found


def map_rows(tables: Frames, release: Release) -> dict[str, dict[str, str]]:
    """P-code -> name, state and looks of the last month; a township without an index row is insufficient data."""
    rows = mapped_townships(tables, release).drop("geometry").to_dicts()
    return {row["adm3_pcode"]: {**row, **looks(row), **now_looks(row)} for row in rows}


def _with_spots(tables: Frames, release: Release) -> dict[str, dict[str, str]]:
    spots = spatial.spots(tables, release)
    rows = map_rows(tables, release)
    return {code: {**row, HOT_SPOTS.column: spots.get(code, spatial.UNKNOWN)} for code, row in rows.items()}


def write_maps(tables: Frames, release: Release, folder: Path) -> None:
    """Write each map of the last month that has something to show as a file of its own."""
    rows, shapes = _with_spots(tables, release), make_shapes(published(tables, "townships"))
    folder.mkdir(parents=True, exist_ok=True)
    for theme in _alone(tables, release, rows):
        alone = draw_map(shapes, rows, theme, _as_of(release), release.watermark, alone=True)
        (folder / f"{theme.key}.svg").write_bytes(alone.encode("utf-8"))


def _alone(tables: Frames, release: Release, rows: Mapping[str, Mapping[str, str]]) -> list[Theme]:
    """The maps that have a file of their own: those of the page, and hot spots where there are any."""
    holders = published(tables, "township_index").filter(pl.col("method") == release.method)["control_class"]
    spots = any(row[HOT_SPOTS.column] != spatial.UNKNOWN for row in rows.values())
    return [*_themes(bool((holders != Controller.UNKNOWN).any())), *([HOT_SPOTS] if spots else [])]


def hot_spot_map(tables: Frames, release: Release) -> dict[str, Any] | None:
    """The map of hot spots for a page; None where no statistic could be computed."""
    rows, shapes = _with_spots(tables, release), make_shapes(published(tables, "townships"))
    if all(row[HOT_SPOTS.column] == spatial.UNKNOWN for row in rows.values()):
        return None
    svg = draw_map(shapes, rows, HOT_SPOTS, _as_of(release), release.watermark)
    return {"key": HOT_SPOTS.key, "title": HOT_SPOTS.title, "svg": drawn(svg)}


def _as_of(release: Release) -> Both:
    return say("as of {day}", day=day_both(release.period_end))


def map_data(tables: Frames, release: Release, shapes: Shapes, looked: Looked) -> dict[str, Any]:
    """All the script needs. Townships in the order of their P-codes, months from the first to the last.

    A series is one text a township: a value a month, separated by commas; nothing between two commas means the same
    as the month before, "-" not reported, "f" fewer than 10.
    """
    places = published(tables, "townships")
    codes = places["adm3_pcode"].to_list()
    steps = list(looked)
    rows = {(row["adm3_pcode"], row["month"]): row for row in _index(tables, release).iter_rows(named=True)}

    def series(worded: Callable[[Row], str]) -> list[str]:
        return [
            packed(worded(rows[code, step]) if (code, step) in rows else MISSING for step in steps) for code in codes
        ]

    states = states_in_order(places)
    return {
        "themes": [_theme(theme, looked, codes, _rules(tables, release)) for theme in shown_themes(looked)],
        "months": _months(tables, release),
        "states": [place_words(state) for state in states],
        "townships": _townships(places, states, shapes),
        "words": {phrase: say(phrase) for phrase in _PHRASES},
        "quarter": series(lambda row: _count(row["clashes_3m_count"])),
        "expected": series(_expected),
        "clashes": series(lambda row: _count(row["clashes_count"])),
        "clashes_month": series(lambda row: _count(row["clashes_month_count"])),
        "idps": series(_idps),
        "idps_day": series(lambda row: _iso(row["idps_reference_date"])),
        "newest": series(_newest),
        "chance": series(lambda row: _chance(row["security_high_probability"])),
        "grade": series(lambda row: row["evidence_grade"] or MISSING),
    }


def as_json(data: Mapping[str, Any]) -> Both:
    """JSON for a <script type="application/json"> in each language."""
    return Both(_json(data, "en"), _json(data, "my"))


def _json(data: Mapping[str, Any], language: str) -> Markup:
    from markupsafe import Markup

    return Markup(inert(data, language))  # noqa: S704 - nothing that HTML could read is left in it


def inert(data: Mapping[str, Any], language: str) -> str:
    """JSON in which no text can end a script, open a comment or end a line of one."""
    spoken = in_words(data, language)
    text = json.dumps(spoken, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def packed(values: Iterable[str]) -> str:
    """The series with every value that repeats the one before left empty."""
    parts: list[str] = []
    before = None
    for value in values:
        parts.append("" if value == before else value)
        before = value
    return ",".join(parts)


def _index(tables: Frames, release: Release) -> pl.DataFrame:
    """What the map needs of the rows of the leading method."""
    frame = published(tables, "township_index").filter(pl.col("method") == release.method)
    expected = published(tables, "current_intensity").select("month", "adm3_pcode", *EXPECTED)
    return frame.join(expected, on=("month", "adm3_pcode"), how="left", validate="1:1").select(
        "month", "adm3_pcode", "period_end", *(f"{index}_shown" for index in IndexName), "control_class",
        "security_high_probability", "evidence_grade", "idps_suppressed", "idps_persons", "idps_basis",
        "idps_reference_date", "clashes_count", "clashes_month_count", "data_age_days", *NOW_COLUMNS, *EXPECTED,
    )  # fmt: skip


def _rules(tables: Frames, release: Release) -> Rules:
    return class_rules(release.spec(release.method), leading_source(tables, release.method))


def _theme(theme: Theme, looked: Looked, codes: list[str], rules: Rules) -> dict[str, Any]:
    """The theme with one figure a township and month: the place of its look in the legend."""
    order = {code: position for position, (code, _) in enumerate(theme.fills)}
    return {
        "key": theme.key,
        "title": theme_title(theme),
        "looks": [_look(theme, code, rules) for code, _ in theme.fills],
        "readings": readings(theme),
        "months": ["".join(str(order[rows[code][theme.column]]) for code in codes) for rows in looked.values()],
    }


def _look(theme: Theme, code: str, rules: Rules) -> dict[str, Any]:
    """The words of a look; `rule` is what the legend says, where that is more."""
    words, rule = look_words(code), legend_words(theme, code, rules)
    return {"key": code, "words": words, **({} if rule == words else {"rule": rule})}


def _months(tables: Frames, release: Release) -> list[dict[str, Any]]:
    """Names, window, and the four national figures of each month."""
    summary = published(tables, "national_summary").filter(pl.col("method") == release.method)
    return [
        {
            "key": f"{row['month']:%Y-%m}",
            "words": month_both(row["month"]),
            "start": day_both(row["period_start"]),
            "end": day_both(row["period_end"]),
            "last": _iso(row["period_end"]),
            "provisional": bool(row["provisional"]),
            "figures": national_figures(row),
        }
        for row in summary.to_dicts()
    ]


def national_figures(row: Row) -> list[list[str]]:
    """The figures SHOWN of a month: each as (figure, of how many), the latter for numbers of townships alone."""
    total = _count(row["townships_count"])
    found = []
    for figure in map(FIGURES.__getitem__, SHOWN):
        if figure.unit == Unit.PERSONS:
            withheld = persons(row[figure.column]) == persons(1)
            found.append([FEWER if withheld else _count(row[figure.column]), ""])
        else:
            of = total if figure.unit == Unit.TOWNSHIPS else ""
            found.append([_count(known(row, figure.column)), of])
    return found


def _townships(places: pl.DataFrame, states: list[str], shapes: Shapes) -> list[list[Any]]:
    """(P-code, name, Burmese name, state by number, panel, next to the left, right, above, below).

    `panel` is the letter of the city inset that holds the whole township, where it is large enough to be seen.
    """
    import shapely

    polygons = shapely.from_wkb(places["geometry"].to_numpy())
    west, south, east, north = shapely.bounds(polygons).T
    codes = places["adm3_pcode"].to_list()
    panels = [""] * len(codes)
    for frame, found in shapes.insets:
        left, low, right, high = frame.bounds
        within = (west >= left) & (east <= right) & (south >= low) & (north <= high)
        for position, code in enumerate(codes):
            if within[position] and code in found:
                panels[position] = frame.name[0].lower()
    points = shapely.get_coordinates(shapely.point_on_surface(polygons))
    points[:, 0] *= math.cos(math.radians((south.min() + north.max()) / 2))  # a degree east is shorter than one north
    nearest = neighbours_by_direction(points)
    return [
        [row["adm3_pcode"], visible(row["adm3_name"]), visible(row["adm3_name_my"] or ""),
         states.index(row["state_region"]), panels[position], *nearest[position]]
        for position, row in enumerate(places.drop("geometry").iter_rows(named=True))
    ]  # fmt: skip


def neighbours_by_direction(points: NDArray[np.float64]) -> list[list[int]]:
    """The place that an arrow key leads to from each place: to the left, right, above, below; -1 where none lies.

    `points` are x and y, y upwards, on one scale. Only what lies within 45 degrees of the arrow counts, the nearest
    first; what lies aside of it counts twice, so that a row of key presses goes straight.
    """
    import numpy as np

    x, y = (points[None, :, axis] - points[:, None, axis] for axis in (0, 1))
    found = []
    for along, aside in ((-x, y), (x, y), (y, x), (-y, x)):
        cost = np.hypot(along, aside) + abs(aside)
        cost[(along <= 0) | (abs(aside) > along)] = np.inf
        best = cost.argmin(axis=1)
        found.append(np.where(np.isinf(cost.min(axis=1)), -1, best).tolist())
    return [list(ways) for ways in zip(*found, strict=True)]


def _count(value: int | None) -> str:
    return MISSING if value is None else str(value)


def _expected(row: Row) -> str:
    """The clashes to expect with both ends of their interval, separated by blanks."""
    value, low, high = (row[name] for name in EXPECTED)
    return MISSING if None in (value, low, high) else f"{f'{value:.1f}' if value >= 0.05 else '<0.1'} {low} {high}"


def _iso(value: date | None) -> str:
    return MISSING if value is None else value.isoformat()


def _idps(row: Row) -> str:
    """The figure as it may be read, with n or s for its basis."""
    value, suppressed = row["idps_persons"], row["idps_suppressed"]
    basis = {"new": "n", "stock": "s"}.get(row["idps_basis"] or "", "")
    if value is None and not suppressed:
        return MISSING
    return f"{FEWER if persons(value, suppressed) == persons(1) else value}{basis}"


def _newest(row: Row) -> str:
    """The day of the newest record, which stays the same from month to month where its age does not."""
    age = row["data_age_days"]
    return MISSING if age is None or row["period_end"] is None else _iso(row["period_end"] - timedelta(days=age))


def _chance(value: float | None) -> str:
    """As wording.chance says it: whole per cent, "u" under 1, "o" over 99."""
    if value is None:
        return MISSING
    words = chance(value)
    return "u" if words.startswith("under") else "o" if words.startswith("over") else words.removesuffix(" %")
