"""How a page is rendered: escaping, the content policy, what every page of a release has in common.

Nothing is loaded from anywhere: each page allows its own style and scripts by hash, the release's style sheet with
the Burmese font, and nothing else.

Words that stand on many pages, kept once in their common style sheet: 330 pages of labels are a third lighter.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.declare.sources import BOUNDARY_DISCLAIMER
from reports.draw.maps import map_css
from reports.draw.typeset import TEMPLATES
from reports.release import Release, imprint
from reports.text.catalogue import Both, day_both, label_both, month_both, say
from reports.text.values import told
from reports.text.wording import NOT_REPORTED, day, label, visible

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_PAIR = re.compile(r'<span class="en" lang="en">([^<]*)</span><span class="my" lang="my">([^<]*)</span>')
_TEXT = re.compile(r' data-my="([^"]+)"([^<>]*)>([^<]*)<')
_LABEL = re.compile(r'aria-label="([^"]*)" data-my-aria-label="([^"]+)"')
FEWEST = 8  # pages' worth of uses from which a phrase is shared


class SharedWords:
    """Pairs of the two languages as they stand in pages, escaped; an English of two translations is not shared."""

    def __init__(self, pages: Iterable[str]) -> None:
        used: Counter[tuple[str, str]] = Counter()
        for page in pages:
            used.update((match[1], match[2]) for match in _PAIR.finditer(page))
            used.update((match[3], match[1]) for match in _TEXT.finditer(page))
            used.update((match[1], match[2]) for match in _LABEL.finditer(page))
        translations = Counter(english for english, _ in {_plain(pair) for pair in used})
        self._pairs = frozenset(
            pair for pair, times in used.items() if times >= FEWEST and translations[html.unescape(pair[0])] == 1
        )

    def lighten(self, page: str) -> str:
        """The page without the Burmese that the sheet holds."""

        def pair(match: re.Match[str]) -> str:
            return f'<span data-my="">{match[1]}</span>' if match.groups() in self._pairs else match[0]

        def text(match: re.Match[str]) -> str:
            return f' data-my=""{match[2]}>{match[3]}<' if (match[3], match[1]) in self._pairs else match[0]

        def label(match: re.Match[str]) -> str:
            return f'aria-label="{match[1]}" data-my-aria-label=""' if match.groups() in self._pairs else match[0]

        return _LABEL.sub(label, _PAIR.sub(pair, _TEXT.sub(text, page)))

    def sheet(self) -> str:
        """A rule of style whose value is the words as JSON; nothing of it can end the rule or the sheet."""
        words = dict(sorted(map(_plain, self._pairs)))
        return ":root{--words:" + json.dumps(words, ensure_ascii=False, separators=(",", ":")) + "}\n"


def _plain(pair: tuple[str, str]) -> tuple[str, str]:
    return html.unescape(pair[0]), html.unescape(pair[1])


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
    env.filters["spoken_in"] = spoken_in
    env.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    env.filters["told"] = told
    env.globals["t"] = say
    env.globals["option"] = option
    return env


def drawn(text: str) -> Markup:
    """Our own drawing, style or script: reports/draw/ has escaped every word of the data in it."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - the one place where text is not escaped again, see above


def spoken_in(words: Both, attribute: str) -> Markup:
    """An attribute such as aria-label in both languages: language.js puts the other one in on a switch."""
    from markupsafe import Markup

    return Markup('{0}="{1}" data-my-{0}="{2}"').format(attribute, words.en, words.my)


def option(words: Both, value: str) -> Markup:
    """An <option>, which can hold text only, in both languages."""
    from markupsafe import Markup

    return Markup('<option value="{}" data-my="{}">{}</option>').format(value, words.my, words.en)


def content_policy(style: str, scripts: Sequence[str]) -> str:
    """Everything forbidden but this very style, these very scripts and the style sheet of the Burmese font."""

    def digest(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    return (
        f"default-src 'none'; style-src {digest(style)} 'self' file:; font-src data:; "
        f"script-src {' '.join(map(digest, scripts))}; base-uri 'none'; form-action 'none'"
    )


def _print_mark(words: str) -> str:
    """The watermark at the foot of every printed sheet: the banners stand on the first one only."""
    return f'@page{{@bottom-right{{content:"{words}";font:700 8pt sans-serif;color:#7a1f1f}}}}' if words else ""


class Pages:
    """Pages of one folder: one environment, one style sheet, one policy for all that run no script.

    `root` leads from the folder to the report's own pages, e.g. "../"; `menu` are (address, words) of it; `with_maps`
    is for pages that hold drawn maps,
    `live` for the map that readers work with. With `look`, the name of a further style sheet, both are written to the
    root for the template to link, with the words that many of the pages share; the pages are then written by `finish`.
    Raises ValueError for a file name that could leave the folder.
    """

    def __init__(
        self, release: Release, folder: Path, root: str = "", *, menu: Sequence[tuple[str, str]] = (),
        with_maps: bool = False, live: bool = False, look: str = "",
    ) -> None:  # fmt: skip
        self._release, self._folder, self._root, self._menu = release, folder, root, menu
        self._environment = environment()
        self._imprint = imprint(release)
        self._language = (TEMPLATES / "language.js").read_text(encoding="utf-8")
        self._style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
        if with_maps or live:
            self._style += map_css()
        if live:
            self._style += (TEMPLATES / "map.css").read_text(encoding="utf-8")
        self._style += _print_mark(release.watermark)
        folder.mkdir(parents=True, exist_ok=True)
        self._waiting: dict[str, str] = {}
        self._look = look
        if look:  # a file of its own: inlined in each of some hundred pages it would be most of them
            self._sheet = self._style + (TEMPLATES / look).read_text(encoding="utf-8")
            self._style = ""

    def write(self, template: str, name: str, script: str = "", **context: Any) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_-]+\.html", name):
            raise ValueError(f"{name!r} cannot be the name of a page; letters, digits, - and _ only")
        scripts = [self._language, script] if script else [self._language]
        text = self._environment.get_template(template).render(
            release=self._release, root=self._root, page=name, nav=self._menu, style=drawn(self._style),
            scripts=[drawn(one) for one in scripts], policy=content_policy(self._style, scripts),
            disclaimer=BOUNDARY_DISCLAIMER, imprint=self._imprint, **context,
        )  # fmt: skip
        if self._look:
            self._waiting[name] = text
        else:
            (self._folder / name).write_bytes(text.encode("utf-8"))

    def finish(self) -> None:
        """Write the pages that share a sheet, and the sheet with their words; pages without one stand already."""
        if not self._look:
            return
        shared = SharedWords(self._waiting.values())
        sheet = self._sheet + shared.sheet()
        (self._folder / self._root / self._look).write_bytes(sheet.encode("utf-8"))
        for name, text in self._waiting.items():
            (self._folder / name).write_bytes(shared.lighten(text).encode("utf-8"))
        self._waiting.clear()
