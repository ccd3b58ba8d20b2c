"""How a page is rendered: escaping, the content policy, what every page of a release has in common.

Nothing is loaded from anywhere: each page allows its own style and scripts by hash, the release's style sheet with
the Burmese font, and nothing else. A page is rendered once, with both languages in pairs, and written twice: in English
in the report's folder, in Burmese in its folder my/, which holds the same pages under the same names.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.draw.maps import map_css
from reports.draw.typeset import TEMPLATES
from reports.files.citation import Citation, citation
from reports.release import Release, imprint
from reports.site.blocks import element
from reports.text.catalogue import (
    LANGUAGES,
    Both,
    both_scripts,
    day_both,
    in_language,
    label_both,
    month_both,
    name_both,
    only_burmese,
    other_script,
    say,
)
from reports.text.values import told
from reports.text.wording import NOT_REPORTED, day, label, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

BURMESE = "my"  # folder of the Burmese pages within the report
UP = Both("", "../")  # from a page to what both languages share: tables, maps, style sheets
# End tags that HTML does not ask for: of the two languages' pages they would be a megabyte.
_IMPLIED = ("</td>", "</th>", "</tr>", "</thead>", "</tbody>", "</li>", "</dt>", "</dd>")
_BLANK_LINES = re.compile(r"\n\n+")
# A chip that fills its cell: the cell takes its look. Some fifteen thousand spans were a quarter of a megabyte.
_CHIP_CELL = re.compile(r'<td( colspan="\d+")?><span class="(chip [^"]*)">([^<]*)</span></td>')
# Classes in the order of severity, as a column of classes of several indices is sorted.
RANKS = (
    "high", "severe", "low", "lower", "no new displacement reported", "hosts displaced people", "quiet, as reported",
    "alert", "rise", "onset", "fall", "lull", "no signal",
)  # fmt: skip


def _shown(value: Any) -> Any:
    """Last step before escaping: missing is said, characters that redirect text are dropped."""
    if value is None:
        return NOT_REPORTED
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return value


def is_web_address(text: object) -> bool:
    """Only http and https become links; javascript:, data: and file: stay text."""
    return isinstance(text, str) and text.startswith(("https://", "http://")) and not set(text) & set(" \"'<>\\")


def environment() -> Environment:
    """Autoescape always on, an unknown name in a template is an error.

    A phrase without values is looked up when its template is read, and `t` and `el` are called as filters are: Jinja
    asks of every other call what it is, some hundred times a page.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
    from jinja2.visitor import NodeTransformer

    class Direct(NodeTransformer):
        def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the name Jinja looks for
            self.generic_visit(node)
            name = node.node.name if isinstance(node.node, nodes.Name) else ""
            if name not in {"t", "el"} or not node.args:
                return node
            first, *rest = node.args
            return nodes.Filter(first, name, rest, node.kwargs, None, None)

    class Templates(Environment):
        def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
            found: nodes.Template = Direct().visit(super()._parse(source, name, filename))
            found.set_environment(self)  # of the new nodes too
            return found

    env = Templates(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_shown,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    env.filters["t"] = say
    env.filters["el"] = element
    env.tests["web_address"] = is_web_address
    env.filters["day"] = day
    env.filters["label"] = label
    env.filters["day_both"] = day_both
    env.filters["month_both"] = month_both
    env.filters["label_both"] = label_both
    env.filters["told"] = told
    env.globals["option"] = option
    env.globals["named"] = name_both
    env.globals["both_scripts"] = both_scripts
    env.globals["other_script"] = other_script
    env.globals["name_in_other_script"] = Both(say("Name in Burmese").en, say("Name in English").my)
    env.globals["other_language"] = Both(*reversed(LANGUAGES))
    env.globals["only_burmese"] = only_burmese
    env.globals["up"] = UP
    env.globals["language"] = Both(*LANGUAGES)
    env.globals["ranks"] = RANKS
    return env


@cache
def shared_environment() -> Environment:
    """One for all pages of the report: a template that several use is compiled once. Not to be changed."""
    return environment()


def drawn(text: str) -> Markup:
    """Our own drawing, style or script: reports/draw/ has escaped every word of the data in it."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - the one place where text is not escaped again, see above


def option(words: Both, value: str) -> Markup:
    """An <option> of a list of choices."""
    from markupsafe import Markup

    return Markup('<option value="{}">{}</option>').format(value, words)


def compact(script: str) -> str:
    """The script without indents and lines of comment: it stands in some hundred pages."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def content_policy(style: str, scripts: Sequence[str]) -> Markup:
    """Everything forbidden but this very style, these very scripts and the release's own files beside the pages.

    Those are the style sheet of the fonts and the scripts that all pages share (names, months). `file:` stands for a
    page opened from a disk, where 'self' is nothing. Pictures are data, or drawings of the release. Nothing can
    be asked of a server by one.
    """

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return drawn(
        f"default-src 'none'; style-src {digest(style)} 'self' file:; font-src data:; img-src data: 'self' file:; "
        f"script-src {' '.join(map(digest, scripts))} 'self' file:; base-uri 'none'; form-action 'none'"
    )


def _print_mark(words: str) -> str:
    """The watermark at the foot of every printed sheet: the banners stand on the first one only."""
    return f'@page{{@bottom-right{{content:"{words}";font:700 8pt sans-serif;color:#7a1f1f}}}}' if words else ""


def languages(inside: str, name: str) -> tuple[tuple[str, str, Both], ...]:
    """(code, name, link to this page in it) of each language; a link leads from the English and from the Burmese page.

    `inside` is the folder of the page within the report, "" or one name.
    """
    root = "../" if inside else ""
    own = f"{inside}/{name}" if inside else name
    return (
        ("en", "English", Both(name, f"{root}../{own}")),
        ("my", "မြန်မာ", Both(f"{root}{BURMESE}/{own}", name)),
    )


# What marks the language of the page itself among the links to both.
HERE = {"en": Both("true", "false"), "my": Both("false", "true")}


def _links(menu: Sequence[tuple[str, str]]) -> list[tuple[str | Both, str, str]]:
    """(link from the report's folder in the language of the page, words, address) of every line of the menu."""
    return [
        (Both(file, f"../{file.removesuffix('.pdf')}_my.pdf") if file.endswith(".pdf") else file, words, file)
        for file, words in menu
    ]


# Width and height of every picture of pictures/, in pixels, as link previews ask for.
PICTURE_SIZE = (1200, 630)
PICTURES = "pictures"
# report/icon.svg: a shape of three steps, in the colours of the page.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" fill="#17324d"/>'
    '<path d="M3 13V9h3v4zm4 0V6h3v7zm4 0V3h3v10z" fill="#f2b070"/></svg>\n'
)


