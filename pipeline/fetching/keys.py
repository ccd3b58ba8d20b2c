"""Keys of the sources: from the environment or a .env file, and out of everything that is written or shown.

Not here: which request carries which key (the source's module).
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REPOSITORY, Home
from pipeline.sources import DOWNLOADS

NAMES = tuple(name for download in DOWNLOADS.values() for name in download.keys)
HIDDEN = "***"
SHORTEST = 4  # a shorter "secret" would blank out ordinary words


class Keys:
    """The keys that were found, and the tokens that a server gave for them. Shows none of them in any text."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {name: value for name, value in values.items() if value}
        self._learnt: list[str] = []

    def __repr__(self) -> str:
        return f"Keys({', '.join(sorted(self._values)) or 'none'})"

    def get(self, name: str) -> str:
        """The key, or empty text."""
        return self._values.get(name, "")

    def require(self, names: tuple[str, ...], where: str) -> None:
        missing = [name for name in names if not self.get(name)]
        if missing:
            raise UnusableInput(
                f"{' and '.join(missing)} not set: {where}; put it into the environment or into a .env file in the home"
            )

    def learn(self, secret: str) -> str:
        """Hide a token that a server gave, from now on."""
        if secret:
            self._learnt.append(secret)
        return secret

    def redact(self, text: str) -> str:
        """The text without any key, as it is or as it stands in a URL or in JSON."""
        forms = set()
        for secret in (*self._values.values(), *self._learnt):
            forms |= {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
        for form in sorted((f for f in forms if len(f) >= SHORTEST), key=len, reverse=True):
            text = text.replace(form, HIDDEN)
        return text


def read_keys(place: Home, environment: Mapping[str, str] | None = None) -> Keys:
    """The environment wins, then the home's .env, then the repository's. Nothing is put into the environment."""
    found: dict[str, str] = {}
    for folder in (REPOSITORY, place.root):
        found |= _dotenv(folder / ".env")
    stated = os.environ if environment is None else environment
    found |= {name: stated[name].strip() for name in NAMES if stated.get(name, "").strip()}
    return Keys(found)


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    # A password may hold a dollar sign: nothing in it is expanded.
    try:
        stated = dotenv_values(path, interpolate=False)
    except UnicodeDecodeError:
        raise UnusableInput(f"{path}: not UTF-8 text; write NAME=value lines") from None
    return {name: (stated.get(name) or "").strip() for name in NAMES if (stated.get(name) or "").strip()}
