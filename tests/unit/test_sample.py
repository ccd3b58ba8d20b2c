"""The embedded sample: rebuilt byte for byte, and its margins counted by hand, with loops and no pipeline."""

import csv
import runpy
import tomllib
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from pipeline.declare.methods import ISP_2023
from pipeline.declare.settings import REFERENCE, REPOSITORY, SAMPLE

KINDS = ("clashes", "displacement", "services", "control")
SIGNS = ("lights", "orders")  # files of the kind signs
END = date(2023, 11, 26)
ITEMS = ("police_station", "gad_office", "electricity", "water_supply", "salaries")
LOST = {"yes": 0.0, "partial": 0.5, "no": 1.0}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def folder(name: str) -> Path:
    return SAMPLE / ("signs" if name in SIGNS else name)


@cache
def sample(name: str) -> list[dict[str, str]]:
    return rows_of(folder(name) / f"synthetic_{name}.csv")


@cache
def townships() -> dict[str, dict[str, str]]:
    return {row["adm3_pcode"]: row for row in rows_of(REFERENCE / "townships.csv")}


def sort_clashes() -> tuple[Counter[str], Counter[str]]:
    """Clashes per township in the cumulative window, and every row of the file by what becomes of it."""
    successor: dict[str, tuple[float, str]] = {}
    for row in rows_of(REFERENCE / "pcode_crosswalk.csv"):
        option = (float(row["area_weight"]), row["to_adm3_pcode"])
        successor[row["from_pcode"]] = max(option, successor.get(row["from_pcode"], option))
    counts: Counter[str] = Counter()
    fates: Counter[str] = Counter()
    seen = set()
    for row in sample("clashes"):
        key = tuple(row.values())
        code = successor.get(row["adm3_pcode"], (0.0, row["adm3_pcode"]))[1]
        try:
            day = date.fromisoformat(row["event_date"])
        except ValueError:
            fates["invalid_date"] += 1
            continue
        if key in seen:
            fates["duplicate_row"] += 1
        elif row["event_type"] not in ("clash", "violence_against_civilians", "other"):
            fates["unknown_term"] += 1
        elif code not in townships():
            fates["unknown_pcode"] += 1
        elif row["geo_precision"] not in ("", "exact", "township"):
            fates[f"precision_{row['geo_precision']}"] += 1
        elif row["event_type"] != "clash":
            fates[row["event_type"]] += 1
        elif day < date(2021, 2, 1):
            fates["before_coup"] += 1
        else:
            fates["crosswalk" if code != row["adm3_pcode"] else "clash"] += 1
            counts[code] += 1
        seen.add(key)
    return counts, fates


def newest(kind: str, date_column: str, days: int, filled: str = "adm3_pcode") -> dict[str, dict[str, str]]:
    """Per township the newest record in force at END, among those where column `filled` is not blank."""
    records: dict[str, dict[str, str]] = {}
    for row in sorted(sample(kind), key=lambda row: row[date_column]):
        if row[filled] and 0 <= (END - date.fromisoformat(row[date_column])).days <= days:
            records[row["adm3_pcode"]] = row
    return records


def test_a_rebuild_gives_the_committed_bytes(tmp_path: Path) -> None:
    runpy.run_path(str(REPOSITORY / "scripts" / "build_sample.py"))["build"](tmp_path)
    built = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path.relative_to(SAMPLE): path.read_bytes() for path in SAMPLE.glob("*/*")}
    assert built.keys() == committed.keys()
    assert [str(path) for path in built if built[path] != committed[path]] == []
    assert max(map(len, built.values())) < 800_000
    assert sum(map(len, built.values())) < 900_000


@pytest.mark.parametrize("kind", [*KINDS, *SIGNS])
def test_every_file_says_that_it_is_synthetic(kind: str) -> None:
    path = folder(kind) / f"synthetic_{kind}.csv"
    sidecar = tomllib.loads((path.parent / (path.name + ".toml")).read_text(encoding="utf-8"))
    assert sidecar == {
        "source": f"SYNTHETIC sample {kind} (invented)",
        "licence": "CC0-1.0",
        "absence_means": "zero" if kind == "clashes" else "unknown",
        "synthetic": True,
    }
    assert b"\r" not in path.read_bytes()
    assert "SYNTHETIC" in (SAMPLE / "README.md").read_text(encoding="utf-8")


def test_clashes_and_what_is_set_aside() -> None:
    counts, fates = sort_clashes()
    assert sum(counts.values()) == 12_238
    assert fates == {
        "clash": 12_235,
        "crosswalk": 3,
        "before_coup": 250,
        "violence_against_civilians": 640,
        "other": 260,
        "precision_district": 24,
        "precision_region": 12,
        "precision_country": 4,
        "unknown_pcode": 2,
        "unknown_term": 1,
        "invalid_date": 1,
        "duplicate_row": 1,
    }
    days = sorted(row["event_date"] for row in sample("clashes") if row["event_date"] >= "2021-02-01")
    assert (days[0][:7], days[-1]) == ("2021-02", "2023-11-26")
    assert min(row["event_date"] for row in sample("clashes")) >= "2020-01-01"
    for row in sample("clashes"):
        if row["event_date_end"]:
            limit = "2021-01-31" if row["event_date"] < "2021-02-01" else "2023-11-26"
            assert row["event_date"] < row["event_date_end"] <= limit


