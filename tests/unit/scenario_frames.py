"""A small invented world for the scenarios: three townships, one or two clash sources, one report of each kind."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from pipeline.analysis.scenario_grid import ClashSource, Records
from pipeline.analysis.scenarios import Outcome, outcomes
from pipeline.declare.codes import Absence, IndexName
from pipeline.declare.methods import ISP_2023, Method

A, B, C = "MMR001001", "MMR001002", "MMR002001"
OWN, OTHER = "canonical_clashes", "ucdp_ged"
START = date(2021, 2, 1)


def records(hand: Any, clashes: pl.DataFrame, *others: ClashSource, **given: Any) -> Records:
    """Records with the source canonical_clashes leading; `given` replaces the other fields of Records."""
    blank = {kind: hand.frame(f"records.{kind}", []) for kind in ("displacement", "services")}
    fields: dict[str, Any] = {
        **blank,
        "deliveries": hand.deliveries(),
        "townships": hand.townships(),
        "period_end": hand.end,
        "sources": (ClashSource(OWN, Absence.ZERO), *others),
        **given,
    }
    return Records(clashes=clashes, **fields)


def made(hand: Any, held: Records, method: Method = ISP_2023) -> dict[IndexName, pl.DataFrame]:
    """The index tables of the same records."""
    tables = chain(hand, held, method)
    return {index: tables[index.value] for index in IndexName}


def chain(hand: Any, held: Records, method: Method) -> Mapping[str, pl.DataFrame]:
    """The same by name, each made when it is asked for."""
    tables: Mapping[str, pl.DataFrame] = hand.chain(
        held.clashes,
        displacement=held.displacement,
        services=held.services,
        deliveries=held.deliveries,
        townships=held.townships,
        period_end=held.period_end,
        method=method,
    )
    return tables


def found(hand: Any, held: Records, method: Method = ISP_2023) -> dict[IndexName, Outcome]:
    return {one.grid.index: one for one in outcomes(held, (method,), made(hand, held, method))}
