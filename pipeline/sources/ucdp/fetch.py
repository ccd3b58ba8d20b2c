"""UCDP GED: yearly and candidate releases, as files without a key or from the API with one; Myanmar only.

A release has a version: 26.1 is the yearly one that ends with 2025, 26.0.8 the candidate events of August 2026,
26.01.26.06 those of January to June 2026. Releases do not change once made, so there is nothing incremental.
"""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.fetching.download import Arrival, Pages, Unrepeated, columns_of, download, land, revised_until, write_rows
from pipeline.fetching.http import Missing, Session
from pipeline.fetching.session import Work
from pipeline.records.vetting import EXAMPLES
from pipeline.records.vetting import version as version_of
from pipeline.sources.ucdp.source import TOKEN, UCDP

FILES, API = "https://ucdp.uu.se/downloads", "https://ucdpapi.pcr.uu.se/api/gedevents"
REFUSED = f"{TOKEN} was not accepted; ask UCDP for a new one, or unset it to take the files that need no key"
ADVICE = {
    400: "check --version and the dates; UCDP also answers so after many requests in a row: then wait an hour",
    401: REFUSED,
    403: REFUSED,
}
MYANMAR_ID = 775
PAGE_ROWS, PAGES_AT_MOST = 1000, 1000
UNPACKED_AT_MOST = 4_000_000_000  # the yearly file of all countries, several times over
(GED,) = UCDP.formats


def fetch(work: Work) -> list[Arrival]:
    """The versions asked for, else the newest yearly release and the candidate months after it."""
    with work.session(UCDP, ADVICE) as session:
        if work.asked.versions:
            return [_one(work, session, version) for version in work.asked.versions]
        year = work.today.year % 100
        try:
            arrivals, first = [_one(work, session, f"{year}.1")], year
        except Missing:
            # Spring has not come yet: the newest yearly release is last year's.
            arrivals, first = [_one(work, session, f"{year - 1}.1")], year - 1
        for version in _months(first, work.today):
            try:
                arrivals.append(_one(work, session, version))
            except Missing:
                # A later month beyond a gap would make the missing one look quiet.
                note = f"{version} is not published; if it stands in a file of several months, give --version"
                arrivals.append(Arrival(version, None, None, notes=(note,)))
                break
        return arrivals


def covers(version: str) -> date:
    """The last day that a release covers. Raises UnusableInput for what is no version."""
    found = version_of(version)
    if found is None:
        raise UnusableInput(f"--version {version[:20]!r} is none of UCDP's; write {EXAMPLES}")
    return found.last


def _months(first: int, today: date) -> Iterator[str]:
    end = today.replace(day=1) - timedelta(days=1)
    for year in range(first, end.year % 100 + 1):
        for month in range(1, (end.month if year == end.year % 100 else 12) + 1):
            yield f"{year}.0.{month}"


def _one(work: Work, session: Session, version: str) -> Arrival:
    asked, last = work.asked, covers(version)
    until = min(last, asked.end) if asked.end else last
    query = f"GED {version}, country {MYANMAR_ID}, {asked.period}"
    # Two digits for the month, so that releases are taken in their order.
    padded = ".".join(part.zfill(2) for part in version.split(".")) if version.count(".") > 1 else version
    name = f"ucdp_ged_{padded}_{asked.period}.csv"
    use_api = bool(work.keys.get(TOKEN))
    with Pages(work.place, f"ucdp {'api' if use_api else 'file'} {query}") as kept:
        made, pages, changed = kept.folder / "rows.csv", 0, None
        if use_api:
            url = f"{API}/{version}"
            rows, pages = _from_api(work, session, version, kept)
            count = write_rows(made, columns_of(GED.columns, rows[0]), rows)
        else:
            url = _file(version)
            work.progress.step(f"UCDP {version}: downloading {urlsplit(url).path.rsplit('/', 1)[1]}", 0)
            known = revised_until(work.place, UCDP, query)
            got = download(session, url, kept.folder, changed_since=known)
            if got is None or (known and got.changed == known):
                return Arrival(name, None, None)
            count, changed = _filtered(work, got.path, made), got.changed
            if not count:
                raise UnusableInput(f"UCDP {version}: no event in Myanmar in the period asked for; check the dates")
        facts = work.facts(UCDP, url=url, query=query, covered_until=until, revised_until=changed,
                           absence_means=asked.absence)  # fmt: skip
        return Arrival(name, land(work.place, Kind.CLASHES, name, made, facts), count, pages)


