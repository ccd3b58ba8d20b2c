"""The alias table: what it may hold, that its evidence makes it, and that it applies within its state only."""

import runpy
import sqlite3
import sys
from pathlib import Path

import polars as pl
import pytest

from geo import aliases, names, schematic, townships
from geo.townships import name_key
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REFERENCE, REPOSITORY

SOUND = {
    "alias": "Kalay", "script": "latin", "adm3_pcode": "MMR005027", "adm3_name": "Kale", "adm1_name": "Sagaing",
    "kind": "transliteration", "learnt_from": "ucdp_ged", "evidence_count": 9, "located_count": 9, "agree_count": 9,
    "agree_share": 1.0, "reviewed": "yes", "reason": "9 of 9 located places lie there",
}  # fmt: skip


def rows(*changes: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame([SOUND | change for change in changes], schema=aliases.SCHEMA)


def test_there_are_at_least_300_read_through_and_each_says_from_where_and_why():
    table = aliases.table()
    used = table.filter(pl.col("reviewed") == "yes")
    assert used.height >= 300
    assert used["kind"].n_unique() >= 4
    assert table["reason"].null_count() == 0
    assert not table["reason"].str.contains("not yet looked at").any()


def test_every_applied_alias_leads_to_its_township_in_its_state_and_nowhere_else():
    used = (
        aliases.table()
        .filter(pl.col("reviewed") == "yes")
        .join(townships.reference().select("adm3_pcode", "state_region"), on="adm3_pcode", validate="m:1")
    )
    for unit in ("adm1_name", "state_region"):
        found = names.resolve(used.select(pl.col(unit).alias("adm1_name"), pl.col("alias").alias("adm3_name")))
        assert found["adm3_pcode"].to_list() == used["adm3_pcode"].to_list()
        bracket = pl.col("adm3_name").str.contains("(", literal=True)  # "Htantabin (Y)" is also the listed name
        assert set(found.filter(~bracket)["how"]) == {"alias"}
    elsewhere = used.select(adm3_name="alias", adm1_name=pl.when(pl.col("adm1_name") == "Chin").then(pl.lit("Mon"))
                            .otherwise(pl.lit("Chin")))  # fmt: skip
    assert names.resolve(elsewhere)["adm3_pcode"].null_count() == used.height


@pytest.fixture(scope="module")
def villages():
    """`bearer`, `name`, `tract`: the villages and village tracts of MIMU's gazetteer, in both scripts."""
    connection = sqlite3.connect(f"{schematic.gazetteer().resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    query = " UNION ".join(
        f"SELECT township_pcode, {level}_{script}, {level == 'village_tract'} FROM villages"
        for level in ("village", "village_tract")
        for script in ("eng", "mmr")
    )
    borne = pl.DataFrame(connection.execute(query).fetchall(), schema=["bearer", "name", "tract"], orient="row")
    connection.close()
    units = townships.reference().select(bearer="adm3_pcode", state_region="state_region")
    return borne.join(units, on="bearer", how="inner", validate="m:1").with_columns(key=name_key(pl.col("name")))


def borne_elsewhere(used: pl.DataFrame, villages: pl.DataFrame) -> list[str]:
    """The aliases that a village tract, or villages of two townships, bear elsewhere in the state (of the 15)."""
    states = townships.reference().select("adm3_pcode", "state_region")
    others = (
        used.join(states, on="adm3_pcode", validate="m:1")
        .with_columns(name_key(pl.col("alias")).alias("key"))
        .join(villages, on=["state_region", "key"], how="inner")
        .filter(pl.col("bearer") != pl.col("adm3_pcode"))
    )
    many = others.group_by("alias").agg(pl.col("tract").max(), pl.col("bearer").n_unique())
    return many.filter((pl.col("tract") == 1) | (pl.col("bearer") > 1))["alias"].to_list()


def test_an_applied_town_name_is_not_that_of_a_tract_or_of_several_villages_elsewhere_in_the_state(villages):
    used = aliases.table().filter((pl.col("reviewed") == "yes") & (pl.col("kind") == "town_name"))
    assert borne_elsewhere(used, villages) == []
    wrong = rows({"alias": "Zee Kone", "adm3_pcode": "MMR005007", "kind": "town_name"})
    assert borne_elsewhere(wrong, villages) == ["Zee Kone"]


def test_refused_spellings_are_kept_and_never_applied():
    refused = aliases.table().filter(pl.col("reviewed") == "no")
    assert {"Hlaingtharya", "Meng-yang", "South"} <= set(refused["alias"])
    found = names.resolve(refused.select("adm1_name", pl.col("alias").alias("adm3_name")))
    assert found.filter(pl.col("how") == "alias").is_empty()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ([{"alias": "--"}], "no letters"),
        ([{"adm3_pcode": "MMR999999"}], "not one of the 330"),
        ([{"adm1_name": "Chin"}], "not one of the 330"),
        ([{"kind": "guess"}], "unknown script, kind"),
        ([{"reviewed": "maybe"}], "unknown script, kind or reviewed"),
        ([{"learnt_from": None}], "no source"),
        ([{"evidence_count": 0}], "no evidence"),
        ([{"agree_count": 10}], "more in agreement"),
        ([{"agree_count": 8, "agree_share": 0.889}], "split between townships"),
        ([{"alias": "Kalewa"}], "name of a township of the same state"),
        ([{}, {"adm3_pcode": "MMR005028", "adm3_name": "Kalewa"}], "one spelling for two townships"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused(changes, message):
    assert aliases.check(rows({})).height == 1
    with pytest.raises(UnusableInput, match=message):
        aliases.check(rows(*changes))


@pytest.mark.parametrize(
    "change",
    [
        {"agree_count": 2, "agree_share": 0.667, "located_count": 3, "evidence_count": 2},  # too little to be split
        {"agree_count": 1, "agree_share": 0.5, "located_count": 2, "learnt_from": "census_2014;mimu_349;ucdp_ged"},
        {"reviewed": "no", "alias": "Kalewa"},
    ],
)
def test_what_is_no_fault(change):
    assert aliases.check(rows(change)).height == 1


def test_a_damaged_file_is_refused_with_a_remedy(tmp_path: Path):
    damaged = tmp_path / "aliases.csv"
    damaged.write_text("alias,script\nKalay,latin\n")
    with pytest.raises(UnusableInput, match="git checkout"):
        aliases.read(damaged)


@pytest.fixture(scope="module")
def learning():
    sys.path.insert(0, str(REPOSITORY / "scripts"))
    try:
        yield runpy.run_path(str(REPOSITORY / "scripts" / "learn_aliases.py"))
    finally:
        sys.path.remove(str(REPOSITORY / "scripts"))


def test_the_table_is_what_its_evidence_and_its_reviews_make(learning):
    table = learning["_read"](REFERENCE / aliases.FILE)
    made, _ = learning["summarised"](learning["_read"](REFERENCE / learning["EVIDENCE"]), table)
    assert made == table


def seen(alias: str, pcode: str, source: str, records: int, located: int, town: str = "no") -> dict[str, str]:
    columns = ("alias", "state_region", "adm3_pcode", "source", "records", "located", "town")
    return dict(zip(columns, (alias, "Sagaing", pcode, source, str(records), str(located), town), strict=True))


@pytest.mark.parametrize(
    ("evidence", "learnt"),
    [
        ([seen("Kalay", "MMR005027", "ucdp_ged", 9, 9)], "MMR005027"),
        ([seen("Kalewa", "MMR005027", "ucdp_ged", 9, 9)], None),  # another township's name
        ([seen("Kalay", "MMR005027", "ucdp_ged", 8, 8), seen("Kalay", "MMR005028", "acled", 1, 1)], None),
        ([seen("Kalay", "MMR005027", "ucdp_ged", 9, 9), seen("Kalay", "MMR005028", "acled", 1, 1)], "MMR005027"),
        ([seen("Qwerty", "MMR005027", "ucdp_ged", 1, 1)], None),  # one piece of evidence, not like the name
        ([seen("Qwerty", "MMR005027", "ucdp_ged", 2, 2)], "MMR005027"),
        ([seen("Qwerty", "MMR005027", "mimu_gazetteer", 1, 1, "yes")], "MMR005027"),
        ([seen("Qwerty", "MMR005027", "geonames", 1, 1, "yes")], None),
        ([seen("Kalay", "MMR005027", "mimu_349", 1, 1), seen("Kalay", "MMR005027", "census_2014", 1, 0),
          seen("Kalay", "MMR005028", "ucdp_ged", 9, 9)], "MMR005027"),  # two official lists against a repeated point
    ],
)  # fmt: skip
def test_what_evidence_makes_an_alias(learning, evidence, learnt):
    made, refused = learning["summarised"](evidence, [])
    assert [row["adm3_pcode"] for row in made] == ([learnt] if learnt else [])
    assert sum(refused.values()) == (0 if learnt else 1)
    assert {row["reviewed"] for row in made} <= {"no"}  # nothing new is applied unseen


def test_a_source_that_is_not_at_hand_keeps_its_evidence(learning):
    kept = [seen("Kalay", "MMR005027", "ucdp_ged", 9, 9), seen("Kalay", "MMR005027", "acled", 3, 3)]
    now = [seen("Kalay", "MMR005027", "ucdp_ged", 10, 10)]
    merged = learning["merged"](kept, now)
    assert [(row["source"], row["records"]) for row in merged] == [("acled", "3"), ("ucdp_ged", "10")]
