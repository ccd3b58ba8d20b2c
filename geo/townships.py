"""The list of the 330 recognised townships (MIMU P-codes 9.3) and the spelling of a P-code.

Here: who they are. Not here: where they lie (boundaries), what they are called elsewhere (names), which
codes came before (crosswalk).
"""

from functools import cache
from pathlib import Path

import polars as pl

from pipeline.errors import UnusableInput
from pipeline.settings import REFERENCE

TOWNSHIP_COUNT = 330
PCODE_PATTERN = r"^MMR\d{6}$"
SCHEMA = {
    "adm3_pcode": pl.String,
    "adm3_name": pl.String,
    "adm3_name_my": pl.String,
    "adm2_pcode": pl.String,
    "adm2_name": pl.String,
    "adm1_pcode": pl.String,
    "adm1_name": pl.String,
    "state_region": pl.String,
    "self_administered_unit": pl.String,
    "area_km2": pl.Float64,
    "population_2014": pl.Int64,
    "population_2022": pl.Int64,
    "label_lon": pl.Float64,
    "label_lat": pl.Float64,
    "pcode_version": pl.String,
}


@cache
def reference() -> pl.DataFrame:
    """The 330 townships, one row each, sorted by `adm3_pcode`.

    The list has a date: 330 before and after 2020-01-27, with different members. Populations may be null
    (two townships had no census in 2014), `self_administered_unit` is null outside such a unit. Raises
    UnusableInput where the committed file is damaged.
    """
    return read_reference(REFERENCE / "townships.csv")


def read_reference(path: Path) -> pl.DataFrame:
    """Read and check a township list; everything else trusts what passes here."""
    try:
        frame = pl.read_csv(path, schema=SCHEMA, null_values=[""], glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnusableInput(f"{path}: not a readable township list ({error}). {_REMEDY}") from error
    codes = frame["adm3_pcode"]
    malformed = frame.filter(~pl.col("adm3_pcode").str.contains(PCODE_PATTERN).fill_null(False))["adm3_pcode"]
    repeated = codes.filter(codes.is_duplicated()).unique().sort()
    if frame.height != TOWNSHIP_COUNT or malformed.len() or repeated.len():
        raise UnusableInput(
            f"{path}: expected {TOWNSHIP_COUNT} rows with unique codes like MMR001001 in column adm3_pcode, "
            f"found {frame.height} rows, {malformed.len()} malformed {malformed.head(3).to_list()}, "
            f"{repeated.len()} repeated {repeated.head(3).to_list()}. {_REMEDY}"
        )
    return frame.sort("adm3_pcode")


@cache
def codes() -> tuple[str, ...]:
    """The 330 P-codes in ascending order: the order of every grid and of every tie-break."""
    return tuple(reference()["adm3_pcode"].to_list())


def normalise_pcode(expr: pl.Expr) -> pl.Expr:
    """A P-code as it should have been typed: no blanks, no invisible characters, upper case.

    Spreadsheets leave no-break spaces, zero-width characters and byte order marks in codes; none of these is
    ever part of one. An empty cell becomes null. Whether the code exists is for `crosswalk` to say.
    """
    cleaned = expr.cast(pl.String).str.replace_all(r"[\s\p{Cf}]", "").str.to_uppercase()
    return pl.when(cleaned != "").then(cleaned)


_REMEDY = "The file belongs to the repository: restore it with `git checkout -- data/reference/townships.csv`."
