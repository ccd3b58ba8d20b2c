"""Which rows of a layer are townships, and which of the 330 each of them is.

Not here: opening files (layers), whether names and places agree with the codes (agreement).
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo import names, townships
from geo.layers import Layer
from geo.townships import members, name_key, state_key
from pipeline.declare.errors import UnusableInput

# MIMU, COD-AB (old ADM3_PCODE, new adm3_pcode, the same in lower case) and our own name.
CODE_COLUMNS = ("adm3_pcode", "ts_pcode")
NAMED_AT_MOST = 10
HELD_AT_LEAST = townships.TOWNSHIP_COUNT // 2  # of the 330, in a column that is known by its values alone
STATES_AT_LEAST = 0.8  # share of the rows with a state's name; district columns hold some such names too
OVERLAP_SHARE = 0.001  # of the area that rows of one township have in common: a border drawn twice

# Codes of the country, states, districts, towns, tracts and villages: rows of another level.
_OTHER_LEVEL = r"^(?:MMR?|MMR\d{3}|MMR\d{3}[DS]\d{3}|MMR\d{9,})$"
_IN_TEXT = r"(?:^|[^0-9A-Za-z])(MMR\d{6})(?:[^0-9A-Za-z]|$)"
_LEVEL_HEADER = re.compile(r"level|type|adm", re.IGNORECASE)
_LEVEL_TOWNSHIP = r"(?i)^\s*(?:(?:adm(?:in)?)?[\s_-]*(?:level)?[\s_-]*3(?:\.0)?|townships?)\s*$"

Geometries = np.ndarray[Any, np.dtype[np.object_]]


def township_rows(path: Path, layer: Layer, columns: Mapping[str, str]) -> tuple[Layer, pl.Series, tuple[str, ...]]:
    """The rows of townships, the code of each, and what is to be said of it; a township may have several rows.

    `columns` is the sidecar's mapping. Raises UnusableInput where these are not exactly the 330.
    """
    codes, said = _codes(path, layer.attributes, columns)
    wanted = codes.is_in(list(townships.codes())).fill_null(False)
    if codes.filter(wanted).n_unique() == townships.TOWNSHIP_COUNT:
        other = codes.is_null() | codes.str.contains(_OTHER_LEVEL).fill_null(False)
        by_level = _rows_of_level(layer.attributes, codes)
        other = other if by_level is None else other | ~by_level
        if other.any():
            _refuse_named_without_code(path, layer.attributes.filter(codes.is_null()))
            said = (*said, f"{path.name}: {other.sum()} rows of another level or without a code were not read")
            kept = (~other).to_numpy()
            layer = Layer(layer.attributes.filter(~other), layer.geometries[kept], layer.crs, layer.notes)
            codes = codes.filter(~other)
    _check_codes(path, codes)
    return layer, codes, said


def one_shape_each(path: Path, geometries: Geometries, codes: pl.Series) -> tuple[Geometries, pl.Series, list[str]]:
    """The 330 shapes, the row in which each township first stands, and what was joined; rows in the file's order.

    Equal rows are one, parts that do not overlap (islands, village tracts) are joined. Raises UnusableInput for
    rows of one township that overlap: which of them is meant cannot be known.
    """
    first = codes.is_first_distinct()
    if first.all():
        return geometries, first, []
    shapes = geometries.copy()
    joined, equal, unclear = 0, 0, []
    for code in codes.filter(codes.is_duplicated()).unique().sort():
        at = np.flatnonzero((codes == code).to_numpy())
        parts = np.unique(shapely.to_wkb(shapely.normalize(geometries[at])))
        whole = shapely.union_all(shapely.from_wkb(parts))
        if shapely.area(shapely.from_wkb(parts)).sum() > (1 + OVERLAP_SHARE) * whole.area:
            unclear.append(code)
        equal += len(at) - len(parts)
        joined += len(parts) > 1
        shapes[at[0]] = whole
    if unclear:
        raise UnusableInput(
            f"{path}: {len(unclear)} townships stand in several rows whose shapes overlap: {named(unclear)}. "
            "Keep one row for each township, or its islands only."
        )
    notes = [f"{path.name}: {equal} rows that stand twice were read once"] if equal else []
    notes += [f"{path.name}: {joined} townships in several rows were joined"] if joined else []
    return shapes[first.to_numpy()], first, notes


def polygons_only(path: Path, geometries: Geometries, codes: pl.Series) -> tuple[Geometries, list[str]]:
    """Polygons, and of collections (which repairs leave behind) the polygons in them; anything else is refused."""
    kinds = shapely.get_type_id(geometries)
    taken = geometries.copy()
    collections = np.flatnonzero(kinds == 7)
    for index in collections:
        parts = shapely.get_parts(shapely.get_parts(geometries[index]))
        taken[index] = shapely.union_all(parts[shapely.get_type_id(parts) == 3])
    polygonal = np.isin(shapely.get_type_id(taken), (3, 6)) & ~shapely.is_empty(taken)
    if not polygonal.all():
        which = codes.filter(pl.Series(~polygonal)).sort().to_list()
        raise UnusableInput(f"{path}: {len(which)} empty or not a polygon: {named(which)}. Give the townships' areas.")
    said = f"{path.name}: of {len(collections)} geometry collections the polygons were read"
    return taken, [said] if len(collections) else []


def named(which: list[str]) -> str:
    return ", ".join(which[:NAMED_AT_MOST]) + (", …" if len(which) > NAMED_AT_MOST else "")


def state_columns(attributes: pl.DataFrame) -> list[str]:
    """Columns that name a state in most rows, whatever they are called."""
    known = members()["_state"].unique()
    kept = []
    for column in attributes.columns:
        keys = attributes.select(state_key(pl.col(column))).to_series()
        if keys.is_in(known.implode()).sum() >= STATES_AT_LEAST * max(attributes.height, 1):
            kept.append(column)
    return kept


def _codes(path: Path, attributes: pl.DataFrame, columns: Mapping[str, str]) -> tuple[pl.Series, tuple[str, ...]]:
    """The township's code in each row, null without one: from a column of codes, else from names and states."""
    by_name = {name.strip().lower(): name for name in reversed(attributes.columns)}
    if given := columns.get("adm3_pcode"):
        if given.strip().lower() not in by_name:
            raise UnusableInput(
                f"{path.name}.toml: [columns] names {given!r}, which the layer does not have; it holds "
                f"{', '.join(map(repr, attributes.columns)) or 'no column'}"
            )
        return _cleaned(attributes, by_name[given.strip().lower()]), ()
    known = [_cleaned(attributes, by_name[name]) for name in CODE_COLUMNS if name in by_name]
    if known and known[0].is_in(list(townships.codes())).any():
        return known[0], ()
    for how, found in (("are read as the township codes", _by_values), ("hold the township codes", _within_texts)):
        held = found(attributes)
        if len({tuple(codes.to_list()) for codes in held.values()}) > 1:
            raise UnusableInput(
                f"{path}: the columns {', '.join(map(repr, held))} all hold township codes and differ; say which in "
                f'{path.name}.toml: [columns] adm3_pcode = "…"'
            )
        if held:
            return next(iter(held.values())), (f"{path.name}: the values of {next(iter(held))!r} {how}",)
    if known:
        return known[0], ()
    return _by_names(path, attributes, columns)


