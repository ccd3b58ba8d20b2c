"""Pages of a query that were fetched already: kept until the query is done, so that a crash does not ask them again.

Pages of one answer must be of one time: what is older than a few hours is thrown away.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from pipeline.connectors.manners import Unreachable
from pipeline.disk import write_atomically
from pipeline.errors import UnusableInput
from pipeline.settings import Home

FRESH_SECONDS = 6 * 3600


def sweep(place: Home) -> None:
    """Remove what fetches that never ended left behind too long ago to be of use."""
    for folder in (place.cache / "fetch").glob("*/"):
        if time.time() - folder.stat().st_mtime > FRESH_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


class Pages:
    """The kept pages of one query, numbered from 1. The folder also holds parts of files and rows being written.

    As a context it is cleared at the end, unless the source was out of reach or this process broke off: then what
    came is good and the next attempt goes on with it. An answer that was refused must be asked for again.
    """

    def __init__(self, place: Home, query: str) -> None:
        # The query must hold no key, though only its hash is written.
        self.folder = place.cache / "fetch" / hashlib.sha256(query.encode()).hexdigest()[:16]
        sweep(place)
        self.folder.mkdir(parents=True, exist_ok=True)

    def get(self, number: int, ask: Callable[[], Any]) -> Any:
        """The page as it was kept, else as `ask` brings it."""
        path = self.folder / f"page-{number:05}.json"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            answer = ask()
        text = json.dumps(answer, ensure_ascii=False)
        write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        refused = isinstance(error, UnusableInput) and not isinstance(error, Unreachable)
        if error is None or refused or not any(self.folder.iterdir()):
            shutil.rmtree(self.folder, ignore_errors=True)


class Unrepeated:
    """Notices a page that came before: a server that ignores the page number would be asked for ever."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def repeats(self, rows: list[Any]) -> bool:
        digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
        if digest in self._seen:
            return True
        self._seen.add(digest)
        return False
