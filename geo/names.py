"""A township's name or alias, English or Burmese, to its P-code: only with its state or district, never fuzzily.

A district of one township is that township, so "Hpapun district" names it. Two names are borne twice (Htantabin,
Minhla) and transliterations lie one letter from another township (Kalay is Kale, not Kalaw), so whatever is neither
a listed name nor a reviewed alias is refused with its problem.
"""

from functools import cache

import polars as pl

from geo import aliases, townships
from geo.townships import TOWNSHIP_WORD, district_key, name_key, state_key

PROBLEMS = ("unknown_name", "ambiguous_name", "name_without_state", "unknown_state", "name_not_in_state")
SEVERAL_TOWNSHIPS = "several_townships_named"
DISTRICT = ("district", "ခရိုင်")  # as it stands behind a district's name once blanks are gone
LEAST_ALIKE, MOST_HINTS = 0.75, 300  # of `nearest`: share of letters in common, distinct spellings

_BRACKET = r"\(([^()]*)\)[\s\p{Cf}]*$"
_WORD = r"\p{Lu}[\p{L}\p{M}'’-]*"
_NAMED = rf"(?P<name>{_WORD}(?:\s+{_WORD})*(?:\s*\([^()]*\))?)\s+[Tt](?:ownship|sp)\b"
_SEVERAL = r"(?i)\b(?:townships|tsps)\b|\b(?:between|and|or)\b[^()]*\b(?:township|tsp)\b"
_LEADING = r"^(?:(?:In|Near|At|The|Around|From|Of|To|Outside|Inside|Within|Across)\s+)+"


def resolve(frame: pl.DataFrame, known: pl.DataFrame | None = None) -> pl.DataFrame:
    """`adm1_name`, `adm3_name` and, where there, `adm2_name` -> adds `adm3_pcode`, `problem` and `how`.

    The state may be one of MIMU's 18 units or of the 15 states and regions. A bracket behind the name, as in
    "Htantabin (Y)", is dropped only where it begins the name of the given state: "Dagon (South)" is not
    Dagon. A listed name goes before an alias (`how` says `name` or `alias`). The district stands in for a missing
    state and decides between two bearers of one name; it never overrides a state and name that agree. Rows keep
    their order; other columns pass through. Problems are those in `PROBLEMS`; `how` is null with a problem.
    `known` (`_name`, `adm3_pcode`, `how`) stands in for the listed names and the alias table.
    """
    taken = [name for name in ("adm3_pcode", "problem", "how") if name in frame.columns]
    if taken:
        raise ValueError(f"columns {taken} are already there; rename them before resolving names")
    keys = ["adm1_name", "adm3_name", *(["adm2_name"] if "adm2_name" in frame.columns else [])]
    typed = all(frame.schema[key] == pl.String for key in keys)
    texts = frame if typed else frame.with_columns(pl.col(keys).cast(pl.String))
    if texts.is_empty():
        return texts.with_columns(pl.lit(None, pl.String).alias(name) for name in ("adm3_pcode", "problem", "how"))
    places = _keyed(texts[keys].unique(maintain_order=True))
    bearers = _bearing(places, _known() if known is None else known)
    if bearers.is_empty():
        return _joined(texts, keys, _borne_by_none(places.select(*keys, "_state", "_known_state")))
    # A bracket that is not the state's belongs to the name; without a state it cannot be judged.
    hinted = pl.col("_known_state").str.starts_with(pl.col("_hint").fill_null("")) | (pl.col("_part") == "_name")
    anywhere = _best(bearers.filter(hinted.fill_null(True)))
    there = bearers.filter(hinted.fill_null(False)).join(townships.members(), on=["_state", "adm3_pcode"], how="semi")
    best = _best(there)
    found = places.join(anywhere.select("_place", _bearers="_n"), on="_place", how="left", validate="1:1").join(
        best, on="_place", how="left", validate="1:1"
    )
    decided, code, how = pl.lit(False), pl.col("adm3_pcode"), pl.col("how")
    if (best["_n"] > 1).any():
        own = townships.districts().select("adm3_pcode", _own_district="_district")
        in_district = there.join(own, on="adm3_pcode", how="left", validate="m:1").filter(
            pl.col("_district") == pl.col("_own_district")
        )
        found = found.join(_best(in_district), on="_place", how="left", validate="1:1", suffix="_district")
        decided = (pl.col("_n") > 1) & (pl.col("_n_district") == 1) & (pl.col("_tier") == pl.col("_tier_district"))
        code, how = (
            pl.when(decided).then(f"{one}_district").otherwise(one).alias(one) for one in ("adm3_pcode", "how")
        )
    problem = (
        pl.when(pl.col("_state").is_null() & (pl.col("_bearers") > 1))
        .then(pl.lit("ambiguous_name"))
        .when(pl.col("_bearers").is_null() & (pl.col("_state").is_null() | pl.col("_known_state").is_not_null()))
        .then(pl.lit("unknown_name"))
        .when(pl.col("_state").is_null())
        .then(pl.lit("name_without_state"))
        .when(pl.col("_known_state").is_null())
        .then(pl.lit("unknown_state"))
        .when(pl.col("_n").is_null())
        .then(pl.lit("name_not_in_state"))
        .when((pl.col("_n") > 1) & ~decided.fill_null(False))
        .then(pl.lit("ambiguous_name"))
    )
    judged = found.select(
        *keys,
        *(pl.when(problem.is_null()).then(column) for column in (code,)),
        problem.alias("problem"),
        *(pl.when(problem.is_null()).then(column) for column in (how,)),
    )
    return _joined(texts, keys, judged)


