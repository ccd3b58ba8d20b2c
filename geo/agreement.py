"""Whether a layer's names, states and shapes agree with its codes: what was exchanged or moved is refused.

Not here: which rows are townships (township_rows), reading and repairing (boundaries).
"""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import shapely

from geo import names, townships
from geo.layer_rows import NAME_COLUMNS, NAMED_AT_MOST, STATES_AT_LEAST, named
from geo.townships import FORMERLY_WITHIN, district_key, districts, members, name_key, state_key
from pipeline.declare.errors import UnusableInput

# How far a township's label may lie from its shape: one and a half times the radius of a disc of its area, within
# bounds. A datum moves shapes by a few hundred metres and a coarse layer cuts corners; a wrong zone moves them by more.
LABEL_RADII, LABEL_LEAST_KM, LABEL_MOST_KM = 1.5, 1.0, 5.0
# Codes are exchanged where others fit better by so much, in radii of distance and logarithms of area: in layers that
# are drawn finely enough, every pair of neighbours stands 0.6 or more on the right side.
EXCHANGE_GAIN = 0.3
_FAR_RADII = 50.0  # beyond it a distance says no more
_SAID_KM = 0.2  # a label further from its shape than this is told, if it may stay
_MOST_ROWS = 0.5  # share of the rows by which a column is known by its values

AREA_RATIO_BOUNDS = (0.5, 2.0)  # against area_km2 of the reference: codes kept, shapes moved
# Coarse borders take from or give to a small town more than half its area: up to so many km2, and never all of it.
COARSE_KM2, COARSE_RATIO_BOUNDS = 12.0, (0.1, 10.0)

