"""IDMC's internal displacement updates: one dump of all countries, of which Myanmar's rows are kept.

Rows are revised in place and carry no time of revision, so the whole is taken each time and laid down only where
something changed. The key travels in the query string: it is never part of an address that is shown or written.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.fetching.download import Arrival, Pages, columns_of, download, land, write_rows
from pipeline.fetching.session import Work
from pipeline.sources.idmc.source import CLIENT_ID, IDMC

DUMP = "https://helix-tools-api.idmcdb.org/external-api/idus/all/"
REFUSED = f"{CLIENT_ID} is not registered or was not accepted; ask ch.datainfo@idmc.ch for one"
ADVICE = {401: REFUSED, 403: REFUSED}
(UPDATES,) = IDMC.formats
COUNTRY = "MMR"
_CHUNK = 1 << 20


def fetch(work: Work) -> list[Arrival]:
    work.keys.require((CLIENT_ID,), "IDMC gives a client id to whoever asks (ch.datainfo@idmc.ch)")
    asked = work.asked
    query = f"IDU, {COUNTRY}, displacement {asked.period}" + (f", created since {asked.since}" if asked.since else "")
    name = f"idmc_idu_mmr_{asked.period}" + (f"_since_{asked.since}" if asked.since else "") + ".csv"
    with Pages(work.place, f"idmc {DUMP}") as kept, work.session(IDMC, ADVICE) as session:
        work.progress.step("IDMC: downloading the updates of all countries", 0)
        params = {"client_id": work.keys.get(CLIENT_ID), "format": "json"}
        got = download(session, DUMP, kept.folder, params=params)
        if got is None:
            raise UnusableInput("IDMC: the server says that nothing changed, though nothing was fetched before")
        rows = [row for row in rows_of(got.path) if str(row.get("iso3")) == COUNTRY and _asked_for(work, row)]
        if not rows:
            return [Arrival(name, None, None, notes=("no update on Myanmar in the period asked for",))]
        # The dump has no promised order; one order gives one file for the same rows.
        rows.sort(key=lambda row: (str(row.get("id")).zfill(12), json.dumps(row, sort_keys=True)))
        made = kept.folder / "rows.csv"
        count = write_rows(made, columns_of(UPDATES.columns, rows[0]), rows)
        created = max((str(row.get("created_at") or "") for row in rows), default="")
        facts = work.facts(IDMC, url=DUMP, query=query, revised_until=created or None)
        return [Arrival(name, land(work.place, Kind.DISPLACEMENT, name, made, facts), count)]


def _asked_for(work: Work, row: dict[str, Any]) -> bool:
    asked = work.asked
    first = str(row.get("displacement_start_date") or row.get("displacement_date") or "")[:10]
    last = str(row.get("displacement_end_date") or row.get("displacement_date") or "")[:10]
    # A row without dates is for the records step to judge, not to be lost here.
    within = (not last or last >= str(asked.start)) and (not first or first <= str(asked.end or date.max))
    return within and str(row.get("created_at") or "9") >= asked.since


def rows_of(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON list, one at a time: the dump is too large to hold as Python objects.

    Raises UnusableInput where it is no list of objects, or ends in the middle.
    """
    decoder = json.JSONDecoder()
    fault = UnusableInput("IDMC: the dump is no list of rows; try again later, or the interface has changed")
    with path.open(encoding="utf-8-sig") as handle:
        text, at = handle.read(_CHUNK).lstrip(), 1
        if not text.startswith("["):
            raise fault
        while True:
            while at < len(text) and text[at] in " \r\n\t,":
                at += 1
            if at < len(text) and text[at] == "]":
                return
            try:
                row, at = decoder.raw_decode(text, at)
            except (json.JSONDecodeError, RecursionError):
                more = handle.read(_CHUNK)
                if not more:
                    raise fault from None
                text, at = text[at:] + more, 0
                continue
            if not isinstance(row, dict):
                raise fault
            yield row