def _cleaned(attributes: pl.DataFrame, column: str) -> pl.Series:
    return attributes.select(townships.normalise_pcode(pl.col(column))).to_series()


def _holds(codes: pl.Series) -> bool:
    return codes.filter(codes.is_in(list(townships.codes()))).n_unique() >= HELD_AT_LEAST


def _by_values(attributes: pl.DataFrame) -> dict[str, pl.Series]:
    """Columns that hold codes of townships under a header nobody knows."""
    found = {name: _cleaned(attributes, name) for name in attributes.columns}
    return {name: codes for name, codes in found.items() if _holds(codes)}


def _within_texts(attributes: pl.DataFrame) -> dict[str, pl.Series]:
    """Columns whose text (a description, a name with its code) holds one township code in each row."""
    found = {}
    for name in attributes.columns:
        within = attributes.select(
            pl.col(name).str.to_uppercase().str.extract_all(_IN_TEXT).list.eval(pl.element().str.extract(_IN_TEXT))
        ).to_series()
        one = within.list.unique()
        codes = pl.select(pl.when(one.list.len() == 1).then(one.list.first())).to_series()
        if _holds(codes):
            found[name] = codes
    return found


def _by_names(path: Path, attributes: pl.DataFrame, columns: Mapping[str, str]) -> tuple[pl.Series, tuple[str, ...]]:
    """A layer without codes, where the names and states of its rows mean each of the 330 and nothing else."""
    candidates = [name for name in attributes.columns if attributes[name].n_unique() >= HELD_AT_LEAST]
    for state in state_columns(attributes):
        for name in [columns[key] for key in ("adm3_name",) if columns.get(key) in attributes.columns] or candidates:
            places = attributes.select(adm1_name=pl.col(state), adm3_name=pl.col(name))
            codes = names.resolve(places)["adm3_pcode"]
            if codes.null_count() == 0 and codes.n_unique() == townships.TOWNSHIP_COUNT:
                said = f"{path.name}: without P-codes; townships known by their names and states ({name!r}, {state!r})"
                return codes, (said,)
    raise UnusableInput(
        f"{path}: no column of township codes ({', '.join(CODE_COLUMNS)}), and none of its columns "
        f"({', '.join(map(repr, attributes.columns[:NAMED_AT_MOST]))}) holds P-codes such as MMR001001, "
        "so renaming one does not help; names and states do not tell all 330 either (Htantabin and Minhla are borne "
        "twice). Get the adm3 layer of MIMU or COD-AB (`township-index fetch cod-ab`), or join its codes to this one "
        "by township and state."
    )


