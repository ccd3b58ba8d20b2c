"""States, regions and districts as sources write them, and the townships within.

Not here: townships' own names (names).
"""

from functools import cache

import polars as pl

from geo import townships
from geo.spelling import district_key, state_key

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
    listed = townships.reference()
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
        townships.reference()
        .filter(alone)
        .select("adm3_pcode", "adm2_pcode", district_key(pl.col("adm2_name")).alias("_district"))
    )


@cache
def districts() -> pl.DataFrame:
    """`adm3_pcode`, `_district` (key) and `_state_of_district` (key): no district's name is borne twice."""
    return townships.reference().select(
        "adm3_pcode",
        district_key(pl.col("adm2_name")).alias("_district"),
        state_key(pl.col("adm1_name")).alias("_state_of_district"),
    )
