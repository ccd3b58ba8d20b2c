"""Places of several townships, by name or code: cities, districts, states and regions, the country.

Such a place is never the township under a point of it. A district that is one township in the reference list is that
township and no place of several.

The `coverage` that a sidecar states in words -> the townships that it names for sure.
"""

import re
from collections.abc import Iterable
from functools import cache

import polars as pl

from geo import aliases, names, townships
from geo.townships import TOWNSHIP_WORD, codes, district_key, name_key, plain, reference, state_key
from pipeline.declare.codes import GeoPrecision

# Cities whose townships bear other names than the city; each is spelt as its state is.
CITIES = ("Yangon", "Mandalay", "Nay Pyi Taw")
# Their townships: Yangon's 33 of the city's development committee lie in four districts, two of them whole; Mandalay is
# its district; the union territory is one city.
_CITY_DISTRICTS = {
    "Yangon": ("MMR013D002", "MMR013D004"), "Mandalay": ("MMR010D001",), "Nay Pyi Taw": ("MMR018D001", "MMR018D002"),
}  # fmt: skip
_CITY_FURTHER = {
    "Yangon": (
        "Insein", "Mingaladon", "Shwepyithar", "Hlaingtharya (East)", "Hlaingtharya (West)", "Dala", "Seikgyikanaungto",
    )
}  # fmt: skip
COUNTRY_NAMES, COUNTRY_CODES = ("Myanmar", "Burma", "Myanmar (Burma)", "မြန်မာ"), ("MMR", "MM", "MYA")

_HEAD = r"^[^,;၊]*"
_LEADING = (
    r"^(?:(?:in|near|at|the|around|from|of|to|outside|inside|within|across|whole|parts?|downtown|central|greater|inner"
    r"|outer|city|town|union|territory|state|region|division|district|outskirts|suburbs|several|various|different|multiple|unspecified|places|locations|townships"
    r"|somewhere)\s+)+"
)
_BRACKET = r"\(([^()]*)\)\s*$"
_BRACKET_BEHIND = r"\s*(?:\([^()]*\))?[\s\p{Cf}.]*$"
_DISTRICT_END = (
    r"(?:\b(?:district|saz|sad)\b|\bself[\s-]*administered\s+(?:zone|division|area)"
    r"|ခရိုင်|ကိုယ်ပိုင်အုပ်ချုပ်ခွင့်ရ(?:ဒေသ|တိုင်း))" + _BRACKET_BEHIND
)
_STATE_END = (
    r"(?:\b(?:state|region|division|div|territory|council)\b(?:\s+area)?"
    r"|ပြည်နယ်|တိုင်းဒေသကြီး|တိုင်း|နယ်မြေ|ကောင်စီ)" + _BRACKET_BEHIND
)
_CITY_WORDS = r"\b(?:city|municipality|municipal|metropolitan|proper|area|centre|center)\b|မြို့တော်"
# A road or a village that a district's name stands behind is no district.
_WITHIN = (
    r"\b(?:between|village|villages|town|tract|ward|road|highway|river|border|bridge|hills?|camp|base|airport)\b|\s-\s"
)
_SIDES = r"\b(?:north|south|east|west|upper|lower|central)(?:ern)?\b"


def level_of_name(texts: pl.Series) -> pl.Series:
    """Per text `district`, `region` or `country` where it names a whole place of several townships, else null.

    "Yangon town" and "Mandalay city" are cities: as coarse as a district. What stands behind the first comma says
    where the place lies, and words before it ("near", "outskirts of") do not make it smaller.
    """
    if texts.null_count() == texts.len():
        return pl.Series("level", [None] * texts.len(), pl.String)
    distinct = pl.DataFrame({"_text": texts.cast(pl.String)}).unique().drop_nulls()
    # Step by step, in frames: as one expression each step would be worked out anew wherever it is needed.
    known, head, bare = _known(), pl.col("_head"), pl.col("_bare")
    state_behind = state_key(bare.str.extract(_BRACKET)).is_in(known["state"])
    keyed = (
        _with_head(distinct)
        .with_columns(pl.when(state_behind).then(bare.str.replace(_BRACKET, "")).otherwise(bare).alias("_bare"))
        .select(
            "_text",
            head.str.contains(_DISTRICT_END).alias("_is_district"),
            head.str.contains(_STATE_END).alias("_is_state"),
            (head.str.contains(_CITY_WORDS) | head.str.contains(TOWNSHIP_WORD)).alias("_is_town"),
            head.str.contains(_WITHIN).alias("_is_within"),
            name_key(head).is_in(known["lone"]).alias("_is_township"),
            district_key(head).alias("_district"),
            state_key(head).alias("_state"),
            state_key(head.str.replace_all(_SIDES, "")).alias("_whole_state"),
            name_key(bare).alias("_bare"),
        )
    )
    district, region, country = (
        pl.lit(str(level)) for level in (GeoPrecision.DISTRICT, GeoPrecision.REGION, GeoPrecision.COUNTRY)
    )
    a_district = ~pl.col("_is_township") & (pl.col("_district").is_in(known["district"]) | ~pl.col("_is_within"))
    level = (
        pl.when(pl.col("_is_district"))
        .then(pl.when(a_district).then(district))
        .when(pl.col("_is_state"))
        .then(pl.when(pl.any_horizontal(pl.col("_state", "_whole_state").is_in(known["state"]))).then(region))
        .when(pl.col("_bare").is_in(known["city"]))
        .then(district)
        .when(pl.col("_bare").is_in(known["borne"]) | pl.col("_is_town"))
        .then(None)
        .when(pl.col("_bare").is_in(known["country"]))
        .then(country)
        .when(pl.col("_district").is_in(known["district"]) | pl.col("_bare").is_in(known["stem"]))
        .then(district)
        .when(pl.any_horizontal(pl.col("_state", "_whole_state").is_in(known["state"])))
        .then(region)
    )
    levels = keyed.select("_text", level.alias("_level"))
    return (
        pl.DataFrame({"_text": texts.cast(pl.String)})
        .join(levels, on="_text", how="left", validate="m:1", maintain_order="left")["_level"]
        .alias("level")
    )


