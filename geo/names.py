"""A township's name, English or Burmese, to its P-code: only together with its state, never fuzzily.

Two names are borne twice (Htantabin, Minhla) and transliterations lie one letter from another township
(Kalay is not Kalaw), so whatever does not match exactly after normalisation is refused with its problem.
"""

from functools import cache

import polars as pl

from geo import townships

PROBLEMS = ("unknown_name", "ambiguous_name", "name_without_state", "unknown_state", "name_not_in_state")
SEVERAL_TOWNSHIPS = "several_townships_named"

# Spellings found in UCDP, ACLED and older MIMU material, keyed by the reference's own name of the unit.
STATE_VARIANTS = {
    "Kayin": ("Karen", "ကရင်"),
    "Kayah": ("Karenni", "ကယား"),
    "Rakhine": ("Arakan", "Rakhaing", "ရခိုင်"),
    "Magway": ("Magwe", "မကွေး"),
    "Bago": ("Pegu", "ပဲခူး"),
    "Bago (East)": ("Pegu (East)", "East Bago", "Eastern Bago", "ပဲခူး (အရှေ့)"),
    "Bago (West)": ("Pegu (West)", "West Bago", "Western Bago", "ပဲခူး (အနောက်)"),
    "Yangon": ("Rangoon", "ရန်ကုန်"),
    "Tanintharyi": ("Tenasserim", "Thanintharyi", "တနင်္သာရီ"),
    "Ayeyarwady": ("Irrawaddy", "Ayeyarwaddy", "ဧရာဝတီ"),
    "Nay Pyi Taw": ("Naypyitaw", "Naypyidaw", "Nay Pyi Daw", "နေပြည်တော်"),
    "Kachin": ("ကချင်",),
    "Chin": ("ချင်း",),
    "Sagaing": ("စစ်ကိုင်း",),
    "Mandalay": ("မန္တလေး",),
    "Mon": ("မွန်",),
    "Shan": ("ရှမ်း",),
    "Shan (South)": ("South Shan", "Southern Shan", "ရှမ်း (တောင်)"),
    "Shan (North)": ("North Shan", "Northern Shan", "ရှမ်း (မြောက်)"),
    "Shan (East)": ("East Shan", "Eastern Shan", "ရှမ်း (အရှေ့)"),
}
# Until the constitution of 2008 Naypyitaw's townships stood under Mandalay; no name is in both.
FORMERLY_WITHIN = {"Nay Pyi Taw": "Mandalay"}

_STATE_WORDS = r"\b(?:state|region|division|union|territory)\b|ပြည်နယ်|တိုင်းဒေသကြီး|ပြည်ထောင်စုနယ်မြေ"
_TOWNSHIP_WORD = r"(?i)(?:\btownship|မြို့နယ်)[\s\p{Cf}]*$"
_NOT_LETTERS = r"[^\p{L}\p{M}]"
_BRACKET = r"\(([^()]*)\)[\s\p{Cf}]*$"
_WORD = r"\p{Lu}[\p{L}\p{M}'’-]*"
_NAMED = rf"(?P<name>{_WORD}(?:\s+{_WORD})*(?:\s*\([^()]*\))?)\s+[Tt]ownship\b"
_SEVERAL = r"(?i)\btownships\b|\b(?:between|and|or)\b[^()]*\btownship\b"
_LEADING = r"^(?:(?:In|Near|At|The|Around|From|Of|To|Outside|Inside|Within|Across)\s+)+"


def resolve(frame: pl.DataFrame) -> pl.DataFrame:
    """`adm1_name`, `adm3_name` -> the frame with `adm3_pcode` (or null) and `problem` (or null).

    The state may be one of MIMU's 18 units or of the 15 states and regions. A bracket behind the name, as in
    "Htantabin (Y)", is dropped only where it begins the name of the given state: "Dagon (South)" is not
    Dagon. Rows keep their order; other columns pass through. Problems are those in `PROBLEMS`.
    """
    taken = [name for name in ("adm3_pcode", "problem") if name in frame.columns]
    if taken:
        raise ValueError(f"columns {taken} are already there; rename them before resolving names")
    keys = ["adm1_name", "adm3_name"]
    texts = frame.with_columns(pl.col(keys).cast(pl.String))
    pairs = texts.select(keys).unique(maintain_order=True)
    name = pl.col("adm3_name")
    keyed = pairs.with_columns(
        state_key(pl.col("adm1_name")).alias("_state"),
        name_key(name).alias("_name"),
        name_key(name.str.replace(_TOWNSHIP_WORD, "").str.replace(_BRACKET, "")).alias("_short"),
        name_key(name.str.replace(_TOWNSHIP_WORD, "").str.extract(_BRACKET)).alias("_hint"),
    )
    names = _names().group_by("_name").agg(pl.col("adm3_pcode").n_unique().alias("_bearers"))
    within = _within_state()
    units = within.select("_state", "_known_state").unique()
    within = within.drop("_known_state")
    short = {"_name": "_short", "_bearers": "_short_bearers", "adm3_pcode": "_short_pcode", "_n": "_short_n"}
    looked_up = (
        keyed.join(units, on="_state", how="left", validate="m:1")
        .join(names, on="_name", how="left", validate="m:1")
        .join(names.rename(short, strict=False), on="_short", how="left", validate="m:1")
        .join(within, on=["_state", "_name"], how="left", validate="m:1")
        .join(within.rename(short, strict=False), on=["_state", "_short"], how="left", validate="m:1")
    )
    hinted = pl.col("_known_state").str.starts_with(pl.col("_hint").fill_null(""))
    bearers = pl.coalesce("_bearers", "_short_bearers")
    matches = pl.when(pl.col("_n").is_not_null()).then("_n").when(hinted).then("_short_n").fill_null(0)
    code = pl.when(pl.col("_n").is_not_null()).then("adm3_pcode").when(hinted).then("_short_pcode")
    stateless = (
        pl.when(bearers.is_null())
        .then(pl.lit("unknown_name"))
        .when(bearers > 1)
        .then(pl.lit("ambiguous_name"))
        .otherwise(pl.lit("name_without_state"))
    )
    problem = (
        pl.when(pl.col("_state").is_null())
        .then(stateless)
        .when(pl.col("_known_state").is_null())
        .then(pl.lit("unknown_state"))
        .when(matches == 1)
        .then(pl.lit(None, pl.String))
        .when(matches > 1)
        .then(pl.lit("ambiguous_name"))
        .when(pl.col("_bearers").is_not_null() | (pl.col("_short_bearers").is_not_null() & hinted))
        .then(pl.lit("name_not_in_state"))
        .otherwise(pl.lit("unknown_name"))
    )
    judged = looked_up.select(
        "adm1_name",
        "adm3_name",
        pl.when(problem.is_null()).then(code).alias("adm3_pcode"),
        problem.alias("problem"),
    )
    return texts.join(judged, on=keys, how="left", validate="m:1", nulls_equal=True, maintain_order="left")