def _joined(texts: pl.DataFrame, keys: list[str], judged: pl.DataFrame) -> pl.DataFrame:
    return texts.join(judged, on=keys, how="left", validate="m:1", nulls_equal=True, maintain_order="left")


def _borne_by_none(places: pl.DataFrame) -> pl.DataFrame:
    """What `resolve` says of places whose names no township bears: of most texts of events, and quickly told."""
    strange_state = pl.col("_state").is_not_null() & pl.col("_known_state").is_null()
    problem = pl.when(strange_state).then(pl.lit("unknown_state")).otherwise(pl.lit("unknown_name"))
    nothing = pl.lit(None, pl.String)
    return places.with_columns(nothing.alias("adm3_pcode"), problem.alias("problem"), nothing.alias("how")).drop(
        "_state", "_known_state"
    )


def township_of_district(frame: pl.DataFrame) -> pl.DataFrame:
    """As `resolve`, for an `adm3_name` that holds a district's name: only those of one township are known."""
    return resolve(frame.drop("adm2_name", strict=False), lone_district_names())


def nearest(frame: pl.DataFrame) -> pl.Series:
    """Per row of `adm1_name`, `adm3_name` the listed name of that state that is spelt most alike, or null.

    A hint for the person who mends the record, never a placement. Null where nothing is alike, the state is not
    known, or so many spellings are unknown that a hint for each would cost more than it helps.
    """
    from difflib import get_close_matches

    keys = ["adm1_name", "adm3_name"]
    places = _keyed(frame.select(pl.col(keys).cast(pl.String)).unique().sort(keys)).head(MOST_HINTS)
    spelled = places.filter(pl.col("_known_state").is_not_null() & pl.col("_short").is_not_null())
    hints = []
    for state, adm1_name, adm3_name, key in spelled.select("_state", *keys, "_short").rows():
        listed = _listed_in(state)
        alike = get_close_matches(key, listed, n=1, cutoff=LEAST_ALIKE)
        hints.append((adm1_name, adm3_name, listed[alike[0]] if alike else None))
    found = pl.DataFrame(hints, schema=dict.fromkeys([*keys, "nearest"], pl.String), orient="row")
    return frame.select(pl.col(keys).cast(pl.String)).join(
        found, on=keys, how="left", validate="m:1", nulls_equal=True, maintain_order="left"
    )["nearest"]