def _rows_of_level(attributes: pl.DataFrame, codes: pl.Series) -> pl.Series | None:
    """Where several levels carry the township's code: the rows whose level column says township."""
    if codes.is_first_distinct().all():
        return None
    for name in attributes.columns:
        if not _LEVEL_HEADER.search(name):
            continue
        rows = attributes[name].str.contains(_LEVEL_TOWNSHIP).fill_null(False)
        given = codes.filter(rows)
        if not rows.all() and given.filter(given.is_in(list(townships.codes()))).n_unique() == townships.TOWNSHIP_COUNT:
            return rows
    return None


def _refuse_named_without_code(path: Path, uncoded: pl.DataFrame) -> None:
    """A row without a code whose every known name is a township's may be a part of it: not passed over."""
    listed = names.listed_names()["_name"]
    wide = [name for name in uncoded.columns if name.strip().lower() in NAME_COLUMNS]
    if not wide or uncoded.is_empty():
        return
    keys = uncoded.select(name_key(pl.col(name)).alias(name) for name in wide)
    all_named = keys.select(pl.all_horizontal(pl.all().is_in(listed.implode()).fill_null(False))).to_series()
    if all_named.any():
        which = sorted(set(uncoded.filter(all_named)[wide[0]].to_list()))
        raise UnusableInput(
            f"{path}: {all_named.sum()} rows without a code bear a township's name: {named(which)}. Give them their "
            "code, or remove them."
        )


# Headers under which publishers name a township, compared without case.
NAME_COLUMNS = (
    "ts", "ts_mmr4", "ts_mmr", "t_name_m3", "adm3_en", "adm3_my", "adm3_mm", "adm3_name", "adm3_name1", "adm3_name_my",
    "township", "township_name", "shapename", "name_3",
)  # fmt: skip


def _check_codes(path: Path, codes: pl.Series) -> None:
    given = codes.fill_null("(no code)").to_list()
    wanted = set(townships.codes())
    faults = {"missing": sorted(wanted - set(given)), "not among the 330": sorted(set(given) - wanted)}
    if any(faults.values()):
        found = "; ".join(f"{len(which)} {what}: {named(which)}" for what, which in faults.items() if which)
        raise UnusableInput(
            f"{path}: {len(given)} polygons are not the 330 townships of P-code list 9.3. {found}. "
            "Older layers (349 polygons) will not do: get the current MIMU or COD-AB adm3 layer."
        )
