"""The job on real records: every row accounted for, coarse points in no township, missing never zero."""

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from integration_homes import LAST_MONTH, REAL_DATA, rows_of, shared_analysts_query, shared_release_query

from pipeline.analysis.published_figures import comparison
from pipeline.analysis.scenario_grid import ClashSource, Records
from pipeline.declare.codes import Absence
from pipeline.declare.settings import REFERENCE

pytestmark = pytest.mark.integration
WINDOW = ("2021-02-01", "2023-11-26")
LAST = f"method = 'isp-2023' AND month = DATE '{LAST_MONTH}'"


def test_every_row_is_accounted_for(real_home: Path) -> None:
    accounts = shared_analysts_query(
        real_home, "SELECT kind, rows_count, rows_used_count, rows_set_aside_count FROM records.accounts"
    )
    counted = {kind: (came, used, aside) for kind, came, used, aside in accounts.rows()}
    assert counted["clashes"][0] == 7_374
    assert counted["boundaries"] == (330, 330, 0)
    assert all(came == used + aside for came, used, aside in counted.values())
    by_reason = shared_analysts_query(real_home, "SELECT kind, reason, count(*) FROM records.set_aside GROUP BY ALL")
    aside = Counter({(kind, reason): n for kind, reason, n in by_reason.rows()})
    clash_reasons = {reason: n for (kind, reason), n in aside.items() if kind == "clashes"}
    assert set(clash_reasons) == {"precision_district", "precision_region", "precision_country"}
    assert sum(clash_reasons.values()) == counted["clashes"][2]
    # In the file 352 rows have where_prec 6 and 3 have 7 (at sea); 459 have 3; none of them names a township. Of these
    # 41 name a district of one township; 110 other rows name the cities of Yangon, Mandalay or Naypyidaw.
    assert clash_reasons["precision_country"] == 355
    assert clash_reasons["precision_district"] == 459 - 41 + 110
    for kind, (_, _, n) in counted.items():
        assert sum(count for (k, _), count in aside.items() if k == kind) == n
    doubled = shared_analysts_query(
        real_home,
        """SELECT count(*) FROM records.clashes c JOIN records.set_aside s USING (delivery_id, row_number)""",
    ).item()
    assert doubled == 0
    rows = shared_analysts_query(real_home, "SELECT count(DISTINCT row_number) FROM raw.ucdp_ged").item()
    assert rows == 7_374


def test_workbook_rows_are_all_there(real_home: Path) -> None:
    raw = shared_analysts_query(real_home, "SELECT row_number, adm3_pcode FROM raw.hpc_baseline")
    placed = shared_analysts_query(real_home, "SELECT DISTINCT row_number FROM records.displacement")
    aside = shared_analysts_query(real_home, "SELECT row_number FROM records.set_aside WHERE kind = 'displacement'")
    assert sorted([*placed["row_number"], *aside["row_number"]]) == sorted(raw["row_number"])
    codes = set(pl.read_csv(REFERENCE / "townships.csv")["adm3_pcode"])
    stated = [code for code in raw["adm3_pcode"] if code is not None]
    assert {code for code in stated if code.startswith("MMR") and code not in codes} == {"MMR013045"}
    named = shared_analysts_query(real_home, "SELECT DISTINCT adm3_pcode FROM records.displacement")["adm3_pcode"]
    assert set(named) == codes, "every township has its row, blank or not, and Seikkan's went to its successors"