def townships_of(texts: pl.Series) -> pl.Series:
    """Per text the P-codes of the townships of the district or city that it names, sorted, a space between; else null.

    The P-code of a district names it too. Texts of which `level_of_name` says `district`. A
    name that stands for part of a city, such as "Dagon Myothit", and
    a district that the list does not know have none: where not every candidate is known, none is named.
    """
    distinct = pl.DataFrame({"_text": texts.cast(pl.String)}).unique().drop_nulls()
    if distinct.is_empty():
        return pl.Series("townships", [None] * texts.len(), pl.String)
    keyed = _with_head(distinct).select(
        "_text",
        pl.col("_head").str.contains(_DISTRICT_END).alias("_is_district"),
        district_key(pl.col("_head")).alias("_district"),
        name_key(pl.col("_bare").str.replace(_BRACKET, "")).alias("_city"),
        townships.normalise_pcode(pl.col("_text")).alias("_code"),
    )
    cities, districts = _townships_of_cities(), _townships_of_districts()
    members = keyed.select(
        "_text",
        pl.coalesce(
            # "Mandalay district" is the district, "Mandalay town" the city.
            pl.when(~pl.col("_is_district")).then(
                pl.col("_city").replace_strict(cities, default=None, return_dtype=pl.String)
            ),
            *(
                pl.col(key).replace_strict(districts, default=None, return_dtype=pl.String)
                for key in ("_code", "_district")
            ),
        ).alias("_members"),
    )
    return (
        pl.DataFrame({"_text": texts.cast(pl.String)})
        .join(members, on="_text", how="left", validate="m:1", maintain_order="left")["_members"]
        .alias("townships")
    )


def _with_head(texts: pl.DataFrame) -> pl.DataFrame:
    """`_text` with its `_head`, what stands before the first comma, and `_bare`, that without words of a town."""
    head = plain(pl.col("_text")).str.extract(f"({_HEAD})").str.strip_chars().str.replace(_LEADING, "")
    bare = pl.col("_head").str.replace(TOWNSHIP_WORD, "").str.replace_all(_CITY_WORDS, "")
    return texts.with_columns(head.alias("_head")).with_columns(bare.alias("_bare"))


@cache
def _townships_of_districts() -> dict[str, str]:
    """Key of a district's name, or its P-code -> its townships' P-codes; no district's name is borne twice."""
    own = pl.col("adm3_pcode").sort().str.join(" ")
    by_name = townships.districts().group_by("_district").agg(own)
    by_code = townships.reference().group_by("adm2_pcode").agg(own)
    return dict(by_name.rows()) | dict(by_code.rows())


@cache
def _townships_of_cities() -> dict[str, str]:
    """Key of each spelling of a city -> its townships' P-codes."""
    listed = townships.reference()
    found: dict[str, str] = {}
    for city in CITIES:
        own = listed.filter(
            pl.col("adm2_pcode").is_in(_CITY_DISTRICTS[city])
            | ((pl.col("state_region") == city) & pl.col("adm3_name").is_in(_CITY_FURTHER.get(city, ())))
        )["adm3_pcode"]
        found |= dict.fromkeys(_keys((city, *townships.STATE_VARIANTS[city])), " ".join(own.sort()))
    return found


def level_of_code(codes: pl.Series) -> pl.Series:
    """Per P-code `district`, `region` or `country` where it is one of these and not of one township, else null."""
    if codes.null_count() == codes.len():
        return pl.Series("level", [None] * codes.len(), pl.String)
    code = townships.normalise_pcode(pl.col("code"))
    return (
        pl.DataFrame({"code": codes.cast(pl.String)})
        .select(code.replace_strict(_levels(), default=None, return_dtype=pl.String).alias("level"))
        .to_series()
    )


