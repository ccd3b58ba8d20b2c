"""The list of the 330 recognised townships (MIMU P-codes 9.3) and the spelling of a P-code.

Names as they are compared: township, state and district without case, blanks, signs and unit words. States, regions
and districts as sources write them, and the townships within. Retired and sub-township P-codes to the 330, with the
share of each successor; codes of towns and tracts too.
"""

from functools import cache
from pathlib import Path

import polars as pl

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import REFERENCE

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
    return expr.cast(pl.String).str.replace_all(r"[\s\p{Cf}]", "").str.to_uppercase().replace("", None)


_REMEDY = "The file belongs to the repository: restore it with `git checkout -- data/reference/townships.csv`."


# What stands behind a township's name without being part of it; no name of the list ends in one of these.
TOWNSHIP_WORD = r"(?i)(?:\b(?:township|town|tsp|t/s)\.?|မြို့နယ်|မြို့)[\s\p{Cf}]*$"
_STATE_WORDS = (
    r"\b(?:state|region|division|div|union|territory|council)\b|ပြည်နယ်|တိုင်းဒေသကြီး|တိုင်း|ပြည်ထောင်စုနယ်မြေ"
    r"|ကောင်စီနယ်မြေ|ကောင်စီ"
)
_DISTRICT_WORDS = (
    r"\bself[\s-]*administered\s+(?:zone|division|area)\b|\b(?:district|saz|sad)\b"
    r"|ကိုယ်ပိုင်အုပ်ချုပ်ခွင့်ရ(?:ဒေသ|တိုင်း)|ခရိုင်"
)
# The digit zero is typed for the letter wa, which looks the same: beside a Burmese letter or sign it is the letter.
ZERO_FOR_WA = (("([\u1000-\u103f])\u1040", "${1}\u101d"), ("\u1040([\u1000-\u103f])", "\u101d${1}"))
NOT_LETTERS = r"[^\p{L}\p{M}]"


def name_key(expr: pl.Expr) -> pl.Expr:
    """Lower-case letters (and Burmese signs) of a township's name, no trailing "township"; null if none.

    NFC first: the same Burmese syllable can be typed in two orders of its signs.
    """
    return _letters(plain(expr).str.replace(TOWNSHIP_WORD, ""))


def state_key(expr: pl.Expr) -> pl.Expr:
    """The same for a state or region, without "state", "region", "division" or "union territory"."""
    return _letters(plain(expr).str.replace_all(_STATE_WORDS, ""))


def district_key(expr: pl.Expr) -> pl.Expr:
    """The same for a district, without "district" or "self-administered zone"."""
    return _letters(plain(expr).str.replace_all(_DISTRICT_WORDS, ""))


def plain(expr: pl.Expr) -> pl.Expr:
    """A text in lower case, each Burmese syllable typed in one way."""
    plain = expr.cast(pl.String).str.normalize("NFC").str.to_lowercase()
    for typed, meant in ZERO_FOR_WA:
        plain = plain.str.replace_all(typed, meant)
    return plain


def _letters(expr: pl.Expr) -> pl.Expr:
    # One chain: a condition on the key would work out twice all that leads to it.
    return expr.str.replace_all(NOT_LETTERS, "").replace("", None)


