"""report/regions/<slug>.pdf and report/my/regions/<slug>.pdf: each state or region on one A4 page.

Made of the parts of the national brief: the map of now, the townships that stand out by the rule of the page of the
month, the figures with their changes, the clashes by month, limits and sources.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from reports.draw.charts import Series
from reports.draw.maps import draw_wordless, swatch
from reports.draw.shapes import Shapes, region_shapes
from reports.draw.symbology import CLASHES_NOW, now_looks, shown_looks
from reports.draw.typeset import typeset_to_fit
from reports.figures import FIGURES
from reports.months import MONTHLY, apart, earlier
from reports.national_brief.changes import moved
from reports.national_brief.drawings import chart
from reports.national_brief.now import figure, persons_figure, standing_rows, what, without_arrows
from reports.national_brief.page import closing, sources, when
from reports.release import Release, imprint, latest, mapped_townships, published, unit
from reports.site.month import Standing, standing_by_region
from reports.site.regions import Regions
from reports.site.signals import LISTED
from reports.text.catalogue import LANGUAGES, Both, in_words, month_both, say
from reports.text.values import look_words, number_both, persons_both
from reports.text.wording import number

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
_SENTENCES = 3
_WAYS = 3  # of brief_region.typ
_FIGURES = (
    "clashes_month_count", "clashes_3m_count", "clashes_12m_count", "signal_alert_count", "in_conflict_count",
    "security_high_count", "clashes_count", "idps_persons", "idps_reporting_count",
)  # fmt: skip
_LIMITS = (
    "Figures are floors: what no source reports is not in them.",
    "Not reported and insufficient data never mean zero, and a quiet township on the map is not a safe one.",
    "Nothing here says why something happened or what holds inside a township; no offensive can be foreseen.",
)


@dataclass(frozen=True)
class Made:
    """What all briefs of a release share, read once."""

    tables: Frames
    release: Release
    regions: Regions
    standing: Mapping[str, list[Standing]]
    townships: Mapping[str, Sequence[Row]]
    shapes: Mapping[str, Shapes]
    provisional: int


def region_file(name: str, language: str) -> str:
    """The path of a brief in report/."""
    return f"{'' if language == 'en' else f'{language}/'}regions/{unit(name).slug}.pdf"


def write_region_briefs(tables: Frames, release: Release, folder: Path) -> None:
    """Write the brief of every state or region of the last month, in both languages."""
    for name, data in _briefs(tables, release):
        for language in LANGUAGES:
            path = folder / "report" / region_file(name, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            words = in_words({**data, "language": language}, language)
            path.write_bytes(typeset_to_fit("brief_region.typ", words, release.period_end, ways=_WAYS, pages=1))


def _briefs(tables: Frames, release: Release) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = mapped_townships(tables, release).drop("geometry").partition_by("state_region", as_dict=True)
    national = published(tables, "national_summary").filter(pl.col("method") == release.method)
    made = Made(
        tables, release, Regions(tables, release), standing_by_region(tables, release),
        {str(name): own.to_dicts() for (name,), own in rows.items()},
        region_shapes(published(tables, "townships")), national.filter("provisional").height,
    )  # fmt: skip
    for name in sorted(latest(tables, "region_summary", release.method)["state_region"]):
        yield name, region_brief(made, name)


def region_brief(made: Made, name: str) -> dict[str, Any]:
    """Everything that the page of one state or region shows, in both languages."""
    release, place, listed = made.release, unit(name).both, made.standing.get(name, [])
    now, before, year = made.regions.rows(name)
    facts, warned = made.regions.facts(name), imprint(release)
    watermark = warned.mark
    return {
        "title": place,
        "kind": say("Township conflict index for Myanmar"),
        "when": when(now, release),
        "banners": list(warned.marks),
        "watermark": watermark,
        "lead": [without_arrows(one) for one in facts.now[:_SENTENCES]],
        "map": _map(made, name, place, watermark),
        "standing": [{**one, "place": ""} for one in standing_rows(listed)],
        "standing_header": [say(words) for words in ("Township", "Signal of the month", "People", "Displaced people")],
        "standing_words": [] if listed else [say("No township stands out from its own past in this month.")],
        "most": most_rows(made.townships.get(name, []), {one.code for one in listed}),
        "most_header": [say(words) for words in ("Township", "3 months", "12 months", "People", "Displaced people")],
        "headings": {
            "most": say("Clashes of the last 3 months, at least"),
            "standing": say("Townships that stand out"), "changes": say("What changed"),
            "limits": say("What the figures do not say"), "sources": say("Sources, licences and citation"),
        },
        "changes": {
            "header": [place, month_both(now["month"]),
                       *(say("change since {month}", month=month_both(earlier(now["month"], back)))
                         for back in (1, 12))],
            "rows": [_change(made, column, name, now, (before, year)) for column in _FIGURES],
        },
        "chart": _chart(made, facts.clashes, place, watermark),
        "limits": [say(words) for words in _LIMITS],
        "sources": sources(release),
        "closing": closing(release),
        "foot": say("release {release}", release=release.release_id),
        "pages": [say("Page {page} of {pages}", page=1, pages=1)],
    }  # fmt: skip


def most_rows(townships: Sequence[Row], listed: Collection[str]) -> list[dict[str, Any]]:
    """The townships with the most clashes of three months that are not `listed` already; ten with these."""
    some = [row for row in townships if row["clashes_3m_count"] and row["adm3_pcode"] not in listed]
    some.sort(key=lambda row: (-row["clashes_3m_count"], row["adm3_pcode"]))
    return [
        {
            "en": row["adm3_name"], "my": row["adm3_name_my"] or "",
            "figures": [number(row["clashes_3m_count"]), figure(row["clashes_12m_count"]),
                        number_both(row["population_persons"]),
                        persons_both(row["idps_persons"], row["idps_suppressed"])],
        }
        for row in some[: max(LISTED - len(listed), 0)]
    ]  # fmt: skip


def _change(made: Made, column: str, name: str, now: Row, then: tuple[Row | None, ...]) -> list[Any]:
    """A figure of the last month and its changes."""
    value = FIGURES[column].value(now)
    shown = persons_figure(value) if column == "idps_persons" else figure(value)
    changes = [moved(made.regions.comparing.change(FIGURES[column], now, row, name)) for row in then]
    return [what(column), shown, *changes]


def _map(made: Made, name: str, place: Both, watermark: Both) -> dict[str, Any]:
    """The clashes of three months in the townships of one state or region, with what each fill stands for."""
    shapes = made.shapes[name]
    classes = {row["adm3_pcode"]: now_looks(row)[CLASHES_NOW.column] for row in made.townships.get(name, [])}
    counts, fills = Counter(classes.values()), dict(CLASHES_NOW.fills)
    shown = shown_looks(CLASHES_NOW.fills, counts)
    words = [say("{look}: {count}", look=look_words(look), count=number(counts[look])) for look in shown]
    legend = [{"svg": swatch(fills[look]), "words": one} for look, one in zip(shown, words, strict=True)]
    listed = Both("; ".join(one.en for one in words), "၊ ".join(one.my for one in words))
    said = say("Map of {count} townships of Myanmar by class of the {index}: {classes}.", count=number(len(classes)),
               index=say(CLASHES_NOW.title), classes=listed)  # fmt: skip
    return {
        "title": say(CLASHES_NOW.title), "legend": legend, "ratio": shapes.width / shapes.height,
        "svg": draw_wordless(shapes, classes, CLASHES_NOW),
        "alt": Both(f"{place.en}. {said.en} {watermark.en}".strip(), f"{place.my}။ {said.my} {watermark.my}".strip()),
    }  # fmt: skip


def _chart(made: Made, clashes: tuple[int | None, ...], place: Both, watermark: Both) -> dict[str, Any]:
    title = say("Clashes placed in a township of {region}, by month", region=place)
    steps = made.regions.steps
    line = Series(say("clashes of the month"), clashes)
    missing = say("{line}: {value} in {month}; {missing} months not reported.", line=line.name,
                  value=None if clashes[-1] is None else number(clashes[-1]), month=month_both(steps[-1]),
                  missing=number(sum(value is None for value in clashes)))  # fmt: skip
    alt = Both(f"{title.en}. {missing.en} {watermark.en}".strip(), f"{title.my}။ {missing.my} {watermark.my}".strip())
    return chart(title, alt, steps, [line], made.provisional, apart(made.tables, made.release, MONTHLY))