def picture_file(name: str) -> Both:
    """A picture by its name, e.g. nation or kachin: its path from report/ in each language."""
    return Both(f"{PICTURES}/{name}.png", f"{PICTURES}/{name}_my.png")


@dataclass(frozen=True)
class Share:
    """What a message service or a browser shows of a page that is sent: words, picture, address if there is one.

    Link previews ask for whole addresses. Where the release was told none they are relative, which some services
    follow and others pass over.
    """

    prefix: str
    about: Both
    picture: Both
    address: Both | None
    locale: Both = Both("en_US", "my_MM")  # noqa: RUF009 - a frozen value
    width: int = PICTURE_SIZE[0]
    height: int = PICTURE_SIZE[1]


def share(release: Release, inside: str, name: str, picture: str) -> Share:
    """Of the page `name` in the folder `inside` of the report."""
    own = f"{inside}/{name}" if inside else name
    root, file = "../" if inside else "", picture_file(picture)
    whole = Both(release.address_of(f"report/{own}"), release.address_of(f"report/{BURMESE}/{own}"))
    place = release.address_of("report/")
    return Share(
        prefix="INTERNAL: " * release.internal + "SYNTHETIC: " * release.synthetic,
        about=say("Clashes, displacement, public services and control in the 330 townships of Myanmar, by month. Data "
                  "to {day}.", day=day_both(release.period_end)),
        picture=Both(f"{place or root}{file.en}", f"{place or UP.my + root}{file.my}"),
        address=whole if whole.en else None,
    )  # fmt: skip


class Pages:
    """Pages of one folder: one environment, one style sheet, one policy for all that run no script.

    `inside` is the folder within the report, "" or one name; `menu` are (address, words) of it; `with_maps` is for
    pages that hold drawn maps, `live` for the map that readers work with. With `look`, the name of a further style
    sheet, style and script are written to the report's folder as files of that name, which the pages link. Raises
    ValueError for a file name that could leave the folder.
    """

    def __init__(
        self, release: Release, report: Path, inside: str = "", *, menu: Sequence[tuple[str, str]] = (),
        with_maps: bool = False, live: bool = False, look: str = "", script: str = "",
    ) -> None:  # fmt: skip
        self._release, self._inside, self._menu = release, inside, _links(menu)
        self._folders = {"en": report / inside, "my": report / BURMESE / inside}
        self._environment = shared_environment()
        self._imprint = imprint(release)
        self._citation: Citation | None = citation(release)
        self._shared = ["page.js", "finder.js"]
        self._scripts = [compact(script)] if script else []
        self._style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
        if with_maps or live:
            self._style += map_css()
        if live:
            self._style += (TEMPLATES / "map.css").read_text(encoding="utf-8")
        self._style += _print_mark(release.watermark)
        for folder in self._folders.values():
            folder.mkdir(parents=True, exist_ok=True)
        if look:
            self._style += (TEMPLATES / look).read_text(encoding="utf-8")
        self._style += (TEMPLATES / "night.css").read_text(encoding="utf-8")  # the last, over what stands before
        if look:  # a file of its own: inlined in each of some hundred pages it would be most of them
            (report / look).write_bytes(self._style.encode("utf-8"))
            self._style = ""
            own = f"{Path(look).stem}.js"
            for one in self._scripts:
                (report / own).write_bytes(one.encode("utf-8"))
                self._shared.append(own)
            self._scripts = []
            self._citation = None  # of the overview, which these pages link to

    def write(self, template: str, name: str, picture: str = "nation", **context: Any) -> None:
        """Write the page in both languages; `picture` is the one that stands for it where it is sent."""
        if not re.fullmatch(r"[A-Za-z0-9_-]+\.html", name):
            raise ValueError(f"{name!r} cannot be the name of a page; letters, digits, - and _ only")
        text = self._environment.get_template(template).render(
            release=self._release, root="../" if self._inside else "", page=name, nav=self._menu,
            languages=languages(self._inside, name), here=HERE, style=drawn(self._style),
            shared=self._shared, scripts=[drawn(one) for one in self._scripts],
            policy=content_policy(self._style, self._scripts),
            imprint=self._imprint, cite=self._citation,
            share=share(self._release, self._inside, name, picture), **context,
        )  # fmt: skip
        text = _CHIP_CELL.sub(r'<td\1 class="\2">\3</td>', text)
        for tag in _IMPLIED:
            text = text.replace(tag, "")
        text = _BLANK_LINES.sub("\n", text)
        for language, folder in self._folders.items():
            (folder / name).write_bytes(in_language(text, language).encode("utf-8"))