# Spellings found in UCDP, ACLED and older MIMU material, keyed by the reference's own name of the unit.
STATE_VARIANTS = {
    "Kayin": ("Karen", "ကရင်"),
    "Kayah": ("Karenni", "ကယား"),
    "Rakhine": ("Arakan", "Rakhaing", "ရခိုင်"),
    "Magway": ("Magwe", "မကွေး"),
    "Bago": ("Pegu", "ပဲခူး"),
    "Bago (East)": ("Bago (E)", "Pegu (East)", "East Bago", "Eastern Bago", "ပဲခူး (အရှေ့)"),
    "Bago (West)": ("Bago (W)", "Pegu (West)", "West Bago", "Western Bago", "ပဲခူး (အနောက်)"),
    "Yangon": ("Rangoon", "ရန်ကုန်"),
    "Tanintharyi": ("Tenasserim", "Thanintharyi", "Taninthayi", "တနင်္သာရီ"),
    "Ayeyarwady": ("Irrawaddy", "Ayeyarwaddy", "Ayeyawady", "Ayeyawaddy", "ဧရာဝတီ"),
    "Nay Pyi Taw": ("Naypyitaw", "Naypyidaw", "Nay Pyi Daw", "NPT", "နေပြည်တော်"),
    "Kachin": ("ကချင်",),
    "Chin": ("ချင်း",),
    "Sagaing": ("စစ်ကိုင်း",),
    "Mandalay": ("မန္တလေး",),
    "Mon": ("မွန်",),
    "Shan": ("ရှမ်း",),
    "Shan (South)": ("Shan (S)", "South Shan", "Southern Shan", "ရှမ်း (တောင်)"),
    "Shan (North)": ("Shan (N)", "North Shan", "Northern Shan", "ရှမ်း (မြောက်)"),
    "Shan (East)": ("Shan (E)", "East Shan", "Eastern Shan", "ရှမ်း (အရှေ့)"),
}
# Until the constitution of 2008 Naypyitaw's townships stood under Mandalay; no name is in both.
FORMERLY_WITHIN = {"Nay Pyi Taw": "Mandalay"}


@cache
def members() -> pl.DataFrame:
    """`_state` (key of any spelling), `_known_state` (key of the unit's own name), `adm3_pcode`."""
    listed = reference()
    former = listed.filter(pl.col("state_region").is_in(list(FORMERLY_WITHIN))).with_columns(
        pl.col("state_region").replace(FORMERLY_WITHIN)
    )
    units = pl.concat(
        part.select("adm3_pcode", unit=unit)
        for part, unit in ((listed, "adm1_name"), (listed, "state_region"), (former, "state_region"))
    ).unique()
    spellings = pl.DataFrame(
        [(unit, variant) for unit, variants in STATE_VARIANTS.items() for variant in (unit, *variants)],
        schema=["unit", "spelling"],
        orient="row",
    )
    return (
        units.join(spellings, on="unit", how="inner")
        .select(
            state_key(pl.col("spelling")).alias("_state"), state_key(pl.col("unit")).alias("_known_state"), "adm3_pcode"
        )
        .unique()
    )


@cache
def lone_districts() -> pl.DataFrame:
    """The districts of one township: `adm3_pcode`, `adm2_pcode`, `_district` (key of the district's own name)."""
    alone = pl.len().over("adm2_pcode") == 1
    return (
        reference()
        .filter(alone)
        .select("adm3_pcode", "adm2_pcode", district_key(pl.col("adm2_name")).alias("_district"))
    )


@cache
def districts() -> pl.DataFrame:
    """`adm3_pcode`, `_district` (key) and `_state_of_district` (key): no district's name is borne twice."""
    return reference().select(
        "adm3_pcode",
        district_key(pl.col("adm2_name")).alias("_district"),
        state_key(pl.col("adm1_name")).alias("_state_of_district"),
    )


CROSSWALK_SCHEMA = {
    "from_pcode": pl.String,
    "from_name": pl.String,
    "to_adm3_pcode": pl.String,
    "area_weight": pl.Float64,
    "why": pl.String,
}
ADDED = ("adm3_pcode", "weight", "how")
# MIMU makes the code of a town, ward or village tract from that of its township and three or more characters more.
_LONGER = r"^(MMR\d{6})[A-Z0-9]{3,}$"
NAMES_FILE = "retired_names.csv"


@cache
def crosswalk() -> pl.DataFrame:
    """`from_pcode`, `from_name`, `to_adm3_pcode`, `area_weight`, `why`, sorted by the two codes.

    Weights are shares of the old unit's area: where people live within it is not known. Raises UnusableInput
    when a target is not one of the 330, a current code stands as retired, or weights do not sum to one.
    """
    return check(pl.read_csv(REFERENCE / "pcode_crosswalk.csv", schema=CROSSWALK_SCHEMA, glob=False))


