"""Two townships of the real UCDP file counted with plain loops: no frame, no SQL, none of the pipeline's code.

The rule: a clash is an event of type 1 or 2 that began in the window. It stands in a township where the source's text
names that township and the event's state; or, where the text names none, by its point if the source knows the place
(precision 1 or 2). A name that no township of the state bears in that spelling is left to the point of the named place.
"""

import csv
import re
from functools import cache
from pathlib import Path

import pytest
from integration_homes import REAL_DATA, release_query

from pipeline.declare.settings import REFERENCE

pytestmark = pytest.mark.integration
FIRST, LAST = "2021-02-01", "2023-11-26"
NAMED = re.compile(r"((?:[A-Z][\w'-]*\s+)+?)[Tt]ownship\b")
SEVERAL = re.compile(r"\btownships\b|\b(?:between|and|or)\b[^()]*\btownship\b", re.IGNORECASE)


def letters(text: str) -> str:
    """Letters of a name in lower case, without the words for a state or a township."""
    plain = re.sub(r"\b(state|region|division|union|territory|township)\b", "", text.lower())
    return "".join(c for c in plain if c.isalpha())


@cache
def known_names() -> set[tuple[str, str]]:
    with (REFERENCE / "townships.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {(letters(r[unit]), letters(r["adm3_name"])) for r in rows for unit in ("adm1_name", "state_region")}


@cache
def events() -> list[dict[str, str]]:
    if not REAL_DATA.is_dir():
        pytest.skip(f"{REAL_DATA}: the real records are not on this machine")
    with (REAL_DATA / "clashes" / "ucdp_ged_myanmar.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def polygon(code: str):
    import geopandas

    drawn = geopandas.read_file(REAL_DATA / "boundaries" / "mmr_polbnda_adm3_mimu_250k.shp")
    return drawn.loc[drawn["TS_PCODE"] == code, "geometry"].union_all()


def counted(code: str, name: str, state: str) -> tuple[int, int, int]:
    """Clashes in the township, their deaths, and events of violence against civilians alone."""
    from shapely.geometry import Point

    shape = polygon(code)
    clashes = deaths = civilians = 0
    for event in events():
        if not FIRST <= event["date_start"][:10] <= LAST:
            continue
        text, precision = event["where_coordinates"], int(float(event["where_prec"]))
        found = {letters(one) for one in NAMED.findall(text)}
        one_name = None if SEVERAL.search(text) or len(found) != 1 else found.pop()
        if one_name and (letters(event["adm_1"]), one_name) in known_names():
            here = (letters(event["adm_1"]), one_name) == (letters(state), letters(name))
        elif precision in (1, 2) or (one_name and precision == 5):
            here = shape.contains(Point(float(event["longitude"]), float(event["latitude"])))
        else:
            here = False
        if here and int(float(event["type_of_violence"])) in (1, 2):
            clashes += 1
            deaths += int(float(event["best"]))
        elif here:
            civilians += 1
    return clashes, deaths, civilians


@pytest.mark.parametrize(
    ("code", "name", "state"),
    [("MMR002002", "Demoso", "Kayah"), ("MMR004009", "Paletwa", "Chin"), ("MMR014015", "Kyethi", "Shan")],
)
def test_a_township_counted_by_hand(real_home: Path, code: str, name: str, state: str) -> None:
    clashes, deaths, civilians = counted(code, name, state)
    row = release_query(
        real_home,
        f"""SELECT clashes_count, fatalities_persons FROM published.township_index
            WHERE adm3_pcode = '{code}' AND method = 'isp-2023' AND month = DATE '2023-11-01'""",
    ).row(0)
    assert row == (clashes, deaths)
    months = release_query(
        real_home,
        f"""SELECT event_class, sum(events_count)::BIGINT FROM published.township_month_events
            WHERE adm3_pcode = '{code}' GROUP BY 1""",
    )
    expected = {"clash": clashes, "violence_against_civilians": civilians}
    assert dict(months.rows()) == {k: n for k, n in expected.items() if n}
    if name == "Demoso":
        assert clashes > 50, "among the places with most fighting"
    print(f"{name}: {clashes} clashes, {deaths} deaths, {civilians} against civilians")
