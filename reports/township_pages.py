"""One page a township: three indices at a glance, then every figure, its months, its evidence and its neighbours.

Gathers; words stand in township_words.py and township_sections.py, drawings in sparklines.py and locators.py. Not
here: maps of the country and comparisons between townships, which stand on the report's own pages.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.codes import IndexName
from reports import portraits
from reports.bilingual import Both, day_both, month_both, say
from reports.chips import class_chip, element
from reports.locators import draw_locator, locators
from reports.pages import TEMPLATES, Pages, drawn
from reports.recency import recency
from reports.release import Release
from reports.slices import months, published
from reports.slugs import region_slug
from reports.sparklines import draw_bars, gap_pattern
from reports.state_regions import unit
from reports.township_months import EVENTS, SAVED, History, event_keys, histories, month_rows
from reports.township_sections import INDEX_LABELS, SECTIONS, cards, counted, sections
from reports.windows import apart
from reports.wording import number

Row = Mapping[str, Any]


def _file_name(release: Release, code: str) -> str:
    """What a reader saves: an invented or internal file must say so when it is forwarded."""
    marks = [word.split()[0] for word in release.data_mark.split(" · ") if word]
    return "-".join([*marks, code, release.release_id]) + ".csv"


def write_township_pages(tables: Mapping[str, pl.DataFrame], release: Release, folder: Path) -> None:
    """Write report/townships/<pcode>.html for every township of the list."""
    pages = Pages(release, folder / "report" / "townships", root="../", look="township.css")
    script = (TEMPLATES / "township.js").read_text(encoding="utf-8")
    steps, recent, mark = months(tables, release.method), recency(tables, release), release.data_mark
    rows, said = portraits.latest_rows(tables, release), portraits.explanations(tables, release)
    beside, around = portraits.beside_in_state(tables), portraits.neighbours(tables, release)
    past, cut = histories(tables, release), apart(tables, release, "in_conflict_count")
    townships = published(tables, "townships")
    drawings = locators(townships)
    files = sorted({file for _, _, files, _ in SECTIONS for file in files} | {"neighbours", "townships"})
    common = {
        "recency": recent, "gap": drawn(gap_pattern()), "indices": list(INDEX_LABELS.values()),
        "month": month_both(steps[-1]), "first": month_both(steps[0]), "until": day_both(release.period_end),
        "downloads": files, "mark": mark, "saved": SAVED, "el": element,
    }  # fmt: skip
    for place in townships.drop("geometry").to_dicts():
        code = place["adm3_pcode"]
        history = past.get(code, History())
        own = rows.get(code) or {release.method: portraits.nothing_known()}
        lead = next(iter(own.values()))
        name = say("{name} in {state}", name=place["adm3_name"], state=place["state_region"])
        pages.write(
            "township.html.j2", f"{code}.html", script=script,
            place={**place, "area": number(place["area_km2"]), "population": number(place["population_persons"]),
                   "region": region_slug(place["state_region"]), "unit": _unit_both(place["state_region"])},
            methods=list(own), lead=lead,
            cards=cards(lead, said.get(code, {}), history, recent["provisional"], mark,
                        {at - len(steps) + len(history.rows) for at in cut}),
            sections=sections(own),
            sentences=[(index, label, said[code][index]) for index, label in INDEX_LABELS.items()
                       if index in said.get(code, {})],
            counted=counted(history), neighbours=[_neighbour(one, place) for one in around.get(code, [])],
            before=beside[code][0], after=beside[code][1],
            locator=draw_locator(drawings[code], name, release.watermark),
            bars=draw_bars(steps[-len(history.rows):] if history.rows else steps,
                           [history.values(column) or [None] * len(steps) for column in EVENTS.values()],
                           say("Events in the township by month and class; the table below holds the numbers"),
                           recent["provisional"], recent["part"], mark),
            keys=event_keys(history), month_rows=drawn(month_rows(history.rows)), file_name=_file_name(release, code),
            **common,
        )  # fmt: skip
    pages.finish()


def _unit_both(name: str) -> Both:
    """A state or region in both scripts."""
    return Both(name, unit(name).name_my)


def _neighbour(one: portraits.Neighbour, place: Row) -> dict[str, Any]:
    return {
        "code": one.code, "name": one.name, "name_my": one.name_my, "nearest": one.basis == "nearest",
        "state": "" if one.state == place["state_region"] else one.state,
        "classes": [class_chip(one.row, index) for index in IndexName],
    }  # fmt: skip