def _file(version: str) -> str:
    found = version_of(version)
    if found and found.yearly:
        return f"{FILES}/ged/ged{version.partition('.')[0]}1-csv.zip"
    return f"{FILES}/candidateged/GEDEvent_v{version.replace('.', '_')}.csv"


def _filtered(work: Work, source: Path, made: Path) -> int:
    """The rows of Myanmar in the period, as they stand; how many. The files hold all countries."""
    with _opened(source) as text:
        reader = csv.reader(text)
        header = next(reader, [])
        try:
            country, ends, begins = (header.index(n) for n in ("country_id", "date_end", "date_start"))
        except ValueError:
            raise UnusableInput(
                "UCDP's file has no country_id, date_start or date_end; its columns have changed"
            ) from None
        count = 0
        with made.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(header)
            for row in reader:
                if len(row) != len(header):
                    raise UnusableInput(f"UCDP's file, line {reader.line_num}: a broken row; fetch it again")
                if row[country].removesuffix(".0") != str(MYANMAR_ID):
                    continue
                if row[ends][:10] < str(work.asked.start) or row[begins][:10] > str(work.asked.end or date.max):
                    continue
                writer.writerow(row)
                count += 1
    return count


def _opened(source: Path) -> io.TextIOWrapper:
    if not zipfile.is_zipfile(source):
        return source.open(encoding="utf-8-sig", newline="")
    archive = zipfile.ZipFile(source)
    inside = [one for one in archive.infolist() if one.filename.lower().endswith(".csv")]
    if len(inside) != 1 or inside[0].file_size > UNPACKED_AT_MOST:
        raise UnusableInput("UCDP's archive does not hold one CSV file of an expected size; refused")
    return io.TextIOWrapper(archive.open(inside[0]), encoding="utf-8-sig", newline="")


def _from_api(work: Work, session: Session, version: str, kept: Pages) -> tuple[list[dict[str, Any]], int]:
    """All rows and the number of pages. The API follows its own links; where it sends none, pages are counted.

    An unknown filter is passed over by the API in silence, so a row of another country ends it.
    """
    headers = {"x-ucdp-access-token": work.keys.get(TOKEN)}
    params = {"pagesize": str(PAGE_ROWS), "Country": str(MYANMAR_ID), "StartDate": str(work.asked.start)}
    if work.asked.end:
        params["EndDate"] = str(work.asked.end)
    url: str = f"{API}/{version}"
    rows: list[dict[str, Any]] = []
    unrepeated, count, linked = Unrepeated(), 0, False
    for number in range(1, PAGES_AT_MOST + 1):
        answer = kept.get(number, partial(session.json, url, params, headers))
        found = _rows(answer, version)
        total, link = _number(answer.get("TotalPages")), answer.get("NextPageUrl")
        if found and unrepeated.repeats(found):
            # Clients disagree on whether pages are counted from 0 or from 1: page 1 can be the one that came first.
            if number != 2 or linked:
                raise UnusableInput(f"UCDP {version}: the same page came twice; nothing was kept, try again later")
        else:
            rows += found
            count += 1
            step = f"UCDP {version}: page {count} of {total or '?'}, {len(rows):,} rows"
            work.progress.step(step, count, total)
            if not found or (total and count >= total) or link == "":
                break
        linked = isinstance(link, str)
        url, params = _next(url, params, link, number)
    if not rows:
        raise Missing(f"UCDP {version} has no event in Myanmar in the period asked for; check --version and the dates")
    stated = _number(answer.get("TotalCount"))
    if stated is not None and stated != len(rows):
        raise UnusableInput(f"UCDP {version}: {len(rows):,} of {stated:,} rows came; nothing was kept, try again later")
    return rows, count


def _rows(answer: Any, version: str) -> list[dict[str, Any]]:
    found = answer.get("Result") if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise UnusableInput(f"UCDP {version}: an answer without Result; the interface has changed")
    if any(str(row.get("country_id")).removesuffix(".0") != str(MYANMAR_ID) for row in found):
        raise UnusableInput(f"UCDP {version}: rows of other countries came; the interface has changed")
    return found


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, (int, str)) and str(value).isdigit() else None


def _next(url: str, params: dict[str, str], link: object, number: int) -> tuple[str, dict[str, str]]:
    if not isinstance(link, str):
        return url, {**params, "page": str(number)}
    # Older answers link to http:// on the same host; the host itself is checked by the session.
    return link.replace("http://", "https://", 1) if link.startswith("http://") else link, {}
