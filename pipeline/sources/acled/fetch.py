"""ACLED: events of Myanmar that changed since the last fetch, and the list of deleted events, with a login.

The rows may not be passed on. Each event keeps its id and gets a newer timestamp when it is revised; what is
deleted stands in a list of its own, of all countries.
"""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.formats import FileFormat
from pipeline.declare.methods import COUP
from pipeline.fetching.download import Arrival, Pages, Unrepeated, columns_of, land, revised_until, write_rows
from pipeline.fetching.http import Denied, Session
from pipeline.fetching.session import Work
from pipeline.sources.acled.source import ACLED, DELETIONS, EVENTS, PASSWORD, REFRESH, USERNAME

TOKENS = "https://acleddata.com/oauth/token"
READ, DELETED = "https://acleddata.com/api/acled/read", "https://acleddata.com/api/deleted/read"
ADVICE = {
    400: f"{USERNAME} or {PASSWORD} is wrong, or the query was not understood; try the login at acleddata.com",
    401: f"{USERNAME}, {PASSWORD} or {REFRESH} was not accepted; try the login at acleddata.com",
    403: "the login is good but gives no access: accept the terms and complete the profile at acleddata.com, or the "
    "access tier is too low (the open tier has no townships)",
}
PAGE_ROWS, PAGES_AT_MOST = 5000, 2000
COUNTRY, ID_PREFIX = "Myanmar", "MMR"
WITHHELD_DAYS = 300  # events older than this and none newer: the research tier withholds the newest 12 months
Ask = Callable[[str, dict[str, str]], Any]


def fetch(work: Work) -> list[Arrival]:
    if not work.keys.get(REFRESH):
        work.keys.require((USERNAME, PASSWORD), "ACLED needs the login of a registered user (acleddata.com)")
    with work.session(ACLED, ADVICE) as session:
        login = _Login(session)
        return [_events(work, login.ask), _deletions(work, login.ask)]


class _Login:
    """A token for the requests of one fetch; asked for once, and again when it runs out on the way."""

    def __init__(self, session: Session) -> None:
        self._session, self._token, self._refresh = session, "", session.keys.get(REFRESH)

    def ask(self, url: str, params: dict[str, str]) -> Any:
        if not self._token:
            self._renew()
        try:
            return self._session.json(url, params, {"Authorization": f"Bearer {self._token}"})
        except Denied:
            self._renew()
            return self._session.json(url, params, {"Authorization": f"Bearer {self._token}"})

    def _renew(self) -> None:
        keys = self._session.keys
        if self._refresh:
            form = {"refresh_token": self._refresh, "grant_type": "refresh_token", "client_id": "acled"}
            try:
                return self._take(self._session.post(TOKENS, form))
            except UnusableInput:
                # It lives for 14 days and may serve once; a user name and password serve again.
                if not (keys.get(USERNAME) and keys.get(PASSWORD)):
                    raise
                self._refresh = ""
        form = {"username": keys.get(USERNAME), "password": keys.get(PASSWORD), "grant_type": "password"}
        return self._take(self._session.post(TOKENS, form | {"client_id": "acled", "scope": "authenticated"}))

    def _take(self, answer: Any) -> None:
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token:
            raise UnusableInput("acleddata.com/oauth/token gave no token; try the login at acleddata.com")
        self._token = self._session.keys.learn(token)
        self._refresh = self._session.keys.learn(str(answer.get("refresh_token") or ""))


def _events(work: Work, ask: Ask) -> Arrival:
    asked = work.asked
    query = f"events in {COUNTRY}, {asked.period}"
    since, query = _from_where(work, query)
    until = asked.end or work.today
    params = {"country": COUNTRY, "event_date": f"{asked.start}|{until}", "event_date_where": "BETWEEN"}
    if since:
        params |= {"timestamp": since, "timestamp_where": ">="}
    name = f"acled_myanmar_{asked.period}" + (f"_changed_since_{since}" if since else "") + ".csv"
    with Pages(work.place, f"acled {query} {since}") as kept:
        rows, pages = _collect(work, ask, READ, params, kept, "ACLED events")
        _check_events(rows)
        facts = work.facts(ACLED, url=READ, query=query, absence_means=asked.absence)
        notes = () if since else _withheld(rows, until)
        return _landed(work, kept, name, EVENTS, rows, pages, since, facts, notes)


def _from_where(work: Work, query: str) -> tuple[str | None, str]:
    """Since when to ask, and the query as the next fetch may go on from it.

    A --since that leaves a gap behind what came before, or has nothing before it, is a query of its own: the next
    fetch must not take it for the whole.
    """
    known, asked = revised_until(work.place, ACLED, query), seconds(work.asked.since)
    if asked is None:
        return known, query
    return asked, query if known is not None and asked <= known else f"{query}, changed since {asked}"