def name_key(expr: pl.Expr) -> pl.Expr:
    """Lower-case letters (and Burmese signs) of a township's name, no trailing "township"; null if none.

    NFC first: the same Burmese syllable can be typed in two orders of its signs.
    """
    plain = expr.cast(pl.String).str.normalize("NFC").str.to_lowercase().str.replace(_TOWNSHIP_WORD, "")
    key = plain.str.replace_all(_NOT_LETTERS, "")
    return pl.when(key != "").then(key)


def state_key(expr: pl.Expr) -> pl.Expr:
    """The same for a state or region, without "state", "region", "division" or "union territory"."""
    plain = expr.cast(pl.String).str.normalize("NFC").str.to_lowercase().str.replace_all(_STATE_WORDS, "")
    key = plain.str.replace_all(_NOT_LETTERS, "")
    return pl.when(key != "").then(key)


def township_named_in(text: pl.Expr) -> pl.Expr:
    """A struct `name`, `problem` from free text such as "Seikphyu - Saw highway (Seikphyu township)".

    UCDP's `where_coordinates` names the township this way, its `adm_2` only the district. The name is given
    as written, for `resolve`; null if no township is named. Two names, or "X and Y townships", give no name
    and the problem `several_townships_named`.
    """
    found = text.str.extract_all(_NAMED).list.eval(
        pl.element()
        .str.replace(r"\s+[Tt]ownship$", "")
        .str.replace(_LEADING, "")
        .str.replace_all(r"\s+", " ")
        .str.strip_chars()
    )
    several = text.str.contains(_SEVERAL) | (found.list.eval(name_key(pl.element())).list.n_unique() > 1)
    several = several.fill_null(False)
    return pl.struct(
        pl.when(~several).then(found.list.first()).alias("name"),
        pl.when(several).then(pl.lit(SEVERAL_TOWNSHIPS)).alias("problem"),
    )


@cache
def _names() -> pl.DataFrame:
    """`_name` (key, English or Burmese), `adm3_pcode`, `adm1_name`, `state_region`: 660 rows."""
    kept = ("adm3_pcode", "adm1_name", "state_region")
    columns = ("adm3_name", "adm3_name_my")
    parts = [townships.reference().select(name_key(pl.col(column)).alias("_name"), *kept) for column in columns]
    return pl.concat(parts).unique(maintain_order=True)


@cache
def _within_state() -> pl.DataFrame:
    """`_state` (any spelling), `_known_state` (the unit's own name), `_name`, `adm3_pcode`, `_n`; all keys.

    `_n` counts the townships of that unit bearing the name; `adm3_pcode` is the lowest of them.
    """
    names = _names()
    former = names.filter(pl.col("state_region").is_in(list(FORMERLY_WITHIN))).with_columns(
        pl.col("state_region").replace(FORMERLY_WITHIN)
    )
    units = pl.concat(
        names.select("_name", "adm3_pcode", unit) for unit in (pl.col("adm1_name").alias("unit"), _STATE_REGION)
    )
    units = pl.concat([units, former.select("_name", "adm3_pcode", _STATE_REGION)]).unique(maintain_order=True)
    spellings = pl.DataFrame(
        [(unit, variant) for unit, variants in STATE_VARIANTS.items() for variant in (unit, *variants)],
        schema=["unit", "spelling"],
        orient="row",
    )
    keyed = units.join(spellings, on="unit", how="inner").with_columns(
        state_key(pl.col("spelling")).alias("_state"), state_key(pl.col("unit")).alias("_known_state")
    )
    return keyed.group_by("_state", "_known_state", "_name").agg(
        pl.col("adm3_pcode").min(), pl.col("adm3_pcode").n_unique().alias("_n")
    )


_STATE_REGION = pl.col("state_region").alias("unit")