def test_coarse_points_are_in_no_township(real_home: Path) -> None:
    kyethi = next(row for row in rows_of(REFERENCE / "townships.csv") if row["adm3_name"] == "Kyethi")["adm3_pcode"]
    worst = shared_release_query(
        real_home, f"SELECT adm3_pcode, clashes_count FROM published.township_index WHERE {LAST} ORDER BY 2 DESC"
    )
    counts = dict(worst.rows())
    assert worst["adm3_pcode"][0] != kyethi
    assert counts[kyethi] < 10
    everything = dict(
        shared_analysts_query(real_home, "SELECT adm3_pcode, count(*) FROM records.clashes GROUP BY 1").rows()
    )
    assert max(everything, key=lambda code: everything[code]) != kyethi
    coarse = shared_analysts_query(
        real_home,
        """SELECT c.adm3_pcode, r.where_coordinates FROM records.clashes c
           JOIN raw.ucdp_ged r USING (delivery_id, row_number)
           WHERE r.where_prec::DOUBLE IN (3, 4, 6, 7) AND NOT regexp_matches(r.where_coordinates, '[Tt]ownship')""",
    )
    whole = list(rows_of(REFERENCE / "townships.csv"))
    alone = {r["adm3_pcode"] for r in whole if [o["adm2_pcode"] for o in whole].count(r["adm2_pcode"]) == 1}
    # A district of one township is that township; no other coarse point is placed.
    assert {code for code, _ in coarse.rows()} <= alone
    assert {text.split()[-1] for _, text in coarse.rows()} == {"district"}
    field = shared_analysts_query(
        real_home,
        """SELECT count(*) FROM records.clashes c JOIN raw.ucdp_ged r USING (delivery_id, row_number)
           WHERE r.longitude::DOUBLE = 98 AND r.latitude::DOUBLE = 22""",
    ).item()
    assert field == 0
    levels = shared_analysts_query(real_home, "SELECT DISTINCT geo_precision FROM records.clashes")["geo_precision"]
    assert set(levels) == {"exact", "township"}


def test_unallocated_clashes_are_counted_and_shown(real_home: Path) -> None:
    """Counted again from the file: clashes of the window that were set aside for their precision."""
    lines = {
        n
        for (n,) in shared_analysts_query(
            real_home, "SELECT row_number FROM records.set_aside WHERE reason LIKE 'precision_%'"
        ).rows()
    }
    count = 0
    with (REAL_DATA / "clashes" / "ucdp_ged_myanmar.csv").open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        line = reader.line_num + 2  # a cell may hold line breaks: a row is known by the line it begins on
        for row in reader:
            inside = "2021-02-01" <= row["date_start"] <= "2023-11-26"
            count += line in lines and inside and float(row["type_of_violence"]) in (1, 2)
            line = reader.line_num + 1
    stated = shared_release_query(
        real_home, f"SELECT clashes_unallocated_count FROM published.national_summary WHERE {LAST}"
    )
    assert stated.item() == count > 100
    said = (real_home / "said.txt").read_text(encoding="utf-8")
    (line,) = [line for line in said.splitlines() if line.startswith("Clashes placed in no township ")]
    assert line.split()[-1] == str(count)


def test_blank_displacement_is_not_zero(real_home: Path) -> None:
    blank = shared_analysts_query(
        real_home,
        """SELECT adm3_pcode FROM raw.hpc_baseline WHERE adm3_pcode LIKE 'MMR%' AND coalesce(trim(idps), '') = ''
           AND adm3_pcode <> 'MMR013045'""",
    )["adm3_pcode"].to_list()
    assert len(blank) > 150
    rows = shared_release_query(
        real_home,
        "SELECT adm3_pcode, in_conflict, idps_persons, idps_basis, idps_suppressed, humanitarian_class, "
        f"humanitarian_score FROM published.township_index WHERE {LAST}",
    ).rows(named=True)
    found = [row for row in rows if row["adm3_pcode"] in blank]
    assert [r for r in found if r["idps_persons"] is not None or r["humanitarian_score"] is not None] == []
    assert {(r["in_conflict"], r["humanitarian_class"]) for r in found} == {
        (True, "insufficient_data"),
        (False, "not_in_conflict"),
    }
    reported = [r for r in rows if r["idps_basis"] is not None]
    assert {r["idps_basis"] for r in reported} == {"stock"}, "a baseline is stock, never new displacement"
    zeros = [r for r in reported if r["idps_persons"] == 0 and r["in_conflict"]]
    assert {r["humanitarian_class"] for r in zeros} == {"no_new_idps"}
    assert len(zeros) > 0


def test_services_are_insufficient_inside_conflict(real_home: Path) -> None:
    rows = shared_release_query(
        real_home,
        """SELECT DISTINCT in_conflict, services_class, services_known_count, services_lost_score, services_lost_min,
           services_lost_max, control_class FROM published.township_index""",
    )
    assert sorted(rows.rows()) == [
        (False, "not_in_conflict", 0, None, 0.0, 1.0, "unknown"),
        (True, "insufficient_data", 0, None, 0.0, 1.0, "unknown"),
    ]
    shares = shared_release_query(
        real_home,
        f"""SELECT DISTINCT lost_share, lost_low, lost_high, unknown_share FROM published.territorial_control
            WHERE basis <> 'security_index' AND {LAST}""",
    )
    assert shares.rows() == [(None, 0.0, 1.0, 1.0)], "no record is no statement on control"