@cache
def _levels() -> dict[str, str]:
    """P-code of several townships -> what it is."""
    listed = townships.reference()
    alone = townships.lone_districts()["adm2_pcode"]
    districts = listed.filter(~pl.col("adm2_pcode").is_in(alone.implode()))["adm2_pcode"].unique()
    return {
        **dict.fromkeys(districts, str(GeoPrecision.DISTRICT)),
        **dict.fromkeys(listed["adm1_pcode"].unique(), str(GeoPrecision.REGION)),
        **dict.fromkeys(COUNTRY_CODES, str(GeoPrecision.COUNTRY)),
    }


@cache
def _known() -> dict[str, pl.Series]:
    """Keys by what they name, each kind one list; a name that a township bears, or an alias, is that township's."""
    listed = townships.reference()
    borne = pl.concat(
        [listed.select(name_key(pl.col(name)).alias("_name")) for name in ("adm3_name", "adm3_name_my")]
        + [aliases.applied().select("_name")]
    )["_name"].unique()
    lone = townships.lone_districts()["_district"].implode()
    # "Dagon Myothit" is none of the townships (North), (South), (East) and (Seikkan). Before 2020 Hlaingtharya was one.
    stem = listed.select(name_key(pl.col("adm3_name").str.extract(r"^(.*?)\s*\(")).alias("_stem"), "adm3_pcode")
    retired = townships.names()["_name"].implode()
    several = stem.group_by("_stem").len().filter((pl.col("len") > 1) & ~pl.col("_stem").is_in(retired))["_stem"]
    district = townships.districts().filter(~pl.col("_district").is_in(lone))["_district"]
    spelt = [spelling for city in CITIES for spelling in (city, *townships.STATE_VARIANTS[city])]
    keys = {
        "borne": borne.sort().to_list(),
        "lone": names.lone_district_names()["_name"].to_list(),
        "district": district.unique().sort().to_list(),
        "state": townships.members()["_state"].unique().sort().to_list(),
        "city": _keys(spelt),
        "country": _keys(COUNTRY_NAMES),
        "stem": several.drop_nulls().sort().to_list(),
    }
    return {what: pl.Series(named, dtype=pl.String).implode() for what, named in keys.items()}


def _keys(spelt: Iterable[str]) -> list[str]:
    return pl.DataFrame({"name": list(spelt)}).select(name_key(pl.col("name")).unique().sort()).to_series().to_list()


_COUNTRY = re.compile(
    r"(?:the |all of |all over )?(?:whole |entire )?(?:country|of myanmar|myanmar|burma)(?: ?wide)?"
    r"|nation ?wide|national|(?:all )?330 townships|all townships|all states and regions|မြန်မာနိုင်ငံ",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[,;/+&၊]|\band\b|နှင့်", re.IGNORECASE)
_AROUND = re.compile(r"^(?:the|all of|all townships (?:of|in))\s+|\s+(?:only|states|regions|townships)$", re.IGNORECASE)
_DISTRICT = re.compile(r"\bdistrict$|ခရိုင်$", re.IGNORECASE)


@cache
def covered(text: str) -> frozenset[str] | None:
    """The townships of a stated coverage; None where any part of it is not known.

    A bare name that is borne by a state and a township, such as Sagaing, is the state.
    """
    plain = " ".join(text.split()).rstrip(".")
    if _COUNTRY.fullmatch(plain):
        return frozenset(codes())
    found: set[str] = set()
    parts = [part.strip() for part in _BETWEEN.split(plain)]
    for part in parts:
        named = _townships(_AROUND.sub("", part))
        if not named:
            return None
        found |= named
    return frozenset(found)


def _townships(part: str) -> set[str]:
    """The townships of one state, region, district, township or code; empty where it is none."""
    listed = reference()
    code = part.upper()
    by_code = listed.filter(
        pl.any_horizontal(pl.col(name) == code for name in ("adm1_pcode", "adm2_pcode", "adm3_pcode"))
    )
    if by_code.height:
        return set(by_code["adm3_pcode"])
    if _DISTRICT.search(part):
        key = pl.select(district_key(pl.lit(part))).item()
        return set(listed.filter(district_key(pl.col("adm2_name")) == key)["adm3_pcode"]) if key else set()
    if not pl.select(pl.lit(part).str.contains(TOWNSHIP_WORD)).item():
        key = pl.select(state_key(pl.lit(part))).item()
        units_of = townships.members().filter(pl.col("_state") == pl.lit(key, pl.String))["_known_state"].to_list()
        # By today's borders alone: who covers Mandalay today does not cover Naypyitaw.
        of_state = listed.filter(
            pl.any_horizontal(state_key(pl.col(name)).is_in(units_of) for name in ("adm1_name", "state_region"))
        )
        if of_state.height:
            return set(of_state["adm3_pcode"])
    key = pl.select(name_key(pl.lit(part))).item()
    borne = listed.filter(name_key(pl.col("adm3_name")) == pl.lit(key, pl.String))
    return set(borne["adm3_pcode"]) if borne.height == 1 else set()