def _check_events(rows: list[dict[str, Any]]) -> None:
    """An unknown filter would be passed over in silence, and the open tier sends events without townships."""
    foreign = next((row for row in rows if str(row.get("country")) != COUNTRY), None)
    if foreign is not None:
        raise UnusableInput(f"{READ}: rows of other countries than {COUNTRY} came; the interface has changed")
    if rows and not any(str(row.get("admin3") or "").strip() for row in rows):
        raise UnusableInput(
            "ACLED gave events without townships (admin3): the access tier of this login is too low, the open tier has "
            "none; ask ACLED for research or partner access"
        )


def _deletions(work: Work, ask: Ask) -> Arrival:
    """Deleted ids of Myanmar. The list has no country, so it is fetched whole and its ids are looked at here."""
    query = "deleted events"
    since, query = _from_where(work, query)
    since = since or seconds(str(COUP)) or ""
    params = {"deleted_timestamp": since, "deleted_timestamp_where": ">="}
    name = f"acled_deleted_since_{since}.csv"
    with Pages(work.place, f"acled {query} {since}") as kept:
        found, pages = _collect(work, ask, DELETED, params, kept, "ACLED deletions")
        rows = [row for row in found if str(row.get("event_id_cnty") or "").startswith(ID_PREFIX)]
        facts = work.facts(ACLED, url=DELETED, query=query)
        return _landed(work, kept, name, DELETIONS, rows, pages, since, facts, ())


def _collect(
    work: Work, ask: Ask, url: str, params: dict[str, str], kept: Pages, what: str
) -> tuple[list[dict[str, Any]], int]:
    """Pages until an empty one."""
    rows: list[dict[str, Any]] = []
    unrepeated = Unrepeated()
    for number in range(1, PAGES_AT_MOST + 1):
        asking = params | {"limit": str(PAGE_ROWS), "page": str(number), "_format": "json"}
        answer = kept.get(number, partial(_asked, ask, url, asking))
        found = answer["data"]
        if not found:
            return rows, number - 1
        if unrepeated.repeats(found):
            raise UnusableInput(f"{url}: the same page came twice (page {number}); nothing was kept, try again later")
        rows += found
        work.progress.step(f"{what}: page {number}, {len(rows):,} rows", number)
    raise UnusableInput(f"{url}: more than {PAGES_AT_MOST:,} pages; ask for a shorter period")


def _asked(ask: Ask, url: str, params: dict[str, str]) -> Any:
    answer = ask(url, params)
    data = answer.get("data") if isinstance(answer, dict) else None
    refused = not isinstance(data, list) or answer.get("success") is False
    if refused or not all(isinstance(row, dict) for row in data or []):
        raise UnusableInput(f"{url}: an answer without a list of rows; check the dates, or the interface has changed")
    return answer


def _landed(
    work: Work, kept: Pages, name: str, known: FileFormat, rows: list[dict[str, Any]], pages: int, since: str | None,
    facts: dict[str, str | date | None], notes: tuple[str, ...],
) -> Arrival:  # fmt: skip
    column = "deleted_timestamp" if known.deletions else "timestamp"
    times = sorted(time for row in rows if (time := seconds(str(row.get(column) or ""))))
    # What changed in the very second that the last fetch saw comes again each time: nothing lost, and nothing new.
    if not rows or (since and times and times[-1] <= since):
        return Arrival(name, None, None)
    lacking = [c for c in known.required if c not in rows[0]]
    if lacking:
        raise UnusableInput(f"ACLED sent no {', '.join(lacking)}; the interface or the access tier has changed")
    made: Path = kept.folder / "rows.csv"
    count = write_rows(made, columns_of(known.columns, rows[0]), rows)
    path = land(work.place, Kind.CLASHES, name, made, facts | {"revised_until": times[-1] if times else None})
    return Arrival(name, path, count, pages, notes)


def _withheld(rows: list[dict[str, Any]], until: date) -> tuple[str, ...]:
    newest = max((str(row.get("event_date") or "") for row in rows), default="")
    try:
        gap = (until - date.fromisoformat(newest)).days
    except ValueError:
        return ()
    if gap < WITHHELD_DAYS:
        return ()
    return (f"the newest event is of {newest}: the research tier withholds the newest 12 months",)


def seconds(text: str) -> str | None:
    """A day or seconds since 1970 as the seconds that ACLED compares; None for empty text. Raises UnusableInput."""
    if not text:
        return None
    if text.removesuffix(".0").isdigit():
        return text.removesuffix(".0").zfill(10)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UnusableInput(
            f"{json.dumps(text[:30])}: no time of revision; write YYYY-MM-DD or seconds since 1970"
        ) from None
    return str(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())).zfill(10)
