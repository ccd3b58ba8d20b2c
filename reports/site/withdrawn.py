"""What the folder of a withdrawn release holds: a page that says when and why, and nothing that reads as a figure.

Whoever comes by an old address learns it too: each page that the release had leads to that page, and each file of api/
says `withdrawn` in the place of its figures. Not here: where what the release held has gone to.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from reports.files.api import API
from reports.files.feed import issue
from reports.site.front import NAMES, put, write_both
from reports.site.render import BURMESE
from reports.text.catalogue import day_both, same, say

FONTS = "report/fonts.css"
_LEADS = """<!doctype html>
<html lang="{language}">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; base-uri 'none'; form-action 'none'">
<meta http-equiv="refresh" content="0; url={up}{page}">
<title>{words}</title>
<p><a href="{up}{page}">{words}</a></p>
</html>
"""


def write_withdrawn(manifest: Mapping[str, Any], folder: Path, fonts: bytes = b"") -> None:
    """Write all of it but manifest.json into an empty folder. `manifest` holds the entry `withdrawn`.

    `fonts` is the style sheet of the Burmese letters as the release had it. An internal release has no first page
    beside it to lead to. Raises KeyError where the manifest does not say its release, period or withdrawal.
    """
    found, entry = issue(manifest), manifest["withdrawn"]
    (folder / FONTS).parent.mkdir(parents=True, exist_ok=True)
    (folder / FONTS).write_bytes(fonts)
    internal = manifest.get("profile") == "internal"
    write_both(folder, {
        "prefix": "INTERNAL: " * internal + "SYNTHETIC: " * found.synthetic,
        "marks": [same(found.notice)] if found.notice else [],
        "heading": say("This release was withdrawn"), "release": found.release_id,
        "until": day_both(date.fromisoformat(found.period_end)),
        "day": day_both(date.fromisoformat(found.withdrawn_at[:10])), "why": found.withdrawn_why,
        "up": "" if internal else "../index.html",
    }, "withdrawn.html.j2")  # fmt: skip
    words = say("This release was withdrawn")
    for name in sorted(found.outputs):
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or name in NAMES.values():
            continue
        if path.suffix == ".html":
            language = "my" if BURMESE in path.parts else "en"
            text = html.escape(f"{words.spoken(language)}: {found.release_id}")
            _put(folder / path, _LEADS.format(
                language=language, up="../" * (len(path.parts) - 1), page=NAMES[language], words=text
            ))  # fmt: skip
        elif path.parts[0] == API and path.suffix == ".json" and not name.endswith(".schema.json"):
            said = {"release_id": found.release_id, "period_end": found.period_end, "withdrawn": entry}
            _put(folder / path, json.dumps(said, ensure_ascii=False, indent=0) + "\n")


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    put(path, text)