Geometries = np.ndarray[Any, np.dtype[np.object_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


def check_attributes(path: Path, attributes: pl.DataFrame, codes: pl.Series) -> None:
    """Raise UnusableInput, naming the townships, where a name, state or parent contradicts the code of its row.

    A spelling that nobody knows is no contradiction, a name that means another township is. Districts change within
    their state from list to list, so a district contradicts only where it lies in another state.
    """
    listed = townships.reference().select("adm3_pcode", "adm3_name", "adm1_name", "state_region")
    cells = (
        attributes.with_columns(codes.alias("\x00code"))
        .unpivot(index="\x00code", variable_name="column", value_name="value")
        .rename({"\x00code": "code"})
        .drop_nulls()
        .join(listed, left_on="code", right_on="adm3_pcode", how="inner", maintain_order="left")
    )
    against = pl.concat(
        [other.select("code", "column", "value") for other in (_names(cells), _states(cells), _parents(cells))]
    ).unique(maintain_order=True)
    if against.is_empty():
        return
    says = pl.format("{} says '{}'", "column", "value").str.join(", ").alias("says")
    each = against.group_by("code").agg(says).join(listed, left_on="code", right_on="adm3_pcode").sort("code")
    texts = [
        f"{code} ({name}, {state}): {said}"
        for code, name, state, said in each.select("code", "adm3_name", "adm1_name", "says").head(NAMED_AT_MOST).rows()
    ]
    raise UnusableInput(
        f"{path}: the layer's own names contradict its codes for {each.height} townships: {'; '.join(texts)}"
        f"{'; …' if each.height > NAMED_AT_MOST else ''}. Codes or names were exchanged or joined wrongly: get the "
        "layer from its publisher again, or correct these rows."
    )


def check_places(path: Path, plane: Geometries, labels: Geometries) -> tuple[str, ...]:
    """What is to be said of shapes that lie where their townships lie; 330 shapes and label points in code order.

    Both are in metres on one plane. Raises UnusableInput, naming the townships, where a label is too far from its
    shape, an area is not the known one, or the codes would fit better if some of them were exchanged.
    """
    codes, known = list(townships.codes()), townships.reference()["area_km2"].to_numpy()
    with np.errstate(invalid="ignore"):  # impossible coordinates have no area and no distance: nan, never accepted
        areas, away = shapely.area(plane) / 1e6, shapely.distance(labels, plane) / 1000
    radii = np.sqrt(known / np.pi)
    _check_labels(path, codes, away, np.clip(LABEL_RADII * radii, LABEL_LEAST_KM, LABEL_MOST_KM))
    coarse = _check_areas(path, codes, areas, known)
    check_exchanged(path, misfit(labels, plane, radii, areas, known))
    beside = np.flatnonzero(away > _SAID_KM)
    said = []
    if beside.size:
        said.append(
            f"{path.name}: {beside.size} townships' labels lie beside their shape, at most {away.max():.1f} km off: "
            f"{named([codes[n] for n in beside])}"
        )
    if coarse:
        said.append(
            f"{path.name}: drawn so coarsely that {len(coarse)} small townships have less than half or more than twice "
            f"their area: {named(coarse)}; points in them may fall to their neighbours"
        )
    return tuple(said)


def _names(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells that name another township than the code's, in columns of townships' names.

    Such a column is known by its header, or because most of its cells name the township of their code. A name that
    only another state knows counts where it is a listed one: an alias holds within its state.
    """
    places = cells.select("code", "column", "adm1_name", adm3_name="value")
    judged = names.resolve(places).rename({"adm3_name": "value"})
    column_of_names = pl.col("column").str.strip_chars().str.to_lowercase().is_in(NAME_COLUMNS) | (
        (pl.col("adm3_pcode") == pl.col("code")).fill_null(False).mean().over("column") >= _MOST_ROWS
    )
    elsewhere = (pl.col("problem") == "name_not_in_state") & name_key(pl.col("value")).is_in(
        names.listed_names()["_name"].implode()
    )
    return judged.filter(column_of_names & ((pl.col("adm3_pcode") != pl.col("code")) | elsewhere))


def _states(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells that name a state or a district of another state, in columns of states or districts."""
    known = members().select("_state", "adm3_pcode")
    states = _of_column(
        cells.with_columns(state_key(pl.col("value")).alias("_state")), "_state", known["_state"], STATES_AT_LEAST
    ).join(known, left_on=["_state", "code"], right_on=["_state", "adm3_pcode"], how="anti")
    of_state = districts().select("_district", "adm3_pcode").join(
        townships.reference().select("adm3_pcode", "state_region"), on="adm3_pcode"
    ).select("_district", _region="state_region").unique()  # fmt: skip
    keyed = cells.with_columns(district_key(pl.col("value")).alias("_district"))
    in_districts = _of_column(keyed, "_district", of_state["_district"], _MOST_ROWS)
    other = in_districts.join(of_state, on="_district", how="inner").filter(_another_region())
    return pl.concat([states, other], how="diagonal")


def _parents(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells that hold the code of another township, or of a state or district of another state."""
    coded = cells.with_columns(townships.normalise_pcode(pl.col("value")).alias("_value"))
    own = (pl.col("_value") == pl.col("code")).mean().over("column") >= _MOST_ROWS
    others = coded.filter(own & (pl.col("_value") != pl.col("code")) & pl.col("_value").is_in(townships.codes()))
    parent = pl.col("_value").str.contains(r"^MMR\d{3}(?:[DS]\d{3})?$")
    units = townships.reference().select(_unit="adm1_pcode", _region="state_region").unique()
    above = (
        coded.filter(parent.mean().over("column") >= _MOST_ROWS)
        .with_columns(pl.col("_value").str.slice(0, 6).alias("_unit"))
        .join(units, on="_unit", how="inner", maintain_order="left")
        .filter(_another_region())
    )
    return pl.concat([others, above], how="diagonal")


def _another_region() -> pl.Expr:
    """Whether `_region` is neither the state of the row's code nor the one it was part of until 2008."""
    own = pl.col("state_region")
    return (pl.col("_region") != own) & (pl.col("_region") != own.replace(FORMERLY_WITHIN))


def _of_column(cells: pl.DataFrame, key: str, known: pl.Series, share: float) -> pl.DataFrame:
    """The known cells of the columns in which at least `share` of the cells are known."""
    is_known = pl.col(key).is_in(known.implode()).fill_null(False)
    return cells.filter(is_known & (is_known.mean().over("column") >= share))


def _check_labels(path: Path, codes: list[str], away: Floats, limits: Floats) -> None:
    far = np.flatnonzero(~(away <= limits))
    if not far.size:
        return
    told = [f"{codes[n]} {_kilometres(away[n])}" for n in far[np.argsort(-np.nan_to_num(away[far], nan=np.inf))]]
    raise UnusableInput(
        f"{path}: {far.size} townships do not lie where their code says; label point to shape: {named(told)}. "
        "Codes were exchanged, shapes moved, the wrong zone or datum is declared, or axes are swapped: get the layer "
        "from its publisher again, or export it as EPSG:4326."
    )


def _kilometres(distance: float) -> str:
    return f"{distance:,.1f} km" if np.isfinite(distance) else "off the map"


def _check_areas(path: Path, codes: list[str], areas: Floats, known: Floats) -> list[str]:
    """The townships that are drawn coarsely; raises UnusableInput where an area is not that of the township."""
    ratio = areas / known
    fine = (ratio >= AREA_RATIO_BOUNDS[0]) & (ratio <= AREA_RATIO_BOUNDS[1])
    within = (ratio >= COARSE_RATIO_BOUNDS[0]) & (ratio <= COARSE_RATIO_BOUNDS[1])
    coarse = ~fine & within & (np.abs(areas - known) <= COARSE_KM2)
    moved = np.flatnonzero(~fine & ~coarse)
    if moved.size:
        examples = [f"{codes[n]} {areas[n]:.1f} km2 for {known[n]:.1f}" for n in moved[:3]]
        raise UnusableInput(
            f"{path}: {moved.size} townships are far from their known area: {named([codes[n] for n in moved])} "
            f"({'; '.join(examples)}). Codes were kept but shapes moved: get the current layer."
        )
    return [codes[n] for n in np.flatnonzero(coarse)]


def misfit(labels: Geometries, plane: Geometries, radii: Floats, areas: Floats, known: Floats) -> Floats:
    """How badly each shape (column) would fit each township (row): its label's distance in radii, and its area."""
    distance = np.full((len(labels), len(plane)), np.inf)
    label, shape = shapely.STRtree(plane).query(labels, predicate="dwithin", distance=1000 * LABEL_MOST_KM)
    distance[label, shape] = shapely.distance(labels[label], plane[shape]) / 1000
    size = np.abs(np.log(areas[None, :] / known[:, None]))
    return np.asarray(np.minimum(distance / radii[:, None], _FAR_RADII) + size)


def check_exchanged(path: Path, fits: Floats) -> None:
    """Raise UnusableInput where the shapes fit the townships better with some of their codes exchanged.

    The best assignment of shapes to townships is sought as a whole: so neighbours of any number in a ring show, and
    towns too small for a distance to tell.
    """
    own = fits.diagonal()
    most_gained = min(np.maximum(own - fits.min(axis=axis), 0).sum() for axis in (0, 1))
    if most_gained < EXCHANGE_GAIN:
        return  # no exchange whatever can gain so much; the import below takes longer than all the rest
    from scipy.optimize import linear_sum_assignment

    _, best = linear_sum_assignment(fits)
    reference = townships.reference()
    left, rings = set(np.flatnonzero(best != np.arange(len(best))).tolist()), []
    while left:
        ring = [left.pop()]
        while (following := int(best[ring[-1]])) != ring[0]:
            ring.append(following)
            left.discard(following)
        if sum(own[n] - fits[n, best[n]] for n in ring) >= EXCHANGE_GAIN:
            rings.append(" and ".join(f"{reference['adm3_pcode'][n]} ({reference['adm3_name'][n]})" for n in ring))
    if rings:
        raise UnusableInput(
            f"{path}: codes of townships are exchanged: {named(sorted(rings))}; label points and areas fit the other's "
            "shape. Get the layer from its publisher again, or correct these codes."
        )
