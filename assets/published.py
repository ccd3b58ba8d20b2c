"""Published assets: the tables that users rely on, made from records and indices."""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
from dagster import AssetExecutionContext, MaterializeResult, multi_asset

from assets.audit import begin_store, check_spec, each_selected, table_spec
from assets.beside import (
    make_change_summary,
    make_explanations,
    make_hot_spots,
    make_neighbours,
    make_spatial_autocorrelation,
    make_township_changes,
    make_township_rates,
)
from assets.context import IndexRun
from assets.makers import (
    make_actor_dialogue,
    make_comparison,
    make_corrections,
    make_deliveries,
    make_events,
    make_national_summary,
    make_region_summary,
    make_revisions,
    make_set_aside_summary,
    make_source_concordance,
    make_source_matches,
    make_territorial_control,
    make_township_index,
    make_townships,
    published_figures,
)
from assets.scenarios import make_robustness, make_scenarios, make_sensitivity
from pipeline.declare.codes import Profile
from pipeline.declare.tables import TABLES, Layer, layer

_INDICES = tuple(f"indices.{name}" for name in ("security", "humanitarian", "services", "control"))
_OF_RECORDS = (
    "records.clashes", "records.unallocated_events", "records.displacement", "records.services", "records.townships",
    "records.set_aside",
)  # fmt: skip
_OF_SCENARIOS = (*_OF_RECORDS, "indices.security", "indices.humanitarian", "indices.services")
_EVENTS_OF_ALL = ("records.clashes", "indices.event_matches")
# in the order they are made: table -> how it is made, what it reads, which tables its suite compares it with
_MADE: Mapping[str, tuple[Callable[[IndexRun], pl.DataFrame], tuple[str, ...], tuple[str, ...]]] = {
    "townships": (make_townships, ("records.townships",), ()),
    "township_index": (
        make_township_index,
        (*_INDICES, "records.clashes", "records.unallocated_events", "records.townships"),
        ("indices.security",),
    ),
    # Early: the statistics over them are then computed beside the other tables.
    "neighbours": (make_neighbours, ("records.townships", "published.township_index"), ()),
    "region_summary": (make_region_summary, ("published.township_index",), ("published.township_index",)),
    "national_summary": (
        make_national_summary,
        ("published.township_index", "published.region_summary", "records.unallocated_events"),
        ("published.township_index", "published.region_summary"),
    ),
    "territorial_control": (make_territorial_control, _INDICES, ("published.townships", "published.township_index")),
    "township_month_events": (
        make_events,
        ("records.clashes", "records.accounts"),
        ("published.township_index", "published.national_summary"),
    ),
    "revisions": (
        make_revisions,
        ("records.earlier_editions", "indices.security", "records.townships"),
        ("published.township_index",),
    ),
    "deliveries": (make_deliveries, ("records.deliveries", "records.accounts"), ()),
    "set_aside_summary": (make_set_aside_summary, ("records.set_aside",), ("published.deliveries",)),
    "corrections": (make_corrections, ("records.corrections",), ()),
    "comparison": (make_comparison, _OF_RECORDS, ()),
    "source_concordance": (make_source_concordance, (*_EVENTS_OF_ALL, "records.townships"), ()),
    "source_matches": (make_source_matches, _EVENTS_OF_ALL, ("published.source_concordance",)),
    "township_rates": (
        make_township_rates,
        ("published.township_index", "records.townships"),
        ("published.township_index", "published.townships"),
    ),
    "township_changes": (make_township_changes, ("published.township_index",), ("published.township_index",)),
    "change_summary": (
        make_change_summary,
        ("published.township_changes", "records.townships"),
        ("published.township_changes",),
    ),
    "scenarios": (
        make_scenarios,
        _OF_SCENARIOS,
        ("published.township_index", "published.territorial_control"),
    ),
    "robustness": (make_robustness, _OF_SCENARIOS, ("published.scenarios",)),
    "sensitivity": (make_sensitivity, ("published.scenarios",), ("published.scenarios",)),
    "explanations": (
        make_explanations,
        (
            "published.township_index",
            "indices.humanitarian",
            "indices.services",
            "records.clashes",
            "records.deliveries",
        ),
        ("published.township_index", "published.deliveries"),
    ),
    # Made late: they wait for the second process.
    "spatial_autocorrelation": (make_spatial_autocorrelation, ("published.township_index", "published.neighbours"), ()),
    "hot_spots": (
        make_hot_spots,
        ("published.township_index", "published.neighbours"),
        ("published.township_index", "published.spatial_autocorrelation"),
    ),
    "actor_dialogue": (make_actor_dialogue, ("records.deliveries",), ()),
}


NAMES = tuple(table.name for table in layer(Layer.PUBLISHED))
if set(NAMES) != set(_MADE):
    raise ValueError(f"published tables and their makers differ: {sorted(set(NAMES) ^ set(_MADE))}")


def _begin(run: IndexRun, name: str) -> Callable[[], MaterializeResult]:
    make, _, compared = _MADE[name]
    frame = make(run)
    facts = {
        "as_of": run.knowledge_date,
        "cumulative_methods": run.cumulative_methods,
        "related": {other: run.warehouse.read(other) for other in compared},
        "published_figures": frozenset(published_figures()["figure"].to_list()),
        "schematic": run.boundary_delivery is None,
        "internal": run.chosen_profile == Profile.INTERNAL,
    }
    return begin_store(run, f"published.{name}", frame, facts)


# One step for all of them, in the order of _MADE: the audits run while the next table is made.
@multi_asset(
    specs=[
        table_spec(
            f"published.{name}",
            group="published",
            deps=dict.fromkeys((*reads, *compared)),
            description=TABLES[f"published.{name}"].comment,
            skippable=True,
        )
        for name, (_, reads, compared) in _MADE.items()
    ],
    check_specs=[check_spec(f"published.{name}") for name in _MADE],
    can_subset=True,
)
def published(context: AssetExecutionContext, run: IndexRun) -> Any:
    yield from each_selected(context, "published", _MADE, lambda name: _begin(run, name))


ASSETS = [published]


def tables(run: IndexRun) -> dict[str, pl.DataFrame]:
    """Every published table by its bare name."""
    return {name: run.warehouse.read(f"published.{name}") for name in NAMES}