def test_only_the_one_repeated_row_repeats() -> None:
    for kind in KINDS:
        keys = ("event_id",) if kind == "clashes" else tuple(sample(kind)[0])[:2]
        times = Counter(tuple(row[key] for key in keys) for row in sample(kind)).values()
        assert sorted(times)[-2:] == ([1, 2] if kind == "clashes" else [1, 1])
    assert len({tuple(row.values()) for row in sample("clashes")}) == len(sample("clashes")) - 1


def test_security_margins_and_states() -> None:
    counts, _ = sort_clashes()
    cut = ISP_2023.thresholds("default").security_high.value
    high = sum(count >= cut for count in counts.values())
    assert (len(counts), high, len(counts) - high) == (221, 141, 80)
    assert max(counts.values()) < 400
    assert sorted(counts.values())[110] < 25
    assert "MMR014010" in counts
    assert Counter(townships()[code]["state_region"] for code in counts) == {
        "Kachin": 15,
        "Kayah": 7,
        "Kayin": 7,
        "Chin": 9,
        "Sagaing": 34,
        "Tanintharyi": 10,
        "Bago": 23,
        "Magway": 21,
        "Mandalay": 25,
        "Mon": 9,
        "Rakhine": 14,
        "Yangon": 10,
        "Shan": 31,
        "Ayeyarwady": 4,
        "Nay Pyi Taw": 2,
    }


def test_humanitarian_margins() -> None:
    counts, _ = sort_clashes()
    days = int(ISP_2023.displacement_stale_days.value)
    records = newest("displacement", "reference_date", days, "idps_new_persons")
    persons = {code: int(row["idps_new_persons"]) for code, row in records.items()}
    high = sum(persons[code] >= ISP_2023.idps_high.value for code in counts)
    none = sum(persons[code] == 0 for code in counts)
    assert (high, len(counts) - high - none, none) == (45, 92, 84)
    assert sum(persons[code] for code in persons if code not in counts) == 0
    assert len(persons) == 261
    assert 1_500_000 <= sum(persons.values()) <= 2_000_000
    before: dict[str, int] = {}
    for row in sample("displacement"):
        if row["idps_new_persons"]:
            now = int(row["idps_new_persons"])
            assert before.get(row["adm3_pcode"], 0) <= now
            assert now <= 0.6 * int(townships()[row["adm3_pcode"]]["population_2022"])
            assert int(row["returnees_persons"]) <= now
            before[row["adm3_pcode"]] = now
    assert min(Counter(row["reference_date"] for row in sample("displacement")).values()) >= 200


def test_services_margins() -> None:
    counts, _ = sort_clashes()
    records = newest("services", "survey_date", int(ISP_2023.services_stale_days.value))
    severe = 0
    for code in counts:
        known = [LOST[answer] for i in ITEMS if (answer := records[code][i].lower()) not in ("", "unknown")]
        assert len(known) >= ISP_2023.services_known_minimum.value
        severe += sum(known) / len(known) >= ISP_2023.services_severe.value
    assert (severe, len(counts) - severe) == (57, 164)
    answers = {row[item].lower() for row in sample("services") for item in ITEMS}
    assert answers == {"yes", "partial", "no", "unknown", ""}


def test_control_terms() -> None:
    records = newest("control", "reference_date", int(ISP_2023.control_stale_days.value))
    assert {row["controller"] for row in sample("control")} == {
        "state",
        "contested",
        "resistance",
        "other",
        "unknown",
    }
    assert len(records) >= 240
    for name in ("displacement", "services", "control", *SIGNS):
        assert {row["adm3_pcode"] for row in sample(name)} <= townships().keys()


def test_signs_are_there_to_be_seen() -> None:
    """Light falls in some townships that are fought over, against quiet ones; statements are open and ended."""
    counts, _ = sort_clashes()
    light = {(row["adm3_pcode"], row["year"]): int(row["lit_pixels"]) for row in sample("lights")}
    own = {code: light[code, "2020"] for code, year in light if year == "2022" and (code, "2020") in light}
    kept = {code: light[code, "2022"] / before for code, before in own.items() if before >= 50}
    quiet = sorted(share for code, share in kept.items() if code not in counts)
    median = quiet[len(quiet) // 2]
    dark = {code for code, share in kept.items() if share < 0.6 * median}
    assert len(quiet) > 50 and 20 < len(dark) < 80 and dark <= counts.keys()
    assert len(sample("lights")) < 330 * 5  # a township that was not seen has no row
    orders = sample("orders")
    assert {(row["item"], row["sign"]) for row in orders} == {
        ("police_station", "loss"),
        ("gad_office", "loss"),
        ("communications", "loss"),
    }
    assert {bool(row["until"]) for row in orders} == {True, False}
    assert all(row["from"] <= f"{END}" for row in orders)