def test_comparison_with_published_figures(real_home: Path) -> None:
    rows = shared_release_query(real_home, "FROM published.comparison").rows(named=True)
    figures = {(row["figure"], row["published_source"].split("-")[0]): row for row in rows}
    ours = shared_release_query(real_home, f"FROM published.national_summary WHERE {LAST}").row(0, named=True)
    isp = figures["townships_in_conflict", "ISP"]
    bni = figures["townships_with_fighting", "BNI"]
    assert (isp["published_value"], bni["published_value"]) == (221, 219)
    assert isp["our_value"] == ours["in_conflict_count"]
    assert isp["difference"] == ours["in_conflict_count"] - 221
    assert (isp["comparable"], bni["comparable"]) == (False, False)
    assert "somebody died by some estimate" in isp["note"]
    assert (bni["our_value"], bni["difference"]) == (None, None)
    assert "This release counts to 2023-11-26 and cannot tell of 2023-12-12" in bni["note"]
    severe = figures["services_severe", "ISP"]
    assert severe["our_value"] is None
    assert severe["difference"] is None
    assert all(row["note"] for row in rows)
    assert {row["figure"] for row in rows if row["comparable"]} == {"townships_total"}


def test_published_figures_are_compared_on_their_own_day(real_home: Path) -> None:
    """The home holds the records of December too: a release of the whole year counts to the same days."""
    read = {name: shared_analysts_query(real_home, f"FROM records.{name}") for name in
            ("clashes", "displacement", "services", "deliveries", "townships")}  # fmt: skip
    read["deliveries"] = read["deliveries"].with_columns(received=pl.col("received_at").cast(pl.String))
    records = Records(**read, period_end=date(2023, 12, 31), sources=(ClashSource("ucdp_ged", Absence.ZERO),))
    rows = comparison(pl.read_csv(REFERENCE / "published_figures.csv", try_parse_dates=True), records).rows(named=True)
    ours = {(row["figure"], row["published_source"].split("-")[0]): row["our_value"] for row in rows}
    # 213 and 215 with the events that name the cities of Yangon and Naypyidaw under their points (Dagon, Za Bu Thi Ri).
    assert ours["townships_in_conflict", "ISP"] == 213 - 2
    assert ours["townships_with_fighting", "BNI"] == 215 - 2
    assert ours["tanintharyi_townships_with_clashes", "ISP"] == 9


def test_nothing_says_synthetic_or_schematic(real_home: Path) -> None:
    release = (real_home / "published" / "latest").resolve()
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["synthetic"] is False
    assert manifest["notice"] == ""
    marked = [
        f"{path.relative_to(release)}"
        for path in release.rglob("*")
        if path.suffix in {".html", ".svg", ".csv", ".json", ".geojson"}
        and any(word in path.read_text(encoding="utf-8") for word in ("SYNTHETIC", "SCHEMATIC"))
    ]
    assert marked == []
    sources = shared_release_query(real_home, "SELECT DISTINCT boundary_source FROM published.townships").to_series()
    assert sources.to_list() == ["MIMU township boundaries 1:250,000, P-codes 9.3"]
    assert "SYNTHETIC" not in (real_home / "said.txt").read_text(encoding="utf-8")


def test_published_deliveries_say_what_went_in(real_home: Path) -> None:
    rows = shared_release_query(
        real_home, "SELECT kind, file_name, rows_count FROM published.deliveries ORDER BY 1"
    ).rows()
    assert [row[:2] for row in rows] == [
        ("boundaries", "mmr_polbnda_adm3_mimu_250k.shp"),
        ("clashes", "ucdp_ged_myanmar.csv"),
        ("displacement", "hpc2023_baseline.xlsx"),
    ]
    assert (
        tuple(
            map(
                str,
                shared_release_query(
                    real_home, f"SELECT period_start, period_end FROM published.national_summary WHERE {LAST}"
                ).row(0),
            )
        )
        == WINDOW
    )