def retired(frame: pl.DataFrame) -> pl.Series:
    """Per row of `adm1_name`, `adm3_name` the retired or sub-township code that bears the name in that state, or null.

    For names that are none of the 330: Hlaingtharya, split in 2020, is neither of its halves. What becomes of the row
    is for the crosswalk to say, as for the code itself.
    """
    keys = ["adm1_name", "adm3_name"]
    places = _keyed(frame.select(pl.col(keys).cast(pl.String)).unique(maintain_order=True))
    found = places.join(_retired_names(), on=["_name", "_state"], how="inner").select(*keys, retired="from_pcode")
    alone = found.unique().filter(pl.len().over(keys) == 1)
    return frame.select(pl.col(keys).cast(pl.String)).join(
        alone, on=keys, how="left", validate="m:1", nulls_equal=True, maintain_order="left"
    )["retired"]


@cache
def _retired_names() -> pl.DataFrame:
    """`_name`, `_state`, `from_pcode`: the names of retired and field sub-townships in the states where they hold."""
    within = townships.names().join(townships.members(), on="adm3_pcode", how="inner")
    return within.select("_name", "_state", "from_pcode").unique()


def bearers() -> pl.DataFrame:
    """`name_key`, `adm3_pcode`: who bears each listed name, as a name or as an alias; retired names their successors.

    An alias counts only where it is some other state's listed name: so a code beside it is not contradicted.
    """
    listed = pl.concat([_names(), townships.names().select("_name", "adm3_pcode")])
    also = aliases.applied().join(listed, on="_name", how="semi")
    return pl.concat([listed, also]).unique(maintain_order=True).rename({"_name": "name_key"})


def spellings() -> pl.DataFrame:
    """`name_key`, `adm3_pcode`: the listed names and their other spellings; no alias that is another town's name."""
    towns = aliases.keyed(aliases.table().filter(pl.col("kind") != "town_name"))
    return pl.concat([_names(), towns]).unique(maintain_order=True).rename({"_name": "name_key"})


def township_named_in(text: pl.Expr) -> pl.Expr:
    """A struct `name`, `problem` from free text such as "Seikphyu - Saw highway (Seikphyu township)".

    UCDP's `where_coordinates` names the township this way, its `adm_2` only the district. The name is given
    as written, for `resolve`; null if no township is named. Two names, or "X and Y townships", give no name
    and the problem `several_townships_named`.
    """
    return text.map_batches(_townships_named_in, return_dtype=pl.Struct({"name": pl.String, "problem": pl.String}))


def _townships_named_in(texts: pl.Series) -> pl.Series:
    """A frame of its own, step by step: as one expression each step would be worked out anew wherever it is needed."""
    if texts.null_count() == texts.len():
        nothing = pl.Series([None] * texts.len(), dtype=pl.String)
        return pl.DataFrame({"name": nothing, "problem": nothing}).to_struct()
    found = (
        pl.col("text")
        .str.extract_all(_NAMED)
        .list.eval(
            pl.element()
            .str.replace(r"\s+[Tt](?:ownship|sp)$", "")
            .str.replace(_LEADING, "")
            .str.replace_all(r"\s+", " ")
            .str.strip_chars()
        )
    )
    many = pl.col("found").list.eval(name_key(pl.element())).list.n_unique() > 1
    return (
        pl.DataFrame({"text": texts})
        .with_columns(found.alias("found"))
        .with_columns((pl.col("text").str.contains(_SEVERAL) | many).fill_null(False).alias("several"))
        .select(
            pl.when(~pl.col("several")).then(pl.col("found").list.first()).alias("name"),
            pl.when("several").then(pl.lit(SEVERAL_TOWNSHIPS)).alias("problem"),
        )
        .to_struct()
    )


def _keyed(places: pl.DataFrame) -> pl.DataFrame:
    """`_place` (a number) and the keys of each distinct place; the district's state where none is given."""
    name = pl.col("adm3_name").str.replace(TOWNSHIP_WORD, "")
    district = pl.col("adm2_name") if "adm2_name" in places.columns else pl.lit(None, pl.String)
    keyed = places.with_row_index("_place").with_columns(
        state_key(pl.col("adm1_name")).alias("_stated"),
        district_key(district).alias("_district"),
        name_key(pl.col("adm3_name")).alias("_name"),
        name_key(name.str.replace(_BRACKET, "")).alias("_short"),
        name_key(name.str.extract(_BRACKET)).alias("_hint"),
    )
    with_district = keyed.join(
        _states_of_districts(), on="_district", how="left", validate="m:1", maintain_order="left"
    )
    return with_district.with_columns(pl.coalesce("_stated", "_state_of_district").alias("_state")).join(
        _known_states(), on="_state", how="left", validate="m:1", maintain_order="left"
    )


