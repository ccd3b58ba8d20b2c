"""The page of one state or region: its facts, a small map of each index, its townships, its clashes by month."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from reports.draw.charts import Series, draw_both, draw_few_bars
from reports.draw.heat import draw_heat
from reports.draw.maps import draw_region, shared_defs, theme_words
from reports.draw.shapes import Shapes, region_shapes
from reports.draw.symbology import QUARTER, THEMES, Theme, shown_looks
from reports.months import MONTHLY, apart
from reports.release import leading_source, published
from reports.site import evidence
from reports.site.inputs import Context, Inputs
from reports.site.region_now import HOLDERS, strips
from reports.site.regions import Regions
from reports.site.render import drawn
from reports.site.townships import TownshipRow, township_rows, with_townships
from reports.text.catalogue import Both, day_both, month_both, say
from reports.text.glossary import Rules, class_rules, legend_words
from reports.text.values import look_words


def page(inputs: Inputs) -> Iterator[Context]:
    """regions/<slug>.html of every state and region."""
    tables, release, recent = inputs.tables, inputs.release, inputs.recent
    rows, regions = township_rows(tables, release), Regions(tables, release)
    shapes, cut = region_shapes(published(tables, "townships")), apart(tables, release, MONTHLY)
    hollow = max(recent["provisional"], int(len(regions.steps) - 1 in cut))
    there, ahead = with_townships(rows), regions.beside.cells()
    folded, strip = evidence.without_records(tables, release), strips(tables, release)
    rules = class_rules(release.spec(release.method), leading_source(tables, release.method))
    for place, one in enumerate(there):
        own = {row.code: row for row in rows if row.unit is one}
        facts = regions.facts(one.name)
        title = say("Clashes placed in a township of {region}, by month", region=one.both)
        yield {
            "unit": one, "facts": facts, "recency": recent,
            "maps": _maps(shapes[one.name], own, one.both, release.watermark, rules, folded),
            "folded": list(folded.values()),
            "paths": drawn(shared_defs(shapes[one.name])), "month": month_both(regions.steps[-1]),
            "rows": [(row, drawn(draw_few_bars(row.monthly, hollow)), ahead.get(row.code))
                     for row in _ordered(own.values())],
            "holders": HOLDERS,
            "chart": draw_both(title, regions.steps, [Series("clashes", facts.clashes)], recent["provisional"], cut,
                               release.data_mark),
            "heat": drawn(draw_heat(regions.steps, strip.get(one.name, []), heat_words(one.both), release.data_mark)),
            "heat_key": [(look, look_words(look)) for look, _ in reversed(QUARTER)],
            "until": day_both(release.period_end), "previous": there[place - 1] if place else None,
            "following": there[place + 1] if place + 1 < len(there) else None,
        }  # fmt: skip


def heat_words(place: Both) -> Both:
    return say("Clashes of each township of {region} by month, in five shades; the table below holds the numbers of "
               "now", region=place)  # fmt: skip


def _maps(
    shapes: Shapes, own: Mapping[str, TownshipRow], place: Both, mark: str, rules: Rules, folded: Collection[str]
) -> list[Context]:
    """A small map with its legend of each index but those that no record is in force of."""
    names = {code: f"{row.name} {row.name_my}" for code, row in own.items()}
    found = []
    for theme in THEMES:
        classes = {code: row.classes[theme.column] for code, row in own.items()}
        if theme.key == "chance" or (theme.key == "control" and set(classes.values()) == {"unknown"}):
            continue  # the chance stands as a column of the table below
        if theme.key in folded:
            continue
        found.append({
            "svg": drawn(draw_region(shapes, classes, names, theme, place, mark)), "theme": theme,
            "title": theme_words(theme), "key": _key(classes.values(), theme, rules),
        })  # fmt: skip
    return found


def _key(looks: Iterable[str], theme: Theme, rules: Rules) -> Sequence[tuple[str, Both, int]]:
    """The legend: (look, words, townships) of each class; weak evidence and withheld only where there are any."""
    counts = Counter(looks)
    return [(look, legend_words(theme, look, rules), counts[look]) for look in shown_looks(theme.fills, counts)]


def _ordered(rows: Iterable[TownshipRow]) -> list[TownshipRow]:
    """By name, as readers look townships up."""
    return sorted(rows, key=lambda row: (row.name, row.code))
