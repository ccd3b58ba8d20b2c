"""A home that holds nothing but an invented ACLED export publishes, on the schematic shapes and ACLED's own cuts."""

import csv
import io
from pathlib import Path

import pytest
from integration_homes import Command, analysts_query, release_query, write_input

from pipeline.declare.methods import ISP_2023
from pipeline.sources import BY_NAME

pytestmark = pytest.mark.integration
ACTOR = "Invented Battalion"
HIGH = int(ISP_2023.thresholds("acled").security_high.value)


def as_csv(format_name: str, rows: list[dict[str, str]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(BY_NAME[format_name].columns), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def event(n: int, admin3: str, day: str, **more: str) -> dict[str, str]:
    return {
        "event_id_cnty": f"MMR{n}", "event_date": day, "time_precision": "1", "event_type": "Battles",
        "actor1": ACTOR, "actor2": ACTOR, "iso": "104", "country": "Myanmar", "admin1": "Kachin", "admin3": admin3,
        "location": "Invented place", "latitude": "25.369", "longitude": "97.254", "geo_precision": "1",
        "fatalities": "1", "notes": "An invented note", "timestamp": "1640000000",
    } | more  # fmt: skip


def export() -> list[dict[str, str]]:
    """Myitkyina at the cut, Waingmaw one below it, one event each of another class, of a region and abroad."""
    rows = [event(n, "Myitkyina", f"{1 + n:02d} March 2021") for n in range(HIGH)]
    rows += [event(100 + n, "Waingmaw", "2021-04-05") for n in range(HIGH - 1)]
    rows += [event(200, "Waingmaw", "2021-04-06"), event(201, "Waingmaw", "2021-04-07", event_type="Protests")]
    return [
        *rows,
        event(300, "", "2021-04-08", geo_precision="3"),
        event(301, "", "2021-04-09", country="Thailand", iso="764"),
    ]


def test_an_export_of_acled_alone_publishes(tmp_path: Path, command: Command) -> None:
    folder, home = tmp_path / "data", tmp_path / "home"
    write_input(folder, "clashes", "export.csv", as_csv("acled", export()))
    gone = [{"event_id_cnty": name, "deleted_timestamp": "1650000000"} for name in ("MMR200", "MMR999")]
    write_input(folder, "clashes", "deleted.csv", as_csv("acled_deleted", gone))
    command("run", "--data", folder, "--home", home, "--period-end", "2021-04-30").published()

    rows = release_query(
        home,
        "SELECT adm3_pcode, clashes_count, security_class FROM published.township_index WHERE method = 'isp-2023' "
        "AND clashes_count > 0 AND month = (SELECT max(month) FROM published.township_index) ORDER BY 1",
    )
    assert rows.rows() == [("MMR001001", HIGH, "high"), ("MMR001002", HIGH - 1, "low")]
    summary = release_query(
        home,
        "SELECT townships_count, clashes_unallocated_count FROM published.national_summary "
        "WHERE method = 'isp-2023' ORDER BY month DESC LIMIT 1",
    )
    assert summary.rows() == [(330, 1)]
    aside = analysts_query(home, "SELECT reason, count(*) FROM records.set_aside GROUP BY 1 ORDER BY 1").rows()
    assert aside == [("deleted", 3), ("outside_country", 1), ("precision_region", 1)]
    kept = analysts_query(home, "SELECT DISTINCT actor1, actor2, placed_by FROM records.clashes").rows()
    assert kept == [(ACTOR, ACTOR, "name")]
    release = (home / "published" / "latest").resolve()
    assert [path.name for path in release.rglob("*") if path.is_file() and ACTOR.encode() in path.read_bytes()] == []