def check(frame: pl.DataFrame) -> pl.DataFrame:
    """The crosswalk, sorted, once its rules hold."""
    current = list(codes())
    sums = frame.group_by("from_pcode").agg(pl.col("area_weight").sum(), pl.col("area_weight").min().alias("min"))
    faults = {
        "targets outside the 330": frame.filter(~pl.col("to_adm3_pcode").is_in(current))["to_adm3_pcode"],
        "current codes given as retired": frame.filter(pl.col("from_pcode").is_in(current))["from_pcode"],
        "pairs given twice": frame.filter(pl.struct("from_pcode", "to_adm3_pcode").is_duplicated())["from_pcode"],
        "weights not positive or not summing to 1": sums.filter(
            ((pl.col("area_weight") - 1).abs() > 1e-9) | (pl.col("min") <= 0)
        )["from_pcode"],
    }
    found = [f"{what}: {series.unique().sort().head(3).to_list()}" for what, series in faults.items() if series.len()]
    if found:
        raise UnusableInput(f"data/reference/pcode_crosswalk.csv: {'; '.join(found)}. Correct these rows.")
    return frame.sort("from_pcode", "to_adm3_pcode")


def apply(frame: pl.DataFrame, code_column: str) -> pl.DataFrame:
    """Every row with the township or townships its code stands for.

    Adds `adm3_pcode`, `weight` (share of the row, summing to one per input row) and `how`: `pcode` for one of the 330
    or a district that is one, `longer_pcode` for a place within one of them (a town, a ward, a village tract: the
    first nine characters are its township's), `crosswalk` for a successor. A retired code gives one row per
    successor, in code order; an unknown or missing code gives one row of nulls, for the caller to set aside. Row
    order is kept.
    What becomes of a row with several successors (an event counts once, persons are shared out) is for the
    records to say.
    """
    taken = [name for name in ADDED if name in frame.columns and name != code_column]
    if taken:
        raise ValueError(f"columns {taken} are already there; rename them before resolving {code_column!r}")
    code = normalise_pcode(pl.col(code_column))
    longer = code.str.extract(_LONGER)
    cleaned = frame.with_columns(pl.coalesce(longer, code).alias("_code"), longer.is_not_null().alias("_is_longer"))
    if code_column in ADDED:
        cleaned = cleaned.drop(code_column)
    within = pl.col("_is_longer").fill_null(False) & (pl.col("how") == "pcode")
    return (
        cleaned.join(_successors(), on="_code", how="left", maintain_order="left_right")
        .with_columns(pl.when(within).then(pl.lit("longer_pcode")).otherwise("how").alias("how"))
        .drop("_code", "_is_longer")
    )


@cache
def names() -> pl.DataFrame:
    """`_name` (key), `from_pcode`, `adm3_pcode`: the names of retired and field sub-townships, one row per successor.

    `adm3_pcode` says in which states the name holds. From data/reference/retired_names.csv, with its evidence.
    """
    spelt = pl.read_csv(REFERENCE / NAMES_FILE, infer_schema_length=0)
    unknown = spelt.filter(~pl.col("from_pcode").is_in(crosswalk()["from_pcode"].implode()))["from_pcode"]
    if unknown.len():
        raise UnusableInput(
            f"data/reference/{NAMES_FILE}: no retired code: {unknown.head(3).to_list()}. Correct these rows."
        )
    keyed = spelt.filter(pl.col("reviewed") == "yes").select(name_key(pl.col("name")).alias("_name"), "from_pcode")
    return keyed.unique(maintain_order=True).join(
        crosswalk().select("from_pcode", adm3_pcode="to_adm3_pcode"),
        on="from_pcode",
        how="inner",
        maintain_order="left",
    )


@cache
def _successors() -> pl.DataFrame:
    """`_code` -> `adm3_pcode`, `weight`, `how`, for current and old codes alike."""
    current = pl.DataFrame({"_code": list(codes())}).select(
        "_code", adm3_pcode="_code", weight=pl.lit(1.0), how=pl.lit("pcode")
    )
    old = crosswalk().select(
        _code="from_pcode", adm3_pcode="to_adm3_pcode", weight="area_weight", how=pl.lit("crosswalk")
    )
    alone = lone_districts().select("adm3_pcode", _code="adm2_pcode")
    district = alone.select("_code", "adm3_pcode", weight=pl.lit(1.0), how=pl.lit("pcode"))
    return pl.concat([current, district, old])
