"""Other spellings of the townships: data/reference/township_aliases.csv, each with its state and its evidence.

An alias holds only within its township's state. Learnt by scripts/learn_aliases.py and read through by a person;
rows with `reviewed` no are kept with the reason and never applied. Not here: applying them (names).
"""

from functools import cache
from pathlib import Path

import polars as pl

from geo import townships
from geo.townships import name_key
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REFERENCE

FILE = "township_aliases.csv"
SCHEMA = {
    "alias": pl.String,
    "script": pl.String,
    "adm3_pcode": pl.String,
    "adm3_name": pl.String,
    "adm1_name": pl.String,
    "kind": pl.String,
    "learnt_from": pl.String,
    "evidence_count": pl.Int64,
    "located_count": pl.Int64,
    "agree_count": pl.Int64,
    "agree_share": pl.Float64,
    "reviewed": pl.String,
    "reason": pl.String,
}
SCRIPTS = ("latin", "burmese")
KINDS = ("transliteration", "former_name", "burmese_spelling", "abbreviation", "town_name")
# Of the places that bear a spelling and have coordinates, so many must lie in the township: below, two are meant.
LEAST_AGREE_SHARE, ENOUGH_EVIDENCE = 0.9, 3
# Lists that name townships beside their codes or as whole polygons: two of them outweigh a wrong point of an event.
OFFICIAL, OFFICIAL_ENOUGH = ("census_2014", "hpc_baseline", "mimu", "mimu_2015", "mimu_349", "mimu_gazetteer"), 2


@cache
def table() -> pl.DataFrame:
    """The alias table, all rows, in the file's order. Raises UnusableInput where a row breaks a rule."""
    return read(REFERENCE / FILE)


@cache
def applied() -> pl.DataFrame:
    """`_name` (key), `adm3_pcode` of the aliases that were read through and hold."""
    return keyed(table())


def keyed(frame: pl.DataFrame) -> pl.DataFrame:
    """`_name`, `adm3_pcode` of the reviewed rows of an alias table."""
    kept = frame.filter(pl.col("reviewed") == "yes")
    return kept.select(name_key(pl.col("alias")).alias("_name"), "adm3_pcode").unique(maintain_order=True)


def read(path: Path) -> pl.DataFrame:
    """An alias table from a file, once its rules hold."""
    try:
        frame = pl.read_csv(path, schema=SCHEMA, null_values=[""], glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnusableInput(f"{path}: not a readable alias table ({error}). {_REMEDY}") from error
    return check(frame, str(path))


def check(frame: pl.DataFrame, where: str = FILE) -> pl.DataFrame:
    """The table itself, or UnusableInput with the rule that is broken and up to three of the rows.

    An applied alias never equals the name of another township of its state, and never means two townships of
    one of MIMU's 18 units; the same spelling may hold in two states.
    """
    reference = townships.reference().select("adm3_pcode", "adm3_name", "adm1_name", "state_region", "adm3_name_my")
    rows = frame.with_columns(name_key(pl.col("alias")).alias("_name")).join(
        reference.rename({"adm3_name": "_listed", "adm1_name": "_unit"}), on="adm3_pcode", how="left", validate="m:1"
    )
    yes = rows.filter(pl.col("reviewed") == "yes")
    listed = pl.concat(
        reference.select("state_region", name_key(pl.col(column)).alias("_name"), pl.col("adm3_pcode").alias("_bearer"))
        for column in ("adm3_name", "adm3_name_my")
    )
    taken = yes.join(listed, on=["state_region", "_name"], how="inner")
    official = pl.col("learnt_from").str.split(";").list.set_intersection(list(OFFICIAL)).list.len()
    split = (pl.col("evidence_count") >= ENOUGH_EVIDENCE) & (pl.col("agree_share") < LEAST_AGREE_SHARE)
    counts = (pl.col("agree_count") > pl.col("located_count")) | (pl.col("evidence_count") < 1)
    faults = {
        "no letters in the alias": rows.filter(pl.col("_name").is_null()),
        "not one of the 330 with its listed name and state": rows.filter(
            pl.col("_listed").ne_missing(pl.col("adm3_name")) | pl.col("_unit").ne_missing(pl.col("adm1_name"))
        ),
        "unknown script, kind or reviewed": rows.filter(
            ~pl.col("script").is_in(SCRIPTS)
            | ~pl.col("kind").is_in(KINDS)
            | ~pl.col("reviewed").is_in(["yes", "no"]).fill_null(False)
        ),
        "no source or no evidence, or more in agreement than located": rows.filter(
            pl.col("learnt_from").is_null() | counts
        ),
        "applied although its places are split between townships": yes.filter(split & (official < OFFICIAL_ENOUGH)),
        "the name of a township of the same state": taken,
        "one spelling for two townships of one unit": yes.filter(
            pl.col("adm3_pcode").n_unique().over("_unit", "_name") > 1
        ),
    }
    found = [f"{what}: {bad['alias'].head(3).to_list()}" for what, bad in faults.items() if bad.height]
    if found:
        raise UnusableInput(f"{where}: {'; '.join(found)}. {_REMEDY}")
    return frame


_REMEDY = f"Correct these rows, or restore the file with `git checkout -- data/reference/{FILE}`."
