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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports.draw.maps import map_css
from reports.draw.typeset import TEMPLATES
from reports.release import Release, imprint
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
_IMPLIED = re.compile(r"</(?:td|th|tr|li|dt|dd)>|(?<=\n)\n+")
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
    """Autoescape always on, an unknown name in a template is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    env = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, finalize=_shown,
        trim_blocks=True, lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    env.tests["web_address"] = is_web_address
    env.filters["day"] = day
    env.filters["label"] = label
    env.filters["day_both"] = day_both
    env.filters["month_both"] = month_both
    env.filters["label_both"] = label_both
    env.filters["told"] = told
    env.globals["t"] = say
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


def content_policy(style: str, scripts: Sequence[str]) -> str:
    """Everything forbidden but this very style, these very scripts and the release's own files beside the pages.

    Those are the style sheet of the Burmese font and the scripts that all pages share (names, months). `file:` stands
    for a page opened from a disk, where 'self' is nothing.
    """

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; style-src {digest(style)} 'self' file:; font-src data:; "
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
_HERE = {"en": Both("true", "false"), "my": Both("false", "true")}


def _links(menu: Sequence[tuple[str, str]]) -> list[tuple[str | Both, str, str]]:
    """(link from the report's folder in the language of the page, words, address) of every line of the menu."""
    return [
        (Both(file, f"../{file.removesuffix('.pdf')}_my.pdf") if file.endswith(".pdf") else file, words, file)
        for file, words in menu
    ]


class Pages:
    """Pages of one folder: one environment, one style sheet, one policy for all that run no script.

    `inside` is the folder within the report, "" or one name; `menu` are (address, words) of it; `with_maps` is for
    pages that hold drawn maps, `live` for the map that readers work with. With `look`, the name of a further style
    sheet, both are written to the report's folder for the template to link. Raises ValueError for a file name that
    could leave the folder.
    """

    def __init__(
        self, release: Release, report: Path, inside: str = "", *, menu: Sequence[tuple[str, str]] = (),
        with_maps: bool = False, live: bool = False, look: str = "",
    ) -> None:  # fmt: skip
        self._release, self._inside, self._menu = release, inside, _links(menu)
        self._folders = {"en": report / inside, "my": report / BURMESE / inside}
        self._environment = environment()
        self._imprint = imprint(release)
        self._script = (TEMPLATES / "page.js").read_text(encoding="utf-8")
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

    def write(self, template: str, name: str, script: str = "", **context: Any) -> None:
        """Write the page in both languages."""
        if not re.fullmatch(r"[A-Za-z0-9_-]+\.html", name):
            raise ValueError(f"{name!r} cannot be the name of a page; letters, digits, - and _ only")
        scripts = [compact(one) for one in (self._script, script) if one]
        text = self._environment.get_template(template).render(
            release=self._release, root="../" if self._inside else "", page=name, nav=self._menu,
            languages=languages(self._inside, name), here=_HERE, style=drawn(self._style),
            scripts=[drawn(one) for one in scripts], policy=content_policy(self._style, scripts),
            imprint=self._imprint, **context,
        )  # fmt: skip
        text = _IMPLIED.sub("", text)
        for language, folder in self._folders.items():
            (folder / name).write_bytes(in_language(text, language).encode("utf-8"))
