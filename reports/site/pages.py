"""All pages of the report, declared once: from this list follow the menu and what is written.

Each page can be sent and opened without a network. A page is a module of this folder with a function `page`, and a
template of the same name in templates/.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reports.draw.typeset import TEMPLATES
from reports.site import (
    changes,
    compare,
    comparison,
    dictionary,
    downloads,
    glossary,
    guide,
    methods,
    month,
    overview,
    quality,
    region,
    regions,
    township,
    townships,
    uncertainty,
)
from reports.site.inputs import Context, Inputs
from reports.site.render import ICON, Pages, compact


@dataclass(frozen=True)
class Page:
    """A page of the report, or one page for each of many.

    `address` is its place in report/; a name in braces is filled from what the template is handed, once a page.
    `contexts` gives what the template is handed, for each page one. `menu` are its words in the menu, a phrase of the
    catalogue; a page without is reached from another one. `last` pages list files that are written before them.

    `maps` are looks of drawn maps in its style, `live` those of the map that readers work with; with `sheet` the style
    is a file of its own, which many pages share. `scripts` run in their order. `picture` names the one that stands for
    the page where it is sent (pictures.py), filled as the address is.
    """

    address: str
    template: str
    contexts: Callable[[Inputs], Iterable[Context]]
    menu: str = ""
    scripts: tuple[str, ...] = ()
    maps: bool = False
    live: bool = False
    sheet: str = ""
    last: bool = False
    picture: str = "nation"


# In the order of reading, which is that of the menu.
PAGES: tuple[Page, ...] = (
    Page("index.html", "overview.html.j2", overview.page, "Overview",
         scripts=("zoom.js", "names.js", "picture.js", "map.js"), live=True),  # the last script calls the others
    Page("month.html", "month.html.j2", month.page, "This month", picture="month"),
    Page("townships.html", "townships.html.j2", townships.page, "Townships", scripts=("table.js",)),
    Page("townships/{place[adm3_pcode]}.html", "township.html.j2", township.page, scripts=("township.js",),
         sheet="township.css"),
    Page("regions.html", "regions.html.j2", regions.page, "States and regions", scripts=("table.js",)),
    Page("regions/{unit.slug}.html", "region.html.j2", region.page, scripts=("table.js",), maps=True,
         sheet="region.css", picture="{unit.slug}"),
    Page("compare.html", "compare.html.j2", compare.page, "Compare", scripts=("compare.js",)),
    Page("changes.html", "changes.html.j2", changes.page, "Changes", picture="month"),
    Page("uncertainty.html", "uncertainty.html.j2", uncertainty.page, "How sure", maps=True),
    Page("guide.html", "guide.html.j2", guide.page, "How to read this"),
    Page("glossary.html", "glossary.html.j2", glossary.page, "Words"),
    Page("methods.html", "methods.html.j2", methods.page, "Method"),
    Page("comparison.html", "comparison.html.j2", comparison.page, "Published figures"),
    Page("quality.html", "quality.html.j2", quality.page, "Quality"),
    Page("dictionary.html", "dictionary.html.j2", dictionary.page, "Dictionary"),
    Page("downloads.html", "downloads.html.j2", downloads.page, "Downloads", last=True),
)  # fmt: skip
BRIEF = ("brief.pdf", "Brief (PDF)")  # no page, but in the menu
MENU = (*((page.address, page.menu) for page in PAGES if page.menu), BRIEF)


def write_pages(inputs: Inputs, pages: Iterable[Page]) -> None:
    """Write the pages into report/ and report/my/. Raises ValueError for an address that could leave its folder."""
    (inputs.folder / "report").mkdir(parents=True, exist_ok=True)
    (inputs.folder / "report" / "page.js").write_text(
        compact((TEMPLATES / "page.js").read_text(encoding="utf-8")), encoding="utf-8"
    )
    (inputs.folder / "report" / "icon.svg").write_text(ICON, encoding="utf-8")
    for page in pages:
        folder, _, name = page.address.rpartition("/")
        writer = Pages(
            inputs.release, inputs.folder / "report", folder, menu=MENU,
            with_maps=page.maps, live=page.live, look=page.sheet,
            script="".join((TEMPLATES / one).read_text(encoding="utf-8") for one in page.scripts),
        )  # fmt: skip
        for context in page.contexts(inputs):
            picture = page.picture.format(**context)
            writer.write(page.template, name.format(**context), picture, **context)
