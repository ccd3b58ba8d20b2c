"""The `coverage` that a sidecar states in words -> the townships that it names for sure.

Only whole states, regions, districts and townships are taken, by name or code. "12 townships of Sagaing" or "Kachin
except Hpakant" names none for sure. Not here: what silence means inside and outside of it (pipeline/coverage.py).
"""

import re
from functools import cache

import polars as pl

from geo import units
from geo.spelling import TOWNSHIP_WORD, district_key, name_key, state_key
from geo.townships import codes, reference

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
        units_of = units.members().filter(pl.col("_state") == pl.lit(key, pl.String))["_known_state"].to_list()
        # By today's borders alone: who covers Mandalay today does not cover Naypyitaw.
        of_state = listed.filter(
            pl.any_horizontal(state_key(pl.col(name)).is_in(units_of) for name in ("adm1_name", "state_region"))
        )
        if of_state.height:
            return set(of_state["adm3_pcode"])
    key = pl.select(name_key(pl.lit(part))).item()
    borne = listed.filter(name_key(pl.col("adm3_name")) == pl.lit(key, pl.String))
    return set(borne["adm3_pcode"]) if borne.height == 1 else set()