@cache
def _states_of_districts() -> pl.DataFrame:
    return townships.districts().select("_district", "_state_of_district").unique()


@cache
def _known_states() -> pl.DataFrame:
    return townships.members().select("_state", "_known_state").unique()


def _bearing(places: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Every township that bears a place's name, whole or without its bracket, in any state.

    `_tier` ranks the match: listed names before aliases, the whole name before the one without its bracket.
    """
    bracketed = not places["_short"].equals(places["_name"], null_equal=True)
    parts = [
        places.join(known, left_on=part, right_on="_name", how="inner").with_columns(
            pl.lit(part).alias("_part"),
            (pl.col("how").replace_strict({"name": 0, "alias": 2}, return_dtype=pl.Int8) + rank).alias("_tier"),
        )
        for rank, part in enumerate(("_name", "_short") if bracketed else ("_name",))
    ]
    return pl.concat(parts, how="diagonal")


def _best(bearing: pl.DataFrame) -> pl.DataFrame:
    """Per place the lowest tier, its township (the lowest of several), how it matched, and how many bear it."""
    best = bearing.filter(pl.col("_tier") == pl.col("_tier").min().over("_place"))
    return best.group_by("_place").agg(
        pl.col("adm3_pcode").min(),
        pl.col("how").first(),
        pl.col("_tier").first(),
        pl.col("adm3_pcode").n_unique().alias("_n"),
    )


@cache
def _names() -> pl.DataFrame:
    """`_name` (key, English or Burmese), `adm3_pcode`: 660 rows."""
    columns = ("adm3_name", "adm3_name_my")
    parts = [townships.reference().select(name_key(pl.col(column)).alias("_name"), "adm3_pcode") for column in columns]
    return pl.concat(parts).unique(maintain_order=True)


@cache
def listed_names() -> pl.DataFrame:
    """`_name`, `adm3_pcode`, `how`: the listed names alone, for `resolve` without aliases."""
    return _names().with_columns(pl.lit("name").alias("how"))


@cache
def _known() -> pl.DataFrame:
    """The listed names, the reviewed aliases, and what districts of one township are called."""
    known = pl.concat([listed_names(), aliases.applied().with_columns(pl.lit("alias").alias("how"))])
    return pl.concat([known, lone_district_names()])


@cache
def lone_district_names() -> pl.DataFrame:
    """`_name`, `adm3_pcode`, `how` of districts that are one township: spelt as it is, and "district" behind."""
    towns = aliases.keyed(aliases.table().filter(pl.col("kind") == "town_name"))
    spelt = aliases.applied().join(towns, on=["_name", "adm3_pcode"], how="anti").with_columns(how=pl.lit("alias"))
    lone = townships.lone_districts()
    own = lone.select(_name="_district", adm3_pcode="adm3_pcode", how=pl.lit("name"))
    called = pl.concat([own, listed_names(), spelt]).join(lone, on="adm3_pcode", how="semi")
    named = called.unique(["_name", "adm3_pcode"], keep="first", maintain_order=True)
    return pl.concat(named.with_columns(pl.col("_name") + word) for word in DISTRICT)


@cache
def _listed_in(state: str) -> dict[str, str]:
    """Key -> listed name, for the English and Burmese names and the aliases of a state's (by its key) townships."""
    listed = townships.reference().join(
        townships.members().filter(pl.col("_state") == state), on="adm3_pcode", how="semi"
    )
    columns = ("adm3_name", "adm3_name_my")
    parts = [listed.select(name_key(pl.col(column)).alias("_name"), name=column) for column in columns]
    also = aliases.applied().join(listed, on="adm3_pcode", how="inner").select("_name", name="adm3_name")
    return dict(pl.concat([also, *parts]).rows())
